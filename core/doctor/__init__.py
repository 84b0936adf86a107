"""`stillage doctor`: laws of a live database that no form and no constraint can see to once rows were changed by SQL.

    checks.py    Check and Problem; running checks, planning and carrying out repairs
    columns.py   values a column may not have: required, selections, CHECK and UNIQUE as declared
    links.py     links to records that do not exist, links between records of two companies
    trees.py     parents and other links that may not lead in a circle; parent paths
    derived.py   stored figures that follow from others, computed again and compared

The checks of every model are core's (`core.base` brings them); addons bring theirs by `register_doctor_checks`.
All of them compare in the database, or read slices of rows in the order of ids: memory does not grow with the tables.
"""

from core.doctor.checks import MOST, Check, Problem, carry_out, describe, examine, plan, registered, slices
from core.doctor.columns import column_checks
from core.doctor.derived import computed_again, derived_check, store_again
from core.doctor.links import company_check, link_check
from core.doctor.trees import circle_check, find_circles, tree_check

__all__ = [
    "MOST",
    "Check",
    "Problem",
    "carry_out",
    "circle_check",
    "column_checks",
    "company_check",
    "computed_again",
    "derived_check",
    "describe",
    "examine",
    "find_circles",
    "link_check",
    "plan",
    "registered",
    "slices",
    "store_again",
    "tree_check",
]
