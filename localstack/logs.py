"""Prints a function's log out of the emulator's log service: `logs.py GROUP [--follow]`."""

import sys
import time
from collections import Counter

import boto3

POLL_S = 0.5


def main(group: str, follow: bool) -> None:
    logs = boto3.client("logs")
    since_ms = 0
    # The emulator gives its events no id: what a poll finds again is told by how often it was there.
    printed: Counter[tuple[str, int, str]] = Counter()
    while True:
        found: Counter[tuple[str, int, str]] = Counter()
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms)
        for event in (event for page in pages for event in page["events"]):
            line = (event["logStreamName"], event["timestamp"], event["message"])
            found[line] += 1
            if found[line] > printed[line]:
                print(event["message"].rstrip("\n"), flush=True)
            since_ms = max(since_ms, event["timestamp"])
        printed = found
        if not follow:
            return
        time.sleep(POLL_S)


if __name__ == "__main__":
    try:
        main(sys.argv[1], "--follow" in sys.argv[2:])
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)
