-- What hosted Supabase holds before the first migration, as far as Heddle and its migrations can see it, in each database; roles.sql
-- comes first. Running it again changes nothing.
--
-- Run as superuser, again at every start, in a database where `postgres` may have made anything by then. So it only defines:
-- nothing here may call, insert, update or select from what `postgres` could have replaced or put a trigger on, nothing is looked
-- up outside of pg_catalog (the session's search_path), and the superuser owns no definer function.

-- The database itself ------------------------------------------------------------------------------------------
do $$
begin
  execute format('alter database %I owner to postgres', current_database());
end $$;

grant usage on schema public to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to anon, authenticated, service_role;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto schema extensions;
create extension if not exists "uuid-ossp" schema extensions;

-- Realtime: the messages table belongs to Realtime's own role; `postgres` may use its rows and manage its policies --
create schema if not exists realtime;
grant usage on schema realtime to postgres, anon, authenticated, service_role;
grant usage, create on schema realtime to supabase_realtime_admin;

-- Partitioned by day; Realtime makes the partitions.
create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  binary_payload bytea,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at),
  constraint messages_payload_exclusive check (payload is null or binary_payload is null)
) partition by range (inserted_at);
do $$
begin
  -- Of a database that was made before.
  alter table realtime.messages add constraint messages_payload_exclusive
    check (payload is null or binary_payload is null);
exception when duplicate_object then null;
end $$;
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;
grant delete, truncate on realtime.messages to postgres;
create index if not exists messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;

-- On hosted Supabase `postgres` may manage this table's policies, as if it were its owner (supautils.policy_grants). Plain
-- Postgres lets the members of the owner do so: `postgres` becomes one for each such statement, and for nothing else. These
-- run in every session that manages policies, as a role that can do nothing but this.
create or replace function realtime.lend_policies() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_caller text := case current_setting('role') when 'none' then session_user::text else current_setting('role') end;
begin
  if v_caller <> 'postgres' then
    return;
  end if;
  if tg_event = 'ddl_command_start' then
    grant supabase_realtime_admin to postgres with inherit true, set false;
  else
    revoke supabase_realtime_admin from postgres;
  end if;
end $$;
alter function realtime.lend_policies() owner to heddle_policies;
drop event trigger if exists lend_policies;
create event trigger lend_policies on ddl_command_start
  when tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY') execute function realtime.lend_policies();
drop event trigger if exists take_policies_back;
create event trigger take_policies_back on ddl_command_end
  when tag in ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY') execute function realtime.lend_policies();

create or replace function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')::text
$$;
alter function realtime.topic() owner to supabase_realtime_admin;

-- A broadcast that can't be stored is a warning: it never fails the transaction that sends it.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $$
declare
  generated_id uuid := gen_random_uuid();
  final_payload jsonb;
begin
  begin
    if payload ? 'id' then
      final_payload := payload;
    else
      final_payload := jsonb_set(payload, '{id}', to_jsonb(generated_id));
    end if;
    execute format('set local realtime.topic to %L', topic);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (generated_id, final_payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end $$;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;

create or replace function realtime.send_binary(
  payload bytea, event text, topic text, private boolean default true
) returns void language plpgsql as $$
begin
  begin
    execute format('set local realtime.topic to %L', topic);
    insert into realtime.messages (binary_payload, event, topic, private, extension)
    values (payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end $$;
alter function realtime.send_binary(bytea, text, text, boolean) owner to supabase_realtime_admin;

-- For triggers on tables. What it cannot read is an error, unlike what it cannot store.
create or replace function realtime.broadcast_changes(
  topic_name text,
  event_name text,
  operation text,
  table_name text,
  table_schema text,
  new record,
  old record,
  level text default 'ROW'
) returns void language plpgsql as $$
begin
  if level = 'STATEMENT' then
    raise exception 'Failed to process the row: function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Failed to process the row: Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'schema', table_schema,
      'table', table_name,
      'operation', operation,
      'record', new,
      'old_record', old
    ),
    event_name,
    topic_name
  );
end $$;
alter function realtime.broadcast_changes(text, text, text, text, text, record, record, text)
  owner to supabase_realtime_admin;

-- Vault: the same names as the extension's, without its encryption ---------------------------------------------
create schema if not exists vault;
grant usage on schema vault to postgres with grant option;
grant usage on schema vault to service_role;

create table if not exists vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists secrets_name_idx on vault.secrets (name) where name is not null;

create or replace view vault.decrypted_secrets as
  select id, name, description, secret, secret as decrypted_secret, created_at, updated_at from vault.secrets;

create or replace function vault.create_secret(
  new_secret text,
  new_name text default null,
  new_description text default '',
  new_key_id uuid default null
) returns uuid language sql security definer set search_path = '' as $$
  insert into vault.secrets (secret, name, description)
  values (new_secret, new_name, new_description)
  returning id
$$;

create or replace function vault.update_secret(
  secret_id uuid,
  new_secret text default null,
  new_name text default null,
  new_description text default null,
  new_key_id uuid default null
) returns void language sql security definer set search_path = '' as $$
  update vault.secrets set
    secret = coalesce(new_secret, secret),
    name = coalesce(new_name, name),
    description = coalesce(new_description, description),
    updated_at = now()
  where id = secret_id
$$;

grant usage on schema vault to heddle_vault;
alter table vault.secrets owner to heddle_vault;
alter view vault.decrypted_secrets owner to heddle_vault;
alter function vault.create_secret(text, text, text, uuid) owner to heddle_vault;
alter function vault.update_secret(uuid, text, text, text, uuid) owner to heddle_vault;
revoke all on all functions in schema vault from public;
grant select, delete, truncate, references on vault.secrets, vault.decrypted_secrets to postgres with grant option;
grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
grant execute on all functions in schema vault to postgres with grant option;
grant execute on all functions in schema vault to service_role;
