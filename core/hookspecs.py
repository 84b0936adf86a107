"""Every hook that core calls. What an addon offers in addition is in its own ``hookspecs.py``.

A hook's name tells its contract: ``register_*`` and ``extra_*`` collect lists, ``on_*`` tell of an event (and only
``on_validate`` has a say in it), ``choose_*``, ``rank_*`` and ``plan_*`` give answers, ``limit_*`` lower
what is given, ``translate_*`` adapt.

Each docstring has the sections *When*, *Args*, *Returns*, *Transaction* and *Example*; ``stillage hooks --markdown``
turns them into ``docs/hooks.md``, and the tests run every example. Calls pass keyword arguments:
``env.hooks.on_done(env=env, documents=pickings)``. An implementation names the arguments it wants and leaves out
the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from core.plugins import hookspec

#: A recordset of the model that the argument's description names (``core.models.Model``).
Records: TypeAlias = Any
#: ``core.api.Environment``: user, cursor, registry and context of the current transaction.
Environment: TypeAlias = Any


# ---------------------------------------------------------------------------- what an addon brings


@hookspec
def register_models() -> Iterable[type]:
    """Contribute model classes that do not lie in ``models``, ``extends`` or ``wizards``.

    When:
        while the registry of a database is composed: at boot, and after an install, upgrade or uninstall.
        Classes below the three sub-packages are found without this hook.
    Args:
        none.
    Returns:
        definition classes (with ``_name`` or ``_inherit``), for instance such as are built in a loop.
    Transaction:
        none; there is no database access at this point.
    Example::

        from core.api import hookimpl

        @hookimpl
        def register_models():
            '''One model for each kind of note.'''
            # one class per kind of document would be built here
            return [type(f"Note{kind}", (), {"__module__": __name__}) for kind in ()]
    """
    raise NotImplementedError


@hookspec
def register_views(env: Environment) -> Iterable[Mapping[str, Any]]:
    """Contribute views that are computed rather than written in an XML file.

    When:
        at the end of an install or upgrade of the addon, after its data files.
    Args:
        env: superuser environment of the installing transaction.
    Returns:
        dicts with ``id`` (external id without the addon's name), ``name``, ``model``, ``arch`` and, as wanted,
        ``type``, ``inherit_id`` (an external id), ``priority``. They become ``ir.ui.view`` records of the addon
        and are removed with it.
    Transaction:
        that of the install: an error rolls the whole install back.
    Example::

        from core.api import hookimpl

        @hookimpl
        def register_views(env):
            '''The plain list of partners.'''
            return [{"id": "view_partner_plain", "name": "partner.plain", "model": "res.partner",
                     "arch": "<list><field name='name'/></list>"}]
    """
    raise NotImplementedError


@hookspec
def register_menus(env: Environment) -> Iterable[Mapping[str, Any]]:
    """Contribute menu entries that are computed rather than written in an XML file.

    When:
        at the end of an install or upgrade of the addon, after its data files and views.
    Args:
        env: superuser environment of the installing transaction.
    Returns:
        dicts with ``id`` (external id without the addon's name), ``name`` and, as wanted, ``parent`` and
        ``action`` (external ids) and ``sequence``. They become ``ir.ui.menu`` records of the addon.
    Transaction:
        that of the install: an error rolls the whole install back.
    Example::

        from core.api import hookimpl

        @hookimpl
        def register_menus(env):
            '''The entry of the notes.'''
            return [{"id": "menu_notes", "name": "Notes", "sequence": 90}]
    """
    raise NotImplementedError


@hookspec
def register_routes() -> Iterable[Any]:
    """Contribute pages and endpoints of the web server.

    When:
        once, while the WSGI application of a database is built.
    Args:
        none.
    Returns:
        ``werkzeug.routing.Rule`` objects whose ``endpoint`` is the function to call with
        ``(request, env, **url_values)``; it returns a werkzeug ``Response``.
    Transaction:
        none here. The endpoint itself runs in one transaction that is committed when it returns.
    Example::

        from werkzeug.routing import Rule
        from werkzeug.wrappers import Response
        from core.api import hookimpl

        def _ping(request, env):
            return Response("pong")

        @hookimpl
        def register_routes():
            '''The address that shows whether the server answers.'''
            return [Rule("/notes/ping", endpoint=_ping, methods=["GET"])]
    """
    raise NotImplementedError


@hookspec
def register_pages() -> Iterable[Mapping[str, Any]]:
    """Contribute pages of the web client, with its bar, messages and dialogs.

    When:
        once, while the WSGI application of a database is built.
    Args:
        none.
    Returns:
        dicts with ``path`` (below ``/app``, in werkzeug's syntax), ``show`` (the function that answers GET) and, where
        the page has forms, ``submit`` (the one that answers POST). Both are called with ``(page, **url_values)`` and
        return a werkzeug ``Response``. ``page`` (`core.web.pages.addon.PageRequest`) has ``env``, ``request`` and

        * ``render(template, title=..., **values)``: a template that extends ``page.html``;
        * ``call(work, here)``: carry out ``work()`` once for the form that was sent. What it returns is followed as
          for a button: a wizard is a dialog over ``here``, None leads to ``here``; a refusal is shown there.

        A menu leads to the page by an ``ir.actions.act_url`` record.
    Transaction:
        none here. Each request runs in one transaction, read-only for ``show``; the form of a ``submit`` carries the
        token of its page.
    Example::

        from core.api import hookimpl

        def _show(page):
            return page.render("home", title="Notes")

        @hookimpl
        def register_pages():
            '''The page of the notes.'''
            return [{"path": "/app/notes", "show": _show}]
    """
    raise NotImplementedError


@hookspec
def register_commands() -> Iterable[Any]:
    """Contribute commands to ``stillage``.

    When:
        when the command line is called with a command that core does not have, or lists its commands, and the
        database can be opened.
    Args:
        none.
    Returns:
        ``click.Command`` objects. A command that wants the database takes it with
        ``@click.pass_obj``: the object's ``.open()`` gives the ``core.boot.Database``.
    Transaction:
        none; the command opens its own.
    Example::

        import click
        from core.api import hookimpl

        @click.command("count-partners")
        @click.pass_obj
        def _count_partners(session):
            with session.open().transaction() as env:
                click.echo(env["res.partner"].search_count([]))

        @hookimpl
        def register_commands():
            '''`stillage count-partners`.'''
            return [_count_partners]
    """
    raise NotImplementedError


@hookspec
def register_checks() -> Iterable[Any]:
    """Contribute system checks, which ``stillage check``, the boot and the tests run.

    When:
        when the checks run.
    Args:
        none.
    Returns:
        functions that take a ``core.checks.Subject`` (``registry``, ``hooks``, ``addons`` and, when a database
        is at hand, ``env``) and return or yield ``core.checks.Message`` objects.
    Transaction:
        checks only read; what they write is rolled back.
    Example::

        from core.api import hookimpl

        def _partners_have_names(subject):
            if "res.partner" not in subject.registry.models:
                yield subject.error("notes.E001", "res.partner", "the partner model is missing",
                                    hint="install the base addon")

        @hookimpl
        def register_checks():
            '''The notes need the model of partners.'''
            return [_partners_have_names]
    """
    raise NotImplementedError


@hookspec
def register_jobs() -> Iterable[Mapping[str, Any]]:
    """Contribute jobs that the scheduler runs at intervals.

    When:
        at the end of an install or upgrade of the addon.
    Args:
        none.
    Returns:
        dicts with ``id`` (external id without the addon's name), ``name``, ``model``, ``method`` and
        ``interval_minutes``. They become ``ir.cron`` records of the addon; an administrator's changes of them
        stay.
    Transaction:
        that of the install. The job itself runs in a transaction of its own.
    Example::

        from core.api import hookimpl

        @hookimpl
        def register_jobs():
            '''Old notes go once a day.'''
            return [{"id": "job_clean", "name": "Clean old notes", "model": "res.partner",
                     "method": "_clean_notes", "interval_minutes": 24 * 60}]
    """
    raise NotImplementedError


@hookspec
def register_template_paths() -> Iterable[str]:
    """Contribute folders with Jinja templates, besides the addon's own ``templates`` folder.

    When:
        once, while the WSGI application of a database is built.
    Args:
        none.
    Returns:
        paths of folders. The folder of an addon is searched before those of addons loaded earlier, and all
        of them before core's, so that a file of the same name replaces a page.
    Transaction:
        none.
    Example::

        from pathlib import Path
        from core.api import hookimpl

        @hookimpl
        def register_template_paths():
            '''The templates of the notes.'''
            return [str(Path("more") / "templates")]
    """
    raise NotImplementedError


# ---------------------------------------------------------------------------- pages


@hookspec
def extra_context(env: Environment, request: Any, template: str) -> Mapping[str, Any] | None:
    """Add variables to a page's template.

    When:
        before a page is rendered.
    Args:
        env: environment of the request, with the signed-in user.
        request: the werkzeug request.
        template: name of the template, e.g. ``form.html``.
    Returns:
        a dict, or None. Of two addons that set the same name, the one that is loaded later wins.
    Transaction:
        that of the request; only read here, a page must not change anything.
    Example::

        from core.api import hookimpl

        @hookimpl
        def extra_context(env, template):
            '''Forms show the phone number of the support.'''
            if template == "form.html":
                return {"support_phone": "+49 30 1234567"}
    """
    raise NotImplementedError


@hookspec
def extra_buttons(env: Environment, record: Records) -> Iterable[Mapping[str, Any]] | None:
    """Add buttons to the head of a form.

    When:
        while the form of a saved record is rendered. Scope it with ``model=``.
    Args:
        env: environment of the request.
        record: the one record shown.
    Returns:
        dicts with ``name`` (a public method of the model), ``string`` and, as wanted, ``class`` and ``confirm``.
        A button that a view can carry belongs into a view; this is for those that depend on data.
    Transaction:
        that of the request; only read here.
    Example::

        from core.api import hookimpl

        @hookimpl(model="res.partner")
        def extra_buttons(env, record):
            '''A button that copies the record.'''
            if record.name:
                return [{"name": "copy", "string": f"Copy {record.name}"}]
    """
    raise NotImplementedError


# ---------------------------------------------------------------------------- life of a record


@hookspec
def on_create(env: Environment, records: Records) -> None:
    """Records have been created.

    When:
        once per batch, when the rows have been written and computed fields are up to date. What is to become
        part of the record itself belongs into a default, a computed field or an override of ``create``.
    Args:
        env: environment of the creator.
        records: the new records, all of one model. Scope it with ``model=``, else every create is slowed down.
    Returns:
        nothing.
    Transaction:
        that of the creator: raising undoes the create. Effects on the outside world go through
        ``env.cr.after_commit``.
    Example::

        import logging
        from core.api import hookimpl

        @hookimpl(model="res.partner")
        def on_create(env, records):
            '''The log names new partners, once they are stored.'''
            names = records.mapped("name")
            env.cr.after_commit(lambda: logging.getLogger(__name__).info("new partners: %s", names))
    """
    raise NotImplementedError


@hookspec
def on_write(env: Environment, records: Records, names: Sequence[str]) -> None:
    """Values of records have been changed.

    When:
        once per batch, after the change. Stored computed fields are included in ``names``.
    Args:
        env: environment of the writer.
        records: the changed records, all of one model.
        names: names of the fields that have been written.
    Returns:
        nothing.
    Transaction:
        that of the writer: raising undoes the change. An implementation that writes to the same records must
        see to it that this comes to an end.
    Example::

        from core.api import hookimpl

        @hookimpl(model="res.partner")
        def on_write(env, records, names):
            '''Who changes the address of a partner may read the partner.'''
            if "email" in names:
                records.check_access("read")
    """
    raise NotImplementedError


@hookspec
def on_unlink(env: Environment, records: Records) -> None:
    """Records are about to be deleted.

    When:
        once per batch, after the rights and ``@api.ondelete`` checks, while the records can still be read.
    Args:
        env: environment of the user who deletes.
        records: the records, all of one model.
    Returns:
        nothing. Raise a ``UserError`` to refuse; for a rule of your own model use ``@api.ondelete``.
    Transaction:
        that of the deleter.
    Example::

        from core.api import hookimpl
        from core.exceptions import UserError

        @hookimpl(model="res.partner")
        def on_unlink(env, records):
            '''The head office cannot be deleted.'''
            if any(partner.name == "Head Office" for partner in records):
                raise UserError("The head office stays.")
    """
    raise NotImplementedError


# ---------------------------------------------------------------------------- life of a document


@hookspec
def on_confirm(env: Environment, documents: Records) -> None:
    """Documents (orders, transfers, productions) have been confirmed.

    When:
        after the state has changed and the document's own work (moves, procurement) is done.
    Args:
        env: environment of the user.
        documents: the confirmed documents, all of one model. Scope it with ``model=``.
    Returns:
        nothing. Raising undoes the confirmation.
    Transaction:
        that of the user's action.
    Example::

        from core.api import hookimpl

        @hookimpl(model="stock.picking")
        def on_confirm(env, documents):
            '''The note names the user who confirmed.'''
            for picking in documents:
                picking.note = f"Confirmed by {env.user.name}"
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def on_validate(env: Environment, documents: Records, answers: Mapping[str, Any]) -> Records | None:
    """Documents are about to be done: refuse, ask or let pass.

    When:
        before anything is posted, once per attempt. After the user has answered a question, the document's
        method is called again with the answer, and this hook with it.
    Args:
        env: environment of the user.
        documents: the documents to be done, all of one model. Scope it with ``model=``.
        answers: what has been answered so far: name of the question -> answer, for instance
            ``{"backorder": {12: True}}`` with the documents' ids.
    Returns:
        * raise a ``UserError`` to **refuse**;
        * return a wizard (a record of a transient model) to **ask**; its buttons call the documents' method
          again with ``answers``, for all ``documents``. A wizard that inherits ``question.mixin`` does that, and
          ``documents._unanswered("question", answers)`` says which of them it has to ask about;
        * return None to **let the next implementation speak**. When all do, the documents are done.

        The first one that raises or asks wins: ``before=``/``after=`` and ``tryfirst``/``trylast`` decide who that is.
    Transaction:
        that of the user's action. When a question is returned, it is committed with the wizard in it, and
        nothing is posted.
    Example::

        from core.api import hookimpl
        from core.exceptions import UserError

        @hookimpl(model="stock.picking")
        def on_validate(env, documents, answers):
            '''Nothing goes to Blocked Ltd.'''
            blocked = documents.filtered(lambda picking: picking.partner_id.name == "Blocked Ltd")
            if blocked:
                raise UserError(f"Not to be shipped: {', '.join(blocked.mapped('name'))}")
    """
    raise NotImplementedError


@hookspec
def on_done(env: Environment, documents: Records) -> None:
    """Documents are done: shipped, received, produced.

    When:
        after quantities have been posted and backorders have been made.
    Args:
        env: environment of the user.
        documents: the documents, all of one model. Scope it with ``model=``.
    Returns:
        nothing. Raising undoes the whole action.
    Transaction:
        that of the user's action. A mail or a call to another system goes through ``env.cr.after_commit``.
    Example::

        import logging
        from core.api import hookimpl

        @hookimpl(model="stock.picking")
        def on_done(env, documents):
            '''The log names what is shipped, once it is stored.'''
            names = documents.mapped("name")
            env.cr.after_commit(lambda: logging.getLogger(__name__).info("shipped %s", names))
    """
    raise NotImplementedError


@hookspec
def on_cancel(env: Environment, documents: Records) -> None:
    """Documents have been cancelled.

    When:
        after the state has changed and reservations have been released.
    Args:
        env: environment of the user.
        documents: the documents, all of one model. Scope it with ``model=``.
    Returns:
        nothing. Raising undoes the whole action.
    Transaction:
        that of the user's action.
    Example::

        from core.api import hookimpl

        @hookimpl(model="stock.picking")
        def on_cancel(env, documents):
            '''The note says that the transfer is cancelled.'''
            for picking in documents:
                picking.note = "Cancelled"
    """
    raise NotImplementedError


@hookspec
def on_backorder(env: Environment, documents: Records, backorders: Records) -> None:
    """Backorders have been made for what could not be delivered or produced.

    When:
        after the split and before ``on_done`` of the originals. Quantities are final, the backorders
        are confirmed and have their names.
    Args:
        env: environment of the user.
        documents: the original documents, all of one model.
        backorders: as many documents of the same model; ``backorders[i]`` continues ``documents[i]``.
    Returns:
        nothing. Raising undoes the whole action.
    Transaction:
        that of the user's action.
    Example::

        from core.api import hookimpl

        @hookimpl(model="stock.picking")
        def on_backorder(env, documents, backorders):
            '''The note names the transfer that the rest comes from.'''
            for original, backorder in zip(documents, backorders):
                backorder.note = f"Rest of {original.name}"
    """
    raise NotImplementedError


# ---------------------------------------------------------------------------- boundaries


@hookspec
def translate_context(
    env: Environment, model: str, method: str, context: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Turn context keys that existing clients send into keyword arguments.

    When:
        at the RPC boundary, before a method is called with a context that is not empty. Inside the server,
        context never steers: this is where the two worlds meet.
    Args:
        env: environment of the caller.
        model, method: what is called, e.g. ``stock.picking`` and ``button_validate``.
        context: the context as sent. Keys that are translated remain in it, and mean nothing.
    Returns:
        keyword arguments to add to the call, or None. Arguments that the caller passes itself win, then those of
        the addon that is loaded later.
    Transaction:
        that of the call.
    Example::

        from core.api import hookimpl

        @hookimpl
        def translate_context(env, model, method, context):
            '''Older clients leave out the question about backorders.'''
            if model == "stock.picking" and method == "button_validate" and context.get("skip_backorder"):
                return {"answers": {"backorder": {}}}
    """
    raise NotImplementedError
