"""Companies of linked records: what belongs to one company is not used in another one.

A model with ``_check_company_auto = True`` has its links marked ``check_company=True`` checked after each `create`, and
after each `write` of one of them or of ``company_id``: the linked record is shared (its company is empty) or belongs to
the company of the record. Of a company-dependent link, the company worked for counts. Forms offer such records only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self

from core.exceptions import ValidationError
from core.orm.domain import Domain
from core.orm.fields.base import Field

#: So many links to other companies are named in one message.
_NAMED = 5


class Companies:
    """The check of companies; a part of every model, active where ``_check_company_auto`` is set."""

    __slots__ = ()

    def _check_company_domain(self, companies: Iterable[int]) -> Domain:
        """Which records of this model may be linked from records of `companies` (ids; none: of shared records)."""
        name = self._company_field
        ids = list(companies)
        if name not in self._fields:
            return Domain.TRUE
        if name == "company_id":
            return Domain(name, "in", [*ids, False])
        return Domain(name, "in", ids) if ids else Domain.TRUE

    def _check_company(self, fnames: Iterable[str] | None = None) -> None:
        """Raise ValidationError when links lead to records of other companies.

        Args:
            fnames: the fields that were written, or None for all.
        """
        names = None if fnames is None or "company_id" in (fnames := set(fnames)) else fnames
        fields = [
            field
            for field in self._fields.values()
            if field.check_company and field.relational and (names is None or field.name in names)
        ]
        if not fields or not self:
            return
        records = self.sudo().with_context(active_test=False)
        company = records._fields.get("company_id")
        own = company.cached_values(records) if company else [None] * len(records)
        if self._name == "res.company":
            own = list(self._ids)
        wrong = []
        for field in fields:
            companies = [self.env.company.id] * len(own) if field.company_dependent else own
            wrong += records._links_to_other_companies(field, companies)
        if wrong:
            raise self._company_error(wrong)

    def _links_to_other_companies(self, field: Field, companies: list[Any]) -> list[tuple[Any, Field, Any, int]]:
        """(record, field, linked record, company id) of each link that leads to another company."""
        linked: dict[Any, dict[int, Any]] = defaultdict(dict)
        for record, value, company in zip(self, field.cached_values(self), companies, strict=True):
            for id_ in value if isinstance(value, tuple) else (value,):
                if id_:
                    linked[company].setdefault(id_, record)
        comodel = self.env[field.comodel_name]
        prefetch = tuple(dict.fromkeys(id_ for records in linked.values() for id_ in records))
        wrong = []
        for company, records in linked.items():
            targets = comodel._with_ids(records).with_prefetch(prefetch)
            wrong += [(records[target.id], field, target, company) for target in targets._of_other_companies(company)]
        return wrong

    def _of_other_companies(self, company: Any) -> Self:
        """Those of these records that records of the company (an id, or None) must not be linked with."""
        if self.__class__._check_company_domain is Companies._check_company_domain:
            if self._company_field not in self._fields:
                return self.browse()
            if self._company_field == "company_id":  # asked with every change of a record: no domain is built for it
                values = self._fields["company_id"].cached_values(self)
                return self._with_ids(
                    id_ for id_, own in zip(self._ids, values, strict=True) if own is not None and own != company
                )
        return self - self.filtered_domain(self._check_company_domain([company] if company else []))

    def _company_error(self, wrong: list[tuple[Any, Field, Any, int]]) -> ValidationError:
        """The error that names records, fields and companies."""
        env, sentences = self.env, []
        companies = env(su=True)["res.company"]
        for record, field, target, company in wrong[:_NAMED]:
            theirs = target[target._company_field] if target._company_field != "id" else target
            sentences.append(
                env._(
                    "%(record)s of %(company)s: %(field)s cannot be %(linked)s, which belongs to %(other)s.",
                    record=record._described(),
                    company=companies.browse(company).name if company else env._("no company"),
                    field=field.string,
                    linked=target.display_name,
                    other=", ".join(theirs.mapped("name")) or env._("no company"),
                )
            )
        record, field, target, company = wrong[0]
        theirs = target[target._company_field] if target._company_field != "id" else target
        return ValidationError(
            "\n".join(sentences),
            fields=dict.fromkeys(field.name for _record, field, _target, _company in wrong),
            code="company_mismatch",
            data={
                "record": record.display_name,
                "field": field.name,
                "company": companies.browse(company).name if company else "",
                "linked": target.display_name,
                "linked_company": ", ".join(theirs.mapped("name")),
            },
        )
