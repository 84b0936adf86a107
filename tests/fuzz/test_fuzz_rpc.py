"""Malformed and half plausible remote calls: whatever a client sends, no answer is a defect of the server.

Each call is drawn from a seed: any model and method, arguments as its annotations ask for them or not at all, by any of
the protocols, as an administrator or as a portal user. What succeeds is committed, so that later calls meet odd data.
The ordinary run is always the same; STILLAGE_FUZZ=10000 makes so many calls, STILLAGE_SEED=7 others.
"""

from __future__ import annotations

import json
import logging
import os
import random
import traceback
import typing
import xmlrpc.client
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from core import fields
from core.rpc.public_methods import public_methods
from core.rpc.session import COOKIE
from core.testing.client import Client, open_session

ADDONS = ("inventory", "sales", "manufacturing", "purchasing", "invoicing", "sales_invoicing", "sales_manufacturing")
DEMO = True

CALLS = int(os.environ.get("STILLAGE_FUZZ") or 400)
SEED = os.environ.get("STILLAGE_SEED") or "stillage"

PASSWORD = "Grey-Horse-71"

#: What would end the run: the users who call, their keys and sessions, and what they may do.
PROTECTED = frozenset({
    "change.password.own", "ir.model", "ir.model.access", "ir.rule", "res.groups", "res.users", "res.users.apikeys",
    "res.users.apikeys.description", "res.users.role", "web.session",
})  # fmt: skip
CHANGING = frozenset({"action_archive", "change_password", "load", "remove", "unlink", "web_save", "write"})

TEXTS = (
    "", " ", "name", "id", "display_name", "a", "%", "_", "\\", "'", '"', "<b>", "²", "٣", "-1", "0", "1e400", "NaN",
    "Größe 🏗",
    "\u202e", "x" * 3000, "name desc", "id asc, id desc", "2026-02-30", "2026-02-28", "9999-12-31 23:59:59",
    "0001-01-01",
    "res.partner", "base.main_company", "../../etc/passwd", "${7*7}", "=cmd()", "create_uid.password_hash", "a.b.c",
    ".", "__class__",
)  # fmt: skip
ODD_TEXTS = ("\0", "\ud800", "a\0b")
NUMBERS = (0, 1, 2, 3, 5, -1, 7, 40, 2**31, 2**53, 2**63 - 1, -(2**63), 0.5, -0.1, 1e15, 1e-9, 1e300)
ODD_NUMBERS = (2**63, 10**40, 1e308)
OPERATORS = (
    "=", "!=", ">", "<", ">=", "<=", "in", "not in", "like", "ilike", "not ilike", "=like", "=ilike", "child_of",
    "parent_of",
    "any", "not any", "=?", "any!", "~", "", "==",
)  # fmt: skip
ENVELOPES = (
    b"", b"[]", b"{", b"null", b'{"params": 5}', b'{"id": 1e200000000}', b'{"id": "\\ud800"}', b'{"id": [1]}',
    b"\xff\xfe",
    b'{"params": {"args": [1e999999]}}', b"[" * 5000, b'{"params": {"service": "object", "method": "execute_kw"}}',
)  # fmt: skip


