"""The clients that are measured: each builds one, and says how to wait until all that it saw is sent."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

Subject = tuple[Any, Callable[[], object]]
BATCH_RECORDS = 50
"""As the figures are stated; the SDK's own batches are larger."""


def bare(url: str) -> Subject:
    """The provider's own client."""
    import openai

    return openai.OpenAI(api_key="k", base_url=f"{url}/v1"), lambda: None


def audit(url: str, *, zstd: bool = True, **settings: Any) -> Subject:
    """This SDK."""
    if not zstd:
        sys.modules["zstandard"] = None  # type: ignore[assignment]
    import audit_layer
    from audit_layer import _courier

    _courier.BATCH_RECORDS = BATCH_RECORDS
    settings["linger_seconds"] = float(os.environ.get("BENCH_LINGER_SECONDS", "0.2"))
    audit_layer.configure(url=url, api_key="k", spool_dir=os.environ["BENCH_SPOOL"], system="bench", **settings)
    return audit_layer.AuditOpenAI(api_key="k", base_url=f"{url}/v1"), lambda: audit_layer.flush(120)


def langfuse(url: str) -> Subject:
    """Langfuse's drop-in for openai's client."""
    os.environ.update(LANGFUSE_HOST=url, LANGFUSE_BASE_URL=url, LANGFUSE_PUBLIC_KEY="pk", LANGFUSE_SECRET_KEY="sk")
    from langfuse import get_client
    from langfuse.openai import OpenAI  # pyright: ignore

    return OpenAI(api_key="k", base_url=f"{url}/v1"), get_client().flush


def openinference(url: str) -> Subject:
    """OpenInference's instrumentation with OpenTelemetry's own batch exporter."""
    from openinference.instrumentation.openai import OpenAIInstrumentor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces")))
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    return bare(url)[0], provider.force_flush


def posthog(url: str) -> Subject:
    """PostHog's drop-in for openai's client."""
    from posthog import Posthog
    from posthog.ai.openai import OpenAI

    sink = Posthog("k", host=url)
    return OpenAI(api_key="k", base_url=f"{url}/v1", posthog_client=sink), sink.flush


SUBJECTS: dict[str, Callable[[str], Subject]] = {
    "bare": bare,
    "audit-zstd": audit,
    "audit-gzip": lambda url: audit(url, zstd=False),
    "audit-redact": lambda url: audit(url, redact=_redactor()),
    "audit-digest": lambda url: audit(url, capture="digest"),
    "langfuse": langfuse,
    "openinference": openinference,
    "posthog": posthog,
}


def _redactor() -> Any:
    import audit_layer

    return audit_layer.redactor("email", "iban", "credit_card")
