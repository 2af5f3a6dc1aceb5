#!/usr/bin/env python3
"""Checks the vectors from docs/LEDGER.md alone: a second implementation in a few hundred lines.

Standard library only: JSON, base64url, SHA-256, HMAC. It recomputes canonical forms, fields and their
parts, salts, disclosures, digests, part_content, content, bodies, entries, own ids, leaf hashes,
frontiers, roots, segments and the chain. Where the `cryptography` package is there it decrypts every
sealed part and wrapped key as well; unpacking zstd is left out.

    python3 shared/vectors/check.py            # exit status 0 and a closing line of counts
"""

import base64
import hashlib
import hmac
import json
import math
import sys
from pathlib import Path

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    AESGCM = None

FOLDER = Path(__file__).parent
passed = 0


def same(what, got, expected):
    global passed
    if got != expected:
        sys.exit(f"FAILED: {what}\n  got      {got!r}\n  expected {expected!r}")
    passed += 1


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    same("base64url has one form", b64(data), text)
    return data


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


# Canonical JSON (RFC 8785)


def number(value):
    """ECMAScript's Number.prototype.toString (ECMA-262, Number::toString), from Python's shortest digits."""
    value = float(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0)
    if whole.strip("0") == "":
        point -= len(whole) + len(fraction) - len(fraction.lstrip("0"))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return sign + digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + power


def string(text):
    short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
    escaped = (short.get(ord(c)) or (f"\\u{ord(c):04x}" if ord(c) < 32 else c) for c in text)
    return '"' + "".join(escaped) + '"'


def jcs(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{string(name)}:{jcs(value[name])}" for name in names) + "}"


# Deterministic CBOR (RFC 8949 section 4.2.1)


def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    size = 1 if value < 1 << 8 else 2 if value < 1 << 16 else 4 if value < 1 << 32 else 8
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + value.to_bytes(size, "big")


def cbor(value):
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    pairs = sorted((cbor(name), cbor(item)) for name, item in value.items())
    return head(5, len(pairs)) + b"".join(name + item for name, item in pairs)


# Fields and parts

FACTS = {
    "/id", "/type", "/occurred_at", "/ended_at", "/system", "/environment", "/producer", "/trace_id",
    "/parent_id", "/decision_id",
    *("/attributes/gen_ai." + name for name in (
        "operation.name", "provider.name", "request.model", "response.model", "response.id",
        "response.finish_reasons", "usage.input_tokens", "usage.output_tokens",
        "usage.cache_read.input_tokens", "usage.cache_write.input_tokens",
        "usage.reasoning.output_tokens", "prompt.name", "prompt.version")),
    "/attributes/error.type",
    *("/attributes/audit.call." + name for name in ("completion", "attempts", "provider_request_id", "cost")),
    *("/decision/" + name for name in (
        "outcome", "adverse", "confidence", "confidence_source", "risk_level", "ai_role",
        "solely_automated", "policy", "oversight/required", "oversight/action", "oversight/at")),
    *("/regulatory/" + name for name in ("system_risk_class", "legal_basis", "retention")),
}  # fmt: skip
WORD = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+-")


def is_word(text):
    return 1 <= len(text) <= 128 and set(text) <= WORD


def is_scalar(value):
    if isinstance(value, str):
        return value == "" or is_word(value)
    return isinstance(value, (bool, int, float))


def fits(value):
    if isinstance(value, list):
        return len(value) <= 8 and all(map(is_scalar, value))
    if isinstance(value, dict):
        return len(value) <= 8 and all(is_word(n) and is_scalar(v) for n, v in value.items())
    return is_scalar(value)


def part_of(pointer, value):
    named = pointer in FACTS
    if pointer == "/actor":
        named = isinstance(value, dict) and value.get("type") in ("service", "model", "system")
    return 0 if named and fits(value) else 1


def fields(record):
    opens = {"/attributes", "/decision", "/decision/oversight", "/regulatory"}

    def walk(prefix, members):
        for name, value in members.items():
            pointer = f"{prefix}/{name.replace('~', '~0').replace('/', '~1')}"
            if pointer in opens and value:
                yield from walk(pointer, value)
            else:
                yield pointer, value

    return list(walk("", record))


def part_content(digests):
    return sha256(b"audit-part/v1\0", *sorted(digests))


def content(parts):
    return sha256(b"audit-content/v1\0", bytes([len(parts)]), *parts)


