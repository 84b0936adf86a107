"""core.exceptions: codes and statuses are stable, and errors survive pickling."""

from __future__ import annotations

import json
import pickle
from datetime import date
from decimal import Decimal

import pytest

from core import exceptions
from core.i18n import _, translate


def tree(cls):
    return [cls] + [deeper for sub in cls.__subclasses__() for deeper in tree(sub)]


# Only this module's own classes: other parts derive theirs in their own files.
OURS = [cls for cls in tree(exceptions.StillageError) if cls.__module__ == exceptions.__name__]


@pytest.mark.parametrize("cls", OURS)
def test_every_error_has_a_code_a_status_and_a_docstring(cls):
    assert cls.code
    assert 400 <= cls.http_status < 600
    assert cls.__doc__


def test_codes_are_unique():
    codes = [cls.code for cls in OURS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("cls", OURS)
def test_errors_survive_pickling(cls):
    first = cls("broken", data={"id": 3})
    error = pickle.loads(pickle.dumps(first))
    assert (type(error), error.message, error.data) == (cls, "broken", first.data)
    assert error.data["id"] == 3


def test_the_data_of_an_error_are_the_values_in_its_message():
    text = _("%(order)s needs %(quantity)s %(unit)s", order="WH/OUT/1", quantity=Decimal("2.5"), unit="m")
    values = {"order": "WH/OUT/1", "quantity": "2.5", "unit": "m"}
    assert exceptions.UserError(text).data == values
    error = exceptions.UserError(translate(text, "en_US"))
    assert error.data == values
    assert error.message == "WH/OUT/1 needs 2.5 m"
    assert pickle.loads(pickle.dumps(error)).data == values
    assert exceptions.UserError(text, data={"order": 7}).data == {"order": 7}
    assert exceptions.UserError(text, data={}).data == {}
    assert exceptions.UserError("no").data == {}


def test_the_data_of_an_error_are_json_whatever_the_message_names():
    quantities = [Decimal("2.500000"), {"of": (Decimal("1E+1"), None)}]
    text = _(
        "%(lot)s %(late)s %(count)s %(day)s %(sizes)s",
        lot=None,
        late=True,
        count=3,
        day=date(2026, 5, 4),
        sizes=quantities,
    )
    data = exceptions.UserError(text).data
    values = {"lot": None, "late": True, "count": 3, "day": "2026-05-04", "sizes": ["2.5", {"of": ["10", None]}]}
    assert data == json.loads(json.dumps(data)) == values


def test_one_error_may_carry_its_own_code():
    assert exceptions.UserError("no", code="nothing_to_do").code == "nothing_to_do"
    assert exceptions.UserError.code == "user_error"


def test_a_validation_error_names_its_fields():
    assert exceptions.ValidationError("no", fields=("name", "date")).fields == ["name", "date"]


def test_an_addon_error_starts_with_the_place_to_look_at():
    error = exceptions.DataFileError("no such model", addon="sales", file="data/x.xml", line=7)
    assert str(error) == "sales: data/x.xml:7: no such model"
    assert error.message == "no such model"
    assert str(exceptions.HookError("bad")) == "bad"
