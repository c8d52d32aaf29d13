#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A small speech server with OpenAI's API, POST /v1/audio/speech. It speaks a steady tone that is as long as the text would be,
so that a test knows its voice from any other.

speech_server.py [--tls]      serves on a free loopback port, prints its address, and ends when its input does

Python tests use the class: `with SpeechServer() as server: server.mode = "hang"`. Others steer it over HTTP: POST /_mode with the
mode as its body; GET /_seen tells "<requests> <connections> <redirected>", GET /_last the last request.
"""
import functools
import json
import subprocess
import ssl
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TONE_HZ = 440
CHARS_A_SECOND = 15
SLOW_S = 1.0
HANG_S = 60

# What it does instead of speaking: status, content type, body.
REPLIES = {
    "400": (400, "application/json", b'{"error":{"message":"the text is against our rules"}}'),
    "429": (429, "application/json", b'{"error":{"message":"slow down"}}'),
    "500": (500, "application/json", b'{"error":{"message":"oops"}}'),
    "page": (200, "text/html", b"<html>Welcome to the portal! Please sign in.</html>"),
    "mislabelled": (200, "text/plain", b"ID3" + bytes(1000)),
    "garbage": (200, "audio/mpeg", b"this is no audio at all, whatever its type says. " * 100),
    "broken": (200, "audio/mpeg", b"ID3\x04\0\0\0\0\0\0" + b"what follows the tag is no audio. " * 100),
    "empty": (200, "audio/mpeg", b""),
}
MODES = {"ok", "slow", "hang", "cut", "endless", "redirect", *REPLIES}


@functools.lru_cache(maxsize=64)
def tone(tenths):
    """An MP3 of so many tenths of a second."""
    source = f"sine=frequency={TONE_HZ}:sample_rate=24000:duration={tenths / 10}"
    return subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-b:a", "64k", "-f", "mp3", "-"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=60).stdout


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True

    has_ordered = False

    def log_message(self, *_):
        pass

    def answer(self, status, content_type, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def tell(self, text):
        self.answer(200, "text/plain", text.encode())

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        server = self.server
        if self.path == "/_seen":
            self.tell(f"{len(server.requests)} {server.connections} {server.redirected}")
        elif self.path == "/_last":
            self.tell(json.dumps(server.requests[-1], ensure_ascii=False))
        else:
            self.go_astray()

    def go_astray(self):
        """Where only a redirect leads to."""
        self.server.redirected += 1
        self.answer(200, "audio/mpeg", tone(5))

    def do_POST(self):
        body = self.body()
        if self.path == "/_mode":
            self.server.mode = body.decode()
            self.tell("ok")
        elif self.path == "/v1/audio/speech":
            self.speech(json.loads(body))
        else:
            self.go_astray()

    def speech(self, order):
        server = self.server
        with server.lock:
            server.connections += not self.has_ordered
            server.requests.append({"authorization": self.headers.get("Authorization"), **order})
        self.has_ordered = True
        if server.key and self.headers.get("Authorization") != f"Bearer {server.key}":
            self.answer(401, "application/json", b'{"error":{"message":"wrong key"}}')
        elif server.mode in REPLIES:
            self.answer(*REPLIES[server.mode])
        elif server.mode == "redirect":
            self.answer(307, "text/plain", b"", Location=f"{server.url}/elsewhere")
        elif server.mode == "endless":
            self.endless()
        elif server.mode == "hang":
            server.stopping.wait(HANG_S)
            self.close_connection = True
        else:
            self.speak(order)

    def speak(self, order):
        if self.server.mode == "slow":
            self.server.stopping.wait(SLOW_S)
        seconds = max(0.5, len(order["input"]) / CHARS_A_SECOND / order.get("speed", 1))
        audio = tone(round(seconds * 10))
        if self.server.mode != "cut":
            self.answer(200, "audio/mpeg", audio)
            return
        self.send_response(200)
        self.send_header("Content-Type", "audio/mpeg")
        self.send_header("Content-Length", str(len(audio)))
        self.end_headers()
        self.wfile.write(audio[:len(audio) // 2])
        self.close_connection = True

    def endless(self):
        self.send_response(200)
        self.send_header("Content-Type", "audio/mpeg")
        self.end_headers()
        self.close_connection = True
        while not self.server.stopping.is_set():
            self.wfile.write(b"ID3" + bytes(65536))


class SpeechServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, key="", tls=False):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mode = "ok"  # of MODES
        self.key = key    # "": any will do
        self.requests = []
        self.connections = 0  # that speech was asked for on
        self.redirected = 0  # requests to where only a redirect leads
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_port}"
        if tls:
            self.wear_certificate()

    def wear_certificate(self):
        """One that nobody has signed."""
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                           check=True, capture_output=True, timeout=60)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request, client_address):
        """Clients that hang up are what some modes are for."""

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.shutdown()
        self.server_close()


def main():
    with SpeechServer(tls="--tls" in sys.argv[1:]) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
