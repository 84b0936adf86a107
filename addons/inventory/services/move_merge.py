"""The merge of moves: one move takes over the demand, reserved lines and links of others, which are deleted.

Moves of a transfer that agree in all that matters are merged when they are confirmed (`stock.move._merge_moves`),
those of manufacturing orders when orders are merged. Both find them by `alike` and merge them by `join`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from addons.inventory.services import supply_links

LINKS = ("move_orig_ids", "move_dest_ids", "reference_ids")
READ = ("product_uom_qty", "date", "split_root_id", "move_line_ids", *LINKS)
#: Id of a move that this transaction has merged away -> id of the move that took it over.
MERGED = "inventory.merged_moves"


def keys(moves: Any, names: Iterable[str]) -> dict[int, tuple[Any, ...]]:
    """Move id -> its values of these fields, ids for links."""
    names = list(names)
    return {
        row["id"]: tuple([tuple(row[name]) if isinstance(row[name], list) else row[name] for name in names])
        for row in moves.read(names, load=None)
    }


def alike(moves: Any, names: Iterable[str]) -> list[Any]:
    """The moves that agree in all these fields, in groups of two and more, each by id."""
    groups = defaultdict(list)
    for id_, key in sorted(keys(moves, names).items()):
        groups[key].append(id_)
    return [moves.browse(ids) for ids in groups.values() if len(ids) > 1]


def join(groups: list[Any]) -> Any:
    """Let the first move of each group take over the others.

    Demand adds up, the earliest date counts, and lines, links and supply links follow. States and reservations are left
    to the caller.

    Returns:
        The moves that remain, one of each group.
    """
    model = groups[0].browse()
    known = model.browse([id_ for group in groups for id_ in group.ids]).read(READ, load=None)
    by_id = {row["id"]: row for row in known}
    taken: dict[int, int] = {}
    owners: dict[int, int] = {}
    rows = []
    for group in groups:
        first, *others = (by_id[id_] for id_ in group.ids)
        taken.update((row["id"], first["id"]) for row in others)
        owners.update((line, first["id"]) for row in others for line in row["move_line_ids"])
        demand = sum((row["product_uom_qty"] for row in others), first["product_uom_qty"])
        rows.append({"product_uom_qty": demand, "date": min(by_id[id_]["date"] for id_ in group.ids)})
        more = {name: {id_ for row in others for id_ in row[name]}.difference(first[name]) for name in LINKS}
        group[:1]._settle({name: [(4, id_) for id_ in sorted(ids)] for name, ids in more.items() if ids})
    model.env["stock.move.line"].sudo().browse(owners)._settle_multi([{"move_id": id_} for id_ in owners.values()])
    supply_links.follow_merge([(group[:1], group[1:]) for group in groups])
    absorbed = model.browse(taken)
    absorbed._settle({"state": "cancel"})
    absorbed.unlink()
    merged = model.env.cr.memory.setdefault(MERGED, {})
    merged.update(taken)
    model.env.cr.after_rollback(lambda: [merged.pop(id_, None) for id_ in taken])
    firsts = model.browse([group.ids[0] for group in groups])
    firsts._settle_multi(rows)
    return firsts


def remaining_id(env: Any, id_: int) -> int:
    """The id of the move that a move is part of now: another one where this transaction has merged it."""
    merged = env.cr.memory.get(MERGED, {})
    while id_ in merged:
        id_ = merged[id_]
    return id_
