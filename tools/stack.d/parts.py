# SPDX-License-Identifier: MIT
"""What a stack is made of: how each part is started, and how one sees that it is ready."""
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from place import DAEMONS, ROOT, SERVICES, unprivileged, write_private
from process import PAUSE_S, Failure

ORPHAN_SECONDS = 15
NGINX_CONF = """\
# Made by tools/stack: where things are on this machine. The rules are in deploy/nginx.
{user}daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
worker_processes 1;
worker_shutdown_timeout 5s;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    include {root}/deploy/nginx/ttboost.conf;
    upstream ttb_gateway {{ server 127.0.0.1:{http} max_fails=0; keepalive 64; keepalive_timeout 30s; }}
    upstream ttb_socket {{ server 127.0.0.1:{ws} max_fails=0; }}
    upstream ttb_media {{ server 127.0.0.1:{media} max_fails=0; keepalive 32; keepalive_timeout 20s; }}
    server {{
        listen 127.0.0.1:{edge} backlog=1024;
        set $ttb_gateway ttb_gateway;
        set $ttb_socket ttb_socket;
        set $ttb_media ttb_media;
        include {root}/deploy/nginx/ttboost-locations.conf;
    }}
}}
"""


# Scheduled as our daemons are: docs/adr/0008.
THROUGHPUT = ("chrt", "--batch", "0")


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        return False


