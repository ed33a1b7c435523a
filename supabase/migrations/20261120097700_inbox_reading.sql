-- What operators read: as `authenticated`, by functions that run with their owner's rights and look first whether the caller
-- answers for the agent. heddle_api holds the doors to them, which have no rights of their own.

create function heddle.claimable(p_conversation_id uuid) returns heddle.conversations
language plpgsql stable set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_member heddle.members;
begin
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  if found then
    v_member := heddle.member_of(v_conversation.agent_id);
  end if;
  perform heddle.demand_item(v_member.user_id is not null);
  perform heddle.demand_right(v_member, 'answer');
  return v_conversation;
end $$;

comment on function heddle.claimable is
  'A conversation that the caller may answer. Raises PT404 for another team''s as for none, PT403 without the right.';

create function heddle.answerable(p_conversation_id uuid) returns heddle.conversations
language plpgsql set search_path = '' as $$
declare
  v_agent_id uuid;
begin
  select agent_id into v_agent_id from heddle.conversations where id = p_conversation_id;
  if found then
    perform heddle.open_inbox(v_agent_id);
  end if;
  return heddle.claimable(p_conversation_id);
end $$;

comment on function heddle.answerable is
  'For whoever writes: claimable, looked up once a removal that was under way is done. Whoever is being dismissed would
otherwise claim or answer after it.';

-- Cursors: what a snapshot had not seen. It stands whole in the cursor, so nothing is skipped however long a transaction
-- takes, nothing comes twice, and nobody waits for one that is idle.
create function heddle.database_epoch() returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select system_identifier from pg_control_system()) || '.' || (select timeline_id from pg_control_checkpoint());
end $$;

comment on function heddle.database_epoch is
  'Changes with a restored, promoted or moved database, where the numbers of transactions mean others.';

create function heddle.snapshot_now() returns pg_snapshot
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 64;
  v_now pg_snapshot := pg_current_snapshot();
begin
  -- Of very many open transactions it says only which is the oldest; what it then repeats is known by id and rev.
  if (select count(*) from pg_snapshot_xip(v_now)) > c_most then
    v_now := (pg_snapshot_xmin(v_now) || ':' || pg_snapshot_xmin(v_now) || ':')::pg_snapshot;
  end if;
  return v_now;
end $$;

comment on function heddle.snapshot_now is 'What is committed by now, as a cursor can hold it.';

create function heddle.cursor_now() returns text
language plpgsql stable set search_path = '' as $$
begin
  return heddle.database_epoch() || '~' || heddle.snapshot_now();
end $$;

create function heddle.parse_cursor(
  p_cursor text,
  out is_ours boolean,
  out since pg_snapshot,
  out until pg_snapshot,
  out after_xid xid8,
  out after_id uuid
)
language plpgsql stable set search_path = '' as $$
declare
  c_snapshot constant text := '\d{1,19}:\d{1,19}:(?:\d{1,19}(?:,\d{1,19}){0,63})?';
  c_refusal constant text := 'The cursor must be one from an earlier answer.';
  v_parts text[] := string_to_array(p_cursor, '~');
begin
  perform heddle.demand(
    p_cursor ~ ('^\d{1,20}\.\d{1,10}~' || c_snapshot || '(?:~' || c_snapshot || '~\d{1,19}~[0-9a-f-]{36})?$'), c_refusal
  );
  since := v_parts[2]::pg_snapshot;
  until := coalesce(v_parts[3]::pg_snapshot, heddle.snapshot_now());
  after_xid := coalesce(v_parts[4]::xid8, '0');
  after_id := coalesce(v_parts[5]::uuid, '00000000-0000-0000-0000-000000000000');
  is_ours := v_parts[1] = heddle.database_epoch()
    and pg_snapshot_xmax(until) <= pg_snapshot_xmax(pg_current_snapshot());
exception when invalid_text_representation or numeric_value_out_of_range then
  perform heddle.demand(false, c_refusal);
end $$;

create function heddle.list_conversations(
  p_agent_id uuid,
  p_view text,
  p_holder uuid,
  p_label_id integer,
  p_before_at timestamptz,
  p_before_id uuid,
  p_limit integer
) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_at timestamptz := coalesce(p_before_at, 'infinity');
  v_id uuid := coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_rows heddle.conversations[];
  v_last heddle.conversations;
