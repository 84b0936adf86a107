"""Advanced filters: any field, any operator, groups; carried in the address safely; saved as favorites."""

from __future__ import annotations

import datetime
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from core.exceptions import AccessError, ValidationError
from core.testing.client import Client, document, open_session, words
from core.web.domain_editor.condition_tree import PERIODS, _days_of
from tests.core.web.paper import PAPERWORK

pytestmark = PAPERWORK
LIST = "/app/paperwork.document"


@pytest.fixture
def papers(db, paper):
    """Documents to tell apart, beside the chair of Azure Interior."""
    today = datetime.date.today()
    with db.transaction(login="admin") as env:
        gemini = env["res.partner"].search([("name", "=", "Gemini Two")])
        red = env["paperwork.tag"].search([("name", "=", "Red")])
        rows = [
            {"name": "Letter", "kind": "out", "deadline": today, "weight": "1.5", "partner_id": gemini.id},
            {"name": "Bill", "deadline": today - datetime.timedelta(days=40), "weight": 20, "starred": True},
            {"name": "Plan", "moment": datetime.datetime(2026, 3, 1, 23, 30), "tag_ids": [(6, 0, red.ids)]},
        ]
        env["paperwork.document"].create(rows)
        env["paperwork.document"].search([("name", "=", "Plan")]).line_ids = [(0, 0, {"name": "Wheel", "quantity": 2})]


@pytest.fixture
def sign_in_as(db, anonymous):
    """Opens a client for a new user with these groups."""

    def signed_in(login, *groups):
        with db.transaction(login="admin") as env:
            ids = [env.ref(group).id for group in groups]
            env["res.users"].create({"name": login, "login": login, "group_ids": [(6, 0, ids)]})
        other = Client(anonymous.application)
        other.resume(open_session(db, login))
        return other

    return signed_in


def names(page) -> list[str]:
    return sorted(row.text_content().strip() for row in document(page).xpath("//tr[@data-href]/td[2]"))


def filtered(client, *domain, **more):
    """The list under a filter."""
    return client.get(f"{LIST}?{urlencode({'filter': '-', 'domain': json.dumps(domain), **more})}")


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ([["name", "ilike", "l"]], ["Bill", "Letter", "Plan"]),
        ([["name", "not ilike", "l"]], ["Chair"]),
        ([["name", "=", "Bill"]], ["Bill"]),
        ([["kind", "=", "out"]], ["Letter"]),
        ([["kind", "!=", "out"]], ["Bill", "Chair", "Plan"]),
        ([["weight", ">", "1.4"]], ["Bill", "Letter"]),
        ([["weight", "<=", 1.5]], ["Chair", "Letter", "Plan"]),
        ([["line_count", ">=", 1]], ["Chair", "Plan"]),
        ([["starred", "=", True]], ["Bill"]),
        ([["deadline", "=", False]], ["Chair", "Plan"]),
        ([["deadline", "!=", False]], ["Bill", "Letter"]),
        ([["deadline", "period", "today"]], ["Letter"]),
        ([["deadline", "period", "past"]], ["Bill"]),
        ([["moment", "=", "2026-03-01"]], ["Plan"]),
        ([["moment", "<", "2026-03-01"]], []),
        ([["partner_id", "ilike", "gemini"]], ["Letter"]),
        ([["partner_id.city", "=", "Fremont"]], ["Chair"]),
        ([["line_ids.name", "ilike", "wheel"]], ["Plan"]),
        ([["tag_ids", "ilike", "red"]], ["Plan"]),
        ([["tag_ids", "!=", False]], ["Plan"]),
        (["|", ["name", "=", "Bill"], ["partner_id.city", "=", "Turin"]], ["Bill", "Letter"]),
        (["&", ["name", "ilike", "l"], "|", ["kind", "=", "out"], ["starred", "=", True]], ["Bill", "Letter"]),
        ([["name", "ilike", "l"], ["kind", "=", "out"]], ["Letter"]),
    ],
)
def test_any_field_and_operator_and_groups(client, papers, domain, wanted):
    assert names(filtered(client, *domain)) == wanted


