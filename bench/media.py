# SPDX-License-Identifier: MIT
"""Speech, the files that clients fetch, and uploads."""
import concurrent.futures
import http.client
import json
import os
import random
import subprocess
import threading
import time
import urllib.parse

from harness import SECONDS, Shares, free_ports, rank, sign_up, wrk

VOICE, ESPEAK = "ru-RU-SvetlanaNeural", ["-v", "ru+f3", "-s", "165"]
PHRASES = 50
TURNS = 3

SUBJECTS = ["Аня", "Сергей", "Новый зритель", "Котёнок", "Подписчик"]
VERBS = ["передаёт привет", "спрашивает, который час", "дарит розу", "слушает нашу музыку", "смеётся над шуткой", "ждёт следующую игру",
         "желает удачи всем", "вернулся на эфир", "пишет из Казани", "просит спеть ещё"]


class Client:
    """A kept connection that writes what it is told in one go."""

    def __init__(self, origin):
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(origin).netloc, timeout=30)

    def ask(self, method, path, body=None, headers=None):
        self.http.request(method, path, body, headers or {})
        reply = self.http.getresponse()
        content = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {reply.status} {content[:200]!r}")
        return content


def phrases(turn):
    """50 that nobody has heard before."""
    return [f"{who} {what}, раз {turn}." for who in SUBJECTS for what in VERBS]


def speak(stack, texts):
    """Has them spoken and fetches each: seconds each took, and the files."""
    local = threading.local()

    def one(text):
        if not hasattr(local, "api"):
            local.api, local.files = Client(stack.GATEWAY_HTTP), Client(stack.MEDIA)
        began = time.monotonic()
        reply = local.api.ask("POST", "/tts/generate", json.dumps({"text": text, "voice_id": VOICE}), {"Content-Type": "application/json"})
        content = local.files.ask("GET", urllib.parse.urlsplit(json.loads(reply)["url"]).path)
        return time.monotonic() - began, content

    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        return list(clients.map(one, texts))


def speak_by_commands(folder, texts):
    """The same by espeak-ng | lame, as many at once as there are cores."""
    def one(numbered):
        number, text = numbered
        espeak = subprocess.Popen(["espeak-ng", *ESPEAK, "--stdout", text], stdout=subprocess.PIPE)
        subprocess.run(["lame", "--quiet", "-m", "m", "-b", "64", "-", folder / f"{number}.mp3"], stdin=espeak.stdout, check=True)
        espeak.stdout.close()
        if espeak.wait() != 0:
            raise RuntimeError("espeak-ng failed")

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, enumerate(texts)))


def duration(path):
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def speech(stack):
    """Ours and the commands by turns, since a shared machine's speed changes from minute to minute."""
    folder = stack.state / "speech"
    folder.mkdir(exist_ok=True)
    speak(stack, phrases(0)[:4])  # starts the workers
    rates, seconds, used = [], [], ""
    for turn in range(1, TURNS + 1):
        texts = phrases(turn)
        shares, began = Shares(stack), time.monotonic()
        files = speak(stack, texts)
        ours, used = time.monotonic() - began, str(shares)
        began = time.monotonic()
        speak_by_commands(folder, texts)
        rates.append((PHRASES / ours, PHRASES / (time.monotonic() - began)))
        for number, (_, content) in enumerate(files):
            (folder / f"ours{number}.mp3").write_bytes(content)
        seconds.append(sum(duration(folder / f"ours{number}.mp3") for number in range(PHRASES)) / ours)
    ratios = sorted(ours / commands for ours, commands in rates)
    print(f"speech: {PHRASES} new phrases {rank(sorted(rate[0] for rate in rates), .5):.0f}/s, espeak-ng | lame "
          f"{rank(sorted(rate[1] for rate in rates), .5):.0f}/s: {rank(ratios, .5):.1f} times, {ratios[0]:.1f} to {ratios[-1]:.1f}   (goal: 2); "
          f"{min(seconds):.0f} to {max(seconds):.0f} times real time   (goal: 100)\n  {used}; and the clients in Python")
    cached(stack)


def cached(stack):
    """A phrase that was spoken before, from the request to the whole file, one client."""
    text, latencies = phrases(1)[0], []
    api, files = Client(stack.GATEWAY_HTTP), Client(stack.MEDIA)
    for _ in range(100 * SECONDS):
        began = time.monotonic()
        reply = api.ask("POST", "/tts/generate", json.dumps({"text": text, "voice_id": VOICE}), {"Content-Type": "application/json"})
        files.ask("GET", urllib.parse.urlsplit(json.loads(reply)["url"]).path)
        latencies.append(1000 * (time.monotonic() - began))
    latencies.sort()
    print(f"cached phrase, asked for and fetched: p50 {rank(latencies, .5):.2f} ms, p99 {rank(latencies, .99):.2f} ms, max {latencies[-1]:.1f} ms   (goal: p99 3 ms)")