def run(what, command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{what} failed:\n{done.stderr or done.stdout}")


class Part:
    ports = ()
    stop_signal = signal.SIGTERM

    def __init__(self, place, name):
        self.place, self.name = place, name

    def command(self):
        """Makes what the part needs, and returns its command line."""
        raise NotImplementedError

    def environment(self):
        return self.place.child_environment()

    def options(self):
        """Of subprocess.Popen."""
        return {}

    def is_ready(self):
        raise NotImplementedError

    def after_ready(self):
        pass


def is_attached(memory):
    """Whether any process holds the shared memory of that id."""
    lines = pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()
    blocks = [dict(zip(lines[0].split(), line.split())) for line in lines[1:]]
    return any(block["shmid"] == memory and block["nattch"] != "0" for block in blocks)


class Postgres(Part):
    ports = ("TTB_PG_PORT",)
    stop_signal = signal.SIGINT  # ends the sessions; SIGTERM would wait for them

    def program(self, name):
        """The server's programs stand outside of PATH on Debian."""
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        if not found:
            raise Failure("Postgres is not installed: tools/install-packages")
        return found[-1]

    def command(self):
        data = self.place.shared_folder("postgres") / "postgres"
        if not (data / "PG_VERSION").exists():
            self.make_cluster(data)
        self.wait_for_orphans(data)
        return [*THROUGHPUT, self.program("postgres"), "-D", data, "-p", str(self.place.ports["TTB_PG_PORT"]),
                "-c", "listen_addresses=127.0.0.1",
                "-c", f"unix_socket_directories={self.place.postgres_socket_folder() or ''}",
                "-c", "max_connections=200", "-c", "track_activity_query_size=8192"]

    def options(self):
        return unprivileged("postgres")  # it refuses to run as root

    def wait_for_orphans(self, data):
        """The sessions of a server that was killed go on until they notice, and until then a new server ends at once: they
        hold the old one's shared memory, which is named at the end of postmaster.pid's line 7."""
        try:
            memory = (data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        except (OSError, IndexError):
            return
        deadline = time.monotonic() + ORPHAN_SECONDS
        while is_attached(memory) and time.monotonic() < deadline:
            time.sleep(PAUSE_S)

    def make_cluster(self, data):
        password = data.with_suffix(".password")
        write_private(password, self.place.secrets["PG_PASSWORD_SUPERUSER"])
        shutil.rmtree(data, ignore_errors=True)  # what an initdb that was interrupted has left
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(data, "postgres", "postgres")
            shutil.chown(password, "postgres", "postgres")
        try:
            run("initdb", [self.program("initdb"), "-D", data, "-U", "postgres", "-E", "UTF8",
                           "-A", "scram-sha-256", f"--pwfile={password}", "--locale=C.UTF-8"],
                cwd="/", **unprivileged("postgres"))
        finally:
            password.unlink()

    def is_ready(self):
        ready = [self.program("pg_isready"), "-q", "-h", "127.0.0.1",
                 "-p", str(self.place.ports["TTB_PG_PORT"])]
        return subprocess.run(ready, check=False).returncode == 0

    def after_ready(self):
        """The roles and schemas; passwords by environment, where `ps` does not show them."""
        secrets = self.place.secrets
        passwords = {f"PG_PASSWORD_{name.upper()}": secrets[f"PG_PASSWORD_{name.upper()}"]
                     for name in SERVICES}
        environment = self.place.child_environment(
            PGPASSWORD=secrets["PG_PASSWORD_SUPERUSER"], PGHOST="127.0.0.1", PGUSER="postgres",
            PGDATABASE="postgres", PGPORT=self.place.ports["TTB_PG_PORT"], **passwords)
        run("deploy/postgres/init.sql",
            ["psql", "-qX", "-f", ROOT / "deploy/postgres/init.sql"], env=environment)


class Nats(Part):
    ports = ("TTB_NATS_PORT",)
    stop_signal = signal.SIGINT  # it ends with 0 then, by SIGTERM with 1

    def command(self):
        return [*THROUGHPUT, "nats-server", "--config", ROOT / "deploy/nats/nats-server.conf"]

    def environment(self):
        passwords = {name: value for name, value in self.place.secrets.items()
                     if name.startswith("NATS_PASSWORD_")}
        return self.place.child_environment(
            GOMAXPROCS=max(1, (os.cpu_count() or 1) // 2),  # its load is small; more threads only wake each other
            NATS_HOST="127.0.0.1", NATS_PORT=self.place.ports["TTB_NATS_PORT"],
            NATS_STORE=f'"{self.place.state}/nats"', **passwords)

    def is_ready(self):
        try:
            address = ("127.0.0.1", self.place.ports["TTB_NATS_PORT"])
            with socket.create_connection(address, timeout=2) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False


class Simulator(Part):
    ports = ("TTB_SIM_PORT",)

    def command(self):
        return [self.place.bin / "webcast-sim", "--port", str(self.place.ports["TTB_SIM_PORT"]),
                *shlex.split(self.place.environment.get("TTB_SIM_ARGS", ""))]

    def is_ready(self):
        return answers(f"{self.place.sim}/_sim/ready")


class Daemon(Part):
    def __init__(self, place, name):
        super().__init__(place, name)
        self.ports = {"gateway": ("TTB_HTTP_PORT", "TTB_WS_PORT"),
                      "media": ("TTB_MEDIA_PORT",)}.get(name, ())

    def command(self):
        return [self.place.bin / f"ttb-{self.name}"]

    def environment(self):
        place, base = self.place, self.place.base
        password = place.secrets[f"NATS_PASSWORD_{self.name.upper()}"]
        ours = {"SERVER_HOST": base, "MEDIA_BASE_URL": base, "TTS_BASE_URL": base,
                "ALLOWED_ORIGINS": base, "MEDIA_ROOT": place.state / "media"}
        values = {name: value for name, value in ours.items() if name not in place.environment}
        return place.child_environment(
            NATS_URL=place.url("TTB_NATS_PORT", "nats"), NATS_USER=self.name,
            NATS_PASSWORD=password, OPS_PORT=place.ops_port(self.name), **values, **self.own())

    def own(self):
        """What only this daemon gets."""
        place, own = self.place, {}
        if self.name in SERVICES:
            own["DATABASE_URL"] = place.daemon_database_url(self.name)
        if self.name in ("gateway", "auth"):
            own["JWT_SECRET"] = place.secrets["JWT_SECRET"]
        if self.name == "gateway":
            own |= {name: place.secrets[name] for name in ("ADMIN_API_KEY", "WEB_ISSUE_API_KEY")}
            own["JWT_SECRET_PREVIOUS"] = place.given("JWT_SECRET_PREVIOUS") or ""
            own |= {"HTTP_PORT": place.ports["TTB_HTTP_PORT"], "WS_PORT": place.ports["TTB_WS_PORT"]}
        if self.name == "media":
            own["MEDIA_PORT"] = place.ports["TTB_MEDIA_PORT"]
        if self.name == "events" and place.sim:
            own |= {"SIGN_SERVER_URL": place.sim, "TIKTOK_WEB_URL": place.sim,
                    "TIKTOK_WEBCAST_URL": place.sim, "PUSH_HOSTS": "127.0.0.1"}
        return own

    def is_ready(self):
        return answers(f"http://127.0.0.1:{self.place.ops_port(self.name)}/readyz")


class Nginx(Part):
    ports = ("TTB_EDGE_PORT",)
    stop_signal = signal.SIGQUIT  # finishes the requests that it has

    def command(self):
        """As root, its workers are www-data, which must reach the folder of its temporary files."""
        ports = self.place.ports
        folder = self.place.shared_folder("www-data") / "nginx"
        folder.mkdir(exist_ok=True)
        (folder / "nginx.conf").write_text(NGINX_CONF.format(
            user="user www-data;\n" if os.geteuid() == 0 else "", folder=folder, root=ROOT,
            http=ports["TTB_HTTP_PORT"], ws=ports["TTB_WS_PORT"],
            media=ports["TTB_MEDIA_PORT"], edge=ports["TTB_EDGE_PORT"]))
        return ["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"]

    def is_ready(self):
        return answers(f"{self.place.base}/")


def all_parts(place):
    """In the order of starting; they stop from the last to the first."""
    daemons = {name: Daemon(place, name) for name in (*SERVICES, "gateway")}
    return {"postgres": Postgres(place, "postgres"), "nats": Nats(place, "nats"),
            "sim": Simulator(place, "sim"), **daemons, "nginx": Nginx(place, "nginx")}


def taken_ports(place, part):
    """(port, variable) of those that another program has."""
    wanted = [(place.ports[name], name) for name in part.ports]
    if part.name in DAEMONS:
        wanted.append((place.ops_port(part.name), "TTB_OPS_PORT, the first of five,"))
    return [(port, name) for port, name in wanted if not is_free(port)]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
