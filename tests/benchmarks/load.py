"""Fifty clients at once, in one thread: each sends its next request when its last one is answered."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did with the requests of some seconds."""

    seconds: float
    errors: int
    took: Sequence[float] = field(repr=False)  # milliseconds a request, sorted

    @property
    def per_second(self) -> float:
        """How many requests were answered a second."""
        return len(self.took) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return the milliseconds within which ``percent`` of the requests were answered."""
        return self.took[min(len(self.took) - 1, len(self.took) * percent // 100)]


@dataclass(slots=True)
class _Client:
    socket: socket.socket
    sent: float = 0.0
    got: bytes = b""

    def ask(self, request: bytes) -> None:
        self.got, self.sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int:
        """Return the status of the answer, 0 while it is not here as a whole."""
        head, end, body = self.got.partition(b"\r\n\r\n")
        if not end:
            return 0
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return int(head.split(b" ", 2)[1]) if len(body) >= length else 0


def load(port: int, request: bytes, clients: int, seconds: float) -> Load:
    """Let ``clients`` send ``request`` again and again for ``seconds``; an error is any status but 200."""
    took: list[float] = []
    errors = 0
    with selectors.DefaultSelector() as ready:
        begin = time.perf_counter()
        for _ in range(clients):
            client = _Client(socket.create_connection(("127.0.0.1", port)))
            ready.register(client.socket, selectors.EVENT_READ, client)
            client.ask(request)
        while time.perf_counter() - begin < seconds:
            for key, _ in ready.select(1):
                client = key.data
                part = client.socket.recv(CHUNK)
                client.got += part
                status = client.status()
                if part and not status:
                    continue
                took.append((time.perf_counter() - client.sent) * 1000)
                errors += status != 200
                if not part:  # the server hung up
                    client.socket.close()
                    ready.unregister(client.socket)
                    client.socket = socket.create_connection(("127.0.0.1", port))
                    ready.register(client.socket, selectors.EVENT_READ, client)
                client.ask(request)
        passed = time.perf_counter() - begin
        for key in list(ready.get_map().values()):
            key.data.socket.close()
    return Load(passed, errors, sorted(took))