begin
  -- One statement each, so that each has its own index.
  case
    when p_label_id is not null then
      v_rows := array(
        select row from heddle.conversation_labels label join heddle.conversations row on row.id = label.conversation_id
        where label.label_id = p_label_id and row.agent_id = p_agent_id and row.status = 'open'
          and (row.active_at, row.id) < (v_at, v_id)
        order by row.active_at desc, row.id desc limit v_limit);
    when p_view = 'mine' then
      v_rows := array(
        select row from heddle.conversations row
        where agent_id = p_agent_id and assignee_id = p_holder and status = 'open' and (active_at, id) < (v_at, v_id)
        order by active_at desc, id desc limit v_limit);
    when p_view = 'unassigned' then
      v_rows := array(
        select row from heddle.conversations row
        where agent_id = p_agent_id and assignee_id is null and status = 'open' and (active_at, id) < (v_at, v_id)
        order by active_at desc, id desc limit v_limit);
    when p_view = 'needs_human' then
      v_rows := array(
        select row from heddle.conversations row
        where agent_id = p_agent_id and needs_human and status = 'open' and (active_at, id) < (v_at, v_id)
        order by active_at desc, id desc limit v_limit);
    when p_view = 'waiting' then
      v_rows := array(
        select row from heddle.conversations row
        where agent_id = p_agent_id and waiting_since is not null and status = 'open'
          and (waiting_since, id) > (
            coalesce(p_before_at, '-infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000')
          )
        order by waiting_since, id limit v_limit);
    when p_view in ('open', 'snoozed', 'resolved') then
      v_rows := array(
        select row from heddle.conversations row
        where agent_id = p_agent_id and status = p_view and (active_at, id) < (v_at, v_id)
        order by active_at desc, id desc limit v_limit);
    else
      perform heddle.demand(false, 'There is no such view.');
  end case;
  v_last := v_rows[v_limit];
  return jsonb_build_object(
    'rows', heddle.rows_json(v_rows),
    'next', case when v_last.id is not null then jsonb_build_object(
      'at', case when p_view = 'waiting' and p_label_id is null then v_last.waiting_since else v_last.active_at end,
      'id', v_last.id
    ) end,
    'cursor', heddle.cursor_now()
  );
end $$;

comment on function heddle.list_conversations is
  'A page of an agent''s conversations: those with a label, or of a view; of `mine` those that p_holder holds.';

