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
        include {root}/deploy/nginx/ttboost-locations.conf;
    }}
}}
"""
CONTENT = b"ID3" + bytes(range(256)) * 4


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


def test_it_serves_like_media(suite, nginx, sound):
    before = suite.metric("media", "ttb_files_served_total")
    headers = {"Range": "bytes=-4"}
    whole, part = requests.get(nginx + sound, timeout=5), requests.get(nginx + sound, headers=headers, timeout=5)
    assert whole.content == CONTENT and (part.status_code, part.content) == (206, CONTENT[-4:])
    assert suite.metric("media", "ttb_files_served_total") == before
    theirs = requests.get(suite.env["BASE"] + sound, timeout=5)
    for name in ("Content-Type", "Content-Length", "Cache-Control", "Access-Control-Allow-Origin", "X-Content-Type-Options", "Accept-Ranges"):
        assert whole.headers[name] == theirs.headers[name], name
    assert whole.headers["X-Request-Id"]
    again = requests.get(nginx + sound, headers={"If-None-Match": whole.headers["ETag"]}, timeout=5)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", [".tmp-boom.mp3", "link.mp3", "none.mp3", "", "%2e%2e/%2e%2e/%2e%2e/secrets", "boom.mp3/", "boom.mp3%00"])
def test_what_media_hides_is_hidden(nginx, sound, name):
    reply = requests.get(nginx + sound.replace("boom.mp3", "") + name, timeout=5)
    assert reply.status_code in (400, 404) and CONTENT not in reply.content
    assert reply.headers["Content-Type"] == "application/json" and "detail" in reply.json()


def test_other_methods_are_medias_to_refuse(nginx, sound):
    reply = requests.post(nginx + sound, data=b"", timeout=5)
    assert (reply.status_code, reply.json()) == (405, {"detail": "Method Not Allowed"})


def test_speech_that_is_being_made_is_waited_for(api, nginx):
    reply = api.post("/tts/generate", {"text": "Подождите, сейчас скажу."})
    path = reply.json()["url"].removeprefix(api.base)
    assert requests.get(nginx + path, timeout=10).content[:1] in (b"\xff", b"I")
