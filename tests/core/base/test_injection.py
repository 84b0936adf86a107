"""No text of a client becomes a part of a statement: values are bound, names are those of fields."""

from __future__ import annotations

import pytest

from core.exceptions import UserError

TEXTS = [
    "'; DROP TABLE res_partner_category; --",
    '" OR "1"="1',
    "name) OR (1=1",
    "x' UNION SELECT key, value FROM ir_config_parameter --",
    "%s %(name)s :name ? \\",
    "*/ OR 1=1 /*",
]

pytestmark = pytest.mark.both_dialects("sql")


@pytest.mark.parametrize("text", TEXTS)
def test_values_are_bound(env, text):
    tags = env["res.partner.category"]
    made = tags.create({"name": text})
    tags.create({"name": "Other"})
    for operator in ("=", "ilike", "=ilike", "in"):
        pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") if operator == "=ilike" else text
        assert tags.search([("name", operator, [text] if operator == "in" else pattern)]) == made, operator
    assert tags.name_search(text) == [(made.id, made.display_name)]
    assert dict(tags._read_group([("id", "=", made.id)], ["name"], ["__count"])) == {text: 1}
    made.write({"name": text * 2})
    assert made.read(["name"])[0]["name"] == text * 2
    assert tags.search_count([("name", "=", "Other")]) == 1


@pytest.mark.parametrize("text", TEXTS)
def test_names_are_those_of_fields(env, text):
    tags = env["res.partner.category"]
    calls = [
        lambda: tags.search([(text, "=", 1)]),
        lambda: tags.search([("name", text, 1)]),
        lambda: tags.search([], order=text),
        lambda: tags.search([], order=f"name {text}"),
        lambda: tags.create({"name": "x"}).read([text]),
        lambda: tags.read_group([], [text], ["name"]),
        lambda: tags.read_group([], ["name"], [text]),
        lambda: tags.formatted_read_group([], groupby=["name"], aggregates=[f"id:{text}"]),
        lambda: tags.formatted_read_group([], groupby=[text]),
    ]
    for number, call in enumerate(calls):
        with pytest.raises((UserError, ValueError, KeyError)) as caught:
            call()
        assert not type(caught.value).__module__.startswith(("sqlalchemy", "sqlite3", "psycopg")), number
    assert tags.search_count([]) >= 1
