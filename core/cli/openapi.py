"""`stillage openapi`: the description of `/json/2`, for tools that make clients of it."""

from __future__ import annotations

import json

import click

from core.cli.session import Session
from core.rpc.openapi import document


@click.command()
@click.option("--model", "models", metavar="MODEL", multiple=True, help="Only this model; may be given several times")
@click.option("--login", metavar="LOGIN", help="User whose rights count; the superuser when left out")
@click.pass_obj
def openapi(session: Session, models: tuple[str, ...], login: str | None) -> None:
    """Print the OpenAPI 3.1 document of the database: each method that may be called, with its arguments.

    A running server gives it to a client with an API key: GET /doc-bearer/openapi.json.
    """
    with session.open().transaction(login, readonly=True) as env:
        click.echo(json.dumps(document(env, models), ensure_ascii=False, indent=2))
