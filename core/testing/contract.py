"""Structural tests for any addon, in three lines:

    from core.testing.contract import AddonContract

    class TestInventory(AddonContract):
        addon = "inventory"

They tell what a reviewer would otherwise look for by hand: that it installs, upgrades and uninstalls; that every model
has rights, a view and a description; that what its views, menus and data name exists; that its source keeps to the
rules of the house.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pytest
from lxml import etree

from core.exceptions import UserError
from core.loader.discovery import Addon, Catalogue, discover
from core.rpc.public_methods import public_methods
from core.testing import source, views
from core.testing.databases import AddonSet, TestDatabases, rolled_back

#: Folders whose XML and CSV files are loaded through the manifest.
DATA_FOLDERS = ("data", "security", "views", "wizards", "reports")


class AddonContract:
    """Subclass it, set ``addon``, and pytest finds the tests.

    The other attributes are for what an addon knowingly does differently; each entry needs a reason beside it.
    """

    #: The addon's name.
    addon: ClassVar[str] = ""
    #: Folders to look for it in, besides the bundled addons and the installed distributions.
    paths: ClassVar[tuple[str | Path, ...]] = ()
    #: Models that are only seen inside others' forms, or never.
    without_view: ClassVar[frozenset[str]] = frozenset()
    #: Models that only the superuser touches.
    without_rights: ClassVar[frozenset[str]] = frozenset()
    #: Models whose records must not be copied.
    not_copied: ClassVar[frozenset[str]] = frozenset()
    #: Methods, "model.method", that every user may call with whatever arguments, because no `api.public` declares them.
    exposed: ClassVar[frozenset[str]] = frozenset()
    #: Files and functions that are longer than allowed: key -> the reason; see `source.oversized`.
    oversized: ClassVar[Mapping[str, str]] = source.NO_REASONS

    # ---------------------------------------------------------------- what the tests look at

    @cached_property
    def catalogue(self) -> Catalogue:
        """All addons at hand."""
        return discover(self._paths)

    @cached_property
    def found(self) -> Addon:
        """The addon itself."""
        return self.catalogue[self.addon]

    @property
    def _paths(self) -> tuple[str, ...]:
        return tuple(map(str, self.paths))

    @property
    def _set(self) -> AddonSet:
        return AddonSet((self.addon,), demo=True, paths=self._paths)

    @pytest.fixture
    def addon_env(self, databases: TestDatabases) -> Iterator[Any]:
        """An environment of the superuser where the addon is installed with demo data; rolled back after the test."""
        with rolled_back(databases.shared("sqlite", self._set)) as env:
            yield env

    def own_models(self, env: Any) -> list[Any]:
        """The models that the addon brings, as empty recordsets; abstract ones left out."""
        classes = sorted(env.registry.models.items())
        return [env[name] for name, cls in classes if cls._original_addon == self.addon and not cls._abstract]

    def own_records(self, env: Any, model: str) -> Any:
        """The records of `model` that the addon's data files brought, extensions of other addons' views included."""
        rows = env["ir.model.data"].search([("module", "=", self.addon), ("model", "=", model)])
        return env[model].with_context(active_test=False).browse(rows.mapped("res_id")).exists()

    # ---------------------------------------------------------------- source

    def test_the_manifest_says_what_it_is(self) -> None:
        """Title, version, summary and licence are there, and nothing in it is odd."""
        manifest = self.found.manifest
        assert manifest.title
        assert manifest.version
        assert manifest.summary
        assert manifest.license
        assert manifest.warnings == ()

    def test_no_data_file_is_forgotten(self) -> None:
        """Every file in the manifest exists, and every data file is in the manifest."""
        listed = {*self.found.manifest.data, *self.found.manifest.demo}
        absent = [name for name in sorted(listed) if not self.found.file(name).is_file()]
        source.nothing(absent)
        there = {
            path.relative_to(self.found.path).as_posix()
            for folder in (*DATA_FOLDERS, "demo")
            for path in (self.found.path / folder).rglob("*")
            if path.suffix in (".xml", ".csv")
        }
        source.nothing(sorted(there - listed))

    def test_no_external_id_is_given_twice(self) -> None:
        """A second record of the same id would silently take the place of the first."""
        names = [
            element.get("id")
            for file in (*self.found.manifest.data, *self.found.manifest.demo)
            if file.endswith(".xml")
            for element in etree.parse(self.found.file(file)).iter("record", "menuitem", "template")
        ]
        source.nothing(sorted({name for name in names if name and names.count(name) > 1}))

    def test_files_classes_and_functions_are_short(self) -> None:
        """At most 600, 400 and 60 lines, unless `oversized` gives a reason."""
        source.nothing(source.oversized(self.found.path, self.oversized))

    def test_modules_say_what_is_in_them(self) -> None:
        """No utils, helpers or common."""
        source.nothing(source.vague_names(self.found.path))

    def test_public_code_says_what_it_promises(self) -> None:
        """Modules, public classes and public functions have docstrings."""
        source.nothing([line for line in source.undocumented(self.found.path) if "/tests/" not in line])

    def test_imports_stand_at_the_top(self) -> None:
        """No import inside a function."""
        source.nothing(source.late_imports(self.found.path))

    def test_imports_stay_within_depends(self) -> None:
        """Of core the facade only, of other addons the exceptions and services of those in `depends`."""
        reachable = {
            f"{self.catalogue[name].package}.{part}"
            for name in self.catalogue.closure(self.addon)
            if name != self.addon
            for part in ("exceptions", "services")
        }
        packages = {each.package for each in self.catalogue}

        def allowed(name: str) -> bool:
            if name == "core" or name.startswith("core."):
                return source.in_facade(name)
            if not any(name == package or name.startswith(f"{package}.") for package in packages):
                return not name.startswith("addons.")
            return any(name == module or name.startswith(f"{module}.") for module in reachable)

        source.nothing(source.foreign_imports(self.found.path, self.found.package, allowed))

    def test_context_does_not_steer(self) -> None:
        """A choice is an argument or a field."""
        source.nothing(source.context_steering(self.found.path))

    def test_one_model_one_file(self, addon_env: Any) -> None:
        """A model, and what is added to another's model, is one class in the file with the model's name."""
        findings = []
        for model in addon_env.registry.models.values():
            name = model._name.replace(".", "_")
            modules = [each.__module__ for each in model._definitions]
            modules = [module for module in modules if module.startswith(f"{self.found.package}.")]
            if len(modules) > 1:
                findings.append(f"{model._name} is defined {len(modules)} times: in {', '.join(modules)}")
            for module in modules:
                file = module.rpartition(".")[2]
                # a part of a document may stand in the document's file: res.country.state in res_country.py
                if ".wizards." not in module and not f"{name}_".startswith(f"{file}_"):
                    findings.append(f"{model._name} is in {module}")
        source.nothing(findings)

    # ---------------------------------------------------------------- life

    def test_it_installs(self, dialect: str, databases: TestDatabases) -> None:
        """It installs with its demo data, and the tables are as the models say."""
        database = databases.shared(dialect, self._set)
        assert self.addon in database.addons
        source.nothing([change.describe() for change in database.plan_upgrade([self.addon])])

    @pytest.mark.slow
    def test_it_upgrades_twice_without_a_difference(self, databases: TestDatabases) -> None:
        """An upgrade of the same version changes neither tables nor data."""
        with databases.fresh("sqlite", self._set) as database:
            before = self._inventory(database)
            for _attempt in range(2):
                database.upgrade([self.addon])
                source.nothing([change.describe() for change in database.plan_upgrade([self.addon])])
                assert self._inventory(database) == before

    @pytest.mark.slow
    def test_it_uninstalls_without_a_trace(self, dialect: str, databases: TestDatabases) -> None:
        """Its records, external ids, models and fields go; the rest stays whole; it can be installed again."""
        with databases.fresh(dialect, self._set) as database:
            database.uninstall([self.addon])
            assert self.addon not in database.addons
            left = [change.describe() for change in database.plan_upgrade()]
            if self.found.manifest.triggers:  # an upgrade would bring it back, so what it adds is planned again
                left = [change for change in left if not change.startswith(("add ", "create "))]
            source.nothing(left)
            with database.transaction() as env:
                source.nothing(env["ir.model.data"].search([("module", "=", self.addon)]).mapped("name"))
                orphans = env["ir.ui.view"].search([("model", "!=", False)]).mapped("model")
                source.nothing(set(orphans) - set(env.registry.models))
            database.install([self.addon])
            assert self.addon in database.addons

    @staticmethod
    def _inventory(database: Any) -> dict[str, int]:
        """How many records each model has; counters and histories left out."""
        with database.transaction() as env:
            names = [
                name for name, cls in sorted(env.registry.models.items()) if not cls._abstract and not cls._transient
            ]
            moving = ("ir.addon", "ir.tracking", "web.", "res.users.throttle")
            return {
                name: env[name].with_context(active_test=False).search_count([])
                for name in names
                if not name.startswith(moving)
            }

    # ---------------------------------------------------------------- models

    def test_every_model_has_a_description(self, addon_env: Any) -> None:
        """Words for people, not the technical name."""
        nameless = [m._name for m in self.own_models(addon_env) if m._description in ("", m._name)]
        source.nothing(nameless)

    def test_every_model_has_rights(self, addon_env: Any) -> None:
        """Somebody other than the superuser may read it."""
        ruled = set(addon_env["ir.model.access"].search([("perm_read", "=", True)]).mapped("model_id.model"))
        open_to_nobody = {m._name for m in self.own_models(addon_env)} - ruled - self.without_rights
        source.nothing(open_to_nobody)

    def test_access_rights_name_what_exists(self, addon_env: Any) -> None:
        """Every row of ir.model.access.csv names a model and a group that are there."""
        path = self.found.file("security/ir.model.access.csv")
        models = {name.replace(".", "_") for name in addon_env.registry.models}
        wrong = []
        for row in csv.DictReader(path.open(encoding="utf-8")) if path.is_file() else ():
            model, group = row["model_id:id"].rpartition(".")[2].removeprefix("model_"), row["group_id:id"]
            full = group if "." in group else f"{self.addon}.{group}"
            if model not in models:
                wrong.append(f"{row['id']}: no model {model}")
            if group and not addon_env.ref(full, raise_if_not_found=False):
                wrong.append(f"{row['id']}: no group {group}")
        source.nothing(wrong)

    def test_transitions_name_states_and_methods(self, addon_env: Any) -> None:
        """TRANSITIONS leads between values of STATES, which are the field's, by methods that are guarded."""
        wrong = []
        for model in self.own_models(addon_env):
            states = {value for value, _label in model.STATES}
            for method, (sources, target) in model.TRANSITIONS.items():
                if not set(sources) <= states or (target is not None and target not in states):
                    wrong.append(f"{model._name}.{method} leads from {sources} to {target}; the states are {states}")
                guarded = [getattr(vars(cls).get(method), "_transition", False) for cls in type(model).__mro__]
                if not any(guarded):
                    wrong.append(f"{model._name}.{method} is in TRANSITIONS, and no method with @api.transition")
            field = model._fields.get(model._state_field)
            if states and field is not None and field.type == "selection":
                values = {value for value, _label in field.options(model)}
                wrong += [f"{model._name}: {state!r} is no value of {field}" for state in sorted(states - values)]
        source.nothing(wrong)

    def test_methods_for_clients_are_declared(self, addon_env: Any) -> None:
        """What clients may call has `@api.public` and annotated arguments, or stands in `exposed`."""
        undeclared, unshaped = set(), []
        for name, cls in addon_env.registry.models.items():
            for method, public in public_methods(cls).items():
                sources = [vars(each)[method] for each in cls.__mro__ if method in vars(each)]
                if not any(each.__module__.startswith(f"{self.found.package}.") for each in sources):
                    continue
                if public.declaration is None:
                    undeclared.add(f"{name}.{method}")
                else:
                    unshaped += [f"{name}.{method}({each.name})" for each in public.arguments if not each.annotated]
        assert undeclared == self.exposed, sorted(undeclared ^ self.exposed)
        source.nothing(unshaped)

    def test_every_record_can_be_read_in_full(self, addon_env: Any) -> None:
        """All fields of its models, computed ones included, of some records each."""
        for model in self.own_models(addon_env):
            model.search([], limit=5).read(list(model._fields))

    def test_defaults_can_be_had(self, addon_env: Any) -> None:
        """A form of each model opens."""
        for model in self.own_models(addon_env):
            model.default_get(list(model._fields))
            model.onchange({}, [], {name: {} for name in model._fields})

    def test_records_can_be_copied(self, addon_env: Any) -> None:
        """A copy can be made of a record of each model, or is refused in words."""
        for model in self.own_models(addon_env):
            record = model.search([], limit=1)
            if not record or model._transient or model._name in self.not_copied:
                continue
            try:
                with addon_env.savepoint():
                    assert len(record.copy()) == 1
            except UserError as error:
                assert error.message, model._name

    # ---------------------------------------------------------------- views, menus, hooks

    def test_every_model_has_a_view(self, addon_env: Any) -> None:
        """A form, and a list unless it is a dialog; lines are seen in the form of their document."""
        base_views = addon_env["ir.ui.view"].search([("mode", "=", "primary")])
        there = {(view.model, view.type) for view in base_views}
        inside = {
            field.comodel_name
            for cls in addon_env.registry.models.values()
            for field in cls._fields.values()
            if field.type == "one2many" and field.store
        }
        wanted = [
            (model._name, kind)
            for model in self.own_models(addon_env)
            if model._name not in self.without_view and model._name not in inside
            for kind in (("form",) if model._transient else ("form", "list"))
        ]
        source.nothing([pair for pair in wanted if pair not in there])

    def test_views_show_what_exists(self, addon_env: Any) -> None:
        """Fields, groups and anchors that its views and extensions name are there, and buttons are public methods."""
        own = self.own_records(addon_env, "ir.ui.view")
        bases = own.filtered(lambda view: view.mode == "primary")
        for extension in own - bases:
            while extension.mode == "extension":
                extension = extension.inherit_id
            bases |= extension
        source.nothing([line for view in bases for line in views.problems(addon_env, views.read_view(view))])

    def test_menus_lead_somewhere(self, addon_env: Any) -> None:
        """Every menu entry has an action or entries below it, and every action a model that is there."""
        menus = self.own_records(addon_env, "ir.ui.menu")
        dead = [menu.complete_name for menu in menus if not menu.action and not menu.child_id]
        actions = self.own_records(addon_env, "ir.actions.act_window")
        lost = [action.name for action in actions if action.res_model not in addon_env.registry.models]
        source.nothing(dead + lost)

    def test_hooks_are_all_that_hooks_py_holds(self) -> None:
        """Implementations only: that they fit their specifications is checked whenever the addon is loaded."""
        path = self.found.file("hooks.py")
        if path.is_file():
            source.nothing(source.unmarked_functions(path, "hookimpl"))
