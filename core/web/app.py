"""The WSGI application: a request from the socket to the answer, on one page.

    Application.__call__(environ, start_response)
      handle(request)
        match(request)                 address -> endpoint and values          routing.build_map
        endpoint.answer(app, request)                                          routing.Page
          database.run(unit)           one transaction; whole-unit retry       core.boot
            session.find               cookie -> session -> user
            session.environment        user -> environment
            security.check_form        a POST carries the token of a page of ours
            page function              core.web.pages.*
              visit.do_once            the work of a form, once
              visit.page               context -> Jinja template -> HTML
          commit, or rollback on an exception
        errors.respond                 exception -> answer, in one place
      finish(request, response)        safety headers, compression

The remote interfaces (`core.rpc`) are mounted beside the pages; they authenticate by themselves and share everything
else.
"""

from __future__ import annotations

import gzip
import logging
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from core.exceptions import AddonError
from core.rpc import routes as rpc_routes
from core.web import errors, pages, security
from core.web.assets import Assets
from core.web.menus import Menus
from core.web.routing import build_map
from core.web.templating import Templates
from core.web.views.catalogue import Views

logger = logging.getLogger(__name__)

_SECRET_NAME = "web.secret"
_WORTH_PACKING = 600


class Application:
    """The web server's side of one database. Thread-safe; make one per process and database.

    Args:
        database: a ``core.boot.Database`` on which ``base`` is installed.
    """

    max_upload = 32 * 1024 * 1024

    def __init__(self, database: Any) -> None:
        self.database = database
        self.settings = database.settings
        self.proxied = (
            ProxyFix(self.wsgi, *[self.settings.trusted_proxies] * 4) if self.settings.trusted_proxies else self.wsgi
        )
        self._built_for: Any = None
        self._secret: bytes | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.proxied(environ, start_response)

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The application behind the proxy's headers."""
        request = Request(environ)
        request.max_content_length = self.max_upload
        return self.handle(request)(environ, start_response)

    def handle(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        try:
            self.refresh()
            endpoint, values = self.map.bind_to_environ(request.environ).match()
            response = endpoint.answer(self, request, values)
        except Exception as error:
            response = errors.respond(self, request, error)
        return self.finish(request, response)

    def finish(self, request: Request, response: Response) -> Response:
        """What every answer gets."""
        security.add_headers(response, secure=self.secure(request))
        packable = (response.mimetype or "").startswith(
            ("text/", "application/json")
        ) and "Content-Encoding" not in response.headers
        if packable and not response.is_streamed and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = response.get_data()
            if len(body) > _WORTH_PACKING:
                response.set_data(gzip.compress(body, 5, mtime=0))
                response.headers["Content-Encoding"] = "gzip"
                response.headers.add("Vary", "Accept-Encoding")
        return response

    # -- parts, built anew when addons were installed or removed

    def refresh(self) -> None:
        """Build routes, templates and views for the addons as they are installed now."""
        registry = self.database.registry
        if self._built_for is registry:
            return
        folders = self._addon_folders()
        self.assets = Assets({name: folder / "static" for name, folder in folders.items()})
        self.templates = Templates(self._template_folders(folders), {"asset": self.assets.url})
        self.views = Views()
        self.menus = Menus()
        self.map = build_map(pages.rules(), rpc_routes.rules(), self._addon_rules())
        self._built_for = registry

    def _addon_folders(self) -> dict[str, Path]:
        """The folder of each installed addon, in dependency order."""
        catalogue = self.database.catalogue
        return {name: catalogue[name].path for name in self.database.registry.addons if name in catalogue}

    def _template_folders(self, folders: dict[str, Path]) -> list[Path | str]:
        found: list[Path | str] = [path for folder in folders.values() if (path := folder / "templates").is_dir()]
        for contributed in self._hook("register_template_paths"):
            found.extend(contributed or ())
        return found[::-1]

    def _addon_rules(self) -> list[Rule]:
        return [rule for contributed in self._hook("register_routes") for rule in contributed or ()]

    def _hook(self, name: str) -> list[Any]:
        """What addons contribute; a broken contribution is reported and left out, the server starts without it."""
        try:
            return list(getattr(self.database.registry.hooks, name)() or ())
        except AddonError:
            raise
        except Exception:
            logger.exception("the hook %s failed; its contributions are left out", name)
            return []

    # -- secrets

    @property
    def secret(self) -> bytes:
        """The key of this installation, from the settings or made once and kept in the database."""
        if self._secret is None:
            self._secret = (self.settings.secret_key or self.database.run(_kept_secret)).encode()
        return self._secret

    def is_demo(self, env: Any) -> bool:
        """Whether this is a demonstration database whose password everybody may know."""
        return bool(env["ir.config_parameter"].sudo().get_param("base.demo"))

    def secure(self, request: Request) -> bool:
        """Whether cookies may only travel encrypted."""
        return bool(self.settings.secure_cookies) or request.scheme == "https"


def _kept_secret(env: Any) -> str:
    parameters = env["ir.config_parameter"].sudo()
    secret = parameters.get_param(_SECRET_NAME)
    if not secret:
        secret = secrets.token_urlsafe(48)
        parameters.set_param(_SECRET_NAME, secret)
    return str(secret)