def test_the_chip_says_it_in_words_and_leads_back_to_the_inputs(client, papers):
    page = filtered(client, "|", ["deadline", "<", "2026-11-27"], ["partner_id.city", "ilike", "Turin"])
    (chip,) = document(page).xpath("//a[@class='chip-edit']")
    assert chip.text_content() == "Deadline before Nov 27, 2026 or Customer: City contains Turin"
    form = document(client.get(chip.get("href"))).xpath("//form[@id='builder']")[0]
    chosen = {each.get("name"): each.xpath("string(option[@selected]/@value)") for each in form.xpath(".//select")}
    assert chosen["c.join"] == "any" and chosen["c.0.f0"] == "deadline" and chosen["c.0.op"] == "<"
    assert (chosen["c.1.f0"], chosen["c.1.f1"], chosen["c.1.op"]) == ("partner_id", "city", "ilike")
    assert form.xpath("string(.//input[@name='c.1.value']/@value)") == "Turin"


def inputs(page) -> list[tuple[str, str]]:
    """What the form would send, without a button."""
    form = document(page).xpath("//form[@id='builder']")[0]
    pairs = [(each.get("name"), each.get("value", "")) for each in form.xpath(".//input[@name][not(@type='checkbox')]")]
    for each in form.xpath(".//select"):
        options = each.xpath("option[@selected]") or each.xpath("option")
        pairs.append((each.get("name"), options[0].get("value", "")))
    return pairs


def pressed(client, page, verb, **typed):
    """The page that a button of the form leads to, in a browser without scripts."""
    data = {**dict(inputs(page)), **typed, "_do": verb}
    answer = client.post(document(page).xpath("//form[@id='builder']/@action")[0], data=data)
    return client.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def test_fields_come_in_the_order_of_the_list_and_the_others_below(client, papers):
    page = document(client.get(f"{LIST}/filter"))
    (chosen,) = page.xpath("//select[@name='c.0.f0']")
    columns = [each.text_content().strip() for each in document(client.get(LIST)).xpath("//thead//th")][1:]
    shown = chosen.xpath("option/text()")[1:]
    assert shown[: len(columns)] == [label for label in columns if label in shown]
    assert {"ID", "Created by"} <= set(chosen.xpath("optgroup[@label='More fields']/option/text()"))


def test_the_focus_is_where_one_goes_on(client, papers):
    def focused(page):
        return document(page).xpath("//*[@autofocus]/@id")

    page = client.get(f"{LIST}/filter")
    assert focused(page) == ["c.0.f0"]
    page = pressed(client, page, "group:c")
    assert focused(page) == ["c.1.0.f0"]
    page = pressed(client, page, "add:c.1")
    assert focused(page) == ["c.1.1.f0"]
    assert focused(pressed(client, page, "remove:c.1.0")) == ["c.1.add"]


def test_a_filter_is_put_together_without_scripts(client, papers):
    page = client.get(document(client.get(LIST)).xpath("//a[text()='Advanced Filters…']/@href")[0])
    page = pressed(client, page, "refresh", **{"c.0.f0": "partner_id"})
    page = pressed(client, page, "refresh", **{"c.0.f1": "city"})
    page = pressed(client, page, "group:c", **{"c.0.value": "Turin", "c.join": "any"})
    page = pressed(client, page, "add:c.1", **{"c.1.0.f0": "starred"})
    page = pressed(client, page, "add:c", **{"c.1.1.f0": "weight"})
    page = pressed(client, page, "remove:c.2", **{"c.1.1.op": ">", "c.1.1.value": "10"})
    shown = pressed(client, page, "apply")
    assert names(shown) == ["Bill", "Letter"]
    said = document(shown).xpath("string(//a[@class='chip-edit'])")
    assert said == "Customer: City contains Turin or (Starred is Yes and Weight more than 10)"


