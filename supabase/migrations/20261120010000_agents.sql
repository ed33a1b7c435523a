-- Tables live in `heddle`, which nobody may look into. What the edge functions call lives in `heddle_api`: the one
-- schema to add to the project's Data API.
create schema heddle;
create schema heddle_api;

comment on schema heddle is 'Tables of Heddle. Exposed to nobody.';
comment on schema heddle_api is 'Functions that Heddle''s edge functions call. Expose this schema in the Data API.';

grant usage on schema heddle_api to service_role;

create extension if not exists pgcrypto with schema extensions;

-- Vault is there in every project of today; older ones have it switched off.
do $$
begin
  if to_regclass('vault.decrypted_secrets') is null then
    create extension supabase_vault cascade;
  end if;
end $$;

-- Agents, their secrets and their API keys.

create table heddle.agents (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  name text not null check (length(name) between 1 and 120),
  display jsonb not null default '{}' check (jsonb_typeof(display) = 'object'),
  allowed_origins text[] not null default '{}' check (array_position(allowed_origins, null) is null),
  anonymous_allowed boolean not null default false,
  identity jsonb not null default '{"provider": "hs256"}',
  session_version integer not null default 1 check (session_version > 0),
  inbox_epoch integer not null default 1 check (inbox_epoch between 1 and 999999999),
  logs_events boolean not null default false,
  greeting text check (length(greeting) between 1 and 500),
  office_hours jsonb check (jsonb_typeof(office_hours) = 'object'),
  away_message text check (length(away_message) between 1 and 500),
  created_at timestamptz not null default now(),
  -- All four settings are needed: some providers sign the tokens of all their customers with the same keys, so that
  -- without the audience anybody's customer could pose as any visitor; and an algorithm that the token may choose is no check.
  constraint agents_identity check (coalesce(
    case identity ->> 'provider'
      when 'hs256' then identity = '{"provider": "hs256"}'
      when 'jwks' then
        identity - '{provider,issuer,jwksUrl,audience,algs}'::text[] = '{}'
        and jsonb_typeof(identity -> 'issuer') = 'string' and identity ->> 'issuer' <> ''
        and jsonb_typeof(identity -> 'jwksUrl') = 'string' and identity ->> 'jwksUrl' ~ '^https?://[^/[:space:]]'
        and jsonb_typeof(identity -> 'audience') = 'string' and identity ->> 'audience' <> ''
        and jsonb_typeof(identity -> 'algs') = 'array' and identity -> 'algs' <> '[]'
        and identity -> 'algs' <@ '["RS256", "ES256", "EdDSA"]'
      else false
    end,
    false
  )),
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
comment on column heddle.agents.greeting is 'What visitors find in a new conversation of a store tab; null: nothing.';
comment on column heddle.agents.office_hours is
  'When the team is there: {"zone": an IANA time zone, "mon": ["09:00-12:00", "22:00-02:00"], "tue", …, "sun"}. A day that is
missing has no hours; null: the team is always there.';
comment on column heddle.agents.away_message is
  'What visitors are told while nobody is there; null: a sentence of the widget''s.';
comment on column heddle.agents.identity is
  'How a visitor''s userToken is verified, by exactly one provider: {"provider": "hs256"}, with the agent''s signing
secret, or {"provider": "jwks", "issuer", "jwksUrl", "audience", "algs": ["RS256" | "ES256" | "EdDSA"]}.';
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

-- Tabs, what may be done in them, and how their webhooks are called. `agent_id` is repeated in every table so that
-- foreign keys can refuse one agent's tab with another agent's connector.

create function heddle.may_hold_credential(p_header text) returns boolean
language sql immutable set search_path = '' as $$
  -- Some servers read `_` in a header's name as `-`.
  select p_header ~ '^[a-z0-9][a-z0-9_-]{0,63}$' and replace(p_header, '_', '-') !~ (
    '^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|max-forwards|via|date|range|if-.*'
    || '|http2-settings|early-data|origin|referer|user-agent|cookie2?|set-cookie2?|x-request-id|x-(http-)?method.*'
    || '|(accept|access-control|content|proxy|sec|webhook|x-heddle)(-.*)?'
    -- What proxies tell the server behind them: where a request comes from, and what it asked for.
    || '|forwarded|x-forwarded(-.*)?|cdn-loop|front-end-https|x-(host|port|proto|protocol|scheme|url-scheme|uri|url|path)'
    || '|x-(original|originating|rewrite|override|envoy|appengine|azure|amzn?)(-.*)?|cloudfront-.*|(x-)?remote-.*'
    || '|cf-(connecting|ip|pseudo|ray|region|visitor|worker).*|x-vercel-(forwarded|id|ip|proxied).*|(x-)?ssl-client.*'
    || '|(.*-)?(ip|ipv[46]|clientip|addr|address|forwarded-(for|host|proto)))$'
  )
$$;

comment on function heddle.may_hold_credential is
  'Whether a header (lowercase) may be a connector''s: not one that says how a request is carried, where it comes from,
or one that Heddle itself signs or sets.';

create table heddle.connectors (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  name text not null default '',
  kind text not null default 'bearer' constraint connectors_kind check (kind in ('bearer', 'basic', 'header')),
  host text not null check (host ~
    '^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))?$'),
  vault_secret_id uuid not null,
  created_at timestamptz not null default now(),
  header text,
  unique (agent_id, id),
  constraint connectors_header check (
    case kind when 'header' then coalesce(heddle.may_hold_credential(header), false) else header is null end
  )
);
alter table heddle.connectors enable row level security;

comment on table heddle.connectors is 'Credentials for webhooks.';
comment on column heddle.connectors.kind is
  'bearer: a token. basic: user:password. header: the value of the header that `header` names.';
comment on column heddle.connectors.host is
  'host or host:port, lowercase: the only one that ever gets the credential.';
comment on column heddle.connectors.vault_secret_id is
  'The value, in Vault. No foreign key: Vault''s tables belong to the platform.';

create table heddle.tabs (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  name text not null check (length(name) between 1 and 120),
  icon text,
  category text not null check (category in ('default', 'messaging')),
  source text not null default 'webhook' check (source in ('webhook', 'store')),
  visitor_fields text[] not null default '{}' check (visitor_fields <@ array['name', 'email']),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (agent_id, id),
  constraint tabs_store check (source <> 'store' or category = 'messaging'),
  constraint tabs_visitor_fields check (source = 'store' or visitor_fields = '{}')
);
create index tabs_in_order on heddle.tabs (agent_id, position, id);
alter table heddle.tabs enable row level security;

comment on table heddle.tabs is 'Tabs of a widget, in the order of `position`.';
comment on column heddle.tabs.category is
  'default: a list of records; messaging: conversation threads, live.';
comment on column heddle.tabs.source is
  'What answers the tab''s actions; it decides which of them the tab has. webhook: those that are enabled and have a url.
store: the conversations in this database; every tab of an agent with this source shows the same ones.';

create table heddle.tab_actions (
  agent_id uuid not null,
  tab_id uuid not null,
  action text not null
    check (action in ('get_items', 'item_clicked', 'create_item', 'update_item', 'delete_item')),
  enabled boolean not null default false,
  url text check (url ~ '^https?://' and length(url) <= 2048),
  connector_id uuid,
  fields jsonb not null default '[]' check (jsonb_typeof(fields) = 'array'),
  constraint tab_actions_fields check (
    jsonb_array_length(fields) = jsonb_array_length(jsonb_path_query_array(fields, 'strict $[*] ? (
      @.key like_regex "." flag "s" && @.label like_regex "." flag "s"
      && @.type like_regex "^(text|textarea|number|date|checkbox)$"
    )'))
  ),
  primary key (tab_id, action),
  foreign key (agent_id, tab_id) references heddle.tabs (agent_id, id) on delete cascade,
  foreign key (agent_id, connector_id) references heddle.connectors (agent_id, id)
    on delete set null (connector_id)
);
create index tab_actions_connector_id on heddle.tab_actions (agent_id, connector_id);
alter table heddle.tab_actions enable row level security;

comment on table heddle.tab_actions is 'What a visitor may do in a tab, and which webhook answers it.';
comment on column heddle.tab_actions.fields is
  'Fields of the update form: [{ "key", "label", "type" }]. Only those of update_item are used.';

revoke execute on function heddle.may_hold_credential from public;

-- What goes wrong with owners' webhooks, and how often visitors may call.

create table heddle.widget_issues (
  agent_id uuid not null,
  tab_id uuid not null,
  action text not null,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,63}$'),
  hour timestamptz not null,
  count integer not null default 1 check (count > 0),
  host text,
  detail text,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (agent_id, tab_id, action, kind, hour),
  foreign key (agent_id, tab_id) references heddle.tabs (agent_id, id) on delete cascade
);
create index widget_issues_hour on heddle.widget_issues (hour);
alter table heddle.widget_issues enable row level security;

comment on table heddle.widget_issues is
  'Failures of webhooks: one row per agent, tab, action, kind and hour, kept for 30 days.';
comment on column heddle.widget_issues.host is 'The host only: a webhook''s URL may be a secret.';
comment on column heddle.widget_issues.detail is 'Of the latest failure.';

-- Unlogged: buckets need no disk, and after a crash full ones are the right answer.
create unlogged table heddle.rate_buckets (
  agent_id uuid not null,
  subject text not null check (subject in ('visitor', 'address', 'operator', 'key', 'org')),
  mode text not null check (mode in ('read', 'write', 'typing', 'presence', 'validate', 'key', 'mail', 'ticket', 'invite')),
  key text collate "C" not null,
  full_at timestamptz not null,
  primary key (agent_id, subject, mode, key)
) with (fillfactor = 70);
alter table heddle.rate_buckets enable row level security;

comment on table heddle.rate_buckets is 'Token buckets. A bucket that is missing is full.';
comment on column heddle.rate_buckets.agent_id is
  'For validations, unknown API keys and tickets the nil uuid: whoever may name any agent would have as many buckets as there
are uuids. For invitations too, which are counted for an organisation.';
comment on column heddle.rate_buckets.full_at is 'When it will be full again: later by one step for every token taken.';
comment on column heddle.rate_buckets.key is 'The visitor''s id, the operator''s user id, the organisation''s id, or the hash of an address or API key.';

-- Signing secrets (channel names, HS256 identity) and webhook secrets: reading and rotation.

create function heddle.signing(p_secrets heddle.agent_secrets) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_in_grace boolean := coalesce(p_secrets.signing_previous_until > now(), false);
  v_previous text := case when v_in_grace then p_secrets.signing_previous end;
  v_former jsonb := '[]';
  v_handed_out text := case
    when now() < p_secrets.signing_hand_out_current_at then coalesce(v_previous, p_secrets.signing_current)
    else p_secrets.signing_current
  end;
begin
  if p_secrets.signing_former <> '{}' then
    select coalesce(jsonb_agg(jsonb_build_object('secret', secret, 'until', until) order by place), '[]') into v_former
    from unnest(p_secrets.signing_former, p_secrets.signing_former_until) with ordinality as former (secret, until, place)
    where until > now();
  end if;
  return jsonb_build_object(
    'current', p_secrets.signing_current,
    'previous', v_previous,
    'handOutCurrentAt', p_secrets.signing_hand_out_current_at,
    'previousUntil', case when v_in_grace then p_secrets.signing_previous_until end,
    'former', v_former,
    'version', left(encode(sha256(convert_to(p_secrets.agent_id || ':' || v_handed_out, 'UTF8')), 'hex'), 16)
  );
end $$;

comment on function heddle.signing is
  'The signing secrets in force. `version` changes with the secret whose names browsers get.';

create function heddle.end_signing_secrets(p_secrets heddle.agent_secrets, p_secret text) returns void
language plpgsql set search_path = '' as $$
declare
  c_named constant integer := 4;
  c_told constant interval := '15 minutes';
  v_former text[];
  v_until timestamptz[];
begin
  select array_agg(secret order by place), array_agg(until order by place) into v_former, v_until
  from (
    select p_secrets.signing_current as secret, now() + c_told as until, -1 as place
    union all
    select p_secrets.signing_previous, now() + c_told, 0 where p_secrets.signing_previous_until > now()
    union all
    select former.* from unnest(p_secrets.signing_former, p_secrets.signing_former_until)
      with ordinality as former (secret, until, place)
    where former.until > now()
    order by place
    limit c_named
  ) ended;
  -- One statement: whoever sees the new secret sees that sessions made with the old one have ended.
  with ended as (
    update heddle.agents set session_version = session_version + 1 where id = p_secrets.agent_id
  )
  update heddle.agent_secrets set
    signing_current = p_secret,
    signing_previous = null,
    signing_previous_until = null,
    signing_hand_out_current_at = now() + interval '30 seconds',
    signing_former = v_former,
    signing_former_until = v_until
  where agent_id = p_secrets.agent_id;
end $$;

comment on function heddle.end_signing_secrets is
  'Replaces the signing secret and ends all before it at once, with every session of the agent. Browsers get no names for
30 s, and pages that listen on the old ones are told to come for new ones for 15 minutes after each one''s end.';

create function heddle_api.rotate_signing_secret(
  p_agent_id uuid,
  p_grace interval default '24 hours',
  p_hand_out_after interval default '60 seconds'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_secret text := encode(extensions.gen_random_bytes(32), 'hex');
  v_secrets heddle.agent_secrets;
begin
  select * into v_secrets from heddle.agent_secrets where agent_id = p_agent_id for update;
  if not found then
    return null;
  end if;
  if p_grace <= interval '0' then
    perform heddle.end_signing_secrets(v_secrets, v_secret);
    return jsonb_build_object('secret', v_secret);
  end if;
  -- Browsers still get the previous secret's names: replacing it again would cut them off without a warning.
  if now() < v_secrets.signing_hand_out_current_at then
    raise exception 'a rotation of this signing secret has just begun' using
      errcode = 'PT409',
      hint = 'Wait until the new secret is handed out, or end the old one at once with a grace of 0.';
  end if;

  update heddle.agent_secrets set
    signing_current = v_secret,
    signing_previous = v_secrets.signing_current,
    signing_previous_until = now() + p_grace,
    signing_hand_out_current_at = now() + least(p_hand_out_after, p_grace)
  where agent_id = p_agent_id;
  return jsonb_build_object('secret', v_secret);
end $$;

comment on function heddle_api.rotate_signing_secret is
  'Makes a new signing secret. It is published to at once and handed to browsers after p_hand_out_after; the old one is
published to for p_grace. A grace of 0 ends the old one, one from before that, and the agent''s sessions at once.';

create function heddle.new_webhook_secret() returns text
language sql volatile set search_path = '' as $$
  select 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64');
$$;

comment on function heddle.new_webhook_secret is 'As Standard Webhooks wants it.';

create function heddle.in_grace(p_secret text, p_until timestamptz) returns text
language sql stable set search_path = '' as $$
  select case when p_until > now() then p_secret end;
$$;

comment on function heddle.in_grace is 'A secret that was replaced, while it counts.';

create function heddle_api.rotate_webhook_secret(
  p_agent_id uuid,
  p_grace interval default '24 hours'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_secret text := heddle.new_webhook_secret();
begin
  update heddle.agent_secrets set
    webhook_current = v_secret,
    webhook_previous = webhook_current,
    webhook_previous_until = now() + p_grace
  where agent_id = p_agent_id;
  if not found then
    return null;
  end if;
  return jsonb_build_object('secret', v_secret);
end $$;

comment on function heddle_api.rotate_webhook_secret is
  'Makes a new webhook secret. Webhooks carry both signatures for p_grace.';

revoke execute on function heddle.signing from public;
revoke execute on function heddle.end_signing_secrets from public;
revoke execute on function heddle.new_webhook_secret, heddle.in_grace from public;
revoke execute on function heddle_api.rotate_signing_secret from public;
revoke execute on function heddle_api.rotate_webhook_secret from public;
grant execute on function heddle_api.rotate_signing_secret to service_role;
grant execute on function heddle_api.rotate_webhook_secret to service_role;

-- Connectors: values go into Vault and leave it only through tab_context.

create function heddle.require_connector_value(p_kind text, p_value text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  -- A bearer token and a header's value go over the wire as they are; basic credentials go as base64 of UTF-8.
  if not coalesce(p_value ~ case p_kind
    when 'basic' then '^[^:\u0001-\u001f\u007f]+:[^\u0001-\u001f\u007f]*$'
    when 'header' then '^[!-~]([ -~]*[!-~])?$'
    else '^[!-~]+$'
  end, false) then
    raise exception 'the value of this connector must be %', case p_kind
      when 'basic' then 'user:password without control characters'
      when 'header' then 'printable ASCII characters, with no space at either end'
      else 'visible ASCII characters'
    end using errcode = '22023';
  end if;
end $$;

comment on function heddle.require_connector_value is 'Raises unless a connector of this kind may have this value.';

create function heddle_api.create_connector(
  p_agent_id uuid,
  p_name text,
  p_host text,
  p_value text,
  p_kind text default 'bearer',
  p_header text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  perform heddle.require_connector_value(p_kind, p_value);
  insert into heddle.connectors (id, agent_id, name, kind, host, header, vault_secret_id)
  values (
    v_id, p_agent_id, p_name, p_kind, lower(p_host), lower(p_header),
    vault.create_secret(p_value, 'heddle connector ' || v_id)
  );
  return jsonb_build_object('id', v_id);
end $$;

comment on function heddle_api.create_connector is
  'Stores a credential for the webhooks of one host (host or host:port). p_value: a bearer token, user:password, or the
value of the header p_header.';

create function heddle.forget_connector_value() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from vault.secrets where id = old.vault_secret_id;
  return null;
end $$;

create trigger forget_connector_value after delete on heddle.connectors
  for each row execute function heddle.forget_connector_value();

revoke execute on function heddle_api.create_connector from public;
revoke execute on function heddle.forget_connector_value from public;
grant execute on function heddle_api.create_connector to service_role;

-- Token buckets, kept as the time when each will be full again. A token comes back every `step`; a bucket holds two
-- minutes' worth. An address may be an office: it gets ten times what one visitor gets, and validates as often as it reads.
-- Unknown API keys are rarer: one a second. An API key asks for the tickets of all of a site's pages, at once after a gateway
-- went: it gets twenty times what one member gets. Of signs of typing a bucket holds two, since a crowd of old ones is of no use;
-- of an operator's coming and going five, which is a page that is loaded again and again. Of mails to an address that nobody has
-- vouched for three, which come back in a day, to others thirty. Of invitations twenty, which come back in an hour.

create function heddle.take_token(p_agent_id uuid, p_subject text, p_mode text, p_key text, p_tokens integer default 1)
returns integer
language plpgsql set search_path = '' as $$
declare
  c_window constant interval := case p_mode
    when 'typing' then interval '6 seconds'
    when 'presence' then interval '15 seconds'
    when 'mail' then interval '1 day'
    when 'invite' then interval '1 hour'
    else interval '2 minutes'
  end;
  v_now constant timestamptz := clock_timestamp();
  v_step constant interval := case p_mode
      when 'key' then interval '10 seconds'
      when 'write' then interval '3 seconds'
      when 'typing' then interval '3 seconds'
      when 'presence' then interval '3 seconds'
      when 'mail' then interval '8 hours'
      when 'invite' then interval '3 minutes'
      else interval '1 second'
    end
    * p_tokens / case p_subject when 'address' then 10 when 'key' then 20 else 1 end;
  v_full_at timestamptz;
begin
  insert into heddle.rate_buckets as bucket (agent_id, subject, mode, key, full_at)
  values (p_agent_id, p_subject, p_mode, p_key, v_now + v_step)
  on conflict (agent_id, subject, mode, key) do update
    set full_at = greatest(bucket.full_at, v_now) + v_step
    where bucket.full_at + v_step <= v_now + c_window;
  if found then
    return 0;
  end if;

  select full_at into v_full_at from heddle.rate_buckets
  where agent_id = p_agent_id and subject = p_subject and mode = p_mode and key = p_key;
  return greatest(1, ceil(extract(epoch from coalesce(v_full_at, v_now) + v_step - c_window - v_now)));
end $$;

comment on function heddle.take_token is
  'Takes one token from a bucket, or so many, -1 to give one back: 0, or the seconds after which it can be done.';

create function heddle.forget_full_buckets() returns void
language sql set search_path = '' as $$
  delete from heddle.rate_buckets where ctid = any (array(
    select ctid from heddle.rate_buckets
    where full_at < now()
    limit 5000
    for update skip locked
  ))
$$;

comment on function heddle.forget_full_buckets is
  'Deletes full buckets. It reads the whole table, since an index on a column that every call changes would cost more:
call it now and then.';

create function heddle.spend_call(p_agent_id uuid, p_action text, p_end_user_id text, p_address_hash text)
returns integer
language plpgsql set search_path = '' as $$
declare
  v_mode text := case
    when p_action in ('get_items', 'item_clicked', 'receipt', 'office') then 'read'
    when p_action = 'typing' then 'typing'
    else 'write'
  end;
  v_retry_after integer := 0;
begin
  if p_end_user_id is not null then
    v_retry_after := heddle.take_token(p_agent_id, 'visitor', v_mode, p_end_user_id);
  end if;
  if v_retry_after = 0 and p_address_hash is not null then
    v_retry_after := heddle.take_token(p_agent_id, 'address', v_mode, p_address_hash);
  end if;
  -- Last of all: it locks buckets that others may wait for, so nothing may be waited for after it.
  if random() < 0.001 then
    perform heddle.forget_full_buckets();
  end if;
  return v_retry_after;
end $$;

comment on function heddle.spend_call is
  'Charges a tab call to its visitor, then to its address: 0, or the seconds to wait. A visitor who is refused does not
use up what others at that address share. Without an address hash the visitor alone is charged, without a visitor the
address alone.';

create function heddle.spend_address(p_mode text, p_address_hash text) returns integer
language plpgsql set search_path = '' as $$
declare
  v_retry_after integer;
begin
  if p_address_hash is null then
    return 0;
  end if;
  v_retry_after := heddle.take_token('00000000-0000-0000-0000-000000000000', 'address', p_mode, p_address_hash);
  if random() < 0.001 then
    perform heddle.forget_full_buckets();
  end if;
  return v_retry_after;
end $$;

comment on function heddle.spend_address is
  'Charges what belongs to no agent (`validate`, `key`) to its address: 0, or the seconds to wait. Without an address hash
nobody is charged.';

revoke execute on function heddle.take_token from public;
revoke execute on function heddle.forget_full_buckets from public;
revoke execute on function heddle.spend_call from public;
revoke execute on function heddle.spend_address from public;
