# SPDX-License-Identifier: MIT
"""tests/deploy/k8s_rules.py: a small suite breaks no rule, and each planted mistake is named. What `make test-k8s` holds deploy/k8s against."""
import copy
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy"))
import k8s_rules  # noqa: E402: found by the path above

SUITE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: media}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: media, app.kubernetes.io/component: daemon}}
  template:
    metadata: {labels: {app.kubernetes.io/name: media, app.kubernetes.io/component: daemon}}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 50
      securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: daemon
          image: ttboost/media:1
          env:
            - {name: DATABASE_URL, value: "postgresql://media@postgres:5432/ttboost"}
            - {name: TTS_HTTP_KEY_FILE, value: /secrets/tts_http_key}
            - {name: SHUTDOWN_TIMEOUT_MS, value: "35000"}
          envFrom: [{configMapRef: {name: ttboost}}]
          lifecycle: {preStop: {sleep: {seconds: 10}}}
          ports: [{name: ops, containerPort: 9100}, {name: files, containerPort: 8002}]
          resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          startupProbe: {httpGet: {path: /healthz, port: ops}}
          readinessProbe: {httpGet: {path: /readyz, port: ops}}
          livenessProbe: {httpGet: {path: /healthz, port: ops}}
          volumeMounts: [{name: secrets, mountPath: /secrets}, {name: media, mountPath: /media}]
      volumes:
        - {name: secrets, secret: {secretName: ttboost, items: [{key: tts_http_key, path: tts_http_key}]}}
        - {name: media, persistentVolumeClaim: {claimName: media}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: ttboost}, data: {LOG_LEVEL: info}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: media}}
---
{apiVersion: v1, kind: Service, metadata: {name: media}, spec: {selector: {app.kubernetes.io/name: media}, ports: [{name: files, port: 8002, targetPort: files}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: http}
spec:
  rules:
    - host: media.example.com
      http: {paths: [{path: /static/, backend: {service: {name: media, port: {name: files}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: to-postgres}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: media}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {matchLabels: {cnpg.io/cluster: database}}}], ports: [{port: 5432}]}]
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: media}, spec: {selector: {matchLabels: {app.kubernetes.io/name: media}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: media}, spec: {scaleTargetRef: {name: media}}}
"""
CONTEXT = {"secrets": {"tts_http_key"},
           "settings": {"media": {"DATABASE_URL": "SECRET", "TTS_HTTP_KEY": "SECRET", "SHUTDOWN_TIMEOUT_MS": "UINT", "LOG_LEVEL": "TEXT"}}}
POD = "Deployment/spec/template/spec"
CONTAINER = f"{POD}/containers/0"


def breaches_after(path, value):
    """Of the suite with one change: path is KIND/field/…, in the last manifest of that kind; None takes the field away."""
    manifests = copy.deepcopy(list(yaml.safe_load_all(SUITE)))
    kind, *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place = k8s_rules.of_kind(manifests, kind)[-1]
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return k8s_rules.breaches(manifests, CONTEXT)


def test_a_suite_that_keeps_the_rules_is_fine():
    assert k8s_rules.breaches(list(yaml.safe_load_all(SUITE)), CONTEXT) == []


@pytest.mark.parametrize("path, value, said", [
    (f"{POD}/automountServiceAccountToken", None, "token"),
    (f"{POD}/enableServiceLinks", True, "MEDIA_PORT"),
    (f"{POD}/securityContext/runAsNonRoot", None, "root"),
    (f"{POD}/securityContext/seccompProfile", None, "seccomp"),
    (f"{CONTAINER}/securityContext/readOnlyRootFilesystem", False, "read-only"),
    (f"{CONTAINER}/securityContext/capabilities", {}, "privileges"),
    (f"{CONTAINER}/resources/limits", {}, "memory"),
    (f"{CONTAINER}/image", "ttboost/media", "tag"),
    (f"{CONTAINER}/livenessProbe", None, "livenessProbe"),
    (f"{CONTAINER}/readinessProbe/httpGet/port", "opps", "opps"),
    ("Service/spec/selector", {"app": "medium"}, "selects"),
    ("Service/spec/ports/0/targetPort", "flies", "flies"),
    ("Ingress/spec/rules/0/http/paths/0/backend/service/name", "medium", "medium"),
    ("Ingress/spec/tls", [{"hosts": ["other.example.com"]}], "TLS"),
    ("NetworkPolicy/spec/podSelector", {"matchLabels": {"app": "medium"}}, "nothing is"),
    ("NetworkPolicy/spec/egress/0/ports/0/port", 5433, "5433"),
    (f"{POD}/volumes/0/secret/items/0/key", "tts_key", "tts_key"),
    (f"{POD}/volumes/1/persistentVolumeClaim/claimName", "medium", "medium"),
    (f"{CONTAINER}/env/1/value", "/secrets/other", "not mounted"),
    (f"{CONTAINER}/env/1/name", "TTS_HTTP_KEY", "is a secret"),
    (f"{CONTAINER}/env/2/name", "SHUTDOWN_TIMEOUT", "no setting"),
    (f"{CONTAINER}/env/2/value", "45000", "grace"),
    (f"{CONTAINER}/lifecycle", None, "stops at once"),
    (f"{CONTAINER}/envFrom/0/configMapRef/name", "ttb", "ConfigMap"),
    ("ConfigMap/data/LOG_LEVLE", "info", "LOG_LEVLE"),
    ("ConfigMap/data/TTS_HTTP_KEY", "x", "is a secret"),
    ("PodDisruptionBudget/spec/selector/matchLabels", {"app": "medium"}, "PodDisruptionBudget"),
    ("HorizontalPodAutoscaler/spec/scaleTargetRef/name", "medium", "no such Deployment"),
    ("Deployment/spec/replicas", 2, "overrule"),
])
def test_a_planted_mistake_is_named(path, value, said):
    breaches = breaches_after(path, value)
    assert any(said in breach for breach in breaches), breaches


def test_a_pod_that_no_policy_shuts_off_is_named():
    manifests = [one for one in yaml.safe_load_all(SUITE) if one["metadata"]["name"] != "default-deny"]
    assert [breach for breach in k8s_rules.breaches(manifests, CONTEXT) if "denies" in breach]


def test_the_settings_are_those_of_the_tables():
    settings = k8s_rules.settings_of_daemons()
    assert settings["media"]["MEDIA_ROOT"] == "TEXT"
    assert settings["auth"]["DATABASE_URL"] == "SECRET"
    assert "DATABASE_URL" not in settings["gateway"]
