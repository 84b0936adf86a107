"""`stillage seams`: which methods services call for addons to override, and which addons do."""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Iterable

import click
from rich.markup import escape

from core.cli.seamdocs import in_order, markdown
from core.cli.session import Session
from core.cli.shell import execute, namespace
from core.exceptions import UserError
from core.i18n import ngettext
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
            others = _others(registry, seam)
            if others or not extended:
                table.add_row(name, str(order), escape(seam.label), seam.addon, escape(", ".join(others)))
    if not table.row_count:
        session.say("No addon overrides a seam of another" + (f" in the action {action}" if action else ""))
        return
    session.out.print(table)


@seams.command(short_help="Describe a seam, or list the seams of a model")
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Describe a seam and show where it is overridden, or list the seams of a model in the order of their calls.

    NAME is a seam (stock.move._action_done), the name of its method alone (_action_done), or a model (stock.move).
    """
    registry = _installed(session)
    if name in registry.models:
        _list_of_model(session, registry, name)
        return
    found = _find(registry, name)
    if not found:
        raise UserError(_unknown(registry, name))
    for seam in found:
        session.say(f"[bold]{escape(seam.model)}.{escape(seam.signature)}[/]\n")
        session.say(escape(seam.docstring) + "\n")
        for override in marked.overrides(registry, seam):
            code = inspect.unwrap(override.function).__code__
            model = f" of {override.model}" if override.model != seam.model else ""
            session.say(escape(f"{override.addon}{model}  {code.co_filename}:{code.co_firstlineno}"))


def _list_of_model(session: Session, registry: Registry, model: str) -> None:
    own = _seams_of(registry, model)
    if not own:
        raise UserError(f"The model {model} has no seams; `stillage seams` lists all that there are")
    table = session.table("Action", "Order", "Seam", "By", "Overridden by", "What it does")
    for action, steps in in_order(own).items():
        for order, seam in steps:
            summary = seam.docstring.partition("\n")[0]
            row = (action, str(order), seam.label, seam.addon, ", ".join(_others(registry, seam)), summary)
            table.add_row(*map(escape, row))
    session.out.print(table)


def _seams_of(registry: Registry, model: str) -> list[marked.Seam]:
    """The seams that a model has, those of its mixins included."""
    classes = registry.models[model].__mro__
    return [seam for seam in marked.seams(registry) if seam.definition in classes]


def _find(registry: Registry, name: str) -> list[marked.Seam]:
    model, _, method = name.rpartition(".")
    if model in registry.models:
        return [seam for seam in _seams_of(registry, model) if seam.name == method]
    return [seam for seam in marked.seams(registry) if name == seam.name]


def _unknown(registry: Registry, name: str) -> str:
    """What to say of a name that no seam has: the nearest ones, those of the model that it names first."""
    model, _, method = name.rpartition(".")
    known = marked.seams(registry)
    text = f"No installed addon has a seam {name!r}"
    near: list[str] = []
    if model in registry.models:
        if hasattr(registry.models[model], method):
            text = f"{name} is a method, but no seam: services may change or leave out its calls"
        near = [f"{model}.{found}" for found in _near(method, [seam.name for seam in _seams_of(registry, model)])]
    else:
        near = _near(name, [*registry.models, *(seam.name for seam in known)])
    near += _near(name, [seam.label for seam in known])
    if near:
        return f"{text}. Did you mean {', '.join(dict.fromkeys(near))}?"
    return f"{text}; `stillage seams` lists all that there are"


def _near(name: str, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(name, dict.fromkeys(known), n=3, cutoff=0.75)


def _others(registry: Registry, seam: marked.Seam) -> list[str]:
    """The addons that override a seam of another, those called first at the front."""
    return list(dict.fromkeys(each.addon for each in marked.overrides(registry, seam) if each.addon != seam.addon))


@seams.command(short_help="Run some code and show the seams that it calls")
@click.option("-c", "code", metavar="CODE", required=True, help="Python to run with `env`; '-' reads standard input")
@click.option("--login", metavar="LOGIN", help="User to work as; the superuser when left out")
@click.option("--commit", is_flag=True, help="Keep the changes; they are undone otherwise")
@click.pass_obj
def trace(session: Session, code: str, login: str | None, commit: bool) -> None:
    """Run some code and show the seams that it calls, in order, with how many records and how long each took.

    It shows every seam for which an override would be called, also where no addon overrides it: services take no
    shorter way past one meanwhile, so the times may be longer than usual. A call within another one is indented below
    it. Example:

      stillage seams trace -c "env['stock.picking'].browse(5).button_validate()"
    """
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
        records = ngettext("%(number)s record", "%(number)s records", call.records) if call.records else "on the model"
        session.say(f"{call.seconds * 1000:9.3f} ms  {escape(name)} [dim]{records}[/]")
    session.say(str(ngettext("%(number)s call", "%(number)s calls", len(calls))) if calls else "No seam was called")


def _installed(session: Session) -> Registry:
    """The models of the database's addons; those of the bundled ones where there is no database yet."""
    database = session.open()
    return database.registry if database.initialised else _bundled(session)


def _bundled(session: Session) -> Registry:
    """The models of the bundled addons, installed or not, so that the page does not depend on a database."""
    catalogue = session.open().catalogue
    names = catalogue.with_dependencies(addon.name for addon in catalogue if addon.package.startswith("addons."))
    return assemble(catalogue, names).registry
