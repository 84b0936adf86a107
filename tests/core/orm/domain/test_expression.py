"""The notation and the algebra of domains."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import ValidationError
from core.orm.domain import Domain

A = Domain("a", "=", 1)
B = Domain("b", "ilike", "x")
C = Domain("c", "in", [1, 2])


class Records:
    """As much of a recordset as a domain looks at."""

    def __init__(self, *ids: int) -> None:
        self._ids = ids
        self.ids = list(ids)


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ([], Domain.TRUE),
        ([("a", "=", 1)], A),
        ([["a", "=", 1]], A),
        ([("a", "=", 1), ("b", "ilike", "x")], A & B),
        (["&", ("a", "=", 1), ("b", "ilike", "x")], A & B),
        (["|", ("a", "=", 1), ("b", "ilike", "x")], A | B),
        (["|", ("a", "=", 1), ("b", "ilike", "x"), ("c", "in", [1, 2])], (A | B) & C),
        (["|", "&", ("a", "=", 1), ("b", "ilike", "x"), ("c", "in", (1, 2))], (A & B) | C),
        (["!", "|", ("a", "=", 1), ("b", "ilike", "x")], ~A & ~B),
        (["!", ("a", "=", 1), ("b", "ilike", "x")], ~A & B),
        ([(1, "=", 1)], Domain.TRUE),
        ([(0, "=", 1)], Domain.FALSE),
        (["|", (0, "=", 1), ("a", "=", 1)], A),
        ([A, ("b", "ilike", "x")], A & B),
        ([("a", "==", 1), ("b", "<>", 2)], A & Domain("b", "!=", 2)),
        ([("a", "NOT IN", [1])], Domain("a", "not in", [1])),
        ([("a", "=", [1, 2])], Domain("a", "in", [1, 2])),
        ([("a", "!=", (1, 2))], Domain("a", "not in", [1, 2])),
        ([("a", "=", None)], Domain("a", "=", False)),
        ([("a", "in", [None, 3])], Domain("a", "in", [False, 3])),
        ([("a", "in", {3})], Domain("a", "in", [3])),
        ([("a", "in", Records(4, 5))], Domain("a", "in", [4, 5])),
        ([("a", "=", Records(4))], Domain("a", "=", 4)),
        ([("a", "=", Records())], Domain("a", "=", False)),
        ([("a", "!=", Records(4, 5))], Domain("a", "not in", [4, 5])),
        ([("a", "child_of", Records(4, 5))], Domain("a", "child_of", [4, 5])),
    ],
)
def test_lists_in_prefix_notation_are_read(notation: list, expected: Domain) -> None:
    assert Domain(notation) == expected


@pytest.mark.parametrize(
    ("notation", "words"),
    [
        (["a", "=", 1], ["['a', '=', 1] is one condition"]),
        (["a", ("b", "=", 1)], ["element 0", "'a'"]),
        ([("a", "=")], ["('a', '=')"]),
        ([("a", "=", 1), 7], ["element 1", "7"]),
        (["|", ("a", "=", 1)], ["'|'", "element 0", "two conditions", "has 1"]),
        (["!"], ["'!'", "one condition", "has none"]),
        ([("a", "=>", 1)], ["unknown operator '=>'", "('a', '=>', 1)"]),
        ([("a", None, 1)], ["unknown operator None"]),
        ([(3, "=", 1)], ["(3, '=', 1)", "the field must be a name"]),
        ([("", "=", 1)], ["the field must be a name"]),
        ([("a..b", "=", 1)], ["'a..b'", "single dots"]),
        ([("a", "in", 5)], ["('a', 'in', 5)", "a list of values"]),
        ([("a", "in", "done")], ["a list of values"]),
        ([("a", "in", Decimal(3))], ["a list of values"]),
        ([("a", "<", [1])], ["'<' takes one value"]),
        ([("a", "any", 5)], ["'any' takes a domain"]),
        ([("a", "any", [("b", "?", 5)])], ["unknown operator '?'"]),
        ([("a", "any!", [])], ["any!", "is for code"]),
        ([("a", " ANY! ", [])], ["is for code"]),
        ([("a", "any", [("b", "not any!", [])])], ["not any!", "is for code"]),
    ],
)
def test_what_is_malformed_is_named(notation: list, words: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        Domain(notation)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("source", [7, "a", None, {"a": 1}, object()])
def test_only_lists_are_domains(source: object) -> None:
    with pytest.raises(ValidationError, match="A domain is a list"):
        Domain(source)
    with pytest.raises(ValidationError):
        Domain("a", "=")


def test_constants_disappear() -> None:
    true, false = Domain.TRUE, Domain.FALSE
    assert (A & true) is A and (A | false) is A
    assert (A & false) is false and (A | true) is true
    assert ~true is false and ~false is true
    assert Domain.AND([]) is true and Domain.OR([]) is false
    assert Domain(True) is true and Domain(False) is false and Domain() is true
    assert list(true) == [] and list(false) == [(0, "=", 1)]
    assert not true and false and A
    assert true.is_true() and false.is_false() and not A.is_true()


def test_groups_are_flat_and_lists_may_stand_in() -> None:
    assert (A & B) & C == A & (B & C) == Domain.AND([A, B, C]) == Domain.AND([[*A], B, [*C]])
    assert list(A | B | C) == ["|", *A, "|", *B, *C]
    assert A & [("b", "ilike", "x")] == A & B == list(A) & B
    assert A + list(B) == list(A) + B == A & B
    with pytest.raises(TypeError):
        A & 5


@pytest.mark.parametrize(
    ("operator", "opposite"),
    [
        ("=", "!="),
        ("in", "not in"),
        ("like", "not like"),
        ("ilike", "not ilike"),
        ("=like", "not =like"),
        ("=ilike", "not =ilike"),
        ("any", "not any"),
    ],
)
def test_negation_moves_into_the_operator(operator: str, opposite: str) -> None:
    value = [] if "any" in operator else [1] if operator == "in" else "x"
    assert ~Domain("a", operator, value) == Domain("a", opposite, value)
    assert ~Domain("a", opposite, value) == Domain("a", operator, value)


@pytest.mark.parametrize("leaf", [("a", "<", 1), ("a.b", "=", 1), ("a", "child_of", 3), ("a", "=?", 3)])
def test_what_has_no_opposite_keeps_its_negation(leaf: tuple) -> None:
    domain = Domain(*leaf)
    assert list(~domain) == ["!", leaf]
    assert ~~domain is domain
    assert Domain(["!", leaf]) == ~domain != domain
    assert hash(Domain(["!", leaf])) == hash(~domain)


def test_equality_tells_numbers_from_truth_values() -> None:
    assert Domain("a", "=", 1) != Domain("a", "=", True)
    assert Domain("a", "in", [0]) != Domain("a", "in", [False])
    assert {Domain("a", "=", 1), Domain([("a", "=", 1)])} == {A}
    assert A != [("a", "=", 1)]


def test_domains_cannot_be_changed() -> None:
    for domain in (A, A & B, ~Domain("a", "<", 1), Domain.TRUE):
        with pytest.raises(AttributeError):
            domain.value = 3
        with pytest.raises(AttributeError):
            domain.anything = 3
        assert copy.deepcopy(domain) is domain
        assert pickle.loads(pickle.dumps(domain)) == domain


def test_code_may_look_past_access_rules_and_lists_may_not() -> None:
    domain = Domain("a", "any!", Domain("b", "not any!", [("c", "=", 1)]))
    assert pickle.loads(pickle.dumps(domain)) == domain
    for operator in ("any", "any!", "ANY!"):
        with pytest.raises(ValidationError, match="is for code"):
            Domain("a", operator, [("b", "any!", [])])
    with pytest.raises(ValidationError, match="is for code"):
        Domain(list(domain))


def test_conditions_can_be_walked_and_replaced() -> None:
    domain = A & ~Domain("b", "<", 3) | C
    assert [leaf.field_expr for leaf in domain.iter_conditions()] == ["a", "b", "c"]
    renamed = domain.map_conditions(lambda leaf: Domain("x." + leaf.field_expr, leaf.operator, leaf.value))
    assert renamed == Domain("x.a", "=", 1) & ~Domain("x.b", "<", 3) | Domain("x.c", "in", [1, 2])


leaves = st.builds(
    lambda name, pair: (name, *pair),
    st.sampled_from(["a", "b.c"]),
    st.sampled_from([("=", 1), ("<", 2), ("in", [3]), ("not ilike", "x"), ("child_of", [2]), ("any", [("x", "=", 1)])]),
)
domains = st.recursive(
    leaves.map(lambda leaf: Domain(*leaf)) | st.sampled_from([Domain.TRUE, Domain.FALSE]),
    lambda inner: (
        inner.map(lambda d: ~d)
        | st.lists(inner, max_size=3).map(Domain.AND)
        | st.lists(inner, max_size=3).map(Domain.OR)
    ),
)


@given(domains)
def test_a_domain_survives_its_notation(domain: Domain) -> None:
    again = Domain(list(domain))
    assert again == domain and hash(again) == hash(domain)
    assert ~~domain == domain
    assert eval(repr(domain), {"Domain": Domain}) == domain
