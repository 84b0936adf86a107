"""Countries and their states."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class ResCountry(models.Model):
    """A country."""

    _name = "res.country"
    _description = "Country"
    _order = "name, id"

    name = fields.Char(string="Country Name", required=True, translate=True)
    code = fields.Char(string="Country Code", required=True, help="Two letters by ISO 3166")
    currency_id = fields.Many2one("res.currency", string="Currency")
    phone_code = fields.Integer(string="Country Calling Code")
    address_format = fields.Text(
        string="Layout in Reports",
        default="%(street)s\n%(street2)s\n%(zip)s %(city)s %(state_code)s\n%(country_name)s",
        help="How an address is written; places: street, street2, zip, city, state_name, state_code, country_name,"
        " country_code",
    )
    state_ids = fields.One2many("res.country.state", "country_id", string="States")

    _code_unique = models.UniqueIndex("(code)", "There is already a country with this code.")
    _name_unique = models.UniqueIndex("(name)", "There is already a country with this name.")

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResCountry:
        """Create countries; codes are kept in capitals."""
        return super().create([_with_upper_code(values) for values in vals_list])

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; codes are kept in capitals."""
        return super().write(_with_upper_code(vals))


class ResCountryState(models.Model):
    """A state, province or canton."""

    _name = "res.country.state"
    _description = "Country State"
    _order = "code, id"

    name = fields.Char(string="State Name", required=True)
    code = fields.Char(string="State Code", required=True)
    country_id = fields.Many2one("res.country", string="Country", required=True, ondelete="cascade", index=True)

    _code_unique = models.UniqueIndex("(country_id, code)", "The code of a state must be unique in its country.")


def _with_upper_code(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "code": values["code"].upper()} if values.get("code") else values
