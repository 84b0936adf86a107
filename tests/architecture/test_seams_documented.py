"""A seam exists only when its docstring says when it is called and by whom, what it may change, and how."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core import api, fields, models
from core.cli.main import cli
from core.cli.seamdocs import ACTIONS, in_order, sections
from core.cli.session import Session
from core.loader.assembly import Assembly, assemble
from core.loader.discovery import discover
from core.orm.model import BaseModel
from core.orm.registry import Registry
from core.orm.seams import OPTIONAL, SECTIONS, Seam, overrides, seams, signature_error

ROOT = Path(__file__).resolve().parents[2]


def bundled() -> Assembly:
    """The models of all bundled addons."""
    catalogue = discover(entry_points=False)
    names = [addon.name for addon in catalogue if addon.package.startswith("addons.")]
    return assemble(catalogue, catalogue.with_dependencies(names), strict=True)


BUNDLED = bundled()
SEAMS = seams(BUNDLED.registry)
each = pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: seam.label)


@each
def test_the_docstring_has_all_sections(seam: Seam) -> None:
    """In their order, and none of them empty; what is returned is left out where that is nothing."""
    found = sections(seam.docstring)
    returns_nothing = inspect.signature(seam.function).return_annotation == "None"
    optional = OPTIONAL if returns_nothing else OPTIONAL - {"Returns"}
    assert list(found) == ["Summary", *(name for name in SECTIONS if name in found or name not in optional)]
    assert [name for name, text in found.items() if not text or text.lower() in ("none.", "`none`.")] == []


@each
def test_all_arguments_are_described(seam: Seam) -> None:
    """Each on a line of its own."""
    described = re.findall(r"^([\w, ]+): ", sections(seam.docstring).get("Args", ""), flags=re.MULTILINE)
    wanted = list(inspect.signature(seam.function).parameters)[1:]
    assert [name for entry in described for name in entry.split(", ")] == wanted


@each
def test_the_actions_are_chapters_of_the_page(seam: Seam) -> None:
    """A new action gets its sentence in `core.cli.seamdocs.ACTIONS`."""
    assert [step.action for step in seam.steps if step.action not in ACTIONS] == []


def source_of(name: str) -> str:
    """The source of what stands in backquotes: a function of a service, or a method of a model in all its addons."""
    model, _, method = name.rpartition(".")
    cls = BUNDLED.registry.models.get(model)
    if cls is not None:
        found = [vars(base)[method] for base in cls.__mro__ if method in vars(base) and base is not BaseModel]
        assert found, f"{model} has no method {method}"
        return "\n".join(inspect.getsource(inspect.unwrap(function)) for function in found)
    try:
        return inspect.getsource(getattr(importlib.import_module(f"addons.{model}"), method))
    except (ImportError, AttributeError):
        raise AssertionError(f"{name} is no function of a bundled addon, and no method of a model") from None


@each
def test_it_is_called_by_those_that_are_named(seam: Seam) -> None:
    """``inventory.services.moves.confirm`` exists and names the seam; renamed and moved functions show here."""
    called_by = sections(seam.docstring)["Called by"]
    wrong = [
        name
        for name in re.findall(r"``([\w.]+\.\w+)``", called_by)
        if not re.search(rf"\b{seam.name if not seam.name.startswith('_run_') else '_run_'}", source_of(name))
    ]
    assert wrong == [], f"{seam.label} is not called there; who calls it? {callers(seam.name)}"


def callers(name: str) -> list[str]:
    """Where the source of the bundled addons calls a method of this name."""
    found = []
    for path in sorted(ROOT.glob("addons/**/*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(rf"(?<!super\(\))\.{name}\b\(?", line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


def example(seam: Seam) -> type:
    """The class that the example of a seam defines."""
    names: dict[str, Any] = {"api": api, "fields": fields, "models": models, "Decimal": Decimal}
    names["__name__"] = f"example_of{seam.name}"
    exec(compile(textwrap.dedent(sections(seam.docstring)["Example"]), seam.label, "exec"), names)
    (found,) = [value for value in names.values() if isinstance(value, type) and issubclass(value, BaseModel)]
    return found


def test_the_examples_are_overrides_that_fit() -> None:
    """All of them are composed with the bundled addons, as one more addon; each overrides its seam, and calls it."""
    registry = Registry(BUNDLED.hooks)
    for addon, classes in BUNDLED.classes.items():
        registry.load(addon, classes)
    registry.load("examples", [example(seam) for seam in SEAMS])
    registry.setup()
    for seam in SEAMS:
        (own,) = [override for override in overrides(registry, seam) if override.addon == "examples"]
        assert own.model == seam.model
        assert signature_error(seam.function, own.function) is None, seam.label
        assert re.search(rf"super\(.*\)\.{seam.name}\(", sections(seam.docstring)["Example"]), seam.label


@each
def test_overrides_of_bundled_addons_keep_the_signature(seam: Seam) -> None:
    """As is asked of every addon when its models are composed."""
    wrong = {
        f"{override.addon}: {override.model}.{seam.name}": signature_error(seam.function, override.function)
        for override in overrides(BUNDLED.registry, seam)
    }
    assert {where: problem for where, problem in wrong.items() if problem} == {}


def test_places_in_an_action_are_told_apart() -> None:
    """Two seams of a model have different ranks in an action."""
    for action, steps in in_order(SEAMS).items():
        ranks = [(order, seam.model) for order, seam in steps]
        assert sorted(set(ranks)) == sorted(ranks), action


def test_the_page_in_the_documentation_is_the_generated_one() -> None:
    """Renew it with `stillage --database sqlite:// seams --markdown > docs/seams.md`."""
    done = CliRunner().invoke(cli, ["--database", "sqlite://", "seams", "--markdown"], obj=Session())
    assert done.exit_code == 0, done.output
    page = (ROOT / "docs" / "seams.md").read_text(encoding="utf-8")
    assert page == done.output
    for seam in SEAMS:
        assert f"### `{seam.label}`" in page and f"\ndef {seam.signature}\n" in page


#: Methods that bundled addons override of one another and that are no steps of an action: they answer what a page, a
#: report or the doctor asks.
ANSWERS = {
    "account.move.line._reversal_values",
    "mrp.production.plan._demand_moves",
    "product.product._custom_item_values",
    "product.product._find_open_document",
    "product.product._open_requests",
    "product.product._supply_documents",
    "product.product._supply_routes",
    "product.template.attribute.value._in_use",
    "res.config.settings.execute",
    "sale.order.line._from_parts",
    "sale.order.line._in_parts",
    "sale.order.line._reduce_demand",
    "sale.order.line._shipped",
    "stock.move._contacts",
    "stock.move._document",
    "stock.move._ordered_quantities",
    "stock.move._reference_paths",
    "stock.move._requested_from",
    "stock.move._supply_documents",
    "stock.move._supply_record",
    "stock.scrap._completed",
    "stock.supply.link._supply_fields",
    "stock.supply.link._supply_sources",
}

#: Methods of every model, and those that the framework calls by what they are.
OF_THE_FRAMEWORK = re.compile(r"_(compute|inverse|search|onchange|check|default)_")


def overridden_across_addons() -> set[str]:
    """What one bundled addon overrides of another, methods of the framework left out."""
    found = set()
    for model, definitions in BUNDLED.registry.definitions.items():
        first: dict[str, str] = {}
        for definition in definitions:
            addon = BUNDLED.registry.origins[definition]
            for name, member in vars(definition).items():
                if inspect.isfunction(member) and not (hasattr(BaseModel, name) or OF_THE_FRAMEWORK.match(name)):
                    if first.setdefault(name, addon) != addon:
                        found.add(f"{model}.{name}")
    return found


def test_what_addons_override_of_one_another_is_a_seam() -> None:
    """A third party needs it too: mark and describe it, or say in ANSWERS that no action calls it."""
    overridden = overridden_across_addons()
    assert overridden - {seam.label for seam in SEAMS} - ANSWERS == set()
    assert ANSWERS - overridden == set(), "is listed without need"


# ---------------------------------------------------------------------------- services go through seams


class _Calls(ast.NodeVisitor):
    """The calls of functions of services in one file, by the function that they stand in."""

    def __init__(self, path: Path) -> None:
        self.module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.names: dict[str, str] = {}
        self.inside: list[str] = []
        self.found: list[tuple[str, str]] = []
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                self.names.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
            elif isinstance(node, ast.FunctionDef):
                self.names[node.name] = f"{self.module}.{node.name}"
        self.visit(self.tree)

    def _enter(self, node: Any) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_FunctionDef = visit_ClassDef = _enter

    def visit_Call(self, node: ast.Call) -> None:
        called = self.function(node.func)
        if called:
            self.found.append((called, ".".join([self.module, *self.inside])))
        self.generic_visit(node)

    def function(self, node: ast.expr) -> str | None:
        """`addons.x.services.y.f` of a call of `y.f` or `f`."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.names:
            return f"{self.names[node.value.id]}.{node.attr}"
        return None


