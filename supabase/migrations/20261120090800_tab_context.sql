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
and its address, with a session that has ended to its address only. p_said: { name?, email? } of the owner''s token, which visitors of the store are
called by from now on. A `receipt` is an update_item that is charged as a read.';

revoke execute on function heddle.connector_of from public;
revoke execute on function heddle_api.tab_context from public;
grant execute on function heddle_api.tab_context to service_role;
