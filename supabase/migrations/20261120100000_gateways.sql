-- Gateways: which there are, whom they hold connected, and what they are to tell without that anybody keeps it. All of it
-- is gone in a minute anyway, so nothing here outlives a crash of the database.

create unlogged table heddle.gateways (
  id uuid primary key,
  until timestamptz not null,
  users uuid[] not null default '{}'
);
alter table heddle.gateways enable row level security;

comment on table heddle.gateways is 'Gateways that are there, until when unless they say so again.';
comment on column heddle.gateways.users is 'Members who are connected to it with an access token.';

create unlogged table heddle.ephemeral_events (
  pos bigint primary key default nextval('heddle.event_positions'),
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  org_id uuid not null,
  agent_id uuid not null,
  topic text not null,
  type text not null,
  data jsonb not null,
  teller uuid
);
create index ephemeral_events_xid on heddle.ephemeral_events (xid);
alter table heddle.ephemeral_events enable row level security;

comment on table heddle.ephemeral_events is
  'What gateways tell whoever is connected, and the log does not keep: who is typing, by what a message has grown.';
comment on column heddle.ephemeral_events.pos is 'Where it stands among the events of the log.';
comment on column heddle.ephemeral_events.teller is 'The connection that told it, which is not told.';

create function heddle.tell_gateways(
  p_conversation heddle.conversations,
  p_type text,
  p_data jsonb,
  p_teller uuid default null
) returns void
language plpgsql set search_path = '' as $$
declare
  v_org_id uuid;
begin
  -- Where there is no gateway, nobody would hear it.
  if not exists (select from heddle.gateways where until > now()) then
    return;
  end if;
  select heddle.logging_org(agent) into v_org_id from heddle.agents agent where id = p_conversation.agent_id;
  if v_org_id is null then
    return;
  end if;
  insert into heddle.ephemeral_events (org_id, agent_id, topic, type, data, teller) values (
    v_org_id,
    p_conversation.agent_id,
    concat_ws(
      '.', 'events', v_org_id,
      case p_conversation.kind when 'room' then 'rooms.room' else 'conversations.conversation' end,
      p_type, p_conversation.id
    ),
    p_type, p_data, p_teller
  );
end $$;

comment on function heddle.tell_gateways is
  'Has gateways tell something of a conversation or room, in the transaction''s place among the events of the log.';

create function heddle.ephemeral_window(p_from pg_snapshot, p_to pg_snapshot) returns setof heddle.ephemeral_events
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  select * from (
    select * from heddle.ephemeral_events where xid >= pg_snapshot_xmax(p_from) and xid < pg_snapshot_xmax(p_to)
    union all
    select * from heddle.ephemeral_events where xid = any (array(select pg_snapshot_xip(p_from)))
  ) e
  where pg_visible_in_snapshot(e.xid, p_to);
end $$;

comment on function heddle.ephemeral_window is 'As log_window, of what is not kept, and all of it.';

create function heddle.members_here(p_here uuid[], p_gone uuid[]) returns void
language plpgsql set search_path = '' as $$
declare
  c_lease constant interval := '40 seconds';
  c_after constant interval := '20 seconds';
  v_user_id uuid;
  v_agent_id uuid;
begin
  for v_agent_id, v_user_id in
    select agent.id, me.user_id from heddle.members me join heddle.agents agent on agent.org_id = me.org_id
    where me.user_id = any (p_here || p_gone) and heddle.answers_for(agent.id, me.user_id)
    order by agent.id, me.user_id
  loop
    perform heddle.open_inbox(v_agent_id);
    if v_user_id = any (p_gone) then
      -- An inbox that is open keeps it before that.
      update heddle.leases set until = least(until, now() + c_after)
      where agent_id = v_agent_id and subject = 'operator' and key = v_user_id::text;
    else
      perform heddle.keep_lease(v_agent_id, 'operator', v_user_id::text, coalesce((
        select state from heddle.leases
        where agent_id = v_agent_id and subject = 'operator' and key = v_user_id::text and until > now()
      ), 'online'), c_lease);
    end if;
  end loop;
