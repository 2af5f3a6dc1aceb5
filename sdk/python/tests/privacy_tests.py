"""What may reach the disk and the wire, and what never does."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path
from typing import Any

import pytest

import audit_layer
from audit_layer import AuditAnthropic, AuditOpenAI
from audit_layer import _guard as guard
from audit_layer._config import Settings
from audit_layer._local import read_all
from audit_layer._redact import detectors
from conftest import Api, recorded
from fake_answers import PICTURE, SSE, Answer, data
from fake_provider import FakeProvider
from surface_cases import ASK, CLAUDE

pytestmark = pytest.mark.usefixtures("recording")

MARK = "MARKED-SECRET"
MODES: list[dict[str, Any]] = [
    {"capture": "full"},
    {"capture": "digest"},
    {"capture": "metadata"},
    {"redact": audit_layer.redactor()},
]


def everything_on_disk(folder: str) -> bytes:
    return b"".join(path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("mode", MODES, ids=str)
def no_header_key_cookie_or_query_ever_reaches_the_spool(
    mode: dict[str, Any], provider: FakeProvider, recording: Settings
) -> None:
    audit_layer.configure(url="", **mode)
    headers = {"x-own": MARK, "authorization": f"Bearer {MARK}"}
    with AuditOpenAI(
        api_key=MARK, base_url=provider.url, default_headers=headers, default_query={"q": MARK}, organization=MARK
    ) as client:
        client.chat.completions.create(model="gpt-x", messages=ASK, extra_headers={"x-more": MARK})
        list(client.chat.completions.create(model="gpt-x", messages=ASK, stream=True))
        client.post(f"/chat/completions?key={MARK}", cast_to=object, body={"model": "gpt-x"})
        with pytest.raises(Exception):  # noqa: B017
            client.chat.completions.create(model="fail", messages=ASK)
        client.audio.transcriptions.create(model="whisper", file=("a.mp3", MARK.encode(), "audio/mpeg"))
    with AuditAnthropic(api_key=MARK, base_url=provider.url) as other:
        other.messages.create(**CLAUDE)
    for seen in provider.seen[:3]:
        assert MARK in seen.path or MARK in str(seen.headers)
    stored = everything_on_disk(recording.spool_dir)
    assert b"gpt-x" in stored
    assert MARK.encode() not in stored
    assert b"COOKIE-SECRET" not in stored


@pytest.mark.parametrize("mode", ["digest", "metadata"])
def no_content_reaches_the_disk_in_the_sparing_modes(mode: str, provider: FakeProvider, recording: Settings) -> None:
    audit_layer.configure(url="", capture=mode)
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        with audit_layer.decision(type="t", subject="s") as made:
            client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": MARK}], tools=[tool()])
            stream = client.chat.completions.create(
                model="gpt-x", messages=[{"role": "system", "content": MARK}], stream=True
            )
            assert MARK.encode() not in everything_on_disk(recording.spool_dir)
            list(stream)
            made.update(
                outcome="denied",
                explanation=MARK,
                factors=[audit_layer.factor("income", MARK, weight=1)],
                principal_reasons=[MARK, {"code": MARK}],
                risk_reasons=[MARK],
                alternatives=[{"x": MARK}],
                oversight=audit_layer.oversight(required=True, reason=MARK),
            )
        audit_layer.human_review(made, action="upheld", reviewer="r", reason=MARK)
    assert MARK.encode() not in everything_on_disk(recording.spool_dir)
    call, decided, review = by_type(recording)
    assert call["attributes"]["gen_ai.usage.input_tokens"] == 30
    assert call["attributes"]["gen_ai.request.model"] == "gpt-x"
    shown = call["attributes"].get("gen_ai.input.messages")
    members = decided["decision"]
    assert members["outcome"] == "denied"
    assert members["factors"][0]["name"] == "income"
    watched = review["decision"]["oversight"]
    if mode == "metadata":
        assert shown is None
        assert members == {
            "outcome": "denied",
            "factors": [{"name": "income", "weight": 1}],
            "oversight": {"required": True},
        }
        assert "reason" not in watched
    else:
        assert set(shown) == {"sha256", "bytes"}
        assert members["explanation"].startswith("sha256:")
        assert members["risk_reasons"][0].startswith("sha256:")
        assert set(members["principal_reasons"][1]) == {"sha256", "bytes"}
        assert watched["reason"].startswith("sha256:")


def tool() -> Any:
    return {"type": "function", "function": {"name": "f", "description": MARK, "parameters": {"type": "object"}}}


def stored(settings: Settings) -> list[dict[str, Any]]:
    """The records that lie on the disk."""
    return [item.record for item in read_all(settings) if item.record["type"] != "heartbeat"]


def by_type(settings: Settings) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The first call, the decision and the review."""
    found = stored(settings)
    kinds = ("llm_call", "decision", "human_review")
    first, decided, review = (next(record for record in found if record["type"] == kind) for kind in kinds)
    return first, decided, review


