# SPDX-License-Identifier: MIT
"""Who owns a key, and what that lets the owner do: binding, entitlements, and what is left of an owner who is gone."""
import itertools
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from licenses import audit_of, bind, version_of
from nats_client import NatsClient
from suite import wait_for

REVOKE, EXTEND, SET_PLAN = "/v2/license/revoke", "/v2/license/extend", "/v2/license/set-plan"
RACERS, ROUNDS = 32, 3
ENTITLEMENT, KEY_CHANGED = "evt.license.entitlement", "evt.license.key_changed"
NO_RIGHTS = {"plan_id": None, "plan_name": None, "allowed_platforms": [], "max_tiktok_accounts": None,
             "may_change_tiktok": False, "voice_engines": None, "expires_at": None}
ERASED = "erased what was held of a user"


@pytest.fixture
def owner():
    """The id of a user, as far as license knows."""
    return str(uuid.uuid4())


@pytest.fixture
def do(api, admin):
    def ask(path, key, **fields):
        reply = api.post(path, {"key": key, **fields}, headers=admin)
        assert reply.status_code == 200
        return reply.json()
    return ask


@pytest.fixture
def look(api):
    return lambda key: api.get("/v2/license/check", params={"key": key}).json()


@pytest.fixture
def crowd(suite):
    """So many clients, each for one thread."""
    clients = [NatsClient(suite.ports["NATS"], "operator", suite.secret("NATS_PASSWORD_OPERATOR")) for _ in range(RACERS)]
    yield clients
    for client in clients:
        client.__exit__()


def set_expiry(db, key, sql):
    db.execute(f"update license.keys set expires_at = {sql} where key = %s", (key,))


def plan_of(nats, key, user_id):
    """The plan in force, as a redemption of a key of the user's again tells it."""
    status, body = bind(nats, key, user_id)
    assert status == 200
    return body["entitlement"]["rights"]["plan_id"]


# ---- binding ----

def test_binding_makes_an_owner(nats, make_key, owner, look):
    key = make_key("duo")
    expires_at = look(key)["expires_at"]
    rights = {"plan_id": "nova_streamer_duo", "plan_name": "NovaStreamer Duo", "allowed_platforms": ["desktop", "mobile"],
              "max_tiktok_accounts": None, "may_change_tiktok": True, "voice_engines": "all", "expires_at": expires_at}
    assert bind(nats, f" {key.lower()} ", owner) == (200, {
        "owner_id": owner, "plan": "nova_streamer_duo", "expires_at": expires_at,
        "entitlement": {"user_id": owner, "version": 1, "rights": rights}})
    assert look(key)["user_id"] == owner


def test_a_look_changes_nothing(nats, make_key, owner, look, db):
    key = make_key()
    before = look(key)
    assert bind(nats, key) == (200, {"owner_id": None, "plan": "pro", "expires_at": before["expires_at"]})
    assert look(key) == before
    bind(nats, key, owner)
    assert bind(nats, key) == (200, {"owner_id": owner, "plan": "pro", "expires_at": before["expires_at"]})
    assert len(audit_of(db, key)) == 2


@pytest.mark.parametrize("whose", [None, "somebody's"])
def test_the_ladder(nats, make_key, owner, do, db, whose):
    user = whose and owner
    assert bind(nats, "TTB-0000-0000-0000", user) == (404, {"detail": "license not found"})
    key = make_key()
    bind(nats, key, str(uuid.uuid4()))
    if whose:
        assert bind(nats, key, user) == (409, {"detail": "license already bound to another user"})
    set_expiry(db, key, "now()")
    assert bind(nats, key, user) == (403, {"detail": "license expired"})
    do(REVOKE, key)
    assert bind(nats, key, user) == (403, {"detail": "license not active"})
    db.execute("update license.keys set status = 'inactive' where key = %s", (key,))
    assert bind(nats, key, user) == (403, {"detail": "license not active"})


def test_a_refused_binding_leaves_nothing(nats, make_key, owner, do, db):
    key = make_key()
    do(REVOKE, key)
    bind(nats, key, owner)
    assert [row[1] for row in audit_of(db, key)] == ["issued", "revoked"]
    assert version_of(db, owner) is None


def test_binding_again_succeeds_and_writes_nothing(nats, make_key, owner, db):
    key = make_key()
    first = bind(nats, key, owner)
    assert bind(nats, key, owner) == first
    assert len(audit_of(db, key)) == 2
    assert version_of(db, owner) == 1


def test_binding_is_audited_and_told(nats, make_key, owner, db, events):
    key = make_key()
    _, bound = bind(nats, key, owner)
    state = {"plan": "pro", "status": "active", "expires_at": bound["expires_at"], "user_id": owner}
    number, *rest = audit_of(db, key)[-1]
    assert rest == ["redeemed", owner, None, state]
    assert events.wait(KEY_CHANGED, audit_id=number) == {"audit_id": number, "action": "redeemed", **state}
    assert events.wait(ENTITLEMENT, user_id=owner) == bound["entitlement"]


