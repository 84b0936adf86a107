"""The Production Planning Tool: fill a plan with requirements, and order what they propose.

    get_items      net requirements ─> lines
    refresh        the same again, keeping what was entered: an entered quantity moves with the proposal
    create_orders  lock ─> refresh ─> stock.rule.run: manufacturing orders, requests, transfers ─> links and messages

Two plans at once take turns at the products that both need; the second finds them covered by the orders of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addons.inventory.services import backorder_supply, message_texts, product_lock, supply_links
from addons.manufacturing.services import closed_plans, net_requirements
from addons.manufacturing.services.net_requirements import Requirement

#: So many sources of a demand are named on its line.
LISTED = 3


def get_items(plan: Any) -> None:
    """List the requirements of a plan anew, with the proposed quantities."""
    _write_lines(plan, net_requirements.of_plan(plan))
    if not any(line.qty_proposed for line in plan.line_ids):
        text = plan.env._("All demand is covered.") if plan.line_ids else plan.env._("There is no open demand.")
        plan.env.notify(text, "info")


def refresh(plan: Any) -> list[Requirement]:
    """Bring the lines in line with demand, stock and orders as they are now; returns the requirements."""
    changed = {line.product_id.id: line.qty_to_order - line.qty_proposed for line in plan.line_ids}
    requirements = net_requirements.of_plan(plan, changed)
    _write_lines(plan, requirements)
    return requirements


def refresh_drafts(products: Any) -> None:
    """Bring the draft plans up to date that list one of `products`, as the superuser; entered quantities stay.

    For those who come back to a plan from what they did for one of its lines, such as a new bill of materials.
    """
    lines = products.env["mrp.production.plan.line"].sudo()
    for plan in lines.search([("product_id", "in", products.ids), ("plan_id.state", "=", "draft")]).plan_id:
        refresh(plan)


def _write_lines(plan: Any, requirements: Sequence[Requirement]) -> None:
    """One line per product: those that are there are updated, the others created or deleted."""
    known = {line.product_id: line for line in plan.line_ids}
    ordered = [need for _each, need in net_requirements.procurements(plan, requirements)]
    needs = backorder_supply.with_rules(plan.env, ordered, None)
    refused = plan.env["stock.rule"].sudo()._refusals(needs)
    by_product: dict[Any, Any] = {}
    for need in needs:
        if need.product_id not in by_product or id(need) in refused:
            by_product[need.product_id] = need
    rows = []
    for position, each in enumerate(requirements):
        need = by_product.get(each.product)
        problem = refused.get(id(need), "") if need else ""
        values = {
            "sequence": position,
            "kind": each.kind,
            "bom_id": each.bom.id if each.bom else False,
            "demand_names": message_texts.first_of(plan.env, list(each.origins), most=LISTED),
            "date_planned": each.date or False,
            "qty_demand": each.demand,
            "qty_stock": each.stock,
            "qty_incoming": each.incoming,
            "qty_proposed": each.proposed,
            "qty_to_order": each.quantity,
            "supply": _supply(each, need, problem),
            "problem": problem or False,
            "needs_bom": bool(problem and need.rule.action == "manufacture"),
            "document_ref": False,
            "document_name": False,
        }
        if each.product in known:
            known.pop(each.product).write(values)
        else:
            rows.append({"plan_id": plan.id, "product_id": each.product.id, **values})
    plan.env["mrp.production.plan.line"].browse([line.id for line in known.values()]).unlink()
    plan.env["mrp.production.plan.line"].create(rows)


def _supply(each: Requirement, need: Any, problem: str) -> str:
    if need is None:
        if each.made_with_parent:
            return "parent"
        return "nothing" if each.proposed > 0 else "covered"
    action = need.rule.action if need.rule and not problem else "none"
    return "pull" if action == "pull_push" else action


def create_orders(plan: Any) -> None:
    """Order the lines of a plan: one run for all of them. What cannot be ordered stays on the plan with the reason."""
    env = plan.env
    closed_plans.lock(plan)
    plan._check_transition("action_create_orders")
    held = plan.line_ids.product_id
    product_lock.lock_products(env, held.ids)
    requirements = refresh(plan)
    if added := plan.line_ids.product_id - held:
        product_lock.lock_products(env, added.ids)
        requirements = refresh(plan)
    supply_links.release(share for each in requirements for share in each.unused)
    supply_links.connect(env, (link for each in requirements for link in each.unlinked), begun=True)
    wanted = [each for each in requirements if each.quantity > 0]
    needs = backorder_supply.with_rules(
        env, [need for _each, need in net_requirements.procurements(plan, wanted)], None
    )
    refused = env["stock.rule"].sudo()._refusals(needs)
    possible = [need.procurement for need in needs if id(need) not in refused]
    if not possible:
        declined = any(each.proposed > 0 for each in requirements)
        kind = "warning" if refused or declined else "info"
        env.notify(_reason(plan, needs, refused, declined), kind, _refused_products(plan, needs, refused))
        return
    ordered = {need.product_id for need in possible}
    net_requirements.split_to_order(each for each in wanted if each.product in ordered)
    env["stock.rule"].sudo().run(possible)
    _link(plan, possible)
    plan._settle({"state": "done"})
    supply = backorder_supply.Supply()
    for need in possible:
        document = _document(plan, need)
        if document:
            supply.ordered.setdefault(document.with_env(env), []).append(need)
        else:
            supply.others.append(need)
    backorder_supply.report(env, supply)
    if refused:
        env.notify(_reason(plan, needs, refused), "warning", _refused_products(plan, needs, refused))


def _reason(plan: Any, needs: Sequence[Any], refused: dict[int, str], declined: bool = False) -> str:
    texts = [
        plan.env._("%(product)s (%(reason)s)", product=need.product_id.display_name, reason=refused[id(need)])
        for need in {need.product_id: need for need in needs if id(need) in refused}.values()
    ]
    if not texts and declined:
        return str(plan.env._("Nothing to order: To Order is 0 for everything that is missing."))
    if not texts:
        return str(plan.env._("Nothing to order: all demand is covered."))
    return str(plan.env._("Not ordered: %(products)s.", products=", ".join(texts)))


def _refused_products(plan: Any, needs: Sequence[Any], refused: dict[int, str]) -> Any:
    """The products that cannot be ordered as they are set up, to be shown as links."""
    ids = dict.fromkeys(need.product_id.product_tmpl_id.id for need in needs if id(need) in refused)
    return plan.env["product.template"].browse(ids) if ids else None


def _link(plan: Any, needs: Sequence[Any]) -> None:
    """Note on each line which document supplies it."""
    documents: dict[Any, Any] = {}
    for need in needs:
        documents[need.product_id] = documents.get(need.product_id) or _document(plan, need)
    for line in plan.line_ids:
        document = documents.get(line.product_id)
        if document:
            line.write({"document_ref": f"{document._name},{document.id}", "document_name": document.display_name})


def _document(plan: Any, need: Any) -> Any:
    """The document that answers a need; where it reaches the stock in steps, the order at their beginning."""
    made = plan.production_ids.filtered(lambda production: production.product_id == need.product_id)
    return need.values.get("supply_document") or made[:1]
