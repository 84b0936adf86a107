"""The pytest plugin: fixtures for databases, environments, clients and a browser.

See `core.testing` for how tests ask for addons. Tests that use `dialect` (and so `database_url`, `db`, `env`,
`client` or `browser`) run on SQLite. Those whose answer can differ by database are marked `both_dialects` with the
reason, one of `REASONS`, and run on PostgreSQL too; `--dialects sqlite,postgresql` runs every test on both.

With `CI=true` a missing PostgreSQL or Chromium is a failure, otherwise a skip.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from core.testing.run_folder import VARIABLE, RunFolder

if TYPE_CHECKING:
    from core.boot import Database
    from core.testing.databases import AddonSet, TestDatabases

DIALECTS: Final = ("sqlite", "postgresql")

#: Value of `--dialects`: SQLite, and PostgreSQL for the tests that are marked for it.
MARKED: Final = "marked"

#: Why the answer of a test can differ by database: the reasons that the marker `both_dialects` accepts.
REASONS: Final = {
    "sql": "compares generated statements, searches, sorts, groups or text matches by what the database answers",
    "types": "stores and reads values of every type, exact numbers first of all",
    "schema": "creates, compares, changes or drops tables, columns, indexes and constraints",
    "constraints": "relies on the database to refuse rows, or on the message made of its refusal",
    "locking": "several connections, threads or processes work on one database, or one of them is killed",
    "statements": "bounds the number of statements, which differs where a dialect needs another way",
    "scenario": "one flow through the whole of an addon or an interface, as its users go through it",
}

_RUN_FOLDER: Final = pytest.StashKey[RunFolder]()


def required() -> bool:
    """Whether what is missing on this machine is a failure (`CI=true`) rather than a reason to skip."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def missing(reason: str) -> None:
    """Skip the test for `reason`, or fail it where nothing may be missing."""
    if required():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


# ---------------------------------------------------------------------------- pytest's own hooks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--dialects`."""
    group = parser.getgroup("stillage")
    group.addoption(
        "--dialects",
        default=os.environ.get("STILLAGE_TEST_DIALECTS", MARKED),
        help="kinds of database to run all tests on, separated by commas: sqlite,postgresql is the full matrix "
        f"(default: {MARKED}, i.e. SQLite, and PostgreSQL for the tests marked both_dialects)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line(
        "markers",
        "addons(*names, demo=False, paths=()): install these addons (found in `paths` too) for the fixtures db and env",
    )
    config.addinivalue_line("markers", "slow: takes more than half a second of CPU; `-m 'not slow'` leaves it out")
    config.addinivalue_line("markers", "browser: drives Chromium; set on every test that uses it, directly or not")
    config.addinivalue_line("markers", "dialects(*names): run only on these kinds of database")
    config.addinivalue_line(
        "markers",
        f"both_dialects(reason): run on SQLite and PostgreSQL, as the answer can differ ({', '.join(REASONS)})",
    )
    if not hasattr(config, "workerinput"):
        # The processes of one run share a folder; those that xdist starts inherit the variable.
        config.stash[_RUN_FOLDER] = RunFolder()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's databases, and say which processes tests have left behind."""
    folder = config.stash.get(_RUN_FOLDER, None)
    for line in folder.close() if folder else ():
        sys.stderr.write(f"left behind by a test and ended: {line}\n")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests that drive a browser, so that `-m "not browser"` leaves them out."""
    if "chromium" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs a database on the kinds of database that its markers and `--dialects` say."""
    if "dialect" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("both_dialects")
    if marker and not (len(marker.args) == 1 and marker.args[0] in REASONS):
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: both_dialects wants one reason of {', '.join(REASONS)}, not {marker.args}"
        )
    only = metafunc.definition.get_closest_marker("dialects")
    if only:
        _named(",".join(only.args))
    option = metafunc.config.getoption("--dialects")
    if option == MARKED:
        chosen = list(only.args if only else DIALECTS if marker else DIALECTS[:1])
    else:
        chosen = [name for name in _named(option) if not only or name in only.args]
    metafunc.parametrize("dialect", chosen, indirect=True)


def _named(option: str) -> list[str]:
    """The kinds of database that the value of `--dialects` names. Raises UsageError for others."""
    names = [name.strip() for name in option.split(",") if name.strip()]
    unknown = sorted(set(names) - set(DIALECTS))
    if unknown:
        known = ", ".join([MARKED, *DIALECTS])
        raise pytest.UsageError(f"dialects: unknown {', '.join(unknown)}; known are {known}")
    return names