def test_a_redemption_is_audited_with_the_users_address(api, make_key, user, db):
    key = make_key()
    api.post("/v2/auth/redeem-license", {"username": user.name, "password": user.password, "license_key": key})
    _, action, actor, address, details = audit_of(db, key)[-1]
    assert (action, actor, address, details["user_id"]) == ("redeemed", user.id, "127.0.0.1", user.id)


def test_a_key_gets_one_of_many_owners(crowd, make_key, db):
    with ThreadPoolExecutor(RACERS) as pool:
        for _ in range(ROUNDS):
            key, users = make_key(), [str(uuid.uuid4()) for _ in range(RACERS)]
            results = list(pool.map(bind, crowd, itertools.repeat(key), users))
            winner, = [user for user, (status, _) in zip(users, results) if status == 200]
            assert sorted(status for status, _ in results) == [200] + [409] * (RACERS - 1)
            assert [row[2] for row in audit_of(db, key)] == ["admin", winner]
            assert [version_of(db, user) for user in users if user != winner] == [None] * (RACERS - 1)


# ---- what the best key allows ----

@pytest.mark.parametrize("plan,name,platforms,accounts,may_change,engines", [
    ("nova_free_streamer", "NovaFree Streamer", ["desktop", "mobile"], 1, False, "local"),
    ("nova_streamer_one_mobile", "NovaStreamer One (Mobile)", ["mobile"], 3, True, "all"),
    ("nova_streamer_one_desktop", "NovaStreamer One (Desktop)", ["desktop"], 3, True, "all"),
    ("pro", "Pro", ["desktop", "mobile"], None, True, "all")])
def test_the_rights_of_a_plan(nats, make_key, owner, look, plan, name, platforms, accounts, may_change, engines):
    key = make_key(plan)
    assert bind(nats, key, owner)[1]["entitlement"]["rights"] == {
        "plan_id": plan, "plan_name": name, "allowed_platforms": platforms, "max_tiktok_accounts": accounts,
        "may_change_tiktok": may_change, "voice_engines": engines, "expires_at": look(key)["expires_at"]}


def test_a_key_without_a_plan_allows_what_free_allows(nats, make_key, owner):
    _, bound = bind(nats, make_key(None), owner)
    assert (bound["plan"], bound["entitlement"]["rights"]["plan_id"]) == (None, "nova_free_streamer")


def test_the_latest_expiry_is_best_but_for_none_at_all(nats, make_key, owner, db):
    short, long, endless = make_key("duo", 5), make_key("one_mobile", 50), make_key("one_desktop", 1)
    bind(nats, long, owner)
    assert plan_of(nats, short, owner) == "nova_streamer_one_mobile"
    set_expiry(db, endless, "null")
    assert plan_of(nats, endless, owner) == "nova_streamer_one_desktop"
    assert plan_of(nats, short, owner) == "nova_streamer_one_desktop"


def test_of_equal_expiries_the_latest_issued_is_best(nats, make_key, owner, db):
    for plan in ("pro", "duo"):
        key = make_key(plan)
        set_expiry(db, key, "'2099-01-01T00:00:00Z'")
        bind(nats, key, owner)
    assert plan_of(nats, key, owner) == "nova_streamer_duo"


# ---- changes of a key with an owner ----

def test_each_change_raises_the_version_and_is_told(nats, make_key, owner, do, events, db):
    key = make_key("pro", 10)
    expires_at = bind(nats, key, owner)[1]["expires_at"]
    told = [events.wait(ENTITLEMENT, user_id=owner)]
    do(SET_PLAN, key, plan="one_mobile")
    told.append(events.wait(ENTITLEMENT, user_id=owner))
    do(REVOKE, key)
    told.append(events.wait(ENTITLEMENT, user_id=owner))
    extended = do(EXTEND, key, extend_days=5)
    told.append(events.wait(ENTITLEMENT, user_id=owner))

    assert [one["version"] for one in told] == [1, 2, 3, 4]
    assert [one["rights"]["plan_id"] for one in told] == ["pro", "nova_streamer_one_mobile", None, "nova_streamer_one_mobile"]
    assert [one["rights"]["expires_at"] for one in told] == [expires_at, expires_at, None, extended["expires_at"]]
    assert told[2]["rights"] == NO_RIGHTS
    assert version_of(db, owner) == 4
    assert [row[4]["user_id"] for row in audit_of(db, key)] == [None] + [owner] * 4


def test_without_the_best_key_the_next_one_counts(nats, make_key, owner, do, events):
    bind(nats, make_key("one_mobile", 5), owner)
    best = make_key("duo", 50)
    bind(nats, best, owner)
    do(REVOKE, best)
    assert events.wait(ENTITLEMENT, user_id=owner, version=3)["rights"]["plan_id"] == "nova_streamer_one_mobile"


def test_a_change_that_alters_nothing_tells_nothing(nats, make_key, owner, do, db):
    key = make_key("pro")
    bind(nats, key, owner)
    do(SET_PLAN, key, plan="pro")
    do(REVOKE, key)
    do(REVOKE, key)
    assert version_of(db, owner) == 2


