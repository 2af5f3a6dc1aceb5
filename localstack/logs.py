"""Prints a function's log out of the emulator's log service: `logs.py GROUP [--follow]`."""

import sys
import time

import boto3

POLL_S = 0.5


def main(group: str, follow: bool) -> None:
    logs = boto3.client("logs")
    since_ms = 0
    seen: set[str] = set()
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms)
        for event in (event for page in pages for event in page["events"]):
            if event["eventId"] in seen:
                continue
            seen.add(event["eventId"])
            since_ms = max(since_ms, event["timestamp"])
            print(event["message"].rstrip("\n"), flush=True)
        if not follow:
            return
        time.sleep(POLL_S)


if __name__ == "__main__":
    try:
        main(sys.argv[1], "--follow" in sys.argv[2:])
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)
