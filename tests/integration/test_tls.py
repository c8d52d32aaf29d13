# SPDX-License-Identifier: MIT
"""Whom the events service believes to be TikTok: HTTPS and the socket want a certificate that the system trusts, or that the file of
TIKTOK_CA_FILE vouches for. The certificate here is made by an authority that nobody knows."""
import subprocess
from contextlib import ExitStack, contextmanager

import pytest

from faults import stage
from sim import Sim
from suite import PROFILE, ROOT, free_ports, wait_for


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A folder with ca.pem, and with cert.pem and key.pem of localhost."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", "/CN=Nobody's authority",
            "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
            "-keyout", folder / "key.pem", "-out", folder / "request.pem")
    openssl("x509", "-req", "-in", folder / "request.pem", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial",
            "-days", 2, "-extfile", folder / "names", "-out", folder / "cert.pem")
    return folder


@contextmanager
def simulator(certificate, *options, tls):
    """One more stand-in, on localhost."""
    port = free_ports(1)
    flags = ["--tls-cert", certificate / "cert.pem", "--tls-key", certificate / "key.pem"] if tls else []
    process = subprocess.Popen([ROOT / "build" / PROFILE / "bin/webcast-sim", "--port", str(port), "--rate", "0", "--ping-interval", "1",
                                *flags, *options], stderr=subprocess.DEVNULL)
    sim = Sim(f"http{'s' if tls else ''}://localhost:{port}")
    sim.session.trust_env = False  # REQUESTS_CA_BUNDLE would count before this
    sim.session.verify = str(certificate / "ca.pem")

    def is_ready():
        try:
            return sim.stats()
        except OSError:
            return False
    try:
        wait_for(is_ready, 10, "stand-in")
        yield sim
    finally:
        process.terminate()
        assert process.wait(15) == 0


@pytest.fixture
def opened():
    """What a test opens by it is closed after the test, the last one first."""
    with ExitStack() as stack:
        yield stack.enter_context


@pytest.fixture
def start_sim(certificate, opened):
    def start(*options, tls=True):
        return opened(simulator(certificate, *options, tls=tls))
    return start


@pytest.fixture
def watch_by(suite, api, db, certificate, opened):
    """Watches a live of that stand-in, by a daemon that knows the authority, or does not."""
    def watch(sim, is_known):
        urls = {name: sim.url for name in ("SIGN_SERVER_URL", "TIKTOK_WEB_URL", "TIKTOK_WEBCAST_URL")}
        settings = {"TIKTOK_CA_FILE": str(certificate / "ca.pem")} if is_known else {}
        return opened(stage(suite, api, sim, db, **urls, PUSH_HOSTS="localhost", **settings)).open()
    return watch


def test_a_certificate_of_a_known_authority_is_taken_by_https_and_by_the_socket(start_sim, watch_by):
    room = watch_by(start_sim(), is_known=True)
    room.wait_goes_on(20)
    assert (room.count("connects"), room.count("sign_calls")) == (1, 1)
    room.assert_we_did_no_wrong()


def test_a_certificate_of_nobody_known_is_refused_by_https(start_sim, watch_by):
    room = watch_by(start_sim(), is_known=False)
    room.socket.wait("status", 20, state="connecting", message="TikTok gives no usable answer")
    assert (room.count("page_calls"), room.count("sign_calls")) == (0, 0)


@pytest.mark.parametrize("is_known,message,reason", [
    (False, "the connection was lost", "SSL"),
    (True, "TikTok refuses the connection", "illegal secret key 417"),  # it got through, but another one has signed
])
def test_the_sockets_certificate_is_looked_at_by_itself(suite, start_sim, watch_by, is_known, message, reason):
    """The pages come without TLS; the socket that they lead to has it."""
    position = suite.log_position("events")
    target = start_sim()
    sim = start_sim("--push-server", target.url.replace("https", "wss"), tls=False)
    room = watch_by(sim, is_known)
    room.socket.wait("status", 20, message=message)
    assert room.states() == ["connecting"]
    assert (target.stats()["last_error"] is None) == (not is_known)
    reasons = [line["reason"] for line in suite.log_lines("events", position) if line["message"] == "no connection to a live"]
    assert all(reason in logged for logged in reasons) and reasons
