"""Settings: what a deployment decides. A flag wins over the environment, which wins over ``stillage.toml``.

Each setting is a field of :class:`Settings`; its help text, its environment variable (``STILLAGE_<NAME>``) and its
key in the file (the field's name) follow from the declaration. ``stillage config`` prints them with their origin.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from core.exceptions import ConfigurationError

FILE_NAME: Final = "stillage.toml"
PREFIX: Final = "STILLAGE_"
HIDDEN: Final = "********"
#: Characters of a key that cannot be guessed: 128 bits and more, whatever alphabet it is written in.
SECRET_KEY_LENGTH: Final = 32

#: Settings that have one of a few values, in whatever case.
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "log_format": ("text", "json"),
    "log_level": ("debug", "info", "warning", "error"),
}

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


def _setting(default: Any, help: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """All settings, with their defaults. Build it with :func:`load_settings`, or directly in tests and embeddings.

    ``origins`` maps each name to where its value comes from: ``default``, a file's path, an
    environment variable's name, or ``flag``.
    """

    database_url: str = _setting(
        "sqlite:///stillage.db", "The database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    )
    addons_path: tuple[str, ...] = _setting((), "Folders with addons besides the bundled ones, first match wins")
    host: str = _setting("127.0.0.1", "Address to listen on")
    port: int = _setting(8069, "Port to listen on")
    workers: int = _setting(1, "Worker processes; more than one needs PostgreSQL to pay off")
    threads: int = _setting(8, "Threads per worker process")
    pool_size: int = _setting(10, "Database connections kept open per worker process")
    statement_echo: bool = _setting(False, "Log every SQL statement")
    trusted_proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded-* headers are believed")
    allowed_hosts: tuple[str, ...] = _setting(
        (), "Hosts that requests may name, separated by commas; .example.com stands for all below it; empty: any"
    )
    secure_cookies: bool = _setting(False, "Send cookies over HTTPS only")
    session_hours: int = _setting(12, "Hours after which an idle session ends")
    session_days: int = _setting(30, "Days after which a session ends, however much it is used")
    secret_key: str = _setting("", "Key that signs sessions; empty: made once and kept in the database", secret=True)
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    log_format: str = _setting("text", "Lines of the log: text or json")
    log_requests: bool = _setting(True, "Log a line for each request; those that fail are always logged")
    debug: bool = _setting(False, "Show tracebacks; never on a server that others can reach")
    scheduler: bool = _setting(True, "Run scheduled jobs within `stillage serve`")
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def secrets(self) -> tuple[str, ...]:
        """The values that are not for the eyes of those who read logs, the password of the database among them."""
        values = [str(getattr(self, spec.name)) for spec in setting_fields() if spec.metadata["secret"]]
        password = re.search(r"://[^:/@]*:([^@]*)@", self.database_url)
        if password:
            values += [password[1], unquote(password[1])]
        return tuple(value for value in values if value)

    def exposed_files(self) -> list[str]:
        """The settings files that hold a secret and that any account of the machine may read."""
        names = [spec.name for spec in setting_fields() if spec.metadata["secret"] and getattr(self, spec.name)]
        if without_password(self.database_url) != self.database_url:
            names.append("database_url")
        files = {Path(self.origins[name]) for name in names if self.origins.get(name, "").endswith(".toml")}
        return sorted(str(file) for file in files if file.is_file() and file.stat().st_mode & stat.S_IROTH)

    def described(self) -> list[tuple[str, str, str, str]]:
        """(name, value as text with secrets hidden, origin, help) of every setting, in order of declaration."""
        rows = []
        for spec in setting_fields():
            value = getattr(self, spec.name)
            if spec.metadata["secret"]:
                shown = HIDDEN if value else ""
            elif isinstance(value, tuple):
                shown = (os.pathsep if spec.name == "addons_path" else ",").join(value)
            else:
                shown = without_password(str(value))
            rows.append((spec.name, shown, self.origins.get(spec.name, "default"), spec.metadata["help"]))
        return rows


def setting_fields() -> list[Any]:
    """The dataclass fields that are settings (``origins`` is not)."""
    return [spec for spec in fields(Settings) if "help" in spec.metadata]


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    file: str | Path | None = None,
) -> Settings:
    """Read the settings.

    Args:
        flags: values given on the command line; None values count as not given.
        environ: the environment, ``os.environ`` when left out.
        file: path of the TOML file; when left out ``STILLAGE_CONFIG`` or ``stillage.toml`` in the working
            directory, if it is there.

    Raises:
        ConfigurationError: for an unknown name, a misspelt variable or a value that does not fit, naming where it
            stands.
    """
    environ = os.environ if environ is None else environ
    given = file or environ.get(f"{PREFIX}CONFIG")
    path = Path(given or FILE_NAME)
    if given and not path.is_file():
        raise ConfigurationError(f"The settings file {path} does not exist")
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}

    def take(name: str, value: Any, origin: str) -> None:
        values[name], origins[name] = _converted(name, value, origin), origin

    if path.is_file():
        for name, value in _read(path).items():
            take(name, value, str(path))
        if "addons_path" in values:  # relative folders are meant relative to the file that names them
            values["addons_path"] = tuple(str(path.parent / folder) for folder in values["addons_path"])
    variables = {f"{PREFIX}{spec.name.upper()}": spec.name for spec in setting_fields()}
    for variable, name in variables.items():
        if variable in environ:
            take(name, environ[variable], variable)
    _refuse_misspelt(environ, variables)
    for name, value in (flags or {}).items():
        if value is not None:
            take(name, value, "flag")
    _check_secret_key(values.get("secret_key", ""), origins.get("secret_key", ""))
    return Settings(**values, origins=origins)


def without_password(url: str) -> str:
    """``url`` with the password in it, if there is one, replaced by asterisks."""
    return re.sub(r"(://[^:/@]*:)[^@]*(@)", rf"\g<1>{HIDDEN}\g<2>", url)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _check_secret_key(key: str, origin: str) -> None:
    """Raise ConfigurationError for a key so short that it could be guessed."""
    if 0 < len(key) < SECRET_KEY_LENGTH:
        raise ConfigurationError(
            f"{origin}: secret_key needs at least {SECRET_KEY_LENGTH} random characters, such as those that"
            " `python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints; left empty, one is made"
        )


def _refuse_misspelt(environ: Mapping[str, str], variables: Iterable[str]) -> None:
    """Raise ConfigurationError for a variable that is almost one of ours: it was meant, and would be passed over."""
    known = [*variables, f"{PREFIX}CONFIG"]
    for variable in environ:
        if variable.startswith(PREFIX) and variable not in known:
            meant = difflib.get_close_matches(variable, known, n=1, cutoff=0.9)
            if meant:
                raise ConfigurationError(f"{variable}: there is no such setting; did you mean {meant[0]}?")


def _converted(name: str, value: Any, origin: str) -> Any:
    known = {spec.name: spec for spec in setting_fields()}
    if name not in known:
        raise ConfigurationError(f"{origin}: there is no setting {name!r}; known are {', '.join(sorted(known))}")
    default = known[name].default
    try:
        if isinstance(default, bool):
            return _boolean(value)
        if isinstance(default, int):
            return int(value)
        if isinstance(default, tuple):
            # A host may have a port.
            marks = f"{os.pathsep}," if name == "addons_path" else ","
            parts = re.split(rf"[{re.escape(marks)}]", value) if isinstance(value, str) else value
            return tuple(str(part).strip() for part in parts if str(part).strip())
        text = str(value)
        _check_choice(name, text, origin)
        return text
    except (TypeError, ValueError) as error:
        wanted = {bool: "yes or no", int: "a whole number"}.get(type(default), "a list of texts")
        raise ConfigurationError(f"{origin}: {name} must be {wanted}, not {value!r}") from error


def _check_choice(name: str, text: str, origin: str) -> None:
    """Raise ConfigurationError when `text` is none of the values that the setting can have."""
    choices = _CHOICES.get(name)
    if choices and text.lower() not in choices:
        raise ConfigurationError(f"{origin}: {name} must be one of {', '.join(choices)}, not {text!r}")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(value)
