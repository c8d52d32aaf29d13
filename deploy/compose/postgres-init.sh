#!/bin/sh
# SPDX-License-Identifier: MIT
# Roles and schemas, with their passwords of secrets. The Postgres image runs it at its first start; afterwards the service set-passwords does.
exec /ttboost/prepare /run/secrets
