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

create function heddle_api.update_agent(p_agent_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.demand_texts(p_changes, array['name']);
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
    identity = coalesce(p_changes -> 'identity', agent.identity),
    session_version = agent.session_version + coalesce((p_changes ->> 'endSessions')::boolean, false)::integer
  where id = p_agent_id;
  return heddle_api.get_agent(p_agent_id);
end $$;

comment on function heddle_api.update_agent is
  'Changes what p_changes holds of name, allowedOrigins (all of them), addOrigins, removeOrigins, anonymousAllowed, display
(null takes a look back to its default), identity, endSessions (true); the rest stays. Answers with get_agent.';

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

create or replace function heddle_api.create_connector(
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
    perform vault.update_secret(v_connector.vault_secret_id, p_changes ->> 'value');
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
