"""Requests and answers of some 3 kB together, of three kinds.

`repetitive`: the same phrase again and again. `natural`: the same instructions in each request, as an
application sends them, and prose that differs in question and answer. `distinct`: nothing but prose that
differs, which no batch can share.
"""

from __future__ import annotations

import json
import pydoc_data.topics
import random
import re
from typing import Any

INSTRUCTION_CHARS = 600
QUESTION_CHARS = 500
ANSWER_CHARS = 500
PHRASE = "The applicant's income is stable and the debt ratio lies below the limit of the policy. "
_manual: Any = pydoc_data.topics
PROSE = re.sub(r"\s+", " ", " ".join(_manual.topics[name] for name in sorted(_manual.topics)))
"""The language manual that every Python brings: half a million characters of English."""


def text(kind: str, size: int, seed: int) -> str:
    """`size` characters: the same phrase again and again, or a passage of prose that `seed` picks."""
    if kind == "repetitive":
        return (PHRASE * (size // len(PHRASE) + 1))[:size]
    start = random.Random(seed).randrange(len(PROSE))
    passage = PROSE[start : start + size]
    return passage if len(passage) == size else (passage + PROSE * (size // len(PROSE) + 1))[:size]


def messages(kind: str, seed: int) -> list[dict[str, str]]:
    """The messages of one request."""
    return [
        {"role": "system", "content": text(kind, INSTRUCTION_CHARS, seed + 2_000_003 if kind == "distinct" else 7)},
        {"role": "user", "content": text(kind, QUESTION_CHARS, seed)},
    ]


def answer(kind: str, seed: int, size: int = ANSWER_CHARS) -> bytes:
    """A chat completion, laid out as the provider lays it out."""
    return json.dumps(
        {
            "id": f"chatcmpl-{random.Random(seed).getrandbits(96):024x}",
            "object": "chat.completion",
            "created": 1790000000 + seed,
            "model": "gpt-5-mini-2026-06-01",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": text(kind, size, seed + 1_000_003),
                        "refusal": None,
                        "annotations": [],
                    },
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {
                "prompt_tokens": 356,
                "completion_tokens": 241,
                "total_tokens": 597,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {
                    "reasoning_tokens": 0,
                    "audio_tokens": 0,
                    "accepted_prediction_tokens": 0,
                    "rejected_prediction_tokens": 0,
                },
            },
            "service_tier": "default",
            "system_fingerprint": None,
        },
        indent=2,
    ).encode()


def chunks(count: int) -> list[bytes]:
    """A stream of `count` chunks with content and one that ends it."""
    parts: list[bytes] = []
    for index in range(count + 1):
        last = index == count
        choice = {"index": 0, "delta": {} if last else {"content": " token"}, "finish_reason": "stop" if last else None}
        event = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1790000000,
            "model": "gpt-5-mini-2026-06-01",
            "service_tier": "default",
            "system_fingerprint": "fp_1",
            "choices": [choice],
        }
        parts.append(b"data: " + json.dumps(event).encode() + b"\n\n")
    return [*parts, b"data: [DONE]\n\n"]