class Draw:
    """Random values of the kinds that calls are made of."""

    def __init__(self, chance: random.Random, registry: Any, there: dict[str, list[int]]) -> None:
        self.chance = chance
        self.there = there
        self.registry = registry
        self.models = sorted(registry.models)

    def call(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """A model, a method, positional and keyword arguments."""
        chance = self.chance
        model = chance.choice(self.models)
        methods = public_methods(self.registry.models[model])
        method = chance.choice(sorted(methods))
        if chance.random() < 0.03:
            return model, chance.choice(["sudo", "_write", "env", "browse", "", "nonsense", "next_many", "é"]), [], {}
        if chance.random() < 0.02:
            model = chance.choice(["", "x", "res.partner.", "é"])
        public = methods[method]
        args: list[Any] = [] if public.on_model else [self.ids(model)]
        kwargs: dict[str, Any] = {}
        for argument in public.arguments:
            if chance.random() < 0.2:
                continue
            kwargs[argument.name] = self.odd() if chance.random() < 0.12 else self.argument(argument.shape.type, model)
        if chance.random() < 0.05:
            kwargs[chance.choice(["nonsense", "self", "env", "context", "ids"])] = self.odd()
        if chance.random() < 0.15:
            kwargs["context"] = self.context(model)
        if chance.random() < 0.03:
            args = [*args, self.odd(), self.odd()]
        return model, method, args, kwargs

    def session_request(self) -> tuple[str, dict[str, Any]]:
        """The address and the body of a call that web clients make."""
        chance = self.chance
        paths = [
            "/web/dataset/search_read", "/web/dataset/call_kw", "/web/dataset/call_button", "/web/session/authenticate",
            "/web/session/get_session_info", "/web/session/check", "/jsonrpc", "/web/database/list",
        ]  # fmt: skip
        params: dict[str, Any] = {}
        for name in ("model", "method", "domain", "fields", "limit", "offset", "sort", "args", "kwargs", "context"):
            if chance.random() < 0.6:
                params[name] = {"model": chance.choice(self.models), "method": "search_read"}.get(name, self.odd())
        for name in ("db", "login", "password", "service"):
            if chance.random() < 0.3:
                params[name] = chance.choice(["object", "common", "db", self.odd()])
        return chance.choice(paths), {"id": chance.choice([1, None, "x"]), "params": params}

    def ids(self, model: str = "") -> Any:
        """Ids of records, mostly some that are there."""
        chance = self.chance
        there = self.there.get(model)
        if there and chance.random() < 0.7:
            return chance.choice(
                [[chance.choice(there)], chance.choice(there), chance.sample(there, min(len(there), 3))]
            )
        return chance.choice([
            [chance.randrange(1, 30)], [1], chance.randrange(1, 10), [1, 2, 3], [], [999_999], [2, 2], [1, 1], 3,
            [2**62], [0], [-1],
            None, False, "1", [True], [[1]], {"id": 1}, [2**63 - 1], [1.5],
        ][: chance.choice([6, 6, 6, 20])])  # fmt: skip

    def argument(self, shape: Any, model: str) -> Any:
        """A value that fits the type of an argument more or less."""
        chance = self.chance
        members = [each for each in typing.get_args(shape) if each is not type(None)]
        if typing.get_origin(shape) in (typing.Union, getattr(typing, "UnionType", None)) and members:
            return self.argument(chance.choice(members), model) if chance.random() < 0.85 else None
        text = str(shape)
        if "conditions" in text:
            return self.domain(model)
        if "objects from" in text or "field names to values" in text:
            values = self.values(model)
            return [values] if "list[typing.Annotated[dict" in text and chance.random() < 0.4 else values
        if "what is wanted of them" in text:
            return self.specification(model)
        if "list of field names" in text:
            return [self.field(model) for _number in range(chance.randrange(4))]
        if "list of rows" in text:
            return [[self.value() for _cell in range(chance.randrange(3))] for _row in range(chance.randrange(3))]
        if "list of ids" in text:
            return self.ids()
        if typing.get_origin(shape) is typing.Literal:
            return chance.choice(typing.get_args(shape))
        bare = typing.get_args(shape)[0] if hasattr(shape, "__metadata__") else shape
        if bare is bool:
            return chance.choice([True, False])
        if bare is int:
            return chance.choice([0, 1, 2, 5, 80, 2**31, 2**63 - 1])
        if bare is str:
            return chance.choice([self.field(model), *TEXTS]) if chance.random() < 0.8 else f"{self.field(model)} desc"
        return self.odd()

    def field(self, model: str) -> str:
        """The name of a field, with a path, period or aggregate, or of none."""
        chance = self.chance
        cls = self.registry.models.get(model)
        names = sorted(cls._fields) if cls is not None else ["id"]
        name = chance.choice(names)
        field = cls._fields[name] if cls is not None else None
        if field is not None and field.relational and chance.random() < 0.4:
            other = self.registry.models.get(field.comodel_name)
            return f"{name}{chance.choice('./')}{chance.choice(sorted(other._fields)) if other else 'id'}"
        if chance.random() < 0.15:
            return name + chance.choice(
                [":sum", ":month", ":day", ":count", ":array_agg", ":nonsense", "/.id", "/id", ".", ":"]
            )
        return chance.choice(["__count", "nonsense", "", "id", *TEXTS]) if chance.random() < 0.1 else name

    def domain(self, model: str, depth: int = 0) -> Any:
        """Conditions, mostly of the right form."""
        chance = self.chance
        if chance.random() < 0.06:
            return self.odd()
        result: list[Any] = []
        for _number in range(chance.choice([0, 1, 1, 2, 3])):
            if chance.random() < 0.2:
                result.append(chance.choice(["&", "|", "!", "?", 1]))
            operator = chance.choice(OPERATORS)
            value: Any = self.value()
            if operator in ("any", "not any") and depth < 3 and chance.random() < 0.8:
                value = self.domain(chance.choice(self.models), depth + 1)
            elif operator in ("in", "not in") and chance.random() < 0.8:
                value = [self.value() for _item in range(chance.randrange(4))]
            result.append([self.field(model), operator, value])
        return result

    def values(self, model: str) -> dict[str, Any]:
        """Values of fields: of their type, or not."""
        chance = self.chance
        cls = self.registry.models.get(model)
        result: dict[str, Any] = {}
        for _number in range(chance.randrange(5)):
            name = self.field(model)
            field = cls._fields.get(name) if cls is not None else None
            result[name] = self.value() if field is None or chance.random() < 0.3 else self.field_value(field)
        return result

    def field_value(self, field: Any) -> Any:
        """A value that a field of this type may take."""
        chance = self.chance
        if field.type in ("one2many", "many2many"):
            commands = [
                [0, 0, self.values(field.comodel_name)], [1, chance.randrange(1, 9),
                self.values(field.comodel_name)], [6, 0, [1, 2]],
                [2, chance.randrange(1, 9), 0], [3, 1, 0], [4, chance.randrange(1, 9), 0], [5, 0, 0], [6, 0,
                self.value()], [9, 0, 0],
                [], [0], self.value(), [0, 0, self.value()],
            ]  # fmt: skip
            return chance.choice([[chance.choice(commands)], [chance.choice(commands)], chance.choice(commands)])
        if field.type == "many2one":
            there = self.there.get(field.comodel_name) or [1]
            return chance.choice([*[chance.choice(there)] * 6, 1, 2, False, 999_999, "1", [1, "x"], -1, 0])
        if field.type == "selection":
            return chance.choice(["draft", "done", "sale", "nonsense", False, ["draft"], 1])
        if field.type == "boolean":
            return chance.choice([True, False, 0, "x"])
        return self.value()

    def specification(self, model: str) -> Any:
        """What `web_read` asks."""
        parts = [
            {},
            {"fields": {"id": {}}},
            {"fields": {"display_name": {}}, "limit": 2},
            {"limit": -1},
            {"order": "id"},
            {"x": 1},
            5,
        ]
        return {self.field(model): self.chance.choice(parts) for _number in range(self.chance.randrange(4))}

    def context(self, model: str) -> Any:
        """Contexts that change what is done."""
        chance = self.chance
        return chance.choice([
            {}, {"lang": "de_DE"}, {"lang": 5}, {"lang": "xx"}, {"tz": "Mars/Base"}, {"tz": "Europe/Berlin"},
            {"tz": []},
            {"allowed_company_ids": [1]}, {"allowed_company_ids": ["x"]}, {"allowed_company_ids": [999]},
            {"allowed_company_ids": 1},
            {"active_test": False}, {f"default_{self.field(model)}": self.value()}, {"uid": 1},
            {"default_state": "done"},
            {"location": "x"}, {"warehouse_id": {}}, {"active_ids": "x", "active_model": 5},
            {"skip_backorder": True}, "x", [1],
        ])  # fmt: skip

    def value(self) -> Any:
        """A plain value."""
        chance = self.chance
        return chance.choice(
            [chance.choice(TEXTS), chance.choice(NUMBERS), True, False, None, [], {}, [1], [1, "x"], "5", 5]
        )

    def odd(self) -> Any:
        """A value that hardly any argument takes."""
        chance = self.chance
        deep: Any = 1
        for _level in range(chance.choice([3, 60, 150])):
            deep = [deep]
        return chance.choice([
            self.value(), chance.choice(ODD_TEXTS), chance.choice(ODD_NUMBERS), deep, {"a": {"b": [None]}}, [[[]]],
            [{}], {"": ""},
            [None, None], [["name", "=", 1]], "[]", -1,
        ])  # fmt: skip


class Caller:
    """One user, who calls by all protocols."""

    def __init__(self, client: Client, database: Any, uid: int, login: str, key: str, token: str) -> None:
        self.client, self.database = client, database
        self.uid, self.login, self.key, self.token = uid, login, key, token

    def send(self, protocol: str, model: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Make the call and return the answer."""
        if protocol == "json2":
            body = {**kwargs, "ids": args[0]} if args else kwargs
            return self.post(f"/json/2/{model or '-'}/{method or '-'}", body, {"Authorization": f"Bearer {self.key}"})
        if protocol == "call_kw":
            params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
            return self.post("/web/dataset/call_kw", {"id": 1, "params": params}, {"Cookie": f"{COOKIE}={self.token}"})
        full = [self.database.name, self.uid, PASSWORD, model, method, args, kwargs]
        if protocol == "jsonrpc":
            params = {"service": "object", "method": "execute_kw", "args": full}
            return self.post("/jsonrpc", {"id": 1, "params": params})
        try:
            data = xmlrpc.client.dumps(tuple(full), "execute_kw", allow_none=True).encode("utf-8", "surrogatepass")
        except (OverflowError, TypeError, RecursionError):
            return None  # nothing that a client can write
        return self.client.post("/xmlrpc/2/object", data=data, content_type="text/xml")

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        """Post JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")
        return self.client.post(path, data=data, content_type="application/json", headers=headers)


class Defects(logging.Handler):
    """The errors that the server logged, by the place that they came from."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: Counter[str] = Counter()
        self.calls: dict[str, str] = {}
        self.call = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Note a record."""
        error = record.exc_info[1] if record.exc_info else None
        place = record.getMessage()[:200]
        if error is not None:
            frames = [each for each in traceback.extract_tb(error.__traceback__) if "/.venv/" not in each.filename]
            tail = " < ".join(f"{each.filename.rpartition('/')[2]}:{each.lineno}" for each in frames[:-4:-1])
            place = f"{type(error).__name__}: {str(error)[:120]} at {tail}"
        self.note(place)

    def note(self, place: str) -> None:
        """Count a defect and the first call that led to it."""
        self.found[place] += 1
        self.calls.setdefault(place, self.call[:500])

    def __str__(self) -> str:
        return "\n".join(
            f"{number} x {place}\n      {self.calls[place]}" for place, number in self.found.most_common(60)
        )


@pytest.fixture
def callers(anonymous, db) -> list[Caller]:
    """An administrator and a portal user, each with a password, a key and a session."""
    result = []
    with db.transaction() as env:
        portal = env.ref("base.group_portal")
        guest = env["res.users"].create({"name": "Guest", "login": "guest", "group_ids": [(6, 0, portal.ids)]})
        for user in (env.ref("base.user_admin"), guest):
            user._set_password(PASSWORD)
            until = fields.Datetime.now() + timedelta(days=1)
            key = env(uid=user.id, su=False)["res.users.apikeys"].sudo()._generate("rpc", "fuzz", until)
            result.append((user.id, user.login, key))
    tokens = [open_session(db, login) for _uid, login, _key in result]
    return [
        Caller(Client(anonymous.application), db, *values, token) for values, token in zip(result, tokens, strict=True)
    ]


@pytest.mark.both_dialects("types")
def test_no_remote_call_is_answered_as_a_defect(callers, db):
    """Neither by a status of the server's fault, nor by an error in the log."""
    chance = random.Random(f"{SEED}")
    with db.transaction() as env:
        models = {name: env[name] for name, cls in db.registry.models.items() if not cls._abstract}
        there = {name: model.search([], limit=8).ids for name, model in models.items()}
    draw = Draw(chance, db.registry, there)
    defects, statuses = Defects(), Counter()
    root = logging.getLogger()
    root.addHandler(defects)
    try:
        for number in range(CALLS):
            caller = chance.choice(callers)
            protocol = chance.choice(["json2", "json2", "call_kw", "jsonrpc", "xmlrpc"])
            model, method, args, kwargs = draw.call()
            if model in PROTECTED and method in CHANGING | {"create", "copy"}:
                continue
            defects.call = f"#{number} {caller.login} {protocol} {model}.{method} {args!r} {kwargs!r}"
            if chance.random() < 0.03:
                path = chance.choice(["/jsonrpc", "/web/dataset/call_kw", "/web/session/authenticate", "/json/2/x/y"])
                answer = caller.post(path, chance.choice(ENVELOPES))
            elif chance.random() < 0.05:
                defects.call = f"#{number} {caller.login} {(request := draw.session_request())!r}"
                answer = caller.post(*request, {"Cookie": f"{COOKIE}={caller.token}"})
            else:
                answer = caller.send(protocol, model, method, args, kwargs)
            if answer is not None:
                statuses[f"{protocol} {outcome(answer)}"] += 1
                if answer.status_code >= 500:
                    defects.note(f"status {answer.status_code}")
    finally:
        root.removeHandler(defects)
    print(dict(statuses))
    assert not defects.found, f"\n{defects}"
    succeeded = sum(number for name, number in statuses.items() if name.endswith(" 200"))
    assert succeeded > CALLS / 20, f"hardly any call did anything: {statuses}"


def outcome(answer: Any) -> str:
    """The status, or for protocols that always say 200 whether there was an error."""
    text = answer.get_data(as_text=True)
    if answer.status_code == 200 and ('"error":' in text[:60] or "<fault>" in text[:200]):
        return "error"
    return str(answer.status_code)