#: Why the method of a seam hands on to no service that is behind it alone.
ANSWERS_ITSELF = "answers itself, in a few lines"
CALLS_METHODS = "calls methods of models, seams among them"
OF_THE_MODEL = "a method of every model: the service is for changes by hand, or for settled ones"
WITHOUT_SERVICE = {
    "mrp.production._postpone_without_bom": ANSWERS_ITSELF,
    "purchase.order._create_picking": CALLS_METHODS,
    "purchase.order.button_approve": CALLS_METHODS,
    "sale.order._action_cancel": CALLS_METHODS,
    "sale.order._action_confirm": CALLS_METHODS,
    "sale.order._prepare_confirmation_values": ANSWERS_ITSELF,
    "stock.move._demand_entered": ANSWERS_ITSELF,
    "stock.move._document_name": ANSWERS_ITSELF,
    "stock.move._picking_key": ANSWERS_ITSELF,
    "stock.move._prepare_merge_moves_distinct_fields": ANSWERS_ITSELF,
    "stock.move._prepare_procurement_origin": ANSWERS_ITSELF,
    "stock.move._should_be_assigned": ANSWERS_ITSELF,
    "stock.move._should_bypass_reservation": ANSWERS_ITSELF,
    "stock.move.line.create": OF_THE_MODEL,
    "stock.move.line.unlink": OF_THE_MODEL,
    "stock.move.line.write": OF_THE_MODEL,
    "stock.picking.action_assign": CALLS_METHODS,
    "stock.picking.action_cancel": CALLS_METHODS,
    "stock.picking.action_confirm": CALLS_METHODS,
    "stock.quant._gather": "reads what the reservation of many products reads at once",
    "stock.quant._get_available_quantity": "reads what the reservation of many products reads at once",
    "stock.quant._get_inventory_move_values": ANSWERS_ITSELF,
    "stock.quant._update_available_quantity": "changes the stock of one product, or the posting that asks",
    "stock.quant.create": OF_THE_MODEL,
    "stock.quant.unlink": OF_THE_MODEL,
    "stock.quant.write": OF_THE_MODEL,
    "stock.rule._get_custom_move_fields": ANSWERS_ITSELF,
    "stock.rule._lead_days": ANSWERS_ITSELF,
    "stock.rule._push_routes": ANSWERS_ITSELF,
    "stock.rule._refusals": ANSWERS_ITSELF,
    "stock.scrap._prepare_move_values": ANSWERS_ITSELF,
    "stock.warehouse.orderpoint._prepare_procurement_values": ANSWERS_ITSELF,
}

