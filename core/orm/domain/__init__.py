"""Domains: conditions on records, answered by the database (`to_sql`) and in memory (`to_predicate`) alike.

    expression.py   Domain, its algebra, and the prefix-list notation that it reads and writes
    values.py       what a value of a condition means to a field of each type
    optimize.py     a domain in terms of one model's own columns and relations: the one place that knows what
                    an operator means for a field, what access rules add, what a path or a name stands for
    algebra.py      negating and joining such domains
    sql.py          such a domain as a SQLAlchemy WHERE clause
    predicate.py    such a domain as a Python test
    usage.py        which fields a domain reads, for the flush before a search

Both readers take the domain that `optimize` leaves, which has few forms, and so agree with each other.
"""

from core.orm.domain.expression import Domain
from core.orm.domain.optimize import optimize
from core.orm.domain.predicate import to_predicate
from core.orm.domain.sql import to_sql
from core.orm.domain.usage import fields_used

__all__ = ["Domain", "fields_used", "optimize", "to_predicate", "to_sql"]
