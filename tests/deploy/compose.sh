#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the images and runs deploy/compose for real, as an operator would: what `make test-deploy` calls. Needs root (or what podman
# needs), and some ten minutes.
#
# There need be no registry: the base image is debootstrap's, and the images of Postgres, NATS, nginx and Prometheus are stand-ins of
# Debian's packages (tests/deploy/standins). docker-compose drives podman by its Docker API. All of it is in one folder, which is removed
# at the end, with what was started.
#
#   TTB_DEPLOY_DIR    that folder: build/deploy
#   TTB_DEPLOY_KEEP   1: it stays, with its images, and the next run need not build them
#   TTB_DEPLOY_PORT   the first of three ports: 18080
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
dir=${TTB_DEPLOY_DIR:-$root/build/deploy}
port=${TTB_DEPLOY_PORT:-18080}
image_limit_mb=120
daemons=(gateway auth license media events)
passed=0

say() { printf '\n== %s\n' "$*"; }
pass() {
    passed=$((passed + 1))
    echo "ok $passed - $*"
}
fail() {
    echo "not ok - $*" >&2
    exit 1
}

# ---- the engine ---------------------------------------------------------------------------------------------------------------
tools/install-packages deploy
mkdir -p "$dir"
export CONTAINERS_STORAGE_CONF=$dir/storage.conf CONTAINERS_CONF=$dir/containers.conf DOCKER_HOST=unix://$dir/podman.sock
cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "overlay"
runroot = "$dir/run"
graphroot = "$dir/images"
END
# podman would ask for more than whoever runs this may have.
open_files=$(ulimit -Hn)
[ "$open_files" = unlimited ] && open_files=65536
cat >"$CONTAINERS_CONF" <<END
[containers]
default_ulimits = ["nofile=$open_files:$open_files", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_config_dir = "$dir/networks"
END

# ---- the stack: its settings come before .env's -----------------------------------------------------------------------------------
state=$dir/state
export COMPOSE_PROJECT_NAME=ttboost-test-$port COMPOSE_PROFILES=demo,monitoring COMPOSE=docker-compose ENGINE=podman
export COMPOSE_IGNORE_ORPHANS=1 REGISTRY=localhost/ ENV_FILE=$state/.env
TAG=$(cat VERSION)
export TAG
export SECRETS_FOLDER=$state/secrets TLS_FOLDER=$state/tls ACME_FOLDER=$state/acme
export EDGE_ADDRESS=127.0.0.1 EDGE_HTTP_PORT=$port EDGE_HTTPS_PORT=$((port + 1)) PROMETHEUS_PORT=$((port + 2))
export EDGE_SUBNET=${TTB_DEPLOY_SUBNET:-172.31.250.0/24}
export RESOLVER=${EDGE_SUBNET%.*}.1 # podman's
export POSTGRES_IMAGE=localhost/standin/postgres:test NATS_IMAGE=localhost/standin/nats:test
export NGINX_IMAGE=localhost/standin/nginx:test PROMETHEUS_IMAGE=localhost/standin/prometheus:test
base=https://api.ttboost.pro

export COMPOSE_FILE=$root/deploy/compose/compose.yaml:$root/tests/deploy/podman.yaml
compose() { (cd deploy/compose && docker-compose "$@"); }

processes=() # of ours, to be ended
clean_up() {
    local code=$? pid
    trap - EXIT
    if [ $code -ne 0 ]; then
        say "it failed: the end of each log"
        for id in $(podman ps -aq); do
            podman inspect --format '-- {{.Name}} ({{.State.Status}})' "$id"
            podman logs --tail 6 "$id" 2>&1 | cut -c1-300
        done || true
    fi
    compose down --volumes --timeout 20 >"$dir/down.log" 2>&1 || cat "$dir/down.log"
    for pid in "${processes[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$state"
    # podman keeps who has watched an exec for five minutes more.
    grep -alsF -- "$dir/images/overlay-containers" /proc/[0-9]*/cmdline | cut -d/ -f3 | while read -r pid; do kill -KILL "$pid" || true; done
    if [ "${TTB_DEPLOY_KEEP:-0}" != 1 ]; then
        podman rmi --all --force >/dev/null 2>&1 || true
        umount "$dir/images/overlay" 2>/dev/null || true
        rm -rf "$dir"
    fi
    [ $code -eq 0 ] && echo "$passed passed, 0 failed" || echo "$passed passed, 1 failed"
    exit $code
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# podman's health checks are systemd's timers, which need not run here.
watch_health() {
    local id
    while :; do
        for id in $(podman ps -q --filter health=starting --filter health=unhealthy 2>/dev/null); do
            podman healthcheck run "$id" >/dev/null 2>&1 || true
        done
        sleep 1
    done
}

# What a run that was killed has left.
podman rm --all --force >/dev/null
podman volume prune --force >/dev/null
podman network prune --force >/dev/null
rm -rf "$state"
mkdir -p "$state"
deploy/compose/setup "$state" >/dev/null

say "images"
if ! podman image exists localhost/bookworm:base; then
    debootstrap --variant=minbase --include=ca-certificates bookworm "$dir/rootfs" >"$dir/debootstrap.log"
    tar -C "$dir/rootfs" -c . | podman import - localhost/bookworm:base >/dev/null 2>&1
    rm -rf "$dir/rootfs"
fi
export BASE=localhost/bookworm:base
BUILD_ARGS=--network=host deploy/images/build >"$dir/build.log" 2>&1 || { tail -n 20 "$dir/build.log"; fail "the images are built"; }
grep '^built' "$dir/build.log"
for name in "${daemons[@]}"; do
    size=$(podman image inspect --format '{{.Size}}' "localhost/ttboost/$name:$TAG")
    [ "$size" -lt $((image_limit_mb * 1000000)) ] || fail "ttboost/$name is below $image_limit_mb MB: $size"
done
pass "each image is below $image_limit_mb MB"
for name in postgres nats nginx prometheus; do
    podman build --network=host --build-arg "BASE=$BASE" --target $name --tag localhost/standin/$name:test \
        tests/deploy/standins >"$dir/standin.log" 2>&1 || { tail -n 20 "$dir/standin.log"; fail "the stand-in for $name is built"; }
done
podman run --rm --entrypoint /bin/sh "localhost/ttboost/auth:$TAG" 2>/dev/null && fail "there is no shell in an image"
pass "there is no shell in an image"

say "up"
podman system service --time=0 "unix://$dir/podman.sock" >"$dir/service.log" 2>&1 &
processes+=($!)
watch_health &
processes+=($!)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=ttboost" -addext \
    "subjectAltName=DNS:api.ttboost.pro,DNS:media.ttboost.pro" -keyout "$state/tls/privkey.pem" -out "$state/tls/fullchain.pem" 2>/dev/null
sed -i -e 's/api\.example\.com/api.ttboost.pro/; s/media\.example\.com/media.ttboost.pro/' \
    -e 's,^#\(SIGN_SERVER_URL=http://sim\|TIKTOK_WEB\|PUSH_HOSTS=sim\),\1,' "$ENV_FILE"
echo RATE_LIMIT_FACTOR=0 >>"$ENV_FILE"

wait_healthy() { # SERVICE COUNT
    local ids id healthy
    for _ in $(seq 120); do
        mapfile -t ids < <(compose ps -q "$1")
        healthy=0
        for id in "${ids[@]}"; do
            [ "$(podman inspect --format '{{.State.Health.Status}}' "$id" 2>/dev/null)" = healthy ] && healthy=$((healthy + 1))
        done
        [ ${#ids[@]} -eq "$2" ] && [ "$healthy" -eq "$2" ] && return
        sleep 1
    done
    fail "$2 of $1 are healthy: $healthy of ${#ids[@]}"
}
up() {
    compose up -d "$@" >"$dir/up.log" 2>&1 || { tail -n 20 "$dir/up.log"; fail "compose up $*"; }
}
up
for name in "${daemons[@]}"; do wait_healthy "$name" 1; done
pass "all five daemons are healthy after one compose up"

# The names that the certificate is for are at our port, for curl and for Python.
export CURL_HOME=$state
cat >"$state/.curlrc" <<END
connect-to = "api.ttboost.pro:443:127.0.0.1:$EDGE_HTTPS_PORT"
connect-to = "media.ttboost.pro:443:127.0.0.1:$EDGE_HTTPS_PORT"
cacert = "$state/tls/fullchain.pem"
silent
show-error
END

say "the scenario after a deployment"
ADMIN_API_KEY=$(cat "$SECRETS_FOLDER/admin_api_key")
key=$(curl -X POST https://api.ttboost.pro/v2/license/issue \
    -H "Admin-Api-Key: $ADMIN_API_KEY" \
    -H "Content-Type: application/json" \
    -d '{"plan":"pro","ttl_days":7}' | jq -re .key)
pass "a key is issued: ${key%-*}-…"
token=$(curl -X POST https://api.ttboost.pro/v2/auth/redeem-license \
    -H "Content-Type: application/json" \
    -d "{\"username\":\"testuser\",\"password\":\"StrongPass123\",\"license_key\":\"$key\"}" | jq -re .access_token)
pass "it is redeemed for a token"
curl -H "Authorization: Bearer $token" https://api.ttboost.pro/v2/auth/me | jq -e '.username == "testuser"' >/dev/null
pass "me is testuser"
curl $base/ | jq -e . >/dev/null && pass "/ answers"
[ "$(curl -o /dev/null -w '%{http_code}' --connect-to "api.ttboost.pro:80:127.0.0.1:$EDGE_HTTP_PORT" -X POST http://api.ttboost.pro/v2/auth/login)" = 308 ]
pass "http is told to come by https"
curl -D "$state/headers" -o /dev/null $base/
grep -qi '^strict-transport-security:' "$state/headers" && pass "by https it is told to stay"

ffmpeg -v error -f lavfi -i 'sine=880:duration=0.5' -y "$state/ding.mp3"
sound=$(curl -X POST $base/v2/sounds/upload -H "Authorization: Bearer $token" -F "file=@$state/ding.mp3" | jq -re .url)
curl "$sound" -o "$state/served.mp3" && [ "$(ffprobe -v error -show_entries format=format_name -of csv=p=0 "$state/served.mp3")" = mp3 ]
pass "a sound is stored and served: ${sound%/*}/…"
head -c 6000000 /dev/zero >"$state/large"
[ "$(curl -o /dev/null -w '%{http_code}' -X POST $base/v2/sounds/upload -H "Authorization: Bearer $token" -F "file=@$state/large")" = 413 ]
pass "6 MB are refused by 413"

# Python's clients know no connect-to: they take the address, and the certificate for its name.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=localhost" -addext \
    "subjectAltName=DNS:api.ttboost.pro,DNS:media.ttboost.pro,DNS:localhost,IP:127.0.0.1" \
    -keyout "$state/tls/privkey.pem" -out "$state/tls/fullchain.pem" 2>/dev/null
compose kill -s HUP nginx >/dev/null 2>&1
sleep 1
jq -n --arg base "https://127.0.0.1:$EDGE_HTTPS_PORT" --arg authority "$state/tls/fullchain.pem" --arg token "$token" --arg key "$key" \
    --arg sound "/${sound#https://*/}" '{$base, $authority, $token, $key, $sound, username: "testuser", password: "StrongPass123"}' >"$state/client.json"
curl -o /dev/null $base/ && pass "a renewed certificate is taken at a reload"
/usr/bin/python3 tests/deploy/live_event.py "$state/client.json" | cut -c1-160
pass "a chat of the live is on the socket"

say "more of auth and events"
up --no-recreate --scale auth=2 --scale events=2
wait_healthy auth 2
wait_healthy events 2
address_of() { podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$1" | cut -d' ' -f1; }
for _ in $(seq 40); do curl -o /dev/null -H "Authorization: Bearer $token" $base/v2/auth/me; done
for id in $(compose ps -q auth); do
    served=$(curl "http://$(address_of "$id"):9100/metrics" | awk '/^ttb_calls_total{endpoint="me",class="2xx"}/ {print $2}')
    [ "${served:-0}" -gt 0 ] || fail "both replicas of auth serve"
    echo "  ${id:0:12} has answered $served"
done
pass "both replicas of auth serve"
/usr/bin/python3 tests/deploy/live_event.py "$state/client.json" >/dev/null
pass "lives go on with two replicas of events"

say "Prometheus"
targets() { curl "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/targets" | jq -r '.data.activeTargets[] | select(.health == "up") | .labels.job' | sort | uniq -c | awk '{print $2 "=" $1}' | tr '\n' ' '; }
for _ in $(seq 60); do
    up_now=$(targets 2>/dev/null || true)
    [[ $up_now == *"auth=2"*"events=2"*"gateway=1"*"license=1"*"media=1"* ]] && break
    sleep 1
done
echo "  up: $up_now"
[[ $up_now == *"auth=2"*"events=2"*"gateway=1"*"license=1"*"media=1"* ]] || fail "Prometheus sees every replica"
pass "Prometheus sees every replica"
[ "$(curl "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/rules" | jq '[.data.groups[].rules[] | select(.type == "alerting")] | length')" -gt 0 ]
pass "its alerts are loaded"

say "a rolling replacement of each service, under load"
for name in auth license media events gateway; do
    before=$(compose ps -q "$name" | sort | tr '\n' ' ')
    /usr/bin/python3 tests/deploy/load.py "$state/client.json" >"$state/load.txt" &
    load=$!
    sleep 2
    deploy/compose/roll "$name" >"$dir/roll.log" 2>&1 || { tail -n 20 "$dir/roll.log"; kill $load; fail "$name is replaced"; }
    sleep 2
    kill $load
    wait $load || { cat "$state/load.txt"; fail "no request fails while $name is replaced"; }
    sed 's/^/  /' "$state/load.txt"
    for id in $(compose ps -q "$name"); do [[ $before != *$id* ]] || fail "$name is replaced"; done
    pass "$name is replaced without a failed request"
done

say "a password of Postgres is changed"
rm -f "$SECRETS_FOLDER/pg_password_license"
deploy/compose/setup "$state" >/dev/null
{ compose run --rm set-passwords && deploy/compose/roll license; } >"$dir/roll.log" 2>&1 || { tail -n 20 "$dir/roll.log"; fail "a password is changed"; }
curl "$base/v2/license/check?key=$key" | jq -e '.status == "active"' >/dev/null || fail "license works with its new password"
pass "license works with its new password"

say "backup, down, restore into an empty stack"
deploy/compose/backup "$state/backup" >"$dir/backup.log" 2>&1 || { cat "$dir/backup.log"; fail "a backup is made"; }
wc -c "$state"/backup/* | sed 's,/.*/,,; /total/d'
compose down --volumes --timeout 20 >"$dir/down.log" 2>&1 || { cat "$dir/down.log"; fail "the stack goes down"; }
[ -z "$(podman ps -aq)" ] || fail "down leaves no container"
[ -z "$(podman volume ls -q)" ] || fail "down leaves no volume"
pass "down leaves nothing"
up postgres
deploy/compose/restore "$state/backup" >"$dir/restore.log" 2>&1 || { cat "$dir/restore.log"; fail "the backup is restored"; }
up
for name in "${daemons[@]}"; do wait_healthy "$name" 1; done
token=$(curl -X POST $base/v2/auth/login -H "Content-Type: application/json" \
    -d '{"username":"testuser","password":"StrongPass123"}' | jq -re .access_token)
pass "the same login works"
curl -H "Authorization: Bearer $token" $base/v2/auth/me | jq -e '.license_expires_at // .license // .plan' >/dev/null
pass "with its licence"
curl "$sound" -o "$state/restored.mp3" && cmp "$state/served.mp3" "$state/restored.mp3"
pass "and its sound"
