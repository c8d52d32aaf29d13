#!/bin/sh
# SPDX-License-Identifier: MIT
# Roles and schemas, with their passwords of secrets. The Postgres image runs it at its first start; after a password was changed, or a
# service was added, it is run again: docker compose exec -u postgres postgres /docker-entrypoint-initdb.d/10-ttboost.sh
exec /ttboost/prepare /run/secrets
