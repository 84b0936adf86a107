"""An addon's own scripts between two of its versions.

``migrations/<version>/pre-*.py`` run before the tables are changed, ``post-*.py`` after the addon's data has
been loaded, ``end-*.py`` when all addons have been upgraded. Each defines ``migrate(env, version)``, where
``version`` is the one that was installed. A pre-script sees the tables as they were and the models as they will be:
it works with ``env.execute(sql)``. Folders are run from the lowest to the highest version, files in alphabetical order.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from core.exceptions import AddonError
from core.loader.assembly import as_addon_error
from core.loader.discovery import Addon
from core.loader.manifest import parse_version

FOLDER: Final = "migrations"
Stage = Literal["pre", "post", "end"]


def scripts(addon: Addon, installed: str, stage: Stage) -> Iterator[Path]:
    """The scripts of a stage that lie between the installed version and the addon's present one."""
    folder = addon.path / FOLDER
    if not folder.is_dir():
        return
    low, high = parse_version(installed), parse_version(addon.manifest.version)
    versions = [path for path in folder.iterdir() if path.is_dir() and path.name[:1].isdigit()]
    for version in sorted(versions, key=lambda path: parse_version(path.name)):
        if low < parse_version(version.name) <= high:
            yield from sorted(version.glob(f"{stage}-*.py"))


def migrate(addon: Addon, installed: str, stage: Stage, env: Any) -> list[str]:
    """Run the scripts of a stage and return their paths relative to the addon.

    Raises:
        AddonError: when a script does not load, has no ``migrate``, or fails; with file and line.
    """
    done = []
    for path in scripts(addon, installed, stage):
        try:
            _function(addon, path)(env, installed)
            env.flush_all()
        except AddonError:
            raise
        except Exception as error:
            raise as_addon_error(error, addon) from error
        done.append(str(path.relative_to(addon.path)))
    return done


def _function(addon: Addon, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"{addon.package}.{FOLDER}.{path.parent.name}.{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, "migrate", None)
    if not callable(function):
        raise AddonError("the script does not define migrate(env, version)", addon=addon.name, file=str(path))
    return function
