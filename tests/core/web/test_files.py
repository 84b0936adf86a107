"""Files and pictures: in fields of a form, attached to a document, and sent to those who may see them."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest

from core.testing.client import Client, document, words
from core.testing.queries import max_queries
from core.web.forms import files
from core.web.pictures import picture_type
from tests.core.web.paper import PAPERWORK, url

pytestmark = PAPERWORK

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of a chair"
JPEG = b"\xff\xd8\xff\xe0" + b"a picture of a stool"
SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def file(content: bytes, name: str):
    """A file as one chooses it in a browser."""
    return (BytesIO(content), name)


def stored(db, id_: int, field: str) -> bytes:
    """What the database has in a binary field."""
    with db.transaction() as env:
        return base64.b64decode(env["paperwork.document"].browse(id_)[field] or b"")


def put(db, id_: int, **contents: bytes) -> None:
    """Put content into binary fields."""
    with db.transaction(login="admin") as env:
        env["paperwork.document"].browse(id_).write(
            {field: base64.b64encode(content) for field, content in contents.items()}
        )


def shown(page) -> list[str]:
    """The addresses of the pictures on the page."""
    return document(page).xpath("//main//img/@src")


@pytest.fixture
def rita(client, db, paper):
    """A client of someone who may read documents and not change them."""
    with db.transaction() as env:
        env["res.users"].create({"name": "Rita Reader", "login": "rita", "password": "a quiet corner"})
    reader = Client(client.application)
    reader.sign_in("rita", "a quiet corner")
    return reader


# -- in the fields of a form


def test_a_picture_is_chosen_shown_replaced_and_removed(client, db, paper):
    page = client.submit(client.get(url(paper)), {"photo": file(PNG, "chair.png")}, button="save")
    assert stored(db, paper, "photo") == PNG
    first = shown(page)[0]
    assert first.startswith(f"/web/image/paperwork.document/{paper}/photo?unique=")
    assert client.get(first).data == PNG
    page = client.submit(page, {"photo": file(JPEG, "stool.jpg")}, button="save")
    assert shown(page)[0] != first, "a browser that keeps the old picture must not show it"
    assert client.get(shown(page)[0]).data == JPEG
    page = client.submit(page, {"photo.clear": True}, button="save")
    assert not shown(page) and not stored(db, paper, "photo")


def test_a_file_shows_its_name_and_size_and_is_downloaded_replaced_and_removed(client, db, paper):
    page = client.submit(client.get(url(paper)), {"file": file(b"x" * 2048, "plan é.txt")}, button="save")
    link = document(page).xpath("//a[@class='file-link']")[0]
    assert link.text_content() == "plan é.txt" and "2 kB" in words(page)
    answer = client.get(link.get("href"))
    assert answer.data == b"x" * 2048 and answer.content_type.startswith("text/plain")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"plan e.txt\"; filename*=UTF-8''plan%20%C3%A9.txt"
    )
    page = client.submit(page, {"file": file(b"new", "other.txt")}, button="save")
    assert stored(db, paper, "file") == b"new" and "other.txt" in words(page)
    page = client.submit(page, {"file": file(b"newer", "third.txt"), "file_name": "My Name.txt"}, button="save")
    assert document(page).xpath("//a[@class='file-link']")[0].text_content() == "My Name.txt", "what is typed counts"
    client.submit(page, {"file.clear": True}, button="save")
    assert stored(db, paper, "file") == b""


def test_a_file_that_looks_like_base64_is_stored_as_it_is(client, db, paper):
    client.submit(client.get(url(paper)), {"file": file(b"aGVsbG8=", "code.txt")}, button="save")
    assert stored(db, paper, "file") == b"aGVsbG8="


@pytest.mark.parametrize("button", ["save", "add:line_ids", "Cancel It"])
def test_a_chosen_file_is_still_chosen_when_the_form_comes_back(client, db, paper, button):
    typed = {"photo": file(PNG, "chair.png"), "file": file(b"plan", "plan.txt")}
    wrong = {"weight": "heavy"} if button == "save" else {}
    page = client.submit(client.get(url(paper)), typed | wrong, button=button)
    assert not stored(db, paper, "photo") and not stored(db, paper, "file"), "nothing is saved yet"
    assert words(page).count("not saved yet") == 2 and "plan.txt" in words(page)
    assert client.get(shown(page)[0]).data == PNG, "and it is shown"
    # It comes back a second time.
    page = client.submit(page, {"weight": "still heavy"}, button="save")
    assert page.status_code == 422 and client.get(shown(page)[0]).data == PNG
    page = client.submit(page, {"weight": "3"}, button="save")
    assert (stored(db, paper, "photo"), stored(db, paper, "file")) == (PNG, b"plan")


def test_a_new_record_comes_with_its_picture(client, db):
    page = client.submit(
        client.get("/app/paperwork.document/new"), {"photo": file(PNG, "chair.png"), "name": ""}, button="save"
    )
    assert page.status_code == 422 and "not saved yet" in words(page)
    page = client.submit(page, {"name": "Chair"}, button="save")
    assert page.status_code == 200
    assert client.get(shown(page)[0]).data == PNG


def test_a_kept_file_can_be_dropped_or_replaced_before_it_is_saved(client, db, paper):
    page = client.submit(client.get(url(paper)), {"photo": file(PNG, "a.png"), "weight": "x"}, button="save")
    again = client.submit(page, {"photo": file(JPEG, "b.jpg")}, button="save")
    assert client.get(shown(again)[0]).data == JPEG
    client.submit(again, {"photo.clear": True, "weight": "1"}, button="save")
    assert not stored(db, paper, "photo")


def test_nobody_else_gets_at_a_file_that_waits_to_be_saved(client, rita, db, paper):
    page = client.submit(client.get(url(paper)), {"photo": file(PNG, "a.png"), "weight": "x"}, button="save")
    assert client.get(shown(page)[0]).status_code == 200
    assert rita.get(shown(page)[0]).status_code == 404
    number = document(page).xpath("//input[@name='photo.kept']/@value")[0]
    with db.transaction() as env:
        env["res.users"].search([("login", "=", "rita")]).group_ids += env.ref("paperwork.group_clerk")
    mine = rita.get(url(paper))
    data = dict(document(mine).get_element_by_id("record").form_values()) | {"photo.kept": number, "_do": "save"}
    rita.post(url(paper), data=data)
    assert not stored(db, paper, "photo")


@pytest.mark.parametrize(
    ("content", "name"), [(SCRIPT, "logo.svg"), (b"%PDF-1.7", "scan.png"), (b"<html>", "page.jpg"), (b"BM", "old.bmp")]
)
def test_what_is_not_a_picture_is_refused_at_the_field(client, db, paper, content, name):
    page = client.submit(client.get(url(paper)), {"photo": file(content, name), "name": "Typed"}, button="save")
    assert page.status_code == 422
    box = document(page).get_element_by_id("f-photo")
    assert box.get("aria-invalid") == "true"
    told = document(page).get_element_by_id(box.get("aria-describedby")).text_content()
    assert told.startswith(f"“{name}” is not a picture that can be shown here.") and "PNG, JPEG" in told
    assert document(page).get_element_by_id("record").inputs["name"].value == "Typed"
    assert not document(page).xpath("//input[@name='photo.kept']") and not stored(db, paper, "photo")


def test_too_large_and_empty_files_are_refused_at_the_field(client, db, paper, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_PICTURE", 1024)
    monkeypatch.setattr(files, "LARGEST", 4096)
    page = client.submit(
        client.get(url(paper)),
        {"photo": file(PNG + b"." * 1024, "big.png"), "file": file(b"", "nothing.txt"), "name": "Typed"},
        button="save",
    )
    assert page.status_code == 422
    assert "“big.png” has 1 kB; at most 1 kB are possible here." in words(page)
    assert "“nothing.txt” is empty." in words(page)
    assert document(page).get_element_by_id("record").inputs["name"].value == "Typed"
    page = client.submit(page, {"photo": file(PNG, "small.png"), "file": file(b"." * 5000, "b.bin")}, button="save")
    assert page.status_code == 422 and "“b.bin” has 4.9 kB; at most 4 kB" in words(page)
    assert "not saved yet" in words(page), "the picture is not lost over the other file"


def test_more_than_the_server_reads_at_all_is_told_as_well(client, paper, monkeypatch):
    monkeypatch.setattr(client.application, "max_upload", 10_000)
    page = client.submit(client.get(url(paper)), {"file": file(b"." * 20_000, "huge.bin")}, button="save")
    assert (
        page.status_code == 413
        and "That is too large" in words(page)
        and "9.8 kB" in words(page)
        and "Go back" in words(page)
    )


@pytest.mark.slow
def test_a_document_with_hundreds_of_lines_is_saved_although_its_form_carries_files(client, db, paper):
    with db.transaction(login="admin") as env:
        lines = [(0, 0, {"name": f"Part {i}"}) for i in range(600)]
        id_ = env["paperwork.document"].create({"name": "Long", "line_ids": lines}).id
    page = client.get(url(id_))
    assert document(page).get_element_by_id("record").get("enctype") == "multipart/form-data"
    page = client.submit(page, {"name": "Longer", "photo": file(PNG, "a.png")}, button="save")
    assert page.status_code == 200 and "Saved." in words(page)


def test_a_form_that_shows_a_file_does_not_read_it(client, db, paper):
    put(db, paper, photo=PNG, file=b"." * 100_000)
    statements = []
    with db.transaction(login="admin") as env:
        record = env["paperwork.document"].browse(paper)
        with max_queries(env, 20) as statements:
            assert files.files_of(record, "file")[paper].size == 100_000
    assert not any("document.file FROM" in text or "document.file," in text for text in statements)
    assert "98 kB" in words(client.get(url(paper)))


def test_what_is_long_lies_at_the_end_of_its_row(db):
    with db.transaction() as env:
        columns = [column.name for column in env.registry.table("paperwork.document").columns]
    assert set(columns[-3:]) == {"file", "photo", "sealed"}, "SQLite reads through it to get at what comes after"


# -- who gets what, and as what


def content(id_: int, field: str, kind: str = "content", model: str = "paperwork.document") -> str:
    """The address of a binary field."""
    return f"/web/{kind}/{model}/{id_}/{field}"


def test_a_picture_is_shown_and_kept_by_the_user_s_browser_only(client, db, paper):
    put(db, paper, photo=PNG)
    answer = client.get(content(paper, "photo", "image"))
    assert (answer.status_code, answer.content_type, answer.data) == (200, "image/png", PNG)
    assert answer.headers["Content-Disposition"] == "inline; filename=Chair.png"
    assert answer.headers["Cache-Control"] == "private, no-cache" and answer.headers["Vary"] == "Cookie"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
    mark = answer.headers["ETag"]
    same = client.get(content(paper, "photo", "image"), headers={"If-None-Match": mark})
    assert same.status_code == 304 and not same.data
    named = client.get(content(paper, "photo", "image") + f"/chair.png?unique={mark.strip(chr(34))}")
    assert named.data == PNG and "max-age" in named.headers["Cache-Control"]
    assert "max-age" not in client.get(content(paper, "photo", "image") + "?unique=1").headers["Cache-Control"]
    put(db, paper, photo=JPEG)
    changed = client.get(content(paper, "photo", "image"), headers={"If-None-Match": mark})
    assert (changed.status_code, changed.content_type) == (200, "image/jpeg")
    saved = client.get(content(paper, "photo", "image") + "?download=true")
    assert saved.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("kind", ["image", "content"])
@pytest.mark.parametrize(
    ("data", "name"),
    [(SCRIPT, "logo.svg"), (b"<script>alert(1)</script>", "page.html"), (b"alert(1)", "a.js"), (b"<x/>", "a.xhtml")],
)
def test_what_a_browser_could_run_is_only_ever_saved(client, db, paper, kind, data, name):
    put(db, paper, file=data)
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).file_name = name
    answer = client.get(content(paper, "file", kind) + "?filename_field=file_name")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == data


@pytest.mark.parametrize(
    ("data", "name", "type_"),
    [
        ("Größe;1".encode(), "a.csv", "text/csv; charset=utf-8"),
        ("Größe;1".encode("latin-1"), "a.csv", "application/octet-stream"),
        (b"%PDF-1.7", "a.pdf", "application/pdf"),
    ],
)
def test_what_is_saved_is_not_kept_by_the_cache_and_text_names_its_encoding(client, db, paper, data, name, type_):
    put(db, paper, file=data)
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).file_name = name
    answer = client.get(content(paper, "file") + "?filename_field=file_name")
    assert answer.content_type == type_ and answer.headers["Cache-Control"] == "no-store"


def test_a_name_cannot_break_out_of_its_header(client, db, paper):
    put(db, paper, file=b"x")
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).file_name = '../a"b\r\nX-Evil: 1/c.txt'
    answer = client.get(content(paper, "file") + "?filename_field=file_name")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="_a_b_X-Evil_ 1_c.txt"'
    assert "X-Evil" not in answer.headers


def test_a_hidden_record_and_one_that_is_not_there_look_the_same(rita, client, db, paper):
    put(db, paper, photo=PNG, sealed=PNG)
    assert rita.get(content(paper, "photo")).data == PNG
    with db.transaction() as env:
        env["ir.rule"].create(
            {
                "name": "Only drawers",
                "model_id": env["ir.model"]._get_id("paperwork.document"),
                "domain_force": "[('name', '=', 'Drawer')]",
                "groups": [(4, env.ref("base.group_user").id)],
            }
        )
    answers = [
        rita.get(address)
        for address in (
            content(paper, "photo"),
            content(paper, "photo", "image"),
            content(987654, "photo"),
            content(paper, "name"),
            content(paper, "nothing"),
            content(paper, "photo", model="no.model"),
            content(paper, "photo", model="base"),
            "/web/content/987654",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert client.get(content(paper, "photo")).status_code == 404, "rules hold for whoever they are made for"


def test_a_field_for_others_is_not_given_out(rita, client, db, paper):
    put(db, paper, sealed=PNG)
    assert client.get(content(paper, "sealed")).data == PNG
    assert rita.get(content(paper, "sealed")).status_code == 404


def test_a_visitor_is_asked_to_sign_in(db, paper, anonymous):
    put(db, paper, photo=PNG)
    answer = anonymous.get(content(paper, "photo"))
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/login")


def test_nothing_in_a_field_is_not_found(client, paper):
    assert client.get(content(paper, "photo", "image")).status_code == 404


def test_a_picture_along_a_link_changes_with_what_it_is_of(client, db, paper):
    put(db, paper, photo=PNG)
    with db.transaction() as env:
        line = env["paperwork.document"].browse(paper).line_ids[0]
        before = files.files_of(line, "cover")[line.id]
    address = f"/web/image/paperwork.line/{before.id}/cover"
    assert client.get(address).data == PNG
    put(db, paper, photo=JPEG)
    with db.transaction() as env:
        after = files.files_of(env["paperwork.line"].browse(before.id), "cover")[before.id]
    assert after.mark != before.mark and client.get(address).data == JPEG


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x20ftypavif", "image/avif"),
        (b"\x00\x00\x00\x20ftypheic", ""),
        (SCRIPT, ""),
        (b"", ""),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
    ],
)
def test_pictures_are_known_by_their_first_bytes(head, kind):
    assert picture_type(head) == kind


# -- many at once


def test_cards_show_pictures_with_as_many_statements_for_forty_as_for_two(client, db):
    asked = []
    for number in (2, 40):
        with db.transaction(login="admin") as env:
            values = {"photo": base64.b64encode(PNG)}
            env["paperwork.document"].create([{"name": f"{number}-{i}", **values} for i in range(number)])
        with db.transaction(login="admin") as env:
            records = env["paperwork.document"].search([])
            with max_queries(env, 10) as statements:
                assert len(files.files_of(records, "photo")) >= number
            asked.append(len(statements))
    assert asked[0] == asked[1]
    page = client.get("/app/paperwork.document?view=kanban&filter=-")
    assert len(shown(page)) == 42 and all("loading" in img.attrib for img in document(page).xpath("//main//img"))
    assert client.get(shown(page)[0]).data == PNG


# -- attached to a document


def attached(page) -> list[str]:
    """The names of the document's files."""
    return document(page).xpath("//ul[@class='attached-list']//span[@class='attached-words']/a/text()")


