"""What every command works with: settings from flags, environment and file; the database; the terminal."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.boot import Database
from core.loader.installer import Progress as Report
from core.settings import Settings, load_settings

#: Columns of a table that goes into a file or a pipe.
_WIDE: Final = 240
#: Letters and digits that cannot be mistaken for one another.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Session:
    """One call of ``stillage``. ``flags`` holds the options common to all commands, as far as they were given."""

    def __init__(self) -> None:
        self.flags: dict[str, Any] = {}
        self.out = _console()
        self.err = _console(stderr=True)
        self._database: Database | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings, with flags over environment over file."""
        flags = dict(self.flags)
        return load_settings(flags, file=flags.pop("config", None))

    @property
    def debug(self) -> bool:
        """Whether tracebacks are wanted; known even where the settings themselves are at fault."""
        return bool(self.flags.get("debug")) or ("settings" in self.__dict__ and self.settings.debug)

    def open(self) -> Database:
        """The database, opened once."""
        if self._database is None:
            self._database = Database(self.settings.database_url, settings=self.settings)
        return self._database

    def close(self) -> None:
        """Close the database if it was opened."""
        if self._database is not None:
            self._database.close()
            self._database = None

    # -- the terminal

    def say(self, text: str) -> None:
        """A line on standard output; square brackets in ``text`` are rich's markup."""
        self.out.print(text)

    def table(self, *columns: str, title: str | None = None) -> Table:
        """An empty table with these headings."""
        table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        return table

    @contextmanager
    def progress(self) -> Generator[Report]:
        """A progress bar on a terminal; nothing elsewhere. Gives the function to report to."""
        if not self.err.is_terminal:
            yield lambda text, done, total: None
            return
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Progress(*columns, TimeElapsedColumn(), console=self.err, transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda text, done, total: bar.update(task, description=text, completed=done, total=total)

    @staticmethod
    def is_interactive() -> bool:
        """Whether a person can answer questions."""
        return sys.stdin.isatty()


class CodeError(Exception):
    """Code that the user gave on the command line failed; the text is its traceback, without our own frames."""


def _console(*, stderr: bool = False) -> Console:
    """A console that does not cut lines where they are not shown on a terminal."""
    console = Console(stderr=stderr, soft_wrap=True, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, soft_wrap=True, highlight=False, width=_WIDE)


def random_password(length: int = 16) -> str:
    """A password of some 90 bits that can be read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
