"""`stillage seams`: which methods services call for addons to override, and which addons do."""

from __future__ import annotations

import inspect
import sys

import click
from rich.markup import escape

from core.cli.seamdocs import in_order, markdown
from core.cli.session import Session
from core.cli.shell import execute, namespace
from core.exceptions import UserError
from core.loader.assembly import assemble
from core.orm import seams as marked
from core.orm.registry import Registry


@click.group(invoke_without_command=True)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print docs/seams.md: the seams of all bundled addons")
@click.option("--action", metavar="ACTION", help="Only the seams of this action, such as confirm or done")
@click.option("--extended", is_flag=True, help="Only seams that another addon overrides")
@click.pass_context
def seams(ctx: click.Context, as_markdown: bool, action: str | None, extended: bool) -> None:
    """List seams by action, in the order in which they are called, with the addons that override them."""
    session: Session = ctx.obj
    if ctx.invoked_subcommand is not None:
        return
    if as_markdown:
        click.echo(markdown(marked.seams(_bundled(session))), nl=False)
        return
    registry = _installed(session)
    actions = in_order(marked.seams(registry))
    if action is not None and action not in actions:
        raise UserError(f"No installed addon has seams of an action {action!r}; there are {', '.join(actions)}")
    table = session.table("Action", "Order", "Seam", "By", "Overridden by, first called first")
    for name, steps in actions.items():
        for order, seam in steps if action in (None, name) else ():
            others = dict.fromkeys(each.addon for each in marked.overrides(registry, seam) if each.addon != seam.addon)
            if others or not extended:
                table.add_row(name, str(order), escape(seam.label), seam.addon, escape(", ".join(others)))
    session.out.print(table)


@seams.command()
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show the description of one seam, such as stock.move._action_done, and where it is overridden."""
    registry = _installed(session)
    found = [seam for seam in marked.seams(registry) if name in (seam.label, seam.name)]
    if not found:
        raise UserError(f"No installed addon has a seam {name!r}")
    for seam in found:
        session.say(f"[bold]{escape(seam.model)}.{escape(seam.signature)}[/]\n")
        session.say(escape(seam.docstring) + "\n")
        for override in marked.overrides(registry, seam):
            code = inspect.unwrap(override.function).__code__
            model = f" of {override.model}" if override.model != seam.model else ""
            session.say(escape(f"{override.addon}{model}  {code.co_filename}:{code.co_firstlineno}"))


@seams.command()
@click.option("-c", "code", metavar="CODE", required=True, help="Python to run with `env`; '-' reads standard input")
@click.option("--login", metavar="LOGIN", help="User to work as; the superuser when left out")
@click.option("--commit", is_flag=True, help="Keep the changes; they are undone otherwise")
@click.pass_obj
def trace(session: Session, code: str, login: str | None, commit: bool) -> None:
    """Run some code and show every seam that was called, with how many records and how long it took."""
    database = session.open()
    text = sys.stdin.read() if code == "-" else code
    with database.transaction(login) as env, marked.tracing(env.registry) as calls:
        execute(text, namespace(env, database))
        env.flush_all()
        if not commit:
            env.cr.rollback()
            env._transaction.clear()
    for call in calls:
        name = f"{'  ' * call.depth}{call.seam}"
        session.say(f"{call.seconds * 1000:9.3f} ms  {escape(name)} [dim]{call.records} records[/]")
    session.say(f"{len(calls)} calls")


def _installed(session: Session) -> Registry:
    """The models of the database's addons; those of the bundled ones where there is no database yet."""
    database = session.open()
    return database.registry if database.initialised else _bundled(session)


def _bundled(session: Session) -> Registry:
    """The models of the bundled addons, installed or not, so that the page does not depend on a database."""
    catalogue = session.open().catalogue
    names = catalogue.with_dependencies(addon.name for addon in catalogue if addon.package.startswith("addons."))
    return assemble(catalogue, names).registry