def test_files_are_attached_to_a_document_opened_and_removed(client, db, paper):
    page = client.submit(
        client.get(url(paper)),
        {"_files": [file(PNG, "side view.png"), file(b"terms", "terms & more.txt")], "name": "Typed"},
        button="Attach",
    )
    assert page.status_code == 200 and "Attached." in words(page)
    assert attached(page) == ["terms & more.txt", "side view.png"]
    assert document(page).get_element_by_id("record").inputs["name"].value == "Typed", "and what was typed is there"
    with db.transaction() as env:
        assert env["paperwork.document"].browse(paper).name == "Chair"
    assert [client.get(source).data for source in shown(page)] == [PNG], "a picture is drawn small"
    answer = client.click(page, "terms & more.txt")
    assert answer.data == b"terms"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="terms & more.txt"'
    asked = client.submit(page, button="Remove terms & more.txt")
    assert "“terms & more.txt” will be deleted for good." in words(asked)
    assert len(attached(asked)) == 2
    page = client.submit(asked, button="Delete")
    assert attached(page) == ["side view.png"]
    again = client.submit(asked, button="Delete")
    assert (again.status_code, attached(again)) == (200, ["side view.png"]), "answered as the first time"
    assert not document(again).xpath("//*[@id='problems']")
    assert document(page).get_element_by_id("record").inputs["name"].value == "Typed"


