"""Domains have a size: what no database takes in one statement is refused while the list is read."""

import pytest

from core.exceptions import TooComplex, ValidationError
from core.orm.domain import Domain

pytestmark = pytest.mark.dialects("sqlite")


def nested(depth, path="child_ids"):
    """`any` within `any`."""
    domain = [["name", "=", "x"]]
    for _level in range(depth):
        domain = [[path, "any", domain]]
    return domain


@pytest.mark.parametrize(
    "domain",
    [
        [["name", "=", "x"]] * 1001,
        [["child_ids", "any", [["name", "=", "x"]] * 600]] * 2,
        ["!"] * 2001,
        [["parent_id." * 400 + "name", "=", "x"]],
        nested(60),
        nested(5000),
        nested(4, "parent_id.child_ids.parent_id.child_ids"),
    ],
    ids=["conditions", "conditions within", "operators", "path", "within", "deep within", "paths within"],
)
def test_a_domain_beyond_the_bounds_is_refused(domain):
    with pytest.raises(ValidationError, match="at most"):
        Domain(domain)


def test_a_domain_within_the_bounds_is_searched(env):
    partners = env["res.partner"]
    assert not partners.search(["|"] * 499 + [["name", "=", "nobody"]] * 500)
    assert not partners.search([["parent_id." * 7 + "name", "=", "nobody"]])
    assert not partners.search(nested(7))


def test_what_the_database_cannot_take_is_no_defect(env):
    """SQLite has limits of its own, as on the depth of subqueries and on patterns; each is said in words."""
    deep = Domain("name", "=", "x")
    for _level in range(40):
        deep = Domain("parent_id", "any", deep)
    for domain in (deep, [["name", "ilike", "a" * 60_000]]):
        with pytest.raises(TooComplex) as caught:
            env["res.partner"].search(domain)
        assert caught.value.http_status == 422


@pytest.mark.parametrize("model, field", [("res.users", "id"), ("res.users", "parent_id"), ("res.country", "id")])
def test_child_of_asks_nothing_of_what_has_no_tree(env, model, field):
    """Users take the parent over from their contact: there is no tree of users, and the roots are all there is."""
    if field in env[model]._fields:
        env[model].search([(field, "child_of", [1, 2])])
        env[model].search([(field, "parent_of", [1, 2])])
