# SPDX-License-Identifier: MIT
"""docs/observability.md, deploy/prometheus and deploy/grafana: they load, they fit each other and the code, and each alert was seen
to fire. That the table of metrics is true, the integration tests show (test_metrics.py)."""
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import metric_table  # noqa: E402

PROMETHEUS = ROOT / "deploy/prometheus"
RULES = PROMETHEUS / "rules/ttboost.rules.yml"
RULE_TESTS = sorted((ROOT / "tests/deploy").glob("*.test.yml"))
DASHBOARD = json.loads((ROOT / "deploy/grafana/ttboost.json").read_text())
GROUPS = yaml.safe_load(RULES.read_text())["groups"]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}
RECORDS = {rule["record"]: rule for group in GROUPS for rule in group["rules"] if "record" in rule}
# What Grafana puts in place of its variables.
GRAFANA = {"$__rate_interval": "5m", "$job": ".*", "$instance": ".*"}


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- Prometheus ----

def test_prometheus_takes_the_configuration():
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_prometheus_takes_the_rules():
    promtool("check", "rules", "--lint-fatal", RULES)


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda path: path.name)
def test_alerts_fire_when_they_should_and_not_else(path):
    promtool("test", "rules", path)


def test_every_alert_has_a_case_in_which_it_fires():
    """Each case begins with nothing firing, so that every alert was seen quiet, too."""
    fired = set()
    for path in RULE_TESTS:
        for case in yaml.safe_load(path.read_text())["tests"]:
            assert case["promql_expr_test"][0]["exp_samples"] == [], case["name"]
            fired |= set(re.findall(r'alertname="(\w+)"', json.dumps([check["exp_samples"] for check in case["promql_expr_test"]]).replace("\\", "")))
    assert fired == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_to_do(name):
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    assert re.fullmatch(r"docs/operations\.md#[a-z0-9-]+", alert["annotations"]["runbook"])


def anchors(text):
    """Of headings as GitHub makes them, and those that stand there as HTML."""
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return set(headings) | set(re.findall(r'<a id="([^"]+)">', text))


def test_the_runbook_of_every_alert_is_there():
    there = anchors((ROOT / "docs/operations.md").read_text())
    assert {alert["annotations"]["runbook"].split("#")[1] for alert in ALERTS.values()} <= there


def test_rules_read_metrics_that_are_documented():
    known = set(metric_table.documented())
    for rule in (*ALERTS.values(), *RECORDS.values()):
        unknown = metric_table.names_in(rule["expr"]) - known
        assert not unknown, rule


# ---- Grafana ----

def panels():
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions():
    found = [target["expr"] for panel in panels() for target in panel["targets"]]
    found += [annotation["expr"] for annotation in DASHBOARD["annotations"]["list"]]
    for variable, value in GRAFANA.items():
        found = [expression.replace(variable, value) for expression in found]
    return found


def test_every_panel_asks_what_prometheus_understands(tmp_path):
    rules = tmp_path / "panels.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": [
        {"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions())]}]}))
    promtool("check", "rules", rules)
    assert not [expression for expression in expressions() if "$" in expression]


def test_every_panel_shows_what_is_there():
    known, recorded = set(metric_table.documented()), set(RECORDS)
    for expression in expressions():
        series = set(re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+\b", expression))
        assert series <= recorded, expression
        without = re.sub(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+\b", "", expression)
        assert metric_table.names_in(without) <= known, expression


def test_the_dashboard_is_laid_out_and_asks_the_chosen_prometheus():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert {variable["name"] for variable in DASHBOARD["templating"]["list"]} == {"datasource", "job", "instance"}
    for panel in panels():
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"]), panel["title"]


# ---- logs ----

HEAD_FIELDS = {"time", "level", "service", "request_id", "trace_id", "subject", "message"}


def documented_fields():
    text = metric_table.DOCUMENT.read_text().split("\n## Logs\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {"debug", "info", "warning", "error"}


def test_every_field_of_a_log_line_is_documented():
    used = set()
    for folder in ("lib", "services"):
        for path in (ROOT / folder).rglob("*.[ch]"):
            used |= set(re.findall(r'\bLOG_(?:TEXT|INT)\(\s*"(\w+)"', path.read_text()))
    fields = documented_fields() | {"error"}  # which is a level, too
    assert used | HEAD_FIELDS == fields
