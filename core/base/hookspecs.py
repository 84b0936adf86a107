"""The hooks that the built-in addon offers. Core's own are in ``core/hookspecs.py``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.api import Environment, hookspec


@hookspec
def register_doctor_checks(env: Environment) -> Iterable[Any]:
    """Contribute laws that ``stillage doctor`` checks on the live database.

    When:
        when ``stillage doctor`` runs, and when addons are uninstalled. Core's own checks are over the declarations of
        all models: required values, constraints, unique keys, links, companies (``check_company``), hierarchies and
        stored computed fields. What an addon adds is what only it knows: figures and states that follow from other
        records.
    Args:
        env: superuser environment of the run.
    Returns:
        ``core.doctor.Check`` objects: an ``id`` (``addon.law``), a ``title``, ``find(env)``, which yields
        ``core.doctor.Problem`` objects, and, where a problem can be put right from other records, ``repair(env,
        problems)``. Compare in the database or read ``core.doctor.slices``: the tables may have millions of rows.
        ``core.doctor`` has ready ones: ``circle_check``, ``company_check``, ``computed_again``. A check with
        ``at_uninstall=True`` also refuses to uninstall addons without which it would find more: for records that name
        what an addon registers. Its ``find`` yields all problems: the ones after are compared with the ones before.
    Transaction:
        ``find`` only reads, in one transaction for all checks; repairs run in one transaction and are undone together.
    Example::

        import sqlalchemy as sa
        from core.api import hookimpl
        from core.doctor import Check, Problem

        def _nameless(env):
            partner = env.registry.table("res.partner")
            for id_ in env.execute(sa.select(partner.c.id).where(partner.c.name == "")).scalars():
                yield Problem("res.partner", id_, f"Contact {id_} has no name", hint="open the contact and name it")

        @hookimpl
        def register_doctor_checks(env):
            '''Contacts have names.'''
            return [Check("notes.names", "Contacts have names", _nameless)]
    """
    raise NotImplementedError
