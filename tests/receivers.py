"""Receivers that listen on this machine: of webhooks, and of e-mail."""

import socket
import socketserver
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Posted:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """`answers`: the status for the nth request, counted from 0; None hangs until the end."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: Callable[[int], int | None] = lambda _: 204
    ended: Event = field(default_factory=Event)

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.posted]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever was killed has hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    wbufsize = -1

    def do_POST(self) -> None:
        there = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        there.posted.append(Posted(self.path, headers, body))
        status = there.answers(len(there.posted) - 1)
        if status is None:
            there.ended.wait(60)
            return
        self.send_response_only(status)
        if 300 <= status < 400:
            self.send_header("Location", f"{there.url}/elsewhere")
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def receiving(
    answers: Callable[[int], int | None] = lambda _: 204, context: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A receiver of webhooks; with a *context*, over TLS."""
    receiver = Receiver(answers=answers)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.receiver = receiver
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.ended.set()
            server.shutdown()
            thread.join()


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    ended = Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            ended.wait(60)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            ended.set()
            server.shutdown()
            thread.join()


@dataclass
class Mailbox:
    """What a mail server has taken. `says`: what it says to the nth message, counted from 0."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    asked: int = 0
    says: Callable[[int], str] = lambda _: "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.says(self.asked)
        self.asked += 1
        if answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        return answer

    @property
    def ids(self) -> list[str]:
        return [str(one["Message-ID"]) for one in self.taken]

    @property
    def subjects(self) -> Sequence[str]:
        return [str(one["Subject"]) for one in self.taken]


@contextmanager
def mail_server(says: Callable[[int], str] = lambda _: "250 OK") -> Iterator[Mailbox]:
    """A real one, on this machine."""
    box = Mailbox(says=says)
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]  # it asks for itself there, so it must know it before
    controller = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=30)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def wait_for(true: Callable[[], Any], seconds: float = 60) -> None:
    """Until it is *true*; fails where it is not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
