-- What validate-widget needs, in one round trip. In plpgsql here and below where calls are many: it keeps its plans,
-- while Postgres 17 plans a SQL function anew in every statement.

create function heddle.visitors_push_key(p_agent_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select keys.public_key from heddle.push_keys keys, heddle.notification_rules rule
    where rule.agent_id = p_agent_id and rule.rule = 'away_reply' and rule.is_on and 'push' = any (rule.channels)
  );
end $$;

comment on function heddle.visitors_push_key is
  'What a browser subscribes with that is to tell a visitor of answers; null where the agent''s rules tell nobody so.';

create function heddle.office_of(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'greeting', greeting,
      'hours', office_hours,
      'awayMessage', away_message,
      'isSomebodyOnline', exists (
        select from heddle.leases
        where agent_id = p_agent_id and subject = 'operator' and state = 'online' and until > now()
      )
    )
    from heddle.agents
    where id = p_agent_id and (greeting is not null or office_hours is not null)
  );
end $$;

comment on function heddle.office_of is
  'What visitors of store tabs are told before anybody answers: { greeting, hours, awayMessage, isSomebodyOnline }; null where an
agent has neither a greeting nor hours.';

create function heddle_api.store_office(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return heddle.office_of(p_agent_id);
end $$;

comment on function heddle_api.store_office is 'As heddle.office_of, for a page that is open for long.';

create function heddle.tabs_of(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', tab.id,
        'name', tab.name,
        'icon', tab.icon,
        'category', tab.category,
        'source', tab.source,
        'visitorFields', tab.visitor_fields,
        'pushKey', case when tab.source = 'store' then heddle.visitors_push_key(p_agent_id) end,
        'office', case when tab.source = 'store' then heddle.office_of(p_agent_id) end,
        'actions', (
          select coalesce(jsonb_agg(
            jsonb_build_object('action', action, 'enabled', enabled, 'hasUrl', url is not null)
            order by action
          ), '[]')
          from heddle.tab_actions
          where tab_id = tab.id
        ),
        'fields', (
          select fields from heddle.tab_actions where tab_id = tab.id and action = 'update_item'
        )
      )
      order by tab.position, tab.id
    ), '[]')
    from heddle.tabs tab
    where tab.agent_id = p_agent_id
  );
end $$;

