"""A process killed in the middle of an install or a write leaves the state before or after, never between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.boot import Database
from core.db.reflection import reflect

pytestmark = pytest.mark.both_dialects("locking")

ROOT = str(Path(__file__).parents[3])

INSTALL = """
import sys
from core.boot import Database
print("ready", flush=True)
Database(sys.argv[1]).install([])
print("done", flush=True)
"""

WRITE = """
import sys
from core.boot import Database
database = Database(sys.argv[1])
with database.transaction() as env:
    partner = env["res.partner"].create({"name": "Counter"}).id
print("ready", flush=True)
for number in range(100000):
    with database.transaction() as env:
        partners = env["res.partner"].create([{"name": f"Batch {number}", "city": str(n)} for n in range(20)])
        env["res.partner"].browse(partner).write({"comment": str(number)})
"""


def started(script, url):
    """A process that runs ``script`` and has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, url], env=os.environ | {"PYTHONPATH": ROOT}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def killed(process, after):
    """Kill the process after so many seconds, wherever it is; True when it had not ended by itself."""
    time.sleep(after)
    ended = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return not ended


@pytest.mark.slow
@pytest.mark.parametrize("fraction", [0.15, 0.4, 0.6, 0.8, 0.95])
def test_killed_while_installing(database_url, fraction):
    """The fraction is that of the time which an install takes here."""
    process = started(INSTALL, database_url)
    killed(process, fraction * 0.8)
    database = Database(database_url)
    if database.initialised:
        assert database.addons == ["base"] and database.plan_upgrade() == []
    else:
        with database.engine.connect() as connection:
            assert not reflect(connection)
        assert database.install([]) == ["base"]
    with database.transaction(login="admin") as env:
        assert env["res.partner"].search_count([]) > 0
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_while_writing(db, seed):
    """Whole transactions are there, or nothing of them: twenty partners and the counter that names their batch."""
    process = started(WRITE, db.url)
    assert killed(process, 0.3 + random.Random(seed).random() / 2)
    with db.transaction() as env:
        counter = env["res.partner"].search([("name", "=", "Counter")]).comment
        assert counter is not False
        groups = env["res.partner"]._read_group([("name", "like", "Batch ")], ["name"], ["__count"])
        assert len(groups) == int(str(counter).removeprefix("<p>").removesuffix("</p>")) + 1
        assert all(count == 20 for _, count in groups)
