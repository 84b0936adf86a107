"""core.db.schema: what differs is found, said, and made right without losing a row."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from core.db import schema
from core.db.errors import ConstraintViolation
from core.db.transaction import Cursor
from core.db.types import ExactNumeric, Json, UtcDateTime
from core.exceptions import SchemaError

pytestmark = pytest.mark.both_dialects("schema")

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def column(name, type_, **options):
    return sa.Column(name, type_, **options)


def reference(name, target, table="line", ondelete=None, **options):
    key = sa.ForeignKey(
        f"{target}.id", name=f"fk_{table}_{name}", ondelete=ondelete, deferrable=True, initially="DEFERRED"
    )
    return sa.Column(name, ID, key, **options)


def table(metadata, name, *members):
    return sa.Table(
        name, metadata, sa.Column("id", ID, primary_key=True, autoincrement=True), *members, sqlite_autoincrement=True
    )


def base(order_extra=(), without=()):
    """A metadata of orders, lines and tags; ``without`` names columns or constraints that are left out."""
    metadata = sa.MetaData()
    order = [
        column("name", sa.Text, nullable=False),
        column("total", ExactNumeric(4)),
        column("note", sa.String(20)),
        reference("parent_id", "order", "order", ondelete="SET NULL"),
        sa.CheckConstraint("total >= 0 OR name LIKE 'credit%'", name="order_total"),
        sa.UniqueConstraint("name", name="order_name"),
    ]
    line = [
        reference("order_id", "order", ondelete="CASCADE", nullable=False),
        reference("tag_id", "tag", ondelete="RESTRICT"),
        column("qty", ExactNumeric(6)),
    ]
    table(metadata, "order", *[m for m in order if m.name not in without], *order_extra)
    table(metadata, "line", *[m for m in line if m.name not in without])
    table(metadata, "tag", column("label", sa.Text), reference("line_id", "line", "tag"))
    return metadata


def install(engine, metadata, **options):
    with Cursor(engine) as cr:
        changes = schema.diff(cr.connection, metadata, managed_tables=options.pop("managed", None))
        pending = schema.apply(cr.connection, changes, **options)
    return changes, pending


def remaining(engine, metadata, managed=None):
    with Cursor(engine, readonly=True) as cr:
        return schema.render(schema.diff(cr.connection, metadata, managed_tables=managed))


def fill(engine):
    """Three orders, one the child of another, each with two lines, with tags that lines refer to and refer back."""
    with Cursor(engine) as cr:
        for number in (1, 2, 3):
            cr.execute(
                """INSERT INTO "order" (id, name, total, note, parent_id) VALUES (:id, :name, :total, 'n', :parent)""",
                {"id": number, "name": f"S{number}", "total": number, "parent": 1 if number == 3 else None},
            )
            for offset in (0, 1):
                key = {"id": number * 10 + offset, "order": number, "tag": number}
                cr.execute("INSERT INTO line (id, order_id, tag_id, qty) VALUES (:id, :order, :tag, 1500000)", key)
            cr.execute(
                "INSERT INTO tag (id, label, line_id) VALUES (:id, 'x', :line)", {"id": number, "line": number * 10}
            )


def content(engine):
    """All keys and references."""
    with Cursor(engine, readonly=True) as cr:
        return [
            sorted(map(tuple, cr.execute(text)))
            for text in (
                'SELECT id, name, coalesce(parent_id, 0) FROM "order"',
                "SELECT id, order_id, tag_id FROM line",
                "SELECT id, line_id FROM tag",
            )
        ]


@pytest.fixture
def engine(empty):
    """A database without tables."""
    return empty


@pytest.fixture
def filled(engine):
    """A database with the base tables and rows."""
    install(engine, base())
    fill(engine)
    return engine


def upgrade(engine, metadata, **options):
    """Apply the difference and show that nothing else happened and nothing is left to do."""
    before = content(engine)
    changes, pending = install(engine, metadata, **options)
    assert not pending
    assert content(engine) == before
    assert remaining(engine, metadata) == ""
    with Cursor(engine) as cr:
        cr.check_foreign_keys()
    return [change.describe() for change in changes]


# ----------------------------------------------------------------------------- new tables


def test_new_tables_that_refer_to_one_another_are_made_in_one_go(engine):
    changes, pending = install(engine, base())
    assert [change.kind for change in changes] == ["create_table"] * 3
    assert not pending
    assert remaining(engine, base()) == ""
    fill(engine)


def test_every_kind_of_column_check_and_index_compares_equal_once_it_is_made(engine):
    def everything():
        metadata = sa.MetaData()
        types = [
            sa.Text, sa.String(64), sa.String, sa.Boolean, sa.Integer, ID, sa.Float, sa.Date, UtcDateTime(), Json(),
            sa.LargeBinary, ExactNumeric(0), ExactNumeric(6),
        ]  # fmt: skip
        table(
            metadata,
            "thing",
            *[column(f"c{number}", type_) for number, type_ in enumerate(types)],
            column("d", sa.Integer, nullable=False, server_default="5"),
            column("select", sa.Text),
            sa.CheckConstraint("c0 <> 'a, (b' AND c4 IN (1, 2)", name="awkward_check"),
            sa.CheckConstraint("c0 LIKE '%x%' OR c0 = 'it''s'", name="percent_check"),
            sa.UniqueConstraint("c0", "select", name="two_columns"),
            sa.Index("plain", "c0", "c4"),
            sa.Index("plain_unique", "c4", unique=True),
            sa.Index("expression", sa.text("lower(c0)")),
            sa.Index("descending", sa.text("c4 DESC"), "c0"),
            sa.Index("part", "c4", postgresql_where=sa.text("c3 IS TRUE"), sqlite_where=sa.text("c3 IS TRUE")),
            sa.Index("part_unique", "c0", unique=True, postgresql_where=sa.text("c0 LIKE '%a'"),
                     sqlite_where=sa.text("c0 LIKE '%a'")),
        )  # fmt: skip
        sa.Table(
            "rel",
            metadata,
            reference("a_id", "thing", "rel", ondelete="CASCADE", primary_key=True),
            reference("b_id", "thing", "rel", ondelete="CASCADE", primary_key=True),
            sa.Index("rel_back", "b_id", "a_id"),
        )
        return metadata

    install(engine, everything())
    assert remaining(engine, everything()) == ""


def test_a_rollback_undoes_it_all(engine):
    cr = Cursor(engine)
    schema.apply(cr.connection, schema.diff(cr.connection, base()))
    cr.rollback()
    assert "create table order" in remaining(engine, base())


# ----------------------------------------------------------------------------- new columns


def test_new_columns_get_their_server_default_in_rows_that_are_there(filled):
    upgrade(filled, base([column("state", sa.Text, nullable=False, server_default="draft")]))
    with Cursor(filled) as cr:
        assert set(cr.execute('SELECT state FROM "order"').scalars()) == {"draft"}


def test_a_new_reference_keeps_its_action_and_is_deferred(filled):
    lines = upgrade(filled, base([reference("tag_id", "tag", "order", ondelete="SET NULL")]))
    assert lines[-1] == "add foreign key fk_order_tag_id on order (tag_id) to tag, on delete set null"
    with Cursor(filled) as cr:
        cr.execute('UPDATE "order" SET tag_id = 77 WHERE id = 1')
        cr.execute("INSERT INTO tag (id) VALUES (77)")
    with Cursor(filled) as cr:
        cr.execute("DELETE FROM tag WHERE id = 77")
        assert cr.execute('SELECT tag_id FROM "order" WHERE id = 1').scalar() is None


def test_a_required_column_without_default_waits_until_rows_have_values(filled):
    metadata = base([column("state", sa.Text, nullable=False)])
    _, pending = install(filled, metadata)
    assert schema.render(pending) == "set not null order.state"
    assert remaining(filled, metadata) == "set not null order.state"
    assert schema.render(install(filled, metadata)[1]) == "set not null order.state"  # rows still lack it
    with Cursor(filled) as cr:
        cr.execute("""UPDATE "order" SET state = 'done'""")
        assert schema.apply(cr.connection, pending) == []
    assert remaining(filled, metadata) == ""
    with pytest.raises(ConstraintViolation) as caught, Cursor(filled) as cr:
        cr.execute("""INSERT INTO "order" (name) VALUES ('x')""")
    assert (caught.value.kind, caught.value.columns) == ("not_null", ("state",))


def test_a_required_column_of_an_empty_table_does_not_wait(engine):
    install(engine, base())
    metadata = base([column("state", sa.Text, nullable=False), reference("tag_id", "tag", "order", nullable=False)])
    assert install(engine, metadata)[1] == []
    assert remaining(engine, metadata) == ""


# ----------------------------------------------------------------------------- changed columns


def test_a_number_gets_more_decimals_and_keeps_its_value(filled):
    metadata = base([column("total", ExactNumeric(6))], without={"total"})
    with Cursor(filled) as cr:
        orders = base().tables["order"]
        cr.execute(sa.update(orders).values(total=Decimal("12.3456")))
    described = upgrade(filled, metadata)
    assert len(described) == 1
    assert "alter type order.total from" in described[0]
    with Cursor(filled) as cr:
        assert set(cr.execute(sa.select(metadata.tables["order"].c.total)).scalars()) == {Decimal("12.345600")}


@pytest.mark.parametrize(("value", "expected"), [("12.3456", "12.35"), ("-12.345", "-12.35"), ("-0.0049", "0")])
def test_fewer_decimals_are_refused_unless_asked_for_and_then_rounded(filled, value, expected):
    metadata = base([column("qty", ExactNumeric(2))])
    orders = base([column("qty", ExactNumeric(4))])
    install(filled, orders)
    with Cursor(filled) as cr:
        cr.execute(sa.update(orders.tables["order"]).values(qty=Decimal(value)))
    with pytest.raises(SchemaError, match=r"alter type order\.qty") as caught:
        install(filled, metadata)
    assert caught.value.code == "destructive_schema_change"
    assert upgrade(filled, metadata, allow_destructive=True)
    with Cursor(filled) as cr:
        assert set(cr.execute(sa.select(metadata.tables["order"].c.qty)).scalars()) == {Decimal(expected)}


@pytest.mark.parametrize(
    ("old", "new", "value", "expected"),
    [
        (sa.Integer(), ExactNumeric(3), 7, Decimal("7.000")),
        (sa.Integer(), sa.BigInteger(), 7, 7),
        (sa.String(5), sa.String(9), "abcde", "abcde"),
        (sa.String(5), sa.Text(), "abcde", "abcde"),
        (sa.Boolean(), sa.Integer(), True, 1),
        (ExactNumeric(2), sa.Text(), Decimal("-1.05"), "-1.05"),
        (sa.Integer(), sa.Text(), -12, "-12"),
    ],
)
def test_widening_is_no_loss(filled, old, new, value, expected):
    before, after = base([column("x", old)]), base([column("x", new)])
    install(filled, before)
    with Cursor(filled) as cr:
        cr.execute(sa.update(before.tables["order"]).values(x=value))
    upgrade(filled, after)
    with Cursor(filled) as cr:
        assert set(cr.execute(sa.select(after.tables["order"].c.x)).scalars()) == {expected}


@pytest.mark.parametrize(
    ("old", "new", "value", "expected"),
    [
        (sa.Text(), sa.String(3), "abcde", "abc"),
        (sa.Text(), sa.Integer(), "12", 12),
        (sa.Float(), ExactNumeric(2), 1.256, Decimal("1.26")),
        (ExactNumeric(2), sa.Integer(), Decimal("2.50"), 3),
        (ExactNumeric(2), sa.Float(), Decimal("2.50"), 2.5),
        (sa.Integer(), sa.Boolean(), 5, True),
    ],
)
def test_narrowing_is_destructive(filled, old, new, value, expected):
    before, after = base([column("x", old)]), base([column("x", new)])
    install(filled, before)
    with Cursor(filled) as cr:
        cr.execute(sa.update(before.tables["order"]).values(x=value))
    with pytest.raises(SchemaError, match="lose stored values"):
        install(filled, after)
    upgrade(filled, after, allow_destructive=True)
    with Cursor(filled) as cr:
        assert set(cr.execute(sa.select(after.tables["order"].c.x)).scalars()) == {expected}


def test_text_and_varchar_are_the_same(filled):
    install(filled, base([column("x", sa.Text)]))
    assert remaining(filled, base([column("x", sa.String)])) == ""


def test_columns_become_required_and_optional_again(filled):
    required, optional = base([column("x", sa.Text, nullable=False)]), base([column("x", sa.Text)])
    install(filled, optional)
    with Cursor(filled) as cr:
        cr.execute("""UPDATE "order" SET x = 'a'""")
    assert upgrade(filled, required) == ["set not null order.x"]
    assert upgrade(filled, optional) == ["drop not null order.x"]


def test_required_with_a_server_default_fills_the_rows_that_lack_a_value(filled):
    install(filled, base([column("x", sa.Text)]))
    upgrade(filled, base([column("x", sa.Text, nullable=False, server_default="it's")]))
    with Cursor(filled) as cr:
        assert set(cr.execute('SELECT x FROM "order"').scalars()) == {"it's"}


@pytest.mark.dialects("postgresql")  # SQLite casts any text to a number
def test_a_text_that_is_no_number_cannot_become_one(filled):
    install(filled, base([column("x", sa.Text)]))
    with Cursor(filled) as cr:
        cr.execute("""UPDATE "order" SET x = 'abc'""")
    with pytest.raises(SchemaError, match=r"refused to alter type order\.x"):
        install(filled, base([column("x", sa.Integer)]), allow_destructive=True)


# ----------------------------------------------------------------------------- what goes


def test_dropping_a_column_needs_leave(filled):
    with pytest.raises(SchemaError, match=r"drop column order\.note"):
        install(filled, base(without={"note"}))
    assert content(filled)[0]
    upgrade(filled, base(without={"note"}), allow_destructive=True)


def test_a_column_that_stays_is_required_no_more(filled):
    install(filled, base([column("x", sa.Text, nullable=False, server_default="a")]))
    metadata = base()
    with Cursor(filled) as cr:
        cr.execute("""UPDATE "order" SET x = 'b'""")
        changes = schema.diff(cr.connection, metadata)
        assert [change.kind for change in changes] == ["drop_column"]  # its default serves
    install(filled, base([column("y", sa.Text, nullable=False)]), allow_destructive=True)
    with Cursor(filled) as cr:
        cr.execute("""UPDATE "order" SET y = 'b'""")
    install(filled, base([column("y", sa.Text, nullable=False)]))
    with Cursor(filled) as cr:
        changes = schema.diff(cr.connection, metadata)
        assert [change.kind for change in changes] == ["drop_not_null", "drop_column"]
        schema.apply(cr.connection, [change for change in changes if not change.destructive])
        cr.execute("""INSERT INTO "order" (id, name) VALUES (9, 'without y')""")
        assert cr.execute('SELECT count(y) FROM "order"').scalar() == 3


def test_a_column_with_reference_index_and_check_can_be_dropped(filled):
    extra = [
        reference("tag_id", "tag", "order"),
        column("size", sa.Integer),
        sa.CheckConstraint("size > 0", name="order_size"),
        sa.UniqueConstraint("size", "tag_id", name="order_size_tag"),
        sa.Index("order_tag", "tag_id"),
    ]
    install(filled, base(extra))
    upgrade(filled, base(), allow_destructive=True)


def test_tables_are_dropped_only_when_they_are_ours_and_with_leave(filled):
    with Cursor(filled) as cr:
        cr.execute("CREATE TABLE foreign_thing (a INTEGER)")
    metadata = base([reference("tag_id", "tag", "order")])
    upgrade(filled, metadata)
    smaller = sa.MetaData()
    for name in ("order", "line"):
        members = [c._copy() for c in base().tables[name].c if c.name not in ("id", "tag_id", "order_id", "parent_id")]
        table(smaller, name, *members)
    managed = {"order", "line", "tag", "never_there"}
    with pytest.raises(SchemaError, match="drop table tag"):
        install(filled, smaller, managed=managed)
    with Cursor(filled) as cr:
        rows = cr.execute("SELECT count(*) FROM line").scalar()
    install(filled, smaller, managed=managed, allow_destructive=True)
    assert remaining(filled, smaller, managed) == ""
    with Cursor(filled) as cr:
        assert cr.execute("SELECT count(*) FROM line").scalar() == rows
        assert cr.execute("SELECT count(*) FROM foreign_thing").scalar() == 0


def test_a_reference_to_a_table_that_goes_is_dropped_even_if_its_column_stays(filled):
    metadata = base(without={"tag_id"})
    metadata.remove(metadata.tables["tag"])
    with Cursor(filled) as cr:
        changes = schema.diff(cr.connection, metadata, managed_tables={"tag"})
        kept = [change for change in changes if change.kind != "drop_column"]
        schema.apply(cr.connection, kept, allow_destructive=True)
    with Cursor(filled) as cr:
        cr.execute("INSERT INTO line (order_id, tag_id) VALUES (1, 999)")
        assert cr.execute("SELECT count(tag_id) FROM line").scalar() == 7


# ----------------------------------------------------------------------------- constraints and indexes


def test_checks_are_compared_by_their_text(filled):
    first = base([column("x", sa.Integer), sa.CheckConstraint("x > 0", name="order_x")])
    second = base([column("x", sa.Integer), sa.CheckConstraint("x > 5", name="order_x")])
    upgrade(filled, first)
    assert [line.split()[0] for line in upgrade(filled, second)] == ["drop", "add"]
    with pytest.raises(ConstraintViolation) as caught, Cursor(filled) as cr:
        cr.execute('UPDATE "order" SET x = 3')
    assert (caught.value.kind, caught.value.table, caught.value.constraint) == ("check", "order", "order_x")
    assert upgrade(filled, base([column("x", sa.Integer)])) == ["drop check order_x on order (x > 5)"]


def test_a_check_that_rows_break_is_refused_by_name(filled):
    before = content(filled)
    with pytest.raises(SchemaError, match="add check order_total2"):
        install(filled, base([sa.CheckConstraint("total > 1000000000", name="order_total2")]))
    assert content(filled) == before


def test_uniques_are_compared_by_name_and_columns(filled):
    upgrade(filled, base([column("x", sa.Text), sa.UniqueConstraint("x", name="order_x")]))
    upgrade(filled, base([column("x", sa.Text), sa.UniqueConstraint("x", "name", name="order_x")]))
    with pytest.raises(ConstraintViolation) as caught, Cursor(filled) as cr:
        cr.execute("""UPDATE "order" SET x = 'a', name = 'b'""")
    assert caught.value.kind == "unique"
    upgrade(filled, base([column("x", sa.Text)]))


def test_partial_indexes_are_compared_by_their_condition(filled):
    def with_index(condition, unique=False):
        where = sa.text(condition)
        return base([sa.Index("order_part", "note", unique=unique, postgresql_where=where, sqlite_where=where)])

    upgrade(filled, with_index("total > 5"))
    assert len(upgrade(filled, with_index("total > 6"))) == 2
    assert len(upgrade(filled, with_index("total > 6", unique=True))) == 2
    assert len(upgrade(filled, base([sa.Index("order_part", "note")]))) == 2
    assert len(upgrade(filled, base([sa.Index("order_part", sa.text("lower(note)"))]))) == 2
    assert upgrade(filled, base()) == ["drop index order_part on order"]


def test_the_action_of_a_foreign_key_can_change(filled):
    metadata = base([reference("parent_id", "order", "order", ondelete="CASCADE")], without={"parent_id"})
    assert len(upgrade(filled, metadata)) == 2
    with Cursor(filled) as cr:
        cr.execute("UPDATE tag SET line_id = NULL")
        cr.execute('DELETE FROM "order" WHERE id = 1')
    assert [row[0] for row in content(filled)[0]] == [2]


def test_a_foreign_key_can_come_and_go_on_a_column_that_stays(filled):
    bare = base([column("parent_id", ID)], without={"parent_id"})
    # SQLite does not give the names of foreign keys away.
    name = "" if filled.dialect.name == "sqlite" else "fk_order_parent_id on "
    assert upgrade(filled, bare) == [f"drop foreign key {name}order (parent_id) to order"]
    assert upgrade(filled, base()) == [
        "add foreign key fk_order_parent_id on order (parent_id) to order, on delete set null"
    ]


def test_indexes_and_counters_survive_making_a_table_anew(filled):
    extra = [column("x", sa.Integer), sa.Index("order_x", "x"), sa.Index("order_lower", sa.text("lower(name)"))]
    install(filled, base(extra))
    with Cursor(filled) as cr:
        cr.execute('DELETE FROM "order" WHERE id = 3')
        cr.execute("UPDATE tag SET line_id = NULL WHERE line_id = 30")
    extra = [column("z", sa.Text), column("x", ExactNumeric(2)), sa.Index("order_x", "x")]
    upgrade(filled, base([*extra, sa.Index("order_lower", sa.text("lower(name)"))]))
    with Cursor(filled) as cr:
        if cr.dialect == "sqlite":
            new = cr.execute("""INSERT INTO "order" (name) VALUES ('new') RETURNING id""").scalar()
            assert new == 4  # ids are not given out twice, even that of the deleted last row


def test_rows_written_in_the_same_transaction_do_not_hinder_a_change(filled):
    metadata = base([column("state", sa.Text, nullable=False)])
    with Cursor(filled) as cr:
        pending = schema.apply(cr.connection, schema.diff(cr.connection, metadata))
        cr.execute("""UPDATE "order" SET state = 'a', parent_id = 2""")
        cr.execute("INSERT INTO line (id, order_id) VALUES (90, 1)")
        assert schema.apply(cr.connection, pending) == []
        cr.execute("INSERT INTO line (id, order_id) VALUES (91, 2)")
    assert remaining(filled, metadata) == ""
    assert len(content(filled)[1]) == 8


@pytest.mark.dialects("sqlite")  # PostgreSQL checks before it alters a table
def test_a_violation_made_before_a_table_is_made_anew_still_fails_the_commit(filled):
    cr = Cursor(filled)
    cr.execute("INSERT INTO line (id, order_id) VALUES (90, 12345)")
    schema.apply(cr.connection, schema.diff(cr.connection, base([sa.CheckConstraint("id > 0", name="order_id")])))
    with pytest.raises(ConstraintViolation, match="12345"):
        cr.commit()
    assert len(content(filled)[1]) == 6


def test_ten_thousand_rows_survive(filled):
    with Cursor(filled) as cr:
        orders, lines = base().tables["order"], base().tables["line"]
        cr.execute(sa.insert(orders), [{"id": n, "name": f"N{n}", "parent_id": n - 1} for n in range(4, 5000)])
        cr.execute(sa.insert(lines), [{"id": n, "order_id": n // 3} for n in range(1000, 14000)])
    upgrade(filled, base([sa.CheckConstraint("id > 0", name="order_positive")]))


# ----------------------------------------------------------------------------- words


def test_changes_are_described_one_a_line(engine):
    install(engine, base())
    metadata = base([column("x", sa.Integer), sa.Index("order_x", "x", unique=True)], without={"note"})
    text = remaining(engine, metadata)
    integer = "VARCHAR(20)" if engine.dialect.name == "sqlite" else "character varying(20)"
    assert text.splitlines() == [
        "add column order.x INTEGER",
        f"drop column order.note {integer}  -- stored values may be lost",
        "create index order_x on order unique (x)",
    ]
