# SPDX-License-Identifier: MIT
"""A real Prometheus on loopback with the project's rules, on a clock that runs faster: all their durations are divided by SPEED,
so that what needs minutes needs seconds. Thresholds stay as they are, and so does what is scraped, each second instead of each 15."""
import json
import re
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from suite import ROOT, free_ports, wait_for

RULES = ROOT / "deploy/prometheus/rules/ttboost.rules.yml"
SPEED = 60
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"(?<=\[)(\d+)([smhd])(?=\])|(?<=for: )(\d+)([smhd])\b|(?<=offset )(\d+)([smhd])\b")
START_SECONDS = 20
STOP_SECONDS = 10


def hurried(rules):
    def divide(match):
        number, unit = (part for part in match.groups() if part)
        return f"{int(number) * SECONDS[unit] * 1000 // SPEED}ms"
    return DURATION.sub(divide, rules)


def configuration(ports):
    """ports: of /metrics, by job."""
    targets = [{"targets": [f"127.0.0.1:{port}"], "labels": {"job": job}} for job, port in ports.items()]
    return json.dumps({  # which is YAML, too
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "ttboost", "static_configs": targets}]})


class Prometheus:
    """with Prometheus(suite) as prometheus: … ; it watches the suite's daemons."""

    def __init__(self, suite):
        self.folder = Path(tempfile.mkdtemp(prefix="ttb-prometheus-", dir="/tmp"))
        self.port = free_ports(1)
        (self.folder / "rules.yml").write_text(hurried(RULES.read_text()))
        (self.folder / "prometheus.yml").write_text(configuration(suite.ops_ports))
        self.jobs = len(suite.ops_ports)
        self.process = None

    def __enter__(self):
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], stdout=log, stderr=log)
        try:
            wait_for(lambda: self.count("up == 1") == self.jobs, START_SECONDS, "scrape of every daemon")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=5) as reply:
            return json.load(reply)["data"]

    def count(self, expression):
        """How many series it has; 0 also while Prometheus starts."""
        try:
            return len(self.ask("query?" + urllib.parse.urlencode({"query": expression}))["result"])
        except OSError:
            return 0

    def firing(self, name, **labels):
        """That alert, when it fires with these labels."""
        for alert in self.ask("alerts")["alerts"]:
            if alert["state"] == "firing" and alert["labels"].items() >= {"alertname": name, **labels}.items():
                return alert
        return None
