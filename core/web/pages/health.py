"""Signs of life for monitoring."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request, Response


def live(app: Any, request: Request) -> Response:
    """``GET /health/live``: the process answers. Nothing else is looked at."""
    return _answer(200, {"status": "live"})


def ready(app: Any, request: Request) -> Response:
    """``GET /health/ready``: the database answers and its addons are loaded; 503 otherwise."""
    try:
        app.database.run(lambda env: env.cr.execute("SELECT 1").scalar(), readonly=True)
        quarantined = sorted(app.database.quarantined)
    except Exception:
        return _answer(503, {"status": "unavailable"})
    return _answer(200, {"status": "ready", "quarantined": quarantined})


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")