def test_attaching_twice_by_mistake_attaches_once(client, db, paper):
    page = client.get(url(paper))
    for _ in range(2):
        client.submit(page, {"_files": [file(b"a", "a.txt")]}, button="Attach")
    with db.transaction() as env:
        assert env["ir.attachment"].search_count([("res_id", "=", paper)]) == 1


def test_saving_attaches_what_was_chosen(client, paper):
    page = client.submit(client.get(url(paper)), {"_files": [file(b"a", "a.txt")], "name": "New"}, button="save")
    assert attached(page) == ["a.txt"] and "Saved." in words(page)


def test_attaching_nothing_or_too_much_is_told(client, paper, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 4096)
    page = client.submit(client.get(url(paper)), button="Attach")
    assert "Choose a file first." in words(page)
    page = client.submit(page, {"_files": [file(b"." * 5000, "big.bin"), file(b"a", "a.txt")]}, button="Attach")
    assert page.status_code == 422 and "“big.bin” has 4.9 kB; at most 4 kB" in words(page)
    assert not attached(page)


def test_who_may_only_read_the_document_reads_its_files_and_changes_none(client, rita, db, paper):
    page = client.submit(client.get(url(paper)), {"_files": [file(b"a", "a.txt")]}, button="Attach")
    link = document(page).xpath("//ul[@class='attached-list']//a/@href")[0]
    seen = rita.get(url(paper))
    assert attached(seen) == ["a.txt"] and rita.get(link).data == b"a"
    assert not document(seen).xpath("//input[@name='_files'] | //button[starts-with(@value, 'detach')]")
    token = document(seen).xpath("//input[@name='_csrf']/@value")[0]
    data = {"_csrf": token, "_do": "attach", "_files": file(b"b", "b.txt")}
    refused = rita.post(url(paper), data=data)
    assert refused.status_code == 403
    assert document(refused).get_element_by_id("problems").text_content().strip()
    number = link.split("/")[3]
    data = {"_csrf": token, "_do": f"detach:{number}", "_confirmed": f"detach:{number}"}
    refused = rita.post(url(paper), data=data)
    assert refused.status_code == 403
    assert document(refused).get_element_by_id("problems").text_content().strip()
    assert attached(client.get(url(paper))) == ["a.txt"]


def test_the_files_of_a_document_one_may_not_read_are_not_there(client, rita, db, paper):
    page = client.submit(client.get(url(paper)), {"_files": [file(PNG, "a.png")]}, button="Attach")
    link, picture = document(page).xpath("//ul[@class='attached-list']//a/@href")[1], shown(page)[0]
    with db.transaction() as env:
        env["ir.model.access"].search([("model_id.model", "=", "paperwork.document")]).unlink()
    for address in (link, picture, f"/web/image/{link.split('/')[3]}"):
        assert rita.get(address).status_code == 404
    assert rita.get("/app/ir.attachment").status_code == 200
    assert "a.png" not in words(rita.get("/app/ir.attachment"))


def test_a_link_among_the_files_leads_to_the_web_and_nowhere_else(client, db, paper):
    with db.transaction(login="admin") as env:
        common = {"type": "url", "res_model": "paperwork.document", "res_id": paper}
        env["ir.attachment"].create(
            [
                {"name": "Drawing", "url": "https://example.com/drawing", **common},
                {"name": "Trap", "url": "javascript:alert(1)", **common},
            ]
        )
    page = client.get(url(paper))
    assert attached(page) == ["Drawing"] and "Trap" in words(page)
    assert "javascript:" not in page.text
