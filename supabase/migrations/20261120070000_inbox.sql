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

create function heddle.snapshot_now(p_agent_id uuid) returns pg_snapshot
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 64;
  v_now constant pg_snapshot := heddle.lasting_snapshot(pg_current_snapshot(), greatest(
    (select xid from heddle.conversations where agent_id = p_agent_id order by xid desc limit 1),
    (select xid from heddle.gone where agent_id = p_agent_id order by xid desc limit 1),
    '0'
  ));
begin
  -- Of very many open transactions it says only which is the oldest; what it then repeats is known by id and rev.
  if (select count(*) from pg_snapshot_xip(v_now)) > c_most then
    return (pg_snapshot_xmin(v_now) || ':' || pg_snapshot_xmin(v_now) || ':')::pg_snapshot;
  end if;
  return v_now;
end $$;

comment on function heddle.snapshot_now is 'What is committed by now of an agent''s conversations, as a cursor can hold it.';

create function heddle.cursor_now(p_agent_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return heddle.database_epoch() || '~' || heddle.snapshot_now(p_agent_id);
end $$;

create function heddle.parse_cursor(
  p_agent_id uuid,
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
  until := coalesce(v_parts[3]::pg_snapshot, heddle.snapshot_now(p_agent_id));
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
    'cursor', heddle.cursor_now(p_agent_id)
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
    'row', heddle.row_json(v_conversation),
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
      'language', visitor.language,
      'attributes', visitor.attributes,
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
  v_at record := heddle.parse_cursor(p_agent_id, p_cursor);
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
    'row', heddle.row_json(v_conversation),
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
    ) order by me.created_at, agent.name, agent.id), '[]')
    from heddle.members me join heddle.agents agent on agent.org_id = me.org_id
    where me.user_id = v_me and (heddle.member_of(agent.id)).user_id is not null
  ));
end $$;

create function heddle.members_json(p_agent_id uuid, p_me heddle.members default null) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_may_change constant boolean := exists (
    select from heddle.role_rights where role = p_me.role and "right" = 'members'
  );
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
    ) || case when p_me.user_id is null then '{}' else jsonb_build_object(
      'changeable', v_may_change and heddle.reaches(p_me, member),
      'removable', v_may_change and heddle.shares(p_me, member)
    ) || case when heddle.is_unconfirmed(member.user_id) then jsonb '{"invited": true}' else '{}' end
    end order by member.created_at, member.user_id), '[]')
    from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
    where agent.id = p_agent_id and heddle.answers(member, agent.id)
  );
end $$;

comment on function heddle.members_json is
  'The team of an agent, with who is here now. To a member also whom they may change, and remove at least
from the agents of both, and who is invited and has not come
in: Auth lets nobody in whose address is not confirmed.';

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

-- What operators write.

