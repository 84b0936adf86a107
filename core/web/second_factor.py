"""What lies between the two steps of signing in: the password was right, the code is still to come.

The server stores nothing in between. A ticket, signed with its secret, travels through the page: whose it is, until
when, and the key where the second factor is being set up. It is good for the browser that got it, and as long as the
credentials of the user stay the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from core.web.visit import Visit

#: Seconds in which the code has to be entered.
GOOD_FOR = 10 * 60


def pending(visit: Visit, user: Any, *, secret: str = "") -> str:
    """Return a ticket for a user whose password was right.

    Args:
        secret: the key that is to be set up with the first code.
    """
    body = urlsafe_b64encode(json.dumps([user.id, int(time.time()) + GOOD_FOR, secret]).encode()).decode()
    return f"{body}.{_sign(visit, user, body)}"


def find(visit: Visit, env: Any, ticket: str) -> tuple[Any, str] | None:
    """Return the user of a ticket and the key to be set up (or ""); None where it is not good."""
    body, _dot, signature = ticket.partition(".")
    try:
        uid, until, secret = json.loads(urlsafe_b64decode(body))
    except (ValueError, TypeError):
        return None
    if not isinstance(uid, int) or not isinstance(until, int) or not isinstance(secret, str) or until < time.time():
        return None
    user = env["res.users"].browse(uid).exists()
    if not user or not user.active or not hmac.compare_digest(signature.encode(), _sign(visit, user, body).encode()):
        return None
    # Set up meanwhile, from another browser: then the code of that app is asked for.
    return (user, "" if user.totp_enabled else secret) if user.totp_enabled or secret else None


def _sign(visit: Visit, user: Any, body: str) -> str:
    text = f"second factor\n{visit.token}\n{user._session_token('second factor')}\n{body}"
    return hmac.new(visit.app.secret, text.encode(), hashlib.sha256).hexdigest()