def test_a_key_that_was_bound_before_versions_were_counted(nats, make_key, owner, do, events, db):
    key = make_key("pro")
    db.execute("update license.keys set user_id = %s, bound_at = now() where key = %s", (owner, key))
    status, bound = bind(nats, key, owner)
    assert (status, bound["entitlement"]["version"], bound["entitlement"]["rights"]["plan_id"]) == (200, 0, "pro")
    do(REVOKE, key)
    assert events.wait(ENTITLEMENT, user_id=owner)["version"] == 1


def test_changes_of_one_users_keys_at_once_all_count(crowd, nats, make_key, owner, do, events, db):
    """The highest version tells how all keys are, whichever change came last."""
    keys = [make_key("pro", 10 + number) for number in range(4)]
    for key in keys:
        bind(nats, key, owner)

    def toggle(key):
        for _ in range(4):
            do(REVOKE, key)
            do(EXTEND, key, extend_days=1)
        do(REVOKE, key)

    with ThreadPoolExecutor(len(keys)) as pool:
        list(pool.map(toggle, keys))
    last = version_of(db, owner)
    assert last == len(keys) * (1 + 9)
    assert events.wait(ENTITLEMENT, user_id=owner, version=last)["rights"] == NO_RIGHTS


def test_one_user_binds_many_keys_at_once(crowd, make_key, owner, db):
    keys = [make_key() for _ in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        results = list(pool.map(bind, crowd, keys, itertools.repeat(owner)))
    assert {status for status, _ in results} == {200}
    assert version_of(db, owner) == RACERS


# ---- an owner who is gone ----

@pytest.fixture
def delete(db):
    """Has auth tell that the account is deleted."""
    def tell(user_id):
        db.execute("insert into auth.outbox (what, body) values ('user_deleted', %s)", (json.dumps({"user_id": user_id}),))
    return tell


@pytest.fixture
def erased(suite):
    """The line in which license says what it has erased of a user, once that is committed."""
    def find(user_id):
        def line():
            lines = suite.log_lines("license")
            told = next((line for line in lines if line["message"] == ERASED and line["user_id"] == user_id), None)
            done = told and any(line["message"] == "event" and line["request_id"] == told["request_id"] for line in lines)
            return done and told
        return wait_for(line, 30, "erased user")
    return find


def test_the_keys_of_one_who_is_gone_are_released(nats, make_key, owner, do, look, delete, erased, events, db):
    active, revoked, others = make_key("pro"), make_key("duo"), make_key("pro")
    for key, user in ((active, owner), (revoked, owner), (others, str(uuid.uuid4()))):
        bind(nats, key, user)
    do(REVOKE, revoked)
    before = look(others)
    delete(owner)
    assert erased(owner)["keys"] == 2
    assert [(look(key)["status"], look(key)["user_id"]) for key in (active, revoked)] == [("inactive", None), ("revoked", None)]
    assert look(others) == before
    for key in (active, revoked):
        number, action, actor, address, state = audit_of(db, key)[-1]
        assert (action, actor, address, state["user_id"]) == ("released", "system", None, None)
        assert events.wait(KEY_CHANGED, audit_id=number) == {"audit_id": number, "action": "released", **state}
    assert version_of(db, owner) is None
    assert bind(nats, active, str(uuid.uuid4())) == (403, {"detail": "license not active"})


def test_a_released_key_can_be_sold_again(nats, make_key, owner, do, delete, erased):
    key, buyer = make_key(), str(uuid.uuid4())
    bind(nats, key, owner)
    delete(owner)
    erased(owner)
    do(EXTEND, key)
    status, bound = bind(nats, key, buyer)
    assert (status, bound["owner_id"], bound["entitlement"]["version"]) == (200, buyer, 1)


def test_email_and_address_of_one_who_is_gone_are_erased(api, web, user, make_user, delete, erased, db):
    other, keys = make_user(), {}
    for who in (user, other):
        order = {"order_id": f"order-{uuid.uuid4()}", "plan": "pro", "email": "a@example.org", "amount": 990}
        keys[who.name] = api.post("/v2/license/issue-web", order, headers=web).json()["key"]
        redeem = {"username": who.name, "password": who.password, "license_key": keys[who.name]}
        assert api.post("/v2/auth/redeem-license", redeem).status_code == 200
    delete(user.id)
    line = erased(user.id)
    assert (line["keys"], line["emails"], line["addresses"]) == (1, 1, 1)

    def kept(who):
        db.execute("select email, amount from license.orders where key = %s", (keys[who.name],))
        return db.fetchone(), [(row[1], row[3]) for row in audit_of(db, keys[who.name])]

    shop = ("issued", "127.0.0.1")
    assert kept(user) == ((None, 990), [shop, ("redeemed", None), ("released", None)])
    assert kept(other) == (("a@example.org", 990), [shop, ("redeemed", "127.0.0.1")])


def test_one_who_is_gone_and_owned_nothing(owner, delete, erased):
    delete(owner)
    line = erased(owner)
    assert (line["keys"], line["emails"], line["addresses"]) == (0, 0, 0)
