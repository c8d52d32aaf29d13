# SPDX-License-Identifier: MIT
"""nginx serves MEDIA_ROOT itself, by deploy/nginx/ttboost-files.conf, and asks media for the rest."""
import os
import signal
import subprocess
import uuid

import pytest
import requests

from suite import ROOT, free_ports, wait_for

CONFIG = """{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    upstream ttb_gateway {{ server 127.0.0.1:{ports[HTTP]}; }}
    upstream ttb_socket {{ server 127.0.0.1:{ports[WS]}; }}
    upstream ttb_media {{ server 127.0.0.1:{ports[MEDIA]}; }}
    include {root}/deploy/nginx/ttboost.conf;
    server {{
        listen 127.0.0.1:{port};
        set $ttb_media_root {media};
        include {root}/deploy/nginx/ttboost-files.conf;
        set $ttb_gateway ttb_gateway;
        set $ttb_socket ttb_socket;
        set $ttb_media ttb_media;
        include {root}/deploy/nginx/ttboost-locations.conf;
    }}
}}
"""
CONTENT = b"ID3" + bytes(range(256)) * 4
COMMON_HEADERS = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "X-Content-Type-Options", "X-Frame-Options",
                  "Referrer-Policy")


@pytest.fixture(scope="module")
def nginx(suite, tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("nginx"), free_ports(1)
    user = "user root; " if os.geteuid() == 0 else ""  # the suite's folder is its owner's only
    (folder / "nginx.conf").write_text(CONFIG.format(user=user, folder=folder, ports=suite.ports, port=port, root=ROOT, media=suite.state / "media"))
    process = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"])
    base = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return requests.get(f"{base}/", timeout=2).ok
        except requests.ConnectionError:
            return False

    wait_for(answers, 10, "nginx answers")
    yield base
    process.send_signal(signal.SIGQUIT)
    assert process.wait(10) == 0


@pytest.fixture
def sound(suite):
    """A file as media stores it, with what must not be served around it."""
    folder = suite.state / "media" / "sounds" / str(uuid.uuid4())
    folder.mkdir(parents=True)
    (folder / "boom.mp3").write_bytes(CONTENT)
    (folder / ".tmp-boom.mp3").write_bytes(CONTENT)
    (folder / "link.mp3").symlink_to(suite.state / "secrets")
    yield f"/static/sounds/{folder.name}/boom.mp3"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def check_once(reply):
    """The common headers are there, and no header is there twice."""
    names = [name.lower() for name, _ in reply.raw.headers.items()]  # a name for each line that came
    assert len(names) == len(set(names)), names
    assert {name.lower() for name in COMMON_HEADERS} <= set(names)


def test_it_serves_like_media(suite, nginx, sound):
    before = suite.metric("media", "ttb_files_served_total")
    headers = {"Range": "bytes=-4"}
    whole, part = requests.get(nginx + sound, timeout=5), requests.get(nginx + sound, headers=headers, timeout=5)
    assert whole.content == CONTENT and (part.status_code, part.content) == (206, CONTENT[-4:])
    assert suite.metric("media", "ttb_files_served_total") == before
    theirs = requests.get(suite.env["BASE"] + sound, timeout=5)
    for name in ("Content-Type", "Content-Length", "Cache-Control", "Accept-Ranges", *COMMON_HEADERS):
        assert whole.headers[name] == theirs.headers[name], name
    for reply in whole, part:
        assert reply.headers["X-Request-Id"]
        check_once(reply)
    again = requests.get(nginx + sound, headers={"If-None-Match": whole.headers["ETag"]}, timeout=5)
    assert (again.status_code, again.content) == (304, b"")
    check_once(again)


@pytest.mark.parametrize("name", [".tmp-boom.mp3", "link.mp3", "none.mp3", "", "%2e%2e/%2e%2e/%2e%2e/secrets", "boom.mp3/", "boom.mp3%00"])
def test_what_media_hides_is_hidden(nginx, sound, name):
    reply = requests.get(nginx + sound.replace("boom.mp3", "") + name, timeout=5)
    assert reply.status_code in (400, 404) and CONTENT not in reply.content
    assert reply.headers["Content-Type"] == "application/json" and "detail" in reply.json()


def test_other_methods_are_medias_to_refuse(nginx, sound):
    reply = requests.post(nginx + sound, data=b"", timeout=5)
    assert (reply.status_code, reply.json()) == (405, {"detail": "Method Not Allowed"})
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    check_once(reply)


def test_preflights_are_medias_to_answer(suite, nginx, sound):
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    ours, theirs = (requests.options(base + sound, headers=headers, timeout=5) for base in (nginx, suite.env["BASE"]))
    assert (ours.status_code, ours.content) == (204, b"")
    for name in ("Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"):
        assert ours.headers[name] == theirs.headers[name], name
    assert ours.headers["X-Request-Id"]
    check_once(ours)


def test_a_range_beyond_the_end_is_refused_like_medias(suite, nginx, sound):
    headers = {"Range": f"bytes={len(CONTENT)}-", "X-Request-Id": "mine.416"}
    ours, theirs = (requests.get(base + sound, headers=headers, timeout=5) for base in (nginx, suite.env["BASE"]))
    assert (ours.status_code, ours.text) == (theirs.status_code, theirs.text) == (416, '{"detail":"Range Not Satisfiable"}')
    for name in ("Content-Type", "Content-Length", "Content-Range", "X-Request-Id", *COMMON_HEADERS):
        assert ours.headers[name] == theirs.headers[name], name
    assert ours.headers["Vary"] == "*"  # no cache gives it to who asks for less
    check_once(ours)
    check_once(theirs)


def test_a_file_that_is_another_one_by_now_is_412(nginx, sound):
    reply = requests.get(nginx + sound, headers={"If-Match": '"other"'}, timeout=5)
    assert (reply.status_code, reply.json()) == (412, {"detail": "Precondition Failed"})
    assert (reply.headers["X-Frame-Options"], reply.headers["Cache-Control"]) == ("DENY", "no-store")


def test_a_body_far_too_large_is_413(nginx, sound):
    reply = requests.post(nginx + sound, data=b"x" * 6_000_000, timeout=15)
    assert (reply.status_code, reply.json()) == (413, {"detail": "Request Entity Too Large"})


def test_files_stay_there_without_media(suite, nginx, sound):
    suite.stop_one("media")
    try:
        there, absent = (requests.get(nginx + path, timeout=5) for path in (sound, sound.replace("boom", "none")))
    finally:
        suite.start_one("media")
    assert there.content == CONTENT
    assert (absent.status_code, absent.text) == (503, '{"detail":"Service Unavailable"}')
    assert absent.headers["Retry-After"] == "1"


def test_speech_that_is_being_made_is_waited_for(api, nginx):
    reply = api.post("/tts/generate", {"text": "Подождите, сейчас скажу."})
    path = reply.json()["url"].removeprefix(api.base)
    assert requests.get(nginx + path, timeout=10).content[:1] in (b"\xff", b"I")
