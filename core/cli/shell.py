"""`stillage shell`: Python with an environment."""

from __future__ import annotations

import ast
import code
import datetime
import importlib
import linecache
import sys
import traceback
from decimal import Decimal
from typing import Any, Final

import click

from core.boot import Database
from core.cli.session import CodeError, Session
from core.exceptions import StillageError
from core.orm.commands import Command
from core.orm.domain import Domain

_FILE: Final = "<shell>"


@click.command()
@click.option("-c", "source", metavar="CODE", help="Run this instead of asking; a last expression is printed")
@click.option("--login", metavar="LOGIN", help="User to work as; the superuser when left out")
@click.pass_obj
def shell(session: Session, source: str | None, login: str | None) -> None:
    """Work with records: `env`, `db`, `Command`, `Domain`, `Decimal`, `datetime` are at hand.

    What -c or standard input does is committed when it succeeds. In the interactive shell `env.cr.commit()` commits,
    and leaving it does.
    """
    database = session.open()
    with database.transaction(login) as env:
        names = namespace(env, database)
        if source is not None:
            execute(source, names)
        elif session.is_interactive():
            _interact(database, names)
        else:
            execute(sys.stdin.read(), names)


def namespace(env: Any, database: Database) -> dict[str, Any]:
    """The names that code in the shell sees."""
    return {
        "__name__": "__console__",
        "env": env,
        "db": database,
        "self": env.user,
        "Command": Command,
        "Domain": Domain,
        "Decimal": Decimal,
        "datetime": datetime,
    }


def execute(source: str, names: dict[str, Any]) -> None:
    """Run code; when it ends with an expression that is not None, print that.

    Raises:
        CodeError: when it fails, with a traceback that begins in the code itself. Errors meant for people pass through.
    """
    linecache.cache[_FILE] = (len(source), None, source.splitlines(keepends=True), _FILE)
    try:
        tree = ast.parse(source, _FILE)
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        exec(compile(tree, _FILE, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), _FILE, "eval"), names)
            if value is not None:
                click.echo(repr(value) if not isinstance(value, str) else value)
    except StillageError:
        raise
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != _FILE:
            trace = trace.tb_next
        raise CodeError("".join(traceback.format_exception(type(error), error, trace))) from error


def _interact(database: Database, names: dict[str, Any]) -> None:
    try:
        readline = importlib.import_module("readline")
        readline.parse_and_bind("tab: complete")
    except ImportError:
        pass
    code.interact(
        banner=f"Stillage, database {database.name}. `env` is at hand; leaving commits, env.cr.rollback() undoes.",
        local=names,
        exitmsg="",
    )