#: Service functions that seams call and others too, and why.
SHARED = {
    "inventory.services.move_split.part_values": "the values that many parts share, before each part has its own",
    "inventory.services.procurement.note_documents": "notes what any rule has created",
    "inventory.services.reservation.prepare_line": "the base values, where no addon extends the seam",
    "manufacturing.services.component_transfers.lacking": "the question about transfers lists the same",
}


def handed_to(seam: Seam) -> set[str]:
    """The service functions that a seam ends in, or whose results it returns.

    They get the records or their environment, what the seam got, or what another service made of it.
    """
    function = inspect.unwrap(seam.function)
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, ast.FunctionDef)
    last = node.body[-1]
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant):
        last = node.body[-2]
    assigned = {
        target.id: each.value
        for each in node.body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    names = {each.id for each in ast.walk(last) if isinstance(each, ast.Name)}
    starts = [last, *(value for name, value in assigned.items() if name in names)]
    modules = inspect.getclosurevars(function).globals
    found = set()
    for call in (each for start in starts for each in ast.walk(start) if isinstance(each, ast.Call)):
        alias, _, name = ast.unparse(call.func).partition(".")
        service = modules.get(alias)
        if not (inspect.ismodule(service) and ".services." in service.__name__ and call.args):
            continue
        first = call.args[0]
        root = ast.unparse(first).partition(".")[0]
        given = isinstance(first, ast.Call) or root in assigned or root in inspect.signature(function).parameters
        if given and inspect.isfunction(getattr(service, name)):
            found.add(f"{service.__name__}.{name}")
    return found


def behind_seams() -> dict[str, set[str]]:
    """Service function -> the methods of seams that hand on to it."""
    found: dict[str, set[str]] = {}
    for seam in SEAMS:
        if seam.label not in WITHOUT_SERVICE:
            method = f"{seam.definition.__module__}.{seam.definition.__name__}.{seam.name}"
            for service in handed_to(seam):
                found.setdefault(service, set()).add(method)
    return found


def test_seams_hand_on_to_services() -> None:
    """A seam calls a service; WITHOUT_SERVICE gives the reason for one that has none."""
    assert {seam.label for seam in SEAMS if not handed_to(seam)} - WITHOUT_SERVICE.keys() == set()
    assert WITHOUT_SERVICE.keys() - {seam.label for seam in SEAMS} == set(), "is no seam"


def test_services_go_through_the_seam() -> None:
    """What a seam ends in is called by its method only: an override takes part whatever starts the step."""
    behind = behind_seams()
    past = {
        (called.removeprefix("addons."), where.removeprefix("addons."))
        for path in sorted(ROOT.glob("addons/**/*.py"))
        for called, where in _Calls(path).found
        if called in behind and where not in behind[called]
    }
    assert {pair for pair in past if pair[0] not in SHARED} == set(), "call the method of the model instead"
    assert SHARED.keys() - {called for called, _where in past} == set(), "is called by seams only"
