# SPDX-License-Identifier: MIT
"""The catalogue of gifts: sections 3 and 9 of the contract. It is one for the whole suite and only grows, so that each test
has gifts of its own."""
import itertools

import pytest

from suite import wait_for
from webcast import bytes_field, number_field

LIBRARY, LIST, V1 = "/v2/gifts/library", "/v2/gifts/list", "/catalog/gifts"
ROSE = {"gift_id": "5655", "name_en": "Rose", "name_ru": "Роза", "diamond_count": 1}
NOT_FOUND = (404, {"detail": "Gift not found"})
IMAGE = "https://p16-webcast.tiktokcdn.invalid/img/gift-{}.png"
ids = itertools.count(700001)


@pytest.fixture
def gift_id():
    """Of a gift that nobody has seen."""
    return next(ids)


@pytest.fixture
def find(api):
    """(status, reply) of one gift."""
    def ask(gift_id):
        reply = api.get(f"/v2/gifts/{gift_id}")
        return reply.status_code, reply.json()
    return ask


@pytest.fixture
def learned(find):
    """Waits for a gift to be known with these values."""
    def wait(gift_id, **expected):
        def fits():
            status, gift = find(gift_id)
            return gift if status == 200 and expected.items() <= gift.items() else None
        return wait_for(fits, 10, f"gift {gift_id} with {expected}")
    return wait


def without_image(gift):
    return {name: value for name, value in gift.items() if name != "image"}


# ---- what clients read ----

def test_a_fresh_catalogue_knows_some_gifts(api, find):
    status, rose = find(5655)
    assert (status, without_image(rose)) == (200, ROSE)
    gifts = {gift["gift_id"]: gift for gift in api.get(LIBRARY).json()["gifts"]}
    assert len(gifts) > 50 and without_image(gifts["5655"]) == ROSE


def test_gifts_go_by_price_then_name(api):
    reply = api.get(LIBRARY).json()
    assert reply["total"] == len(reply["gifts"]) == len({gift["gift_id"] for gift in reply["gifts"]})
    keys = [(gift["diamond_count"], gift["name_en"].lower().encode(), int(gift["gift_id"])) for gift in reply["gifts"]]
    assert keys == sorted(keys)


def test_both_paths_give_the_same(api):
    assert api.get(LIST).json() == api.get(LIBRARY).json()


@pytest.mark.parametrize("gift_id", [
    "1", "0", "-5655", "5655x", "x", "rose", "5655.0", "%205655", "5e3", "9223372036854775807", "9223372036854775808", "1" * 100])
def test_what_is_no_gift(find, gift_id):
    assert find(gift_id) == NOT_FOUND


def test_old_clients_get_the_names(api):
    names = api.get(V1).json()["gifts"]
    assert len(names) == len(set(names)) and {"Rose", "TikTok", "Lion"} <= set(names)
    known = api.get(LIBRARY).json()["gifts"]
    assert set(names) == {gift["name_en"] for gift in known}
    cheapest = {}
    for gift in known:
        cheapest.setdefault(gift["name_en"], gift["diamond_count"])
    assert [cheapest[name] for name in names] == sorted(cheapest[name] for name in names)


def test_a_catalogue_that_no_message_holds(api, db):
    """Its reply goes in parts."""
    db.execute("""insert into events.gifts (gift_id, name, diamond_count, image, image_seen_at)
        select 10000000 + n, 'подарок ' || n || repeat('"', 80), n, 'https://images.invalid/' || repeat('x', 480), now()
        from generate_series(1, 5000) as n""")
    try:
        reply = api.get(LIBRARY)
        assert reply.json()["total"] == len(reply.json()["gifts"]) == 5000
        assert len(reply.content) > 2 * 1024 * 1024
        assert len(api.get(V1).json()["gifts"]) == 5000
    finally:
        db.execute("delete from events.gifts where gift_id > 10000000")


# ---- learned from lives ----

def test_a_gift_that_is_sent_is_known_soon(live, sim, user, gift_id, learned, find):
    assert find(gift_id) == NOT_FOUND
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Сюрприз 🎁", diamonds=17)
    assert learned(gift_id) == {
        "gift_id": str(gift_id), "name_en": "Сюрприз 🎁", "diamond_count": 17, "image": IMAGE.format(gift_id)}


def test_another_price_or_name_is_taken_at_once(live, sim, user, gift_id, learned):
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Kite", diamonds=10)
    learned(gift_id, name_en="Kite", diamond_count=10)
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Kite", diamonds=99)
    learned(gift_id, name_en="Kite", diamond_count=99)
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Big Kite", diamonds=99)
    learned(gift_id, name_en="Big Kite", diamond_count=99)