NGINX = """daemon off; worker_processes auto; pid {state}/bench-nginx.pid; error_log {state}/bench-nginx.log crit;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; tcp_nopush on; types {{ audio/mpeg mp3; }} keepalive_requests 1000000;
  client_body_temp_path {state}/nginx-tmp; proxy_temp_path {state}/nginx-tmp; fastcgi_temp_path {state}/nginx-tmp;
  uwsgi_temp_path {state}/nginx-tmp; scgi_temp_path {state}/nginx-tmp;
  server {{ listen 127.0.0.1:{port}; location /static/ {{ alias {root}/; add_header Cache-Control "public, max-age=2592000"; }} }} }}
"""


def static(stack):
    """A file of 60 KB from our server and from an nginx over the same folder, by turns."""
    root = stack.state / "media"
    (root / "bench").mkdir(exist_ok=True)
    (root / "bench" / "60k.mp3").write_bytes(os.urandom(60_000))
    port, config = free_ports(1), stack.state / "bench-nginx.conf"
    config.write_text(NGINX.format(state=stack.state, port=port, root=root))
    nginx = subprocess.Popen(["nginx", "-c", config], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        seconds, rates = max(2, SECONDS // 3), []
        for _ in range(TURNS):
            ours = wrk(["-t1", "-c32", f"{stack.MEDIA}/static/bench/60k.mp3"], seconds=seconds)
            theirs = wrk(["-t1", "-c32", f"http://127.0.0.1:{port}/static/bench/60k.mp3"], seconds=seconds)
            rates.append((ours[0], theirs[0], ours[2], ours[3] + theirs[3]))
    finally:
        nginx.terminate()
        nginx.wait()
    ratios = sorted(100 * ours / theirs for ours, theirs, _, _ in rates)
    print(f"static: 60 KB at 32 connections {rank(sorted(r[0] for r in rates), .5):.0f}/s, p99 {max(r[2] for r in rates):.1f} ms, nginx "
          f"{rank(sorted(r[1] for r in rates), .5):.0f}/s: {rank(ratios, .5):.0f} %, {ratios[0]:.0f} to {ratios[-1]:.0f}, refused {sum(r[3] for r in rates)}   (goal: 50 %)")


def make_sound(path):
    """An mp3 of 90 KB: 3.7 s of music-like noise at 192 kbit/s in stereo, as quiet as a phone records it."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "sine=440:duration=3.7[a];anoisesrc=duration=3.7:color=pink:amplitude=0.1[b];[a][b]amix",
               "-ac", "2", "-b:a", "192k", "-write_xing", "0", path]
    subprocess.run(command, check=True)
    return path.read_bytes()


class Uploader:
    """Stores one sound after another for a user of its own."""

    boundary = "bench-boundary"

    def __init__(self, stack, content, number):
        token = sign_up(stack, f"bench.upload.{number}")
        self.client, self.content, self.count = Client(stack.GATEWAY_HTTP), content, 0
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={self.boundary}"}

    def upload(self):
        self.count += 1
        head = f'Content-Disposition: form-data; name="file"; filename="boom{self.count}.mp3"\r\nContent-Type: audio/mpeg'
        body = f"--{self.boundary}\r\n{head}\r\n\r\n".encode() + self.content + f"\r\n--{self.boundary}--\r\n".encode()
        began = time.monotonic()
        self.client.ask("POST", "/v2/sounds/upload", body, self.headers)
        return 1000 * (time.monotonic() - began)

    def run(self, pause):
        """For SECONDS one every pause seconds; 0: without a pause. Latencies in ms."""
        began, latencies = time.monotonic(), []
        next_at = began + random.random() * pause
        while time.monotonic() < began + SECONDS:
            time.sleep(max(0, next_at - time.monotonic()))
            latencies.append(self.upload())
            next_at += pause
        return latencies


def upload(stack):
    """16 clients, each with an upload every 100 ms, then each with one upon the other, which is as much as the machine can do."""
    content = make_sound(stack.state / "90k.mp3")
    uploaders = [Uploader(stack, content, number) for number in range(16)]
    for uploader in uploaders:  # starts the workers
        uploader.upload()
    for pause, how, goal in ((0.1, "one every 100 ms each", "   (goal: p99 60 ms)"), (0, "without a pause", "")):
        shares = Shares(stack)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            latencies = sorted(sum(pool.map(lambda uploader: uploader.run(pause), uploaders), []))
        print(f"upload: {len(content) / 1000:.0f} KB mp3 at 16 clients, {how}: {len(latencies) / SECONDS:.0f}/s, p50 {rank(latencies, .5):.1f} ms, "
              f"p99 {rank(latencies, .99):.1f} ms, max {latencies[-1]:.0f} ms{goal}\n  {shares}; and the clients in Python")
