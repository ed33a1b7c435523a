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