create function heddle.inbox_list(
  p_agent_id uuid,
  p_view text,
  p_label_id integer,
  p_before_at timestamptz,
  p_before_id uuid,
  p_limit integer
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me uuid := (heddle.require_member(p_agent_id)).user_id;
begin
  return heddle.list_conversations(p_agent_id, p_view, v_me, p_label_id, p_before_at, p_before_id, p_limit);
end $$;

create function heddle.inbox_counts(p_agent_id uuid, p_cap integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_me uuid := (heddle.require_member(p_agent_id)).user_id;
  v_cap integer := least(greatest(p_cap, 1), 1000);
begin
  return jsonb_build_object(
    'needsHuman', (select count(*) from (
      select from heddle.conversations where agent_id = p_agent_id and needs_human and status = 'open' limit v_cap
    ) counted),
    'waiting', (select count(*) from (
      select from heddle.conversations
      where agent_id = p_agent_id and waiting_since is not null and status = 'open' limit v_cap
    ) counted),
    'mine', (select count(*) from (
      select from heddle.conversations where agent_id = p_agent_id and assignee_id = v_me and status = 'open' limit v_cap
    ) counted),
    'unassigned', (select count(*) from (
      select from heddle.conversations where agent_id = p_agent_id and assignee_id is null and status = 'open' limit v_cap
    ) counted),
    'open', (select count(*) from (
      select from heddle.conversations where agent_id = p_agent_id and status = 'open' limit v_cap
    ) counted),
    'snoozed', (select count(*) from (
      select from heddle.conversations where agent_id = p_agent_id and status = 'snoozed' limit v_cap
    ) counted),
    'cap', v_cap
  );
end $$;

create function heddle.inbox_thread(p_conversation_id uuid, p_before_seq integer, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
  v_messages heddle.messages[] := heddle.messages_before(p_conversation_id, p_before_seq, v_limit);
  v_next integer := (v_messages[v_limit]).seq;
begin
  return jsonb_build_object(
    'agentId', v_conversation.agent_id,
    'row', heddle.rows_json(array[v_conversation]) -> 0,
    'rev', v_conversation.rev,
    'messages', heddle.messages_json(v_messages),
    -- A note belongs to the page of the message that it follows.
    'notes', heddle.notes_json(array(
      select note from heddle.notes note
      where conversation_id = p_conversation_id
        and after_seq >= coalesce(v_next, 0) and after_seq < coalesce(p_before_seq, 2147483647)
    )),
    'next', v_next,
    'seenBy', (
      select coalesce(jsonb_agg(jsonb_build_object('userId', user_id, 'readSeq', read_seq) order by read_at), '[]')
      from heddle.reads where conversation_id = p_conversation_id
    ),
    'visitor', heddle.visitor_json(v_conversation.visitor_id)
  );
end $$;

create function heddle.visitor_lease() returns interval
language sql immutable set search_path = '' as $$ select interval '2 minutes' $$;

create function heddle.visitor_json(p_visitor_id bigint) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'id', visitor.end_user_id,
      'name', visitor.name,
      'email', visitor.email,
      'identified', heddle.is_identified(visitor.end_user_id),
      'page', heddle.plain_page(visitor.page),
      'firstSeenAt', visitor.created_at,
      'lastSeenAt', greatest(visitor.last_seen_at, lease.until - heddle.visitor_lease()),
      'online', coalesce(lease.until > now(), false)
    )
    from heddle.visitors visitor
    left join heddle.leases lease
      on lease.agent_id = visitor.agent_id and lease.subject = 'visitor' and lease.key = visitor.end_user_id
    where visitor.id = p_visitor_id
  );
end $$;

comment on function heddle.visitor_json is 'Who a conversation is with, as the team sees them.';

create function heddle.inbox_changes(p_agent_id uuid, p_cursor text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_me uuid := (heddle.require_member(p_agent_id)).user_id;
  v_limit integer := least(greatest(p_limit, 1), 200);
  v_at record := heddle.parse_cursor(p_cursor);
  v_running xid8[];
  v_xmax xid8;
  v_from_xid xid8 := v_at.after_xid;
  v_from_id uuid := v_at.after_id;
  v_rows heddle.conversations[];
  v_left jsonb;
  v_last heddle.conversations;
begin
  if not v_at.is_ours then
    return jsonb_build_object('resync', true);
  end if;
  v_running := array(select pg_snapshot_xip(v_at.since));
  v_xmax := pg_snapshot_xmax(v_at.since);
  if v_at.after_xid < v_xmax then
    v_from_xid := v_xmax;
    v_from_id := '00000000-0000-0000-0000-000000000000';
  end if;
  -- What began after the old snapshot, and what was running then. One bound each: beside a second one the index is read from
  -- its start.
  v_rows := array(
    select row from (
      (
        select * from heddle.conversations
        where agent_id = p_agent_id and (xid, id) > (v_from_xid, v_from_id) and pg_visible_in_snapshot(xid, v_at.until)
        order by xid, id limit v_limit
      )
      union all
      select * from heddle.conversations
      where agent_id = p_agent_id and xid = any (v_running) and (xid, id) > (v_at.after_xid, v_at.after_id)
        and pg_visible_in_snapshot(xid, v_at.until)
    ) row
    order by xid, id limit v_limit
  );
  v_last := v_rows[v_limit];
  if v_last.id is null then
    select coalesce(jsonb_agg(id), '[]') into v_left from heddle.gone
    where agent_id = p_agent_id and (xid >= pg_snapshot_xmax(v_at.since) or xid = any (v_running))
      and pg_visible_in_snapshot(xid, v_at.until);
  end if;
  return jsonb_build_object(
    'rows', heddle.rows_json(v_rows),
    'left', coalesce(v_left, '[]'),
    'more', v_last.id is not null,
    -- All pages share the first one's snapshot: what commits between two of them comes after the last.
    'cursor', heddle.database_epoch() || '~' || case
      when v_last.id is null then v_at.until::text
      else v_at.since || '~' || v_at.until || '~' || v_last.xid || '~' || v_last.id
    end
  );
end $$;

create function heddle.inbox_thread_changes(p_conversation_id uuid, p_after_rev integer) returns jsonb
language plpgsql stable security definer set search_path = '' set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  c_most constant integer := 200;
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
  v_behind integer;
  v_from_seq integer;
begin
  perform heddle.demand(p_after_rev >= 0, 'It needs the number that an earlier answer had.');
  v_behind := v_conversation.rev - p_after_rev;
  v_from_seq := v_conversation.seq - v_behind;
  if v_behind > c_most or v_behind < 0 then
    return jsonb_build_object('tooMany', true, 'rev', v_conversation.rev);
  end if;
  -- Each number of the visitor's takes one of the team's, so new messages are among the last `v_behind` of those, and no
  -- index of all messages by rev is needed.
  return jsonb_build_object(
    'row', heddle.rows_json(array[v_conversation]) -> 0,
    'rev', v_conversation.rev,
    'messages', heddle.messages_json(array(
      select message from heddle.messages message
      where conversation_id = p_conversation_id and seq > v_from_seq and changed_rev > p_after_rev
      union all
      select message from heddle.messages message
      where conversation_id = p_conversation_id and changed_seq > v_from_seq and changed_seq > seq and seq <= v_from_seq
        and changed_rev > p_after_rev
      union all
      select message from heddle.messages message
      where conversation_id = p_conversation_id and status = 'streaming' and changed_rev <= p_after_rev
    )),
    'notes', heddle.notes_json(array(
      select note from heddle.notes note where conversation_id = p_conversation_id and rev > p_after_rev
    )),
    'seenBy', (
      select coalesce(jsonb_agg(jsonb_build_object('userId', user_id, 'readSeq', read_seq) order by read_at), '[]')
      from heddle.reads where conversation_id = p_conversation_id
    )
  );
end $$;

create function heddle.inbox_channels() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me uuid := auth.uid();
begin
  return jsonb_build_object('userId', v_me, 'agents', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', agent.id,
      'name', agent.name,
      'orgId', agent.org_id,
      'role', me.role,
      'rights', (select jsonb_agg("right" order by "right") from heddle.role_rights where role = me.role),
      'inboxChannel', heddle.inbox_name(agent.id),
      'epoch', agent.inbox_epoch,
      'members', heddle.members_json(agent.id, me),
      'labels', (
        select coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'color', color) order by lower(name), id), '[]')
        from heddle.labels where agent_id = agent.id
      ),
      'bots', (
        select coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name) order by lower(name), id), '[]')
        from heddle.bots where agent_id = agent.id
      )
    ) order by agent.name, agent.id), '[]')
    from heddle.members me join heddle.agents agent on agent.org_id = me.org_id
    where me.user_id = v_me and (heddle.member_of(agent.id)).user_id is not null
  ));
