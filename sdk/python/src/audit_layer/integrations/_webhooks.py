"""Events that a provider delivers, put on record where the application unwraps them.

The resource is the provider's own; only its `unwrap` is shadowed in place. What it raises, the application
sees, and nothing is recorded: an event whose signature does not hold is nobody's event.
"""

from __future__ import annotations

import functools
import json
import time
from typing import Any, cast

from audit_layer import _process
from audit_layer._context import current, merged
from audit_layer._events import envelope
from audit_layer._guard import report
from audit_layer._links import of_webhook
from audit_layer.integrations._provider import provider_of

__all__ = ["recorded"]


def recorded(resource: Any, client: Any) -> Any:
    """A client's `webhooks`, its events on record."""
    own = resource.__dict__
    if "unwrap" not in own:
        own["unwrap"] = _recording(client, resource.unwrap)
    return resource


def _recording(client: Any, unwrap: Any) -> Any:
    @functools.wraps(unwrap)
    def recording(payload: Any, *args: Any, **kwargs: Any) -> Any:
        event = unwrap(payload, *args, **kwargs)
        try:
            _put(client, payload)
        except Exception as error:
            report("webhook", error)
        return event

    return recording


def _put(client: Any, payload: Any) -> None:
    from audit_layer._content import bounded, content_of

    if _process.current() is None:
        return
    settings = _process.settings()
    loaded: Any = json.loads(payload)
    event = cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}
    facts = of_webhook(event)
    record = envelope(settings, "access", time.time_ns())
    pairs = {"trace_id": facts.get("otid"), "parent_id": facts.get("of"), "decision_id": facts.get("odid")}
    fields = merged({key: value for key, value in pairs.items() if value}, dict(current.get() or {}))
    record.update({key: value for key, value in fields.items() if key != "attributes"})
    attributes: dict[str, Any] = {
        **fields.get("attributes", {}),
        "gen_ai.operation.name": "webhook",
        "gen_ai.provider.name": provider_of(cast("type[Any]", client.__class__)),
        "audit.webhook.type": str(event.get("type", "")),
    }
    if facts.get("ref"):
        attributes["audit.call.refers_to"] = facts["ref"]
    attributes.update(content_of(settings, "audit.webhook.event", event))
    record["attributes"] = attributes
    _process.put(bounded(record))
