"""A door between a sender and an API that can be shut, or left open with nobody behind it."""

from __future__ import annotations

import socket
import threading
from typing import Literal

Mode = Literal["open", "refusing", "hanging"]


class Door:
    """Passes TCP on to `target` while it is open. Changing the mode breaks what is under way."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.mode: Mode = "open"
        self.passed = 0
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def set(self, mode: Mode) -> None:
        """Opens, shuts or forsakes the door."""
        before, self.mode = self.mode, mode
        if mode == "refusing" and before != "refusing":
            # A thread waits in `accept`: closing alone would leave it there, and the port taken.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        elif before == "refusing" and mode != "refusing":
            self._listener = self._listen(self.port)
        with self._lock:
            for found in self._sockets:
                found.close() if mode == "refusing" else _cut(found)
            self._sockets.clear()

    def close(self) -> None:
        """Shuts the door for good."""
        self.set("refusing")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._sockets.append(client)
            if self.mode != "open":
                continue  # taken, and never answered
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._sockets.append(server)
            self.passed += 1
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _cut(found: socket.socket) -> None:
    try:
        found.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    found.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
