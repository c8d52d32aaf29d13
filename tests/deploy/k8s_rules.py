# SPDX-License-Identifier: MIT
"""What deploy/k8s promises beyond Kubernetes' schemas. A rule takes the manifests of an overlay and gives a line for each breach."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "app.kubernetes.io/name"
# Pods of others that an overlay without them reaches: their label and ports (deploy/k8s/README.md has them installed so).
PODS_OF_OTHERS = {(NAME, "nats"): {4222, 6222, 7777}, ("cnpg.io/cluster", "database"): {5432, 8000, 9187}}
CLOSING_WAIT_S = 2  # for clients to answer that their sockets are closed (services/gateway/ws/drain.c)


# ---- finding one's way in manifests ----

def of_kind(manifests, *kinds):
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def names(manifests, kind):
    return {manifest["metadata"]["name"]: manifest for manifest in of_kind(manifests, kind)}


def workloads(manifests):
    """(what it is called, its pod template) of all that makes pods."""
    return [(f"{one['kind']} {one['metadata']['name']}", one["spec"]["template"]) for one in of_kind(manifests, "Deployment", "Job")]


def labels(template):
    return template["metadata"].get("labels", {})


def matches(selector, pod_labels):
    """A LabelSelector, or the plain map that a Service has."""
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        selector = {"matchLabels": selector}
    wanted = selector.get("matchLabels", {}).items()
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions), "only the operator In is known here"
    return all(pod_labels.get(key) == value for key, value in wanted) and \
        all(pod_labels.get(one["key"]) in one["values"] for one in expressions)


def selected(selector, manifests):
    return [(name, template) for name, template in workloads(manifests) if matches(selector, labels(template))]


def container_ports(template):
    ports = [port for one in template["spec"]["containers"] for port in one.get("ports", [])]
    return {port["containerPort"] for port in ports} | {port["name"] for port in ports if "name" in port}


def environment(container):
    return {one["name"]: one.get("value") for one in container.get("env", [])}


# ---- rules ----

def pods_are_hardened(manifests, _context):
    for name, template in workloads(manifests):
        pod = template["spec"]
        security = pod.get("securityContext", {})
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{name}: has a service account's token"
        if pod.get("enableServiceLinks") is not False:
            yield f"{name}: enableServiceLinks would set variables such as MEDIA_PORT"
        if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
            yield f"{name}: may run as root"
        if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: no seccompProfile RuntimeDefault"
        for container in pod["containers"]:
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{name}: may gain privileges"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{name}: its root file system is not read-only"


def containers_have_bounds_and_probes(manifests, _context):
    for name, template in workloads(manifests):
        for container in template["spec"]["containers"]:
            resources = container.get("resources", {})
            if not {"cpu", "memory"} <= resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}):
                yield f"{name}: no requests of cpu and memory, or no limit of memory"
            if ":" not in container["image"].rpartition("/")[2] and "@" not in container["image"]:
                yield f"{name}: the image {container['image']} has no tag"
            probes = ("startupProbe", "readinessProbe", "livenessProbe") if name.startswith("Deployment") else ()
            for probe in probes:
                if probe not in container:
                    yield f"{name}: no {probe}"
                    continue
                port = container[probe].get("httpGet", container[probe].get("tcpSocket", {})).get("port")
                if port and port not in container_ports(template):
                    yield f"{name}: {probe} asks port {port}, which no container has"


def ports_and_selectors_fit(manifests, _context):
    for one in of_kind(manifests, "Deployment"):
        if not matches(one["spec"]["selector"], labels(one["spec"]["template"])):
            yield f"Deployment {one['metadata']['name']}: its selector is not that of its pods"
        if len(selected(one["spec"]["selector"], manifests)) != 1:
            yield f"Deployment {one['metadata']['name']}: its selector takes others' pods, too"
    for service in of_kind(manifests, "Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        if spec.get("type") == "ExternalName":
            continue
        targets = selected(spec["selector"], manifests)
        if len(targets) != 1:
            yield f"Service {name}: selects {[target for target, _ in targets]}"
        for _, template in targets:
            for port in spec["ports"]:
                if port.get("targetPort", port["port"]) not in container_ports(template):
                    yield f"Service {name}: no container has port {port.get('targetPort', port['port'])}"
    for ingress in of_kind(manifests, "Ingress"):
        yield from ingress_problems(ingress, manifests)


def ingress_problems(ingress, manifests):
    name, services = ingress["metadata"]["name"], names(manifests, "Service")
    rules = ingress["spec"]["rules"]
    for path in [path for rule in rules for path in rule["http"]["paths"]]:
        backend = path["backend"]["service"]
        ports = services.get(backend["name"], {}).get("spec", {}).get("ports", [])
        if backend["port"].get("name") not in [port["name"] for port in ports]:
            yield f"Ingress {name}: {path['path']} leads to {backend}, which is no Service's port"
    if any(rule["http"] != rules[0]["http"] for rule in rules):
        yield f"Ingress {name}: its hosts show different paths"
    hosts = ingress["spec"].get("tls", [{"hosts": [rule["host"] for rule in rules]}])[0]["hosts"]
    if hosts != [rule["host"] for rule in rules]:
        yield f"Ingress {name}: TLS is for {hosts}"


def policies_meet_pods(manifests, _context):
    """Each selector of a pod in this namespace finds one, and each port is one that the target has."""
    def targets(selector, policy):
        found = [container_ports(template) for _, template in selected(selector, manifests)]
        found += [ports for label, ports in PODS_OF_OTHERS.items() if label in selector.get("matchLabels", {}).items() and not found]
        if not found:
            problems.append(f"NetworkPolicy {policy}: nothing is {selector}")
        return found

    problems = []
    for one in of_kind(manifests, "NetworkPolicy"):
        policy, spec = one["metadata"]["name"], one["spec"]
        own = targets(spec["podSelector"], policy)
        for rule in spec.get("ingress", []):
            check_ports(policy, rule, own, problems)
            for peer in rule["from"]:
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    targets(peer["podSelector"], policy)
        for rule in spec.get("egress", []):
            for peer in rule["to"]:
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    check_ports(policy, rule, targets(peer["podSelector"], policy), problems)
    return problems


def check_ports(policy, rule, targets, problems):
    for port in rule["ports"]:
        if not any(port["port"] in ports for ports in targets):
            problems.append(f"NetworkPolicy {policy}: no pod has port {port['port']}")


def everything_is_denied_first(manifests, _context):
    """And no pod of ours is forgotten by that."""
    denials = [one["spec"] for one in of_kind(manifests, "NetworkPolicy") if sorted(one["spec"]["policyTypes"]) == ["Egress", "Ingress"]
               and not one["spec"].get("ingress") and not one["spec"].get("egress")]
    for name, template in workloads(manifests):
        if not any(matches(one["podSelector"], labels(template)) for one in denials):
            yield f"{name}: no NetworkPolicy denies it everything first"


def references_exist(manifests, context):
    """ConfigMaps, Secrets and their keys, claims, and the files that <NAME>_FILE names."""
    maps = {name: set(one.get("data", {})) for name, one in names(manifests, "ConfigMap").items()}
    secrets = {name: set(one.get("data", {})) for name, one in names(manifests, "Secret").items()}
    secrets = secrets or {"ttboost": context["secrets"]}
    claims = names(manifests, "PersistentVolumeClaim")
    for name, template in workloads(manifests):
        files = set()
        volumes = {one["name"]: one for one in template["spec"].get("volumes", [])}
        for volume in volumes.values():
            if "persistentVolumeClaim" in volume and volume["persistentVolumeClaim"]["claimName"] not in claims:
                yield f"{name}: there is no such claim: {volume}"
            if "configMap" in volume and volume["configMap"]["name"] not in maps:
                yield f"{name}: there is no such ConfigMap: {volume}"
            for item in volume.get("secret", {}).get("items", []):
                if item["key"] not in secrets.get(volume["secret"]["secretName"], set()):
                    yield f"{name}: there is no such secret: {item['key']}"
        for container in template["spec"]["containers"]:
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in volumes:
                    yield f"{name}: there is no volume {mount['name']}"
                    continue
                items = volumes[mount["name"]].get("secret", {}).get("items", [])
                files |= {f"{mount['mountPath']}/{item['path']}" for item in items}
            for one in container.get("envFrom", []):
                if one["configMapRef"]["name"] not in maps:
                    yield f"{name}: there is no such ConfigMap: {one}"
            for one in container.get("env", []):
                key = one.get("valueFrom", {}).get("secretKeyRef")
                if key and key["key"] not in secrets.get(key["name"], set()):
                    yield f"{name}: there is no such secret: {key}"
                if one["name"].endswith("_FILE") and one["value"] not in files:
                    yield f"{name}: {one['name']} names {one['value']}, which is not mounted"


def settings_of_daemons():
    """daemon → {SETTING: type}, of the tables that the daemons are made of."""
    def read(path):
        return {name.upper(): kind for name, kind in re.findall(r"^SETTING\((\w+), (\w+)", (ROOT / path).read_text(), re.MULTILINE)}

    common, service = read("lib/daemon/config.def"), read("lib/daemon/service.def")
    own = {path.parent.name: read(path) for path in (ROOT / "services").glob("*/config.def")}
    return {name: common | table | ({} if name == "gateway" else service) for name, table in own.items()}


def daemon_of(container):
    found = re.search(r"ttboost/(\w+):", container["image"])
    return found and found[1]


def settings_are_known(manifests, context):
    """What no daemon knows would be passed over in silence."""
    known = context["settings"]
    secrets = {name for table in known.values() for name, kind in table.items() if kind == "SECRET"}
    for name, template in workloads(manifests):
        for container in template["spec"]["containers"]:
            table = known.get(daemon_of(container))
            for setting in environment(container) if table else ():
                is_file = setting.endswith("_FILE") and table.get(setting.removesuffix("_FILE")) == "SECRET"
                if not is_file and setting not in table:
                    yield f"{name}: {setting} is no setting of {daemon_of(container)}"
                if setting in secrets and setting != "DATABASE_URL":
                    yield f"{name}: {setting} is a secret, and belongs into a file"
    for config_map in of_kind(manifests, "ConfigMap"):
        if config_map["metadata"]["name"].startswith("ttboost"):
            for setting in config_map["data"]:
                if not any(setting in table for table in known.values()):
                    yield f"ConfigMap ttboost: {setting} is no daemon's setting"
                if setting in secrets:
                    yield f"ConfigMap ttboost: {setting} is a secret"


def targets_exist(manifests, _context):
    deployments = names(manifests, "Deployment")
    for budget in of_kind(manifests, "PodDisruptionBudget"):
        if len(selected(budget["spec"]["selector"], manifests)) != 1:
            yield f"PodDisruptionBudget {budget['metadata']['name']}: selects no Deployment, or several"
    for scaler in of_kind(manifests, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]["name"]
        if target not in deployments:
            yield f"HorizontalPodAutoscaler {target}: there is no such Deployment"
        elif "replicas" in deployments[target]["spec"]:
            yield f"Deployment {target}: its replicas would overrule the autoscaler at each apply"
    for monitor in of_kind(manifests, "PodMonitor"):
        found = selected(monitor["spec"]["selector"], manifests)
        ports = [endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]]
        if not found or any(port not in container_ports(template) for _, template in found for port in ports):
            yield f"PodMonitor {monitor['metadata']['name']}: there is no such pod or port"


def stops_have_time(manifests, _context):
    """preStop, then SHUTDOWN_TIMEOUT_MS, must fit into the grace period; and whoever has a port waits until nobody is sent there."""
    services = [one["spec"]["selector"] for one in of_kind(manifests, "Service") if "selector" in one["spec"]]
    for name, template in workloads(manifests):
        container = template["spec"]["containers"][0]
        values = environment(container)
        if "SHUTDOWN_TIMEOUT_MS" not in values:
            continue
        stop = int(values["SHUTDOWN_TIMEOUT_MS"]) / 1000
        sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        grace = template["spec"].get("terminationGracePeriodSeconds", 30)
        drain = (int(values.get("DRAIN_MS", 0)) + int(values.get("WS_DRAIN_MS", 0))) / 1000 + CLOSING_WAIT_S
        if sleep + stop > grace:
            yield f"{name}: {sleep} s of preStop and {stop} s of stopping are more than {grace} s of grace"
        if drain > stop:
            yield f"{name}: {drain} s of draining are more than {stop} s of stopping"
        if any(matches(selector, labels(template)) for selector in services) and not sleep:
            yield f"{name}: stands behind a Service, and stops at once"


RULES = (pods_are_hardened, containers_have_bounds_and_probes, ports_and_selectors_fit, policies_meet_pods, everything_is_denied_first,
         references_exist, settings_are_known, targets_exist, stops_have_time)


def breaches(manifests, context):
    return [breach for rule in RULES for breach in rule(manifests, context)]