create function heddle.take_part(p_conversation_id uuid, p_user_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.participants (conversation_id, role, user_id) values (p_conversation_id, 'operator', p_user_id)
  on conflict do nothing;
end $$;

create function heddle.write_message(
  p_conversation_id uuid,
  p_client_id uuid,
  p_role text,
  p_author_id text,
  p_author_name text,
  p_body text,
  p_attachments jsonb
) returns heddle.messages
language plpgsql set search_path = '' as $$
declare
  v_message heddle.messages;
begin
  perform heddle.demand_message(p_client_id, p_body, p_attachments);
  insert into heddle.messages (conversation_id, client_id, role, author_id, author_name, body, attachments)
  values (p_conversation_id, p_client_id, p_role, p_author_id, p_author_name, p_body, p_attachments)
  returning * into v_message;
  if v_message.seq is null then
    select * into v_message from heddle.messages
    where conversation_id = p_conversation_id and client_id = p_client_id
      and role = p_role and author_id is not distinct from p_author_id;
  elsif p_role = 'operator' and p_author_id is not null then
    perform heddle.take_part(p_conversation_id, p_author_id::uuid);
  end if;
  return v_message;
end $$;

comment on function heddle.write_message is
  'A message of the team''s, of a bot''s or the system''s; the same p_client_id of the same author again answers with the first
one. PT400.';

create function heddle.revise_message(p_message heddle.messages, p_body text, p_version timestamptz default null)
returns heddle.messages
language plpgsql set search_path = '' as $$
declare
  v_message heddle.messages;
begin
  perform heddle.demand_text(coalesce(p_body, '(deleted)'));
  update heddle.messages set
    body = coalesce(p_body, ''),
    edited_at = case when p_body is not null then clock_timestamp() else edited_at end,
    deleted_at = case when p_body is null then clock_timestamp() end
  where conversation_id = p_message.conversation_id and seq = p_message.seq
    and deleted_at is null and coalesce(p_version = coalesce(edited_at, created_at), true)
  returning * into v_message;
  if not found then
    v_message := p_message;
    perform heddle.demand_item(p_body is null or v_message.deleted_at is null);
    -- Doing again what has been done changes nothing.
    perform heddle.demand_version(v_message.body = coalesce(p_body, ''));
  end if;
  return v_message;
end $$;

comment on function heddle.revise_message is
  'Changes a message of a conversation that the caller has locked; without a body: deletes it. PT404 for one that is gone, PT409
where it has another p_version than given.';

create function heddle.inbox_post(p_conversation_id uuid, p_client_id uuid, p_body text, p_attachments jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
  v_message heddle.messages;
begin
  v_message := heddle.write_message(
    p_conversation_id, p_client_id, 'operator', v_me.user_id::text, v_me.name, p_body, p_attachments
  );
  return jsonb_build_object('rev', v_message.changed_rev, 'message', heddle.message_json(v_message));
end $$;

create function heddle.inbox_edit(
  p_conversation_id uuid,
  p_seq integer,
  p_body text,
  p_version timestamptz
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_message heddle.messages;
begin
  perform from heddle.conversations where id = p_conversation_id for no key update;
  select * into v_message from heddle.messages
  where conversation_id = p_conversation_id and seq = p_seq and role = 'operator' and author_id = auth.uid()::text;
  perform heddle.demand_item(found);
  v_message := heddle.revise_message(v_message, p_body, p_version);
  return jsonb_build_object('rev', v_message.changed_rev, 'message', heddle.message_json(v_message));
end $$;

create function heddle.inbox_read(p_conversation_id uuid, p_seq integer, p_seen boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me uuid := auth.uid();
  v_mine integer;
  v_seen integer;
  v_read integer;
  v_delivered integer;
begin
  perform heddle.demand(p_seq >= 0 and p_seen is not null, 'It needs how far, and whether it was seen.');
  select read_seq into v_mine from heddle.reads where conversation_id = p_conversation_id and user_id = v_me;
  -- What an operator saw while a colleague held it counts for the team once the operator, or nobody, holds it.
  v_seen := case
    when coalesce(v_conversation.assignee_id, v_me) = v_me then least(coalesce(v_mine, 0), v_conversation.team_read_seq)
    else coalesce(v_mine, 0)
  end;
  if p_seen and v_conversation.snooze_ended and coalesce(v_conversation.assignee_id, v_me) = v_me then
    update heddle.conversations set snooze_ended = false where id = p_conversation_id and snooze_ended;
  end if;
  if p_seen then
    perform heddle.see_notifications(v_conversation, v_me);
  end if;
  if p_seq <= v_conversation.team_delivered_seq and (not p_seen or p_seq <= v_seen) then
    return heddle.cursors_json(v_conversation);
  end if;
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  v_delivered := greatest(v_conversation.team_delivered_seq, least(p_seq, v_conversation.seq));
  v_read := v_conversation.team_read_seq;
  if p_seen then
    insert into heddle.reads as seen (conversation_id, user_id, read_seq, read_at)
    values (p_conversation_id, v_me, least(p_seq, v_conversation.seq), clock_timestamp())
    on conflict (conversation_id, user_id) do update
      set read_seq = excluded.read_seq, read_at = excluded.read_at where seen.read_seq < excluded.read_seq;
    -- A colleague who looks in reads nothing for its holder.
    if coalesce(v_conversation.assignee_id, v_me) = v_me then
      v_read := greatest(v_read, least(p_seq, v_conversation.seq));
    end if;
  end if;
  if (v_read, v_delivered) is distinct from (v_conversation.team_read_seq, v_conversation.team_delivered_seq) then
    perform heddle.move_cursors(v_conversation, 'AGENT', v_read, v_delivered);
    select * into v_conversation from heddle.conversations where id = p_conversation_id;
  end if;
  return heddle.cursors_json(v_conversation);
end $$;

create function heddle.inbox_claim(p_conversation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
begin
  -- One statement: of any number at once it finds the row unclaimed for the first only. Who left the team holds nothing.
  update heddle.conversations set assignee_id = v_me.user_id, needs_human = false
  where id = p_conversation_id and (assignee_id is null or not heddle.answers_for(agent_id, assignee_id))
  returning * into v_conversation;
  if found then
    perform heddle.take_part(p_conversation_id, v_me.user_id);
    return heddle.row_answer(p_conversation_id);
  end if;
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  if v_conversation.assignee_id is distinct from v_me.user_id then
    raise exception 'conflict' using errcode = 'PT409', detail = coalesce((
      select name from heddle.members where org_id = v_me.org_id and user_id = v_conversation.assignee_id
    ), '');
  end if;
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.assign(p_conversation heddle.conversations, p_to uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(
    p_to is null or heddle.answers_for(p_conversation.agent_id, p_to), 'There is no such member for this agent.'
  );
  update heddle.conversations set assignee_id = p_to, needs_human = needs_human and p_to is null
  where id = p_conversation.id and (assignee_id is distinct from p_to or needs_human and p_to is not null);
end $$;

create function heddle.inbox_assign(p_conversation_id uuid, p_to uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.assign(heddle.answerable(p_conversation_id), p_to);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.said_since(p_conversation heddle.conversations, p_rev integer) returns text
language plpgsql stable set search_path = '' as $$
declare
  -- As for inbox_thread_changes: what is newer has one of so many last numbers.
  v_from_seq constant integer := p_conversation.seq - (p_conversation.rev - p_rev);
begin
  return case
    when exists (
      select from heddle.messages
      where conversation_id = p_conversation.id and role = 'visitor' and deleted_at is null and changed_rev > p_rev
        and (seq > v_from_seq or changed_seq > seq and changed_seq > v_from_seq)
    ) then 'wrote'
    when p_conversation.needs_human and exists (
      select from heddle.notes
      where conversation_id = p_conversation.id and id > p_rev and change ->> 'by' = 'USER' and change ? 'needsHuman'
    ) then 'asked for a person'
  end;
end $$;

comment on function heddle.said_since is
  'What a conversation''s visitor did behind its number p_rev: wrote, or changed what was written, or asked for a person. Null:
nothing that is left.';

create function heddle.demand_seen(p_conversation_id uuid, p_seen_rev integer) returns void
language plpgsql set search_path = '' as $$
declare
  c_name constant integer := 120;
  v_conversation heddle.conversations;
  v_said text;
begin
  perform heddle.demand(p_seen_rev >= 0, 'What was seen is a number that a row had.');
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  v_said := heddle.said_since(v_conversation, p_seen_rev);
  if v_said is not null then
    raise exception 'conflict' using errcode = 'PT409', detail = format('%s %s in the meantime.', coalesce((
      select nullif(left(heddle.one_line(name), c_name), '') from heddle.visitors where id = v_conversation.visitor_id
    ), 'The visitor'), v_said);
  end if;
end $$;

comment on function heddle.demand_seen is 'Locks a conversation. Raises PT409 if its visitor did something behind what was seen.';

create function heddle.set_status(
  p_conversation heddle.conversations,
  p_status text,
  p_until timestamptz,
  p_seconds integer,
  p_seen_rev integer default null
) returns void
language plpgsql set search_path = '' as $$
declare
  v_status text := lower(p_status);
  v_until timestamptz := coalesce(p_until, now() + make_interval(secs => p_seconds));
begin
  perform heddle.demand(num_nonnulls(p_until, p_seconds) < 2, 'A snooze has an end or a length.');
  perform heddle.demand(
    v_status in ('open', 'snoozed', 'resolved'), 'The status must be open, snoozed or resolved.'
  );
  perform heddle.demand(
    case when v_status = 'snoozed' then v_until > now() and v_until <= now() + interval '5 years' else v_until is null end,
    'Snoozing needs a time to come, nothing else has one.'
  );
  if v_status <> 'open' and p_seen_rev is not null then
    perform heddle.demand_seen(p_conversation.id, p_seen_rev);
  end if;
  update heddle.conversations set
    status = v_status,
    snoozed_until = v_until,
    needs_human = needs_human and v_status = 'open'
  where id = p_conversation.id
    and (status <> v_status or snoozed_until is distinct from v_until or needs_human and v_status <> 'open');
end $$;

create function heddle.inbox_status(
  p_conversation_id uuid,
  p_status text,
  p_until timestamptz,
  p_seconds integer,
  p_seen_rev integer
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.set_status(heddle.answerable(p_conversation_id), p_status, p_until, p_seconds, p_seen_rev);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.ask_for_person(p_conversation heddle.conversations, p_needs boolean) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(p_needs is not null, 'It is needed, or not.');
  update heddle.conversations set needs_human = p_needs, status = case when p_needs then 'open' else status end
  where id = p_conversation.id and (needs_human <> p_needs or p_needs and status <> 'open');
end $$;

create function heddle.inbox_needs_human(p_conversation_id uuid, p_needs boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.ask_for_person(heddle.answerable(p_conversation_id), p_needs);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.inbox_resolve_many(p_agent_id uuid, p_ids uuid[], p_seen_revs integer[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 15;
  v_me uuid := (heddle.enter_inbox(p_agent_id)).user_id;
  v_unseen uuid[];
  v_ids uuid[];
begin
  perform heddle.demand(
    p_seen_revs is null or cardinality(p_seen_revs) = cardinality(p_ids), 'What was seen has a number for each conversation.'
  );
  -- Each is announced, and visitors wait for what this has locked.
  perform heddle.demand(cardinality(p_ids) <= c_most, format('At most %s conversations at once.', c_most));
  perform from heddle.conversations where id = any (p_ids) and agent_id = p_agent_id order by id for no key update;
  select coalesce(array_agg(conversation.id), '{}') into v_unseen
  from unnest(p_ids, p_seen_revs) seen (id, rev) join heddle.conversations conversation on conversation.id = seen.id
  where agent_id = p_agent_id and status <> 'resolved' and heddle.said_since(conversation, seen.rev) is not null;
  with resolved as (
    update heddle.conversations set status = 'resolved', snoozed_until = null, needs_human = false
    where id = any (p_ids) and agent_id = p_agent_id and status <> 'resolved' and id <> all (v_unseen)
    returning id
  )
  select array_agg(id) into v_ids from resolved;
  return jsonb_build_object('resolved', to_jsonb(coalesce(v_ids, '{}')), 'unseen', to_jsonb(v_unseen));
end $$;

create function heddle.inbox_note(p_conversation_id uuid, p_client_id uuid, p_body text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
  v_note heddle.notes;
begin
  perform heddle.demand(p_client_id is not null, 'A note needs its writer''s key.');
  perform heddle.demand_text(p_body);
  insert into heddle.notes (conversation_id, client_id, author_id, author_name, body)
  values (p_conversation_id, p_client_id, v_me.user_id, v_me.name, p_body)
  returning * into v_note;
  if v_note.id is null then
    select * into v_note from heddle.notes
    where conversation_id = p_conversation_id and client_id = p_client_id and author_id = v_me.user_id;
  end if;
  return jsonb_build_object('rev', v_note.rev, 'note', heddle.note_json(v_note));
end $$;

create function heddle.inbox_edit_note(
  p_conversation_id uuid,
  p_note_id integer,
  p_body text,
  p_version timestamptz
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_note heddle.notes;
begin
  perform heddle.demand_text(coalesce(p_body, '(deleted)'));
  perform from heddle.conversations where id = p_conversation_id for no key update;
  update heddle.notes set
    body = coalesce(p_body, ''),
    edited_at = case when p_body is not null then clock_timestamp() else edited_at end,
    deleted_at = case when p_body is null then clock_timestamp() end
  where conversation_id = p_conversation_id and id = p_note_id and author_id = auth.uid() and deleted_at is null
    and change is null and coalesce(p_version = coalesce(edited_at, created_at), true)
  returning * into v_note;
  if not found then
    select * into v_note from heddle.notes
    where conversation_id = p_conversation_id and id = p_note_id and author_id = auth.uid() and change is null
      and (p_body is null or deleted_at is null);
    perform heddle.demand_item(found);
    -- Doing again what has been done changes nothing.
    perform heddle.demand_version(v_note.body = coalesce(p_body, ''));
  end if;
  return jsonb_build_object('rev', v_note.rev, 'note', heddle.note_json(v_note));
end $$;

create function heddle.label(p_conversation heddle.conversations, p_label_id integer, p_on boolean) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(p_on is not null, 'A label is on or off.');
  perform from heddle.conversations where id = p_conversation.id for no key update;
  -- Held, and behind the conversation as where a label is deleted.
  perform from heddle.labels where id = p_label_id and agent_id = p_conversation.agent_id for key share;
  perform heddle.demand(found, 'This agent has no such label.');
  if p_on then
    insert into heddle.conversation_labels (conversation_id, label_id) values (p_conversation.id, p_label_id)
    on conflict do nothing;
  else
    delete from heddle.conversation_labels where conversation_id = p_conversation.id and label_id = p_label_id;
  end if;
end $$;

create function heddle.inbox_label(p_conversation_id uuid, p_label_id integer, p_on boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.label(heddle.answerable(p_conversation_id), p_label_id, p_on);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.row_answer(p_conversation_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object('rev', conversation.rev, 'row', heddle.row_json(conversation))
    from heddle.conversations conversation where id = p_conversation_id
  );
end $$;

create function heddle.answers_for(p_agent_id uuid, p_user_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (
    select from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
    where agent.id = p_agent_id and member.user_id = p_user_id and heddle.answers(member, agent.id)
  );
end $$;

create function heddle_api.inbox_post(
  p_conversation_id uuid,
  p_client_id uuid,
  p_body text,
  p_attachments jsonb default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_post(p_conversation_id, p_client_id, p_body, p_attachments);
end $$;

comment on function heddle_api.inbox_post is
  'An operator''s message; the same p_client_id again answers with the first one. p_attachments: at most 20 of { url, id?, name?,
mime?, size?, width?, height? }. { rev, message }. PT400, PT404.';

create function heddle_api.inbox_edit(
  p_conversation_id uuid,
  p_seq integer,
  p_body text default null,
  p_version timestamptz default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_edit(p_conversation_id, p_seq, p_body, p_version);
end $$;

comment on function heddle_api.inbox_edit is
  'Changes the operator''s own message; without a body: deletes it, which leaves an empty one. p_version: when what the operator saw
of it was written (its editedAt, else its createdAt); without it whatever is there is replaced. { rev, message }. PT404 for
anybody else''s, PT409 if it says something else by now.';

create function heddle_api.inbox_read(p_conversation_id uuid, p_seq integer, p_seen boolean default true) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_read(p_conversation_id, p_seq, p_seen);
end $$;

comment on function heddle_api.inbox_read is
  'How far the operator has seen a conversation, which also ends the mark of a snooze that ended, or with p_seen false: how far
it has reached the team. Never goes back. { readSeqs, deliveredSeqs }. PT404.';

create function heddle_api.inbox_claim(p_conversation_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_claim(p_conversation_id);
end $$;

comment on function heddle_api.inbox_claim is
  'Takes an unclaimed conversation; the caller''s own again: as before. { rev, row }. PT409 with the holder''s name as detail,
PT404.';

create function heddle_api.inbox_assign(p_conversation_id uuid, p_to uuid default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_assign(p_conversation_id, p_to);
end $$;

comment on function heddle_api.inbox_assign is
  'Hands a conversation to a member, or to nobody. { rev, row }. PT400 for who answers not for the agent, PT404.';

create function heddle_api.inbox_status(
  p_conversation_id uuid,
  p_status text,
  p_until timestamptz default null,
  p_seconds integer default null,
  p_seen_rev integer default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_status(p_conversation_id, p_status, p_until, p_seconds, p_seen_rev);
end $$;

comment on function heddle_api.inbox_status is
  'Opens, snoozes until a time or for so many seconds from now, or resolves a conversation. { rev, row }. With p_seen_rev, the
number of the row that the operator saw, PT409 if its visitor wrote or asked for a person behind that, a sentence as detail.
PT400, PT404.';

create function heddle_api.inbox_needs_human(p_conversation_id uuid, p_needs boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_needs_human(p_conversation_id, p_needs);
end $$;

comment on function heddle_api.inbox_needs_human is
  'Says that a conversation needs a human, which opens what was put away, or no longer. { rev, row }. PT404.';

create function heddle_api.inbox_resolve_many(
  p_agent_id uuid,
  p_ids uuid[],
  p_seen_revs integer[] default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_resolve_many(p_agent_id, p_ids, p_seen_revs);
end $$;

comment on function heddle_api.inbox_resolve_many is
  'Resolves up to 15 conversations: { resolved: [id], unseen: [id] }, those that were not yet. With p_seen_revs, the number that
the row of each had when it was seen, those stay open whose visitor wrote or asked for a person behind that. PT400, PT404.';

create function heddle_api.inbox_note(p_conversation_id uuid, p_client_id uuid, p_body text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_note(p_conversation_id, p_client_id, p_body);
end $$;

comment on function heddle_api.inbox_note is
  'A note for the team; the same p_client_id again answers with the first one. { rev, note }. PT404.';

create function heddle_api.inbox_edit_note(
  p_conversation_id uuid,
  p_note_id integer,
  p_body text default null,
  p_version timestamptz default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_edit_note(p_conversation_id, p_note_id, p_body, p_version);
end $$;

comment on function heddle_api.inbox_edit_note is
  'Changes the operator''s own note; without a body: deletes it. p_version as for inbox_edit. { rev, note }. PT404 for anybody
else''s, PT409 if it says something else by now.';

create function heddle_api.inbox_label(p_conversation_id uuid, p_label_id integer, p_on boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_label(p_conversation_id, p_label_id, p_on);
end $$;

comment on function heddle_api.inbox_label is
  'Puts a label on a conversation, or takes it off. { rev, row }. PT400, PT404.';

revoke execute on function
  heddle.take_part, heddle.write_message, heddle.revise_message, heddle.assign, heddle.set_status, heddle.label,
  heddle.ask_for_person, heddle.row_answer, heddle.answers_for, heddle.inbox_post, heddle_api.inbox_post,
  heddle.inbox_edit, heddle_api.inbox_edit, heddle.inbox_read, heddle_api.inbox_read, heddle.inbox_claim,
  heddle_api.inbox_claim, heddle.inbox_assign, heddle_api.inbox_assign, heddle.inbox_status, heddle_api.inbox_status,
  heddle.inbox_needs_human, heddle_api.inbox_needs_human, heddle.inbox_resolve_many, heddle_api.inbox_resolve_many,
  heddle.inbox_note, heddle_api.inbox_note, heddle.inbox_edit_note, heddle_api.inbox_edit_note, heddle.inbox_label,
  heddle_api.inbox_label, heddle.said_since, heddle.demand_seen
from public;
grant execute on function
  heddle.inbox_post, heddle_api.inbox_post, heddle.inbox_edit, heddle_api.inbox_edit, heddle.inbox_read,
  heddle_api.inbox_read, heddle.inbox_claim, heddle_api.inbox_claim, heddle.inbox_assign, heddle_api.inbox_assign,
  heddle.inbox_status, heddle_api.inbox_status, heddle.inbox_needs_human, heddle_api.inbox_needs_human,
  heddle.inbox_resolve_many, heddle_api.inbox_resolve_many, heddle.inbox_note, heddle_api.inbox_note,
  heddle.inbox_edit_note, heddle_api.inbox_edit_note, heddle.inbox_label, heddle_api.inbox_label
to authenticated;

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
declare
  -- Of one whom the site vouches for: whether what it calls them now is news.
  v_is_news boolean := p_said is not null and heddle.is_identified(p_end_user) and exists (
    select from heddle.visitors
    where agent_id = p_agent_id and end_user_id = p_end_user
      and heddle.said_at(p_said) > coalesce(said_at, '-infinity')
  );
begin
  -- Whoever never wrote leaves nothing behind, here neither.
  if not v_is_news and (
    heddle.lasts(p_agent_id, 'visitor', p_end_user, 'online', heddle.visitor_lease())
    or not exists (select from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user)
  ) then
    return;
  end if;
  perform heddle.open_inbox(p_agent_id);
  if heddle.is_identified(p_end_user) then
    perform heddle.learn_of(p_agent_id, p_end_user, p_said);
  end if;
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

-- What a team keeps for itself: labels and saved replies.

create function heddle.hint_inbox(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.open_inbox(p_agent_id);
  perform heddle.send(array[heddle.inbox_name(p_agent_id)], array[heddle.event('refresh', '{}')]);
exception when others then
  perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
end $$;

comment on function heddle.hint_inbox is 'Tells a team that something changed which no event is for.';

create function heddle.tell_of_member() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  for v_agent in select * from heddle.agents where org_id = new.org_id order by id loop
    -- Without the inbox's lock, which a removal takes before the member's row: under a former name nobody misses a hint.
    begin
      perform heddle.send(array[heddle.inbox_name(v_agent)], array[heddle.event('refresh', '{}')]);
    exception when others then
      perform heddle.count_failed_broadcast(v_agent.id, sqlstate, sqlerrm);
    end;
  end loop;
  return null;
end $$;

comment on function heddle.tell_of_member is 'Who joins a team, or is called or may do something else, is so at once in open inboxes.';

create trigger tell_of_member after insert on heddle.members for each row execute function heddle.tell_of_member();
create trigger tell_of_changed_member after update of name, role, every_agent, email on heddle.members for each row
  when (old is distinct from new) execute function heddle.tell_of_member();
create trigger tell_of_member after insert on heddle.member_agents for each row execute function heddle.tell_of_member();

create function heddle.inbox_save_label(p_agent_id uuid, p_label_id integer, p_name text, p_color text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 500;
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'labels');
  v_name text := heddle.one_line(p_name);
  v_label heddle.labels;
begin
  perform heddle.demand_name('A label''s name', v_name, 60);
  perform heddle.demand(p_color ~ '^#[0-9a-f]{6}$', 'A colour is written as #rrggbb.');
  if p_label_id is null then
    perform heddle.demand(
      (select count(*) from heddle.labels where agent_id = p_agent_id) < c_most,
      format('An agent keeps at most %s labels.', c_most)
    );
    insert into heddle.labels (agent_id, name, color) values (p_agent_id, v_name, p_color) returning * into v_label;
  else
    update heddle.labels set name = v_name, color = p_color where id = p_label_id and agent_id = p_agent_id
    returning * into v_label;
    perform heddle.demand_item(found);
  end if;
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('id', v_label.id, 'name', v_label.name, 'color', v_label.color);
exception when unique_violation then
  raise exception 'conflict' using errcode = 'PT409', detail = 'There is a label of this name already.';
end $$;

create function heddle.inbox_delete_label(p_agent_id uuid, p_label_id integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'labels');
begin
  -- One hint for all instead of an event for each that had it.
  perform set_config('heddle.importing', 'on', true);
  perform from heddle.conversations where agent_id = p_agent_id and id in (
    select conversation_id from heddle.conversation_labels where label_id = p_label_id
  ) order by id for no key update;
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where agent_id = p_agent_id and id in (
    select conversation_id from heddle.conversation_labels where label_id = p_label_id
  );
  delete from heddle.labels where id = p_label_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  perform set_config('heddle.importing', 'off', true);
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('id', p_label_id);
end $$;

create function heddle.inbox_replies(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
begin
  return jsonb_build_object('replies', (
    select coalesce(jsonb_agg(jsonb_build_object('id', id, 'shortcut', shortcut, 'body', body) order by shortcut), '[]')
    from heddle.saved_replies where agent_id = p_agent_id
  ));
end $$;

create function heddle.inbox_save_reply(p_agent_id uuid, p_reply_id uuid, p_shortcut text, p_body text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 500;
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'replies');
  v_reply heddle.saved_replies;
begin
  perform heddle.demand(
    p_shortcut ~ '^[^\s/]{1,40}$' and not heddle.is_blank(p_shortcut),
    'A shortcut has 1 to 40 characters without blanks and slashes.'
  );
  perform heddle.demand_name('A saved reply', p_body, 10000);
  if p_reply_id is null then
    perform heddle.demand(
      (select count(*) from heddle.saved_replies where agent_id = p_agent_id) < c_most,
      format('An agent keeps at most %s saved replies.', c_most)
    );
    insert into heddle.saved_replies (agent_id, shortcut, body) values (p_agent_id, p_shortcut, p_body)
    returning * into v_reply;
  else
    update heddle.saved_replies set shortcut = p_shortcut, body = p_body where id = p_reply_id and agent_id = p_agent_id
    returning * into v_reply;
    perform heddle.demand_item(found);
  end if;
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('id', v_reply.id, 'shortcut', v_reply.shortcut, 'body', v_reply.body);
exception when unique_violation then
  raise exception 'conflict' using errcode = 'PT409', detail = 'There is a reply of this shortcut already.';
end $$;

create function heddle.inbox_delete_reply(p_agent_id uuid, p_reply_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'replies');
begin
  delete from heddle.saved_replies where id = p_reply_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('id', p_reply_id);
end $$;

create function heddle_api.inbox_save_label(
  p_agent_id uuid,
  p_label_id integer,
  p_name text,
  p_color text
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_save_label(p_agent_id, p_label_id, p_name, p_color);
end $$;

comment on function heddle_api.inbox_save_label is
  'Makes a label, or changes one: { id, name, color }. PT404, PT403, PT409 for a name that is taken.';

create function heddle_api.inbox_delete_label(p_agent_id uuid, p_label_id integer) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_delete_label(p_agent_id, p_label_id);
end $$;

comment on function heddle_api.inbox_delete_label is
  'Deletes a label, from conversations too: { id }. PT404, PT403.';

create function heddle_api.inbox_replies(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_replies(p_agent_id);
end $$;

comment on function heddle_api.inbox_replies is
  'Saved replies by shortcut: { replies: [{ id, shortcut, body }] }. PT404.';

create function heddle_api.inbox_save_reply(
  p_agent_id uuid,
  p_reply_id uuid,
  p_shortcut text,
  p_body text
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_save_reply(p_agent_id, p_reply_id, p_shortcut, p_body);
end $$;

comment on function heddle_api.inbox_save_reply is
  'Makes a saved reply, or changes one: { id, shortcut, body }. PT404, PT403, PT409 for a shortcut that is taken.';

create function heddle_api.inbox_delete_reply(p_agent_id uuid, p_reply_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_delete_reply(p_agent_id, p_reply_id);
end $$;

comment on function heddle_api.inbox_delete_reply is
  'Deletes a saved reply: { id }. PT404, PT403.';

revoke execute on function
  heddle.hint_inbox, heddle.tell_of_member, heddle.inbox_save_label, heddle_api.inbox_save_label, heddle.inbox_delete_label,
  heddle_api.inbox_delete_label, heddle.inbox_replies, heddle_api.inbox_replies, heddle.inbox_save_reply,
  heddle_api.inbox_save_reply, heddle.inbox_delete_reply, heddle_api.inbox_delete_reply
from public;
grant execute on function
  heddle.inbox_save_label, heddle_api.inbox_save_label, heddle.inbox_delete_label, heddle_api.inbox_delete_label,
  heddle.inbox_replies, heddle_api.inbox_replies, heddle.inbox_save_reply, heddle_api.inbox_save_reply,
  heddle.inbox_delete_reply, heddle_api.inbox_delete_reply
to authenticated;

-- What an owner sees of a site in the inbox, beside its team. Everything else about it is the command line's.

create function heddle.inbox_site(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c_issues constant integer := 20;
  v_me heddle.members := heddle.require_member(p_agent_id, 'settings');
begin
  return (
    select jsonb_build_object(
      'origins', allowed_origins, 'title', display ->> 'title', 'accent', display ->> 'accent',
      'anonymousAllowed', anonymous_allowed,
      'greeting', greeting, 'officeHours', office_hours, 'awayMessage', away_message
    )
    from heddle.agents where id = p_agent_id
  ) || jsonb_build_object(
    'tabs', heddle_api.list_tabs(p_agent_id),
    'keys', heddle_api.list_api_keys(p_agent_id),
    'connectors', heddle_api.list_connectors(p_agent_id),
    'bots', heddle_api.list_bots(p_agent_id),
    'issues', heddle_api.list_issues(p_agent_id, c_issues)
  );
end $$;

create function heddle.inbox_set_office(p_agent_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_agent jsonb;
begin
  perform heddle.demand_texts(p_changes, array['greeting', 'awayMessage']);
  perform heddle.demand(
    p_changes - array['greeting', 'officeHours', 'awayMessage'] = '{}', 'It is greeting, officeHours and awayMessage.'
  );
  v_agent := heddle_api.update_agent(p_agent_id, p_changes);
  return jsonb_build_object(
    'greeting', v_agent -> 'greeting', 'officeHours', v_agent -> 'officeHours', 'awayMessage', v_agent -> 'awayMessage'
  );
end $$;

create function heddle.inbox_set_site(p_agent_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_label constant text := '[a-z0-9]([a-z0-9-]*[a-z0-9])?';
  c_most constant integer := 120;
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_title text;
  v_origin text;
  v_agent jsonb;
begin
  perform heddle.demand_texts(p_changes, array['title', 'accent', 'addOrigin', 'removeOrigin']);
  perform heddle.demand(
    p_changes - array['title', 'accent', 'addOrigin', 'removeOrigin'] = '{}', 'It is title, accent, addOrigin and removeOrigin.'
  );
  v_title := nullif(heddle.one_line(p_changes ->> 'title'), '');
  perform heddle.demand(coalesce(length(v_title), 0) <= c_most, format('A title has at most %s characters.', c_most));
  perform heddle.demand(
    coalesce(p_changes ->> 'accent', '#000000') ~ '^#[0-9a-fA-F]{6}$', 'A colour is written as #2f6f4f.'
  );
  -- As browsers say it (URL Standard, 4.5), without the port that goes without saying.
  v_origin := regexp_replace(p_changes ->> 'addOrigin', '^(https:.*):443$|^(http:.*):80$', '\1\2');
  -- What has * in it may be other people's sites, too, which the command knows.
  perform heddle.demand(
    coalesce(v_origin, 'https://a') ~ format('^https?://%1$s(\.%1$s)*(:[1-9][0-9]{0,4})?$', c_label)
      and coalesce(length(v_origin), 0) <= 280,
    'A site begins with https:// or http:// and has no path, such as https://shop.example. One with * is added from a terminal.'
  );
  perform heddle.demand(
    coalesce(v_origin, '') !~ '^https?://([^:]*\.)?[0-9]+(:|$)' or v_origin ~ '^https?://([0-9]{1,3}\.){3}[0-9]{1,3}(:|$)',
    'A host of numbers is written with all four of them: http://127.0.0.1.'
  );
  v_agent := heddle_api.update_agent(p_agent_id, jsonb_build_object(
    'display', case when p_changes ? 'title' then jsonb_build_object('title', v_title) else '{}' end || (
      select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(p_changes) where key = 'accent'
    ),
    'addOrigins', to_jsonb(array_remove(array[v_origin], null)),
    'removeOrigins', to_jsonb(array_remove(array[p_changes ->> 'removeOrigin'], null))
  ));
  return jsonb_build_object(
    'origins', v_agent -> 'allowedOrigins', 'title', v_agent #> '{display,title}', 'accent', v_agent #> '{display,accent}'
  );
end $$;

create function heddle.inbox_create_tab(p_agent_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_name text := heddle.one_line(p_name);
begin
  perform heddle.demand_name('A tab''s name', v_name, 60);
  return heddle_api.create_tab(p_agent_id, v_name, 'messaging', null, null, 'store');
end $$;

create function heddle.inbox_rename_tab(p_agent_id uuid, p_tab_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_name text := heddle.one_line(p_name);
begin
  perform heddle.demand_name('A tab''s name', v_name, 60);
  update heddle.tabs set name = v_name where id = p_tab_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  return jsonb_build_object('id', p_tab_id);
end $$;

create function heddle.inbox_remove_tab(p_agent_id uuid, p_tab_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  delete from heddle.tabs where id = p_tab_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  return '{}';
end $$;

create function heddle_api.inbox_site(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_site(p_agent_id);
end $$;

comment on function heddle_api.inbox_site is
  'Of an agent, for who may change its settings: { origins, title | null, accent | null, anonymousAllowed, greeting, officeHours,
awayMessage, tabs, keys, connectors, bots, issues }, the last ones as list_tabs, list_api_keys, list_connectors, list_bots and list_issues answer them. PT404, PT403.';

create function heddle_api.inbox_set_office(p_agent_id uuid, p_changes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_set_office(p_agent_id, p_changes);
end $$;

comment on function heddle_api.inbox_set_office is
  'Changes what p_changes holds of greeting, officeHours and awayMessage, as update_agent, and answers with all three. PT404, PT403,
PT400.';

create function heddle_api.inbox_set_site(p_agent_id uuid, p_changes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_set_site(p_agent_id, p_changes);
end $$;

comment on function heddle_api.inbox_set_site is
  'Changes what p_changes holds of title and accent (null takes one back to its default), and adds or removes one of the sites that may
show the widget, by addOrigin and removeOrigin: { origins, title | null, accent | null }. PT404, PT403, PT400.';

create function heddle_api.inbox_create_tab(p_agent_id uuid, p_name text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_create_tab(p_agent_id, p_name);
end $$;

comment on function heddle_api.inbox_create_tab is
  'A messaging tab whose conversations the store keeps, behind the tabs that there are: { id }. PT404, PT403, PT400.';

create function heddle_api.inbox_rename_tab(p_agent_id uuid, p_tab_id uuid, p_name text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_rename_tab(p_agent_id, p_tab_id, p_name);
end $$;

comment on function heddle_api.inbox_rename_tab is 'Gives a tab another name, of at most 60 characters: { id }. PT404, PT403, PT400.';

create function heddle_api.inbox_remove_tab(p_agent_id uuid, p_tab_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_tab(p_agent_id, p_tab_id);
end $$;

comment on function heddle_api.inbox_remove_tab is
  'Removes a tab with its actions and its issues; conversations that the store keeps are the agent''s and stay: {}. PT404, PT403.';

revoke execute on function
  heddle.inbox_site, heddle_api.inbox_site, heddle.inbox_set_office, heddle_api.inbox_set_office,
  heddle.inbox_set_site, heddle_api.inbox_set_site, heddle.inbox_create_tab, heddle_api.inbox_create_tab,
  heddle.inbox_rename_tab, heddle_api.inbox_rename_tab, heddle.inbox_remove_tab, heddle_api.inbox_remove_tab
from public;
grant execute on function
  heddle.inbox_site, heddle_api.inbox_site, heddle.inbox_set_office, heddle_api.inbox_set_office,
  heddle.inbox_set_site, heddle_api.inbox_set_site, heddle.inbox_create_tab, heddle_api.inbox_create_tab,
  heddle.inbox_rename_tab, heddle_api.inbox_rename_tab, heddle.inbox_remove_tab, heddle_api.inbox_remove_tab
to authenticated;