create function heddle_api.widget_context(
  p_agent_id uuid,
  p_visitor_id text default null,
  p_address_hash text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_retry_after integer := heddle.spend_address('validate', p_address_hash);
  v_found record;
  v_agent heddle.agents;
  v_secrets heddle.agent_secrets;
begin
  if v_retry_after > 0 then
    return jsonb_build_object('outcome', 'rate_limited', 'retryAfter', v_retry_after);
  end if;
  -- One statement: a session's version and the secrets that opened it are of one moment.
  select agent, secrets into v_found
  from heddle.agents agent join heddle.agent_secrets secrets on secrets.agent_id = agent.id
  where agent.id = p_agent_id;
  if not found then
    return jsonb_build_object('outcome', 'agent_not_found');
  end if;
  v_agent := v_found.agent;
  v_secrets := v_found.secrets;

  return jsonb_build_object(
    'outcome', 'ok',
    'agent', jsonb_build_object(
      'id', v_agent.id,
      'name', v_agent.name,
      'display', jsonb_build_object(
        'title', v_agent.name,
        'accent', '#2f5f8f',
        'theme', 'auto',
        'launcher', 'Open messages',
        'locale', 'en'
      ) || v_agent.display,
      'allowedOrigins', v_agent.allowed_origins,
      'anonymousAllowed', v_agent.anonymous_allowed,
      'sessionVersion', v_agent.session_version
    ),
    'identity', v_agent.identity,
    'signing', heddle.signing(v_secrets),
    'visitorSecret', v_secrets.visitor_secret,
    'visitorErased', heddle.is_erased(p_agent_id, p_visitor_id),
    'visitorWrote', p_visitor_id is not null and exists (
      select from heddle.visitors visitor join heddle.conversations conversation on conversation.visitor_id = visitor.id
      where visitor.agent_id = p_agent_id and visitor.end_user_id = p_visitor_id and kind = 'conversation'
    ),
    'tabs', heddle.tabs_of(p_agent_id)
  );
end $$;

comment on function heddle_api.widget_context is
  'Whether the widget may be validated now (`outcome`), and with what: the agent, its tabs in order, each with its source
and how its actions are set up, its secrets, and whether the visitor whom a visitorToken claims to be was erased, or has written
on a store tab. A call
without an address hash is not charged.';

revoke execute on function heddle.visitors_push_key, heddle.office_of, heddle.tabs_of from public;
revoke execute on function heddle_api.store_office, heddle_api.widget_context from public;
grant execute on function heddle_api.store_office, heddle_api.widget_context to service_role;

-- What a tab call needs, rate limit included, in one round trip.

create function heddle.connector_of(p_action heddle.tab_actions) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_connector heddle.connectors;
begin
  if p_action.connector_id is null then
    return null;
  end if;
  select * into strict v_connector from heddle.connectors where id = p_action.connector_id;
  return jsonb_build_object(
    'kind', v_connector.kind,
    'host', v_connector.host,
    'header', v_connector.header,
    'value', (select decrypted_secret from vault.decrypted_secrets where id = v_connector.vault_secret_id)
  );
end $$;

create function heddle_api.tab_context(
  p_agent_id uuid,
  p_tab_id uuid,
  p_action text,
  p_end_user_id text,
  p_session_version integer,
  p_address_hash text,
  p_said jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_agent record;
  v_secrets heddle.agent_secrets;
  v_tab heddle.tabs;
  v_action heddle.tab_actions;
  v_exists boolean;
  v_ended boolean;
  v_retry_after integer;
begin
  -- One statement: a session of the old version never meets the new secret.
  select agent.session_version, secrets into v_agent
  from heddle.agents agent join heddle.agent_secrets secrets on secrets.agent_id = agent.id
  where agent.id = p_agent_id;
  v_exists := found;
  v_ended := v_exists
    and (v_agent.session_version is distinct from p_session_version or heddle.is_erased(p_agent_id, p_end_user_id));
  -- Whoever holds a session that has ended must not use up what its visitor may do.
  v_retry_after := heddle.spend_call(
    p_agent_id, p_action, case when not v_ended then p_end_user_id end, p_address_hash
  );
  if v_retry_after > 0 then
    return jsonb_build_object('outcome', 'rate_limited', 'retryAfter', v_retry_after);
  end if;
  if not v_exists then
    return jsonb_build_object('outcome', 'agent_not_found');
  end if;
  if v_ended then
    return jsonb_build_object('outcome', 'session_revoked');
  end if;
  v_secrets := v_agent.secrets;

  select * into v_tab from heddle.tabs where id = p_tab_id and agent_id = p_agent_id;
  if not found then
    return jsonb_build_object('outcome', 'tab_not_found');
  end if;
  if v_tab.source = 'store' then
    perform heddle.keep_visitor(p_agent_id, p_end_user_id, p_said);
    return jsonb_build_object(
      'outcome', 'ok', 'source', 'store', 'tab', jsonb_build_object('id', v_tab.id, 'category', v_tab.category)
    );
  end if;
  select * into v_action from heddle.tab_actions
  where tab_id = p_tab_id and action = case p_action when 'receipt' then 'update_item' else p_action end;

  return jsonb_build_object(
    'outcome', 'ok',
    'source', v_tab.source,
    'tab', jsonb_build_object(
      'id', v_tab.id,
      'category', v_tab.category,
      'formKeys', coalesce((
        select jsonb_path_query_array(form.fields, '$[*].key')
        from heddle.tab_actions form
        where form.tab_id = v_tab.id and form.action = 'update_item' and form.enabled
      ), '[]')
    ),
    'action', case when v_action.action is not null then
      jsonb_build_object('enabled', v_action.enabled, 'url', v_action.url)
    end,
    'connector', heddle.connector_of(v_action),
    'signing', heddle.signing(v_secrets),
    'webhook', jsonb_build_object(
      'current', v_secrets.webhook_current,
      'previous', case when v_secrets.webhook_previous_until > now() then v_secrets.webhook_previous end
    )
  );
end $$;

comment on function heddle_api.tab_context is
  'Whether a visitor may do this now (`outcome`), and with what: the webhook, its credential, the secrets; for a tab of the
store nothing more, since its functions know the rest. Another agent''s tab does not exist. A call is charged to its visitor
and its address, with a session that has ended to its address only. p_said: { name?, email?, attributes?, issuedAt? } of the owner''s token, which
visitors of the store are called by from now on. A `receipt` is an update_item that is charged as a read.';

revoke execute on function heddle.connector_of from public;
revoke execute on function heddle_api.tab_context from public;
grant execute on function heddle_api.tab_context to service_role;

-- What the functions for owners' backends need of keys.

create function heddle.refuse_key(p_address_hash text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_retry_after integer := heddle.spend_address('key', p_address_hash);
begin
  return case v_retry_after
    when 0 then jsonb_build_object('outcome', 'key_not_found')
    else jsonb_build_object('outcome', 'rate_limited', 'retryAfter', v_retry_after)
  end;
end $$;

comment on function heddle.refuse_key is
  'The answer to a key that is unknown or revoked, which is charged to its address; a good one never: who shares an address
with a guesser still gets through. Without an address hash nobody is charged.';

create function heddle_api.publish_context(p_key_hash text, p_address_hash text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_key heddle.api_keys;
  v_secrets heddle.agent_secrets;
begin
  select * into v_key from heddle.api_keys where key_hash = p_key_hash and revoked_at is null;
  select * into v_secrets from heddle.agent_secrets where agent_id = v_key.agent_id;
  if v_secrets.agent_id is null then
    return heddle.refuse_key(p_address_hash);
  end if;
  return jsonb_build_object(
    'outcome', 'ok',
    'keyId', v_key.id,
    'agentId', v_key.agent_id,
    'scopes', v_key.scopes,
    'signing', heddle.signing(v_secrets)
  );
end $$;

comment on function heddle_api.publish_context is
  'Whose key this is (SHA-256, lowercase hex) and what its names are signed with. One that is unknown, revoked or an
organisation''s is charged to its address.';

create function heddle_api.touch_api_key(p_key_id uuid) returns void
language sql security definer set search_path = '' as $$
  update heddle.api_keys set last_used_at = now()
  where id = p_key_id and (last_used_at is null or last_used_at < now() - interval '1 minute')
$$;

comment on function heddle_api.touch_api_key is 'Notes that a key was used, at most once a minute.';

create function heddle_api.revoke_api_key(p_key_id uuid) returns void
language sql security definer set search_path = '' as $$
  update heddle.api_keys set revoked_at = now() where id = p_key_id and revoked_at is null
$$;

comment on function heddle_api.revoke_api_key is
  'Functions that have the key cached accept it for up to 30 s more.';

revoke execute on function heddle.refuse_key from public;
revoke execute on function heddle_api.publish_context from public;
revoke execute on function heddle_api.touch_api_key from public;
revoke execute on function heddle_api.revoke_api_key from public;
grant execute on function heddle_api.publish_context to service_role;
grant execute on function heddle_api.touch_api_key to service_role;
grant execute on function heddle_api.revoke_api_key to service_role;

-- Failures of owners' webhooks.

create function heddle_api.record_issue(
  p_agent_id uuid,
  p_tab_id uuid,
  p_action text,
  p_kind text,
  p_host text,
  p_detail text
) returns void
language sql security definer set search_path = '' as $$
  delete from heddle.widget_issues where hour < now() - interval '30 days';

  -- A tab that was deleted meanwhile has nothing to report.
  insert into heddle.widget_issues as issue (agent_id, tab_id, action, kind, hour, host, detail)
  select agent_id, id, p_action, p_kind, date_trunc('hour', now(), 'UTC'), left(p_host, 255), left(p_detail, 500)
  from heddle.tabs
  where id = p_tab_id and agent_id = p_agent_id
  on conflict (agent_id, tab_id, action, kind, hour) do update set
    count = issue.count + 1,
    host = excluded.host,
    detail = excluded.detail,
    last_at = now();
$$;

comment on function heddle_api.record_issue is
  'Counts a failure in the row of its hour, and deletes rows older than 30 days.';

revoke execute on function heddle_api.record_issue from public;
grant execute on function heddle_api.record_issue to service_role;

-- Visitors whom no owner identifies. Their token proves itself, so nothing is kept of them: an id that stood here would
-- be one more thing to erase, and a stranger could fill the table. What is kept is whom nobody may be any more.

create table heddle.erased_visitors (
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  id text collate "C" not null check (id ~ '^anon_[0-9a-f]{32}$'),
  erased_at timestamptz not null default now(),
  primary key (agent_id, id)
);
alter table heddle.erased_visitors enable row level security;

comment on table heddle.erased_visitors is
  'Anonymous visitors whose tokens and sessions count no more. The ids are hashes of random bytes and name nobody.';

create function heddle.is_erased(p_agent_id uuid, p_visitor_id text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(left(p_visitor_id, 5) = 'anon_', false)
    and exists (select from heddle.erased_visitors where agent_id = p_agent_id and id = p_visitor_id);
end $$;

create function heddle.is_identified(p_visitor_id text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return left(p_visitor_id, 5) <> 'anon_';
end $$;

comment on function heddle.is_identified is
  'Whether the site says who this visitor is. What an anonymous one says of themselves, name and address, nobody has checked.';

comment on function heddle.is_erased is
  'Whether this is an anonymous visitor who was erased. Null is nobody, who was not.';

create function heddle.end_identity(p_agent_id uuid, p_visitor_id text) returns timestamptz
language plpgsql set search_path = '' as $$
declare
  v_erased_at timestamptz;
begin
  -- Before all else, as a call takes its token before it does anything for its visitor.
  delete from heddle.rate_buckets where agent_id = p_agent_id and subject = 'visitor' and key = p_visitor_id;
  if (p_visitor_id ~ '^anon_[0-9a-f]{32}$') is not true then
    return null;
  end if;
  insert into heddle.erased_visitors (agent_id, id)
  select id, p_visitor_id from heddle.agents where id = p_agent_id
  on conflict do nothing;
  select erased_at into v_erased_at from heddle.erased_visitors where agent_id = p_agent_id and id = p_visitor_id;
  return v_erased_at;
end $$;

comment on function heddle.end_identity is
  'Forgets what a visitor may still call, and of an anonymous one also refuses tokens and sessions: answers since when. Null for
others, and without the agent.';

create function heddle_api.erase_anonymous_visitor(p_agent_id uuid, p_visitor_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_erased_at timestamptz;
begin
  if p_visitor_id is null or p_visitor_id !~ '^anon_[0-9a-f]{32}$' then
    raise exception 'an anonymous visitor''s id must be anon_ and 32 hex digits' using errcode = '22023';
  end if;
  v_erased_at := heddle.end_identity(p_agent_id, p_visitor_id);
  return case when v_erased_at is not null then
    jsonb_build_object('id', p_visitor_id, 'erasedAt', v_erased_at)
  end;
end $$;

comment on function heddle_api.erase_anonymous_visitor is
  'Refuses an anonymous visitor''s tokens and sessions from now on: their browser becomes a new visitor. Null if there is
no such agent.';

revoke execute on function heddle.is_erased, heddle.is_identified, heddle.end_identity from public;
revoke execute on function heddle_api.erase_anonymous_visitor from public;
grant execute on function heddle_api.erase_anonymous_visitor to service_role;

-- Broadcasts from the database: delivered when the transaction commits, past the limits of Realtime's REST endpoint.

create function heddle_api.broadcast(p_channels text[], p_event text, p_payload jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_ids uuid[];
begin
  with sent as (
    insert into realtime.messages (topic, private, extension, event, payload)
    select channel, true, 'broadcast', p_event, p_payload from unnest(p_channels) channel
    returning id
  )
  select array_agg(id) into v_ids from sent;

  -- Realtime reads what was inserted from the log that Postgres writes ahead, so nothing has to stay in the table. Rows of
  -- one transaction are all of one time.
  delete from realtime.messages where id = any (v_ids) and inserted_at = localtimestamp;
end $$;

comment on function heddle_api.broadcast is
  'Sends one event to each of these private channels when the transaction commits; all of them, or an error where Realtime has no partition for today.';

revoke execute on function heddle_api.broadcast from public;
grant execute on function heddle_api.broadcast to service_role;
