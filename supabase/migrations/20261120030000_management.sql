-- What the `heddle` command calls: agents, keys, tabs and their actions, failures.

create function heddle_api.create_agent(
  p_name text,
  p_allowed_origins text[] default '{}',
  p_display jsonb default '{}',
  p_org_id uuid default null,
  p_anonymous_allowed boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
  v_signing text := encode(extensions.gen_random_bytes(32), 'hex');
  v_webhook text := heddle.new_webhook_secret();
begin
  insert into heddle.agents (id, org_id, name, display, allowed_origins, anonymous_allowed)
  values (
    v_id, coalesce(p_org_id, gen_random_uuid()), p_name, p_display, p_allowed_origins, p_anonymous_allowed
  );
  insert into heddle.agent_secrets (agent_id, signing_current, webhook_current)
  values (v_id, v_signing, v_webhook);
  return jsonb_build_object('id', v_id, 'signingSecret', v_signing, 'webhookSecret', v_webhook);
end $$;

comment on function heddle_api.create_agent is
  'Makes an agent with its secrets. Without an organisation it gets one of its own.';

create function heddle_api.list_agents() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', agent.id,
        'name', agent.name,
        'orgId', agent.org_id,
        'allowedOrigins', agent.allowed_origins,
        'anonymousAllowed', agent.anonymous_allowed,
        'tabs', (select count(*) from heddle.tabs where agent_id = agent.id),
        'keys', (select count(*) from heddle.api_keys where agent_id = agent.id and revoked_at is null),
        'createdAt', agent.created_at
      )
      order by agent.created_at, agent.id
    ), '[]')
    from heddle.agents agent
  );
end $$;

comment on function heddle_api.list_agents is 'All agents, oldest first, without their secrets.';

create function heddle_api.create_api_key(
  p_agent_id uuid,
  p_name text,
  p_scopes text[] default '{publish}',
  p_whole_org boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
  v_key text := 'hdl_' || encode(extensions.gen_random_bytes(24), 'hex');
  v_org_id uuid := (select org_id from heddle.agents where id = p_agent_id);
begin
  if v_org_id is null then
    return null;
  end if;
  insert into heddle.api_keys (id, agent_id, org_id, name, scopes, key_hash)
  values (
    v_id, case when not p_whole_org then p_agent_id end, case when p_whole_org then v_org_id end, p_name, p_scopes,
    encode(sha256(convert_to(v_key, 'UTF8')), 'hex')
  );
  return jsonb_build_object('id', v_id, 'key', v_key);
end $$;

comment on function heddle_api.create_api_key is
  'Makes a key for an agent, or for all of its organisation, which can''t publish. Only its hash is kept: the answer is the one
place to read it.';

create function heddle_api.list_api_keys(p_agent_id uuid default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', id,
        'agentId', agent_id,
        'orgId', org_id,
        'name', name,
        'scopes', scopes,
        'createdAt', created_at,
        'lastUsedAt', last_used_at,
        'revokedAt', revoked_at
      )
      order by created_at, id
    ), '[]')
    from heddle.api_keys
    where p_agent_id is null or agent_id = p_agent_id
      or org_id = (select agent.org_id from heddle.agents agent where agent.id = p_agent_id)
  );
end $$;

comment on function heddle_api.list_api_keys is 'Keys of one agent and its organisation, or of all, revoked ones too, oldest first.';

create function heddle.actions_of(p_tab_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'action', action.action,
        'enabled', action.enabled,
        'host', lower(substring(action.url from '^https?://(?:[^/?#]*@)?([^/?#]+)')),
        'connectorId', action.connector_id,
        'connectorHost', connector.host,
        'fields', action.fields
      )
      order by action.action
    ), '[]')
    from heddle.tab_actions action left join heddle.connectors connector on connector.id = action.connector_id
    where action.tab_id = p_tab_id
  );
end $$;

comment on function heddle.actions_of is 'Actions of a tab with the host, never the URL, of their webhooks: a URL may be a secret.';