def test_what_is_not_complete_is_said_at_its_row(client, papers):
    page = client.get(f"{LIST}/filter")
    page = pressed(client, page, "refresh", **{"c.0.f0": "weight"})
    page = pressed(client, page, "apply", **{"c.0.value": "heavy"})
    assert page.status_code == 422 and "“heavy” is not a number." in words(page)
    page = pressed(client, page, "refresh", **{"c.0.f0": "partner_id"})
    page = pressed(client, page, "apply", **{"c.0.op": "in", "c.0.value": "Nobody"})
    assert "No Customer is called “Nobody”." in words(page)
    assert names(pressed(client, page, "apply", **{"c.0.value": "Gemini Two"})) == ["Letter"]


def test_a_linked_name_with_signs_in_it_is_taken_as_it_is(client, papers, db):
    with db.transaction(login="admin") as env:
        partners = env["res.partner"].create(
            [{"name": name} for name in ("100% Wood; Steel", "100 or more Wood", "a_b", "axb", "Tin;Lead")]
        )
        env["paperwork.document"].create([{"name": each.name, "partner_id": each.id} for each in partners])
    page = pressed(client, client.get(f"{LIST}/filter"), "refresh", **{"c.0.f0": "partner_id"})
    for typed, wanted in (
        ("100% Wood; Steel", ["100% Wood; Steel"]),
        ("a_b", ["a_b"]),
        ("Gemini Two; 100% Wood; Steel; a_b;", ["100% Wood; Steel", "Letter", "a_b"]),
        ("tin;lead; axb", ["Tin;Lead", "axb"]),
    ):
        shown = pressed(client, page, "apply", **{"c.0.op": "in", "c.0.value": typed})
        assert names(shown) == wanted, typed
        again = client.get(document(shown).xpath("//a[@class='chip-edit']/@href")[0])
        assert names(pressed(client, again, "apply")) == wanted, "the builder shows what it reads"


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        "[[]]",
        '[["name","=",',
        '["|",["name","=","Bill"]]',
        '[["name","any!",[["id",">",0]]]]',
        '[["name.__class__","=","x"]]',
        '[["nothing","=","x"]]',
        '[["weight","ilike","x"]]',
        '[["weight",">","1e999"]]',
        '[["line_count",">",99999999999999999999]]',
        '[["deadline","<","0001-01-01"]]',
        '[["deadline","period","doomsday"]]',
        '[["kind","=","sideways"]]',
        '[["file","!=",false]]',
        '[["partner_id.user_ids.password","ilike","a"]]',
        "[" + '"&",' * 500 + '["name","=","x"]]',
        '[["name","=","' + "x" * 5000 + '"]]',
        "[" * 3000,
    ],
)
def test_an_address_with_no_filter_in_it_is_refused_in_words(client, papers, text):
    page = client.get(f"{LIST}?{urlencode({'filter': '-', 'domain': text})}")
    assert page.status_code == 200 and document(page).xpath("//main//*[@role='alert']"), words(page)[:300]
    assert len(names(page)) == 4, "the list itself is shown"


def test_a_field_is_asked_for_by_those_only_who_may_read_it(db, client, papers, sign_in_as):
    secret = ["secret", "=", False]
    assert len(names(filtered(client, secret))) == 4
    clerk = sign_in_as("clerk", "paperwork.group_clerk", "base.group_user")
    page = filtered(clerk, secret)
    assert "You cannot filter by “secret” here." in words(page)
    offered = document(clerk.get(f"{LIST}/filter")).xpath("//select[@name='c.0.f0']/option/@value")
    assert "name" in offered and "secret" not in offered and "total" in offered


def test_who_may_not_save_filters_sees_the_list_all_the_same(client, papers, sign_in_as):
    favorite(client, "Ours", shared="1", default="1")
    visitor = sign_in_as("visitor", "paperwork.group_clerk")
    page = visitor.get(f"{LIST}?filter=-")
    assert page.status_code == 200 and not menu(page, "Ours")