def test_a_gift_that_is_sent_often_is_written_once(live, sim, user, gift_id, learned, db):
    for count in range(1, 101):
        sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Balloon", diamonds=3, count=count, streak=True)
    learned(gift_id)
    sim.event(user.name, "gift", user="masha", gift_id=gift_id + 50000, name="The last", diamonds=3)
    learned(gift_id + 50000)
    db.execute("select first_seen_at = seen_at from events.gifts where gift_id = %s", (gift_id,))
    assert db.fetchall() == [(True,)]


def test_a_picture_is_left_out_when_it_is_a_day_old(live, sim, user, gift_id, learned, find, db, api):
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Card", diamonds=3)
    learned(gift_id, image=IMAGE.format(gift_id))
    db.execute("update events.gifts set image_seen_at = now() - interval '24 hours' where gift_id = %s", (gift_id,))
    assert "image" not in find(gift_id)[1]
    listed = {gift["gift_id"]: gift for gift in api.get(LIBRARY).json()["gifts"]}
    assert "image" not in listed[str(gift_id)]


def test_a_gift_that_was_known_from_the_start_gets_its_picture(live, sim, user, learned):
    sim.event(user.name, "gift", user="masha", gift_id=5658, name="Perfume", diamonds=20)
    learned(5658, image=IMAGE.format(5658), name_ru="Духи", diamond_count=20)


# ---- TikTok's list ----

@pytest.fixture
def restart(suite, db, sim):
    """Starts the events service anew, as if TikTok had not been asked for long; gives the position in its log."""
    def again(is_due=True, **environment):
        if is_due:
            db.execute("delete from events.gift_list")
            db.execute("delete from events.gifts where gift_id between 900001 and 900005")  # the list's
        suite.stop_one("events")
        suite.environment.update(environment)
        position = suite.log_position("events")
        suite.start_one("events")
        for name in environment:
            del suite.environment[name]
        return position
    yield again
    sim.gifts("ok")


def asked(sim):
    return sim.stats()["gifts"]["total"]


def test_tiktoks_list_is_taken_in_once_a_live_is_watched(restart, watch, make_user, sim, suite, learned, find):
    before = asked(sim)
    restart()
    watch(make_user())
    assert learned(900001) == {"gift_id": "900001", "name_en": "Paper Comet", "diamond_count": 12,
                               "image": "https://p16-webcast.tiktokcdn.invalid/list/gift-900001.png"}
    learned(900002, diamond_count=30000)
    learned(900003, name_en="Ёлка")
    assert [find(odd) for odd in (900004, 900005)] == [NOT_FOUND] * 2
    assert asked(sim) == before + 1

    restart(is_due=False)
    other = make_user()
    watch(other)
    sim.event(other.name, "gift", user="masha", gift_id=next(ids), name="A sign", diamonds=1)
    wait_for(lambda: suite.metric("events", "ttb_gifts_written_total") > 0, 10, "gift written")
    assert asked(sim) == before + 1, "it was asked for lately"


@pytest.mark.parametrize("mode", ["refused", "waf"])
def test_a_list_that_is_refused_is_done_without(restart, watch, make_user, sim, suite, api, gift_id, learned, mode):
    sim.gifts(mode)
    position = restart()
    user = make_user()
    watch(user)
    wait_for(lambda: any("not to be had" in line["message"] for line in suite.log_lines("events", position)), 10, "line of log")
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Still seen", diamonds=1)
    learned(gift_id)
    assert api.get(LIBRARY).json()["total"] > 50


def test_the_list_may_be_switched_off(restart, watch, make_user, sim, gift_id, learned, db):
    before = asked(sim)
    restart(GIFT_LIST="0")
    user = make_user()
    watch(user)
    sim.event(user.name, "gift", user="masha", gift_id=gift_id, name="Seen", diamonds=1)
    learned(gift_id)
    db.execute("select count(*) from events.gift_list")
    assert (db.fetchone()[0], asked(sim)) == (0, before)
    restart()


# ---- messages that leave out what the gift is ----

def test_a_gift_without_its_description_is_what_the_catalogue_says(live, sim, user):
    """WebcastGiftMessage with fields 2 gift_id, 5 repeat_count and 7 user, but without 15 gift."""
    sim.set_room(user.name, rate=0)
    viewer = number_field(1, 77) + bytes_field(3, "Маша") + bytes_field(38, "masha")
    sim.message(user.name, "WebcastGiftMessage", number_field(2, 5655) + number_field(5, 3) + bytes_field(7, viewer))
    gift = live.wait("gift", username="masha")
    assert (gift["gift_name"], gift["count"], gift["diamonds"]) == ("Rose", 3, 3)
