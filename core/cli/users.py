"""`stillage user`: list, add, password, groups; keys, second factor and sessions."""

from __future__ import annotations

from typing import Any

import click
from rich.markup import escape

from core.cli.session import Session, random_password
from core.exceptions import UserError

#: What a user gets who is added without saying which groups.
DEFAULT_GROUP = "base.group_user"


@click.group()
def user() -> None:
    """List and add users, set passwords and groups, see and end keys and sessions."""


@user.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """Show all users."""
    table = session.table("Login", "Name", "Active", "Groups")
    with session.open().transaction(readonly=True) as env:
        users = env["res.users"].with_context(active_test=False).search([], order="login")
        for each in users:
            groups = ", ".join(sorted(filter(None, _groups(env, each))))
            table.add_row(escape(each.login), escape(each.name or ""), "yes" if each.active else "no", escape(groups))
    session.out.print(table)


@user.command()
@click.argument("login")
@click.option("--name", help="Full name; the login when left out")
@click.option("--email", help="E-mail address")
@click.option("--password", help="Password; a random one is made and shown when left out")
@click.option(
    "--group", "groups", multiple=True, metavar="ID", help="External id of a group, e.g. inventory.group_stock_user"
)
@click.pass_obj
def add(
    session: Session, login: str, name: str | None, email: str | None, password: str | None, groups: tuple[str, ...]
) -> None:
    """Add a user."""
    chosen = password or random_password()
    with session.open().transaction() as env:
        if env["res.users"].with_context(active_test=False).search_count([("login", "=", login)]):
            raise UserError(f"There is a user {login!r} already")
        values: dict[str, Any] = {"login": login, "name": name or login, "password": chosen}
        if email:
            values["email"] = email
        ids = [_group(env, xmlid).id for xmlid in (groups or (DEFAULT_GROUP,))]
        values[_groups_field(env)] = [(6, 0, ids)]
        env["res.users"].create(values)
    session.say(f"Added {escape(login)}" + ("" if password else f", password [bold]{chosen}[/]   (shown only now)"))


@user.command()
@click.argument("login")
@click.option("--password", help="The new password; asked for on a terminal, random elsewhere")
@click.pass_obj
def password(session: Session, login: str, password: str | None) -> None:
    """Set a user's password."""
    shown = password is None and not session.is_interactive()
    if password is None:
        if session.is_interactive():
            password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
        else:
            password = random_password()
    with session.open().transaction() as env:
        _user(env, login).write({"password": password})
    session.say(f"Password of {escape(login)} is set" + (f" to [bold]{password}[/]" if shown else ""))


@user.command()
@click.argument("login")
@click.option("--add", "added", multiple=True, metavar="ID", help="External id of a group to join")
@click.option("--remove", "removed", multiple=True, metavar="ID", help="External id of a group to leave")
@click.pass_obj
def groups(session: Session, login: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Show a user's groups, or change them."""
    with session.open().transaction() as env:
        found = _user(env, login)
        commands = [(4, _group(env, xmlid).id, 0) for xmlid in added]
        commands += [(3, _group(env, xmlid).id, 0) for xmlid in removed]
        if commands:
            found.write({_groups_field(env): commands})
        names = _groups(env, found)
    session.say("\n".join(sorted(map(escape, names))) or "no groups")


@user.command()
@click.argument("login", required=False)
@click.pass_obj
def keys(session: Session, login: str | None) -> None:
    """Show the API keys of a user, or of all."""
    table = session.table("User", "Description", "Begins with", "Scope", "Expires", "Last use")
    with session.open().transaction(readonly=True) as env:
        domain = [("user_id", "=", _user(env, login).id)] if login else []
        for key in env["res.users.apikeys"].search(domain, order="user_id, id"):
            end = str(key.expiration_date or "never")
            scope = key.scope or "everything"
            table.add_row(
                escape(key.user_id.login), escape(key.name), key.index, escape(scope), end, str(key.last_use or "")
            )
    session.out.print(table)


@user.command("totp-reset")
@click.argument("login")
@click.pass_obj
def totp_reset(session: Session, login: str) -> None:
    """Reset the second factor of a user who lost the app and the recovery codes."""
    with session.open().transaction() as env:
        found = _user(env, login)
        if not found.totp_enabled:
            raise UserError(f"{login!r} has no second factor")
        found.action_totp_disable()
    session.say(f"{escape(login)} signs in with the password alone now")


@user.command("sign-out")
@click.argument("login")
@click.option("--keys", "with_keys", is_flag=True, help="Remove the user's API keys as well")
@click.pass_obj
def sign_out(session: Session, login: str, with_keys: bool) -> None:
    """End all sessions of a user."""
    with session.open().transaction() as env:
        found = _user(env, login)
        count = len(found.device_ids)
        found._end_access(keep_api_keys=not with_keys)
    session.say(f"Ended {count} session{'' if count == 1 else 's'} of {escape(login)}")


def _user(env: Any, login: str) -> Any:
    found = env["res.users"].with_context(active_test=False).search([("login", "=", login)])
    if not found:
        raise UserError(f"There is no user {login!r}")
    return found


def _group(env: Any, xmlid: str) -> Any:
    try:
        group = env.ref(xmlid)
    except (ValueError, UserError) as error:
        raise UserError(f"There is no group {xmlid!r}") from error
    if group._name != "res.groups":
        raise UserError(f"{xmlid} is a {group._name}, not a group")
    return group


def _groups_field(env: Any) -> str:
    return "group_ids" if "group_ids" in env["res.users"]._fields else "groups_id"


def _groups(env: Any, user: Any) -> list[str]:
    groups = user[_groups_field(env)]
    names = env["ir.model.data"]._xmlids_of("res.groups", groups.ids)
    return [names.get(group.id, group.display_name) for group in groups]