create function heddle_api.create_tab(
  p_agent_id uuid,
  p_name text,
  p_category text,
  p_icon text default null,
  p_position integer default null,
  p_source text default 'webhook',
  p_visitor_fields text[] default '{}'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  insert into heddle.tabs (id, agent_id, name, icon, category, source, visitor_fields, position)
  select
    v_id, p_agent_id, p_name, p_icon, p_category, p_source, p_visitor_fields,
    coalesce(p_position, max(position) + 1, 0)
  from heddle.tabs where agent_id = p_agent_id;
  return jsonb_build_object('id', v_id);
end $$;

comment on function heddle_api.create_tab is
  'Adds a tab, behind the others unless told where. p_source: webhook, or store for a messaging tab, which asks anonymous
visitors for p_visitor_fields (name, email).';

create function heddle_api.set_tab_actions(p_tab_id uuid, p_actions text[], p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_agent_id uuid;
  v_source text;
  v_connector_id uuid := p_changes ->> 'connectorId';
begin
  perform heddle.demand_texts(p_changes, array['url', 'connectorId']);
  select agent_id, source into v_agent_id, v_source from heddle.tabs where id = p_tab_id;
  if not found then
    return null;
  end if;
  if v_source = 'store' then
    raise exception 'a store tab has no webhooks: Heddle itself answers its actions' using errcode = 'PT400';
  end if;
  if v_connector_id is not null
    and not exists (select from heddle.connectors where id = v_connector_id and agent_id = v_agent_id) then
    raise exception 'the tab''s agent has no such connector' using errcode = 'PT404';
  end if;

  insert into heddle.tab_actions as action (agent_id, tab_id, action, enabled, url, connector_id, fields)
  select
    v_agent_id, p_tab_id, name, coalesce((p_changes ->> 'enabled')::boolean, true), p_changes ->> 'url',
    v_connector_id, case name when 'update_item' then coalesce(p_changes -> 'fields', '[]') else '[]' end
  from (select distinct unnest(p_actions)) as wanted (name)
  on conflict (tab_id, action) do update set
    enabled = case when p_changes ? 'enabled' then excluded.enabled else action.enabled end,
    url = case when p_changes ? 'url' then excluded.url else action.url end,
    connector_id = case when p_changes ? 'connectorId' then excluded.connector_id else action.connector_id end,
    fields = case when p_changes ? 'fields' then excluded.fields else action.fields end;
  return heddle.actions_of(p_tab_id);
end $$;

comment on function heddle_api.set_tab_actions is
  'Sets what p_changes holds of enabled, url, connectorId (null: none) and fields; the rest stays. Only update_item has fields.';

create function heddle_api.list_tabs(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', id,
        'name', name,
        'icon', icon,
        'category', category,
        'source', source,
        'visitorFields', visitor_fields,
        'position', position,
        'actions', heddle.actions_of(id)
      )
      order by position, id
    ), '[]')
    from heddle.tabs
    where agent_id = p_agent_id
  );
end $$;

comment on function heddle_api.list_tabs is 'Tabs of an agent in order, each with its actions.';

create function heddle_api.list_issues(p_agent_id uuid default null, p_limit integer default 20) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'agentId', agent_id,
        'tabId', tab_id,
        'tab', tab,
        'action', action,
        'kind', kind,
        'host', host,
        'count', count,
        'detail', detail,
        'firstAt', first_at,
        'lastAt', last_at
      )
      order by last_at desc
    ), '[]')
    from (
      select issue.*, tab.name as tab
      from heddle.widget_issues issue join heddle.tabs tab on tab.id = issue.tab_id
      where p_agent_id is null or issue.agent_id = p_agent_id
      order by issue.last_at desc
      limit p_limit
    ) as latest
  );
end $$;

comment on function heddle_api.list_issues is 'The latest failures of webhooks, of one agent or of all.';

