# SPDX-License-Identifier: MIT
"""Requests from many threads while something breaks."""
import threading
import time

from suite import wait_for

FIRST_REPLIES_S = 15
THREADS = 8
PAUSE_S = 0.005  # the load is there to be met by trouble, not to measure


class Load:
    """with Load(call) as load: … ; call() sends one request and returns the reply. What it raises is kept, too."""

    def __init__(self, *calls):
        self.calls = calls
        self.replies = []
        self.failures = []
        self.slowest = 0
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(calls[i % len(calls)],)) for i in range(THREADS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        try:
            wait_for(lambda: len(self.replies) >= THREADS or self.failures, FIRST_REPLIES_S, "reply to the load")
            assert self.statuses() == {200}, f"not healthy before: {self.statuses()} {self.failures[:3]}"
        except BaseException:
            self.__exit__()  # or the load would go on beside all tests to come
            raise
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def run(self, call):
        while not self.ended.is_set():
            started = time.monotonic()
            try:
                self.replies.append(call())
            except Exception as failure:  # a broken connection, or a reply that breaks its schema
                self.failures.append(failure)
            self.slowest = max(self.slowest, time.monotonic() - started)
            time.sleep(PAUSE_S)

    def statuses(self):
        return {reply.status_code for reply in self.replies}

    def good(self):
        return [reply for reply in self.replies if reply.status_code == 200]