def test_each_period_has_days_and_the_weeks_join():
    today = datetime.date(2026, 11, 28)
    spans = {period: _days_of(period, today) for period in PERIODS}
    assert spans["this_week"] == (datetime.date(2026, 11, 23), datetime.date(2026, 11, 30))
    assert spans["last_week"][1] == spans["this_week"][0] and spans["next_week"][0] == spans["this_week"][1]
    assert spans["last_month"][0] == datetime.date(2026, 10, 1) and spans["next_month"][1] == datetime.date(2027, 1, 1)


def favorite(client, name, **more):
    """Save the search that is on as a favorite, as the button of the page does."""
    page = filtered(client, ["partner_id.city", "=", "Turin"], group="kind")
    page = client.get(document(page).xpath("//a[@class='chip-edit']/@href")[0])
    return pressed(client, page, "save", name=name, **more)


def menu(page, name):
    """The addresses of entries of this name in the menus of a list."""
    return document(page).xpath(f"//div[@class='drop-list is-end']//a[starts-with(normalize-space(), '{name}')]/@href")


def test_a_favorite_brings_back_conditions_and_groups(client, papers):
    assert "saved" in words(favorite(client, "Turin's"))
    (link,) = menu(client.get(f"{LIST}?filter=-"), "Turin")
    query = parse_qs(urlsplit(link).query)
    assert query["group"] == ["kind"] and json.loads(query["domain"][0]) == [["partner_id.city", "=", "Turin"]]
    (chip,) = document(client.get(link)).xpath("//a[@class='chip-edit']")
    assert (chip.text, chip.get("title")) == ("Turin's", "Customer: City is Turin")
    other = document(client.get(link.replace("Turin", "Fremont"))).xpath("string(//a[@class='chip-edit'])")
    assert other == "Customer: City is Fremont", "other conditions are not those that were saved"


def test_a_favorite_is_changed_where_it_was_built(db, client, papers):
    favorite(client, "Turin's")
    (edit,) = document(client.get(f"{LIST}?filter=-")).xpath("//a[@class='drop-edit']/@href")
    page = client.get(edit)
    assert "Customer: City is Turin" in words(page) and "partner_id" not in words(page)
    (change,) = document(page).xpath("//a[text()='Change']/@href")
    page = pressed(client, client.get(change), "update", **{"c.0.value": "Fremont"})
    assert "The filter “Turin's” is saved." in words(page)
    with db.transaction(login="admin") as env:
        (saved,) = env["ir.filters"].search([])
        assert json.loads(saved.domain) == [["partner_id.city", "=", "Fremont"]]
        assert json.loads(saved.context)["group_by"] == ["kind"], "the rest of the search is saved with it"


def test_a_favorite_that_was_deleted_meanwhile_is_not_saved_as_another(db, client, papers):
    favorite(client, "Turin's")
    (edit,) = document(client.get(f"{LIST}?filter=-")).xpath("//a[@class='drop-edit']/@href")
    (change,) = document(client.get(edit)).xpath("//a[text()='Change']/@href")
    page = client.get(change)
    with db.transaction(login="admin") as env:
        env["ir.filters"].search([]).unlink()
    answer = pressed(client, page, "update", **{"c.0.value": "Fremont"})
    assert answer.status_code == 422 and "Save it under a name." in words(answer)
    assert dict(inputs(answer))["c.0.value"] == "Fremont", "what was typed stays"
    with db.transaction(login="admin") as env:
        assert not env["ir.filters"].search([])


