"""A web client without a browser: signs in, and fills in and sends forms as they stand on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
import werkzeug.test
from werkzeug.test import TestResponse

from core.boot import Database
from core.web.session import COOKIE

LOGIN_PAGE = "/login"
#: How long a session lasts that `open_session` opens.
HOURS = 12


def open_session(database: Database, login: str = "admin") -> str:
    """Open a web session of the user, as signing in does, and return the token that its cookie holds.

    Signing in by the page takes three requests and a hashed password, which few tests are about.
    """
    with database.transaction() as env:
        user = env["res.users"].search([("login", "=", login)])
        user.ensure_one()
        return str(env["web.session"]._open(user, HOURS))


class Client(werkzeug.test.Client):
    """werkzeug's test client, which keeps cookies, with a hand for forms.

        page = client.get("/web/...")
        page = client.submit(page, {"name": "Chair"}, button="Save")

    Hidden inputs (tokens, one-time keys) go back as the page gave them, so what the test sends is what a browser sends.
    """

    def sign_in(self, login: str = "admin", password: str = "admin") -> TestResponse:
        """Sign in through the sign-in page and return the page after it. Raises AssertionError when refused."""
        page = self.get(LOGIN_PAGE)
        assert page.status_code == 200, f"{LOGIN_PAGE}: status {page.status_code}\n{page.text[:500]}"
        page = self.submit(page, {"login": login, "password": password})
        assert LOGIN_PAGE not in page.request.path, f"{login} could not sign in: {words(page)[:300]}"
        return page

    def resume(self, token: str) -> None:
        """Go on with the session of this token (see `open_session`)."""
        self.set_cookie(COOKIE, token)

    def submit(
        self,
        page: TestResponse,
        values: Mapping[str, Any] | None = None,
        *,
        button: str | None = None,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Send the form of `page` that has all the inputs of `values` (and the button), with those values.

        Args:
            values: by input name. True and False tick and untick a box, None empties an input, a list sends the name
                several times; a file is a pair of an open binary file and its name.
            button: the name or the words on the button that is pressed.
            follow: follow redirects.

        Raises:
            AssertionError: no form of the page has these inputs and this button.
        """
        values = dict(values or {})
        form, pressed = self._form(page, values, button)
        data: dict[str, list[Any]] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        for name, value in values.items():
            data[name] = _sent(value)
        action = form.get("action") or ""
        if pressed is not None:
            action = pressed.get("formaction") or action
            if pressed.get("name"):
                data[pressed.get("name")] = [pressed.get("value") or ""]
        target = urljoin(page.request.full_path, action)
        method = (form.get("method") or "get").upper()
        sent: dict[str, Any] = {"data" if method == "POST" else "query_string": data}
        return self.open(target, method=method, follow_redirects=follow, headers=dict(headers or {}), **sent)

    def click(self, page: TestResponse, label: str) -> TestResponse:
        """Follow the link of `page` whose words are `label`. Raises AssertionError when there is none."""
        for link in document(page).iterlinks():
            element, attribute, url, _position = link
            if attribute == "href" and element.tag == "a" and _words(element) == label:
                return self.get(urlsplit(urljoin(page.request.full_path, url))._replace(fragment="").geturl())
        raise AssertionError(f"no link {label!r} on {page.request.path}")

    def _form(self, page: TestResponse, values: Mapping[str, Any], button: str | None) -> tuple[Any, Any]:
        forms = document(page).forms
        for form in forms:
            if set(values) <= _names(form):
                pressed = _button(form, button) if button else None
                if pressed is not None or not button:
                    return form, pressed
        offered = "\n".join(f"  {sorted(_names(form))} {[_words(b) for b in _buttons(form)]}" for form in forms)
        raise AssertionError(
            f"no form on {page.request.path} (status {page.status_code}) has {sorted(values)}"
            f"{f' and the button {button!r}' if button else ''}; it has:\n{offered or words(page)[:500]}"
        )


def document(page: TestResponse) -> Any:
    """The parsed page."""
    return lxml.html.document_fromstring(page.get_data())


def words(page: TestResponse) -> str:
    """What a person reads on the page, white space collapsed."""
    body = document(page)
    for hidden in body.xpath("//script | //style | //template"):
        hidden.drop_tree()
    return _words(body)


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def _names(form: Any) -> set[str]:
    """The names of the inputs of a form, wherever on the page they stand."""
    elsewhere = form.getroottree().xpath("//*[@form=$id]/@name", id=form.get("id")) if form.get("id") else []
    return {str(name) for name in [*form.fields.keys(), *elsewhere]}


def _buttons(form: Any) -> list[Any]:
    own = form.xpath(".//button | .//input[@type='submit']")
    return own + (form.getroottree().xpath("//button[@form=$id]", id=form.get("id")) if form.get("id") else [])


def _button(form: Any, wanted: str) -> Any:
    for button in _buttons(form):
        if wanted in (
            button.get("name"),
            button.get("value"),
            _words(button),
            button.get("title"),
            button.get("aria-label"),
        ):
            return button
    return None


def _sent(value: Any) -> list[Any]:
    if isinstance(value, tuple) and hasattr(value[0], "read"):
        return [value]
    if isinstance(value, list) and any(isinstance(item, tuple) for item in value):
        return value
    if value is None or value is False:
        return []
    if value is True:
        return ["1"]
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
