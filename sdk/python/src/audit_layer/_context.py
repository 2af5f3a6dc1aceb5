"""Who, about whom, and as part of what: carried by contextvars through threads' and tasks' calls."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

__all__ = ["Fields", "current", "merged"]

Fields = dict[str, Any]
"""The members of a record that a context sets, in wire form; `attributes` is merged, all else replaced."""

current: ContextVar[Fields | None] = ContextVar("audit_layer_context", default=None)


def merged(outer: Fields | None, inner: Fields) -> Fields:
    """The outer context's members with the inner one's over them."""
    if not outer:
        return inner
    fields = {**outer, **inner}
    if "attributes" in outer and "attributes" in inner:
        fields["attributes"] = {**outer["attributes"], **inner["attributes"]}
    return fields
