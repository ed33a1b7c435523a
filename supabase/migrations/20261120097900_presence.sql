-- Who is here, and who is typing. Leases and not Realtime's presence: SQL has to know it too, and there anybody could claim
-- to be anybody.

create function heddle.announce_presence(
  p_agent_id uuid,
  p_subject text,
  p_key text,
  p_state text,
  p_last_seen_at timestamptz default null
) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_presence jsonb := heddle.event(
    case p_state when 'offline' then 'user:offline' else 'user:online' end,
    jsonb_strip_nulls(jsonb_build_object(
      'user_id', case p_subject when 'visitor' then p_agent_id || '/' || p_key else p_key end,
      'status', p_state,
      'timestamp', clock_timestamp(),
      'lastSeenAt', p_last_seen_at
    ))
  );
begin
  perform heddle.open_inbox(p_agent_id);
  select * into v_agent from heddle.agents where id = p_agent_id;
  begin
    perform heddle.send(array[heddle.inbox_name(v_agent)], array[v_presence]);
  exception when others then
    perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
  end;
  if v_agent.logs_events then
    perform heddle.log_presence(v_agent, v_presence);
  end if;
end $$;

create function heddle.lasts(p_agent_id uuid, p_subject text, p_key text, p_state text, p_for interval) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (
    select from heddle.leases
    where agent_id = p_agent_id and subject = p_subject and key = p_key
      and state = p_state and until > now() + p_for * 0.7
  );
end $$;

comment on function heddle.lasts is
  'Whether a lease of this state lasts most of the time that it would be kept for: visitors come here with every call.';

create function heddle.keep_lease(p_agent_id uuid, p_subject text, p_key text, p_state text, p_for interval)
returns boolean
language plpgsql set search_path = '' as $$
declare
  v_held heddle.leases;
  v_is_news boolean := true;
begin
  if heddle.lasts(p_agent_id, p_subject, p_key, p_state, p_for) then
    return false;
  end if;
  loop
    insert into heddle.leases (agent_id, subject, key, state, until)
    values (p_agent_id, p_subject, p_key, p_state, now() + p_for)
    on conflict do nothing;
    exit when found;
    select * into v_held from heddle.leases
    where agent_id = p_agent_id and subject = p_subject and key = p_key for update;
    -- Else it has been ended since, and one of its own is made.
    if found then
      v_is_news := v_held.state is distinct from p_state or v_held.until <= now();
      update heddle.leases set state = p_state, until = greatest(until, now() + p_for)
      where agent_id = p_agent_id and subject = p_subject and key = p_key;
      exit;
    end if;
  end loop;
  -- They were gone, and nobody has said so: each coming has its going.
  if v_held.until <= now() then
    perform heddle.announce_end(v_held);
  end if;
  if v_is_news then
    perform heddle.announce_presence(p_agent_id, p_subject, p_key, p_state);
  end if;
  return v_is_news;
end $$;

comment on function heddle.keep_lease is
  'Makes or prolongs a lease, and tells the team if it is the first, or of another state. Whether it was.';

create function heddle.note_visit(p_ended heddle.leases) returns timestamptz
language plpgsql set search_path = '' as $$
declare
  v_last_seen_at timestamptz := p_ended.until - heddle.visitor_lease();
begin
  -- Whoever holds the row may wait for the lease: then the visit stays as it was noted when it began.
  update heddle.visitors set last_seen_at = greatest(last_seen_at, v_last_seen_at) where id = (
    select id from heddle.visitors where agent_id = p_ended.agent_id and end_user_id = p_ended.key
    for no key update skip locked
  );
  return v_last_seen_at;
end $$;

comment on function heddle.note_visit is 'Keeps when a visitor whose lease has ended was there last, and answers it.';

create function heddle.announce_end(p_ended heddle.leases) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.announce_presence(
    p_ended.agent_id, p_ended.subject, p_ended.key, 'offline',
    case when p_ended.subject = 'visitor' then heddle.note_visit(p_ended) end
  );
end $$;

create function heddle.keep_visitor(p_agent_id uuid, p_end_user text, p_said jsonb default null) returns void
language plpgsql set search_path = '' as $$
begin
  -- Whoever never wrote leaves nothing behind, here neither.
  if heddle.lasts(p_agent_id, 'visitor', p_end_user, 'online', heddle.visitor_lease())
    or not exists (select from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user) then
    return;
  end if;
  perform heddle.open_inbox(p_agent_id);
  -- Of one whom the site vouches for: what it calls them now.
  update heddle.visitors set
    name = coalesce(nullif(heddle.one_line(p_said ->> 'name'), ''), name), email = coalesce(p_said ->> 'email', email)
  where agent_id = p_agent_id and end_user_id = p_end_user and heddle.is_identified(p_end_user) and (
    name is distinct from coalesce(nullif(heddle.one_line(p_said ->> 'name'), ''), name)
    or email is distinct from coalesce(p_said ->> 'email', email)
  );
  perform from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user for key share;
  -- Who was erased meanwhile keeps no lease.
  if found and heddle.keep_lease(p_agent_id, 'visitor', p_end_user, 'online', heddle.visitor_lease()) then
    update heddle.visitors set last_seen_at = now() where agent_id = p_agent_id and end_user_id = p_end_user;
  end if;
