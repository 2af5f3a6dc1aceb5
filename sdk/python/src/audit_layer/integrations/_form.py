"""What a request said whose bytes can't be had, a multipart one above all: its fields, and of each file its name,
size and digest. A file that is a stream or lies on disk is not read, because reading it would move it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, cast

__all__ = ["form"]


def form(fields: Any, files: Any) -> bytes:
    """The fields as JSON, each file described under its own name."""
    if fields is None and not files:
        return b""
    found: Any = fields
    if files:
        named = cast("Mapping[str, Any]", fields).items() if isinstance(fields, Mapping) else ()
        found = dict(named)
        pairs = cast("Mapping[str, Any]", files).items() if isinstance(files, Mapping) else cast("list[Any]", files)
        for name, file in pairs:
            key = str(name).removesuffix("[]")
            found.setdefault(key, []).append(_file(file)) if isinstance(found.get(key, []), list) else None
    try:
        shown = json.dumps(found, ensure_ascii=False, separators=(",", ":"), default=_shown)
    except (ValueError, TypeError, RecursionError) as error:  # it holds itself, say: the provider refused it too
        shown = json.dumps({"unreadable": type(error).__name__})
    return shown.encode("utf-8", "replace")


def _shown(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return _digest(bytes(value))
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    if isinstance(value, (set, frozenset)):
        return list(cast("set[Any]", value))
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if dump is not None else f"<{type(value).__name__}>"


def _digest(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _file(file: Any) -> dict[str, Any]:
    """A file as the providers' clients take it: content, or a tuple of name, content and media type."""
    parts: tuple[Any, ...] = cast("tuple[Any, ...]", file) if isinstance(file, tuple) else (None, file)
    found: dict[str, Any] = {}
    content = parts[1] if len(parts) > 1 else None
    name: Any = next(iter(parts), None) or getattr(content, "name", None)
    if isinstance(name, (str, os.PathLike)):
        found["filename"] = os.path.basename(os.fspath(cast("str | os.PathLike[str]", name)))
    if isinstance(content, (bytes, bytearray)):
        found.update(_digest(bytes(content)))
    if len(parts) > 2 and isinstance(parts[2], str):
        found["media_type"] = parts[2]
    return found
