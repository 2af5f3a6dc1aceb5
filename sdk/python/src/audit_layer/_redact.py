"""Ready detectors for common identifiers and secrets, and the hook made of them.

They act on each text of a record's content before it reaches the spool. A pattern finds what looks like an
identifier; it is no promise that nothing else identifies a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from audit_layer._config import Redactor

__all__ = ["detectors", "redactor"]


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _iban(text: str) -> bool:
    """ISO 13616: the number, its country moved to the end and letters as two digits, is 1 modulo 97."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _card(match: re.Match[str]) -> bool:
    return _luhn(re.sub(r"\D", "", match.group()))


def _account(match: re.Match[str]) -> bool:
    return _iban(match.group().replace(" ", "").upper())


def _always(match: re.Match[str]) -> bool:
    return True


Check = Callable[["re.Match[str]"], bool]

detectors: dict[str, tuple[re.Pattern[str], Check]] = {
    "private_key": (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"),
        _always,
    ),
    "secret": (
        re.compile(
            r"\b(?:sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{36,}|xox[abpr]-[A-Za-z0-9-]{10,}"
            r"|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|aal_[a-z2-7]{16}_[A-Za-z0-9_-]{43}"
            r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})"
        ),
        _always,
    ),
    "email": (re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"), _always),
    "iban": (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), _account),
    "credit_card": (re.compile(r"\b\d(?:[ -]?\d){12,18}\b"), _card),
    "us_ssn": (re.compile(r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b"), _always),
    "phone": (re.compile(r"(?<![\w.])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,12}\b"), _always),
    "ipv4": (re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"), _always),
}
"""Name to pattern and check. Their order is the order in which `redactor` applies them."""


def _marked(mark: str, check: Check) -> Callable[[re.Match[str]], str]:
    return lambda match: mark if check(match) else match.group()


def redactor(*names: str, also: Redactor | None = None) -> Redactor:
    """A redaction hook made of the named detectors, all where none is named, and a function of your own.

    What is found becomes `[name]`.

    Raises:
        KeyError: there is no detector of that name.
    """
    chosen = [(name, *detectors[name]) for name in (names or detectors)]

    def redact(text: str) -> str:
        for name, pattern, check in chosen:
            text = pattern.sub(_marked(f"[{name}]", check), text)
        return also(text) if also is not None else text

    return redact
