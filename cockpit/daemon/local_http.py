"""One request to a bot's socket with the standard library alone: quick to import, and it blocks."""

import json
import socket
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

_MAX_ANSWER = 64 * 1024 * 1024


class NoAnswer(Exception):
    """Nobody answers at a socket, or not in time, or not as a bot would; the message says which."""


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("bot", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(
    path: Path, method: str, target: str, body: dict[str, object] | None = None, *, timeout_s: float = 5.0
) -> tuple[int, Any]:
    """Asks a bot something.

    Args:
        path: Its socket.
        method: Such as ``GET``.
        target: Such as ``/health``.
        body: Sent as JSON, if given.
        timeout_s: For each wait on the socket.

    Returns:
        The status, and what the JSON of the answer says.

    Raises:
        NoAnswer: If there is none.
    """
    connection = _UnixConnection(path, timeout_s)
    sent = None if body is None else json.dumps(body)
    headers = {} if body is None else {"Content-Type": "application/json"}
    try:
        connection.request(method, target, sent, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read(_MAX_ANSWER))
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(f"{path}: {error or type(error).__name__}") from error
    finally:
        connection.close()
