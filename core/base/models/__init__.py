"""One model, one file, named after it. The loader imports every module here and collects the classes."""
