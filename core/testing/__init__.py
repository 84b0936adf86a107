"""What addon authors use in their tests. Installed with Stillage, loaded by pytest on its own.

Fixtures (see `core.testing.plugin`):

    env             an environment of the superuser; everything is rolled back after the test
    db              a database of its own for the test, with the addons asked for
    client          a signed-in web client on `db`
    browser         a Chromium page on a live server on `db`
    database_url    the URL of an empty database

`db`, `env` and `client` have the addons of the marker or of the module, and run on SQLite:

    ADDONS = ("sales",)                                             # for the whole module

    @pytest.mark.addons("manufacturing", demo=True)                 # for one test or class
    def test_produce(env): ...

    @pytest.mark.both_dialects("locking")                           # on PostgreSQL too: the answer can differ
    def test_two_at_once(db): ...

    @pytest.mark.dialects("postgresql")                             # on this kind only

`--dialects sqlite,postgresql` runs every test on both. The reasons that `both_dialects` takes are
`core.testing.plugin.REASONS`.

A test that reads or presses before its page has arrived fails once in a thousand runs. With STILLAGE_TEST_SLOW=1
answers arrive slowly and in pieces, and it fails every time:

    STILLAGE_TEST_SLOW=1 make test ARGS="tests/stories"

Import the classes from their modules:

    core.testing.form.FormDriver            fills in a form as a browser would
    core.testing.queries.max_queries        proves that the number of statements does not grow
    core.testing.contract.AddonContract     some twenty structural tests for an addon, in three lines
"""
