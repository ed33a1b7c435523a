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
    p_from := pg_current_snapshot();
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

create function heddle.events_between(
  p_from pg_snapshot,
  p_to pg_snapshot,
  p_after bigint,
  p_limit integer,
  p_orgs uuid[],
  p_agents uuid[],
  p_topics jsonb
) returns setof heddle.events
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  select * from (
    select * from heddle.events where xid >= pg_snapshot_xmax(p_from) and xid < pg_snapshot_xmax(p_to)
    union all
    select * from heddle.events where xid = any (array(select pg_snapshot_xip(p_from)))
  ) e
  where pg_visible_in_snapshot(e.xid, p_to) and e.pos > p_after
    and (e.org_id = any (p_orgs) or e.agent_id = any (p_agents))
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

create function heddle.events_page(
  p_cursor text,
  p_orgs uuid[],
  p_agents uuid[],
  p_topics jsonb,
  p_limit integer
) returns json
language plpgsql stable set search_path = '' as $$
declare
  c_most_missed constant integer := 10000;
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
  v_to := coalesce(v_to, pg_current_snapshot());
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
  if v_found < p_limit and v_shown = v_found then
    return json_build_object('events', coalesce(v_events, '[]'), 'cursor', heddle.event_cursor(v_to));
  end if;
  if v_after is null and (
    select count(*) > c_most_missed
    from heddle.events_between(v_from, v_to, -1, c_most_missed + 1, p_orgs, p_agents, p_topics)
  ) then
    raise exception 'cursor_expired' using
      errcode = 'PT410', detail = format('More than %s events came after this cursor.', c_most_missed);
  end if;
  return json_build_object('events', v_events, 'cursor', heddle.event_cursor(v_from, v_to, v_last));
end $$;

comment on function heddle.events_page is
  'What came after a cursor, at most p_limit events and about 1 MB: { events, cursor }. Without a cursor there are none, and
the cursor of now. Raises PT400, and PT410 where events may have been missed.';

revoke execute on function heddle.log_epoch from public;
revoke execute on function heddle.event_cursor from public;
revoke execute on function heddle.read_cursor from public;
revoke execute on function heddle.events_between from public;
revoke execute on function heddle.events_page from public;