# XAES-256-GCM (C2SP)


def xaes_open(key, nonce, text, data):
    encrypt = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
    derived = int.from_bytes(encrypt(bytes(16)), "big") << 1
    if derived >> 128:
        derived = derived & (1 << 128) - 1 ^ 0b10000111
    mask = derived.to_bytes(16, "big")

    def block(count):
        message = bytes([0, count, 0x58, 0]) + nonce[:12]
        return encrypt(bytes(a ^ b for a, b in zip(message, mask)))

    return AESGCM(block(1) + block(2)).decrypt(nonce[12:], text, data)


def padded(length):
    if length <= 256:
        return 256
    e = int(math.log2(length))
    s = int(math.log2(e)) + 1
    step = 1 << (e - s)
    return -(-length // step) * step


def check_plaintext(plaintext, part):
    same("part salt in the plaintext", b64(plaintext[:32]), part["part_salt"])
    frame = int.from_bytes(plaintext[32:36], "big")
    same("padding", len(plaintext), padded(36 + frame))
    same("zeros", plaintext[36 + frame :].strip(b"\0"), b"")
    same("zstd magic", plaintext[36:40], b"\x28\xb5\x2f\xfd")


# Records


def check_part(vector, part, ledger, expected):
    number_, salt = part["part"], unb64(part["part_salt"])
    own = {p: v for p, v in expected if part_of(p, v) == number_}
    same("fields of the part", jcs(own), part["fields"])
    digests = []
    for field in (f for f in vector["fields"] if f["part"] == number_):
        pointer, value = field["pointer"], own[field["pointer"]]
        field_salt = hmac.digest(salt, pointer.encode(), "sha256")[:16]
        same("salt", b64(field_salt), field["salt"])
        same("value", jcs(value), field["value"])
        disclosure = b64(jcs([b64(field_salt), pointer, value]).encode())
        same("disclosure", disclosure, field["disclosure"])
        digests.append(sha256(disclosure.encode()))
        same("digest", b64(digests[-1]), field["digest"])
    same("sorted digests", [b64(d) for d in sorted(digests)], part["digests_sorted"])
    hashed = part_content(digests)
    same("part_content", b64(hashed), part["part_content"])
    place = [ledger, vector["id"], number_, unb64(part["key_id"]), hashed]
    data = b"audit-seal/v1\0" + cbor(place)
    same("associated data", b64(data), part["associated_data"])
    text = unb64(part["ciphertext"])
    same("ciphertext length", len(text), part["plaintext_len"] + 16)
    if AESGCM:
        check_plaintext(xaes_open(unb64(part["key"]), unb64(part["nonce"]), text, data), part)
    return hashed


def check_record(vector, ledger, records):
    record = json.loads(vector["sent"])
    same("canonical", jcs(record), vector["canonical"])
    expected = fields(record)
    same("fields", [(f["pointer"], f["part"]) for f in vector["fields"]],
         [(p, part_of(p, v)) for p, v in expected])  # fmt: skip
    hashes = [check_part(vector, part, ledger, expected) for part in vector["parts"]]
    same("content", b64(content(hashes)), vector["content"])
    body = cbor([
        {"key_id": unb64(p["key_id"]), "nonce": unb64(p["nonce"]), "part_content": h,
         "ciphertext": unb64(p["ciphertext"])}
        for p, h in zip(vector["parts"], hashes)
    ])  # fmt: skip
    same("body", b64(body), vector["body"])
    entry = {"body": {"len": len(body), "sha256": b64(sha256(body))}, "content": vector["content"],
             "id": vector["id"], "kind": vector["kind"], "ledger": ledger,
             "received_at": vector["received_at"], "v": 1}  # fmt: skip
    producer = record.get("producer", {})
    producer = {n: producer[n] for n in ("id", "seq") if producer.get(n) is not None}
    if producer:
        entry["producer"] = producer
    if vector["kind"] == "conflict":
        first = next(r for r in records if r["id"] == record["id"])
        entry["ref"] = {"id": record["id"], "index": 2}
        key = unb64(first["parts"][-1]["part_salt"])
        mac = hmac.digest(key, b"audit-conflict/v1\0" + vector["canonical"].encode(), "sha256")
        same("conflict's id", own_id(record["id"].replace("-", "")[:12], mac), vector["id"])
    same("entry", jcs(entry), vector["entry"])
    same("leaf hash", b64(sha256(b"\0", vector["entry"].encode())), vector["leaf_hash"])


def own_id(millis_hex, hashed):
    raw = bytearray(bytes.fromhex(millis_hex) + hashed[:10])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def check_own(vector):
    source = b"\0".join((b"audit-id/v1", vector["kind"].encode(), vector["id_source"].encode()))
    same("own id", own_id(vector["id"].replace("-", "")[:12], sha256(source)), vector["id"])
    entry = json.loads(vector["entry"])
    same("entry is canonical", jcs(entry), vector["entry"])
    same("id in the entry", (entry["id"], entry["kind"]), (vector["id"], vector["kind"]))
    body = unb64(vector["body"])
    if "body" in entry:
        same("body", entry["body"], {"len": len(body), "sha256": b64(sha256(body))})
    same("leaf hash", b64(sha256(b"\0", vector["entry"].encode())), vector["leaf_hash"])


# Segments


def append(size, nodes, leaf):
    nodes = nodes + [leaf]
    while size & 1:
        right, left = nodes.pop(), nodes.pop()
        nodes.append(sha256(b"\1", left, right))
        size >>= 1
    return nodes


def root(nodes):
    if not nodes:
        return sha256()
    hashed = nodes[-1]
    for left in reversed(nodes[:-1]):
        hashed = sha256(b"\1", left, hashed)
    return hashed


def naive_root(leaves):
    """RFC 6962 section 2.1, as it is written there."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", naive_root(leaves[:split]), naive_root(leaves[split:]))


def check_segments(file, entries):
    size, nodes, leaves, prev = 0, [], [], None
    for segment in file["segments"]:
        before, start = list(nodes), size
        items = b""
        for item in segment["items"]:
            entry, body = entries[item["leaf_hash"]]
            leaf = sha256(b"\0", entry)
            nodes = append(size, nodes, leaf)
            leaves.append(leaf)
            same("index", item["index"], size)
            size += 1
            same("frontier", [b64(n) for n in nodes], item["frontier_after"])
            same("root", b64(root(nodes)), item["root_after"])
            same("root, naively", naive_root(leaves), root(nodes))
            encoded = cbor([entry, body])
            same("item's length", len(encoded), item["length"])
            items += encoded
        header = {"v": 1, "ledger": file["ledger"], "start": start, "count": size - start,
                  "frontier": before, "root": root(nodes), "created_at": segment["created_at"]}  # fmt: skip
        if prev:
            header["prev"] = prev
        encoded = cbor(header)
        same("offset of the first item", segment["items"][0]["offset"], len(encoded))
        same("segment", b64(encoded + items), segment["bytes"])
        same("prev", b64(prev) if prev else None, segment["prev"])
        prev = sha256(encoded + items)
        same("segment's hash", b64(prev), segment["sha256"])


def check_keys(file):
    for key in file["scope_keys"]:
        wrapped = unb64(key["wrapped"])
        same("wrapped key's length", len(wrapped), 72)
        same("wrapped key's nonce", b64(wrapped[:24]), key["nonce"])
        if AESGCM:
            data = b"audit-key/v1\0" + cbor([file["ledger"], unb64(key["key_id"])])
            opened = xaes_open(unb64(file["ledger_key"]), wrapped[:24], wrapped[24:], data)
            same("unwrapped key", b64(opened), key["key"])


def check_parse(file):
    for vector in file["texts"]:
        if "canonical" in vector:
            same(vector["name"], jcs(json.loads(unb64(vector["input"]))), vector["canonical"])


def main():
    load = {name: json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
            for name in ("records", "own", "segments", "keys", "parse")}  # fmt: skip
    records, own = load["records"]["records"], load["own"]["entries"]
    for vector in records:
        check_record(vector, load["records"]["ledger"], records)
    for vector in own:
        check_own(vector)
    entries = {v["leaf_hash"]: (v["entry"].encode(), unb64(v["body"])) for v in records + own}
    check_segments(load["segments"], entries)
    check_keys(load["keys"])
    check_parse(load["parse"])
    print(f"{len(records)} records, {len(own)} own entries, "
          f"{len(load['segments']['segments'])} segments"
          f"{'' if AESGCM else ', sealed parts not decrypted (no cryptography package)'}")  # fmt: skip
    print(f"{passed} passed, 0 failed")


main()
