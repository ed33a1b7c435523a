-- Who writes and reads events: owners' backends with an API key, members of the team with their own token.

create function heddle.note_readers() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update heddle.agents agent set logs_events = not agent.logs_events
  where agent.logs_events <> (exists (
    select from heddle.api_keys key
    where key.revoked_at is null and key.scopes && array['events:read', 'events:write']
      and (key.agent_id = agent.id or key.org_id = agent.org_id)
  ) or exists (select from heddle.event_channels where org_id = agent.org_id and is_on)
    or exists (select from heddle.notification_rules where agent_id = agent.id and is_on)
    or exists (select from heddle.webhooks where org_id = agent.org_id and is_on));
  return null;
end $$;

comment on function heddle.note_readers is 'Notes of which agents events are logged: of those that a key for events reaches, whose
organisation hears them live or has webhooks, or whose team is told by a rule.';

create trigger note_readers after insert or delete or update of scopes, revoked_at, agent_id, org_id
  on heddle.api_keys for each statement execute function heddle.note_readers();
create trigger note_readers after insert on heddle.agents for each statement execute function heddle.note_readers();

create function heddle.key_for(p_key_hash text, p_scope text) returns heddle.api_keys
language plpgsql stable set search_path = '' as $$
declare
  v_key heddle.api_keys;
begin
  select * into v_key from heddle.api_keys where key_hash = p_key_hash and revoked_at is null;
  if not p_scope = any (v_key.scopes) then
    raise exception 'forbidden' using errcode = 'PT403', detail = format('The API key must have the scope %s.', p_scope);
  end if;
  return v_key;
end $$;

comment on function heddle.key_for is 'The key with this hash; nulls if it is unknown or revoked. PT403 without the scope.';

create function heddle.touch_key(p_key heddle.api_keys) returns void
language plpgsql set search_path = '' as $$
begin
  if p_key.last_used_at is null or p_key.last_used_at < now() - interval '1 minute' then
    perform heddle_api.touch_api_key(p_key.id);
  end if;
end $$;

create function heddle.first_answer(p_reach uuid, p_key text, p_hash bytea) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_known heddle.event_keys;
begin
  delete from heddle.event_keys where reach = p_reach and key = p_key and at < now() - interval '24 hours';
  -- Whoever has come with it and has not committed yet is waited for.
  insert into heddle.event_keys (reach, key, hash, answer) values (p_reach, p_key, p_hash, '{}')
  on conflict do nothing;
  if found then
    return null;
  end if;
  select * into v_known from heddle.event_keys where reach = p_reach and key = p_key;
  if v_known.hash <> p_hash then
    raise exception 'conflict' using
      errcode = 'PT409', detail = 'This Idempotency-Key has come with another request within the last 24 hours.';
  end if;
  return v_known.answer;
end $$;

comment on function heddle.first_answer is
  'What was kept for an idempotency key that came within 24 hours; null the first time: the caller updates `answer` then. PT409
where it came with something else.';

