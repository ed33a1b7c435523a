-- Agents, their secrets and their API keys.

create table heddle.agents (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  name text not null check (length(name) between 1 and 120),
  display jsonb not null default '{}' check (jsonb_typeof(display) = 'object'),
  allowed_origins text[] not null default '{}' check (array_position(allowed_origins, null) is null),
  anonymous_allowed boolean not null default false,
  identity jsonb not null default '{"provider": "hs256"}'
    check (coalesce(identity ->> 'provider', '') in ('hs256')),
  session_version integer not null default 1 check (session_version > 0),
  inbox_epoch integer not null default 1 check (inbox_epoch between 1 and 999999999),
  logs_events boolean not null default false,
  created_at timestamptz not null default now(),
  constraint agents_display_texts check (
    not jsonb_path_exists(
      display, 'strict $.keyvalue() ? (@.key like_regex "^(title|accent|theme|launcher|locale)$" && @.value.type() != "string")'
    )
  ),
  constraint agents_display_accent check (coalesce(display ->> 'accent', '#000000') ~ '^#[0-9a-fA-F]{6}$'),
  constraint agents_display_theme check (coalesce(display ->> 'theme', 'auto') in ('auto', 'light', 'dark'))
);
create index agents_org_id on heddle.agents (org_id);
alter table heddle.agents enable row level security;

comment on table heddle.agents is 'One embeddable widget each.';
comment on column heddle.agents.display is 'title, accent, theme, launcher, locale; what is missing has a default.';
comment on column heddle.agents.allowed_origins is
  'Exact origins, or https://*.example.com. An empty list lets no page in.';
comment on column heddle.agents.anonymous_allowed is 'Whether visitors without a userToken are let in.';
comment on column heddle.agents.identity is 'How a visitor''s userToken is verified: exactly one provider.';
comment on column heddle.agents.session_version is 'Raising it ends every session of the agent''s visitors.';
comment on column heddle.agents.inbox_epoch is
  'Stands in the name of the team''s channel. Raising it leaves behind whoever may not join the new name.';

comment on column heddle.agents.logs_events is
  'Whether changes of its conversations are written to the event log: while somebody may read them there.';

create table heddle.agent_secrets (
  agent_id uuid primary key references heddle.agents (id) on delete cascade,
  signing_current text not null check (length(signing_current) >= 32),
  signing_previous text,
  signing_hand_out_current_at timestamptz not null default now(),
  signing_previous_until timestamptz,
  signing_former text[] not null default '{}' check (array_position(signing_former, null) is null),
  signing_former_until timestamptz[] not null default '{}' check (array_position(signing_former_until, null) is null),
  webhook_current text not null check (
    webhook_current ~ '^whsec_([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'
    and octet_length(decode(substr(webhook_current, 7), 'base64')) between 24 and 64
  ),
  webhook_previous text,
  webhook_previous_until timestamptz,
  visitor_secret text not null default encode(extensions.gen_random_bytes(32), 'hex')
    check (visitor_secret ~ '^[0-9a-f]{64}$'),
  constraint agent_secrets_signing_rotation
    check ((signing_previous is null) = (signing_previous_until is null)),
  constraint agent_secrets_signing_ended
    check (cardinality(signing_former) = cardinality(signing_former_until)),
  constraint agent_secrets_webhook_rotation
    check ((webhook_previous is null) = (webhook_previous_until is null))
);
alter table heddle.agent_secrets enable row level security;

comment on table heddle.agent_secrets is 'Signing and webhook secrets of each agent. A secret that was replaced stays
valid for a time of grace.';
comment on column heddle.agent_secrets.webhook_current is
  'As Standard Webhooks wants it: whsec_ and the base64 of 24 to 64 bytes.';
comment on column heddle.agent_secrets.signing_hand_out_current_at is
  'Until then browsers still get names made with the previous secret, or none if that was ended at once: functions cache
secrets for up to 30 s, and a name is of use only once every one of them publishes to it.';
comment on column heddle.agent_secrets.signing_previous_until is
  'Until then broadcasts go to the names of the previous secret, too.';
comment on column heddle.agent_secrets.signing_former is
  'Secrets that were ended at once, the latest first. They sign nothing any more.';
comment on column heddle.agent_secrets.signing_former_until is
  'Of each of those secrets: until then publishes put a refetch hint on its names, so that open pages notice and move.';
comment on column heddle.agent_secrets.visitor_secret is
  'Proves that an anonymous visitor''s token is ours. It is handed to the functions only.';

create table heddle.api_keys (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid references heddle.agents (id) on delete cascade,
  org_id uuid,
  name text not null default '',
  key_hash text not null unique check (key_hash ~ '^[0-9a-f]{64}$'),
  scopes text[] not null default '{publish}'
    check (cardinality(scopes) > 0 and scopes <@ array[
      'publish', 'events:read', 'events:write', 'conversations:read', 'conversations:write', 'rooms:read', 'rooms:write',
      'visitors:read', 'visitors:write', 'notifications:read', 'notifications:write'
    ]),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_holder check (num_nonnulls(agent_id, org_id) = 1),
  constraint api_keys_publish check (agent_id is not null or not 'publish' = any (scopes))
);
create index api_keys_agent_id on heddle.api_keys (agent_id);
create index api_keys_org_id on heddle.api_keys (org_id);
alter table heddle.api_keys enable row level security;

comment on table heddle.api_keys is 'Keys of the owners'' backends.';
comment on column heddle.api_keys.key_hash is 'SHA-256 of the key (hdl_…), lowercase hex. The key itself is kept nowhere.';
comment on column heddle.api_keys.org_id is 'Instead of agent_id: the key is for the whole organisation.';
comment on column heddle.api_keys.scopes is
  'publish: announce on an agent''s channels. events:read, events:write: read the event log, add to it. The others: what of the
REST API may be read and written.';
comment on column heddle.api_keys.last_used_at is 'Accurate to a minute.';