end $$;

create function heddle.open_inboxes(p_agents uuid[]) returns uuid[]
language plpgsql set search_path = '' as $$
declare
  v_agent_id uuid;
begin
  for v_agent_id in select unnest(p_agents) as agent_id order by agent_id loop
    perform heddle.open_inbox(v_agent_id);
  end loop;
  return p_agents;
end $$;

comment on function heddle.open_inboxes is
  'open_inbox for several, in the order of hold_inboxes: whoever is being removed may hold what the caller is about to lock.';

create function heddle.end_leases(p_agent_id uuid default null) returns void
language plpgsql set search_path = '' as $$
declare
  c_most constant integer := 200;
  v_agents uuid[] := heddle.open_inboxes(array(
    select distinct agent_id from heddle.leases where until <= now() and (p_agent_id is null or agent_id = p_agent_id)
  ));
  v_ended heddle.leases;
begin
  for v_ended in
    delete from heddle.leases where ctid = any (array(
      select ctid from heddle.leases
      where until <= now() and agent_id = any (v_agents)
      limit c_most for update skip locked
    ))
    returning *
  loop
    perform heddle.announce_end(v_ended);
  end loop;
end $$;

comment on function heddle.end_leases is 'Ends leases that have run out, and says so. Several at once do not wait for each other.';

create function heddle.wake_snoozed(p_agent_id uuid default null) returns void
language plpgsql set search_path = '' as $$
declare
  -- Whoever calls this has only looked.
  v_by text := heddle.act_as('SYSTEM');
  v_agents uuid[] := heddle.open_inboxes(array(
    select distinct agent_id from heddle.conversations
    where status = 'snoozed' and snoozed_until <= now() and (p_agent_id is null or agent_id = p_agent_id)
  ));
begin
  update heddle.conversations set
    status = 'open',
    snoozed_until = null,
    snooze_ended = true,
    active_at = greatest(clock_timestamp(), active_at + interval '1 microsecond')
  where id = any (array(
    select id from heddle.conversations
    where status = 'snoozed' and snoozed_until <= now() and agent_id = any (v_agents)
    order by id limit 15 for no key update skip locked
  ));
  perform heddle.act_as(v_by);
end $$;

comment on function heddle.wake_snoozed is 'Opens conversations whose time has come, and brings them to where a new message would.';

create function heddle_api.tend_store() returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.end_leases();
  perform heddle.wake_snoozed();
  perform heddle.end_streams();
  perform heddle.tend_bots();
  delete from heddle.gone where at < now() - interval '30 days';
  perform heddle.tend_events();
  perform heddle.tend_deliveries();
  perform heddle.tend_notifications();
end $$;

comment on function heddle_api.tend_store is
  'What has to happen with time: ends leases, wakes snoozed conversations, ends answers that stopped growing, keeps the event
log''s days, tells teams what their rules are about. pg_cron calls it where there is one; the inbox does the same for its agents while it is open.';

create function heddle.told_state(p_agent_id uuid, p_user_id text, p_state text) returns text
language plpgsql set search_path = '' as $$
declare
  v_state text;
begin
  select state into v_state from heddle.leases
  where agent_id = p_agent_id and subject = 'operator' and key = p_user_id and until > now();
  if v_state = p_state or heddle.take_token(p_agent_id, 'operator', 'presence', p_user_id) = 0 then
    return p_state;
  end if;
  return v_state;
end $$;

comment on function heddle.told_state is
  'The state in which an operator is kept: this one, or while they change it too often the one that was told last. Null if
none was. Nobody need limit going offline: it is told of those only whose coming was.';