end $$;

comment on function heddle.members_here is
  'Keeps members online who are connected to a gateway, or as their inbox says that they are; ends it soon for those who are
connected to none any more.';

create function heddle_api.gateway_here(p_id uuid, p_users uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c_lease constant interval := '1 minute';
  c_told constant interval := '10 seconds';
  v_former uuid[];
begin
  select users into v_former from heddle.gateways where id = p_id;
  insert into heddle.gateways (id, until, users) values (p_id, now() + c_lease, p_users)
  on conflict (id) do update set until = excluded.until, users = excluded.users;
  perform heddle.members_here(p_users, array(
    select former.id from unnest(v_former) as former (id)
    where former.id <> all (p_users)
      and not exists (select from heddle.gateways where until > now() and former.id = any (users))
  ));
  perform heddle.end_leases();
  delete from heddle.ephemeral_events where pos = any (array(
    select pos from heddle.ephemeral_events where at < now() - c_told for update skip locked
  ));
  delete from heddle.gateways where id = any (array(
    select id from heddle.gateways where until < now() for update skip locked
  ));
end $$;

comment on function heddle_api.gateway_here is
  'Says that a gateway is there for a minute more, and which members are connected to it. Call it every 20 s, and whenever the
members are others. They are online from their first connection on until 20 s after their last one.';

revoke execute on function
  heddle.tell_gateways, heddle.ephemeral_window, heddle.members_here, heddle_api.gateway_here
from public;
grant execute on function heddle_api.gateway_here to service_role;

-- What a gateway asks: it reads the log for everybody who is connected to it, and finds out what they may read.

create table heddle.event_tickets (
  hash bytea primary key,
  key_hash text,
  user_id uuid,
  ends_at timestamptz,
  expires_at timestamptz not null default now() + interval '60 seconds',
  check ((key_hash is null) <> (user_id is null))
);
create index event_tickets_expires_at on heddle.event_tickets (expires_at);
alter table heddle.event_tickets enable row level security;

comment on table heddle.event_tickets is 'Each lets whoever brings it connect once, within a minute, as whom it was given to.';
comment on column heddle.event_tickets.ends_at is 'When the access token ends for which it was given: the connection ends then.';

create function heddle.note_reach() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update heddle.event_log set reach = reach + 1;
  return null;
end $$;

create trigger note_reach after delete or update of scopes, revoked_at, agent_id, org_id
  on heddle.api_keys for each statement execute function heddle.note_reach();
create trigger note_reach after delete or update of every_agent
  on heddle.members for each statement execute function heddle.note_reach();
create trigger note_reach after insert or delete or update
  on heddle.member_agents for each statement execute function heddle.note_reach();

create function heddle.log_page(
  p_hits heddle.events[],
  p_limit integer,
  out events json,
  out last bigint,
  out is_whole boolean
)
language plpgsql stable set search_path = '' as $$
declare
  c_most_bytes constant integer := 524288;
begin
  -- Materialized: an event's json is made once, and not for each place where it stands below.
  with built as materialized (
    select hit.pos, hit.xid, hit.org_id, hit.agent_id, heddle.event_json(hit) as event from unnest(p_hits) hit
  )
  select
    coalesce(json_agg(json_build_object(
      'pos', page.pos, 'xid', page.xid, 'orgId', page.org_id, 'agentId', page.agent_id, 'event', page.event
    ) order by page.place) filter (where page.fits), '[]'),
    max(page.pos) filter (where page.fits),
    count(*) filter (where page.fits) = count(*) and count(*) < p_limit
  into events, last, is_whole
  from (
    select *, row_number() over way as place,
      sum(octet_length(event::text)) over way <= c_most_bytes or row_number() over way = 1 as fits
    from built
    window way as (order by pos)
  ) page;
end $$;

comment on function heddle.log_page is
  'Events, up to p_limit of them, as gateways get them, as many as make about 512 KiB.';

create function heddle.log_window(p_from pg_snapshot, p_to pg_snapshot, p_after bigint, p_limit integer)
returns setof heddle.events
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  select * from (
    select * from heddle.events where xid >= pg_snapshot_xmax(p_from) and xid < pg_snapshot_xmax(p_to)
    union all
    select * from heddle.events where xid = any (array(select pg_snapshot_xip(p_from)))
  ) e
  where pg_visible_in_snapshot(e.xid, p_to) and e.pos > p_after
  order by e.pos
  limit p_limit;
end $$;

comment on function heddle.log_window is 'As events_between, of everybody.';

create function heddle.last_logged(p_from pg_snapshot, p_since heddle.events[]) returns xid8
language plpgsql immutable set search_path = '' as $$
begin
  return greatest(
    (pg_snapshot_xmax(p_from)::text::numeric - 1)::text::xid8,
    (select xid from unnest(p_since) order by xid desc limit 1)
  );
end $$;

comment on function heddle.last_logged is
  'The latest transaction of which anything is in the log, for whoever has all that came since p_from.';

create function heddle_api.tail_events(
  p_from text default null,
  p_to text default null,
  p_after bigint default null,
  p_heard text default null,
  p_limit integer default 500
) returns json
language plpgsql stable security definer set search_path = '' as $$
declare
  v_log heddle.event_log;
  v_page record;
  v_from pg_snapshot := p_from::pg_snapshot;
  v_now constant pg_snapshot := pg_current_snapshot();
  v_to pg_snapshot := p_to::pg_snapshot;
  v_hits heddle.events[] := '{}';
  v_ephemeral json;
begin
  if pg_is_in_recovery() then
    raise exception 'events are read from the primary' using errcode = 'object_not_in_prerequisite_state';
  end if;
  select * into v_log from heddle.event_log;
  if pg_snapshot_xmin(v_from) <= v_log.dropped_xid then
    raise exception 'cursor_expired' using errcode = 'PT410', detail = 'The events after this cursor are no longer kept.';
  end if;
  -- Whoever only looks has moved nothing.
  if v_from is not null and p_heard <> v_now::text then
    v_hits := array(select hit from heddle.log_window(v_from, coalesce(v_to, v_now), coalesce(p_after, -1), p_limit) hit);
    if p_after is null then
      select json_agg(json_build_object(
        'pos', told.pos, 'orgId', told.org_id, 'agentId', told.agent_id, 'topic', told.topic, 'type', told.type,
        'data', told.data, 'teller', told.teller
      ) order by told.pos) into v_ephemeral from heddle.ephemeral_window(p_heard::pg_snapshot, v_now) told;
    end if;
  end if;
  v_to := coalesce(v_to, case
    when v_from is null or cardinality(v_hits) >= p_limit then heddle.log_snapshot()
    else heddle.lasting_snapshot(v_now, heddle.last_logged(v_from, v_hits))
  end);
  v_page := heddle.log_page(v_hits, p_limit);
  return json_build_object(
    'events', v_page.events, 'last', v_page.last, 'isWhole', v_page.is_whole, 'ephemeral', coalesce(v_ephemeral, '[]'),
    'epoch', heddle.log_epoch(), 'snapshot', v_to, 'heard', v_now, 'cursor', heddle.event_cursor(v_to), 'reach', v_log.reach
  );
end $$;

comment on function heddle_api.tail_events is
  'Every event that became visible between two snapshots (p_from null: none; p_to null: now), after the position p_after, and what
was told and not kept since p_heard: { events: [{ pos, xid, orgId, agentId, event }], last, isWhole,
ephemeral: [{ pos, orgId, agentId, topic, type, data, teller }], epoch, snapshot, heard, cursor, reach }. Unless isWhole there are
more up to the same snapshot; all that is ephemeral comes with the first page. PT410 where some are no longer kept.';

create function heddle_api.events_until(
  p_since text,
  p_until text,
  p_after bigint,
  p_wanted jsonb,
  p_limit integer default 500
) returns json
language plpgsql stable security definer set search_path = '' as $$
declare
  v_from pg_snapshot;
  v_to pg_snapshot := p_until::pg_snapshot;
  v_orgs uuid[] := array(select jsonb_array_elements_text(p_wanted -> 'orgs'));
  v_agents uuid[] := array(select jsonb_array_elements_text(p_wanted -> 'agents'));
  v_topics constant jsonb := nullif(p_wanted -> 'topics', '[{}]');
  v_page record;
begin
  select given.p_from into v_from from heddle.read_cursor(p_since) given;
  if p_after is null and v_topics is null then
    perform heddle.require_few_missed(v_from, v_to, v_orgs, v_agents, null);
  end if;
  v_page := heddle.log_page(array(
    select hit from heddle.events_between(
      v_from, v_to, coalesce(p_after, -1), p_limit, v_orgs, v_agents, v_topics
    ) hit
  ), p_limit);
  if p_after is null and v_topics is not null and not v_page.is_whole then
    perform heddle.require_few_missed(v_from, v_to, v_orgs, v_agents, v_topics);
  end if;
  return json_build_object('events', v_page.events, 'last', v_page.last, 'isWhole', v_page.is_whole);
end $$;

comment on function heddle_api.events_until is
  'What came after the cursor p_since and is visible in the snapshot p_until, of p_wanted { orgs, agents, topics }, after the
position p_after: { events, last, isWhole } as tail_events has them. Those that a cursor between two pages has behind it come
again. PT400, PT410.';

create function heddle_api.events_after(p_since text, p_wanted jsonb, p_limit integer default 500) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  return heddle.events_page(
    p_since,
    array(select jsonb_array_elements_text(p_wanted -> 'orgs'))::uuid[],
    array(select jsonb_array_elements_text(p_wanted -> 'agents'))::uuid[],
    nullif(nullif(p_wanted -> 'topics', '[{}]'), 'null'),
    p_limit
  );
end $$;

comment on function heddle_api.events_after is
  'What came after a cursor of p_wanted { orgs, agents, topics | null }: { events, cursor }, as read_events has them. PT400, PT410.';

create function heddle_api.tell_typing(p_conversation_id text, p_wanted jsonb, p_by jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_org_id uuid;
  v_typing jsonb;
begin
  if p_conversation_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select * into v_conversation from heddle.conversations where id = p_conversation_id::uuid;
    select org_id into v_org_id from heddle.agents where id = v_conversation.agent_id;
  end if;
  if not coalesce(p_wanted -> 'orgs' ? v_org_id::text or p_wanted -> 'agents' ? v_conversation.agent_id::text, false) then
    raise exception 'forbidden' using errcode = 'PT403', detail = 'The conversation must be one that you may read.';
  end if;
  v_typing := jsonb_build_object('conversationId', v_conversation.id, 'role', 'AGENT')
    || jsonb_strip_nulls(jsonb_build_object('name', p_by ->> 'name'));
  perform heddle.tell_gateways(v_conversation, 'typing', v_typing, (p_by ->> 'connection')::uuid);
  if heddle.take_token(v_conversation.agent_id, 'operator', 'typing', p_by ->> 'id') = 0 then
    begin
      perform heddle.announce(
        v_conversation, heddle.event('typing', v_typing), null, array[heddle.event('typing', v_typing)]
      );
    exception when others then
      perform heddle.unannounced(v_conversation.agent_id, sqlstate, sqlerrm);
    end;
  end if;
end $$;

comment on function heddle_api.tell_typing is
  'Tells gateways, and at most every 3 s the visitor and the team, that p_by { id, connection, name? } is typing in a
conversation or room of p_wanted { orgs, agents }. PT403 for any other.';

create function heddle_api.event_reach(
  p_key_hash text default null,
  p_user_id uuid default null,
  p_address_hash text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_key heddle.api_keys;
  v_orgs uuid[];
  v_whole uuid[];
begin
  if p_user_id is not null then
    select array_agg(org_id), array_agg(org_id) filter (where every_agent) into v_orgs, v_whole
    from heddle.members where user_id = p_user_id;
    return jsonb_build_object(
      'outcome', case when v_orgs is null then 'not_a_member' else 'ok' end,
      'id', p_user_id,
      'orgs', coalesce(v_orgs, '{}'),
      'whole', coalesce(v_whole, '{}'),
      'agents', array(select agent_id from heddle.member_agents where user_id = p_user_id),
      'scopes', array['events:read']
    );
  end if;
  select * into v_key from heddle.api_keys where key_hash = p_key_hash and revoked_at is null;
  if v_key.id is null then
    return heddle.refuse_key(p_address_hash);
  end if;
  perform heddle.touch_key(v_key);
  return jsonb_build_object(
    'outcome', 'ok',
    'id', v_key.id,
    'orgs', array[coalesce(v_key.org_id, (select org_id from heddle.agents where id = v_key.agent_id))],
    'whole', array_remove(array[v_key.org_id], null),
    'agents', array_remove(array[v_key.agent_id], null),
    'scopes', v_key.scopes
  );
end $$;

comment on function heddle_api.event_reach is
  'What the holder of a key, or a member, may read: { outcome, id, orgs, whole, agents, scopes }: topics of orgs, all events of
whole and those of agents. Outcomes besides ok: key_not_found, rate_limited (retryAfter), not_a_member.';

create function heddle_api.give_ticket(p_hash text, p_key_hash text, p_user_id uuid, p_ends_at timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_expires_at timestamptz;
  v_retry_after constant integer := heddle.take_token(
    '00000000-0000-0000-0000-000000000000', case when p_user_id is null then 'key' else 'operator' end, 'ticket',
    coalesce(p_user_id::text, p_key_hash)
  );
begin
  if v_retry_after > 0 then
    return jsonb_build_object('outcome', 'rate_limited', 'retryAfter', v_retry_after);
  end if;
  delete from heddle.event_tickets where expires_at < now();
  insert into heddle.event_tickets (hash, key_hash, user_id, ends_at)
  values (decode(p_hash, 'hex'), p_key_hash, p_user_id, p_ends_at)
  returning expires_at into v_expires_at;
  return jsonb_build_object('outcome', 'ok', 'expiresAt', v_expires_at);
end $$;

comment on function heddle_api.give_ticket is
  'Keeps a ticket, by SHA-256 in lowercase hex, for a minute: { outcome, expiresAt }. For the holder of a key or a member. Outcomes
besides ok: rate_limited (retryAfter).';

create function heddle_api.take_ticket(p_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_ticket heddle.event_tickets;
begin
  delete from heddle.event_tickets where hash = decode(p_hash, 'hex') returning * into v_ticket;
  if v_ticket.expires_at > now() then
    return jsonb_build_object('keyHash', v_ticket.key_hash, 'userId', v_ticket.user_id, 'endsAt', v_ticket.ends_at);
  end if;
  return null;
end $$;

comment on function heddle_api.take_ticket is
  'Whom a ticket was given to, the first time that it is brought: { keyHash, userId, endsAt }; null for any other.';

revoke execute on function
  heddle.note_reach, heddle.log_page, heddle.log_window, heddle.last_logged, heddle_api.tail_events, heddle_api.events_until,
  heddle_api.events_after, heddle_api.tell_typing, heddle_api.event_reach, heddle_api.give_ticket, heddle_api.take_ticket
from public;
grant execute on function
  heddle_api.tail_events, heddle_api.events_until, heddle_api.events_after, heddle_api.tell_typing,
  heddle_api.event_reach, heddle_api.give_ticket, heddle_api.take_ticket
to service_role;