end $$;

create function heddle.members_json(p_agent_id uuid, p_me heddle.members default null) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', member.user_id,
      'name', member.name,
      'email', member.email,
      'role', member.role,
      'everyAgent', member.every_agent,
      'state', coalesce((
        select state from heddle.leases
        where agent_id = agent.id and subject = 'operator' and key = member.user_id::text and until > now()
      ), 'offline'),
      'createdAt', member.created_at
    ) || case when p_me.user_id is null then '{}' else jsonb_build_object('changeable',
      heddle.reaches(p_me, member) and exists (
        select from heddle.role_rights where role = p_me.role and "right" = 'members'
      )
    ) end order by member.created_at, member.user_id), '[]')
    from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
    where agent.id = p_agent_id and heddle.answers(member, agent.id)
  );
end $$;

comment on function heddle.members_json is
  'The team of an agent, with who is here now, and whom the asking member may change and remove.';

create function heddle_api.inbox_channels() returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_channels();
end $$;

comment on function heddle_api.inbox_channels is
  'The caller, and the agents they answer for, each with the team''s channel and the team: { userId, agents: [{ id, name, orgId,
role, rights, inboxChannel, epoch, members, labels, bots }] }. Members that the caller may change and remove are changeable. No
agents: no member.';

create function heddle_api.inbox_list(
  p_agent_id uuid,
  p_view text default 'open',
  p_label_id integer default null,
  p_before_at timestamptz default null,
  p_before_id uuid default null,
  p_limit integer default 30
) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_list(p_agent_id, p_view, p_label_id, p_before_at, p_before_id, p_limit);
end $$;

