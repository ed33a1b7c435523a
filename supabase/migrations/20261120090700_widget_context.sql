-- What validate-widget needs, in one round trip. In plpgsql here and below where calls are many: it keeps its plans,
-- while Postgres 17 plans a SQL function anew in every statement.

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

revoke execute on function heddle.tabs_of from public;
revoke execute on function heddle_api.widget_context from public;
grant execute on function heddle_api.widget_context to service_role;
