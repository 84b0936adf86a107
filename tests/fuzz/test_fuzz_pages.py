"""Odd addresses and forms: whatever a browser sends, no answer is a defect of the server.

Each request is drawn from a seed: a page of any model with a mutated query, cookies and headers, or one of its forms
with its valid tokens and mutated inputs, as an administrator, a portal user or signed out. What succeeds is committed,
so that later requests meet odd data. The ordinary run is always the same; STILLAGE_FUZZ=10000 makes so many requests,
STILLAGE_SEED=7 others.
"""

from __future__ import annotations

import io
import logging
import os
import random
import traceback
from typing import Any
from urllib.parse import quote

import pytest

from core.testing.client import Client, document, open_session
from tests.fuzz.test_fuzz_rpc import ADDONS as ADDONS
from tests.fuzz.test_fuzz_rpc import DEMO as DEMO
from tests.fuzz.test_fuzz_rpc import PROTECTED, SEED, TEXTS

REQUESTS = int(os.environ.get("STILLAGE_FUZZ") or 250)

#: Pressing these ends what the run needs: the users and their sessions.
KEPT = PROTECTED | {"res.company", "ir.addon", "ir.cron", "ir.ui.view", "ir.ui.menu", "ir.config_parameter"}
ODD = (
    *TEXTS, "\0", "a\0b", "9" * 5000, "99999999999999999999", "1-99999999999", "1,2,3", "-", "~" + "x" * 22, "[[[[",
    '[["name","=","x"]]', "a | " * 300, "a" * 60_000, "partner_id,date:month", "name:day", "1|x", "new|x", "12|12",
    "2200-12-31", "1899-12-31", "12/31/9999", "0,1", "1e5", "1 000,5", "١٢", "∞", "\r\nX-Header: x", "//evil.example",
)  # fmt: skip
KEYS = (
    "page", "ids", "q", "in", "filter", "group", "open", "sort", "cols", "view", "domain", "favorite", "layout",
    "action", "active_id", "active_model", "over", "from", "list", "tab", "default_name", "default_partner_id",
    "default_state",
    "_page.order_line", "given", "sign", "create", "label", "next", "download", "unique", "filename_field",
)  # fmt: skip
PLACES = (
    "", "/new", "/1", "/2", "/7", "/export.csv", "/filter", "/layout", "/1/print", "/0", "/99999999999999999999", "/²",
    "/999999", "/1/x",
)  # fmt: skip
OTHERS = (
    "/", "/app", "/app/action/1", "/app/action/20", "/app/action/999999", "/login", "/app/preferences",
    "/static/web/%00", "/static/web/../app.py", "/static//web/x", "/web/content/1",
    "/web/image/res.partner/1/image_1920", "/shop-floor",
    "/web/content/res.users/1/password_hash", "/app/nonsense", "/app/%00", "/app/production-planning", "/health/ready",
)  # fmt: skip


