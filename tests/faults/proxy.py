"""A proxy between a client and PostgreSQL that cuts the connection where it hurts."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from threading import Lock, Thread

from psycopg.conninfo import conninfo_to_dict, make_conninfo

READY = b"Z\x00\x00\x00\x05I"
"""PostgreSQL's word that a query is done and nothing is open: it has been committed."""


class Cut(Enum):
    """When a connection is cut: before PostgreSQL gets the query, once it has got it, or once it
    has answered but before the client hears of it."""

    BEFORE = "before the server got it"
    DURING = "while the server was at it"
    AFTER = "after the server had committed it"


class Proxy:
    """Passes everything on, until a client sends what `cut_at` names: that connection is cut."""

    def __init__(self, target: str) -> None:
        self.target = conninfo_to_dict(target)
        self.cuts = 0
        """How many connections have been cut."""
        self._mark: tuple[bytes, Cut] | None = None
        self._lock = Lock()
        self._address = ("127.0.0.1", 0)
        self._open: list[socket.socket] = []
        self.come_back()

    def url(self) -> str:
        host, port = self._address
        return make_conninfo(**{**self.target, "host": host, "port": port})

    def cut_at(self, words: str, cut: Cut) -> None:
        """Cut the next connection through which these *words* are sent."""
        self._mark = words.encode(), cut

    def go_away(self) -> None:
        """As a server that is stopped: connections end, and nobody is let in."""
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def come_back(self) -> None:
        """At the same address."""
        self._listening = socket.create_server(self._address)
        self._address = self._listening.getsockname()
        Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{self.target['host']}/.s.PGSQL.5432")
                self._open += [client, server]
                Thread(target=_Link(self, client, server).up, daemon=True).start()

    def claim(self, sent: bytes) -> Cut | None:
        """Whether the connection that has *sent* this is the one to be cut; it is once."""
        with self._lock:
            if self._mark is None or self._mark[0] not in sent:
                return None
            cut, self._mark = self._mark[1], None
            return cut


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self.server = server
        self.silent = False
        Thread(target=self.down, daemon=True).start()

    def up(self) -> None:
        """From the client to the server."""
        before = b""
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                match self.proxy.claim(before[-4096:] + data):
                    case Cut.BEFORE:
                        self.cut()
                        return
                    case Cut.DURING:
                        self.server.sendall(data)
                        self.cut()
                        return
                    case Cut.AFTER:
                        self.silent = True
                self.server.sendall(data)
                before = data
        self.end()

    def down(self) -> None:
        """From the server to the client."""
        said = b""
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                said = said[-16:] + data
                if not self.silent:
                    self.client.sendall(data)
                elif READY in said:
                    self.cut()
                    return
        self.end()

    def cut(self) -> None:
        self.proxy.cuts += 1
        self.end()

    def end(self) -> None:
        for one in (self.client, self.server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A proxy in front of the server at *url*, which listens on a Unix socket."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.go_away()
