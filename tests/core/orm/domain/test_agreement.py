"""The database and Python give the same answer to any domain, on both kinds of database."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given
from hypothesis import strategies as st

from core.orm.domain import Domain, optimize, to_predicate, to_sql
from tests.random_runs import run_settings, seeded

pytestmark = pytest.mark.both_dialects("sql")

# Letters with a case of their own kind, the signs of patterns on both databases, and what quoting may get wrong.
TEXTS = ["", "a", "A", "ab", "AB", "é", "É", "İi", "ıI", "ΣΑΣ", "σας", "ß", "ẞ", "K", "k", "%", "_", "a%b", "a_b"]
TEXTS += [
    "\\",
    "a\\",
    "*",
    "?",
    "[a]",
    "]",
    "-",
    "a*b",
    "'",
    '"',
    "\n",
    "a\nb",
    "0",
    "10",
    "ﬁ",
    "Ǆ",
    "ǅ",
    "ǆ",
    "𝔄",
    "🙂",
]
texts = st.sampled_from(TEXTS) | st.text(st.sampled_from("aAbB%_\\*?[éÉσΣςİi \n"), max_size=4)
wholes = st.sampled_from([0, 1, -1, 2, 3, 10, 2**31, 2**63 - 1, -(2**63)])
REALS = [0.0, -0.0, 1.0, 0.1, 0.30000000000000004, -2.5, 1e300, 5e-324]
reals = st.sampled_from(REALS)
quantities = st.decimals(-5, 5, places=6) | st.sampled_from(
    [Decimal(0), Decimal("0.000001"), Decimal("0.28"), Decimal(3), Decimal("4.999999")]
)
DAYS = [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 31), date(2024, 2, 29), date(1900, 1, 1), date(2200, 12, 31)]
days = st.sampled_from(DAYS)
MOMENTS = [
    datetime(2024, 1, day, hour, minute, 0, micro)
    for day in (1, 2)
    for hour, minute, micro in ((0, 0, 0), (23, 59, 999999), (12, 30, 0))
]
moments = st.sampled_from(MOMENTS)

COUNT = 6


def or_unset(values: Any) -> Any:
    """`values`, or what stands for none."""
    return st.just(False) | values


def dataset(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Values for some records of each model; links are positions in the list of the other model, or None."""
    chance = Random(seed)
    position = [None, *range(COUNT)]
    text = [False, False, *TEXTS]
    whole = [0, 0, 1, -1, 2, 3, 10, 2**31, 2**63 - 1, -(2**63)]
    quantity = [Decimal(0), Decimal("0.000001"), Decimal("0.28"), Decimal("-1.5"), Decimal(3), Decimal("4.999999")]

    def rows(**columns: list[Any]) -> list[dict[str, Any]]:
        return [{name: chance.choice(values) for name, values in columns.items()} for _ in range(COUNT)]

    links = [chance.sample(range(COUNT), number) for number in (0, 0, 1, 2, 3)]
    places = rows(name=text, active=[True, True, False], tag_ids=links)
    tags = rows(name=text, code=whole)
    for tree in (places, tags):
        for number, row in enumerate(tree):
            row["parent_id"] = chance.choice([None, *range(number)])
    items = rows(
        name=text, note=text, page=text, flag=[False, True], whole=whole, real=REALS, quantity=quantity, price=quantity,
        day=[False, *DAYS], moment=[False, *MOMENTS], kind=[False, "a", "b", "A"], extra=[False, {}, {"a": 1}, [0], 0],
        blob=[False, b"YWI="], link=position, active=[True, True, False], place_id=position, twin_id=position,
        tag_ids=links, own_name=text, own_quantity=quantity, own_flag=[False, True], own_place_id=position,
    )  # fmt: skip
    lines = rows(label=text, amount=quantity, item_id=position, place_id=position)
    return {"t.place": places, "t.tag": tags, "t.item": items, "t.line": lines}


