"""`stillage serve`: the web server, in one process or in several that gunicorn looks after, and scheduled jobs."""

from __future__ import annotations

import gc
import importlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

import click
from rich.markup import escape

from core import logs
from core.base.services import cron, passwords
from core.boot import Database
from core.cli.database import ADMIN, check_database
from core.cli.http_server import HttpServer
from core.cli.session import Session
from core.db.engine import unverified_hosts
from core.exceptions import ConfigurationError, DatabaseUnavailable
from core.settings import Settings
from core.web.app import Application

logger = logging.getLogger(__name__)

#: Seconds between two looks for jobs that are due.
JOBS_EVERY = 60.0
#: Seconds that a stopping server waits for the scheduled job at work.
JOBS_GRACE = 5.0
#: Hosts that only this machine reaches.
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: What a terminal (Ctrl-C) and a supervisor or `kill` send.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option("--host", help="Address to listen on")
@click.option("--port", type=int, help="Port to listen on")
@click.option("--workers", type=int, help="Worker processes")
@click.option("--threads", type=int, help="Threads per worker process")
@click.pass_obj
def serve(session: Session, **flags: Any) -> None:
    """Serve the database to browsers and clients, until SIGINT (Ctrl-C) or SIGTERM."""
    with exit_on_stop_signals():
        _serve(session, flags)


def _serve(session: Session, flags: dict[str, Any]) -> None:
    session.flags.update({name: value for name, value in flags.items() if value is not None})
    session.__dict__.pop("settings", None)
    settings = session.settings
    logs.configure(settings.log_format, settings.log_level)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits for a thread
    database = session.open()
    if not database.initialised:
        raise ConfigurationError(f"The database {database.name} is empty; set it up with `stillage init`")
    database.note_quarantined()
    report_problems(session, database)
    report_exposure(session, database)
    session.err.print(
        f"Stillage serves {escape(database.name)} on http://{settings.host}:{settings.port} (Ctrl-C stops it)"
    )
    if settings.workers > 1:
        session.close()  # each worker opens its own: connections do not survive a fork
        _serve_with_gunicorn(settings)
    else:
        with ExitStack() as cleanup:
            application = _start_application(database, settings, cleanup)
            server = HttpServer(application, threads=settings.threads, host=settings.host, port=settings.port)
            server.run(lambda: True)  # until a stop signal


@contextmanager
def exit_on_stop_signals() -> Iterator[None]:
    """Make SIGINT and SIGTERM end the process in order, with exit code 0, whatever it inherited for them.

    A shell starts a command with `&` in a script with SIGINT ignored, and Python then installs no handler for it; for
    SIGTERM it never does. Outside of the main thread, where handlers cannot be set, nothing is changed.
    """

    def stop(_number: int, _frame: Any) -> NoReturn:
        raise SystemExit(0)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def report_problems(session: Session, database: Database) -> None:
    """Say what the system checks find; the server starts nevertheless."""
    for message in check_database(database):
        if message.level == "error":
            session.err.print(f"[red]{message.id}[/] {escape(message.subject)}: {escape(message.text)}")


def report_exposure(session: Session, database: Database) -> None:
    """Warn of secrets that others can read, and of what is meant for one's own machine: debugging, a known password."""
    settings = session.settings
    for file in settings.exposed_files():
        session.err.print(
            f"[yellow]Warning[/]: any account of this machine can read the secrets in {escape(file)};"
            f" `chmod o-r {escape(file)}` ends that"
        )
    if hosts := unverified_hosts(settings.database_url):
        session.err.print(
            f"[yellow]Warning[/]: nothing verifies that it is the database which answers on {escape(', '.join(hosts))};"
            " add ?sslmode=verify-full to database_url, with sslrootcert= for certificates of your own"
        )
    # What listens on this machine only is reached by others through a proxy.
    if settings.host in LOOPBACK and not settings.trusted_proxies:
        return
    if settings.debug:
        session.err.print("[yellow]Warning[/]: debug shows tracebacks to all who reach this server; switch it off")
    with database.transaction(readonly=True) as env:
        logins = [user.login for user in _demo_users(env) if passwords.verify_password(user.password_hash, user.login)]
    if logins:
        session.err.print(
            f"[yellow]Warning[/]: the password of {' and '.join(logins)} is the one of every demonstration database;"
            " all who reach this server can sign in with it. Change it with `stillage user password LOGIN`"
        )


def _demo_users(env: Any) -> list[Any]:
    """The active users to whom demo data gives a password."""
    found = [env.ref(xmlid, raise_if_not_found=False) for xmlid in (ADMIN, "base.user_demo")]
    return [user.sudo() for user in found if user and user.active]


def _serve_with_gunicorn(settings: Settings) -> None:
    base: Any = importlib.import_module("gunicorn.app.base")  # not on Windows

    class Server(base.BaseApplication):
        """gunicorn, configured by us instead of by a file; every worker makes its own application."""

        def __init__(self) -> None:
            self.cleanup = ExitStack()
            super().__init__()

        def load_config(self) -> None:
            options = {
                "bind": f"{settings.host}:{settings.port}",
                "workers": settings.workers,
                "threads": settings.threads,
                "worker_class": "core.cli.worker.HttpWorker",
                "logger_class": "core.cli.worker.RootLogger",
                "loglevel": settings.log_level.lower(),
                # Workers report once a second, whatever their threads do: this ends one that hangs as a whole.
                "timeout": 60,
                "proc_name": "stillage",
                "control_socket_disable": True,  # two servers of one account would share it
                "worker_exit": self.exit_worker,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Application:
            database = Database(settings.database_url, settings=settings)
            self.cleanup.callback(database.close)
            return _start_application(database, settings, self.cleanup)

        def exit_worker(self, _arbiter: Any, _worker: Any) -> None:
            """Close what `load` opened. The parent, which also calls this for ended workers, has opened nothing."""
            self.cleanup.close()

    Server().run()


def _start_application(database: Database, settings: Settings, cleanup: ExitStack) -> Application:
    """Start the scheduled jobs and return the application; `cleanup` stops the jobs."""
    cleanup.callback(_start_jobs(database, settings))
    application = Application(database)
    _settle_memory(database)
    return application


def _settle_memory(database: Database) -> None:
    """Take the models and modules, which stay for good, out of the garbage collector's rounds."""
    try:
        assert database.registry
    except DatabaseUnavailable as error:  # the server answers with 503 meanwhile
        logger.warning("The database is not available (%s: %s)", error.reason, error.detail)
    gc.collect()
    gc.freeze()


def _start_jobs(database: Database, settings: Settings) -> Callable[[], None]:
    """Look for due jobs in the background; which process gets a job is decided by a lock on its row.

    Returns the function that stops it; a job that takes longer than JOBS_GRACE seconds ends with the process.
    """
    if not settings.scheduler:
        return lambda: None
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(JOBS_EVERY):
            try:
                cron.run_due(database)
            except DatabaseUnavailable as error:
                logger.warning(
                    "Scheduled jobs wait: the database is not available (%s: %s)", error.reason, error.detail
                )
            except Exception as error:
                logs.log_defect(logger, "The look for scheduled jobs", error)

    thread = threading.Thread(target=work, name="stillage-jobs", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join(JOBS_GRACE)

    return stop
