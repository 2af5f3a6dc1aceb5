"""Audits a client that exists already, and lets go of it again."""

from __future__ import annotations

from typing import Any, TypeVar

from audit_layer.integrations._seam import MARK, audited_class, missing_seams

__all__ = ["is_wrapped", "unwrap", "wrap"]

_T = TypeVar("_T")


def wrap(client: _T, **context_members: Any) -> _T:
    """Makes a client that exists record its calls: openai's and anthropic's, Azure, Bedrock and Vertex too.

    The same object is returned, its class replaced by an audited subclass of it, so that `isinstance` and
    what was derived from it before keep working. Wrapping twice changes nothing; `unwrap` undoes it.
    Keywords are those of `context` and hold for this client and copies of it.

    Raises:
        TypeError: the client is of another kind.
    """
    fields = None
    if context_members:
        from audit_layer._decisions import context

        fields = context(**context_members).fields
    shown: Any = client
    if not is_wrapped(client):
        lacking = missing_seams(shown.__class__)
        if "request" in lacking:
            raise TypeError(f"{shown.__class__.__name__} is no client that can be audited: it has no `request`")
        shown.__class__ = audited_class(shown.__class__)
    if fields:
        shown.__dict__["_audit_context"] = fields
    return client


def unwrap(client: _T) -> _T:
    """Takes the auditing off a client again, and returns it."""
    shown: Any = client
    base = shown.__class__.__dict__.get(MARK)
    if base is not None:
        shown.__class__ = base
        shown.__dict__.pop("_audit_context", None)
        shown.__dict__.pop("_audit_host", None)
    return client


def is_wrapped(client: object) -> bool:
    """Whether a client's calls are recorded."""
    return hasattr(client.__class__, MARK)
