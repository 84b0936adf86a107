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
      finish(request, response)        safety headers, request id, compression
    one line in the log                                                        core.logs

The remote interfaces (`core.rpc`) are mounted beside the pages; they authenticate by themselves and share everything
else.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map
from werkzeug.wrappers import Request, Response

from core import logs
from core.rpc import routes as rpc_routes
from core.web import cookies, errors, pages, security
from core.web.pages import addon
from core.web.pages.health import Readiness
from core.web.request import BoundedRequest, IntegerConverter
from core.web.routing import build_map
from core.web.session import COOKIE
from core.web.site import Site

_WORTH_PACKING = 600
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{6,64}\Z")


class Application(Site):
    """A site with its addresses, as WSGI servers call it. Thread-safe; make one per process and database."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.map = _core_map()
        self.readiness = Readiness(database)
        self.proxied = (
            ProxyFix(self.wsgi, *[self.settings.trusted_proxies] * 4) if self.settings.trusted_proxies else self.wsgi
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.proxied(environ, start_response)

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The application behind the proxy's headers."""
        request = BoundedRequest(environ)
        request.max_content_length = self.max_upload
        request.max_form_parts, request.max_form_memory_size = self.max_inputs, self.max_upload
        request.trusted_hosts = list(self.settings.allowed_hosts) or None
        if self.secure(request):
            cookies.remove_prefixes(environ)
        return self.handle(request)(environ, start_response)

    def handle(self, request: Request) -> Response:
        """Answer one request, whatever happens, and log it."""
        quiet = request.path.startswith("/health/")
        with logs.request_log(self.new_log(request), enabled=self.settings.log_requests, quiet=quiet) as log:
            try:
                # The process lives, and says so, whatever its database does.
                if not request.path.startswith(("/health/", "/static/web/")):
                    self.refresh()
                if not quiet:
                    # Raises where the host is not one of those allowed. Health checks name the address of the machine.
                    request.host  # noqa: B018
                endpoint, values = self.map.bind_to_environ(request.environ).match()
                response = endpoint.answer(self, request, values)
            except Exception as error:
                response = errors.respond(self, request, error)
            log.status = response.status_code
            response.headers["X-Request-Id"] = log.id
            return self.finish(request, response)

    def new_log(self, request: Request) -> logs.RequestLog:
        """The log of a request, under the id that a trusted proxy gave to it, or one of its own."""
        given = request.headers.get("X-Request-Id", "") if self.settings.trusted_proxies else ""
        query = logs.mask_query(request.query_string.decode("utf-8", "replace"))
        log = logs.RequestLog(
            id=given if _REQUEST_ID.match(given) else logs.new_id(),
            method=request.method,
            path=f"{request.path}?{query}" if query else request.path,
            source=request.remote_addr or "",
        )
        log.secrets.update(value for name, value in request.cookies.items() if name == COOKIE and value)
        return log

    def finish(self, request: Request, response: Response) -> Response:
        """What every answer gets."""
        secure = self.secure(request)
        security.add_headers(response, secure=secure)
        if secure:
            cookies.secure_cookies(response, request.path)
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

    def build(self) -> None:
        """Build the parts of the site, and the map of addresses to them."""
        super().build()
        own = [rule for contributed in self.contributions("register_routes") for rule in contributed or ()]
        contributed = self.contributions("register_pages")
        self.addon_pages = Map(
            list(addon.rules_of(contributed)),
            strict_slashes=False,
            merge_slashes=False,
            converters={"int": IntegerConverter},
        )
        own += addon.rules_of(contributed)
        self.map = build_map(pages.rules(), rpc_routes.rules(), own) if own else _core_map()


@cache
def _core_map() -> Map:
    """The map without addresses of addons: the same for every application of the process, and made once."""
    return build_map(pages.rules(), rpc_routes.rules(), ())
