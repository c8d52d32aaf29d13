# SPDX-License-Identifier: MIT
"""What `nats micro` asks and shows: $SRV.PING, $SRV.INFO and $SRV.STATS, as NATS' ADR-32 says."""
import json
import re

import pytest

SERVICES = {"auth", "license", "media", "events"}
COMMON = {"type": str, "name": str, "id": str, "version": str, "metadata": dict}
STATISTICS = {"num_requests": int, "num_errors": int, "last_error": str, "processing_time": int, "average_processing_time": int}


def ask(nats, subject, expected):
    """Answers by service; ends as soon as all expected are there."""
    answers = [json.loads(payload) for _, _, payload in nats.request(subject, seconds=5, most=expected)]
    return {answer["name"]: answer for answer in answers}


def assert_has(answer, fields):
    for name, kind in fields.items():
        assert type(answer.get(name)) is kind, f"{name} in {answer}"


@pytest.mark.parametrize("verb,kind", [("PING", "ping"), ("INFO", "info"), ("STATS", "stats")])
def test_every_service_answers(nats, verb, kind):
    answers = ask(nats, f"$SRV.{verb}", len(SERVICES))
    assert set(answers) == SERVICES
    for answer in answers.values():
        assert_has(answer, COMMON)
        assert answer["type"] == f"io.nats.micro.v1.{kind}_response"
        assert re.fullmatch(r"\d+\.\d+\.\d+\S*", answer["version"])
    assert len({answer["id"] for answer in answers.values()}) == len(SERVICES)


@pytest.mark.parametrize("verb", ["PING", "INFO", "STATS"])
def test_a_service_and_an_instance_can_be_asked_alone(nats, verb):
    answer = ask(nats, f"$SRV.{verb}.license", 1)["license"]
    assert ask(nats, f"$SRV.{verb}.license.{answer['id']}", 1)["license"]["id"] == answer["id"]


def test_info_lists_the_endpoints(nats):
    info = ask(nats, "$SRV.INFO.license", 1)["license"]
    assert info["description"]
    for endpoint in info["endpoints"]:
        assert_has(endpoint, {"name": str, "subject": str, "queue_group": str, "metadata": dict})
    assert {"rpc.license.issue", "rpc.license.check", "rpc.license.bind"} <= {e["subject"] for e in info["endpoints"]}


def endpoint_statistics(nats):
    stats = ask(nats, "$SRV.STATS.license", 1)["license"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", stats["started"])
    for endpoint in stats["endpoints"]:
        assert_has(endpoint, {"name": str, "subject": str, **STATISTICS})
    return next(endpoint for endpoint in stats["endpoints"] if endpoint["subject"] == "rpc.license.check")


def test_stats_count_calls(nats, api):
    before = endpoint_statistics(nats)
    for _ in range(3):
        api.get("/v2/license/check", params={"key": "none"})
    after = endpoint_statistics(nats)
    assert after["num_requests"] - before["num_requests"] == 3
    assert after["num_errors"] == before["num_errors"]  # a refusal is no error
    assert after["processing_time"] > before["processing_time"]