def create(env: Any, data: dict[str, list[dict[str, Any]]]) -> None:
    """Create what a dataset describes."""
    made: dict[str, Any] = {}

    def link(model: str, position: int | None) -> Any:
        return False if position is None else made[model][position].id

    for name in ("t.tag", "t.place", "t.item", "t.line"):
        fields = env[name]._fields
        made[name] = env[name].browse()
        for row in data[name]:
            values = {}
            for key, value in row.items():
                field = fields[key]
                if key == "twin_id":
                    continue
                if field.type == "many2one":
                    value = link(field.comodel_name, value)
                elif field.type == "many2many":
                    value = [(6, 0, [made[field.comodel_name][position].id for position in value])]
                elif field.type == "reference":
                    value = value is not None and f"t.place,{link('t.place', value)}"
                values[key] = value
            made[name] += env[name].create(values)
    for item, row in zip(made["t.item"], data["t.item"], strict=True):
        item.twin_id = link("t.item", row["twin_id"])
    env.flush_all()


# -- domains -----------------------------------------------------------------------------------------------------------

EQUALITY = st.sampled_from(["=", "!="])
IN = st.sampled_from(["in", "not in"])
COMPARISON = st.sampled_from(["<", ">", "<=", ">="])
PATTERN = st.sampled_from([f"{no}{eq}{i}like" for no in ("", "not ") for eq in ("", "=") for i in ("", "i")])
HIERARCHY = st.sampled_from(["child_of", "parent_of"])
ANY = st.sampled_from(["any", "not any"])

COMODELS = {
    "t.item": {"place_id": "t.place", "twin_id": "t.item", "tag_ids": "t.tag", "line_ids": "t.line",
               "big_line_ids": "t.line", "top_id": "t.place", "own_place_id": "t.place"},
    "t.place": {"parent_id": "t.place", "child_ids": "t.place", "item_ids": "t.item", "tag_ids": "t.tag"},
    "t.tag": {"parent_id": "t.tag", "item_ids": "t.item"},
    "t.line": {"item_id": "t.item", "place_id": "t.place"},
}  # fmt: skip
PLAIN = {
    "t.item": {
        **dict.fromkeys(["name", "note", "page", "own_name", "place_name", "stored_name", "top_name"], texts),
        "display_name": texts,
        "kind": st.sampled_from(["a", "b", "A", "c"]),
        "flag": st.booleans(), "active": st.booleans(), "own_flag": st.booleans(), "place_active": st.booleans(),
        "whole": wholes | st.sampled_from([2.5, "7", Decimal("1e30"), True]),
        "real": reals | st.sampled_from([Decimal("0.1"), "3", 2]),
        **dict.fromkeys(
            ["quantity", "price", "own_quantity", "twin_quantity"],
            quantities | st.sampled_from([Decimal("0.0000005"), Decimal("-1.2345678"), 0.28, "1.5", 10**20, -(10**50)]),
        ),
        "day": days | moments | st.sampled_from(["2024-01-02", "2024-01-02 12:30:00"]),
        "moment": moments | days | st.sampled_from(["2024-01-02", "2024-01-01 12:30:00", "2024-01-01T13:30:00+01:00"]),
    },
    "t.place": {"name": texts, "active": st.booleans()},
    "t.tag": {"name": texts, "code": wholes},
    "t.line": {"label": texts, "amount": quantities},
}  # fmt: skip
UNSET_ONLY = {"extra", "blob"}


def plain_leaf(model: str) -> Any:
    """Conditions on fields with one value."""

    def conditions(name: str) -> Any:
        values = PLAIN[model][name]
        textual = name in ("name", "note", "page", "own_name", "place_name", "stored_name", "top_name", "label", "kind")
        choices = [
            st.tuples(st.just(name), EQUALITY, or_unset(values)),
            st.tuples(st.just(name), IN, st.lists(or_unset(values), max_size=3)),
            st.tuples(st.just(name), st.just("=?"), or_unset(values)),
        ]
        if name != "display_name":
            choices.append(st.tuples(st.just(name), COMPARISON, or_unset(values)))
        if textual or name in ("whole", "code"):
            choices.append(st.tuples(st.just(name), PATTERN, texts))
        if name == "display_name":
            return st.tuples(st.just(name), st.sampled_from(["ilike", "=", "not ilike", "!="]), texts.filter(bool))
        return st.one_of(choices)

    return st.sampled_from(sorted(PLAIN[model])).flatmap(conditions)


