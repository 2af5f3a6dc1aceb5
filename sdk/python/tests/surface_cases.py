"""The table of surfaces: what each needs of a client, how it is called, and what its record has to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import BaseModel

ASK: Any = [{"role": "user", "content": "héllo"}]
GPT: dict[str, Any] = {"model": "gpt-x", "messages": ASK}
CLAUDE: dict[str, Any] = {"model": "claude-x", "max_tokens": 4096, "messages": ASK}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CLAUDE_TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {}}}
SOUND = ("a.mp3", b"\xff\xfb\x90\x00" * 8, "audio/mpeg")
PNG = ("a.png", b"\x89PNG" + bytes(64), "image/png")


class City(BaseModel):
    city: str


class Case(NamedTuple):
    """A surface: what it needs of the client, how it is called, and what its record has to say."""

    name: str
    needs: str
    call: Callable[[Any], Any]
    operation: str
    expected: dict[str, Any] = {}
    completion: str = "complete"
    type: str = "llm_call"
    requests: int = 1


def output(attribute: str, *path: Any, value: Any) -> dict[str, Any]:
    return {attribute: (path, value)}


def answered(*path: Any, value: Any) -> dict[str, Any]:
    return {"gen_ai.output.messages": (path, value)}


TOKENS = {
    "gen_ai.usage.input_tokens": 30,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 10,
    "gen_ai.usage.reasoning.output_tokens": 5,
}
CHAT = {
    **TOKENS,
    "gen_ai.request.model": "gpt-x",
    "gen_ai.response.model": "gpt-x-1",
    "gen_ai.response.id": "chatcmpl_1",
    "gen_ai.input.messages": ((), ASK),
    "gen_ai.response.finish_reasons": ["stop"],
}
STREAMED = {"gen_ai.request.model": "gpt-x", "audit.call.streamed": True, "gen_ai.response.finish_reasons": ["stop"]}
RESPONSE = {**TOKENS, "gen_ai.response.id": "resp_1", "gen_ai.response.model": "gpt-x-1"}

OPENAI: list[Case] = [
    Case(
        "chat", "chat.completions.create", lambda c: c.chat.completions.create(temperature=0.5, seed=7, **GPT), "chat",
        {**CHAT, **answered(0, "message", "content", value="hello"), "gen_ai.request.temperature": 0.5},
    ),
    Case(
        "chat n=2", "chat.completions.create", lambda c: c.chat.completions.create(n=2, **GPT), "chat",
        {"gen_ai.request.choice.count": 2, **answered(1, "index", value=1), "gen_ai.response.finish_reasons": ["stop", "stop"]},
    ),
    Case(
        "chat tools", "chat.completions.create", lambda c: c.chat.completions.create(tools=[TOOL], **GPT), "chat",
        {
            "gen_ai.tool.definitions": ((0, "function", "name"), "weather"),
            "gen_ai.response.finish_reasons": ["tool_calls"],
            **answered(0, "message", "tool_calls", 0, "function", "name", value="weather"),
        },
    ),
    Case(
        "chat refusal", "chat.completions.create",
        lambda c: c.chat.completions.create(model="refusal", messages=ASK), "chat",
        answered(0, "message", "refusal", value="I will not."),
    ),
    Case(
        "chat parse", "beta.chat.completions.parse",
        lambda c: c.beta.chat.completions.parse(response_format=City, **GPT), "chat",
        {**answered(0, "message", "content", value='{"city":"Bern"}'), "audit.request.parameters": (("response_format", "type"), "json_schema")},
    ),
    Case(
        "chat parse, no longer beta", "chat.completions.parse",
        lambda c: c.chat.completions.parse(response_format=City, **GPT), "chat",
        answered(0, "message", "content", value='{"city":"Bern"}'),
    ),
    Case(
        "chat stream=True", "chat.completions.create", lambda c: c.chat.completions.create(stream=True, **GPT), "chat",
        {**STREAMED, **answered(0, "message", "content", value="hello")},
    ),
    Case(
        "chat stream=True n=2 with usage", "chat.completions.create",
        lambda c: c.chat.completions.create(stream=True, n=2, stream_options={"include_usage": True}, **GPT), "chat",
        {**TOKENS, **answered(1, "message", "content", value="hello"), "gen_ai.response.finish_reasons": ["stop", "stop"]},
    ),
    Case(
        "chat stream=True tools", "chat.completions.create",
        lambda c: c.chat.completions.create(stream=True, tools=[TOOL], **GPT), "chat",
        answered(0, "message", "tool_calls", 0, "function", "arguments", value='{"city":"Bern"}'),
    ),
    Case(
        "chat.stream()", "chat.completions.stream", lambda c: c.chat.completions.stream(**GPT), "chat",
        {**STREAMED, **answered(0, "message", "content", value="hello")},
    ),
    Case(
        "chat.stream() structured", "chat.completions.stream",
        lambda c: c.chat.completions.stream(response_format=City, **GPT), "chat",
        answered(0, "message", "content", value='{"city":"Bern"}'),
    ),
    Case(
        "beta chat.stream()", "beta.chat.completions.stream", lambda c: c.beta.chat.completions.stream(**GPT), "chat",
        {**STREAMED, **answered(0, "message", "content", value="hello")},
    ),
    Case(
        "responses", "responses.create", lambda c: c.responses.create(model="gpt-x", input="hi", instructions="be kind"), "chat",
        {
            **RESPONSE, "gen_ai.input.messages": ((), "hi"), "gen_ai.system_instructions": ((), "be kind"),
            **answered(0, "content", 0, "text", value="hello"), "gen_ai.response.finish_reasons": ["completed"],
        },
    ),
    Case(
        "responses parse", "responses.parse",
        lambda c: c.responses.parse(model="gpt-x", input="hi", text_format=City), "chat",
        answered(0, "content", 0, "text", value='{"city":"Bern"}'),
    ),
    Case(
        "responses stream=True", "responses.create",
        lambda c: c.responses.create(model="gpt-x", input="hi", stream=True), "chat",
        {**RESPONSE, "audit.call.streamed": True, **answered(0, "content", 0, "text", value="hello")},
    ),
    Case(
        "responses.stream()", "responses.stream", lambda c: c.responses.stream(model="gpt-x", input="hi"), "chat",
        {**RESPONSE, **answered(0, "content", 0, "text", value="hello")},
    ),
    Case("responses retrieve", "responses.retrieve", lambda c: c.responses.retrieve("resp_1"), "read_responses", RESPONSE, type="access"),
    Case(
        "responses background", "responses.create",
        lambda c: c.responses.create(model="gpt-x", input="hi", background=True), "chat",
        {"gen_ai.response.id": "resp_bg1", "audit.call.refers_to": "resp_bg1"}, completion="background_pending",
    ),
    Case(
        "responses token count", "responses.input_tokens.count",
        lambda c: c.responses.input_tokens.count(model="gpt-x", input="hi"), "count_tokens", answered(value=30),
    ),
    Case(
        "decisions", "decisions.create",
        lambda c: c.decisions.create(model="gpt-6-luna", input="x", questions=[{"type": "choice", "question": "?", "choices": ["yes"]}]),
        "decision",
        {**TOKENS, "gen_ai.usage.cache_write.input_tokens": 4, **answered(0, "choice", value="yes")},
    ),
    Case(
        "embeddings", "embeddings.create", lambda c: c.embeddings.create(model="e", input="x", encoding_format="float"), "embeddings",
        {"gen_ai.usage.input_tokens": 30, "gen_ai.response.model": "embed-x", **answered(0, "embedding", value=[0.5, 0.25])},
    ),
    Case(
        "completions", "completions.create", lambda c: c.completions.create(model="i", prompt="x"), "text_completion",
        {**TOKENS, **answered(0, "text", value="hello"), "gen_ai.input.messages": ((), "x")},
    ),
    Case(
        "completions stream=True", "completions.create",
        lambda c: c.completions.create(model="i", prompt="x", stream=True), "text_completion", answered(0, "text", value="hello"),
    ),
    Case(
        "images generate", "images.generate", lambda c: c.images.generate(model="img", prompt="a cat"), "image_generation",
        {"gen_ai.usage.output_tokens": 20, "gen_ai.input.messages": ((), "a cat"), **answered(0, "b64_json", "bytes", value=1024)},
    ),
    Case(
        "images edit", "images.edit", lambda c: c.images.edit(model="img", image=PNG, prompt="a cat"), "image_edit",
        {
            "gen_ai.request.model": "img", "gen_ai.input.messages": ((), "a cat"),
            "audit.request.parameters": (("image", 0, "bytes"), 68), **answered(0, "b64_json", "bytes", value=1024),
        },
    ),
    Case(
        "images variation", "images.create_variation", lambda c: c.images.create_variation(image=PNG), "image_variation",
        {"audit.request.parameters": (("image", 0, "filename"), "a.png")},
    ),
    Case(
        "speech", "audio.speech.create", lambda c: c.audio.speech.create(model="tts", voice="alloy", input="hi"), "speech",
        {"gen_ai.input.messages": ((), "hi"), "audit.response.body": (("bytes",), 128)},
    ),
    Case(
        "transcription", "audio.transcriptions.create",
        lambda c: c.audio.transcriptions.create(model="whisper", file=SOUND), "transcription",
        {
            "gen_ai.request.model": "whisper", "gen_ai.usage.input_tokens": 30, **answered(value="hello"),
            "audit.request.parameters": (("file", 0, "bytes"), 32),
        },
    ),
    Case(
        "translation", "audio.translations.create", lambda c: c.audio.translations.create(model="whisper", file=SOUND), "translation",
        answered(value="hello"),
    ),
    Case(
        "moderations", "moderations.create", lambda c: c.moderations.create(model="m", input="x"), "moderation",
        {**answered(0, "flagged", value=False), "gen_ai.response.id": "modr_1"},
    ),
    Case(
        "batches create", "batches.create",
        lambda c: c.batches.create(input_file_id="file-in", endpoint="/v1/chat/completions", completion_window="24h"), "batch",
        {"gen_ai.response.id": "batch_1", "audit.call.refers_to": "batch_1"},
    ),
    Case("batches retrieve", "batches.retrieve", lambda c: c.batches.retrieve("batch_1"), "read_batches", type="access"),
    Case(
        "batch input file", "files.create", lambda c: c.files.create(file=("in.jsonl", b"{}\n"), purpose="batch"), "write_files",
        {"audit.request.parameters": (("file", 0, "filename"), "in.jsonl")}, type="config_change",
    ),
    Case(
        "batch result file", "files.content", lambda c: c.files.content("file-out"), "read_files",
        {"audit.call.refers_to": "file-out", "gen_ai.output.messages": None}, type="access",
    ),
    Case(
        "raw response", "chat.completions.with_raw_response.create",
        lambda c: c.chat.completions.with_raw_response.create(**GPT), "chat", CHAT,
    ),
    Case(
        "raw response, streamed", "chat.completions.with_raw_response.create",
        lambda c: c.chat.completions.with_raw_response.create(stream=True, **GPT), "chat", STREAMED,
    ),
    Case(
        "streaming response", "chat.completions.with_streaming_response.create",
        lambda c: c.chat.completions.with_streaming_response.create(**GPT), "chat", {**CHAT, "audit.call.streamed": True},
    ),
    Case(
        "client.post", "post", lambda c: c.post("/chat/completions", cast_to=object, body=dict(GPT)), "chat", CHAT,
    ),
    Case("with_options", "with_options", lambda c: c.with_options(max_retries=1).chat.completions.create(**GPT), "chat", CHAT),
    Case("models", "models.list", lambda c: c.models.list(), "read_models", type="access"),
    Case(
        "retried", "chat.completions.create", lambda c: c.chat.completions.create(model="flaky", messages=ASK), "chat",
        {"audit.call.attempts": 2}, requests=2,
    ),
]  # fmt: skip

CLAUDE_TOKENS = {
    "gen_ai.usage.input_tokens": 20,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 10,
    "gen_ai.usage.cache_write.input_tokens": 4,
}
MESSAGE = {
    **CLAUDE_TOKENS,
    "gen_ai.request.model": "claude-x",
    "gen_ai.request.max_tokens": 4096,
    "gen_ai.response.model": "claude-x-1",
    "gen_ai.response.id": "msg_1",
    "gen_ai.response.finish_reasons": ["end_turn"],
    "gen_ai.input.messages": ((), ASK),
}
# As an extra body, because the oldest versions have no parameter for it.
THINKING: Any = {"extra_body": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}


def message_cases(prefix: str) -> list[Case]:
    """The surfaces that `messages` and `beta.messages` share."""

    def at(client: Any) -> Any:
        for name in prefix.split("."):
            client = getattr(client, name)
        return client

    return [
        Case(
            "create", f"{prefix}.create", lambda c: at(c).create(system="be kind", **CLAUDE), "chat",
            {**MESSAGE, "gen_ai.system_instructions": ((), "be kind"), **answered(0, "text", value="hello")},
        ),
        Case(
            "tools", f"{prefix}.create", lambda c: at(c).create(tools=[CLAUDE_TOOL], **CLAUDE), "chat",
            {
                "gen_ai.tool.definitions": ((0, "name"), "weather"),
                **answered(0, "input", "city", value="Bern"), "gen_ai.response.finish_reasons": ["tool_use"],
            },
        ),
        Case(
            "thinking", f"{prefix}.create", lambda c: at(c).create(**THINKING, **CLAUDE), "chat",
            answered(0, "thinking", value="hm"),
        ),
        Case(
            "refusal", f"{prefix}.create", lambda c: at(c).create(**{**CLAUDE, "model": "refusal"}), "chat",
            {"gen_ai.response.finish_reasons": ["refusal"]},
        ),
        Case(
            "parse", f"{prefix}.parse", lambda c: at(c).parse(**{**CLAUDE, "output_format": City}), "chat",
            answered(0, "text", value='{"city":"Bern"}'),
        ),
        Case(
            "stream=True", f"{prefix}.create", lambda c: at(c).create(stream=True, **CLAUDE), "chat",
            {**MESSAGE, **answered(0, "text", value="hello"), "audit.call.streamed": True},
        ),
        Case(
            "stream()", f"{prefix}.stream", lambda c: at(c).stream(**CLAUDE), "chat",
            {**MESSAGE, **answered(0, "text", value="hello"), "audit.call.streamed": True},
        ),
        Case(
            "stream() thinking", f"{prefix}.stream", lambda c: at(c).stream(**THINKING, **CLAUDE), "chat",
            answered(0, value={"type": "thinking", "thinking": "hm", "signature": "c2ln"}),
        ),
        Case(
            "stream() tools", f"{prefix}.stream", lambda c: at(c).stream(tools=[CLAUDE_TOOL], **CLAUDE), "chat",
            answered(0, "input", value={"city": "Bern"}),
        ),
        Case(
            "count_tokens", f"{prefix}.count_tokens", lambda c: at(c).count_tokens(model="claude-x", messages=ASK), "count_tokens",
            answered(value=30),
        ),
        Case(
            "batches create", f"{prefix}.batches.create",
            lambda c: at(c).batches.create(requests=[{"custom_id": "a", "params": CLAUDE}]), "batch",
            {"audit.request.parameters": (("requests", 0, "custom_id"), "a"), "audit.call.refers_to": "msgbatch_1"},
        ),
        Case("batches retrieve", f"{prefix}.batches.retrieve", lambda c: at(c).batches.retrieve("msgbatch_1"), "read_messages", type="access"),
        Case(
            "raw response", f"{prefix}.with_raw_response.create", lambda c: at(c).with_raw_response.create(**CLAUDE), "chat", MESSAGE,
        ),
        Case(
            "streaming response", f"{prefix}.with_streaming_response.create",
            lambda c: at(c).with_streaming_response.create(**CLAUDE), "chat", MESSAGE,
        ),
    ]  # fmt: skip


ANTHROPIC: list[Case] = [
    *(case._replace(name=f"messages {case.name}") for case in message_cases("messages")),
    *(case._replace(name=f"beta.messages {case.name}") for case in message_cases("beta.messages")),
    Case(
        "completions", "completions.create",
        lambda c: c.completions.create(model="claude-2", max_tokens_to_sample=9, prompt="\n\nHuman: x\n\nAssistant:"),
        "text_completion", {**answered(value="hello"), "gen_ai.response.finish_reasons": ["stop_sequence"]},
    ),
    Case("client.post", "post", lambda c: c.post("/v1/messages", cast_to=object, body=dict(CLAUDE)), "chat", MESSAGE),
    Case("models", "models.list", lambda c: c.models.list(), "read_models", type="access"),
    Case(
        "retried", "messages.create", lambda c: c.messages.create(**{**CLAUDE, "model": "flaky"}), "chat",
        {"audit.call.attempts": 2}, requests=2,
    ),
]  # fmt: skip
