"""The commands that inventory adds to `stillage`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import click

from addons.inventory.services import doctor as laws

FOUND = 1


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Repair what is broken, after showing what will be done.")
@click.option("--yes", is_flag=True, help="Do not ask before repairing.")
@click.pass_obj
def doctor(session: Any, repair: bool, yes: bool) -> None:
    """Check the stock laws on the live database, and name what is broken.

    Exit status 0 when all is well (or was repaired), 1 when something is broken.
    """
    database = session.open()
    problems = database.run(laws.check_laws)
    if not problems:
        click.echo("Stock: every figure agrees with the movements, every reservation is backed, every split adds up.")
        return
    _show(problems, repair)
    if not repair:
        click.echo("Nothing was changed. `stillage doctor --repair` carries out the repairs shown.")
        sys.exit(FOUND)
    if not (yes or click.confirm(f"Carry out {len(problems)} repair(s)?")):
        sys.exit(FOUND)
    database.run(lambda env: laws.repair(env, laws.check_laws(env)))
    rest = database.run(laws.check_laws)
    if rest:
        _show(rest, False)
        sys.exit(FOUND)
    click.echo("Repaired: all laws hold.")


def _show(problems: Iterable[laws.Problem], repair: bool) -> None:
    for problem in problems:
        click.echo(f"law {problem.law}: {problem.text}")
        if repair:
            click.echo(f"       repair: {problem.repair}")