def test_others_see_what_is_shared_and_change_only_their_own(db, client, papers, sign_in_as):
    favorite(client, "Mine")
    favorite(client, "Ours", shared="1")
    clerk = sign_in_as("clerk", "paperwork.group_clerk", "base.group_user")
    page = clerk.get(f"{LIST}?filter=-")
    assert menu(page, "Ours") and not menu(page, "Mine")
    favorite(clerk, "Theirs")
    with db.transaction(login="clerk") as env:
        shared, own = (env["ir.filters"].search([("name", "=", name)]) for name in ("Ours", "Theirs"))
        own.name = "Renamed"
        for change in (lambda: shared.write({"name": "Stolen"}), lambda: shared.unlink()):
            with pytest.raises(AccessError), env.savepoint():
                change()
        own.unlink()
    assert not menu(clerk.get(f"{LIST}?filter=-"), "Renamed")


def test_a_list_opens_with_the_default_of_its_user(db, client, papers, sign_in_as):
    favorite(client, "Start", shared="1", default="1")
    opened = client.get(LIST)
    assert opened.status_code == 303 and "Turin" in opened.headers["Location"]
    clerk = sign_in_as("clerk", "paperwork.group_clerk", "base.group_user")
    assert clerk.get(LIST).status_code == 200
    with db.transaction(login="admin") as env:
        env["ir.filters"].search([("name", "=", "Start")]).action_unset_default()
    assert client.get(LIST).status_code == 200


def test_administrators_change_what_others_share(db, client, papers, sign_in_as):
    clerk = sign_in_as("clerk", "paperwork.group_clerk", "base.group_user")
    favorite(clerk, "Shared", shared="1")
    favorite(clerk, "Private")
    with db.transaction(login="admin") as env:
        shared = env["ir.filters"].search([("name", "in", ["Shared", "Private"])])
        assert shared.mapped("name") == ["Shared"]
        shared.active = False
    assert not menu(client.get(f"{LIST}?filter=-"), "Shared")


@pytest.mark.parametrize(
    ("model", "field", "text"),
    [
        ("ir.filters", "domain", "{}"),
        ("ir.filters", "context", "[]"),
        ("ir.filters", "context", '{"group_by": [1]}'),
        ("ir.filters", "sort", '{"name": 1}'),
        ("ir.ui.layout", "columns", '["name"]'),
        ("ir.ui.layout", "columns", "[" * 9),
        ("ir.ui.layout", "group_by", "7"),
        ("ir.ui.layout", "sort", "null"),
    ],
)
def test_a_preset_that_no_list_could_read_is_refused(env, model, field, text):
    with pytest.raises(ValidationError) as refused:
        env[model].create({"name": "Broken", "model_id": "paperwork.document", field: text})
    assert (refused.value.code, refused.value.data["field"]) == ("base.preset_json", field)


def test_a_superscript_for_a_number_in_an_address_is_no_defect(client, papers):
    for query in ("page=²", "ids=²", "action=²", "active_id=²"):
        assert client.get(f"{LIST}?{query}").status_code == 400, query
    # A default is a value: the field says what is wrong with it when a record is made.
    assert client.get(f"{LIST}?default_partner_id=²").status_code == 200
    page = client.get(f"{LIST}/filter")
    assert pressed(client, page, "remove:c.²", **{"c.².f0": "name"}).status_code == 200


def test_a_signature_of_any_characters_is_only_a_wrong_one(client, papers):
    assert client.get("/app/complete/res.partner?q=a&given=[]&sign=é").status_code == 200


def test_the_default_chosen_last_opens_the_list(env):
    env = env["res.users"].with_user(env["res.users"].search([("login", "=", "admin")])).env
    list_id = env.ref("paperwork.action_documents").id
    values = {"model_id": "paperwork.document", "user_ids": [(6, 0, [env.uid])]}
    of_list, of_all = env["ir.filters"].create(
        [{**values, "name": "Of the list", "action_id": list_id}, {**values, "name": "Of all lists"}]
    )

    def default(action):
        found = env["ir.filters"]._default_of("paperwork.document", action)
        return found and found.name

    of_all.action_set_default()
    of_list.action_set_default()
    assert (default(list_id), default(False)) == ("Of the list", "Of all lists")
    of_all.action_set_default()
    assert (default(list_id), default(False)) == ("Of all lists", "Of all lists")
