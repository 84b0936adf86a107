"""What of core and the bundled addons may be called from outside is declared, with the shapes of its arguments."""

from pathlib import Path
from typing import Any

import pytest

from core import api, models
from core.exceptions import AccessError
from core.rpc.public_methods import PublicMethod, find, public_methods
from core.testing import source

ADDONS = tuple(sorted(path.parent.name for path in Path(__file__).parents[2].glob("addons/*/__manifest__.py")))

pytestmark = pytest.mark.dialects("sqlite")


def problems_of(cls: Any) -> list[str]:
    """The public methods of a model that are not declared, and their parameters without a usable annotation."""
    result = []
    for name, public in public_methods(cls).items():
        if public.declaration is None:
            result.append(f"{cls._name}.{name} is neither declared (api.public) nor private")
        result += [
            f"{cls._name}.{name}({each.name}) has no annotation that says what a client sends"
            for each in public.arguments
            if not each.annotated
        ]
    return result


def test_public_methods_are_declared_and_annotated(env):
    """Of every model, with all bundled addons together."""
    source.nothing([line for cls in env.registry.models.values() for line in problems_of(cls)])


def test_an_undeclared_method_is_found():
    """The search above finds what it is meant to find."""

    class Gate(models.AbstractModel):
        _name = "test.gate"

        def open(self, key):
            """Undeclared."""

        @api.public(access="write")
        def close(self, key, gate: models.Model):
            """Declared, and nothing says what a client sends."""

        @api.private
        def lift(self, key):
            """For Python only."""

    found = [line for line in problems_of(Gate) if "test.gate" in line]
    assert [line.split()[0] for line in found] == [
        "test.gate.close(key)", "test.gate.close(gate)", "test.gate.open", "test.gate.open(key)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "model, method",
    [
        ("ir.sequence", "next_many"),
        ("ir.sequence", "next_by_id"),
        ("ir.sequence", "next_by_code"),
        ("res.users", "authenticate"),
        ("res.currency", "round"),
        ("uom.uom", "round"),
        ("stock.rule", "run"),
        ("ir.default", "discard_records"),
    ],
)
def test_what_is_no_business_of_clients_is_private(env, model, method):
    """Numbers of sequences, passwords of others, arithmetic: for Python only."""
    with pytest.raises(AccessError):
        find(type(env[model]), method)


def test_what_changes_asks_for_a_right(env):
    """Nothing but what asks by itself is open to every user: the list is short, and each entry has its reason."""
    open_to_all = {
        f"{cls._name}.{name}"
        for cls in env.registry.models.values()
        for name, public in public_methods(cls).items()
        if not public.inherited and not _asks(public)
    }
    assert open_to_all == {
        "ir.config_parameter.get_param",  # asks for the right to read parameters
        "ir.config_parameter.set_param",  # creates, writes or deletes the parameter as the user
        "ir.default.set",  # likewise the default
        "ir.model.access.check",  # about the user's own rights
        "ir.model.data.check_object_reference",  # gives an id only of what the user may read
        "ir.ui.menu.load_menus",  # the user's own menus
        "res.users.api_key_wizard",  # makes a key for the user
        "res.users.apikeys.remove",  # asks whose keys they are
        "res.users.change_password",  # of the user, by the old password
        "res.users.context_get",  # the user's own language and time zone
        "res.users.has_group",  # asks for the right to read users, but of oneself
        "res.users.has_groups",  # likewise
        "res.users.preference_change_password",  # of the user
        # The user's own credentials: each method refuses those of other users.
        "res.users.action_revoke_all_devices",
        "res.users.action_totp_disable",
        "res.users.action_totp_enable_wizard",
        "res.users.action_totp_recovery_codes",
    }


def _asks(public: PublicMethod) -> bool:
    return bool(public.declaration and (public.declaration.access or public.declaration.groups))
