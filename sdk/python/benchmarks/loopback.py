"""A model provider and every sink that the subjects send to, in a process of its own so that its cost is not theirs.

`python loopback.py` prints its port and serves until its standard input ends. `GET /stats` tells and forgets
how many requests and bytes came to each path; `GET /zero?PID` and `GET /dump?PID` set callgrind's counters of a
process to zero or write them down.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
from typing import Any

import texts

MODE: dict[str, str] = {"sink": "up"}
STATS: dict[str, list[int]] = {}
ANSWERS: dict[tuple[str, int], bytes] = {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, path, _ = lines[0].split(" ")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
            body = await _body(reader, headers)
            await _answer(writer, method, path, headers, body, len(head) + len(body))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        parts: list[bytes] = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts)
    return await reader.readexactly(int(headers.get("content-length", "0")))


async def _answer(
    writer: asyncio.StreamWriter, method: str, path: str, headers: dict[str, str], body: bytes, size: int
) -> None:
    kind = "application/json"
    data = b"{}"
    status = "200 OK"
    if path.endswith("/chat/completions"):
        request = json.loads(body)
        if request.get("stream"):
            data, kind = b"".join(texts.chunks(int(request["model"]))), "text/event-stream"
        else:
            data = _model(request)
    elif path == "/stats":
        data = json.dumps(STATS).encode()
        STATS.clear()
    elif path.startswith(("/zero?", "/dump?")):
        await asyncio.to_thread(subprocess.run, ["callgrind_control", f"-{path[1]}", path[6:]], check=False)
    elif path.startswith("/sink?"):
        MODE["sink"] = path[6:]
    else:
        if MODE["sink"] == "hang":
            await asyncio.sleep(3600)
        stats = STATS.setdefault(path, [0, 0])
        stats[0] += 1
        stats[1] += size
        if MODE["sink"] == "500":
            status = "500 Internal Server Error"
        elif path == "/api/v1/audit/logs":
            status, data = "202 Accepted", _accepted(headers, body)
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\nx-request-id: req_1\r\n\r\n"
    writer.write(head.encode() + data)
    await writer.drain()


def _model(request: dict[str, Any]) -> bytes:
    """An answer made beforehand; the model's name says of which kind, which seed and how long."""
    kind, seed, size = request["model"].split("/")
    key = (kind + size, int(seed) % 997)
    if key not in ANSWERS:
        ANSWERS[key] = texts.answer(kind, key[1], int(size))
    return ANSWERS[key]


def _accepted(headers: dict[str, str], body: bytes) -> bytes:
    encoding = headers.get("content-encoding", "")
    if encoding == "gzip":
        body = gzip.decompress(body)
    elif encoding == "zstd":
        import zstandard

        body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    count = body.count(b"\n")
    STATS.setdefault("records", [0, 0])[0] += count
    STATS["records"][1] += len(body)
    return json.dumps({"results": [{"index": i, "status": "accepted"} for i in range(count)]}).encode()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 26)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
