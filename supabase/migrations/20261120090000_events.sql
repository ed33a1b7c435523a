-- What happened, for whoever subscribes: written in the transaction that makes the change, so that an event is there if and
-- only if its change is. Read from one snapshot to the next, never by position: of two transactions the one that took its
-- position first may commit last.

create table heddle.event_log (
  only_one boolean primary key default true check (only_one),
  id uuid not null default gen_random_uuid(),
  keep_days integer not null default 7 check (keep_days between 1 and 90),
  dropped_xid xid8 not null default '0',
  reach bigint not null default 0
);
alter table heddle.event_log enable row level security;
insert into heddle.event_log default values;

comment on table heddle.event_log is 'The log as a whole: one row.';
comment on column heddle.event_log.id is 'Stands in every cursor: that of another log reads nothing here.';
comment on column heddle.event_log.keep_days is 'Days after which events are dropped.';
comment on column heddle.event_log.dropped_xid is
  'The latest transaction of which events were dropped: a cursor before it may have missed some.';
comment on column heddle.event_log.reach is
  'Counts what may have changed who reads what: whoever keeps a connection open looks again then.';

create sequence heddle.event_positions;

create table heddle.events (
  pos bigint not null default nextval('heddle.event_positions'),
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  day date not null default (now() at time zone 'utc')::date,
  id uuid not null default gen_random_uuid(),
  org_id uuid not null,
  agent_id uuid,
  source text not null,
  resource text not null,
  event text not null,
  resource_id text not null,
  type text not null,
  actor text,
  data jsonb not null default '{}' check (jsonb_typeof(data) = 'object')
) partition by range (day);
create index events_xid on heddle.events (xid);
create index events_org on heddle.events (org_id, xid);
create index events_resource on heddle.events (resource_id, org_id, xid);
create index events_told on heddle.events (org_id, (data ->> 'conversation_id')) where source = 'notifications';
alter table heddle.events enable row level security;

comment on table heddle.events is 'What happened, for as long as event_log keeps it. A partition for each day, in UTC.';
comment on column heddle.events.pos is
  'Order of writing. Of one resource it is the order of the changes, too: whoever writes holds the lock of its row.';
comment on column heddle.events.xid is
  'The transaction that wrote it; the system''s xmin would name a subtransaction.';
comment on column heddle.events.agent_id is 'Whose agent it concerns; null: the organisation as a whole.';
comment on column heddle.events.type is 'message:new and the like for what Heddle writes, resource.event for what owners do.';
comment on column heddle.events.data is 'As subscribers get it.';

create table heddle.event_keys (
  reach uuid not null,
  key text not null check (length(key) between 1 and 260),
  hash bytea not null,
  answer jsonb not null,
  at timestamptz not null default now(),
  primary key (reach, key)
);
create index event_keys_at on heddle.event_keys (at);
alter table heddle.event_keys enable row level security;

comment on table heddle.event_keys is 'Idempotency keys of what owners'' backends wrote, with what was
answered or which conversation, message or room it was. Kept for 24 hours.';
comment on column heddle.event_keys.reach is
  'The agent or the organisation of the API key: of what one agent''s backend sends another''s learns nothing, and a new API key in
place of an old one repeats what that has sent.';

create function heddle.make_event_day(p_day date) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_name text := 'events_' || to_char(p_day, 'YYYYMMDD');
begin
  if to_regclass('heddle.' || v_name) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('heddle event days', 0));
  -- Not by its name again: what another has just made a name's cache does not know yet.
  if exists (select from pg_catalog.pg_class where relname = v_name and relnamespace = 'heddle'::regnamespace) then
    return;
  end if;
  -- Attached and not created as a partition: that would wait for everybody who reads or writes events.
  execute format('create table heddle.%I (like heddle.events including defaults including constraints)', v_name);
  execute format('alter table heddle.%I enable row level security', v_name);
  execute format(
    'alter table heddle.events attach partition heddle.%I for values from (%L) to (%L)', v_name, p_day, p_day + 1
  );
end $$;

comment on function heddle.make_event_day is 'Makes the partition of a day unless it is there. Costs nothing then. Whoever writes, it
belongs to the owner of the log.';

create function heddle.drop_event_days() returns void
language plpgsql set search_path = '' set lock_timeout = '100ms' as $$
declare
  v_until date := (now() at time zone 'utc')::date - (select keep_days from heddle.event_log);
  v_day text;
  v_last xid8;
begin
  for v_day in
    select partition.relname from pg_catalog.pg_inherits part
    join pg_catalog.pg_class partition on partition.oid = part.inhrelid
    where part.inhparent = 'heddle.events'::regclass and partition.relname < 'events_' || to_char(v_until, 'YYYYMMDD')
    order by partition.relname
  loop
    execute format('select xid from heddle.%I order by xid desc limit 1', v_day) into v_last;
    update heddle.event_log set dropped_xid = greatest(dropped_xid, v_last) where dropped_xid < v_last;
    execute format('drop table heddle.%I', v_day);
  end loop;
exception when lock_not_available then
  -- Whoever waits for this lock has everybody else wait behind: there is another time.
  null;
end $$;

comment on function heddle.drop_event_days is 'Drops the days that are past keeping, unless somebody reads or writes just now.';

create function heddle.tend_events() returns void
language plpgsql set search_path = '' as $$
begin
  for v_ahead in 0..3 loop
    perform heddle.make_event_day((now() at time zone 'utc')::date + v_ahead);
  end loop;
  perform heddle.drop_event_days();
  delete from heddle.event_keys where at < now() - interval '24 hours';
end $$;

comment on function heddle.tend_events is 'What the log needs with time: days ahead, none too old, no old idempotency keys.';

