"""Expressions stored as data are evaluated, and nothing else."""

from __future__ import annotations

import time

import pytest

from core.base.services.evaluation import ExpressionError, evaluate, names_in


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[('company_id', 'in', company_ids)]", [("company_id", "in", [1, 2])]),
        ("['|', ('a', '=', False), ('b', '=', -uid)]", ["|", ("a", "=", False), ("b", "=", -7)]),
        ("uid + 1 if uid > 5 else None", 8),
        ("not uid or uid in (7, 8) and uid is not None", True),
        ("{'a': [1, 2][0], 'b': {3}}", {"a": 1, "b": {3}}),
        ("1 < uid < 9", True),
        (" 'x'.upper() ", "X"),
    ],
)
def test_an_expression_has_its_python_value(expression, value):
    assert evaluate(expression, {"uid": 7, "company_ids": [1, 2]}) == value


def test_time_may_be_asked_for_the_date():
    assert evaluate("time.strftime('%Y')", {"time": time}) == time.strftime("%Y")


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "uid.__class__",
        "(lambda: 1)()",
        "[x for x in company_ids]",
        "time.sleep(1)",
        "'a' ** 9",
        "f'{uid}'",
        "unknown",
        "{**{}}",
        "1 +",
        "open('/etc/passwd')",
    ],
)
def test_what_is_not_needed_is_refused(expression):
    with pytest.raises(ExpressionError):
        evaluate(expression, {"uid": 7, "company_ids": [1], "time": time})


@pytest.mark.parametrize(
    "expression",
    [
        "[1] * 1000000000", "1000000000 * 'a'", "'%0500000000d' % 1", "'%(a)500000000d' % {'a': 1}", "'%*d' % (9, 1)",
        "'a'.replace('a', 'aa')",
    ],
)  # fmt: skip
def test_a_short_expression_makes_no_long_value(expression):
    with pytest.raises(ExpressionError):
        evaluate(expression, {})


def test_text_is_formatted_and_numbers_are_multiplied():
    assert evaluate("{'default_type_id': '%s-%d' % ('a', 7), 'hours': 24 * 7 % 5}", {}) == {
        "default_type_id": "a-7", "hours": 3,
    }  # fmt: skip


def test_an_error_names_the_expression():
    with pytest.raises(ExpressionError, match=r"unknown name 'usr' .*in 'usr.id'"):
        evaluate("usr.id", {"user": 1})


def test_free_names_are_found():
    assert names_in("[('a', '=', user.id), ('b', '<', time.strftime('%Y'))]") == {"user", "time"}
