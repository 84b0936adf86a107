"""What the web server knows of one database: its addons' files, templates, views and menus, and its secret.

Pages, error answers and addresses work with a `Site`; `core.web.app` joins it with the addresses.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from werkzeug.routing import Map
from werkzeug.wrappers import Request

from core import logs
from core.bounds import INPUTS
from core.exceptions import AddonError
from core.web.assets import Assets
from core.web.forms.files import LARGEST, LARGEST_PICTURE
from core.web.menus import Menus
from core.web.pictures import KINDS
from core.web.templating import Templates
from core.web.views.catalogue import Views

logger = logging.getLogger(__name__)

_SECRET_NAME = "web.secret"
_DAY = 24 * 3600
#: So many keys of stored parts are remembered by a process.
_REMEMBERED = 10_000


class Site:
    """The parts that answer requests for one database. Thread-safe; make one per process and database.

    Args:
        database: a ``core.boot.Database`` on which ``base`` is installed.
    """

    # Twice the largest file: one that is too large for its field is told of there, with all that was typed.
    max_upload = 2 * LARGEST
    max_inputs = INPUTS

    def __init__(self, database: Any) -> None:
        self.database = database
        self.settings = database.settings
        self._built_for: Any = None
        #: The pages of addons (`core.web.pages.addon`) by address.
        self.addon_pages = Map()
        self._secret: bytes | None = None
        self._stored_parts: dict[str, float] = {}
        # Until the database answers for the first time: the pages that say so look as the others do.
        self._build_pages({}, [])

    def refresh(self) -> None:
        """Build the parts anew when addons were installed or removed since they were built."""
        registry = self.database.registry
        if self._built_for is not registry:
            self.build()
            self._built_for = registry

    def build(self) -> None:
        """Build static files, templates, views and menus for the addons as they are installed now."""
        folders = self._addon_folders()
        self._build_pages(folders, self._template_folders(folders))
        self.views = Views()
        self.menus = Menus()

    def _build_pages(self, folders: Mapping[str, Path], templates: Sequence[Path | str]) -> None:
        self.assets = Assets({name: folder / "static" for name, folder in folders.items()})
        functions = {
            "asset": self.assets.url,
            "picture_kinds": ",".join(KINDS),
            "largest_file": LARGEST,
            "largest_picture": LARGEST_PICTURE,
        }
        self.templates = Templates(templates, functions)

    def _addon_folders(self) -> dict[str, Path]:
        """The folder of each installed addon, in loading order."""
        catalogue = self.database.catalogue
        return {name: catalogue[name].path for name in self.database.registry.addons if name in catalogue}

    def _template_folders(self, folders: dict[str, Path]) -> list[Path | str]:
        found: list[Path | str] = [path for folder in folders.values() if (path := folder / "templates").is_dir()]
        for contributed in self.contributions("register_template_paths"):
            found.extend(contributed or ())
        return found[::-1]

    def contributions(self, name: str) -> list[Any]:
        """What addons contribute; a broken contribution is reported and left out, the server starts without it."""
        try:
            return list(getattr(self.database.registry.hooks, name)() or ())
        except AddonError:
            raise
        except Exception:
            logger.exception("the hook %s failed; its contributions are left out", name)
            return []

    # -- long addresses

    def store_address_parts(self, parts: Mapping[str, str], uid: int = 0) -> None:
        """Store the parts of addresses that a user's page left out (see `core.web.addresses`), those of today once."""
        now = monotonic()
        new = {key: text for key, text in parts.items() if now - self._stored_parts.get(key, -_DAY) >= _DAY}
        if not new:
            return
        self.database.run(lambda env: env["web.address.part"]._store(new, uid))
        if len(self._stored_parts) > _REMEMBERED:
            self._stored_parts.clear()
        self._stored_parts.update(dict.fromkeys(new, now))

    # -- secrets

    @property
    def secret(self) -> bytes:
        """The key of this installation, from the settings or made once and kept in the database."""
        if self._secret is None:
            secret = self.settings.secret_key or self.database.run(_kept_secret)
            logs.keep_secret_always(secret)
            self._secret = secret.encode()
        return self._secret

    def is_demo(self, env: Any) -> bool:
        """Whether this is a demonstration database whose password everybody may know."""
        return bool(env["ir.config_parameter"].sudo().get_param("base.demo"))

    def secure(self, request: Request) -> bool:
        """Whether cookies may only travel encrypted."""
        return bool(self.settings.secure_cookies) or request.scheme == "https"


def _kept_secret(env: Any) -> str:
    return str(env["ir.config_parameter"].sudo().get_param(_SECRET_NAME))