create function heddle.log_event(
  p_org_id uuid,
  p_agent_id uuid,
  p_topic text[],
  p_type text,
  p_actor text,
  p_data jsonb
) returns heddle.events
language plpgsql set search_path = '' as $$
declare
  v_event heddle.events;
begin
  perform heddle.make_event_day((now() at time zone 'utc')::date);
  insert into heddle.events (org_id, agent_id, source, resource, event, resource_id, type, actor, data)
  values (p_org_id, p_agent_id, p_topic[1], p_topic[2], p_topic[3], p_topic[4], p_type, p_actor, p_data)
  returning * into v_event;
  return v_event;
end $$;

comment on function heddle.log_event is
  'Writes an event. p_topic: source, resource, event, id of the resource, whose row the caller has locked.';

create function heddle.log_events(p_events heddle.events[]) returns void
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  perform heddle.make_event_day((now() at time zone 'utc')::date);
  insert into heddle.events (org_id, agent_id, source, resource, event, resource_id, type, actor, data)
  select org_id, agent_id, source, resource, event, resource_id, type, actor, data from unnest(p_events);
end $$;

comment on function heddle.log_events is 'Writes events, in this order: what log_event takes of each.';

create function heddle.topic_token(p_text text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  if p_text ~ '^[A-Za-z0-9_-]*$' then
    return p_text;
  end if;
  return (
    select string_agg(case
      when letter ~ '^[A-Za-z0-9_-]$' then letter
      else regexp_replace(upper(encode(convert_to(letter, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
    end, '' order by place)
    from regexp_split_to_table(p_text, '') with ordinality as letters (letter, place)
  );
end $$;

comment on function heddle.topic_token is 'A text as one token of a topic: percent-encoded, dots too.';

create function heddle.event_topic(p_event heddle.events) returns text
language plpgsql immutable set search_path = '' as $$
begin
  -- Most have nothing to encode, and one look costs less than one at each.
  if p_event.source || p_event.resource || p_event.event || p_event.resource_id ~ '^[A-Za-z0-9_-]*$' then
    return concat_ws(
      '.', 'events', p_event.org_id, p_event.source, p_event.resource, p_event.event, p_event.resource_id
    );
  end if;
  return concat_ws('.',
    'events', p_event.org_id, heddle.topic_token(p_event.source), heddle.topic_token(p_event.resource),
    heddle.topic_token(p_event.event), heddle.topic_token(p_event.resource_id)
  );
end $$;

create function heddle.event_json(p_event heddle.events) returns json
language plpgsql immutable set search_path = '' as $$
begin
  if p_event.actor is null then
    return json_build_object(
      'v', 1, 'id', p_event.id, 'type', p_event.type, 'at', p_event.at, 'data', p_event.data,
      'topic', heddle.event_topic(p_event)
    );
  end if;
  return json_build_object(
    'v', 1, 'id', p_event.id, 'type', p_event.type, 'at', p_event.at, 'data', p_event.data,
    'topic', heddle.event_topic(p_event), 'actor', p_event.actor
  );
end $$;

comment on function heddle.event_json is 'An event in its envelope, with its topic, as subscribers get it on every way. As json: whoever reads thousands
would pay for each jsonb around another.';

revoke execute on function heddle.make_event_day from public;
revoke execute on function heddle.drop_event_days from public;
revoke execute on function heddle.tend_events from public;
revoke execute on function heddle.log_event from public;
revoke execute on function heddle.log_events from public;
revoke execute on function heddle.topic_token from public;
revoke execute on function heddle.event_topic from public;
revoke execute on function heddle.event_json from public;

select heddle.tend_events();

-- Where a subscriber stands in the log, and what came since. A cursor holds a whole snapshot: a read answers exactly with what
-- became visible between two of them, however long some transaction stays open.

create function heddle.log_epoch() returns text
language plpgsql stable set search_path = '' as $$
declare
  v_epoch text := (select id from heddle.event_log);
begin
  -- A database that was restored or promoted may use the same transaction ids again.
  if has_function_privilege('pg_catalog.pg_control_system()', 'execute')
    and has_function_privilege('pg_catalog.pg_control_checkpoint()', 'execute') then
    v_epoch := v_epoch || ' ' || (select system_identifier from pg_control_system())
      || ' ' || (select timeline_id from pg_control_checkpoint());
  end if;
  return left(encode(sha256(convert_to(v_epoch, 'UTF8')), 'hex'), 12);
end $$;

comment on function heddle.log_epoch is 'Names this log in this database; another one after a restore.';

create function heddle.lasting_snapshot(p_now pg_snapshot, p_last xid8) returns pg_snapshot
language plpgsql immutable set search_path = '' as $$
declare
  v_end constant text := p_last::text::numeric + 1;
begin
  if v_end::xid8 >= pg_snapshot_xmax(p_now) then
    return p_now;
  end if;
  return concat_ws(
    ':',
    least(pg_snapshot_xmin(p_now), v_end::xid8),
    v_end,
    coalesce((select string_agg(xip::text, ',' order by xip) from pg_snapshot_xip(p_now) xip where xip < v_end::xid8), '')
  )::pg_snapshot;
end $$;

comment on function heddle.lasting_snapshot is
  'A snapshot with nothing of what began after p_last, the latest transaction of which there is anything in it. After a crash
Postgres gives ids out again that it had not yet kept, those of transactions that were rolled back: a reader to whom these counted
as read would miss what has their ids then. Those up to one whose change is there are kept with it.';

create function heddle.log_snapshot() returns pg_snapshot
language plpgsql stable set search_path = '' as $$
begin
  return heddle.lasting_snapshot(pg_current_snapshot(), greatest(
    (select xid from heddle.events order by xid desc limit 1), (select dropped_xid from heddle.event_log)
  ));
end $$;

comment on function heddle.log_snapshot is 'All of the log that is committed by now.';

create function heddle.event_cursor(p_from pg_snapshot, p_to pg_snapshot default null, p_after bigint default null)
returns text
language plpgsql stable set search_path = '' as $$
declare
  c_most_open constant integer := 64;
  v_from pg_snapshot := p_from;
begin
  -- So many open transactions make a long cursor: a shorter one repeats some events, which their ids tell.
  if (select count(*) from pg_snapshot_xip(p_from)) > c_most_open then
    v_from := (pg_snapshot_xmin(p_from) || ':' || pg_snapshot_xmin(p_from) || ':')::pg_snapshot;
  end if;
  return rtrim(translate(
    encode(convert_to(concat_ws('~', heddle.log_epoch(), v_from, p_to, p_after), 'UTF8'), 'base64'), E'+/\n', '-_'
  ), '=');
end $$;

comment on function heddle.event_cursor is
  'The cursor of who has read all of p_from; with p_to, of who has also read on to p_after of what came between the two.';

create function heddle.read_cursor(p_cursor text, out p_from pg_snapshot, out p_to pg_snapshot, out p_after bigint)
language plpgsql stable set search_path = '' as $$
declare
  v_parts text[];
begin
  if p_cursor is null then
    p_from := heddle.log_snapshot();
    return;
  end if;
  begin
    v_parts := string_to_array(convert_from(
      decode(rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='), 'base64'), 'UTF8'
    ), '~');
    p_from := v_parts[2]::pg_snapshot;
    p_to := v_parts[3]::pg_snapshot;
    p_after := v_parts[4]::bigint;
  exception when others then
    p_from := null;
  end;
  perform heddle.demand(
    p_from is not null and (p_to is null) = (p_after is null), 'The cursor must be one that was answered before.'
  );
  if v_parts[1] <> heddle.log_epoch()
    or pg_snapshot_xmin(p_from) <= (select dropped_xid from heddle.event_log)
    or pg_snapshot_xmax(p_from) > pg_snapshot_xmax(pg_current_snapshot()) then
    raise exception 'cursor_expired' using errcode = 'PT410', detail = 'The events after this cursor are no longer kept.';
  end if;
end $$;

comment on function heddle.read_cursor is 'What a cursor stands for; null: now. Raises PT400, and PT410 if it is too old.';

create function heddle.logging_orgs(p_orgs uuid[], p_agents uuid[]) returns uuid[]
language plpgsql stable set search_path = '' as $$
begin
  return array(select unnest(p_orgs) union select org_id from heddle.agents where id = any (p_agents));
end $$;

comment on function heddle.logging_orgs is
  'In whose part of the log the events of these organisations and agents are. It has an index by transactions, so that nobody pays
for what others write.';

create function heddle.events_between(
  p_from pg_snapshot,
  p_to pg_snapshot,
  p_after bigint,
  p_limit integer,
  p_orgs uuid[],
  p_agents uuid[],
  p_topics jsonb
) returns setof heddle.events
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  v_orgs constant uuid[] := heddle.logging_orgs(p_orgs, p_agents);
  -- What every topic names, of which most events have something else. Null: not all name it.
  v_sources text[];
  v_events text[];
  v_ids text[];
begin
  select
    case when bool_and(source is not null) then array_agg(distinct source) end,
    case when bool_and(event is not null) then array_agg(distinct event) end,
    case when bool_and("resourceId" is not null) then array_agg(distinct "resourceId") end
  into v_sources, v_events, v_ids
  from jsonb_to_recordset(p_topics) as topic (source text, event text, "resourceId" text);
  return query
  select * from (
    -- Of rows, since only events_org bounds them: that of transactions alone may look as good, and reads what all wrote.
    select logged.* from unnest(v_orgs) as orgs (org) cross join lateral (
      select * from heddle.events
      where v_ids is null
        and (org_id, xid) >= (org, pg_snapshot_xmax(p_from)) and (org_id, xid) < (org, pg_snapshot_xmax(p_to))
      offset 0
    ) logged
    union all
    select logged.* from unnest(v_orgs) as orgs (org) cross join unnest(v_ids) as ids (wanted) cross join lateral (
      select * from heddle.events
      where org_id = org and resource_id = wanted and xid >= pg_snapshot_xmax(p_from) and xid < pg_snapshot_xmax(p_to)
      offset 0
    ) logged
    union all
    select * from heddle.events where xid = any (array(select pg_snapshot_xip(p_from)))
  ) e
  where pg_visible_in_snapshot(e.xid, p_to) and e.pos > p_after
    and (e.org_id = any (p_orgs) or e.agent_id = any (p_agents))
    and (v_sources is null or e.source = any (v_sources))
    and (v_events is null or e.event = any (v_events))
    and (p_topics is null or exists (
      select from jsonb_to_recordset(p_topics)
        as topic ("orgId" uuid, source text, resource text, event text, "resourceId" text)
      where (topic."orgId" is null or topic."orgId" = e.org_id)
        and (topic.source is null or topic.source = e.source)
        and (topic.resource is null or topic.resource = e.resource)
        and (topic.event is null or topic.event = e.event)
        and (topic."resourceId" is null or topic."resourceId" = e.resource_id)
    ))
  order by e.pos
  limit p_limit;
end $$;

comment on function heddle.events_between is
  'Events that became visible between two snapshots, of these organisations and agents and of any of these topics (null: all;
what a topic leaves out may be anything), in the order of their positions, after p_after.';

create function heddle.require_few_missed(
  p_from pg_snapshot,
  p_to pg_snapshot,
  p_orgs uuid[],
  p_agents uuid[],
  p_topics jsonb
) returns void
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  c_most_missed constant integer := 10000;
  v_missed integer;
begin
  if p_topics is not null then
    select count(*) into v_missed
    from heddle.events_between(p_from, p_to, -1, c_most_missed + 1, p_orgs, p_agents, p_topics);
  else
    -- Without sorting: whoever comes with a cursor of long ago, or a made-up one, has no more read than these.
    select count(*) into v_missed from (
      select from (
        select logged.* from unnest(heddle.logging_orgs(p_orgs, p_agents)) as orgs (org) cross join lateral (
          select * from heddle.events
          where (org_id, xid) >= (org, pg_snapshot_xmax(p_from)) and (org_id, xid) < (org, pg_snapshot_xmax(p_to))
          offset 0
        ) logged
        union all
        select * from heddle.events where xid = any (array(select pg_snapshot_xip(p_from)))
      ) e
      where pg_visible_in_snapshot(e.xid, p_to) and (e.org_id = any (p_orgs) or e.agent_id = any (p_agents))
      limit c_most_missed + 1
    ) missed;
  end if;
  if v_missed > c_most_missed then
    raise exception 'cursor_expired' using
      errcode = 'PT410', detail = format('More than %s events came after this cursor.', c_most_missed);
  end if;
end $$;

comment on function heddle.require_few_missed is
  'Raises PT410 where more than ten thousand events are what events_between would find.';

create function heddle.events_page(
  p_cursor text,
  p_orgs uuid[],
  p_agents uuid[],
  p_topics jsonb,
  p_limit integer
) returns json
language plpgsql stable set search_path = '' as $$
declare
  c_most_bytes constant integer := 1000000;
  v_from pg_snapshot;
  v_to pg_snapshot;
  v_after bigint;
  v_events json;
  v_last bigint;
  v_shown integer;
  v_found integer;
begin
  -- A standby shows transactions as finished that are not, and their events would be skipped.
  if pg_is_in_recovery() then
    raise exception 'events are read from the primary' using errcode = 'object_not_in_prerequisite_state';
  end if;
  select given.p_from, given.p_to, given.p_after into v_from, v_to, v_after from heddle.read_cursor(p_cursor) given;
  -- Everything up to here stays as it is, so pages are exact too.
  v_to := coalesce(v_to, heddle.log_snapshot());
  -- Before anything is sorted. Of a few topics there are seldom many: those are looked for first.
  if p_cursor is not null and p_topics is null then
    perform heddle.require_few_missed(v_from, v_to, p_orgs, p_agents, null);
  end if;
  -- Materialized: an event's json is made once, and not for each place where it stands below.
  with built as materialized (
    select hit.pos, heddle.event_json(hit) as event
    from heddle.events_between(v_from, v_to, coalesce(v_after, -1), p_limit, p_orgs, p_agents, p_topics) hit
  )
  select json_agg(page.event order by page.place) filter (where page.fits),
    max(page.pos) filter (where page.fits),
    count(*) filter (where page.fits),
    count(*)
  into v_events, v_last, v_shown, v_found
  from (
    select *, row_number() over way as place,
      sum(octet_length(event::text)) over way <= c_most_bytes or row_number() over way = 1 as fits
    from built
    window way as (order by pos)
  ) page;
  -- The page before was full and the last of its window.
  if v_found = 0 and v_after is not null then
    return heddle.events_page(heddle.event_cursor(v_to), p_orgs, p_agents, p_topics, p_limit);
  end if;
  if v_found < p_limit and v_shown = v_found then
    return json_build_object('events', coalesce(v_events, '[]'), 'cursor', heddle.event_cursor(v_to));
  end if;
  if v_after is null and p_topics is not null then
    perform heddle.require_few_missed(v_from, v_to, p_orgs, p_agents, p_topics);
  end if;
  return json_build_object('events', v_events, 'cursor', heddle.event_cursor(v_from, v_to, v_last));
end $$;

comment on function heddle.events_page is
  'What came after a cursor, at most p_limit events and about 1 MB: { events, cursor }; no events where there is nothing new.
Without a cursor there are none, and the cursor of now. Raises PT400, and PT410 where events may have been missed.';

revoke execute on function heddle.log_epoch from public;
revoke execute on function heddle.lasting_snapshot from public;
revoke execute on function heddle.log_snapshot from public;
revoke execute on function heddle.event_cursor from public;
revoke execute on function heddle.read_cursor from public;
revoke execute on function heddle.logging_orgs from public;
revoke execute on function heddle.events_between from public;
revoke execute on function heddle.require_few_missed from public;
revoke execute on function heddle.events_page from public;

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
    or exists (select from heddle.notification_rules where agent_id = agent.id and is_on and rule <> 'handed_over')
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
  return jsonb_build_object('outcome', 'ok', 'event', v_answer, 'toTell', heddle.agents_to_tell(v_event));
end $$;

comment on function heddle_api.write_event is
  'Writes an event of an owner''s: { source, resource, event, resourceId, actor?, data? }, and answers with
{ outcome: ok, event: { id, type, at, topic }, toTell: [agentId] }, or why not (key_not_found, rate_limited); notify is to be
called for toTell. The same idempotency key within 24 hours: the first answer, or PT409 with another event. PT403 without the
scope events:write.';

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
  return jsonb_build_object('isMember', v_all is not null, 'channels', heddle.events_channels(), 'teams', heddle.team_channels())
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
all events, else those of their agents: { isMember, channels, teams: [{ name, orgId }], events, cursor }. On channels they hear all
of that live, on the teams'' what is told and not kept. PT400, PT403 for a foreign topic, PT410.';

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

-- Changes of conversations and of who is here, in the event log.

create function heddle.renamed(p_names text[], p_object jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_object_agg(split_part(name, ' ', 2), p_object -> split_part(name, ' ', 1)), '{}')
    from unnest(p_names) name where p_object ? split_part(name, ' ', 1)
  );
end $$;

comment on function heddle.renamed is 'What an object has of these keys, under others: each as "key other_key".';

-- Each key by itself, which is several times as fast as renaming them by a list: every message is logged.
create function heddle.subscribed_message(p_conversation_id jsonb, p_message jsonb, p_conversation jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
      case p_conversation ->> 'kind' when 'room' then 'room_id' else 'conversation_id' end, p_conversation_id,
      -- Of the visitor whose conversation it is a message names no author.
      'user_id', coalesce(
        p_message #> '{meta,author,id}', case p_message ->> 'role' when 'USER' then p_conversation -> 'psid' end
      ),
      'user_name', p_message #> '{meta,author,name}',
      'id', p_message -> 'id',
      'client_id', p_message -> 'clientId',
      'content', p_message -> 'text',
      'role', p_message -> 'role',
      'created_at', p_message -> 'createdAt',
      'edited_at', p_message #> '{meta,editedAt}',
      'deleted_at', p_message #> '{meta,deletedAt}',
      'status', p_message -> 'status',
      'conversation', case when p_conversation is not null then jsonb_build_object(
        'id', p_conversation -> 'id',
        'user_id', p_conversation -> 'psid',
        'status', p_conversation -> 'status',
        'platform', p_conversation -> 'platform',
        'auto_bot', p_conversation -> 'autoBot'
      ) end
    ))
    || jsonb_build_object('attachments', p_message #> '{meta,attachments}')
    || case when p_message -> 'meta' ? 'blocks' then jsonb_build_object('blocks', p_message #> '{meta,blocks}') else '{}' end;
end $$;

create function heddle.subscription_data(p_type text, p_data jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  c_conversation constant text[] := array[
    'id id', 'psid user_id', 'customerName user_name', 'customerEmail user_email', 'status status', 'name name',
    'platform platform', 'pageName page_name', 'needsHuman needs_human', 'autoBot auto_bot', 'assignee assignee',
    'snoozedUntil snoozed_until', 'messageCount message_count', 'lastMessageAt last_message_at', 'createdAt created_at',
    'change change'
  ];
  c_room constant text[] := array[
    'id id', 'name name', 'status status', 'participants participants', 'needsHuman needs_human', 'assignee assignee',
    'messageCount message_count', 'lastMessageAt last_message_at', 'createdAt created_at', 'change change'
  ];
  c_user constant text[] := array[
    'user_id user_id', 'status status', 'timestamp timestamp', 'lastSeenAt last_seen_at', 'name user_name', 'email user_email',
    'attributes attributes'
  ];
  c_notification constant text[] := array[
    'id id', 'userId user_id', 'conversationId conversation_id', 'rule rule', 'priority priority', 'content content',
    'createdAt created_at', 'readAt read_at', 'dismissedAt dismissed_at', 'since since'
  ];
begin
  if p_type like 'message:%' then
    return heddle.subscribed_message(p_data -> 'conversationId', p_data -> 'message', p_data -> 'conversation');
  end if;
  if p_type like 'notification:%' then
    return heddle.renamed(c_notification, p_data);
  end if;
  if p_type like 'conversation:%' then
    return heddle.renamed(c_conversation, coalesce(p_data -> 'conversation', p_data));
  end if;
  return heddle.renamed(case when p_type like 'room:%' then c_room else c_user end, p_data);
end $$;

comment on function heddle.subscription_data is
  'What subscribers get of the data of one of our own events: the twin of subscriptionData in shared/subscription_data.ts.';

create function heddle.conversation_event(
  p_org_id uuid,
  p_agent_id uuid,
  p_conversation_id uuid,
  p_event text,
  p_type text,
  p_actor text,
  p_data jsonb
) returns heddle.events
language plpgsql stable set search_path = '' as $$
declare
  c_max_bytes constant integer := 65536;
  v_is_room constant boolean := 'room' = coalesce(p_data ->> 'kind', p_data #>> '{conversation,kind}', '');
  v_data jsonb := p_data;
  v_logged heddle.events;
begin
  v_logged.org_id := p_org_id;
  v_logged.agent_id := p_agent_id;
  v_logged.source := case when v_is_room then 'rooms' else 'conversations' end;
  v_logged.resource := case when v_is_room then 'room' else 'conversation' end;
  v_logged.event := p_event;
  v_logged.resource_id := p_conversation_id;
  v_logged.type := p_type;
  v_logged.actor := p_actor;
  if v_is_room and p_type like 'conversation:%' then
    v_logged.event := case when p_event in ('created', 'deleted') then p_event else 'updated' end;
    v_logged.type := 'room:' || v_logged.event;
    if v_logged.event <> 'deleted' then
      v_data := v_data || jsonb_build_object('participants', heddle.participants_json(p_conversation_id));
    end if;
  end if;
  v_data := heddle.subscription_data(v_logged.type, v_data);
  if octet_length(v_data::text) > c_max_bytes then
    v_data := v_data - array['attachments', 'blocks'] || '{"truncated": true}';
  end if;
  v_logged.data := v_data;
  return v_logged;
end $$;

comment on function heddle.conversation_event is
  'An event, for log_events, of a conversation whose row the caller has locked, or of a room under that name. What is too big
goes without attachments and blocks.';

create function heddle.change_events(
  p_org_id uuid,
  p_conversation heddle.conversations,
  p_line heddle.notes,
  p_row jsonb
) returns heddle.events[]
language plpgsql stable set search_path = '' as $$
declare
  v_change jsonb := p_line.change;
  v_asked boolean := coalesce(v_change ? 'needsHuman', false);
  v_event text := case
    when v_change is null then 'updated'
    when v_change -> 'to' ->> 'id' = p_line.author_id::text then 'claimed'
    when v_change ? 'to' then 'assigned'
    when v_change ->> 'status' = 'RESOLVED' then 'resolved'
    when v_change ->> 'status' = 'SNOOZED' then 'snoozed'
    when v_change ->> 'status' = 'OPEN' then 'reopened'
    when v_change ? 'from' then 'released'
    when v_asked then 'escalated'
    else 'updated'
  end;
  v_events heddle.events[];
begin
  foreach v_event in array case
    when v_asked and v_event <> 'escalated' and p_conversation.kind <> 'room' then array[v_event, 'escalated'] else array[v_event]
  end loop
    v_events := v_events || heddle.conversation_event(
      p_org_id, p_conversation.agent_id, p_conversation.id, v_event, 'conversation:' || v_event, p_line.author_id::text,
      p_row || case when v_change is null then '{}' else jsonb_build_object('change', v_change) end
    );
  end loop;
  return v_events;
end $$;

comment on function heddle.change_events is
  'That a conversation was claimed, assigned, released, resolved, snoozed, reopened, escalated to a person, or updated; of what
opens it and asks for a person, both. Of a room one. p_row: how rows_json shows it.';

create function heddle.log_message(
  p_org_id uuid,
  p_conversation heddle.conversations,
  p_type text,
  p_data jsonb,
  p_line heddle.notes,
  p_row jsonb
) returns void
language plpgsql set search_path = '' as $$
declare
  v_events heddle.events[];
begin
  if p_line.id is not null then
    v_events := heddle.change_events(p_org_id, p_conversation, p_line, p_row);
  end if;
  perform heddle.log_events(v_events || heddle.conversation_event(
    p_org_id, p_conversation.agent_id, p_conversation.id,
    case p_type when 'message:new' then 'message_posted' when 'message:updated' then 'message_edited' else 'message_removed' end,
    p_type,
    nullif(coalesce(
      p_data #>> '{message,meta,author,id}',
      case p_data #>> '{message,role}' when 'USER' then p_data #>> '{conversation,psid}' end
    ), ''),
    p_data
  ));
end $$;

comment on function heddle.log_message is
  'Writes that a message was posted, edited or removed, with what heddle.message_data says of it; before that what else it
changed of its conversation, if there is a line of that, as change_events.';

create function heddle.log_presence(p_agent heddle.agents, p_presence jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.log_event(
    p_agent.org_id, p_agent.id,
    array['users', 'user', split_part(p_presence ->> 'type', ':', 2), p_presence #>> '{data,user_id}'],
    p_presence ->> 'type', null, heddle.subscription_data(p_presence ->> 'type', p_presence -> 'data')
  );
end $$;

create function heddle.log_person(p_visitor heddle.visitors) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_id constant text := p_visitor.agent_id || '/' || p_visitor.end_user_id;
begin
  select * into v_agent from heddle.agents where id = p_visitor.agent_id;
  if v_agent.logs_events then
    perform heddle.log_event(
      v_agent.org_id, v_agent.id, array['users', 'user', 'updated', v_id], 'user:updated', null,
      heddle.subscription_data('user:updated', jsonb_build_object(
        'user_id', v_id, 'name', p_visitor.name, 'email', p_visitor.email, 'attributes', p_visitor.attributes,
        'timestamp', clock_timestamp()
      ))
    );
  end if;
end $$;

comment on function heddle.log_person is 'Writes that a visitor has another name or address.';

create function heddle.without_visitor(p_data jsonb, p_end_user text) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  v_data jsonb := p_data;
begin
  if v_data ? 'participants' then
    v_data := jsonb_set(v_data, '{participants}', (
      select coalesce(jsonb_agg(seat order by place), '[]')
      from jsonb_array_elements(v_data -> 'participants') with ordinality seats (seat, place)
      where not seat @> jsonb_build_object('role', 'visitor', 'id', p_end_user)
    ));
  end if;
  return case when v_data #>> '{conversation,user_id}' = p_end_user then v_data #- '{conversation,user_id}' else v_data end;
end $$;

comment on function heddle.without_visitor is 'The data of a room''s event without one of its visitors.';

create function heddle.forget_conversation_events(p_agent heddle.agents, p_conversation_id text) returns void
language plpgsql set search_path = '' as $$
begin
  with dropped as (
    delete from heddle.events
    where org_id = p_agent.org_id and agent_id = p_agent.id and resource_id = p_conversation_id
    returning id
  ), told as (
    delete from heddle.events
    where org_id = p_agent.org_id and agent_id = p_agent.id and source = 'notifications'
      and data ->> 'conversation_id' = p_conversation_id
    returning id
  )
  delete from heddle.deliveries where agent_id = p_agent.id and event_id in (
    select id from dropped union all select id from told
  );
end $$;

create function heddle.forget_visitor_events(p_agent heddle.agents, p_end_user text) returns void
language plpgsql set search_path = '' as $$
begin
  -- What they wrote in the conversations of others, too.
  with dropped as (
    delete from heddle.events
    where org_id = p_agent.org_id and agent_id = p_agent.id
      and (resource_id = p_agent.id || '/' || p_end_user or actor = p_end_user)
    returning id
  )
  delete from heddle.deliveries where agent_id = p_agent.id and event_id in (select id from dropped);
  -- What others did in a room names all who took part.
  with scrubbed as (
    update heddle.events set data = heddle.without_visitor(data, p_end_user)
    where org_id = p_agent.org_id and agent_id = p_agent.id and source = 'rooms' and (
      data -> 'participants' @> jsonb_build_array(jsonb_build_object('role', 'visitor', 'id', p_end_user))
      or data #>> '{conversation,user_id}' = p_end_user
    )
    returning id, data
  )
  update heddle.deliveries delivery set content = jsonb_set(content, '{data}', scrubbed.data)
  from scrubbed where agent_id = p_agent.id and event_id = scrubbed.id;
end $$;

create function heddle.forget_former_events(p_agent heddle.agents, p_former heddle.visitors) returns void
language plpgsql set search_path = '' as $$
declare
  v_id text;
  v_signed_in_at timestamptz;
begin
  for v_id, v_signed_in_at in
    select conversation.id, max(line.created_at)
    from heddle.conversations conversation join heddle.notes line on line.conversation_id = conversation.id
    where visitor_id = p_former.signed_in_as and begun_by = p_former.id and line.change @> '{"signedIn": true}'
    group by 1 order by 1
  loop
    delete from heddle.events
    where org_id = p_agent.org_id and resource_id = v_id and data ->> 'user_id' = p_former.end_user_id;
    update heddle.events set data = heddle.without_visitor(data, p_former.end_user_id)
    where org_id = p_agent.org_id and resource_id = v_id and data #>> '{conversation,user_id}' = p_former.end_user_id;
    delete from heddle.deliveries
    where kind = 'webhook' and agent_id = p_agent.id and content #>> '{data,user_id}' = p_former.end_user_id
      and split_part(content ->> 'topic', '.', 6) = heddle.topic_token(v_id);
    update heddle.deliveries
    set content = jsonb_set(content, '{data}', heddle.without_visitor(content -> 'data', p_former.end_user_id))
    where kind = 'webhook' and agent_id = p_agent.id and content #>> '{data,conversation,user_id}' = p_former.end_user_id
      and split_part(content ->> 'topic', '.', 6) = heddle.topic_token(v_id);
    -- What the team was told names them as they were called.
    delete from heddle.notifications where conversation_id = v_id::uuid and created_at < v_signed_in_at;
    delete from heddle.events
    where org_id = p_agent.org_id and source = 'notifications' and data ->> 'conversation_id' = v_id and at < v_signed_in_at;
    delete from heddle.deliveries
    where kind = 'webhook' and agent_id = p_agent.id and content #>> '{data,conversation_id}' = v_id
      and content ->> 'type' like 'notification:%' and (content ->> 'at')::timestamptz < v_signed_in_at;
  end loop;
end $$;

comment on function heddle.forget_former_events is
  'What an anonymous visitor brought along is of whom they signed in as; that it was theirs, and what they were called, is not.';

create function heddle.forget_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  if tg_table_name = 'agents' then
    delete from heddle.events where org_id = old.org_id and agent_id = old.id;
    return old;
  end if;
  select * into v_agent from heddle.agents where id = old.agent_id;
  if tg_table_name = 'conversations' then
    perform heddle.forget_conversation_events(v_agent, to_jsonb(old) ->> 'id');
  else
    perform heddle.forget_visitor_events(v_agent, to_jsonb(old) ->> 'end_user_id');
    perform heddle.forget_former_events(v_agent, old);
  end if;
  if tg_table_name = 'conversations' then
    perform heddle.forget_deliveries(v_agent.id, to_jsonb(old) ->> 'id');
  else
    perform heddle.forget_deliveries(
      v_agent.id, v_agent.id || '/' || (to_jsonb(old) ->> 'end_user_id'), to_jsonb(old) ->> 'end_user_id'
    );
  end if;
  if v_agent.logs_events and tg_table_name = 'conversations' then
    perform heddle.log_events(array[heddle.conversation_event(
      v_agent.org_id, v_agent.id, (to_jsonb(old) ->> 'id')::uuid, 'deleted', 'conversation:deleted', null,
      jsonb_build_object('id', to_jsonb(old) -> 'id', 'kind', to_jsonb(old) -> 'kind')
    )]);
  end if;
  return old;
end $$;

comment on function heddle.forget_events is 'Nothing stays in the log of what is erased, but that it was.';

create trigger forget_events before delete on heddle.conversations for each row execute function heddle.forget_events();
create trigger forget_events before delete on heddle.visitors for each row execute function heddle.forget_events();
create trigger forget_events before delete on heddle.agents for each row execute function heddle.forget_events();

revoke execute on function heddle.renamed from public;
revoke execute on function heddle.subscribed_message from public;
revoke execute on function heddle.subscription_data from public;
revoke execute on function heddle.conversation_event from public;
revoke execute on function heddle.log_message from public;
revoke execute on function heddle.change_events from public;
revoke execute on function heddle.log_presence from public;
revoke execute on function heddle.log_person from public;
revoke execute on function heddle.without_visitor from public;
revoke execute on function heddle.forget_conversation_events from public;
revoke execute on function heddle.forget_visitor_events from public;
revoke execute on function heddle.forget_former_events from public;
revoke execute on function heddle.forget_events from public;

-- The log live, where an organisation has it so: each event on a channel of its own, as it is written. A faster copy: whoever
-- listens reads the log after each join, and after whatever they may have missed.

create table heddle.event_channels (
  org_id uuid primary key,
  epoch integer not null default 1 check (epoch between 1 and 999999999),
  is_on boolean not null default true
);
alter table heddle.event_channels enable row level security;

comment on table heddle.event_channels is 'Organisations whose events are sent to their members as they are written.';
comment on column heddle.event_channels.epoch is
  'Stands in the channel''s name. Raising it leaves behind whoever may not join the new name.';

create trigger note_readers after insert or delete or update of is_on
  on heddle.event_channels for each statement execute function heddle.note_readers();

create function heddle.events_name(p_channel heddle.event_channels) returns text
language plpgsql stable set search_path = '' as $$
begin
  return 'org-' || p_channel.org_id || '-events-' || p_channel.epoch;
end $$;

create function heddle.tell_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_channel heddle.event_channels;
begin
  select * into v_channel from heddle.event_channels where org_id = new.org_id and is_on;
  if not found then
    return null;
  end if;
  begin
    perform heddle.send(array[heddle.events_name(v_channel)], array[
      heddle.event('logged', jsonb_build_object('xid', new.xid, 'event', heddle.event_json(new)))
    ]);
  exception when others then
    raise warning 'heddle: an event was logged but not sent (%: %)', sqlstate, sqlerrm;
  end;
  return null;
end $$;

comment on function heddle.tell_event is
  'Sends what was logged, with its transaction: whoever has read the log up to a snapshot knows by that what they have.';

create trigger tell_event after insert on heddle.events for each row execute function heddle.tell_event();

create function heddle.hold_events(p_org_id uuid, p_alone boolean default false) returns void
language plpgsql set search_path = '' as $$
begin
  if p_alone then
    perform pg_advisory_xact_lock(hashtextextended('heddle events ' || p_org_id, 0));
  else
    perform pg_advisory_xact_lock_shared(hashtextextended('heddle events ' || p_org_id, 0));
  end if;
end $$;

create function heddle.move_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_was heddle.event_channels;
  v_channel heddle.event_channels;
begin
  if tg_op = 'UPDATE' and new.every_agent then
    return null;
  end if;
  select * into v_was from heddle.event_channels where org_id = old.org_id;
  if not found or not old.every_agent then
    return null;
  end if;
  -- Whoever writes to a conversation holds its team's lock, which a removal has taken before.
  perform heddle.hold_events(old.org_id, true);
  update heddle.event_channels set epoch = epoch + 1 where org_id = old.org_id returning * into v_channel;
  begin
    perform heddle.send(array[heddle.events_name(v_was)], array[heddle.event('events:moved', '{}')]);
  exception when others then
    raise warning 'heddle: a channel of events has another name, but that was not sent (%: %)', sqlstate, sqlerrm;
  end;
  return null;
end $$;

comment on function heddle.move_events is
  'Gives an organisation''s channel another name when a member may hear it no more, and says so on the old one.';

create trigger move_events after delete or update of every_agent on heddle.members
  for each row execute function heddle.move_events();

create function heddle.may_hear_events(p_topic text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_org_id text := substring(p_topic from
    '^org-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-events-[1-9][0-9]{0,8}$');
begin
  -- As for an inbox: names of before are silent, names to come nobody's.
  return v_org_id is not null
    and exists (select from heddle.members where org_id = v_org_id::uuid and user_id = auth.uid() and every_agent)
    and exists (
      select from heddle.event_channels
      where org_id = v_org_id::uuid and is_on and epoch >= substring(p_topic from '[0-9]+$')::integer
    );
end $$;

comment on function heddle.may_hear_events is
  'Whether the caller may join this channel of an organisation''s events. For the policies.';

create function heddle.events_channels() returns text[]
language plpgsql stable set search_path = '' as $$
begin
  -- All or none: who also reads events of which they can hear nothing has to ask for those anyway.
  if exists (
    select from heddle.members me
    where me.user_id = auth.uid() and not (me.every_agent and exists (
      select from heddle.event_channels where org_id = me.org_id and is_on
    ))
  ) then
    return '{}';
  end if;
  return array(
    select heddle.events_name(channel)
    from heddle.members me join heddle.event_channels channel on channel.org_id = me.org_id
    where me.user_id = auth.uid() order by channel.org_id
  );
end $$;

comment on function heddle.events_channels is
  'The channels on which the caller, a member, hears every event that they may read; none where there are others.';

create function heddle.team_channels() returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object('name', heddle.inbox_name(agent), 'orgId', agent.org_id) order by agent.id
    ), '[]')
    from heddle.members me join heddle.agents agent on agent.org_id = me.org_id
    where me.user_id = auth.uid() and heddle.answers(me, agent.id)
  );
end $$;

comment on function heddle.team_channels is 'The inbox channels of the agents that the caller answers for: [{ name, orgId }].';

create function heddle_api.send_events(p_agent_id uuid, p_on boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_org_id uuid := (select org_id from heddle.agents where id = p_agent_id);
begin
  if v_org_id is null then
    return null;
  end if;
  insert into heddle.event_channels (org_id, is_on) values (v_org_id, p_on)
  on conflict (org_id) do update set is_on = excluded.is_on;
  return jsonb_build_object('orgId', v_org_id, 'on', p_on);
end $$;

comment on function heddle_api.send_events is
  'Whether events of this agent''s organisation are sent to its members as they are written: { orgId, on }; null if there is no
such agent.';

revoke execute on function heddle.events_name from public;
revoke execute on function heddle.tell_event from public;
revoke execute on function heddle.hold_events from public;
revoke execute on function heddle.move_events from public;
revoke execute on function heddle.may_hear_events from public;
revoke execute on function heddle.events_channels, heddle.team_channels from public;
revoke execute on function heddle_api.send_events from public;
grant execute on function heddle.may_hear_events to authenticated;
grant execute on function heddle_api.send_events to service_role;
