"""Test databases are what tests asked for, and nothing of one test reaches the next."""

import pytest

from core.testing.databases import AddonSet
from core.testing.queries import max_queries


@pytest.mark.both_dialects("locking")
def test_a_database_is_the_tests_own(db):
    """What is committed here is not seen by the next test (below)."""
    with db.transaction() as env:
        assert env["res.partner"].search_count([("name", "=", "Left behind")]) == 0
        env["res.partner"].create({"name": "Left behind"})


@pytest.mark.both_dialects("locking")
def test_a_database_is_the_tests_own_again(db):
    """See above."""
    with db.transaction() as env:
        assert env["res.partner"].search_count([("name", "=", "Left behind")]) == 0


@pytest.mark.both_dialects("locking")
@pytest.mark.parametrize("attempt", [1, 2])
def test_an_environment_is_rolled_back(env, attempt):
    """Though the two share a database."""
    assert env["res.partner"].search_count([("name", "=", "Rolled back")]) == 0
    env["res.partner"].create({"name": "Rolled back"})
    env.flush_all()


@pytest.mark.dialects("sqlite")
@pytest.mark.addons("base", demo=True)
def test_demo_data_is_there_when_asked_for(env, addon_set):
    """The marker says which addons, and whether with demo data."""
    assert addon_set == AddonSet(("base",), demo=True)
    assert env["ir.addon"].search([("name", "=", "base")]).demo


@pytest.mark.both_dialects("locking")
def test_the_dialect_is_the_databases(env, dialect):
    """Tests run once per kind of database."""
    assert env.cr.dialect == dialect


@pytest.mark.dialects("postgresql")
def test_a_test_can_be_for_one_kind_only(dialect):
    """As the marker says."""
    assert dialect == "postgresql"


def test_too_many_statements_are_listed(env):
    """The message shows what was run how often; buffered writes count."""
    partners = env["res.partner"].create([{"name": f"P{n}"} for n in range(10)])
    with max_queries(env, 5):
        partners.write({"email": "x@example.com"})
    with pytest.raises(AssertionError, match=r"(?s)statements instead of at most 2.*res_partner"):
        with max_queries(env, 2):
            for partner in partners:
                partner.email = f"{partner.id}@example.com"
                env.flush_all()
