"""The page of the Shop Floor as a browser without scripts gets it: what it shows, does, refuses and costs."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from addons.inventory.testing import assert_stock_laws
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import board
from core.testing.client import document, open_session, words
from core.testing.queries import max_queries

ADDONS = ["manufacturing"]
DEMO = True
HTMX = {"HX-Request": "true"}


def confirmed(env, quantity, product="varnish"):
    """A confirmed order, of varnish (mixed, then filled) unless another product is named."""
    made = env.ref(f"manufacturing.product_product_{product}")
    order = env["mrp.production"].create({"product_id": made.id, "product_qty": quantity})
    order.action_confirm()
    return order


@pytest.fixture
def order(db):
    """The id of a confirmed order for ten units of varnish."""
    with db.transaction(login="admin") as env:
        return confirmed(env, 10).id


def mixing(db):
    """The address of the page of the work center Mixing."""
    with db.transaction() as env:
        return f"/app/shop-floor/{env.ref('manufacturing.mrp_workcenter_mixing').id}"


def labels(page):
    """What the tabs say."""
    return [" ".join(tab.text_content().split()) for tab in document(page).xpath("//nav[@aria-label='Work centers']/a")]


def version(page):
    """The version of the cards on a page."""
    return re.search(r'"version": "(\w+)"', page.text)[1]


def test_the_tabs_count_orders_and_open_work(client, db, order):
    with db.transaction(login="admin") as env:
        confirmed(env, 2, "table")
        confirmed(env, 3).workorder_ids[0].do_finish()
    page = client.get("/app/shop-floor")
    assert labels(page) == ["All 3", "Mixing 1", "Filling 2"]
    assert len(document(page).find_class("floor-card")) == 3


def test_the_page_has_no_id_twice_and_no_gap_in_its_headings(client, db, order):
    with db.transaction(login="admin") as env:
        closing = confirmed(env, 3).workorder_ids
        closing[0].do_finish()
        closing[1].do_finish()
        filling = closing[1].workcenter_id.id
    for address in ("/app/shop-floor", mixing(db), f"/app/shop-floor/{filling}"):
        page = document(client.get(address))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), address
        levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3 | //h4")]
        assert levels[0] == 1 and levels.count(1) == 1, (address, levels)
        assert all(after <= before + 1 for before, after in pairwise(levels)), (address, levels)


def test_the_card_of_an_operation_that_waits_offers_no_work(client, db, order):
    with db.transaction() as env:
        filling = env.ref("manufacturing.mrp_workcenter_filling").id
    page = client.get(f"/app/shop-floor/{filling}")
    assert "Waiting for Mix" in words(page)
    card = document(page).find_class("floor-card")[0]
    assert [button.text_content() for button in card.find_class("floor-foot")[0].iter("button")] == []
    assert all(button.get("disabled") is not None for button in card.iter("button")), "its steps wait too"


def test_units_registers_everything_and_mark_as_done_keeps_one_order(client, db, order):
    page = client.submit(client.get(mixing(db)), button="10 Units")
    assert "10 / 10 Units" in words(page)
    page = client.submit(page, button="Mark as Done")
    assert "is done: 10 Units" in words(page) and "No work here" in words(page)
    with db.transaction() as env:
        production = env["mrp.production"].browse(order)
        assert production.workorder_ids.mapped("state") == ["done", "ready"]
        assert len(production.production_group_id.production_ids) == 1
        assert_stock_laws(env)


def test_starting_is_not_registering(client, db, order):
    page = client.submit(client.get(mixing(db)), button="Start")
    text = words(page)
    assert "10 / 10" not in text and "Pause" in text
    page = client.submit(page, button="Pause")
    assert "Start" in words(page)
    assert "10 / 10" not in words(client.get("/app/shop-floor")), "nor on the card of the order"


def test_steps_are_ticked_off_and_taken_back(client, db, order):
    page = client.get(mixing(db))
    step = document(page).xpath("//button[contains(., 'Weigh the pigment')]")[0]
    page = client.post(mixing(db), data=pressed(page, step.get("value")), follow_redirects=True)
    with db.transaction() as env:
        done = env["mrp.production"].browse(order).workorder_ids[0].step_ids[0]
        assert (done.state, done.user_id.login, bool(done.control_date)) == ("pass", "admin", True)
    again = document(page).xpath("//button[contains(., 'Weigh the pigment')]")[0]
    assert (again.get("aria-pressed"), again.get("value")) == ("true", f"step:{done.id}:do_reset")
    client.post(mixing(db), data=pressed(page, again.get("value")))
    with db.transaction() as env:
        assert env["mrp.workorder.step"].browse(done.id).state == "none"


def pressed(page, do):
    """What a browser sends when the button with the value `do` of the first card is pressed."""
    form = document(page).find_class("floor-card")[0]
    return dict(form.form_values()) | {"_do": do}


def test_states_of_orders_have_the_colours_of_the_list(client, db, order):
    """Amber asks for something to be done: an order to be closed does, one that is confirmed does not."""
    with db.transaction(login="admin") as env:
        confirmed(env, 3).workorder_ids.do_finish()
    cards = [
        document(client.get("/app/shop-floor")).get_element_by_id(f"production-{id_}") for id_ in (order, order + 1)
    ]
    badges = [card.find_class("floor-states")[0].find_class("badge")[0] for card in cards]
    assert [badge.text for badge in badges] == ["Confirmed", "To Close"]
    assert [badge.get("class").split()[-1] for badge in badges] == ["tone-busy", "tone-wait"]


def test_more_than_demanded_is_registered_with_a_warning(client, db, order):
    address, work = mixing(db), f"workorder:{first_work(db, order)}"
    data = pressed(client.get(address), f"{work}:action_register_production")
    page = client.submit(
        client.post(address, data=data, follow_redirects=True), {"qty_producing": "12"}, button="Validate"
    )
    assert "12 Units of [MFG_VARNISH] Wood Varnish registered, 2 more than demanded." in words(page)
    assert "12 / 10 Units" in words(page)


def test_only_what_a_card_offers_can_be_called(client, db, order):
    page = client.get(mixing(db))
    for do in (f"production:{order}:action_cancel", "workorder:x:do_finish", "workorder:1:unlink", "stay", ""):
        answer = client.post(mixing(db), data=pressed(client.get(mixing(db)), do))
        assert (answer.status_code, answer.location.endswith(mixing(db))) == (303, True)
    with db.transaction() as env:
        assert env["mrp.production"].browse(order).state == "confirmed"
    assert client.get("/app/shop-floor/999999").status_code == 404
    assert "mrp.workorder" not in words(page)


def test_a_second_press_does_the_work_once(client, db, order):
    work = f"workorder:{first_work(db, order)}"
    data = pressed(client.get(mixing(db)), f"{work}:action_register_production")
    page = client.post(mixing(db), data=data, follow_redirects=True)
    page = client.submit(page, {"qty_producing": "6"}, button="Validate")
    data = pressed(page, f"{work}:do_finish")
    first, second = (client.post(mixing(db), data=data) for _press in range(2))
    assert first.location == second.location
    with db.transaction() as env:
        production = env["mrp.production"].browse(order)
        assert len(production.production_group_id.production_ids) == 2


def first_work(db, order):
    """The id of the first work order of an order."""
    with db.transaction() as env:
        return env["mrp.production"].browse(order).workorder_ids[0].id


def test_a_refusal_is_shown_on_the_page(client, db, order):
    page = client.get(mixing(db))
    with db.transaction() as env:
        env["mrp.production"].browse(order).action_cancel()
    answer = client.submit(page, button="Mark as Done")
    assert answer.request.path == mixing(db)
    assert document(answer).xpath("//*[@id='messages']//*[@role='alert']"), words(answer)


def test_an_unchanged_board_is_not_sent_again(client, db, order):
    address = mixing(db)
    page = client.get(address)
    same = client.get(address, query_string={"version": version(page)}, headers=HTMX)
    assert (same.status_code, same.text) == (204, "")
    with db.transaction(login="admin") as env:
        env["mrp.production"].browse(order).workorder_ids[0].step_ids[0].do_pass()
    fragment = client.get(address, query_string={"version": version(page)}, headers=HTMX)
    assert fragment.status_code == 200 and "<html" not in fragment.text
    assert version(fragment) != version(page)
    assert 'hx-get="/app/shop-floor/' in fragment.text and "version=" not in fragment.text.partition("hx-vals")[0]


def test_asking_for_the_cards_leaves_messages_for_the_page(client, db, order):
    address = mixing(db)
    page = client.get(address)
    client.submit(page, button="10 Units", follow=False)
    data = pressed(client.get(address), f"workorder:{first_work(db, order)}:do_finish")
    client.post(address, data=data)
    client.get(address, headers=HTMX)
    assert "is done: 10 Units" in words(client.get(address))


def test_what_closing_asks_lies_over_the_page(client, db):
    with db.transaction(login="admin") as env:
        chair = confirmed(env, 2, "chair")
        bench = env["mrp.workcenter"].create({"name": "Bench"})
        chair.workorder_ids = [(0, 0, {"name": "Assemble", "workcenter_id": bench.id})]
        chair.workorder_ids.do_finish()
        address = f"/app/shop-floor/{bench.id}"
    page = client.submit(client.get(address), button="Close Production")
    text = words(page)
    assert "Batch Production" in text and "To be closed" in text
    page = client.submit(client.submit(page, button="Generate"), button="Produce")
    assert page.request.path == address
    links = document(page).xpath("//*[@id='messages']//a")
    assert [link.text.rpartition("-")[2] for link in links] == ["001", "002"]
    assert "2 manufacturing orders are done:" in words(page) and "To be closed" not in words(page)


def test_the_page_is_for_users_of_manufacturing(anonymous, db, order):
    with db.transaction() as env:
        group = env.ref("inventory.group_stock_user")
        env["res.users"].create({"name": "Ray", "login": "ray", "group_ids": [(4, group.id)]})
    anonymous.resume(open_session(db, "ray"))
    assert anonymous.get(mixing(db)).status_code == 403
    assert anonymous.get("/app/shop-floor").status_code == 403


def test_work_orders_of_other_companies_are_not_shown(env):
    other = env["res.company"].create({"name": "Other"})
    order = confirmed(env, 3)
    user = env["res.users"].create(
        {
            "name": "Uma",
            "login": "uma",
            "company_id": other.id,
            "company_ids": [(6, 0, [other.id])],
            "group_ids": [(4, env.ref("manufacturing.group_mrp_user").id)],
        }
    )
    theirs = env(uid=user.id, su=False)
    assert not theirs["mrp.workorder"].search([("id", "in", order.workorder_ids.ids)])
    assert board.read(theirs, theirs["mrp.workcenter"], theirs["mrp.workorder"]).cards == ()


def test_a_board_of_many_cards_costs_as_many_statements_as_one_of_few(env):
    mixing = env.ref("manufacturing.mrp_workcenter_mixing")
    pages = {"all": env["mrp.workcenter"], "mixing": mixing}

    def cost(workcenter):
        env.flush_all()
        env.invalidate_all()
        with max_queries(env, 60) as statements:
            shown = board.read(env, workcenter, env["mrp.workorder"])
        return len(shown.cards), len(statements)

    for number in range(3):
        confirmed(env, number + 1)
    few = {name: cost(workcenter) for name, workcenter in pages.items()}
    for number in range(80):
        confirmed(env, number + 1)
    many = {name: cost(workcenter) for name, workcenter in pages.items()}
    assert {name: cards for name, (cards, _cost) in many.items()} == {"all": 80, "mixing": 80}
    for name, (_cards, statements) in many.items():
        assert statements <= few[name][1] + 2


def test_steps_come_from_the_operation_and_begin_anew_on_a_backorder(env):
    order = confirmed(env, 10)
    mix = order.workorder_ids[0]
    assert mix.step_ids.mapped("name") == ["Weigh the pigment", "Stir until even"]
    mix.step_ids.do_pass()
    mix.qty_producing = 6
    following = mix.do_finish()
    assert following.step_ids.mapped("state") == ["none", "none"]
    assert mix.step_ids.mapped("state") == ["pass", "pass"]


@pytest.mark.parametrize(
    "change",
    [
        lambda steps: steps.do_pass(),
        lambda steps: steps.do_reset(),
        lambda steps: steps.write({"state": "pass"}),
        lambda steps: steps.workorder_id.write({"step_ids": [(1, steps[1].id, {"state": "pass"})]}),
        lambda steps: steps.create({"name": "Taste", "workorder_id": steps.workorder_id.id}),
        lambda steps: steps.unlink(),
    ],
    ids=["do_pass", "do_reset", "write", "form", "create", "unlink"],
)
def test_steps_of_finished_work_stay_as_they_are(env, refused, change):
    mix = confirmed(env, 10).workorder_ids[0]
    mix.step_ids[0].do_pass()
    mix.do_finish()
    closed = {"workorders": [mix.display_name]}
    with refused(ManufacturingError, code="manufacturing.workorder_closed", data=closed), env.savepoint():
        change(mix.step_ids)
    assert mix.step_ids.mapped("state") == ["pass", "none"]


def test_a_quantity_is_registered_where_it_was_entered(env):
    order = confirmed(env, 10)
    mix, fill = order.workorder_ids
    mix.action_register_all()
    assert (mix.qty_registered, fill.qty_registered, order.qty_producing) == (10, 0, 10)
    mix.qty_producing = 0
    assert mix.qty_registered == 0
    mix.qty_producing = 4
    mix.do_finish()
    assert (mix.qty_registered, fill.qty_registered) == (4, 0)


def test_the_shop_floor_of_a_work_order_has_an_address(env):
    mix = confirmed(env, 10).workorder_ids[0]
    url = f"/app/shop-floor/{mix.workcenter_id.id}?workorder={mix.id}"
    assert mix.action_open_mes() == {"type": "ir.actions.act_url", "url": url, "target": "self"}
    assert mix.action_open_wizard().action_open_mes()["url"] == url
