"""``stillage``: the command group, the options that all commands share, errors and exit codes.

Exit codes: 0 done; 1 refused or failed, the message says why; 2 wrong usage or settings; 3 an addon is at fault;
4 the database cannot be reached or changed; 70 an error that should not be; 130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Final

import click
import sqlalchemy as sa
from rich.markup import escape

import core
from core import logs
from core.cli.session import CodeError, Session
from core.exceptions import AddonError, ConfigurationError, DatabaseUnavailable, SchemaError, StillageError
from core.settings import without_password

#: Command -> where it is, and what it does in a line. The modules are imported when they are asked for.
COMMANDS: Final = {
    "init": ("core.cli.database:init", "Set up an empty database"),
    "serve": ("core.cli.serve:serve", "Serve the database to browsers and clients"),
    "shell": ("core.cli.shell:shell", "Work with records in Python"),
    "addons": ("core.cli.addons:addons", "List, install, upgrade, remove and write addons"),
    "hooks": ("core.cli.hooks:hooks", "List hooks and their implementations; trace them"),
    "seams": ("core.cli.seams:seams", "List the methods that addons override; trace them"),
    "openapi": ("core.cli.openapi:openapi", "Print the OpenAPI document of /json/2"),
    "check": ("core.cli.database:check", "Look for mistakes in addons, models, views and hooks"),
    "doctor": ("core.cli.doctor:doctor", "Look for damaged records, and repair what follows from others"),
    "config": ("core.cli.database:config", "Show all settings, and where each comes from"),
    "user": ("core.cli.users:user", "List and add users, set passwords and groups, end sessions"),
}


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value not in (None, (), False):
        ctx.ensure_object(Session).flags[str(parameter.name)] = value


def _common_options() -> list[click.Option]:
    """The options that every command takes, before or after its name."""

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_keep, is_eager=True, **more)

    return [
        option("--database", "database_url", metavar="URL", help="The database, e.g. sqlite:///shop.db"),
        option("--addons-path", "addons_path", metavar="FOLDERS", help="Folders with addons, separated by commas"),
        option("--config", "config", metavar="FILE", help="Settings file instead of stillage.toml"),
        option("--debug", "debug", is_flag=True, help="Show tracebacks"),
    ]


def with_common_options(command: click.Command) -> click.Command:
    """Add the common options to a command and its subcommands, those excepted that it has itself."""
    taken = {name for parameter in command.params for name in parameter.opts}
    command.params += [option for option in _common_options() if not taken & set(option.opts)]
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            with_common_options(sub)
    return command


class StillageGroup(click.Group):
    """Core's commands, imported when needed, and those of the installed addons."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Core's commands, then those of addons if the database can be opened."""
        return [*COMMANDS, *sorted(self._of_addons(ctx))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, or None."""
        if name in COMMANDS:
            if name not in self.commands:
                module, _, attribute = COMMANDS[name][0].partition(":")
                self.commands[name] = with_common_options(getattr(importlib.import_module(module), attribute))
            return self.commands[name]
        command = self._of_addons(ctx).get(name)
        return with_common_options(command) if command else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Which command it is. Those of addons are in the database, which may be named after them."""
        if args and args[0] not in COMMANDS:
            reader = click.Command(
                args[0],
                params=[*_common_options()],
                add_help_option=False,
                context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
            )
            reader.make_context(args[0], args[1:], obj=ctx.obj)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them all."""
        rows = [(name, text) for name, (_, text) in COMMANDS.items()]
        more = self._of_addons(ctx)
        rows += [(name, more[name].get_short_help_str()) for name in sorted(more)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    @staticmethod
    def _of_addons(ctx: click.Context) -> dict[str, click.Command]:
        try:
            database = ctx.ensure_object(Session).open()
            if not database.initialised:
                return {}
            return {str(command.name): command for found in database.hooks.register_commands() for command in found}
        except (StillageError, sa.exc.SQLAlchemyError):
            return {}


@click.group(cls=StillageGroup, context_settings={"help_option_names": ["-h", "--help"]}, params=_common_options())
@click.version_option(core.__version__, prog_name="stillage")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Stillage: stock, sales and manufacturing, addon by addon."""
    ctx.ensure_object(Session)
    logs.configure(timed=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; nothing is raised unless ``--debug`` is given."""
    session = Session()
    try:
        result = cli.main(
            list(sys.argv[1:] if arguments is None else arguments), "stillage", standalone_mode=False, obj=session
        )
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        session.err.print("Interrupted.")
        return 130
    except BrokenPipeError:
        return 0
    except CodeError as error:
        session.err.print(escape(str(error).rstrip()))
        return 1
    except Exception as error:
        if session.debug:
            raise
        return report(session, error)
    finally:
        session.close()


def report(session: Session, error: Exception) -> int:
    """Tell an error in words; returns the exit code."""
    if isinstance(error, DatabaseUnavailable):
        url = without_password(session.settings.database_url)
        text, code = f"The database {url} cannot be used: {error.detail or error}", 4
    elif isinstance(error, StillageError):
        text, code = str(error), _code_of(error)
    elif isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) or type(error) is sa.exc.DatabaseError:
        url = without_password(session.settings.database_url)
        text, code = f"The database {url} cannot be used: {str(error.orig).strip()}", 4
    else:
        text, code = f"Unexpected {type(error).__name__}: {error}\nRun it again with --debug to see where.", 70
    session.err.print(f"[bold red]Error:[/] {escape(text)}")
    return code


def _code_of(error: StillageError) -> int:
    if isinstance(error, ConfigurationError):
        return 2
    if isinstance(error, AddonError):
        return 3
    return 4 if isinstance(error, SchemaError) else 1