create function heddle_api.write_event(
  p_key_hash text,
  p_event jsonb,
  p_idempotency_key text default null,
  p_address_hash text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_key heddle.api_keys := heddle.key_for(p_key_hash, 'events:write');
  v_reach constant uuid := coalesce(v_key.agent_id, v_key.org_id);
  v_org_id uuid;
  v_event heddle.events;
  v_answer jsonb;
begin
  if v_key.id is null then
    return heddle.refuse_key(p_address_hash);
  end if;
  perform heddle.touch_key(v_key);
  v_org_id := coalesce(v_key.org_id, (select org_id from heddle.agents where id = v_key.agent_id));
  perform heddle.hold_events(v_org_id);
  if p_idempotency_key is not null then
    v_answer := heddle.first_answer(
      v_reach, p_idempotency_key, sha256(convert_to(p_event::text, 'UTF8'))
    );
    if v_answer is not null then
      return jsonb_build_object('outcome', 'ok', 'event', v_answer);
    end if;
  end if;
  v_event := heddle.log_event(
    v_org_id,
    v_key.agent_id,
    array[p_event ->> 'source', p_event ->> 'resource', p_event ->> 'event', p_event ->> 'resourceId'],
    (p_event ->> 'resource') || '.' || (p_event ->> 'event'),
    p_event ->> 'actor',
    coalesce(p_event -> 'data', '{}')
  );
  v_answer := heddle.event_json(v_event)::jsonb - 'v' - 'data' - 'actor';
  update heddle.event_keys set answer = v_answer where reach = v_reach and key = p_idempotency_key;
  return jsonb_build_object('outcome', 'ok', 'event', v_answer);
end $$;

comment on function heddle_api.write_event is
  'Writes an event of an owner''s: { source, resource, event, resourceId, actor?, data? }, and answers with
{ outcome: ok, event: { id, type, at, topic } }, or why not (key_not_found, rate_limited). The same idempotency key within 24
hours: the first answer, or PT409 with another event. PT403 without the scope events:write.';

create function heddle.require_topics(p_topics jsonb, p_orgs uuid[]) returns void
language plpgsql immutable set search_path = '' as $$
declare
  c_most constant integer := 100;
  c_uuid constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  v_topic jsonb;
begin
  if p_topics is null then
    return;
  end if;
  perform heddle.demand(jsonb_typeof(p_topics) = 'array', 'The topics must be an array.');
  perform heddle.demand(jsonb_array_length(p_topics) <= c_most, format('There may be %s topics at most.', c_most));
  for v_topic in select jsonb_array_elements(p_topics) loop
    perform heddle.demand(
      jsonb_typeof(v_topic) = 'object' and coalesce(v_topic ->> 'orgId' ~ c_uuid, true),
      'Each topic must be an object, its orgId a uuid.'
    );
    if not (v_topic ->> 'orgId')::uuid = any (p_orgs) then
      raise exception 'forbidden' using errcode = 'PT403', detail = 'Topics must be of your own organisation.';
    end if;
  end loop;
end $$;

comment on function heddle.require_topics is
  'Raises PT400 unless these are topics, PT403 if one is of an organisation that is not among p_orgs.';

create function heddle_api.read_events(
  p_key_hash text,
  p_since text default null,
  p_topics jsonb default null,
  p_limit integer default 500,
  p_address_hash text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_key heddle.api_keys := heddle.key_for(p_key_hash, 'events:read');
begin
  if v_key.id is null then
    return heddle.refuse_key(p_address_hash);
  end if;
  perform heddle.touch_key(v_key);
  perform heddle.require_topics(
    p_topics, array[coalesce(v_key.org_id, (select org_id from heddle.agents where id = v_key.agent_id))]
  );
  return jsonb_build_object('outcome', 'ok')
    || heddle.events_page(p_since, array[v_key.org_id], array[v_key.agent_id], p_topics, p_limit)::jsonb;
end $$;

comment on function heddle_api.read_events is
  'What came after a cursor (null: from now on), of any of p_topics, [{ orgId?, source?, resource?, event?, resourceId? }]
(null: all): { outcome: ok, events, cursor }, or why not (key_not_found, rate_limited). PT400, PT403 for a foreign topic or
without the scope events:read, PT410 for a cursor that is too old.';

create function heddle.inbox_events(p_since text, p_topics jsonb, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_all uuid[];
  v_whole uuid[];
  v_agents uuid[];
begin
  select array_agg(org_id), array_agg(org_id) filter (where every_agent) into v_all, v_whole
  from heddle.members where user_id = auth.uid();
  v_agents := array(select agent_id from heddle.member_agents where user_id = auth.uid());
  perform heddle.require_topics(p_topics, v_all);
  return jsonb_build_object('isMember', v_all is not null, 'channels', heddle.events_channels())
    || heddle.events_page(p_since, v_whole, v_agents, p_topics, least(greatest(p_limit, 1), 1000))::jsonb;
end $$;

create function heddle_api.inbox_events(
  p_since text default null,
  p_topics jsonb default null,
  p_limit integer default 500
) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_events(p_since, p_topics, p_limit);
end $$;

comment on function heddle_api.inbox_events is
  'The same as read_events for the caller, a member of one or more teams: of organisations whose every agent they answer for
all events, else those of their agents: { isMember, channels, events, cursor }. On channels they hear all of that live. PT400, PT403 for a foreign topic, PT410.';

revoke execute on function heddle.note_readers from public;
revoke execute on function heddle.key_for from public;
revoke execute on function heddle.touch_key from public;
revoke execute on function heddle.first_answer from public;
revoke execute on function heddle.require_topics from public;
revoke execute on function heddle_api.write_event from public;
revoke execute on function heddle_api.read_events from public;
revoke execute on function heddle.inbox_events from public;
revoke execute on function heddle_api.inbox_events from public;
grant execute on function heddle_api.write_event to service_role;
grant execute on function heddle_api.read_events to service_role;
grant execute on function heddle.inbox_events to authenticated;
grant execute on function heddle_api.inbox_events to authenticated;
