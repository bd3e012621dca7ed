"""HTTP/1.1 at its barest: enough to load a server without being the slower one of the two."""

import re
import socket
from types import TracebackType
from typing import Any, Self

import orjson

END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\ncontent-length: *(\d+)", re.IGNORECASE)


def head(method: str, path: str, *, token: str = "", length: int = 0) -> bytes:
    """A request up to its last header, which the caller may add others to before `END`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    if length:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return "\r\n".join(lines).encode()


def status_and_length(answer: bytes) -> tuple[int, int]:
    """What the head of an answer says."""
    found = _LENGTH.search(answer)
    return int(answer[9:12]), int(found[1]) if found else 0


class Line:
    """One connection, one request at a time."""

    def __init__(self, port: int, token: str = "") -> None:
        self.token = token
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """The status and the body of the answer."""
        request = head(method, path, token=self.token, length=len(body))
        self._socket.sendall(request + END + body)
        answer = b""
        while not answer.endswith(END):
            line = self._file.readline()
            if not line:
                raise ConnectionError
            answer += line
        status, length = status_and_length(answer)
        return status, self._file.read(length)

    def json(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """The body of an answer that must be a success."""
        status, answer = self.ask(method, path, b"" if body is None else orjson.dumps(body))
        assert status < 300, (status, answer)
        return orjson.loads(answer)
