"""The algorithms of inventory, over whole recordsets.

Reading order, bottom up: `move_states`, `remaining` (what is left of a demand), `product_lock`; `allocation` (who gets
which stock, pure), `quants` (the only writer of stock on hand), `removal` (which stock first), `reservation` (reads
and applies); `procurement` (a need becomes a move), `push`, `move_split`, `move_merge`; `moves` (confirm, merge,
cancel), `posting` (done), `transfers` (a whole document), `on_hold`, `counting`, `returns`; then what only reads:
`promise`, `why`, `shortage`, `forecast`; and the laws that `doctor` checks. The layers are an import contract.
"""

#: What other addons may import: the names, by service. Everything else may change with any version; to change what a
#: service does, override the seams that call it (docs/seams.md).
PUBLIC: dict[str, str] = {
    "allocation": "Key Slot",
    "backorder_policy": "NEVER QUESTION policies undecided with_backorder",
    "backorder_supply": "Supply report with_rules",
    "demand_cover": "Cover of_moves",
    "document_messages": "announced confirmed notify",
    "message_texts": "first_of first_records quantity_of",
    "move_figures": "SearchInProductUnit SearchStock in_own_unit",
    "move_merge": "alike join",
    "move_split": "Division Part Portion part_values",
    "move_states": "CLOSED LACKING OPEN RESERVED UNFINISHED unfinished",
    "moves": "demand_changed take_from_stock",
    "on_backorder": "matching missing start_of_today",
    "on_hold": "can_hold held in_words release",
    "operations": "set_each",
    "order_batch": "confirm_possible",
    "order_guards": "DISCOUNT check_discount lock refuse_locked set_state",
    "order_laws": "checks",
    "order_lines": "OrderKind Refusal fulfilled progress take_back to_launch",
    "problems": "Problems",
    "procurement": "Procurement for_move id_of ids_of note_documents",
    "product_lock": "lock_moves lock_products locks_products",
    "promise": "in_words_of_date",
    "quants": "STOCKED free_slots paths_below",
    "removal": "RemovalStrategy",
    "remaining": "of_demand remaining_quantity tolerance_of tolerated_ids tolerances_asked_once",
    "reservation": "ranked",
    "shortage": "free_products is_open",
    "shortfall": "changed",
    "supply_links": "Source connect link release",
    "tolerance_history": "note",
    "validation_messages": "notify_backorders notify_tolerated",
    "warehouse_setup": "create_parts put_rules replace_rules rule_values set_rules",
}