comment on function heddle_api.inbox_list is
  'A page of a view (needs_human, waiting, mine, unassigned, open, snoozed, resolved; or the open ones with a label), newest
first, those who wait longest first, behind the place { at, id } of the page before: { rows, next: { at, id } | null, cursor }.
PT404, PT400.';

create function heddle_api.inbox_counts(p_agent_id uuid, p_cap integer default 1000) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_counts(p_agent_id, p_cap);
end $$;

comment on function heddle_api.inbox_counts is
  'How many conversations each view holds, counted up to p_cap: { needsHuman, waiting, mine, unassigned, open, snoozed, cap }. PT404.';

create function heddle_api.inbox_thread(
  p_conversation_id uuid,
  p_before_seq integer default null,
  p_limit integer default 50
) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_thread(p_conversation_id, p_before_seq, p_limit);
end $$;

comment on function heddle_api.inbox_thread is
  'A page of a conversation, the newest or the one before p_before_seq: { agentId, row, rev, messages, notes, next: seq | null,
seenBy, visitor }. PT404.';

create function heddle_api.inbox_changes(p_agent_id uuid, p_cursor text, p_limit integer default 100) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_changes(p_agent_id, p_cursor, p_limit);
end $$;

comment on function heddle_api.inbox_changes is
  'What changed in an agent''s lists since the cursor of inbox_list or of this: { rows, left: [id], more, cursor }, or {
resync: true }: load everything. PT404, PT400 for a cursor that is none.';

create function heddle.inbox_former_texts(p_conversation_id uuid, p_seq integer, p_note_id integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
begin
  perform heddle.demand(num_nonnulls(p_seq, p_note_id) = 1, 'It needs a message or a note.');
  return jsonb_build_object('texts', (
    select coalesce(jsonb_agg(jsonb_build_object('text', body, 'replacedAt', replaced_at) order by replaced_at), '[]')
    from (
      select body, replaced_at from heddle.message_revisions
      where conversation_id = p_conversation_id and seq = p_seq
      union all
      select body, replaced_at from heddle.note_revisions
      where conversation_id = p_conversation_id and note_id = p_note_id
    ) former
  ));
end $$;

create function heddle_api.inbox_former_texts(
  p_conversation_id uuid,
  p_seq integer default null,
  p_note_id integer default null
) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_former_texts(p_conversation_id, p_seq, p_note_id);
end $$;

comment on function heddle_api.inbox_former_texts is
  'What a message or a note said before it was changed: { texts: [{ text, replacedAt }] }, the oldest first. PT400 for neither or
both, PT404.';

create function heddle_api.inbox_thread_changes(p_conversation_id uuid, p_after_rev integer) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_thread_changes(p_conversation_id, p_after_rev);
end $$;

comment on function heddle_api.inbox_thread_changes is
  'What changed in a conversation after p_after_rev: { row, rev, messages, notes, seenBy }, or { tooMany: true, rev }: take the
newest page. PT404.';

revoke execute on function
  heddle.claimable, heddle.answerable, heddle.database_epoch, heddle.snapshot_now, heddle.cursor_now,
  heddle.parse_cursor, heddle.members_json, heddle.visitor_lease, heddle.visitor_json, heddle.inbox_channels,
  heddle_api.inbox_channels, heddle.list_conversations, heddle.inbox_list, heddle_api.inbox_list, heddle.inbox_counts, heddle_api.inbox_counts,
  heddle.inbox_thread, heddle_api.inbox_thread, heddle.inbox_changes, heddle_api.inbox_changes,
  heddle.inbox_thread_changes, heddle_api.inbox_thread_changes, heddle.inbox_former_texts,
  heddle_api.inbox_former_texts
from public;
grant execute on function
  heddle.inbox_channels, heddle_api.inbox_channels, heddle.inbox_list, heddle_api.inbox_list, heddle.inbox_counts,
  heddle_api.inbox_counts, heddle.inbox_thread, heddle_api.inbox_thread, heddle.inbox_changes,
  heddle_api.inbox_changes, heddle.inbox_thread_changes, heddle_api.inbox_thread_changes, heddle.inbox_former_texts,
  heddle_api.inbox_former_texts
to authenticated;
