"""Finds, in a code base's syntax trees, where a model can be called off the record.

It sees what a file says: constructors of the providers' clients and of frameworks' model classes, calls
through the providers' modules, and requests to the providers' hosts. It runs nothing and imports nothing.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Finding", "scan"]

CLIENTS: dict[str, str] = {
    "openai.OpenAI": "audit_layer.AuditOpenAI",
    "openai.AsyncOpenAI": "audit_layer.AsyncAuditOpenAI",
    "openai.Client": "audit_layer.AuditOpenAI",
    "openai.AsyncClient": "audit_layer.AsyncAuditOpenAI",
    "openai.AzureOpenAI": "audit_layer.AuditAzureOpenAI",
    "openai.AsyncAzureOpenAI": "audit_layer.AsyncAuditAzureOpenAI",
    "openai.BedrockOpenAI": "audit_layer.wrap(...)",
    "openai.AsyncBedrockOpenAI": "audit_layer.wrap(...)",
    "anthropic.Anthropic": "audit_layer.AuditAnthropic",
    "anthropic.AsyncAnthropic": "audit_layer.AsyncAuditAnthropic",
    "anthropic.Client": "audit_layer.AuditAnthropic",
    "anthropic.AsyncClient": "audit_layer.AsyncAuditAnthropic",
    "anthropic.AnthropicBedrock": "audit_layer.wrap(...)",
    "anthropic.AsyncAnthropicBedrock": "audit_layer.wrap(...)",
    "anthropic.AnthropicVertex": "audit_layer.wrap(...)",
    "anthropic.AsyncAnthropicVertex": "audit_layer.wrap(...)",
}
FRAMEWORKS = (
    "langchain_openai.",
    "langchain_anthropic.",
    "llama_index.llms.",
    "litellm.completion",
    "litellm.acompletion",
    "google.genai.Client",
    "google.generativeai.GenerativeModel",
    "vertexai.generative_models.",
    "mistralai.Mistral",
    "cohere.Client",
    "groq.Groq",
    "groq.AsyncGroq",
    "together.Together",
    "ollama.",
    "huggingface_hub.InferenceClient",
    "pydantic_ai.Agent",
    "agents.Runner.",
    "crewai.LLM",
    "dspy.LM",
)
MODULE_CALLS = (
    "openai.chat.",
    "openai.responses.",
    "openai.embeddings.",
    "openai.completions.",
    "openai.images.",
    "openai.audio.",
    "openai.moderations.",
)
HOSTS = ("api.openai.com", "api.anthropic.com", ".openai.azure.com")
SKIPPED = frozenset((".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", "site-packages"))


IGNORED = "audit-layer: ignore"
"""In a comment on the line: somebody looked at it."""


class Finding(NamedTuple):
    """A place where a model can be called off the record."""

    path: str
    line: int
    what: str
    remedy: str


class _Visitor(ast.NodeVisitor):
    def __init__(self, path: str) -> None:
        self.path = path
        self.names: dict[str, str] = {}
        self.covered: set[int] = set()
        self.found: list[Finding] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.names[alias.asname or top] = alias.name if alias.asname else top

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"

    def _name(self, node: ast.expr) -> str:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        parts.append(self.names.get(node.id, ""))
        return ".".join(reversed(parts)) if parts[-1] else ""

    def visit_Assign(self, node: ast.Assign) -> None:
        """`make = OpenAI` is another name for it."""
        name = self._name(node.value)
        if name in CLIENTS:
            self.names.update((target.id, name) for target in node.targets if isinstance(target, ast.Name))
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            name = self._name(base)
            if name in CLIENTS:
                self._add(base, f"class {node.name}({name})", f"derive it from {CLIENTS[name]}, or wrap its clients")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._name(node.func)
        if name == "functools.partial" and node.args and self._name(node.args[0]) in CLIENTS:
            name = self._name(node.args[0])
        if name in ("audit_layer.wrap", "audit_layer.integrations._seam.wrapped"):
            self.covered.update(id(argument) for argument in node.args)
        elif id(node) not in self.covered:
            self._judge(node, name)
        self.generic_visit(node)

    def _judge(self, node: ast.Call, name: str) -> None:
        if name in CLIENTS:
            self._add(node, f"{name}(...)", f"use {CLIENTS[name]}")
        elif name.startswith(MODULE_CALLS):
            self._add(node, f"{name}(...)", "call it on an audited client")
        elif name.startswith(FRAMEWORKS):
            self._add(node, f"{name}(...)", "record its spans with audit_layer.AuditSpanProcessor")
        elif name == "boto3.client" and node.args and _text(node.args[0]).startswith("bedrock"):
            self._add(node, "boto3.client('bedrock…')", "record its spans with audit_layer.AuditSpanProcessor")
        else:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "url")):
                if any(host in _text(argument) for host in HOSTS):
                    self._add(node, "a request to a provider's host", "use an audited client")
                    return

    def _add(self, node: ast.expr, what: str, remedy: str) -> None:
        self.found.append(Finding(self.path, node.lineno, what, remedy))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return ""


def _files(path: str) -> Iterator[str]:
    if os.path.isfile(path):
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def scan(path: str) -> tuple[list[Finding], int]:
    """Reads a file, or a folder's Python files; returns what was found and how many files were read.

    A file that is no Python is a finding of its own: nobody knows what it does.
    """
    found: list[Finding] = []
    count = 0
    for name in _files(path):
        count += 1
        try:
            with open(name, "rb") as file:
                source = file.read()
            tree = ast.parse(source, name)
        except (OSError, SyntaxError, ValueError) as error:
            found.append(Finding(name, getattr(error, "lineno", None) or 1, "unreadable", type(error).__name__))
            continue
        visitor = _Visitor(name)
        visitor.visit(tree)
        lines = source.splitlines()
        found.extend(finding for finding in visitor.found if IGNORED.encode() not in lines[finding.line - 1])
    return found, count
