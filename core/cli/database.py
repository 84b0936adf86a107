"""`stillage init`, `check` and `config`."""

from __future__ import annotations

import click
import sqlalchemy as sa
from rich.markup import escape

from core import checks
from core.boot import Database
from core.cli.session import Session, random_password
from core.exceptions import UserError
from core.i18n import ngettext
from core.orm.environment import Environment
from core.settings import without_password

ADMIN = "base.user_admin"
DEMO_PASSWORD = "admin"


def names_in(text: str) -> list[str]:
    """The names in a list separated by commas or spaces."""
    return text.replace(",", " ").split()


@click.command()
@click.option("--addons", default="", metavar="A,B", help="Addons to install, separated by commas")
@click.option("--demo", is_flag=True, help="Load demo data; the password of admin is then 'admin'")
@click.pass_obj
def init(session: Session, addons: str, demo: bool) -> None:
    """Set up an empty database."""
    database = session.open()
    create_missing(database.engine.url)
    if database.initialised:
        raise UserError(f"{database.name} is set up already; `stillage addons install` adds to it")
    password = DEMO_PASSWORD if demo else random_password()

    def set_password(env: Environment) -> None:
        """In the transaction of the installation: no database is left behind whose administrator has no password."""
        if demo:
            env.ref(ADMIN)._store_password(password)
        else:
            env.ref(ADMIN).write({"password": password})

    with session.progress() as report:
        installed = database.install(names_in(addons), demo=demo, prepare=set_password, progress=report)
    session.say(f"Installed {', '.join(installed)} in {escape(without_password(database.url))}")
    shown = password if demo else f"{password}   (shown only now)"
    session.say(f"User [bold]admin[/], password [bold]{shown}[/]")


def create_missing(url: sa.URL) -> None:
    """On PostgreSQL, create the database if the server does not have it (a SQLite file comes by itself)."""
    if url.get_backend_name() != "postgresql" or not url.database:
        return
    maintenance = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with maintenance.connect() as connection:
            query = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(query, {"name": url.database}).first() is None:
                name = connection.dialect.identifier_preparer.quote(url.database)
                connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    except sa.exc.DBAPIError:
        pass  # without a way to look, or to create: connecting to it will tell
    finally:
        maintenance.dispose()


@click.command()
@click.option("--strict", is_flag=True, help="Fail on warnings as well")
@click.pass_context
def check(ctx: click.Context, strict: bool) -> None:
    """Look for mistakes in addons, models, views and hooks; of addons that are not installed, whether they load."""
    session: Session = ctx.obj
    database = session.open()
    messages = [*check_database(database), *checks.check_not_installed(database.catalogue, database.addons)]
    for message in messages:
        session.say(_line(message))
    errors = sum(message.level == "error" for message in messages)
    session.say(_summary(errors, len(messages) - errors))
    if errors or (strict and messages):
        ctx.exit(1)


def _summary(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "No problems found"
    return ", ".join(
        [
            ngettext("%(number)s error", "%(number)s errors", errors),
            ngettext("%(number)s warning", "%(number)s warnings", warnings),
        ]
    )


def check_database(database: Database) -> list[checks.Message]:
    """Run all checks on a database; on an empty one those of the addons on disk."""
    if not database.initialised:
        return checks.check_catalogue(database.catalogue)
    with database.transaction(readonly=True) as env:
        subject = checks.Subject(
            registry=env.registry,
            hooks=database.hooks,
            addons=database.addons,
            catalogue=database.catalogue,
            quarantined=database.quarantined,
            env=env,
        )
        return checks.run(subject)


def _line(message: checks.Message) -> str:
    colour = {"error": "red", "warning": "yellow"}.get(message.level, "blue")
    hint = f"\n    [dim]{escape(message.hint)}[/]" if message.hint else ""
    return f"[{colour}]{message.id}[/] {escape(message.subject)}: {escape(message.text)}{hint}"


@click.command()
@click.pass_obj
def config(session: Session) -> None:
    """Show all settings, and where each comes from."""
    table = session.table("Setting", "Value", "From", "Meaning")
    for row in session.settings.described():
        table.add_row(*map(escape, row))
    session.out.print(table)
