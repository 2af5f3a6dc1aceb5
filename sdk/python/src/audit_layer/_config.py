"""What an application may set, and the only file that reads the environment."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

__all__ = ["CaptureMode", "OnDrop", "OnFull", "Redactor", "Settings"]

CaptureMode = Literal["full", "metadata", "digest"]
"""`full`: everything; `digest`: content as SHA-256 and size; `metadata`: no content at all."""

OnFull = Literal["drop_newest", "drop_oldest"]
"""Which records give way when the spool can't grow."""

Redactor = Callable[[str], str]
"""Takes each text of a record's content, returns what may be kept of it."""

OnDrop = Callable[[int, str], None]
"""Called with a number of records and the reason when records are given up."""

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. `Settings.from_env()` reads the `AUDIT_*` variables."""

    url: str = ""
    api_key: str = ""
    system: str = ""
    environment: str = ""
    enabled: bool = True
    spool_dir: str = ""
    spool_limit_bytes: int = 512 * _MIB
    """The spool of one process never grows beyond this."""
    memory_limit_bytes: int = 16 * _MIB
    """Frames kept in memory while no disk can be written."""
    on_full: OnFull = "drop_newest"
    on_drop: OnDrop | None = None
    capture: CaptureMode = "full"
    redact: Redactor | None = None
    body_limit_bytes: int = _MIB
    """A request or response body beyond this is recorded as its digest and size."""
    pseudonym_key: bytes = b""
    exit_timeout_seconds: float = 0.1
    """How long a normal exit may wait for the sender; what is left stays in the spool."""
    linger_seconds: float = 0.2
    """How long the sender gathers records before it sends a batch that is not full."""
    heartbeat_seconds: float = 300.0

    @staticmethod
    def from_env(environ: Mapping[str, str] | None = None) -> Settings:
        """Reads the settings from the environment; what is absent or malformed keeps its default."""
        env = os.environ if environ is None else environ
        default = Settings()
        capture = env.get("AUDIT_CAPTURE", "full")
        on_full = env.get("AUDIT_ON_FULL", "drop_newest")
        return Settings(
            url=env.get("AUDIT_URL", "").rstrip("/"),
            api_key=env.get("AUDIT_API_KEY", ""),
            system=env.get("AUDIT_SYSTEM", ""),
            environment=env.get("AUDIT_ENVIRONMENT", ""),
            enabled=env.get("AUDIT_DISABLED", "").lower() not in ("1", "true", "yes"),
            spool_dir=env.get("AUDIT_SPOOL_DIR", ""),
            spool_limit_bytes=_integer(env.get("AUDIT_SPOOL_LIMIT_BYTES"), default.spool_limit_bytes),
            memory_limit_bytes=_integer(env.get("AUDIT_MEMORY_LIMIT_BYTES"), default.memory_limit_bytes),
            on_full="drop_oldest" if on_full == "drop_oldest" else "drop_newest",
            capture="metadata" if capture == "metadata" else "digest" if capture == "digest" else "full",
            body_limit_bytes=_integer(env.get("AUDIT_BODY_LIMIT_BYTES"), default.body_limit_bytes),
            pseudonym_key=env.get("AUDIT_PSEUDONYM_KEY", "").encode(),
        ).completed(env)

    def completed(self, environ: Mapping[str, str] | None = None) -> Settings:
        """Fills in what can be told from the process: a system's name and where spools lie."""
        env = os.environ if environ is None else environ
        return replace(
            self,
            url=self.url.rstrip("/"),
            system=clip(self.system or _program()),
            environment=clip(self.environment) if self.environment else "",
            spool_dir=self.spool_dir or default_spool_dir(env),
        )

    def changed(self, **changes: Any) -> Settings:
        """These settings with some of them replaced."""
        return replace(self, **changes).completed()

    @property
    def namespace(self) -> str:
        """The folder below `spool_dir` whose spools processes with these settings adopt.

        It goes by system and environment, not by address or key: what was recorded before an address was
        set, or under a key since rotated, is still sent, and never with another application's key.
        """
        digest = hashlib.sha256(f"{self.system}\0{self.environment}".encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', self.system)[:40].strip('.-') or 'system'}-{digest}"


def default_spool_dir(env: Mapping[str, str]) -> str:
    """Where spools lie when nobody says so. On Lambda only `/tmp` can be written."""
    if env.get("AWS_LAMBDA_FUNCTION_NAME"):
        return "/tmp/audit-layer"
    state = env.get("XDG_STATE_HOME")
    if state:
        return os.path.join(state, "audit-layer")
    home = env.get("HOME")
    return os.path.join(home, ".local", "state", "audit-layer") if home else "/tmp/audit-layer"


def clip(text: str) -> str:
    """Cuts a key to the 256 bytes of UTF-8 that the ledger takes."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= 256 and raw.decode() == text else raw[:256].decode("utf-8", "ignore")


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _program() -> str:
    name = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else ""
    stem = name[:-3] if name.endswith(".py") else name
    return stem if stem and stem not in ("-c", "-m") else "python"