class Browser:
    """Draws requests and sends them. `found` are the answers that are defects."""

    def __init__(self, chance: random.Random, db: Any, client: Client, caplog: Any) -> None:
        self.chance, self.client, self.caplog = chance, client, caplog
        self.models = sorted(db.registry.models)
        self.found: list[str] = []

    def text(self) -> str:
        return self.chance.choice(ODD)

    def address(self, model: str = "") -> str:
        """An address with a query, most of it odd."""
        chance = self.chance
        model = model or chance.choice(self.models)
        path = f"/app/{model}{chance.choice(PLACES)}" if chance.random() < 0.8 else chance.choice(OTHERS)
        if chance.random() < 0.1:
            path = f"/app/complete/{model}"
        keys = chance.sample(KEYS, chance.choice((0, 1, 1, 2, 3)))
        query = "&".join(f"{key}={quote(self.text())}" for key in keys)
        return f"{path}?{query}" if query else path

    def headers(self) -> dict[str, str]:
        """Some of the headers that pages read."""
        chance = self.chance
        drawn = {
            "HX-Request": "true", "Cookie": chance.choice(("flash=x.y", "session_id=²", "a=" + "b" * 3000)),
            "If-None-Match": '"x"', "Accept-Encoding": "gzip", "Origin": "null", "User-Agent": "\u00ff",
            "X-Forwarded-For": "x", "Range": "bytes=0-", "Accept-Language": "xx;q=²",
        }  # fmt: skip
        return {name: value for name, value in drawn.items() if chance.random() < 0.05}

    def get(self, address: str) -> Any:
        return self.checked(lambda: self.client.get(address, headers=self.headers()), f"GET {address[:300]}")

    def press(self, page: Any) -> None:
        """Send a form of the page with its tokens, some of its inputs mutated."""
        chance = self.chance
        forms = document(page).xpath("//form[@method='post'][not(contains(@action, '/logout'))]")
        if not forms:
            return
        form = forms[-1]
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        typed = [name for name in data if name != "_csrf"]
        for name in chance.sample(typed, min(len(typed), chance.choice((0, 1, 1, 2, 4)))):
            data[name] = [self.text() for _ in range(chance.choice((1, 1, 2)))] if chance.random() < 0.9 else []
        buttons = [
            str(button.get("value"))
            for button in document(page).xpath("//button[@name='_do']")
            if button.get("value") and button.get("value") not in ("delete", "archive")
        ]
        lists = [name for name in data if "." not in name and not name.startswith("_")]
        verbs = [
            *buttons, *buttons, "save", "onchange", f"add:{chance.choice(lists or ['x'])}", "remove:order_line:²",
            f"page:{chance.choice(lists or ['x'])}:{self.text()[:50]}", "row:x:y:z", "call:_write", "detach:²", "stay",
            self.text()[:50],
        ]  # fmt: skip
        data["_do"] = [chance.choice(verbs)]
        if chance.random() < 0.2:
            data["_confirmed"] = data["_do"]
        if data["_do"] == ["onchange"] and typed:
            data["_edited"] = [chance.choice(typed)]
        if chance.random() < 0.1:
            data[f"{chance.choice(lists or ['x'])}.{self.text()[:20]}.name"] = [self.text()]
        if chance.random() < 0.1:
            data["_once"] = [self.text()]
        if chance.random() < 0.05:
            data["_files"] = [(io.BytesIO(self.text().encode("utf-8", "replace")), f"a{self.text()[:30]}")]
        action = form.get("action") or page.request.full_path
        sent = {name: [value for value in values if value is not None] for name, values in data.items()}
        what = f"POST {action[:200]} {data['_do']} {data.get('_edited', '')}"
        self.checked(lambda: self.client.post(action, data=sent, headers=self.headers()), what)

    def checked(self, send: Any, what: str) -> Any:
        """The answer; a defect in it or in the log is noted."""
        self.caplog.clear()
        answer = send()
        logged = [record for record in self.caplog.records if record.levelno >= logging.ERROR or record.exc_info]
        if answer.status_code >= 500 or logged:
            error = next((record.exc_info[1] for record in logged if record.exc_info), None)
            lines = traceback.format_exception(error)[-3:] if error else [entry.getMessage() for entry in logged]
            place = "".join(lines)
            self.found.append(f"{answer.status_code} {what}\n{place}")
        return answer


@pytest.mark.both_dialects("sql")
def test_no_request_is_answered_with_a_defect(db, client, caplog):
    with db.transaction() as env:
        portal = env["res.users"].create(
            {"name": "Portal", "login": "portal-fuzz", "password": "Grey-Horse-71",
             "group_ids": [(6, 0, [env.ref("base.group_portal").id])]}
        )  # fmt: skip
        assert portal
    chance = random.Random(f"{SEED}-pages")
    application = client.application
    portal_client, stranger = Client(application), Client(application)
    portal_client.resume(open_session(db, "portal-fuzz"))
    browsers = [Browser(chance, db, who, caplog) for who in (client, client, client, portal_client, stranger)]
    for _number in range(REQUESTS):
        browser = chance.choice(browsers)
        if chance.random() < 0.6:
            browser.get(browser.address())
            continue
        model = chance.choice([name for name in browser.models if name not in KEPT])
        page = browser.get(f"/app/{model}{chance.choice(('/new', '/1', '/2', '/3', '', '/filter', '/layout'))}")
        if page.status_code == 200 and page.mimetype == "text/html":
            browser.press(page)
    found = [one for browser in browsers for one in browser.found]
    assert not found, f"{len(found)} of {REQUESTS}:\n" + "\n".join(found[:30])


@pytest.mark.dialects("sqlite")
def test_every_page_of_every_model_opens(db, client, caplog):
    """Lists, cards, empty forms and files of all models, for an administrator."""
    browser = Browser(random.Random(0), db, client, caplog)
    with db.transaction(login="admin") as env:
        models = [name for name in db.registry.models if not env[name]._abstract]
    for model in models:
        for place in ("", "?view=kanban", "/new", "/export.csv"):
            browser.get(f"/app/{model}{place}")
    assert not browser.found, "\n".join(browser.found[:20])