revoke execute on function heddle.actions_of from public;
revoke execute on function heddle_api.create_agent from public;
revoke execute on function heddle_api.list_agents from public;
revoke execute on function heddle_api.create_api_key from public;
revoke execute on function heddle_api.list_api_keys from public;
revoke execute on function heddle_api.create_tab from public;
revoke execute on function heddle_api.set_tab_actions from public;
revoke execute on function heddle_api.list_tabs from public;
revoke execute on function heddle_api.list_issues from public;
grant execute on function heddle_api.create_agent to service_role;
grant execute on function heddle_api.list_agents to service_role;
grant execute on function heddle_api.create_api_key to service_role;
grant execute on function heddle_api.list_api_keys to service_role;
grant execute on function heddle_api.create_tab to service_role;
grant execute on function heddle_api.set_tab_actions to service_role;
grant execute on function heddle_api.list_tabs to service_role;
grant execute on function heddle_api.list_issues to service_role;

-- What the `heddle` command changes after the making: agents, tabs, connectors.

create function heddle_api.get_agent(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'id', agent.id,
      'name', agent.name,
      'orgId', agent.org_id,
      'allowedOrigins', agent.allowed_origins,
      'anonymousAllowed', agent.anonymous_allowed,
      'display', agent.display,
      'greeting', agent.greeting,
      'officeHours', agent.office_hours,
      'awayMessage', agent.away_message,
      'identity', agent.identity,
      'sessionVersion', agent.session_version,
      'signingPreviousUntil',
        case when secrets.signing_previous_until > now() then secrets.signing_previous_until end,
      'webhookPreviousUntil',
        case when secrets.webhook_previous_until > now() then secrets.webhook_previous_until end,
      'tabs', (select count(*) from heddle.tabs where agent_id = agent.id),
      'keys', (select count(*) from heddle.api_keys where agent_id = agent.id and revoked_at is null),
      'connectors', (select count(*) from heddle.connectors where agent_id = agent.id),
      'createdAt', agent.created_at
    )
    from heddle.agents agent left join heddle.agent_secrets secrets on secrets.agent_id = agent.id
    where agent.id = p_agent_id
  );
end $$;

comment on function heddle_api.get_agent is
  'An agent without its secrets; while one of them is being rotated, until when the old one counts. null if there is none.';