# ---------------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[TestDatabases]:
    """The databases of this test process; `db` and `env` are what tests usually want."""
    # `core.boot` brings in all of core. Imported only here, a run that needs no database stays quick, and one
    # broken part of core does not take the tests of the others with it.
    module = importlib.import_module("core.testing.databases")
    importlib.import_module("core.base.services.passwords").hash_quickly()
    worker = getattr(request.config, "workerinput", {"workerid": "main"})
    pool = module.TestDatabases(Path(os.environ[VARIABLE]), worker["workerid"])
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def dialect(request: pytest.FixtureRequest, databases: TestDatabases) -> str:
    """The kind of database of this run of the test: "sqlite" or "postgresql"."""
    name: str = getattr(request, "param", DIALECTS[0])
    if name == "postgresql":
        _server(databases)
    return name


@pytest.fixture
def postgresql(databases: TestDatabases) -> Any:
    """The PostgreSQL server of the run; skips the test where there is none."""
    return _server(databases)


def _server(databases: TestDatabases) -> Any:
    servers = importlib.import_module("core.testing.servers")
    try:
        return databases.server
    except servers.PostgresUnavailable as error:
        missing(f"no PostgreSQL: {error}")


@pytest.fixture
def addon_set(request: pytest.FixtureRequest) -> AddonSet:
    """What the test wants installed, from its `addons` marker or its module's ADDONS, DEMO and ADDONS_PATH."""
    cls = importlib.import_module("core.testing.databases").AddonSet
    marker = request.node.get_closest_marker("addons")
    if marker is not None:
        paths = marker.kwargs.get("paths", getattr(request.module, "ADDONS_PATH", ()))
        return cls(marker.args or ("base",), marker.kwargs.get("demo", False), tuple(map(str, paths)))
    module = request.module
    names = tuple(getattr(module, "ADDONS", ())) or ("base",)
    return cls(names, getattr(module, "DEMO", False), tuple(map(str, getattr(module, "ADDONS_PATH", ()))))


@pytest.fixture
def database_url(dialect: str, databases: TestDatabases) -> Iterator[str]:
    """The URL of an empty database, removed after the test."""
    url = databases.empty(dialect)
    yield url
    databases.drop(url)


@pytest.fixture
def db(dialect: str, addon_set: AddonSet, databases: TestDatabases) -> Iterator[Database]:
    """A database of the test's own, with its addons; what is committed in it is gone after the test.

    The `Database` object may serve another test: undo what you change on it (settings, listeners of its engine).
    """
    with databases.fresh(dialect, addon_set) as database:
        yield database


@pytest.fixture
def env(request: pytest.FixtureRequest, dialect: str, addon_set: AddonSet, databases: TestDatabases) -> Iterator[Any]:
    """An environment of the superuser on a database with the test's addons; rolled back after the test.

    With `db` in the same test it is an environment on that database. On SQLite it holds the only write
    transaction, so tests with `client`, `browser` or several connections use `with db.transaction() as env`.
    """
    for other in ("client", "browser"):
        if other in request.fixturenames:
            raise pytest.UsageError(f"env and {other} cannot be used together: use `with db.transaction() as env`")
    module = importlib.import_module("core.testing.databases")
    own = "db" in request.fixturenames
    database = request.getfixturevalue("db") if own else databases.shared(dialect, addon_set)
    with module.rolled_back(database) as environment:
        yield environment


# ---------------------------------------------------------------------------- web


@pytest.fixture
def anonymous(db: Database) -> Any:
    """A web client on `db` that has not signed in (see core.testing.client.Client)."""
    application = importlib.import_module("core.web.app").Application(db)
    return importlib.import_module("core.testing.client").Client(application)


@pytest.fixture
def client(anonymous: Any, db: Database) -> Any:
    """A web client on `db`, signed in as admin."""
    anonymous.resume(importlib.import_module("core.testing.client").open_session(db))
    return anonymous


@pytest.fixture
def live_server(db: Database) -> Iterator[Any]:
    """A real server on `db`, with `url` and `port`; ends with the test."""
    application = importlib.import_module("core.web.app").Application(db)
    server = importlib.import_module("core.testing.browser").LiveServer(application).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser of this test process; skips the test where there is none, fails it with CI=true."""
    module = importlib.import_module("core.testing.browser")
    try:
        module.executable()
    except module.BrowserUnavailable as error:
        missing(f"no browser: {error}")
    with module.chromium(Path(os.environ[VARIABLE])) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Any, live_server: Any, db: Database) -> Iterator[Any]:
    """A page (playwright's Page) on a live server on `db`, signed in as admin; scripts that fail fail the test."""
    token = importlib.import_module("core.testing.client").open_session(db)
    with importlib.import_module("core.testing.browser").page_on(chromium, live_server.url, token=token) as page:
        yield page
