-- SPDX-License-Identifier: MIT
-- The suite's database: a schema and a login role for each service, and nothing that one of them may see of another's. The
-- cluster is the suite's own. Run by a superuser, as often as one likes; a changed password takes effect:
--
--   PG_PASSWORD_AUTH=… PG_PASSWORD_LICENSE=… PG_PASSWORD_MEDIA=… PG_PASSWORD_EVENTS=… psql -X -d postgres -f init.sql
\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
\getenv auth_password PG_PASSWORD_AUTH
\getenv license_password PG_PASSWORD_LICENSE
\getenv media_password PG_PASSWORD_MEDIA
\getenv events_password PG_PASSWORD_EVENTS

select 'create database ttboost'
where not exists (select from pg_database where datname = 'ttboost')
\gexec

revoke connect on database postgres from public;
\connect ttboost
set client_min_messages = warning;

select format('create role %I login', name)
from unnest(array['auth', 'license', 'media', 'events']) as service (name)
where not exists (select from pg_roles where rolname = name)
\gexec

alter role auth password :'auth_password';
alter role license password :'license_password';
alter role media password :'media_password';
alter role events password :'events_password';

revoke all on database ttboost from public;
revoke all on schema public from public;

-- The timeouts are nets below those of lib/pg; a migration that needs longer sets its own with `set local`.
select
    format('grant connect on database ttboost to %I', name),
    format('create schema if not exists %I authorization %I', name, name),
    format('alter role %I in database ttboost set search_path = %I', name, name),
    format('alter role %I in database ttboost set statement_timeout = ''60s''', name),
    format('alter role %I in database ttboost set idle_in_transaction_session_timeout = ''60s''', name)
from unnest(array['auth', 'license', 'media', 'events']) as service (name)
\gexec
