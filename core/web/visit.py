"""One request of a signed-in (or not yet signed-in) user, with everything a page needs to answer it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from babel import Locale
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from core.i18n import _
from core.web import security, session
from core.web.contexts import Crumb, PageContext
from core.web.forms.formats import Formats, formats_for
from core.web.messages import Message, build_message, dump, load
from core.web.site import Site

_FIRST_TAG = re.compile(r"<(template>\s*<)?(\w+)")


@dataclass
class Visit:
    """A request, its user's environment and the answer's trimmings.

    ``uid`` is 0 without a signed-in user; ``env`` is then the superuser's and only the sign-in page may use it.
    """

    app: Site
    request: Request
    env: Any
    uid: int
    token: str
    messages: list[Message] = field(default_factory=list)
    #: Whether the session's last use has to be written down (a page that only reads cannot do that by itself).
    idle: bool = False

    @cached_property
    def formats(self) -> Formats:
        """How the user reads and writes numbers and dates."""
        context = self.env.context
        return formats_for(context.get("lang"), context.get("tz") or None)

    @cached_property
    def csrf(self) -> str:
        """The token for the forms of this page."""
        return security.form_token(self.app.secret, self.token)

    @property
    def htmx(self) -> bool:
        """Whether htmx asks, and so a part of a page is enough."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def path(self) -> str:
        """The address asked for, with its query."""
        query = self.request.query_string.decode("latin-1")
        return f"{self.request.path}?{query}" if query else self.request.path

    def once(self) -> str:
        """A fresh one-time key for a form."""
        return secrets.token_urlsafe(16)

    def tell(self, text: str, kind: str = "success") -> None:
        """Show `text` on the page the user sees next. Kinds: success, info, warning, danger."""
        self.messages.append(Message(kind, str(text)))

    def tell_notifications(self) -> None:
        """Show on the next page what the action told its user by `env.notify`."""
        self.messages.extend(build_message(self.env, notification) for notification in self.env.take_notifications())

    def has_messages(self) -> bool:
        """Whether the action has told its user anything so far."""
        return bool(self.messages) or self.env.has_notifications()

    # -- answers

    def page(self, kind: str, context: PageContext, *, model: str = "", status: int = 200) -> Response:
        """The page `kind` (of `model`) as an answer."""
        templates = self.app.templates
        context.candidates = templates.candidates(kind, model)
        self.dress(context)
        variables = context.as_dict()
        if self.uid:
            extras = self.env.hooks.extra_context(env=self.env, request=self.request, template=f"{kind}.html")
            for extra in extras or ():
                variables.update(extra or {})
        html = templates.page(kind, model).render(visit=self, **variables)
        response = Response(html, status=status, mimetype="text/html")
        if session.FLASH in self.request.cookies:
            response.delete_cookie(session.FLASH, httponly=True, samesite="Lax", path="/")
        return response

    def dress(self, context: PageContext) -> None:
        """Fill in what every page has."""
        context.csrf = self.csrf
        context.path = self.path
        context.messages = [*self.read_flash(), *self.messages, *context.messages]
        context.lang = str(self.formats.locale).replace("_", "-")
        context.direction = Locale.parse(str(self.formats.locale)).text_direction
        if self.uid:
            context.user = self.env.user
            context.apps = self.app.menus.apps(self.env)
            context.app = context.app or self.app.menus.current(self.env, self.request)

    def redirect(self, location: str) -> Response:
        """Send the browser to `location`; messages told so far are shown there."""
        response = redirect(location, 303)
        if self.htmx:
            response = Response(status=204, headers={"HX-Redirect": location})
        self.write_flash(response)
        return response

    # -- work that is done once

    def do_once(self, work: Callable[[], str], *, told: Callable[[], str] | None = None) -> Response:
        """Do `work`, which returns where to go next, unless the form that was sent has been carried out before.

        The one-time key and the work are one savepoint: when the work is refused, the form can be sent again.
        """
        if (first := self.done_before()) is not None:
            return first
        key = self.request.form.get("_once", "")[:64]
        done = self.env["web.once"]
        with self.env.savepoint():
            claimed = not key or done._claim(key, self.uid)
            location = work() if claimed else ""
            self.tell_notifications()
            if key and claimed:
                done._note(key, self.uid, location, dump(self.messages))
            self.env.flush_all()
        if not claimed and (first := self._first_result(done, key)) is not None:
            return first
        return self.redirect(location or "/app")

    def done_before(self) -> Response | None:
        """Where the form that was sent led when it was carried out; None when this is the first time."""
        key = self.request.form.get("_once", "")[:64]
        return self._first_result(self.env["web.once"], key) if key else None

    def _first_result(self, done: Any, key: str) -> Response | None:
        result = done._result(key, self.uid)
        if not result:
            return None
        self.messages = load(result.message or "")
        if not self.messages:
            self.tell(_("This was done already. Here is the result."), "info")
        return self.redirect(result.location or "/app")

    # -- messages across a redirect

    def write_flash(self, response: Response) -> None:
        """Take the messages along to the next page, signed so that no one else can put words there."""
        if not self.messages:
            return
        body = base64.urlsafe_b64encode(dump(self.messages).encode()).decode()
        value = f"{body}.{self._sign(body)}"
        response.set_cookie(
            session.FLASH,
            value,
            max_age=60,
            httponly=True,
            samesite="Lax",
            path="/",
            secure=self.app.secure(self.request),
        )

    def read_flash(self) -> list[Message]:
        """The messages that a previous answer left for this page."""
        body, _dot, signature = self.request.cookies.get(session.FLASH, "").partition(".")
        if not body or not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return []
        return load(base64.urlsafe_b64decode(body).decode())

    def _sign(self, body: str) -> str:
        return hmac.new(self.app.secret, f"flash\n{self.token}\n{body}".encode(), hashlib.sha256).hexdigest()


def crumbs(*pairs: tuple[str, str]) -> list[Crumb]:
    """Breadcrumbs from pairs (label, address)."""
    return [Crumb(label=label, url=url) for label, url in pairs]


def joined(parts: Iterable[Markup | str]) -> Markup:
    """Pieces of HTML, one after the other."""
    return Markup("").join(parts)


def swapped(piece: Markup) -> Markup:
    """`piece`, marked to replace the element with its id on the page that htmx asked from."""
    return Markup(_FIRST_TAG.sub(r'<\1\2 hx-swap-oob="true"', str(piece).lstrip(), count=1))
