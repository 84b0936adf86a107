"""`stillage serve`: the web server, on waitress (one process) or gunicorn (several), and scheduled jobs beside it."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
from typing import Any

import click
import waitress
from rich.markup import escape

from core.base.services import cron
from core.boot import Database
from core.cli.database import check_database
from core.cli.session import Session
from core.exceptions import ConfigurationError
from core.settings import Settings
from core.web.app import Application

logger = logging.getLogger(__name__)

#: Seconds between two looks for jobs that are due.
JOBS_EVERY = 60.0


@click.command()
@click.option("--host", help="Address to listen on")
@click.option("--port", type=int, help="Port to listen on")
@click.option("--workers", type=int, help="Worker processes")
@click.option("--threads", type=int, help="Threads per worker process")
@click.pass_obj
def serve(session: Session, **flags: Any) -> None:
    """Serve the database to browsers and clients."""
    session.flags.update({name: value for name, value in flags.items() if value is not None})
    session.__dict__.pop("settings", None)
    settings = session.settings
    logging.getLogger().setLevel(settings.log_level.upper())
    database = session.open()
    if not database.initialised:
        raise ConfigurationError(f"The database {database.name} is empty; set it up with `stillage init`")
    database.note_quarantined()
    report_problems(session, database)
    session.err.print(
        f"Stillage serves {escape(database.name)} on http://{settings.host}:{settings.port} (Ctrl-C stops it)"
    )
    if settings.workers > 1:
        session.close()  # each worker opens its own: connections do not survive a fork
        _serve_with_gunicorn(settings)
    else:
        _start_jobs(database, settings)
        application = Application(database)
        _settle_memory(database)
        waitress.serve(application, host=settings.host, port=settings.port, threads=settings.threads, ident="stillage")


def report_problems(session: Session, database: Database) -> None:
    """Say what the system checks find; the server starts nevertheless."""
    for message in check_database(database):
        if message.level == "error":
            session.err.print(f"[red]{message.id}[/] {escape(message.subject)}: {escape(message.text)}")


def _serve_with_gunicorn(settings: Settings) -> None:
    base: Any = importlib.import_module("gunicorn.app.base")  # not on Windows

    class Server(base.BaseApplication):
        """gunicorn, told by us instead of by a file; every worker makes its own application."""

        def load_config(self) -> None:
            options = {
                "bind": f"{settings.host}:{settings.port}",
                "workers": settings.workers,
                "threads": settings.threads,
                "worker_class": "gthread",
                "loglevel": settings.log_level.lower(),
                "timeout": 120,
                "proc_name": "stillage",
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Application:
            database = Database(settings.database_url, settings=settings)
            _start_jobs(database, settings)
            application = Application(database)
            _settle_memory(database)
            return application

    Server().run()


def _settle_memory(database: Database) -> None:
    """Take the models and modules, which stay for good, out of the garbage collector's rounds."""
    assert database.registry
    gc.collect()
    gc.freeze()


def _start_jobs(database: Database, settings: Settings) -> None:
    """Look for due jobs in the background; which process gets a job is decided by a lock on its row."""
    if not settings.scheduler:
        return

    def work() -> None:
        pause = threading.Event()
        while not pause.wait(JOBS_EVERY):
            try:
                cron.run_due(database)
            except Exception:
                logger.exception("scheduled jobs failed")

    threading.Thread(target=work, name="stillage-jobs", daemon=True).start()