def a_redaction_hook_acts_on_every_text_before_the_spool(provider: FakeProvider, recording: Settings) -> None:
    audit_layer.configure(url="", redact=audit_layer.redactor(also=lambda text: text.replace(MARK, "[gone]")))
    with AuditOpenAI(api_key="k", base_url=provider.url) as client, audit_layer.context(note=MARK):
        client.chat.completions.create(
            model="gpt-x", messages=[{"role": "user", "content": f"{MARK} a@b.example"}], user=MARK
        )
        list(client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": MARK}], stream=True))
        audit_layer.decision(outcome="x", explanation=MARK, factors=[{"name": "n", "value": [MARK]}])
        audit_layer.human_review("d", action="a", reviewer="r", reason=MARK)
    assert MARK.encode() not in everything_on_disk(recording.spool_dir)
    call, *_ = stored(recording)
    assert call["attributes"]["gen_ai.input.messages"][0]["content"] == "[gone] [email]"
    assert call["attributes"]["note"] == "[gone]"
    assert call["attributes"]["gen_ai.request.model"] == "gpt-x"


def a_hook_that_fails_costs_the_text_not_the_record(api: Api, provider: FakeProvider) -> None:
    def broken(text: str) -> str:
        raise RuntimeError(text)

    audit_layer.configure(redact=broken)
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=ASK)
        audit_layer.decision(outcome="x", explanation=MARK)
    call, decided = recorded(api)
    assert call["attributes"]["gen_ai.input.messages"][0]["content"] == "[redaction failed]"
    assert decided["decision"]["explanation"] == "[redaction failed]"
    assert list(guard.failures) == ["redact: RuntimeError"]


FOUND: list[tuple[str, str, str]] = [
    ("email", "mail anna.b+x@mail.example.org now", "mail [email] now"),
    ("iban", "to CH93 0076 2011 6238 5295 7, please", "to [iban], please"),
    ("iban", "to GB82WEST12345698765432.", "to [iban]."),
    ("iban", "to GB82WEST12345698765433.", "to GB82WEST12345698765433."),
    ("credit_card", "card 4111 1111 1111 1111 ok", "card [credit_card] ok"),
    ("credit_card", "card 4111-1111-1111-1112 ok", "card 4111-1111-1111-1112 ok"),
    ("us_ssn", "ssn 123-45-6789", "ssn [us_ssn]"),
    ("us_ssn", "no 000-45-6789", "no 000-45-6789"),
    ("phone", "call +41 44 668 18 00 today", "call [phone] today"),
    ("ipv4", "from 192.168.0.1 on", "from [ipv4] on"),
    ("ipv4", "version 1.2.3", "version 1.2.3"),
    ("secret", "key sk-ant-" + "a" * 24 + " end", "key [secret] end"),
    ("secret", "ghp_" + "A1" * 18, "[secret]"),
    ("secret", "AKIA" + "A" * 16, "[secret]"),
    ("secret", "aal_" + "a" * 16 + "_" + "B" * 43, "[secret]"),
    ("private_key", "x -----BEGIN RSA PRIVATE KEY-----\nAA\n-----END RSA PRIVATE KEY----- y", "x [private_key] y"),
]


@pytest.mark.parametrize(("name", "text", "expected"), FOUND)
def each_detector_finds_its_own(name: str, text: str, expected: str) -> None:
    assert audit_layer.redactor(name)(text) == expected


def every_detector_is_tested_and_they_work_together() -> None:
    assert {name for name, _, _ in FOUND} == detectors.keys()
    assert audit_layer.redactor()("a@b.example +41446681800") == "[email] [phone]"
    with pytest.raises(KeyError):
        audit_layer.redactor("shoe_size")


MEDIA: list[tuple[Any, tuple[Any, ...], str]] = [
    ([{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}], (0, "image_url", "url"), "image/png"),
    ([{"type": "input_audio", "input_audio": {"data": PICTURE, "format": "wav"}}], (0, "input_audio", "data"), "wav"),
    (
        [{"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": PICTURE}}],
        (0, "source", "data"), "image/jpeg",
    ),
    ([{"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PICTURE}"}}], (0, "file", "file_data"), "application/pdf"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "path", "kind"), MEDIA)
