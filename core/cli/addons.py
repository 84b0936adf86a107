"""`stillage addons`: list, install, upgrade, uninstall, new, conflicts."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from core.boot import Database
from core.cli.session import Session
from core.db.transaction import Cursor
from core.i18n import ngettext
from core.loader.conflicts import all_conflicts
from core.loader.discovery import unusable
from core.loader.installer import Installed, installed_addons
from core.loader.manifest import parse_version
from core.loader.scaffold import create_addon


@click.group()
def addons() -> None:
    """List, install, upgrade, remove and write addons."""


@addons.command("list")
@click.option("--installed", "only_installed", is_flag=True, help="Only those that are installed")
@click.pass_obj
def list_(session: Session, only_installed: bool) -> None:
    """Show all addons at hand and their state."""
    database = session.open()
    with Cursor(database.engine, readonly=True) as cr:
        installed = installed_addons(cr)
    names = sorted({*database.catalogue.addons, *database.catalogue.errors, *installed})
    table = session.table("Addon", "State", "Version", "From", "Summary")
    for name in names:
        if name in installed or not only_installed:
            table.add_row(*map(escape, _row(database, name, installed.get(name))))
    session.out.print(table)
    for line in database.catalogue.shadowed:
        session.say(f"[dim]{escape(line)}[/]")


def _row(database: Database, name: str, installed: Installed | None) -> tuple[str, ...]:
    addon = database.catalogue.addons.get(name)
    if addon is None:
        error = database.catalogue.errors.get(name)
        state = "broken" if error else "installed, not found"
        return name, state, installed.version if installed else "", "", str(error or "")
    manifest = addon.manifest
    if installed is None:
        problem = unusable(manifest)
        return name, "not installable" if problem else "", manifest.version, addon.origin, problem or manifest.summary
    if name in database.quarantined:
        return name, "quarantined", installed.version, addon.origin, str(database.quarantined[name])
    if parse_version(installed.version) < parse_version(manifest.version):
        return name, "to upgrade", f"{installed.version} -> {manifest.version}", addon.origin, manifest.summary
    return name, "installed", manifest.version, addon.origin, manifest.summary


@addons.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--demo", is_flag=True, help="Load their demo data")
@click.pass_obj
def install(session: Session, names: tuple[str, ...], demo: bool) -> None:
    """Install addons, with all that they need."""
    with session.progress() as report:
        installed = session.open().install(_split(names), demo=demo, progress=report)
    session.say(f"Installed {', '.join(installed)}" if installed else "They are installed already")


@addons.command()
@click.argument("names", nargs=-1)
@click.option("--plan", is_flag=True, help="Show the changes of tables and do nothing")
@click.option("--allow-destructive", is_flag=True, help="Drop and narrow columns where the models say so")
@click.pass_obj
def upgrade(session: Session, names: tuple[str, ...], plan: bool, allow_destructive: bool) -> None:
    """Bring addons (all, if none is named) to the version on disk."""
    database = session.open()
    chosen = _split(names) or None
    if plan:
        changes = database.plan_upgrade(chosen)
        for change in changes:
            mark = "[red]destroys data[/] " if change.destructive else ""
            session.say(f"{mark}{escape(change.describe())}")
        session.say(f"Changes: {len(changes)}" if changes else "The tables are as the models say")
        return
    with session.progress() as report:
        upgraded = database.upgrade(chosen, allow_destructive=allow_destructive, progress=report)
    session.say(f"Upgraded {', '.join(upgraded)}")


@addons.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask")
@click.pass_obj
def uninstall(session: Session, names: tuple[str, ...], yes: bool) -> None:
    """Remove addons with all their data."""
    chosen = _split(names)
    if not yes and session.is_interactive():
        click.confirm(f"Remove {', '.join(chosen)} and all data in their tables and fields?", abort=True)
    with session.progress() as report:
        removed = session.open().uninstall(chosen, progress=report)
    session.say(f"Removed {', '.join(removed)}")


@addons.command()
@click.argument("name")
@click.option("--path", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder to put it into")
@click.pass_obj
def new(session: Session, name: str, folder: Path | None) -> None:
    """Write a new addon to start from: a model, a view, rights, a hook and a test."""
    target = folder or Path((session.settings.addons_path or ("addons",))[0])
    written = create_addon(target, name)
    for path in written:
        session.say(escape(str(path)))
    prefix = f"--addons-path {target} " if str(target) not in session.settings.addons_path else ""
    session.say(f"\nNext: stillage {prefix}addons install {name}; pytest {target / name}")


@addons.command()
@click.pass_obj
def conflicts(session: Session) -> None:
    """Show where addons that no manifest relates change the same thing, and what decides who comes first."""
    database = session.open()
    with database.transaction(readonly=True) as env:
        found = all_conflicts(env, database.catalogue)
    for conflict in found:
        mark = "[green]ordered[/]" if conflict.determined else "[yellow]undetermined[/]"
        session.say(f"{mark} [bold]{escape(conflict.kind)}[/] {escape(conflict.subject)}")
        session.say(f"    {escape(' -> '.join(conflict.order))}")
        session.say(f"    [dim]{escape(conflict.reason)}[/]")
    loose = sum(not conflict.determined for conflict in found)
    session.say(_summary(len(found), loose) if found else "No conflicts: the order of all addons is decided")


def _summary(conflicts: int, undetermined: int) -> str:
    counted = ngettext("%(number)s conflict", "%(number)s conflicts", conflicts)
    return f"{counted}, {undetermined} of them undetermined"


def _split(names: tuple[str, ...]) -> list[str]:
    return [name for text in names for name in text.replace(",", " ").split()]
