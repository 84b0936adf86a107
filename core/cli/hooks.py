"""`stillage hooks`: which hooks there are, who implements them in which order, and what they cost."""

from __future__ import annotations

import difflib
import sys

import click
from rich.markup import escape

import core.hookspecs
from core.cli.hookdocs import markdown
from core.cli.session import Session
from core.cli.shell import execute, namespace
from core.exceptions import UserError
from core.i18n import ngettext
from core.loader.assembly import assemble
from core.plugins import HookManager, TraceEntry


@click.group(invoke_without_command=True)
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="Print docs/hooks.md: the hooks of core and of all addons"
)
@click.pass_context
def hooks(ctx: click.Context, as_markdown: bool) -> None:
    """List hooks and their implementations, in the order in which they are called."""
    session: Session = ctx.obj
    if ctx.invoked_subcommand is not None:
        return
    if as_markdown:
        click.echo(markdown(_documented(session).specifications.values()), nl=False)
        return
    table = session.table("Hook", "By", "Implementations, first called first")
    for name, call in sorted(_manager(session).calls.items()):
        callers = [
            f"{impl.label}{f' [{chr(44).join(sorted(impl.scope.models))}]' if impl.scope.models else ''}"
            f"{' (wrapper)' if impl.wrapper else ''}"
            for impl in call.implementations
        ]
        table.add_row(name, call.spec.addon, escape("\n".join(callers)))
    session.out.print(table)


def _manager(session: Session) -> HookManager:
    """The database's hooks, or those of core where there is no database yet."""
    database = session.open()
    if database.initialised:
        return database.hooks
    manager = HookManager()
    manager.add_specs("core", core.hookspecs)
    return manager.seal()


def _documented(session: Session) -> HookManager:
    """The hooks of core and of the bundled addons, installed or not, so that the page does not depend on a database."""
    catalogue = session.open().catalogue
    names = catalogue.with_dependencies(addon.name for addon in catalogue if addon.package.startswith("addons."))
    return assemble(catalogue, names).hooks


@hooks.command()
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show the specification of one hook and where it is implemented."""
    call = _manager(session).calls.get(name)
    if call is None:
        near = difflib.get_close_matches(name, _manager(session).calls)
        known = f"Did you mean {', '.join(near)}?" if near else "`stillage hooks` lists all that there are"
        raise UserError(f"No installed addon specifies a hook {name!r}. {known}")
    session.say(f"[bold]{escape(call.spec.signature)}[/]\n")
    session.say(escape(call.spec.function.__doc__ or ""))
    for impl in call.implementations:
        session.say(escape(f"{impl.label}  {impl.file}:{impl.line}"))


@hooks.command()
@click.option("-c", "code", metavar="CODE", required=True, help="Python to run with `env`; '-' reads standard input")
@click.option("--login", metavar="LOGIN", help="User to work as; the superuser when left out")
@click.option("--commit", is_flag=True, help="Keep the changes; they are undone otherwise")
@click.pass_obj
def trace(session: Session, code: str, login: str | None, commit: bool) -> None:
    """Run some code and show every hook implementation that was called, with its time."""
    database = session.open()
    text = sys.stdin.read() if code == "-" else code
    with database.transaction(login) as env, database.hooks.tracing() as entries:
        execute(text, namespace(env, database))
        env.flush_all()
        if not commit:
            env.cr.rollback()
            env._transaction.clear()
    for entry in entries:
        session.say(_line(entry))
    session.say(str(ngettext("%(number)s call", "%(number)s calls", len(entries))) if entries else "No hook was called")


def _line(entry: TraceEntry) -> str:
    about = f" [{entry.model}]" if entry.model else ""
    text = f"{'  ' * entry.depth}{entry.hook}{about} {entry.addon}:{entry.function} ({entry.where})"
    return f"{entry.seconds * 1000:9.3f} ms  {escape(text)} [dim]{escape(entry.outcome)}[/]"
