#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Plays deploy/k8s/overlays/dev by `podman kube play`, as far as that goes, and takes it down again. Needs root, podman with catatonit, npm,
and images:

  TTB_IMAGES      what the daemons' images are called before /gateway (localhost/ttboost)
  TTB_TAG         their tag (what VERSION says)
  POSTGRES_IMAGE  postgres:15, or what takes its environment
  NATS_IMAGE      nats:2.10-alpine, or what runs nats-server with the arguments that it gets

podman starts the pods with their settings, secrets, volumes, users and restrictions; also those of the migrations. What it does not know is
done here, where it can be: /readyz is asked from outside, and the names of Services stand in each pod's /etc/hosts. The rest is listed at
the end. The last line is `N passed, N failed, N skipped`.
"""
import asyncio
import base64
import copy
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import websockets
import yaml

import k8s
from k8s_rules import NAME, ROOT, labels, names, of_kind

OWN = f"ttbkube{os.getpid()}"  # begins the name of all that is made here
SERVICES = ("auth", "license", "media", "events")
PLAYED = {"ConfigMap", "Secret", "PersistentVolumeClaim", "Deployment"}  # Secrets as ConfigMaps, Deployments as their pods
UNKNOWN_TO_PODMAN = ("topologySpreadConstraints", "enableServiceLinks", "automountServiceAccountToken")
COMMAND_SECONDS = 120
READY_SECONDS = 60
EVENT_SECONDS = 20


class Failure(Exception):
    pass


def podman(*arguments, **options):
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS, **options)
    if done.returncode != 0:
        raise Failure(f"podman {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def fetch(url, body=None, headers=None):
    """(status, body), also of refusals; (0, b"") when nobody answers."""
    request = urllib.request.Request(url, body and json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=15) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


# ---- playing ----

class Play:
    def __init__(self, manifests):
        # podman 4.3 mounts Secrets as they stand in the manifest, in base64: they are played as ConfigMaps.
        self.secrets = {key: base64.b64decode(value).decode() for one in of_kind(manifests, "Secret") for key, value in one["data"].items()}
        self.texts = {name: one["data"] for name, one in names(manifests, "ConfigMap").items()}
        self.texts |= {name: self.secrets for name in names(manifests, "Secret")}
        self.addresses = {}  # of the pods that are played, by the name of the Service that leads to each
        tag = os.environ.get("TTB_TAG", (ROOT / "VERSION").read_text().strip())
        self.images = {"postgres": os.environ.get("POSTGRES_IMAGE", "postgres:15"),
                       "nats": os.environ.get("NATS_IMAGE", "nats:2.10-alpine")}
        for name in (*SERVICES, "gateway", "sim"):
            self.images[name] = f"{os.environ.get('TTB_IMAGES', 'localhost/ttboost')}/{name}:{tag}"

    def own_names(self, pod):
        """What the pod refers to is called as in the manifests, with our name before it."""
        for volume in pod["spec"].get("volumes", []):
            if "secret" in volume:
                volume["configMap"] = {"name": volume["secret"]["secretName"], "items": volume.pop("secret")["items"]}
            for kind, field in (("configMap", "name"), ("persistentVolumeClaim", "claimName")):
                if kind in volume:
                    volume[kind][field] = f"{OWN}-{volume[kind][field]}"
        for source in pod["spec"]["containers"][0].get("envFrom", []):
            source["configMapRef"]["name"] = f"{OWN}-{source['configMapRef']['name']}"

    def make_volumes(self, name, pod):
        """Claims' and empty folders belong to the pod's user, which fsGroup sees to in a cluster."""
        user = pod["spec"]["securityContext"]["runAsUser"]
        for volume in pod["spec"].get("volumes", []):
            if "emptyDir" in volume:
                del volume["emptyDir"]
                volume["persistentVolumeClaim"] = {"claimName": f"{OWN}-{name}-{volume['name']}"}
            if "persistentVolumeClaim" in volume:
                podman("volume", "create", "--opt", f"o=uid={user},gid={user}", volume["persistentVolumeClaim"]["claimName"])

    def pod(self, name, template):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"{OWN}-{name}", "labels": labels(template)},
               "spec": copy.deepcopy(template["spec"])}
        container = pod["spec"]["containers"][0]
        container["image"] = self.images[labels(template)[NAME]]
        for field in UNKNOWN_TO_PODMAN:
            pod["spec"].pop(field, None)
        # podman would open each containerPort on this machine.
        for field in ("ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"):
            container.pop(field, None)
        for one in container.get("env", []):
            if "valueFrom" in one:
                one["value"] = self.secrets[one.pop("valueFrom")["secretKeyRef"]["key"]]
        pod["spec"]["hostAliases"] = [{"ip": ip, "hostnames": [host]} for host, ip in self.addresses.items()]
        self.own_names(pod)
        return pod

    def play(self, name, template):
        """Starts a pod. The address of its Service, where it has one, is this pod's."""
        objects = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{OWN}-{name}"}, "data": data}
                   for name, data in self.texts.items()]
        pod = self.pod(name, template)
        self.make_volumes(name, pod)
        podman("kube", "play", "--network", OWN, "-", input=yaml.safe_dump_all([*objects, pod]))
        infra = self.inspect(name)["InfraContainerID"]
        self.addresses[name] = podman("inspect", infra, "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")

    def inspect(self, name):
        return json.loads(podman("pod", "inspect", f"{OWN}-{name}"))

    def container(self, name):
        """The one that is not podman's own."""
        pod = self.inspect(name)
        return next(one["Id"] for one in pod["Containers"] if one["Id"] != pod["InfraContainerID"])

    def log(self, name):
        done = subprocess.run(["podman", "logs", "--tail", "15", self.container(name)], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def exit_code(self, name):
        return int(podman("inspect", self.container(name), "--format", "{{.State.ExitCode}}"))

    def down(self, failures):
        """All of it, also after a failure in the middle; adds what stays to the failures."""
        for kind, command in (("pod", ["rm", "-f", "-t", "1"]), ("volume", ["rm", "-f"]), ("network", ["rm", "-f"])):
            for name in podman(kind, "ls", "--format", "{{.Name}}").split():
                if name.startswith(OWN):
                    try:
                        podman(kind, *command, name)
                    except (Failure, subprocess.TimeoutExpired) as failure:
                        failures.append(failure)


# ---- what is seen ----

def say(text):
    print(f"kube-play: {text}", flush=True)


def is_open(play, name, port):
    done = subprocess.run(["timeout", "1", "bash", "-c", f"</dev/tcp/{play.addresses[name]}/{port}"], capture_output=True, check=False)
    return done.returncode == 0


def wait_until(play, what, probe, name):
    end = time.monotonic() + READY_SECONDS
    while not probe():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {READY_SECONDS} s\n{play.log(name)}")
        time.sleep(0.2)


def start_neighbours(play, templates):
    for name, port in (("postgres", 5432), ("nats", 4222), ("sim", 8090)):
        play.play(name, templates[name])
        wait_until(play, f"{name} listens", lambda name=name, port=port: is_open(play, name, port), name)
    say("postgres, nats and sim listen")


def migrate(play, jobs):
    for job in jobs:
        name = job["metadata"]["name"]
        play.play(name, job["spec"]["template"])
        has_ended = ("inspect", play.container(name), "--format", "{{.State.Status}}")
        wait_until(play, f"{name} ends", lambda probe=has_ended: podman(*probe) == "exited", name)
        if play.exit_code(name) != 0:
            raise Failure(f"{name} ended with {play.exit_code(name)}:\n{play.log(name)}")
    say("the four migrations ended with 0")


def start_daemons(play, templates):
    for name in (*SERVICES, "gateway"):
        play.play(name, templates[name])
    for name in (*SERVICES, "gateway"):
        url = f"http://{play.addresses[name]}:9100/readyz"
        wait_until(play, f"{name} is ready", lambda url=url: fetch(url)[0] == 200, name)
    say("all five daemons are ready")


def check_restrictions(play):
    """As the kernel sees them."""
    for name in (*SERVICES, "gateway"):
        state = json.loads(podman("inspect", play.container(name)))[0]
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{state['State']['Pid']}/status").read_text().splitlines() if ":\t" in line)
        found = {"Uid": status["Uid"].split()[0], "CapEff": int(status["CapEff"], 16), "NoNewPrivs": status["NoNewPrivs"],
                 "read-only": state["HostConfig"]["ReadonlyRootfs"]}
        if found != {"Uid": "10001", "CapEff": 0, "NoNewPrivs": "1", "read-only": True}:
            raise Failure(f"{name} runs as {found}")
    say("each runs as 10001 on a read-only root, without capabilities or a way to gain any")


def expect(what, reply):
    status, body = reply
    if status != 200:
        raise Failure(f"{what}: {status} {body!r}")
    return body


async def first_chat(url):
    async with websockets.connect(url) as socket:
        while True:
            event = json.loads(await socket.recv())
            if event["type"] == "chat" and event.get("tts_url"):
                return event


def use(play):
    """A key, an account, an event of the live, and its speech from the file port."""
    gateway, media = f"http://{play.addresses['gateway']}:8000", f"http://{play.addresses['media']}:8002"
    admin = {"Admin-Api-Key": play.secrets["admin_api_key"]}
    key = json.loads(expect("issue", fetch(f"{gateway}/v2/license/issue", {"plan": "pro", "ttl_days": 7}, admin)))["key"]
    who = {"username": "kube_streamer", "password": "StrongPass123", "license_key": key}
    token = json.loads(expect("redeem", fetch(f"{gateway}/v2/auth/redeem-license", who)))["access_token"]
    expect("me", fetch(f"{gateway}/v2/auth/me", headers={"Authorization": f"Bearer {token}"}))
    say("an account was made with a key, through the gateway")
    socket = f"ws://{play.addresses['gateway']}:8001/v2/ws?token={token}"
    event = asyncio.run(asyncio.wait_for(first_chat(socket), EVENT_SECONDS))
    speech = expect("speech", fetch(media + event["tts_url"][event["tts_url"].index("/static/"):]))
    say(f"a chat of the live came to a socket, and {len(speech)} bytes of speech from the file port")


def stop_in_order(play):
    for name in ("gateway", *SERVICES):
        began = time.monotonic()
        podman("stop", "-t", "60", play.container(name))
        if play.exit_code(name) != 0:
            raise Failure(f"{name} ended with {play.exit_code(name)} at SIGTERM:\n{play.log(name)}")
        say(f"{name} ended in order at SIGTERM, after {time.monotonic() - began:.1f} s")


def show_what_was_not_played(manifests):
    left = sorted({one["kind"] for one in manifests} - PLAYED)
    say(f"podman does not play: {', '.join(left)}")
    say("and of pods: probes, preStop, fsGroup, topologySpreadConstraints, Secrets (as of 4.3)")


def check_tools():
    if os.geteuid() != 0 or not shutil.which("podman") or not shutil.which("catatonit"):
        raise k8s.Unavailable("needs root, podman and catatonit")
    k8s.install_tools()


def main():
    try:
        check_tools()
    except k8s.Unavailable as reason:
        print(f"kube-play: not tested: {reason}\n0 passed, 0 failed, 1 skipped")
        return 0
    folder = k8s.copy_of_deploy()
    manifests = k8s.render(folder / "overlays/dev")
    jobs = of_kind(k8s.render(folder / "migrate"), "Job")
    # The Jobs name the Secret as it is called before kustomize gave the overlay's a hash.
    secret = next(iter(names(manifests, "Secret")))
    for job in jobs:
        for volume in job["spec"]["template"]["spec"]["volumes"]:
            volume["secret"]["secretName"] = secret
    templates = {name: one["spec"]["template"] for name, one in names(manifests, "Deployment").items()}
    play, failures = Play(manifests), []
    try:
        podman("network", "create", OWN)
        start_neighbours(play, templates)
        migrate(play, jobs)
        start_daemons(play, templates)
        check_restrictions(play)
        use(play)
        stop_in_order(play)
    except (Failure, subprocess.TimeoutExpired, asyncio.TimeoutError) as failure:
        failures.append(failure)
    finally:
        play.down(failures)
    for failure in failures:
        say(failure)
    show_what_was_not_played(manifests)
    print(f"{int(not failures)} passed, {int(bool(failures))} failed, 0 skipped")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
