# SPDX-License-Identifier: MIT
"""docs/observability.md's table of metrics, and what a daemon shows, in one form: name → type, labels, daemons."""
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs/observability.md"
ALL = ("gateway", "auth", "license", "media", "events")
DAEMONS = {"all": ALL, "services": ALL[1:]}
HISTOGRAM_PARTS = ("_bucket", "_sum", "_count")


@dataclass
class Metric:
    type: str
    labels: set = field(default_factory=set)
    daemons: set = field(default_factory=set)


def words(cell):
    return set(re.findall(r"[a-z_]+", cell))


def documented():
    metrics = {}
    for name, kind, labels, daemons in re.findall(r"^\| `([a-z0-9_]+)` \| (\w+) \| ([^|]*)\| ([^|]*)\|", DOCUMENT.read_text(), re.MULTILINE):
        assert name not in metrics, f"{name} is in the table twice"
        metrics[name] = Metric(kind, words(labels), set().union(*(DAEMONS.get(word, (word,)) for word in words(daemons))))
    return metrics


def shown(texts):
    """Of what daemons have answered at /metrics: {daemon: text}."""
    metrics = {}
    for daemon, text in texts.items():
        kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        for name, kind in kinds.items():
            metric = metrics.setdefault(name, Metric(kind))
            metric.daemons.add(daemon)
            suffixes = "(?:_bucket|_sum|_count)" if kind == "histogram" else ""
            for labels in re.findall(rf"^{name}{suffixes}{{(.*)}} ", text, re.MULTILINE):
                metric.labels |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    return metrics


def names_in(expression):
    """The metrics of ours that a PromQL expression reads; parts of a histogram by the histogram's name."""
    known = documented()
    found = set()
    for name in re.findall(r"(?<![\w:])((?:ttb|process)_[a-z0-9_]+)", re.sub(r'"[^"]*"', '""', expression)):
        base = next((name.removesuffix(part) for part in HISTOGRAM_PARTS if name.endswith(part)), name)
        found.add(base if known.get(base, Metric("")).type == "histogram" else name)
    return found
