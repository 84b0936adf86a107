"""Addons on disk and in a database.

manifest.py    what ``__manifest__.py`` says, read without running it
discovery.py   which addons there are: folders on the addons path and entry points; the loading order
assembly.py    importing addons: their models and hooks become a registry and a hook manager
schema.py      tables and columns brought to what the models say, new columns filled
installer.py   install, upgrade and uninstall in one transaction
xmlids.py      external ids while data is loaded: look-up, bookkeeping, clean-up
data_xml.py    XML data files
data_csv.py    CSV data files
migrations.py  an addon's scripts between versions
scaffold.py    `stillage addons new`
"""
