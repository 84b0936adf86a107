"""Who calls: where a unit of work comes from and what proved its user, set once by the boundary that received it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What proved the user: nothing (the server itself: command line, jobs, tests), a session's cookie, a password sent
#: with the call, or an API key.
Credential = Literal["", "session", "password", "key"]


#: The agent of work that installs, upgrades or removes addons.
INSTALLER = "installer"


@dataclass(frozen=True)
class Client:
    """The other end of a request, as the server saw it; nothing here is what the client says of itself but `agent`.

    ``source``      network address, behind trusted proxies that of the client
    ``agent``       the User-Agent header
    ``request``     id of the request in the log
    ``session_id``  the ``web.session`` of the cookie, 0 without
    ``key_id``      the ``res.users.apikeys`` that opened the call or the session, 0 without
    """

    source: str = ""
    agent: str = ""
    request: str = ""
    credential: Credential = ""
    session_id: int = 0
    key_id: int = 0
