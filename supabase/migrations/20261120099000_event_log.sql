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
create index events_resource on heddle.events (org_id, resource_id, xid);
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
revoke execute on function heddle.topic_token from public;
revoke execute on function heddle.event_topic from public;
revoke execute on function heddle.event_json from public;

select heddle.tend_events();
