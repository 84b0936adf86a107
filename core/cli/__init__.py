"""The command line.

    main.py        the group `stillage`, its common options, errors and exit codes
    session.py     what every command works with: settings, database, console, progress
    database.py    init, check, config
    addons.py      addons list, install, upgrade, uninstall, new, conflicts
    hooks.py       hooks, hooks show, hooks trace
    hookdocs.py    docs/hooks.md from the specifications
    seams.py       seams, seams show, seams trace
    seamdocs.py    docs/seams.md from the marked methods
    docstrings.py  docstrings with sections as Markdown, for both
    shell.py       shell
    serve.py       serve
    users.py       user list, add, password, groups, keys, totp-reset, sign-out

A command group is one module and one line in ``main.COMMANDS``; addons add theirs through the hook
``register_commands``.
"""