def link_leaf(model: str) -> Any:
    """Conditions on relations, by id and by name."""
    names = st.sampled_from(sorted(COMODELS[model]))
    ids = st.integers(-1, 7)
    named = st.sampled_from([name for name in COMODELS[model] if name != "own_place_id"])
    return st.one_of(
        st.tuples(names, EQUALITY, or_unset(ids | texts)),
        st.tuples(names, IN, st.lists(or_unset(ids | texts), max_size=3)),
        st.tuples(named, PATTERN, texts),
        st.tuples(names, HIERARCHY, or_unset(ids) | texts | st.lists(ids, max_size=2)),
        st.tuples(st.just("id"), EQUALITY | COMPARISON, ids),
        st.tuples(st.just("id"), IN, st.lists(or_unset(ids), max_size=3)),
        st.tuples(st.just("id"), HIERARCHY, ids) if model != "t.line" and model != "t.item" else st.nothing(),
    )


def leaf(model: str, depth: int) -> Any:
    """Conditions on `model`, at most `depth` relations deep."""
    choices = [plain_leaf(model), link_leaf(model)]
    if model == "t.item":
        choices.append(st.tuples(st.sampled_from(sorted(UNSET_ONLY)), EQUALITY, st.just(False)))
        choices.append(st.tuples(st.just("link"), EQUALITY, or_unset(st.just("t.place,2"))))
        choices.append(st.tuples(st.just("double"), EQUALITY, st.sampled_from([2, 4, 3])))
    if depth:
        relations = st.sampled_from(sorted(COMODELS[model]))
        choices.append(relations.flatmap(lambda name: path(name, COMODELS[model][name], depth - 1)))
        choices.append(
            relations.flatmap(
                lambda name: st.tuples(
                    st.just(name), ANY, st.deferred(lambda: domains(COMODELS[model][name], depth - 1))
                )
            )
        )
    return st.one_of(choices)


def path(name: str, comodel: str, depth: int) -> Any:
    """Conditions along a path that starts with the relation `name`."""
    return st.deferred(lambda: leaf(comodel, depth)).map(lambda inner: (f"{name}.{inner[0]}", *inner[1:]))


def domains(model: str, depth: int = 2) -> Any:
    """Domains in prefix notation."""
    one = leaf(model, depth).map(lambda condition: [condition])
    return st.recursive(
        one,
        lambda inner: st.one_of(
            inner.map(lambda domain: list(~Domain(domain))),
            st.tuples(inner, inner).map(lambda pair: list(Domain.AND(pair))),
            st.tuples(inner, inner).map(lambda pair: list(Domain.OR(pair))),
        ),
        max_leaves=4,
    )


def ids_found(env: Any, model: str, domain: Any) -> tuple[set[int], set[int]]:
    """What the database and Python find."""
    records = env[model]
    everything = records.browse(records.with_context(active_test=False).search([]).ids)
    table = records._sql_table()
    ids = env.cr.execute(sa.select(table.c.id).where(to_sql(domain, records, table))).scalars()
    test = to_predicate(domain, records)
    return set(ids), {record.id for record in everything if test(record)}


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(COMODELS))
@pytest.mark.parametrize("seed", range(3))
def test_database_and_python_agree(world: Any, model: str, seed: int, chance: Random) -> None:
    telling = 0
    context = {"allowed_company_ids": [1], "active_test": seed != 1}
    with world.env(context=context) as env:
        env["res.company"].create({"name": "One"})
        create(env, dataset(seed))
        env.invalidate_all()

        @run_settings(40, phases=tuple(Phase))
        @given(domains(model))
        def agree(domain: Any) -> None:
            nonlocal telling
            by_database, in_python = ids_found(env, model, domain)
            assert by_database == in_python
            telling += 0 < len(by_database) < COUNT
            again = to_predicate(optimize(domain, env[model]), env[model])
            assert {record.id for record in env[model].browse(sorted(by_database)) if again(record)} == by_database

        seeded(agree, chance, f"{model} {seed}")()
    # Two sides that find nothing, or everything, agree easily.
    assert telling >= 5
