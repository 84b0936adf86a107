"""The OpenAPI document of /json/2 is valid, and calls that it allows never end in an error of the server.

schemathesis draws requests from the document, those that break it too. STILLAGE_FUZZ=10000 makes about so many.
"""

from __future__ import annotations

import os
import random

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate

from core.rpc import openapi
from core.rpc.public_methods import public_methods

ADDONS = ("inventory", "sales", "manufacturing", "purchasing", "invoicing", "sales_invoicing", "sales_manufacturing")
DEMO = True

REQUESTS = int(os.environ.get("STILLAGE_FUZZ") or 120)
SEED = os.environ.get("STILLAGE_SEED") or "stillage"

#: What would end the run: the user who calls, the key, and what they may do.
LEFT_OUT = (
    "change.password.own", "ir.model", "ir.model.access", "ir.rule", "res.groups", "res.users", "web.session",
)  # fmt: skip


@pytest.fixture
def key(db) -> str:
    """An API key of admin."""
    with db.transaction(login="admin") as env:
        return env["res.users.apikeys"].sudo()._generate("rpc", "test")


@pytest.mark.dialects("sqlite")
def test_the_document_is_valid_and_complete(env):
    """By a validator that is not ours; every public method of a model has its path."""
    document = openapi.document(env, ["stock.picking", "stock.lot", "res.users", "res.partner"])
    validate(document)
    methods = public_methods(type(env["stock.picking"]))
    assert {f"/json/2/stock.picking/{name}" for name in methods} <= set(document["paths"])
    assert "/json/2/stock.picking/sudo" not in document["paths"]
    lots = document["paths"]["/json/2/stock.lot/generate_lot_names"]["post"]["requestBody"]["content"]
    count = lots["application/json"]["schema"]["properties"]["count"]
    assert (count["type"], count["minimum"], count["maximum"]) == ("integer", 1, 10_000)
    every = openapi.document(env)
    assert len({path.split("/")[3] for path in every["paths"]}) > 100


@pytest.mark.dialects("sqlite")
def test_the_document_shows_what_the_user_may_call(env):
    """Not what the rights refuse anyway."""
    portal = env.ref("base.group_portal")
    user = env["res.users"].create({"name": "Guest", "login": "portal-user", "group_ids": [(6, 0, portal.ids)]})
    paths = openapi.document(env(uid=user.id, su=False), ["stock.picking", "ir.cron", "res.users"])["paths"]
    assert "/json/2/stock.picking/button_validate" not in paths
    assert "/json/2/ir.cron/search" not in paths
    assert "/json/2/res.users/context_get" in paths


@pytest.mark.dialects("sqlite")
def test_a_client_gets_the_document(anonymous, key):
    """With an API key."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = anonymous.get("/doc-bearer/openapi.json?model=res.partner", headers=headers)
    assert answer.status_code == 200 and answer.json["openapi"] == "3.1.0"
    assert "/json/2/res.partner/search" in answer.json["paths"]
    assert anonymous.get("/doc-bearer/openapi.json?model=nonsense", headers=headers).status_code == 404
    assert anonymous.get("/doc-bearer/openapi.json").status_code == 401


@pytest.mark.slow
@pytest.mark.both_dialects("types")
def test_schemathesis_finds_no_error_of_the_server(anonymous, db, key):
    """Requests of every kind to methods of models that are drawn."""
    headers = {"Authorization": f"Bearer {key}"}
    app = anonymous.application
    chance = random.Random(SEED)
    models = [name for name, cls in sorted(db.registry.models.items()) if name not in LEFT_OUT and not cls._abstract]
    drawn = ",".join(chance.sample(models, min(len(models), max(6, REQUESTS // 40))))
    schema = schemathesis.openapi.from_wsgi(f"/doc-bearer/openapi.json?model={drawn}", app, headers=headers)
    operations = [found.ok() for found in schema.get_all_operations()]
    examples = max(4, REQUESTS // 1000)
    failures, answers = [], []
    for operation in chance.sample(operations, min(len(operations), REQUESTS // examples)):

        def call(case):
            answer = case.call(headers=headers)
            answers.append(answer.status_code)
            if answer.status_code >= 500:
                failures.append(f"{case.method} {case.path} {case.body!r}: {answer.status_code} {answer.text[:200]}")

        run = settings(
            max_examples=examples, derandomize=not os.environ.get("STILLAGE_SEED"), deadline=None, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        hypothesis.seed(SEED)(run(given(operation.as_strategy())(call)))()
    assert not failures, "\n".join(failures[:20])
    assert len(answers) >= REQUESTS / 2 and 200 in answers
