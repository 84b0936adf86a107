"""The bundled addons. Folders on the addons path join this package: every addon found there is ``addons.<name>``."""
