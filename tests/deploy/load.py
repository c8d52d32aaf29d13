#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that ask all services without a pause that matters, and never again for what failed: load.py STATE

STATE (JSON, of flow.py) says where and as whom. Ends at SIGTERM, or after TTB_LOAD_SECONDS (600), with a line that counts; 1 when a
request failed, and its first failures are shown.
"""
import json
import os
import signal
import sys
import threading
import time
from collections import Counter

import requests

CLIENTS = 6
PAUSE_S = 0.02
LOGIN_EVERY = 25
TIMEOUT_S = 15
SHOWN = 10

stopping = threading.Event()
lock = threading.Lock()
counts, failures = Counter(), []
slowest = [0.0]


def ask(session, state, what, method, path, **options):
    began = time.monotonic()
    try:
        reply = session.request(method, state["base"] + path, timeout=TIMEOUT_S, **options)
        problem = None if reply.ok else f"{reply.status_code} {reply.text[:200]}"
    except requests.RequestException as error:
        problem = repr(error)
    with lock:
        counts[what] += 1
        slowest[0] = max(slowest[0], time.monotonic() - began)
        if problem:
            failures.append(f"{time.strftime('%H:%M:%S')} {method} {path}: {problem}")


def client(state, number):
    session = requests.Session()
    session.trust_env = False  # else the machine's own authorities take the place of ours
    session.verify = state["authority"]
    session.headers["Authorization"] = f"Bearer {state['token']}"
    round_number = number
    while not stopping.is_set():
        round_number += 1
        ask(session, state, "auth", "GET", "/v2/auth/me")
        ask(session, state, "auth", "POST", "/v2/settings/update", json={"tts_volume": round_number % 100})
        ask(session, state, "license", "GET", f"/v2/license/check?key={state['key']}")
        ask(session, state, "media", "GET", "/v2/sounds/list")
        ask(session, state, "files", "GET", state["sound"])
        ask(session, state, "events", "GET", "/v2/triggers/list")
        if round_number % LOGIN_EVERY == 0:
            ask(session, state, "auth", "POST", "/v2/auth/login",
                json={"username": state["username"], "password": state["password"]})
        stopping.wait(PAUSE_S)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        state = json.load(file)
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threads = [threading.Thread(target=client, args=(state, number)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    stopping.wait(float(os.environ.get("TTB_LOAD_SECONDS", "600")))
    stopping.set()
    for thread in threads:
        thread.join()
    for line in failures[:SHOWN]:
        print(f"  failed: {line}")
    print(f"{sum(counts.values())} requests ({', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}), "
          f"{len(failures)} failed, the slowest took {slowest[0]:.2f} s")
    return 1 if failures or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
