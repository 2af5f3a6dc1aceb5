"""The one file that opens a socket, against servers that behave and servers that don't."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from audit_layer import _transport
from audit_layer._transport import HttpTransport, Unreachable

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nRetry-After: 3\r\n\r\n{}"


class Server:
    """Takes connections one after the other and answers each request on them with the next of its answers."""

    def __init__(self, *connections: list[bytes]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.seen: list[bytes] = []
        self.thread = threading.Thread(target=self.run, args=(connections,), daemon=True)
        self.thread.start()

    def run(self, connections: tuple[list[bytes], ...]) -> None:
        for answers in connections:
            client, _ = self.listener.accept()
            with client:
                for found in answers:
                    self.seen.append(self.request(client))
                    client.sendall(found)

    def request(self, client: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += client.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: "))
        while len(body) < length:
            body += client.recv(65536)
        return head + b"\r\n\r\n" + body


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def made(*connections: list[bytes]) -> Server:
        servers.append(Server(*connections))
        return servers[-1]

    yield made
    for server in servers:
        server.listener.close()


def it_posts_with_key_and_coding_and_keeps_the_connection(serve: Callable[..., Server]) -> None:
    server = serve([OK, OK])
    transport = HttpTransport(f"{server.url}/base/", "secret")
    assert transport.post(b"body", "gzip") == (202, "3", b"{}")
    assert transport.post(b"body", "").status == 202
    transport.close()
    transport.close()
    first, second = (request.decode() for request in server.seen)
    assert first.startswith("POST /base/api/v1/audit/logs HTTP/1.1\r\n")
    assert "Authorization: Bearer secret\r\n" in first
    assert "Content-Encoding: gzip" in first
    assert "Content-Encoding" not in second
    assert second.endswith("\r\n\r\nbody")


def it_opens_a_connection_that_went_stale_anew_once(serve: Callable[..., Server]) -> None:
    server = serve([OK], [OK])
    transport = HttpTransport(server.url, "")
    assert transport.post(b"1", "").status == 202
    server.thread.join(0.2)
    assert transport.post(b"2", "").status == 202
    transport.close()
    assert len(server.seen) == 2


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 202 Accepted\r\nContent-Length: 20\r\n\r\n{}", b"no HTTP\r\n\r\n"])
def it_takes_half_an_answer_for_none(answer: bytes, serve: Callable[..., Server]) -> None:
    server = serve([answer])
    transport = HttpTransport(server.url, "")
    with pytest.raises(Unreachable):
        transport.post(b"1", "")
    transport.close()


def it_closes_where_the_server_wants_it(serve: Callable[..., Server]) -> None:
    server = serve([b"HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"], [OK])
    transport = HttpTransport(server.url, "")
    assert transport.post(b"1", "").status == 503
    assert transport._connection is None
    assert transport.post(b"2", "").status == 202
    transport.close()


def it_gives_up_on_a_server_that_says_nothing(serve: Callable[..., Server]) -> None:
    server = serve()
    transport = HttpTransport(server.url, "", timeout=0.05)
    with pytest.raises(Unreachable, match="timed out"):
        transport.post(b"1", "")


def it_says_why_it_reaches_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        HttpTransport(f"http://127.0.0.1:{port}", "").post(b"1", "")


def it_speaks_tls_and_trusts_nobody_unknown(serve: Callable[..., Server]) -> None:
    server = serve()
    transport = HttpTransport(server.url.replace("http://", "https://"), "", timeout=0.2)
    server.listener.close()
    with pytest.raises(Unreachable):
        transport.post(b"1", "")
    assert _transport.MAX_ANSWER_BYTES > 4 * 1024 * 1024
