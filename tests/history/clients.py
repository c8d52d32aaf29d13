# SPDX-License-Identifier: MIT
"""Clients that ask for keys, redeem, extend and revoke them, and write down what they asked and were answered."""
import itertools
import random
import threading
import time
from dataclasses import dataclass, field

import requests

from tokens import read_claims

PATHS = {"issue": "/v2/license/issue", "order": "/v2/license/issue-web", "redeem": "/v2/auth/redeem-license",
         "revoke": "/v2/license/revoke", "extend": "/v2/license/extend"}
PLANS = ("nova_streamer_one_mobile", "nova_streamer_one_desktop", "nova_streamer_duo", "pro")
TTL_FIRST_DAYS, TTL_LAST_DAYS = 30, 3650
TIMEOUT_S = 20
PAUSE_S = 0.02
RETRIES = 4
RETRY_S = 0.5
RECENT = 12  # what clients choose from is new, so that they often choose the same


@dataclass
class Key:
    key: str
    extensions: itertools.count = field(default_factory=lambda: itertools.count(1))
    was_revoked: bool = False


class World:
    """What the clients know of together. Appending and counting are atomic in Python."""

    def __init__(self):
        self.history = []
        self.keys = []
        self.known_keys = set()
        self.names = []
        self.order_ids = []
        self.ids, self.issues, self.orders, self.people = (itertools.count() for _ in range(4))
        self.lock = threading.Lock()

    def next_issue(self):
        """A plan and a term that no other request asks for."""
        number = next(self.issues)
        ttl_days = TTL_FIRST_DAYS + number // len(PLANS)
        assert ttl_days <= TTL_LAST_DAYS, "no terms are left: a shorter run, please"
        return {"plan": PLANS[number % len(PLANS)], "ttl_days": ttl_days}

    @staticmethod
    def order(order_id):
        """An order is the same whenever it is repeated."""
        rng = random.Random(order_id)
        return {"order_id": order_id, "plan": rng.choice(PLANS), "ttl_days": rng.randint(TTL_FIRST_DAYS, TTL_LAST_DAYS),
                "email": f"{order_id}@example.org", "amount": rng.randint(0, 10**6), "currency": rng.choice(("EUR", "RUB"))}

    def next_order_id(self):
        self.order_ids.append(f"order-{next(self.orders)}")
        return self.order_ids[-1]

    def next_name(self):
        self.names.append(f"person_{next(self.people)}")
        return self.names[-1]

    def learn(self, key):
        with self.lock:
            if key not in self.known_keys:
                self.known_keys.add(key)
                self.keys.append(Key(key))

    def take_revocation(self, key):
        """Whether the caller may revoke the key: it is done once."""
        with self.lock:
            may, key.was_revoked = not key.was_revoked, True
        return may


class Client:
    def __init__(self, number, base, secrets, world, seed):
        self.number, self.base, self.world = number, base, world
        self.headers = {"issue": {"Admin-Api-Key": secrets["ADMIN_API_KEY"]}, "order": {"Web-Api-Key": secrets["WEB_ISSUE_API_KEY"]},
                        "redeem": {}}
        self.headers["revoke"] = self.headers["extend"] = self.headers["issue"]
        self.rng = random.Random(f"{seed}/{number}")
        self.session = requests.Session()

    def run(self, ended):
        actions = {self.issue: 12, self.order_anew: 12, self.order_again: 10, self.redeem_by_a_new_name: 20,
                   self.redeem_by_a_known_name: 16, self.extend: 12, self.revoke: 3}
        while not ended.is_set():
            self.rng.choices(list(actions), actions.values())[0]()
            time.sleep(PAUSE_S)

    # ---- what they do ----

    def issue(self):
        self.learn(self.call("issue", self.world.next_issue()))

    def order_anew(self):
        self.learn(self.persist("order", self.world.order(self.world.next_order_id())))

    def order_again(self):
        order_id = self.recent(self.world.order_ids)
        if order_id:
            self.learn(self.persist("order", self.world.order(order_id)))

    def redeem_by_a_new_name(self):
        self.redeem(lambda: self.world.next_name())

    def redeem_by_a_known_name(self):
        """Its own keys again, too; and a name that another client has just made up, and that may not be there yet."""
        self.redeem(lambda: self.recent(self.world.names))

    def redeem(self, choose_name):
        key = self.recent(self.world.keys)
        name = choose_name() if key else None
        if name:
            self.persist("redeem", {"username": name, "password": f"password of {name}", "license_key": key.key})

    def extend(self):
        key = self.recent(self.world.keys)
        if key:
            self.call("extend", {"key": key.key, "extend_days": next(key.extensions)})

    def revoke(self):
        key = self.recent(self.world.keys)
        if key and self.world.take_revocation(key):
            self.call("revoke", {"key": key.key})

    # ---- how they do it ----

    def recent(self, items):
        return self.rng.choice(items[-RECENT:]) if items else None

    def learn(self, op):
        if op["status"] == 200 and isinstance(op["body"], dict) and "key" in op["body"]:
            self.world.learn(op["body"]["key"])

    def persist(self, kind, args):
        """As a client does that had no answer: mostly it tries again."""
        for _ in range(RETRIES):
            op = self.call(kind, args)
            if op["status"] not in (None, 503, 504) or self.rng.random() < 0.3:
                break
            time.sleep(self.rng.uniform(0, RETRY_S))
        return op

    def call(self, kind, args):
        op = {"id": next(self.world.ids), "client": self.number, "kind": kind, "args": args, "status": None, "body": None,
              "replayed": False, "started": time.monotonic()}
        try:
            reply = self.session.post(self.base + PATHS[kind], json=args, headers=self.headers[kind], timeout=TIMEOUT_S)
            op |= {"status": reply.status_code, "body": decode(reply), "replayed": reply.headers.get("Idempotency-Replayed") == "true"}
        except requests.RequestException as failure:
            op["failure"] = str(failure)
        op["ended"] = time.monotonic()
        if kind == "redeem" and op["status"] == 200 and isinstance(op["body"], dict):
            op["user"] = read_claims(op["body"]["access_token"])["sub"]
        self.world.history.append(op)
        return op


def decode(reply):
    try:
        return reply.json()
    except ValueError:
        return reply.text
