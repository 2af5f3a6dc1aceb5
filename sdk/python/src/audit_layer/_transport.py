"""The only file that opens a socket: one kept-alive HTTP/1.1 connection, standard library only."""

from __future__ import annotations

import http.client
import urllib.parse
from typing import NamedTuple, Protocol

__all__ = ["Answer", "HttpTransport", "Transport", "Unreachable"]

CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 20.0
"""Longer than the API's own limit, so that an answer under way is not thrown away."""
MAX_ANSWER_BYTES = 6 * 1024 * 1024


class Unreachable(Exception):
    """No answer, so that nobody knows whether the records arrived; sending them again is safe."""


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    retry_after: str
    body: bytes


class Transport(Protocol):
    """Sends a batch."""

    def post(self, body: bytes, encoding: str) -> Answer:
        """Posts NDJSON.

        Raises:
            Unreachable: there was no whole answer.
        """
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...


class HttpTransport:
    """Posts to `<url>/api/v1/audit/logs`."""

    def __init__(self, url: str, api_key: str, *, timeout: float = READ_TIMEOUT_SECONDS) -> None:
        """Opens nothing yet."""
        parts = urllib.parse.urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path.rstrip("/") + "/api/v1/audit/logs"
        self._timeout = timeout
        self._headers = {"Content-Type": "application/x-ndjson", "Accept": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._connection: http.client.HTTPConnection | None = None

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            import ssl

            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, self._port, timeout=CONNECT_TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_SECONDS)
        connection.connect()
        connection.sock.settimeout(self._timeout)
        return connection

    def post(self, body: bytes, encoding: str) -> Answer:
        """Posts a batch; a kept-alive connection that went stale is opened anew once.

        Raises:
            Unreachable: there was no whole answer.
        """
        headers = {**self._headers, "Content-Encoding": encoding} if encoding else self._headers
        for fresh in (self._connection is None, True):
            try:
                if self._connection is None:
                    self._connection = self._connect()
                self._connection.request("POST", self._path, body, headers)
                response = self._connection.getresponse()
                data = response.read(MAX_ANSWER_BYTES)
                if response.length:  # the connection ended within the answer, or the answer never ends
                    self.close()
                    raise Unreachable("the answer was cut short")
                if response.will_close:
                    self.close()
                return Answer(response.status, response.getheader("Retry-After") or "", data)
            except TimeoutError as error:
                self.close()
                raise Unreachable("timed out") from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.close()
                if fresh:
                    raise Unreachable(type(error).__name__) from error
        raise Unreachable("no connection")

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