create function heddle.demand_office_hours(p_hours jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  c_days constant text[] := array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  c_most constant integer := 4;
  c_week constant integer := 7 * 1440;
  c_times constant text := '^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$';
  v_zone text := p_hours ->> 'zone';
begin
  if coalesce(jsonb_typeof(p_hours), 'null') = 'null' then
    return;
  end if;
  perform heddle.demand(
    jsonb_typeof(p_hours) = 'object' and p_hours - c_days - 'zone' = '{}',
    'Office hours are null or { zone, mon, tue, wed, thu, fri, sat, sun }.'
  );
  -- These no browser knows.
  perform heddle.demand(
    jsonb_typeof(p_hours -> 'zone') = 'string' and v_zone !~* '^((posix|right)/|(localtime|posixrules|factory)$)' and heddle.is_zone(v_zone),
    'Office hours need a time zone by its IANA name, such as Europe/Berlin.'
  );
  perform heddle.demand(
    not exists (
      select from jsonb_each(p_hours - 'zone') as day (name, times)
      where case when jsonb_typeof(times) = 'array' then jsonb_array_length(times) > c_most or exists (
        select from jsonb_array_elements(times) as time (text)
        where jsonb_typeof(text) <> 'string' or text #>> '{}' !~ c_times
          or split_part(text #>> '{}', '-', 1) = split_part(text #>> '{}', '-', 2)
      ) else true end
    ),
    format('The hours of a day are a list of up to %s times such as 09:00-17:00, 22:00-02:00 past midnight.', c_most)
  );
  -- On the ring of a week: what overlaps covers less than its lengths make together.
  perform heddle.demand(
    (
      with ends as (
        select 1440 * (array_position(c_days, name) - 1) as midnight,
          extract(epoch from split_part(text, '-', 1)::interval)::integer / 60 as start,
          extract(epoch from split_part(text, '-', 2)::interval)::integer / 60 as stop
        from jsonb_each(p_hours - 'zone') as day (name, times), jsonb_array_elements_text(times) as time (text)
      ),
      times as (
        select midnight + start as start, midnight + stop + case when stop < start then 1440 else 0 end as stop from ends
      ),
      pieces as (
        select int4range(start, least(stop, c_week)) as piece, stop - start as minutes from times
        union all
        select int4range(0, stop - c_week), 0 from times where stop > c_week
      ),
      whole as (select range_agg(piece) as covered, sum(minutes) as minutes from pieces)
      select minutes is null
        or minutes = (select sum(upper(piece) - lower(piece)) from unnest(covered) as piece)
      from whole
    ),
    'Times of office hours must not overlap.'
  );
end $$;

comment on function heddle.demand_office_hours is 'Raises PT400 unless these are office hours, or null.';

create function heddle.office_text(p_what text, p_text text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  if p_text is null or heddle.is_blank(p_text) then
    return null;
  end if;
  perform heddle.demand(length(trim(p_text)) <= 500, format('%s has at most 500 characters.', p_what));
  return trim(p_text);
end $$;

comment on function heddle.office_text is 'A greeting or away message as it is kept: null where there is nothing to see. PT400.';

create function heddle_api.update_agent(p_agent_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.demand_texts(p_changes, array['name', 'greeting', 'awayMessage']);
  perform heddle.demand_office_hours(p_changes -> 'officeHours');
  update heddle.agents as agent set
    name = coalesce(p_changes ->> 'name', agent.name),
    allowed_origins = array(
      select origin
      from (
        select origin, min(place) as place
        from (
          select * from jsonb_array_elements_text(
            coalesce(p_changes -> 'allowedOrigins', to_jsonb(agent.allowed_origins))
          ) with ordinality
          union all
          select added.origin, 1000000 + added.place
          from jsonb_array_elements_text(coalesce(p_changes -> 'addOrigins', '[]')) with ordinality as added (origin, place)
        ) as wanted (origin, place)
        group by origin
      ) as each_once
      where not coalesce(p_changes -> 'removeOrigins', '[]') ? origin
      order by place
    ),
    anonymous_allowed = coalesce((p_changes ->> 'anonymousAllowed')::boolean, agent.anonymous_allowed),
    display = jsonb_strip_nulls(agent.display || coalesce(p_changes -> 'display', '{}')),
    greeting = case when p_changes ? 'greeting' then heddle.office_text('A greeting', p_changes ->> 'greeting') else agent.greeting end,
    office_hours = case when p_changes ? 'officeHours' then nullif(p_changes -> 'officeHours', 'null') else agent.office_hours end,
    away_message = case
      when p_changes ? 'awayMessage' then heddle.office_text('An away message', p_changes ->> 'awayMessage')
      else agent.away_message
    end,
    identity = coalesce(p_changes -> 'identity', agent.identity),
    session_version = agent.session_version + coalesce((p_changes ->> 'endSessions')::boolean, false)::integer
  where id = p_agent_id;
  return heddle_api.get_agent(p_agent_id);
end $$;

comment on function heddle_api.update_agent is
  'Changes what p_changes holds of name, allowedOrigins (all of them), addOrigins, removeOrigins, anonymousAllowed, display
(null takes a look back to its default), greeting, officeHours, awayMessage (null takes one away), identity, endSessions (true);
the rest stays. Answers with get_agent. PT400.';

create function heddle_api.remove_agent(p_agent_id uuid) returns void
language sql security definer set search_path = '' as $$
  delete from heddle.agents where id = p_agent_id
$$;

comment on function heddle_api.remove_agent is 'Removes an agent with its tabs, keys, connectors and issues.';

create function heddle_api.update_tab(p_tab_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_tab heddle.tabs;
begin
  perform heddle.demand_texts(p_changes, array['name', 'icon']);
  update heddle.tabs as tab set
    name = coalesce(p_changes ->> 'name', tab.name),
    icon = case when p_changes ? 'icon' then p_changes ->> 'icon' else tab.icon end,
    position = coalesce((p_changes ->> 'position')::integer, tab.position),
    visitor_fields = case
      when p_changes ? 'visitorFields' then array(select jsonb_array_elements_text(p_changes -> 'visitorFields'))
      else tab.visitor_fields
    end
  where id = p_tab_id
  returning * into v_tab;
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'id', v_tab.id,
    'agentId', v_tab.agent_id,
    'name', v_tab.name,
    'icon', v_tab.icon,
    'category', v_tab.category,
    'source', v_tab.source,
    'visitorFields', v_tab.visitor_fields,
    'position', v_tab.position
  );
end $$;

comment on function heddle_api.update_tab is
  'Changes what p_changes holds of name, icon (null: the category decides), position and visitorFields; the rest stays.';

create function heddle_api.remove_tab(p_tab_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_tab heddle.tabs;
begin
  delete from heddle.tabs where id = p_tab_id returning * into v_tab;
  if not found then
    return null;
  end if;
  return jsonb_build_object('id', v_tab.id, 'agentId', v_tab.agent_id, 'name', v_tab.name);
end $$;

comment on function heddle_api.remove_tab is 'Removes a tab with its actions and its issues.';

create function heddle_api.list_connectors(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', connector.id,
        'name', connector.name,
        'kind', connector.kind,
        'host', connector.host,
        'header', connector.header,
        'actions', (select count(*) from heddle.tab_actions where connector_id = connector.id),
        'createdAt', connector.created_at
      )
      order by connector.created_at, connector.id
    ), '[]')
    from heddle.connectors connector
    where connector.agent_id = p_agent_id
  );
end $$;

comment on function heddle_api.list_connectors is
  'Connectors of an agent without their values, each with the number of actions that use it.';

create function heddle_api.update_connector(p_connector_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_connector heddle.connectors;
begin
  perform heddle.demand_texts(p_changes, array['name', 'value']);
  update heddle.connectors as connector set name = coalesce(p_changes ->> 'name', connector.name)
  where id = p_connector_id
  returning * into v_connector;
  if not found then
    return null;
  end if;
  if p_changes ? 'value' then
    perform heddle.require_connector_value(v_connector.kind, p_changes ->> 'value');
    if exists (select from vault.secrets where id = v_connector.vault_secret_id) then
      perform vault.update_secret(v_connector.vault_secret_id, p_changes ->> 'value');
    else
      -- Restored without Vault.
      update heddle.connectors
      set vault_secret_id = vault.create_secret(p_changes ->> 'value', 'heddle connector ' || id)
      where id = v_connector.id;
    end if;
  end if;
  return jsonb_build_object('id', v_connector.id, 'name', v_connector.name, 'host', v_connector.host);
end $$;

comment on function heddle_api.update_connector is
  'Changes what p_changes holds of name and value. Host and kind stay: a credential is made for one host.';

create function heddle_api.remove_connector(p_connector_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_connector heddle.connectors;
begin
  -- No action takes it up meanwhile.
  perform from heddle.connectors where id = p_connector_id for update;
  if exists (select from heddle.tab_actions where connector_id = p_connector_id) then
    raise exception 'actions still use this connector' using
      errcode = 'PT409',
      hint = 'Give them another one, or none.';
  end if;
  delete from heddle.connectors where id = p_connector_id returning * into v_connector;
  if not found then
    return null;
  end if;
  return jsonb_build_object('id', v_connector.id, 'name', v_connector.name, 'host', v_connector.host);
end $$;

comment on function heddle_api.remove_connector is 'Removes a connector and its value from Vault, unless actions use it.';

revoke execute on function heddle.demand_office_hours, heddle.office_text from public;
revoke execute on function heddle_api.get_agent from public;
revoke execute on function heddle_api.update_agent from public;
revoke execute on function heddle_api.remove_agent from public;
revoke execute on function heddle_api.update_tab from public;
revoke execute on function heddle_api.remove_tab from public;
revoke execute on function heddle_api.list_connectors from public;
revoke execute on function heddle.require_connector_value from public;
revoke execute on function heddle_api.update_connector from public;
revoke execute on function heddle_api.remove_connector from public;
grant execute on function heddle_api.get_agent to service_role;
grant execute on function heddle_api.update_agent to service_role;
grant execute on function heddle_api.remove_agent to service_role;
grant execute on function heddle_api.update_tab to service_role;
grant execute on function heddle_api.remove_tab to service_role;
grant execute on function heddle_api.list_connectors to service_role;
grant execute on function heddle_api.update_connector to service_role;
grant execute on function heddle_api.remove_connector to service_role;
