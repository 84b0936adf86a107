"""Serving HTTP: waitress, with limits on how long a request may take to arrive.

One thread of a process reads all requests and writes all answers; the others get requests that are complete, head and
body. So a client that is slow, or never finishes, holds a connection and no thread. It may hold that for so long:

    IDLE                     connections on which nothing is asked, and answers that are not fetched
    ARRIVAL + bytes / RATE   a request, from its first byte to its last

Why waitress serves one process and many: see docs/decisions/0061-serving.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

#: Seconds after which a connection without traffic is closed.
IDLE: Final = 60
#: Seconds that a request may take to arrive, plus a second for each RATE bytes of it.
ARRIVAL: Final = 20
RATE: Final = 1_000
#: Connections of one process; more wait until some of them end.
CONNECTIONS: Final = 2_000
#: Bytes of the head and of the body of a request. The application's own limit is lower, and says so on a page.
HEAD_MAX: Final = 64 * 1024
BODY_MAX: Final = 128 * 1024 * 1024
#: Seconds that requests at work get when the server stops.
GRACE: Final = 5.0
#: Seconds between two looks at the clock.
_TICK: Final = 1.0


class Channel(HTTPChannel):
    """A connection that knows since when a request has been arriving."""

    begun = 0.0
    arrived = 0

    def received(self, data: bytes) -> bool:
        """Take in what has been read."""
        if self.request is None:
            self.begun, self.arrived = time.time(), 0
        self.arrived += len(data)
        taken = bool(super().received(data))
        if self.request is None:
            self.begun = 0.0
        return taken

    def is_late(self, now: float) -> bool:
        """Whether the request that is arriving, or the first one to come, has taken too long."""
        if self.requests or self.total_outbufs_len:
            return False
        if self.begun:
            return now - self.begun > ARRIVAL + self.arrived / RATE
        return self.last_activity == self.creation_time and now - self.creation_time > ARRIVAL


class HttpServer:
    """Serves a WSGI application until it is stopped.

    Args:
        application: the WSGI application.
        threads: how many requests are answered at the same time.
        sockets: listening sockets to use; without them it listens on `host` and `port`.
    """

    def __init__(
        self,
        application: Any,
        *,
        threads: int,
        host: str = "",
        port: int = 0,
        sockets: Sequence[Any] = (),
    ) -> None:
        self._map: dict[int, Any] = {}
        where: dict[str, Any] = {"sockets": list(sockets)} if sockets else {"host": host, "port": port}
        self._server = create_server(
            application,
            map=self._map,
            threads=threads,
            ident="stillage",
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE,
            cleanup_interval=5,
            max_request_header_size=HEAD_MAX,
            max_request_body_size=BODY_MAX,
            # Answers are in memory or in a file already; a thread never waits for a client to fetch them.
            outbuf_high_watermark=2**40,
            asyncore_use_poll=True,  # select takes no more than 1,024 connections
            # The application decides whose X-Forwarded-* it believes (`trusted_proxies`); it needs to see them.
            clear_untrusted_proxy_headers=False,
            **where,
        )
        for listener in self._listeners():
            listener.channel_class = Channel

    def run(self, is_running: Callable[[], bool], tick: Callable[[], object] = lambda: None) -> None:
        """Serve while `is_running()`, and call `tick` about once a second; then let the requests at work finish.

        SystemExit and KeyboardInterrupt, raised by a signal's handler, stop it in the same way.
        """
        last = 0.0
        try:
            while is_running():
                self._poll(_TICK)
                now = time.time()
                if abs(now - last) >= _TICK:
                    last = now
                    tick()
                    self._close_late(now)
        except (SystemExit, KeyboardInterrupt):
            pass
        self._stop()

    def _stop(self) -> None:
        """Take no more connections, finish what is at work, send what is to be sent."""
        listeners = list(self._listeners())
        for listener in listeners:
            listener.accepting = False
            self._map.pop(listener._fileno, None)
            listener.socket.close()
        until = time.monotonic() + GRACE
        channels = [channel for listener in listeners for channel in listener.active_channels.values()]
        while time.monotonic() < until and any(
            channel.connected and (channel.requests or channel.total_outbufs_len) for channel in channels
        ):
            self._poll(0.1)
        self._server.task_dispatcher.shutdown(timeout=max(0.1, until - time.monotonic()))

    def _listeners(self) -> Iterator[Any]:
        return (each for each in list(self._map.values()) if isinstance(each, BaseWSGIServer))

    def _poll(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _close_late(self, now: float) -> None:
        for listener in self._listeners():
            for channel in list(listener.active_channels.values()):
                if channel.is_late(now):
                    channel.will_close = True