def the_media_is_digest_and_size(
    content: Any, path: tuple[Any, ...], kind: str, api: Api, provider: FakeProvider
) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": content}])
    found: Any = recorded(api)[0]["attributes"]["gen_ai.input.messages"][0]["content"]
    for key in path:
        found = found[key]
    assert found["media_type"] == kind
    assert found["bytes"] == len(base64.b64decode(PICTURE))


def a_picture_that_a_model_made_is_digest_and_size(api: Api, provider: FakeProvider) -> None:
    made = {"type": "image_generation_call", "id": "i", "result": PICTURE}
    event = {"type": "response.output_item.done", "output_index": 0, "item": made}
    provider.custom["/responses"] = Answer(200, SSE, [data(event)])
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        request = {"model": "x", "stream": True, "input": "a cat"}
        with client.chat.completions.with_streaming_response.create(model="x", messages=ASK) as response:
            response.read()
        assert client.post("/responses", cast_to=str, body=request)
    *_, record = recorded(api)
    assert record["attributes"]["gen_ai.output.messages"][0]["result"]["bytes"] == 1024


def a_text_that_is_no_base64_stays(api: Api, provider: FakeProvider) -> None:
    text = "base64 " + "word " * 80
    bad = "A" * 257
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(
            model="gpt-x", messages=[{"role": "user", "content": text}, {"role": "user", "content": bad}]
        )
    first, second = recorded(api)[0]["attributes"]["gen_ai.input.messages"]
    assert first["content"] == text
    assert second["content"]["bytes"] in (192, 193, 257)


@pytest.mark.parametrize("limit", [64, 1 << 20])
def the_bodies_over_the_limit_are_digest_and_size(limit: int, api: Api, provider: FakeProvider) -> None:
    audit_layer.configure(body_limit_bytes=limit)
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": "x" * 100}])
        list(client.chat.completions.create(model="gpt-x", messages=ASK, stream=True))
        with pytest.raises(Exception):  # noqa: B017
            client.chat.completions.create(model="fail", messages=ASK)
    whole, streamed, failed = recorded(api)
    for record in (whole, streamed):
        attributes = record["attributes"]
        assert attributes["gen_ai.request.model"] == "gpt-x"
        assert attributes["gen_ai.response.finish_reasons"] == ["stop"]
        if limit == 64:
            assert set(attributes["audit.request.body"]) == {"sha256", "bytes"}
            assert set(attributes["audit.response.body"]) == {"sha256", "bytes"}
            assert "gen_ai.input.messages" not in attributes
        else:
            assert "audit.request.body" not in attributes
    assert ("sha256" in failed["attributes"]["audit.error.body"]) == (limit == 64)


@pytest.mark.parametrize("capture", ["full", "metadata"])
def a_body_beyond_what_is_ever_kept_is_digest_and_size(
    capture: str, api: Api, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_layer._recorder.HARD_LIMIT_BYTES", 400)
    audit_layer.configure(capture=capture)
    question = [{"role": "user", "content": "x" * 500}]
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=question)  # type: ignore[arg-type]
        list(client.chat.completions.create(model="gpt-x", messages=question, stream=True))  # type: ignore[call-overload]
    for record in recorded(api):
        attributes = record["attributes"]
        assert attributes["http.response.status_code"] == 200
        if capture == "metadata":
            assert "audit.request.body" not in attributes
            continue
        assert attributes["audit.request.body"]["bytes"] > 500
        assert attributes["audit.response.body"]["bytes"] > 400
        assert len(attributes["audit.response.body"]["sha256"]) == 64


def a_digest_is_the_same_with_a_hook_and_without(api: Api) -> None:
    for redact in (None, audit_layer.redactor("email")):
        audit_layer.configure(capture="digest", redact=redact)
        audit_layer.decision(outcome="x", explanation="to a@b.example")
    (decided,) = recorded(api)[-1:]
    assert decided["decision"]["explanation"].startswith("sha256:")


def the_spool_is_its_owners_alone(provider: FakeProvider, recording: Settings) -> None:
    with AuditOpenAI(api_key="k", base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=ASK)
    spool = audit_layer.health().spool
    assert stat.S_IMODE(os.stat(spool).st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in Path(spool).iterdir()} == {0o600}


def a_log_line_names_types_never_content(provider: FakeProvider, caplog: pytest.LogCaptureFixture) -> None:
    def broken(text: str) -> str:
        raise RuntimeError(MARK)

    audit_layer.configure(redact=broken)
    with AuditOpenAI(api_key=MARK, base_url=provider.url) as client:
        client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": MARK}])
    assert any("RuntimeError" in message for message in caplog.messages)
    assert MARK not in caplog.text
