{
    "name": "Seam probe",
    "summary": "Overrides every seam, counts the calls and changes something through each",
    "version": "1.0.0",
    "author": "Yet Another Ltd",
    "license": "MIT",
    "depends": ["sales", "purchasing", "manufacturing"],
}
