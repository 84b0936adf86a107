"""Gold customers get a reference of their own, unless one was given, also by the addons that are wrapped."""

from core.api import hookimpl


@hookimpl(model="res.partner", wrapper=True, before="route_notes")
def on_create(env, records):
    outcome = yield
    for partner in records:
        if partner.vip_level == "gold" and not partner.ref:
            partner.ref = f"VIP-{partner.id}"
    return outcome
