"""`stillage doctor`: check the laws of a live database, and repair what follows from other records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click
from rich.markup import escape

from core import doctor as laws
from core.cli.session import Session
from core.i18n import ngettext

FOUND = 1


@click.command()
@click.option("--repair", is_flag=True, help="Repair what follows from other records, after showing it")
@click.option("--yes", is_flag=True, help="Do not ask before repairing")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for monitoring")
@click.pass_context
def doctor(ctx: click.Context, repair: bool, yes: bool, as_json: bool) -> None:
    """Check the laws of the live database, and name what is broken.

    Nothing is changed without --repair. With it the repairs are tried and taken back, shown, and carried out in one
    transaction after a question; then everything is checked again. Done movements are never changed.

    Exit codes: 0 all is well, or was repaired; 1 something is broken, or was left.
    """
    session: Session = ctx.obj
    database = session.open()
    if not repair:
        with session.progress() as report:
            problems = _read(database, report)
        _report(session, problems, [], as_json)
        ctx.exit(FOUND if problems else 0)
    with session.progress() as report:
        wanted, left = database.run(lambda env: laws.plan(env, report))
    if not wanted:
        _report(session, left, [], as_json)
        ctx.exit(FOUND if left else 0)
    if not as_json:
        _show(session, [*wanted, *left])
    if not yes:
        question = _count(wanted, "Carry out %(number)s repair?", "Carry out %(number)s repairs?")
        if as_json or not click.confirm(question):
            if as_json:
                _report(session, [*wanted, *left], [], as_json)
            ctx.exit(FOUND)
    with session.progress() as report:
        repaired, _rest = database.run(lambda env: laws.carry_out(env, progress=report))
        rest = _read(database, report)
    _report(session, rest, repaired, as_json)
    ctx.exit(FOUND if rest else 0)


def _read(database: Any, report: Any) -> list[laws.Problem]:
    with database.transaction(readonly=True) as env:
        return laws.examine(env, progress=report)


def _report(session: Session, left: list[laws.Problem], repaired: list[laws.Problem], as_json: bool) -> None:
    """What is broken now, and what was repaired."""
    if as_json:
        result = {"problems": [each.as_dict() for each in left], "repaired": [each.as_dict() for each in repaired]}
        click.echo(json.dumps(result, indent=2))
        return
    if repaired:
        session.say(_count(repaired, "Repaired %(number)s problem.", "Repaired %(number)s problems."))
    if not left:
        session.say("No problems found: figures, states and links agree with one another.")
        return
    if repaired:
        session.say("Left:")
    _show(session, left)
    if any(problem.derivable for problem in left):
        session.say("Nothing was changed. `stillage doctor --repair` carries out the repairs after a question.")


def _show(session: Session, problems: Iterable[laws.Problem]) -> None:
    problems = list(problems)
    for problem in problems:
        session.say(f"[bold]{escape(problem.check)}[/] {problem.model} {problem.res_id}: {escape(problem.text)}")
        if problem.derivable:
            session.say(f"    repair: {escape(problem.repair)}")
        else:
            session.say(f"    not derivable: {escape(problem.hint)}")
    derivable = sum(problem.derivable for problem in problems)
    found = _count(problems, "%(number)s problem", "%(number)s problems")
    session.say(f"{found}, of which {derivable} can be repaired.")


def _count(problems: list[laws.Problem], one: str, several: str) -> str:
    return str(ngettext(one, several, len(problems)))
