"""From an address to what answers it.

Page        one of our pages: needs a signed-in user, runs in one transaction, a POST carries a form token
OpenPage    the sign-in page and its kind: the same without a user
Resumption  what gives back a form whose session is over
AddonRoute  what an addon registers: ``(request, env, **values)`` in a transaction of the signed-in user
Door        the remote interfaces, which authenticate and open transactions by themselves: ``(app, request, **values)``
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from core import logs
from core.exceptions import IdentityRequired
from core.i18n import language
from core.web import identity, security, session
from core.web.addresses import collecting, expanded
from core.web.errors import NotSignedIn
from core.web.request import IntegerConverter, check_query
from core.web.site import Site
from core.web.visit import Visit

Values = Mapping[str, Any]
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Door:
    """An endpoint that does everything itself."""

    function: Callable[..., Response]

    def answer(self, app: Site, request: Request, values: Values) -> Response:
        """Call it."""
        return self.function(app, request, **values)


@dataclass(frozen=True)
class Page:
    """An endpoint ``(visit, **values)`` in one transaction, read-only for a GET."""

    function: Callable[..., Response]
    open: bool = False
    #: The largest number of inputs of a form, and its largest size in bytes; None is that of the site.
    max_inputs: int | None = None
    max_size: int | None = None

    def answer(self, app: Site, request: Request, values: Values) -> Response:
        """Do it in one transaction, again from the start when another transaction got in the way."""
        reading = request.method in _READING
        self.bound(app, request)
        parts: dict[str, str] = {}
        entered: list[Visit] = []

        def unit(env: Any) -> Response:
            expand_query(env, request)
            visit = self.enter(app, request, env)
            entered[:] = [visit]
            if not reading:
                self.check(visit)
            with language(visit.env.lang), collecting(parts if visit.uid else None):
                if not reading and visit.uid and identity.is_given(request):
                    identity.confirm(visit)
                return self.call(visit, values)

        if not reading:
            # The body is a stream: it is read before the transaction, so that a retry finds it again.
            logs.keep_form_secrets(request.form.items(multi=True))
        # Reading it opens a transaction of its own, which on SQLite would wait for this one.
        app.secret  # noqa: B018
        try:
            response: Response = app.database.run(unit, readonly=reading)
        except (IdentityRequired, identity.WrongPassword) as error:
            if reading or not entered:
                raise
            with language(entered[0].env.lang):
                return identity.ask(app, request, error="" if isinstance(error, IdentityRequired) else str(error))
        self.leave(entered[0], response, app, request)
        app.store_address_parts(parts, entered[0].uid)
        return response

    def leave(self, visit: Visit, response: Response, app: Site, request: Request) -> None:
        """See to the session once the page is made: its new token, if it got one, and that it is in use."""
        if not visit.uid:
            return
        if visit.token != session.token_of(request):
            hours = app.settings.session_hours
            session.set_cookie(response, visit.token, hours=hours, secure=app.secure(request))
        elif request.method in _READING and visit.idle:
            session.prolong(app, request)

    def bound(self, app: Site, request: Request) -> None:
        """Refuse what is too large, and set the bounds within which the form may be parsed."""
        request.max_content_length = min(self.max_size or app.max_upload, app.max_upload)
        request.max_form_parts = min(self.max_inputs or app.max_inputs, app.max_inputs)
        if request.content_length and request.content_length > request.max_content_length:
            raise RequestEntityTooLarge()
        check_query(request)

    def enter(self, app: Site, request: Request, env: Any) -> Visit:
        """Find out who asks. Raises NotSignedIn when a user is needed and there is none."""
        found = session.find(env, request)
        if not found:
            if not self.open:
                raise NotSignedIn()
            env.set_client(session.client(request))
            return Visit(app, request, env, 0, session.token_of(request))
        env.set_client(session.client(request, found))
        if request.method not in _READING:
            found._prolong(app.settings.session_hours)
        uid = logs.current().user = found.user_id.id
        visit = Visit(app, request, session.environment(env, uid), uid, session.token_of(request))
        visit.idle = found._needs_noting()
        return visit

    def check(self, visit: Visit) -> None:
        """Refuse a change that no page of this session asks for."""
        security.check_form(visit.request, visit.app.secret, visit.token)

    def call(self, visit: Visit, values: Values) -> Response:
        """Call the page."""
        return self.function(visit, **values)


@dataclass(frozen=True)
class Resumption(Page):
    """An endpoint for forms of a session that is over. It may only show them: the token they carry is worth nothing."""

    def check(self, visit: Visit) -> None:
        """Refuse what another site's page sends."""
        security.check_origin(visit.request)


@dataclass(frozen=True)
class AddonRoute(Page):
    """An addon's endpoint ``(request, env, **values)``."""

    def call(self, visit: Visit, values: Values) -> Response:
        """Call it with the plain request and the user's environment."""
        return self.function(visit.request, visit.env, **values)


def expand_query(env: Any, request: Request) -> None:
    """Put what the server stores of an address into the request's query."""
    args = expanded(env, request.args)
    if args != request.args.to_dict():
        request.args = ImmutableMultiDict(args)


def build_map(pages: Iterable[Rule], doors: Iterable[Rule], addons: Iterable[Rule]) -> Map:
    """All rules in one map. Earlier ones win where two match alike: an addon can not shadow the core by accident."""
    rules = [*pages, *(_wrapped(rule, Door) for rule in doors), *(_wrapped(rule, AddonRoute) for rule in addons)]
    # Merging slashes answers with a redirect, to whichever host the request names.
    return Map(rules, strict_slashes=False, merge_slashes=False, converters={"int": IntegerConverter})


def _wrapped(rule: Rule, kind: type[Door] | type[AddonRoute]) -> Rule:
    if callable(rule.endpoint) and not isinstance(rule.endpoint, Door | Page):
        rule.endpoint = kind(rule.endpoint)
    return rule