create function heddle.inbox_here(p_state text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_lease constant interval := '40 seconds';
  v_me text := auth.uid();
  v_agent_id uuid;
  v_told text;
begin
  perform heddle.demand(p_state in ('online', 'away', 'offline'), 'The state must be online, away or offline.');
  for v_agent_id in
    select agent.id from heddle.members me join heddle.agents agent on agent.org_id = me.org_id
    where me.user_id = v_me::uuid and heddle.answers_for(agent.id, me.user_id)
    order by agent.id
  loop
    -- Whoever is being removed leaves no lease behind.
    perform heddle.open_inbox(v_agent_id);
    continue when not heddle.answers_for(v_agent_id, v_me::uuid);
    if p_state = 'offline' then
      -- An app of theirs may be connected still.
      continue when exists (select from heddle.gateways where until > now() and v_me::uuid = any (users));
      delete from heddle.leases where agent_id = v_agent_id and subject = 'operator' and key = v_me;
      if found then
        perform heddle.announce_presence(v_agent_id, 'operator', v_me, 'offline');
      end if;
    else
      v_told := heddle.told_state(v_agent_id, v_me, p_state);
      if v_told is not null then
        perform heddle.keep_lease(v_agent_id, 'operator', v_me, v_told, c_lease);
      end if;
    end if;
    perform heddle.end_leases(v_agent_id);
    perform heddle.wake_snoozed(v_agent_id);
    perform heddle.end_streams(v_agent_id);
    perform heddle.tend_bots(v_agent_id);
    perform heddle.notify(v_agent_id);
  end loop;
  return jsonb_build_object('state', p_state);
end $$;

create function heddle.inbox_present(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me uuid := (heddle.require_member(p_agent_id)).user_id;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'user_id', case subject when 'visitor' then agent_id || '/' || key else key end, 'status', state
    )), '[]')
    from (
      select * from heddle.leases where agent_id = p_agent_id and until > now() order by subject, until desc limit 1000
    ) here
  );
end $$;

create function heddle.inbox_typing(p_conversation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
  v_typing jsonb;
begin
  if heddle.take_token(v_conversation.agent_id, 'operator', 'typing', v_me.user_id::text) > 0 then
    return jsonb_build_object('sent', false);
  end if;
  v_typing := jsonb_build_object('conversationId', p_conversation_id, 'role', 'AGENT', 'name', v_me.name);
  perform heddle.tell_gateways(v_conversation, 'typing', v_typing);
  perform heddle.announce(
    v_conversation,
    heddle.event('typing', v_typing),
    null,
    array[heddle.event('typing', v_typing || jsonb_build_object('userId', v_me.user_id))]
  );
  return jsonb_build_object('sent', true);
end $$;

create function heddle_api.store_typing(p_agent_id uuid, p_end_user text, p_conversation_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  v_conversation heddle.conversations;
  v_typing jsonb := jsonb_strip_nulls(jsonb_build_object(
    'conversationId', p_conversation_id,
    'role', 'USER',
    'name', (select name from heddle.visitors where id = v_seat.visitor_id)
  ));
begin
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  perform heddle.tell_gateways(v_conversation, 'typing', v_typing);
  perform heddle.announce(v_conversation, null, null, array[heddle.event('typing', v_typing)]);
end $$;

comment on function heddle_api.store_typing is 'Tells the team that a visitor is typing. PT404.';

do $$
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    perform cron.schedule('heddle: tend the store', '30 seconds', 'select heddle_api.tend_store()');
  end if;
end $$;

create function heddle_api.inbox_here(p_state text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_here(p_state);
end $$;

comment on function heddle_api.inbox_here is
  'Says that the operator is online or away for 40 s more, or offline: { state }. Call it every 20 s. Five changes at once are
told, then one every 3 s; a later call tells what was too much. It also ends others'' leases that have run out and wakes
snoozed conversations. PT400.';

create function heddle_api.inbox_present(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_present(p_agent_id);
end $$;

comment on function heddle_api.inbox_present is
  'Who is here now, as user:online says it: [{ user_id, status }]. PT404.';

create function heddle_api.inbox_typing(p_conversation_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_typing(p_conversation_id);
end $$;

comment on function heddle_api.inbox_typing is
  'Tells the visitor and the team that the operator is typing, at most every 3 s: { sent }. PT404.';

revoke execute on function
  heddle.announce_presence, heddle.lasts, heddle.keep_lease, heddle.open_inboxes, heddle.note_visit, heddle.announce_end, heddle.keep_visitor, heddle.end_leases,
  heddle.wake_snoozed, heddle_api.tend_store, heddle_api.store_typing, heddle.told_state, heddle.inbox_here,
  heddle_api.inbox_here, heddle.inbox_present, heddle_api.inbox_present, heddle.inbox_typing, heddle_api.inbox_typing
from public;
grant execute on function
  heddle.inbox_here, heddle_api.inbox_here, heddle.inbox_present, heddle_api.inbox_present, heddle.inbox_typing,
  heddle_api.inbox_typing
to authenticated;
grant execute on function
  heddle_api.tend_store, heddle_api.store_typing
to service_role;
