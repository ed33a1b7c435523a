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
