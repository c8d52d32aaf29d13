# SPDX-License-Identifier: MIT
"""me: section 5 of the contract."""
import pytest

from suite import wait_for

ME, REDEEM, UPGRADE = "/v2/auth/me", "/v2/auth/redeem-license", "/v2/auth/upgrade-license"

PLANS = {
    "nova_streamer_one_mobile": ("NovaStreamer One (Mobile)", ["mobile"], 3),
    "nova_streamer_one_desktop": ("NovaStreamer One (Desktop)", ["desktop"], 3),
    "nova_streamer_duo": ("NovaStreamer Duo", ["desktop", "mobile"], None),
    "pro": ("Pro", ["desktop", "mobile"], None),
}


@pytest.mark.parametrize("plan", sorted(PLANS))
def test_each_plan(api, user, make_key, plan):
    reply = api.post(UPGRADE, {"license_key": make_key(plan)}, token=user.token).json()
    me = api.get(ME, token=user.token).json()
    assert (me["tariff_name"], me["allowed_platforms"], me["max_tiktok_accounts"]) == PLANS[plan]
    assert (me["plan"], me["license_expires_at"]) == (plan, reply["license_expires_at"])


def test_settings_show_in_me(api, user):
    changes = {"voice_id": "gtts-en", "tts_enabled": False, "gift_sounds_enabled": False, "tts_volume": 7, "gifts_volume": 8,
               "tiktok_username": "somebody"}
    api.post("/v2/settings/update", changes, token=user.token)
    me = api.get(ME, token=user.token).json()
    assert {name: me[name] for name in changes} == changes


@pytest.mark.parametrize("role", ["user", "support", "admin"])
def test_the_role(api, user, db, role):
    db.execute("update auth.users set role = %s where id = %s", (role, user.id))
    assert api.get(ME, token=user.token).json()["role"] == role


def plan_of(api, user):
    return api.get(ME, token=user.token).json()["plan"]


def test_a_revoked_licence_ends_and_an_extended_one_is_back(api, admin, user, make_key):
    """Through the license service's outbox and auth's inbox."""
    key = make_key("pro")
    api.post(UPGRADE, {"license_key": key}, token=user.token)
    assert plan_of(api, user) == "pro"
    api.post("/v2/license/revoke", {"key": key}, headers=admin)
    wait_for(lambda: plan_of(api, user) == "nova_free_streamer", 5, "Free plan")
    api.post("/v2/license/extend", {"key": key, "extend_days": 5}, headers=admin)
    wait_for(lambda: plan_of(api, user) == "pro", 5, "Pro plan")
    api.post("/v2/license/set-plan", {"key": key, "plan": "duo"}, headers=admin)
    wait_for(lambda: plan_of(api, user) == "nova_streamer_duo", 5, "Duo plan")


def test_an_entitlement_that_is_told_twice_or_late_changes_nothing(api, admin, user, make_key, db):
    key = make_key("pro")
    api.post(UPGRADE, {"license_key": key}, token=user.token)
    api.post("/v2/license/set-plan", {"key": key, "plan": "duo"}, headers=admin)
    wait_for(lambda: plan_of(api, user) == "nova_streamer_duo", 5, "Duo plan")
    db.execute("""
        insert into license.outbox (what, body)
        select 'entitlement', jsonb_build_object('user_id', user_id, 'version', version - 1, 'rights', jsonb_build_object(
            'plan_id', 'pro', 'plan_name', 'Pro', 'allowed_platforms', array['mobile'], 'max_tiktok_accounts', null,
            'may_change_tiktok', true, 'voice_engines', 'all', 'expires_at', null))
        from license.owners where user_id = %s
        returning id""", (user.id,))
    event = str(db.fetchone()[0])

    def is_handled():
        db.execute("select from auth.inbox where id = %s", (event,))
        return db.rowcount == 1

    wait_for(is_handled, 5, "event in the inbox")
    assert plan_of(api, user) == "nova_streamer_duo"


# ---- when the session was last seen ----

def seen(db, user):
    db.execute("select last_seen_at from auth.sessions where user_id = %s", (user.id,))
    return db.fetchone()[0]


def test_a_session_is_seen_again_when_it_is_used_after_a_while(api, user, db):
    db.execute("update auth.sessions set last_seen_at = now() - interval '2 minutes' where user_id = %s", (user.id,))
    before = seen(db, user)
    api.get(ME, token=user.token)
    after = seen(db, user)
    assert after > before
    api.get(ME, token=user.token)
    assert seen(db, user) == after, "not written with each call"
