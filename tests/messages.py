"""Snapshots of user messages: one file per addon holds the wording, tests assert classes, codes and data.

    tests/addons/<addon>/__snapshots__/messages.ambr     messages asserted by the tests of an addon
    tests/core/__snapshots__/messages.ambr               messages asserted by the tests of core

An entry is named after its test module and function, plus a running number or a name of its own. Both kinds of
database share an entry. `pytest --snapshot-update <folder>` rewrites the file; see docs/writing_an_addon.md.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollections
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from core.exceptions import StillageError
from core.testing.plugin import DIALECTS

TESTS = Path(__file__).resolve().parent
#: Number of a document ("WH/OUT/00012", "S00003", "PACK0000001"): depends on which tests ran before.
DOCUMENT_NUMBER = re.compile(r"\b([A-Z][A-Z/]*)(\d{5,})")
#: Test id without the kind of database.
DIALECT_IN_ID = re.compile(
    rf"\[(?:{'|'.join(DIALECTS)})\]|(?<=\[)(?:{'|'.join(DIALECTS)})-|-(?:{'|'.join(DIALECTS)})\b"
)


class MessageLocation(PyTestLocation):
    """Place of a test whose entries are named by module and function, without the kind of database."""

    @property
    def snapshot_name(self) -> str:
        """Name of the test's first entry."""
        return f"{self.basename}.{DIALECT_IN_ID.sub('', super().snapshot_name)}"


class MessageFile(AmberSnapshotExtension):
    """Amber file with the plain messages of one addon."""

    def serialize(self, data: Any, **options: Any) -> str:
        """Return the message as it is, without quotes."""
        return str(data)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """Return the name of an entry; one with a name of its own is shared by all parameters of the test."""
        if isinstance(index, str):
            return f"{test_location.snapshot_name.partition('[')[0]}[{index}]"
        return super().get_snapshot_name(test_location=test_location, index=index)

    @classmethod
    def folder(cls, path: str) -> Path:
        """Return the folder of tests that share the file: tests/addons/<addon>, else tests/<part>."""
        absolute = Path(path).resolve()
        if not absolute.is_relative_to(TESTS):  # a run with this configuration on the tests of another project
            return absolute.parent
        parts = absolute.relative_to(TESTS).parts[:-1]
        return TESTS.joinpath(*parts[: 2 if parts[:1] == ("addons",) else 1])

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Return the folder that holds the file."""
        return str(cls.folder(test_location.filepath) / cls.snapshot_dirname)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        """Return the name of the file."""
        return "messages"

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Whether the file belongs to the test's addon."""
        return Path(snapshot_location).parent == Path(cls.dirname(test_location=test_location))

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """Return the stored entries where every test beside the file takes part in the run.

        What is found here and not asserted is reported as unused, which holds only where no module is left out and
        no test is skipped for want of its kind of database (`--dialects`).
        """
        folder = self.folder(test_location.filepath)
        beside = [item for item in test_location.item.session.items if item.path.is_relative_to(folder)]
        complete = {item.path for item in beside}.issuperset(folder.rglob("test_*.py"))
        if not complete or any(item.get_closest_marker("skip") for item in beside):
            return SnapshotCollections()
        return super().discover_snapshots(test_location=test_location, ignore_extensions=ignore_extensions)


@dataclasses.dataclass
class Messages:
    """Messages of one test, compared with the addon's snapshot file."""

    numbered: SnapshotAssertion
    named: SnapshotAssertion

    def check(self, message: object, *, name: str | None = None, replace: Mapping[Any, str] | None = None) -> None:
        """Assert that the message reads as in the snapshot file.

        Args:
            message: text for people; document numbers are replaced by #1, #2 ... in order of appearance.
            name: name of the entry, shared by all parameters of the test; by default parameters and a running number.
            replace: text that differs between runs, such as a date -> placeholder.
        """
        __tracebackhide__ = True
        text = str(message)
        for changing, placeholder in (replace or {}).items():
            assert str(changing) in text, f"{changing} does not occur in: {text}"
            text = text.replace(str(changing), placeholder)
        numbers: dict[str, str] = {}
        text = DOCUMENT_NUMBER.sub(lambda found: numbers.setdefault(found[0], f"{found[1]}#{len(numbers) + 1}"), text)
        if name is None:
            assert text == self.numbered
        else:
            assert text == self.named(name=name)


@dataclasses.dataclass
class Refused:
    """Assertion that a block is refused: class, code, data and wording of the error."""

    messages: Messages

    @contextmanager
    def __call__(
        self,
        error_class: type[StillageError],
        *,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
        name: str | None = None,
        replace: Mapping[Any, str] | None = None,
    ) -> Iterator[pytest.ExceptionInfo[Any]]:
        """Assert that the block raises such an error; the message is compared with the snapshot file.

        Args:
            error_class: exact class of the error.
            code: code of the error; by default that of its class.
            data: entries that the error's data holds, among others.
            name, replace: see Messages.check.
        """
        __tracebackhide__ = True
        with pytest.raises(error_class) as refusal:
            yield refusal
        error = refusal.value
        expected = (error_class, error_class.code if code is None else code)
        assert (type(error), error.code) == expected, error.message
        found = {key: error.data.get(key) for key in data or ()}
        assert found == dict(data or {})
        self.messages.check(error.message, name=name, replace=replace)
