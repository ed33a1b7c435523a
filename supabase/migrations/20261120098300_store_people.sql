-- What comes from elsewhere, and what a person may ask for: all that is kept of them, or that nothing is.

create function heddle.imported_conversations(p_agent_id uuid, p_rows jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.visitors (agent_id, end_user_id, name, email)
  select distinct on (row ->> 'endUserId') p_agent_id, row ->> 'endUserId', nullif(heddle.one_line(row ->> 'name'), ''), row ->> 'email'
  from jsonb_array_elements(p_rows) row
  order by row ->> 'endUserId'
  on conflict (agent_id, end_user_id) do nothing;

  with fresh as (
    insert into heddle.conversations
      (id, agent_id, visitor_id, status, platform, name, page_name, created_at, last_message_at, active_at)
    select
      (row ->> 'id')::uuid, p_agent_id, visitor.id, coalesce(lower(row ->> 'status'), 'resolved'),
      coalesce(row ->> 'platform', 'IMPORT'), row ->> 'title', row ->> 'pageName',
      coalesce((row ->> 'createdAt')::timestamptz, said.first, now()),
      coalesce(said.last, (row ->> 'createdAt')::timestamptz, now()),
      coalesce(said.last, (row ->> 'createdAt')::timestamptz, now())
    from jsonb_array_elements(p_rows) row
    cross join lateral (
      select min(at) as first, max(at) as last
      from jsonb_array_elements(coalesce(row -> 'messages', '[]')) message, lateral (
        select (message ->> 'createdAt')::timestamptz as at
      ) dated
    ) said
    join heddle.visitors visitor on visitor.agent_id = p_agent_id and visitor.end_user_id = row ->> 'endUserId'
    order by (row ->> 'id')::uuid
    on conflict (id) do nothing
    returning id, visitor_id, last_message_at
  )
  insert into heddle.participants (conversation_id, role, visitor_id, last_message_at)
  select id, 'visitor', visitor_id, last_message_at from fresh;
end $$;

create function heddle.imported_messages(p_agent_id uuid, p_rows jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  v_count integer;
begin
  with given as (
    select conversation.id, conversation.seq as last_seq, conversation.rev as last_rev, message.*,
      coalesce((message.value ->> 'clientId')::uuid, encode(substring(sha256(convert_to(
        jsonb_build_array('import', conversation.id, message.value ->> 'createdAt', message.place)::text, 'UTF8'
      )) for 16), 'hex')::uuid) as client_id
    from jsonb_array_elements(p_rows) row
    join heddle.conversations conversation on conversation.id = (row ->> 'id')::uuid and conversation.agent_id = p_agent_id
    cross join jsonb_array_elements(coalesce(row -> 'messages', '[]')) with ordinality message (value, place)
  ), fresh as (
    select *, row_number() over (partition by id order by (value ->> 'createdAt')::timestamptz, place)::integer as n
    from given
    where not exists (
      select from heddle.messages known
      where known.conversation_id = given.id and known.client_id = given.client_id
        and known.role = given.value ->> 'role' and known.author_id is null
    )
  ), put as (
    insert into heddle.messages
      (conversation_id, seq, changed_seq, changed_rev, client_id, role, author_name, body, attachments, created_at)
    select id, last_seq + n, last_seq + n, last_rev + n, client_id, value ->> 'role', value ->> 'authorName',
      coalesce(value ->> 'body', ''), value -> 'attachments', (value ->> 'createdAt')::timestamptz
    from fresh
    returning *
  ), totals as (
    select conversation_id, count(*)::integer as n, max(seq) as seq, max(created_at) as at,
      (array_agg(heddle.gist(body, attachments) order by seq desc))[1] as preview, (array_agg(role order by seq desc))[1] as role
    from put group by conversation_id
  ), seated as (
    update heddle.participants seat set last_message_at = greatest(seat.last_message_at, totals.at)
    from totals where seat.conversation_id = totals.conversation_id and seat.role = 'visitor'
  ), counted as (
    -- History has been read: nobody wants thousands of old messages marked as new.
    update heddle.conversations conversation set
      seq = totals.seq, rev = conversation.rev + totals.n, message_count = conversation.message_count + totals.n,
      last_message_at = greatest(conversation.last_message_at, totals.at),
      active_at = greatest(conversation.active_at, totals.at), preview = totals.preview,
      last_role = totals.role, last_author_id = null, xid = pg_current_xact_id()
    from totals where conversation.id = totals.conversation_id
    returning totals.n
  )
  select coalesce(sum(n), 0) into v_count from counted;
  return v_count;
end $$;

create function heddle_api.store_import(p_agent_id uuid, p_conversations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_count integer;
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  perform heddle.demand(jsonb_typeof(p_conversations) = 'array', 'Conversations are a list.');
  perform heddle.demand_texts(row, array[
    'id', 'endUserId', 'name', 'email', 'status', 'title', 'pageName', 'platform', 'createdAt'
  ]) from jsonb_array_elements(p_conversations) row;
  perform heddle.demand_texts(message, array['clientId', 'role', 'authorName', 'body', 'createdAt'])
  from jsonb_array_elements(p_conversations) row, jsonb_array_elements(coalesce(row -> 'messages', '[]')) message;
  perform heddle.open_inbox(p_agent_id);
  -- No events: thousands would fill every limit. Whoever looks is told once, and finds what moved by its numbers.
  perform set_config('heddle.importing', 'on', true);
  perform heddle.imported_conversations(p_agent_id, p_conversations);
  perform from heddle.conversations
  where id in (select (row ->> 'id')::uuid from jsonb_array_elements(p_conversations) row) and agent_id = p_agent_id
  order by id for no key update;
  v_count := heddle.imported_messages(p_agent_id, p_conversations);
  update heddle.conversations set waiting_since = heddle.unanswered_since(id)
  where id in (select (row ->> 'id')::uuid from jsonb_array_elements(p_conversations) row) and agent_id = p_agent_id
    and status <> 'resolved';
  perform set_config('heddle.importing', 'off', true);
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('messages', v_count);
exception when data_exception or integrity_constraint_violation then
  raise exception 'invalid_request' using errcode = 'PT400', detail = format('Not a conversation to take over: %s.', sqlerrm);
end $$;

comment on function heddle_api.store_import is
  'Takes over conversations with their history: [{ id: uuid, endUserId, name?, email?, status? (resolved), title?, pageName?,
platform? (IMPORT), createdAt?, messages: [{ clientId?, role, authorName?, body, attachments?, createdAt }] }]. The same again
adds nothing. Nothing is unread, nothing is broadcast but one hint. { messages: how many are new }; null without the agent.
Batches below a second: a few thousand messages.';

create function heddle.conversations_of(p_visitor heddle.visitors) returns uuid[]
language plpgsql stable set search_path = '' as $$
begin
  return array(
    select id from heddle.conversations where visitor_id = p_visitor.id
    union
    select conversation_id from heddle.participants where visitor_id = p_visitor.id and role = 'visitor'
    union
    select conversation_id from heddle.messages message
    join heddle.conversations conversation on conversation.id = message.conversation_id
    where author_id = p_visitor.end_user_id and role = 'visitor' and agent_id = p_visitor.agent_id
    order by 1
  );
end $$;

comment on function heddle.conversations_of is
  'Where a visitor takes part, and where they once wrote and were taken out since, in the order of their ids.';

create function heddle.exported_conversation(
  p_conversation heddle.conversations,
  p_visitor heddle.visitors,
  p_takes_part boolean
) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', p_conversation.id,
    'name', p_conversation.name,
    'pageName', p_conversation.page_name,
    'status', upper(p_conversation.status),
    'createdAt', p_conversation.created_at,
    'messages', heddle.messages_json(array(
      select message from heddle.messages message
      where conversation_id = p_conversation.id
        and (p_takes_part or role = 'visitor' and not heddle.counts_for(message, p_conversation, p_visitor))
    )),
    -- Of what was replaced, the person's own only; what others took back is not about them.
    'replaced', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', revision.seq::text, 'text', revision.body, 'replacedAt', revision.replaced_at
      ) order by revision.changed_seq), '[]')
      from heddle.message_revisions revision
      join heddle.messages message using (conversation_id, seq)
      where revision.conversation_id = p_conversation.id
        and message.role = 'visitor' and not heddle.counts_for(message, p_conversation, p_visitor)
    )
  );
end $$;

create function heddle_api.store_export(p_agent_id uuid, p_end_user text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_visitor heddle.visitors;
begin
  select * into v_visitor from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user;
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'endUser', jsonb_build_object(
      'id', v_visitor.end_user_id,
      'name', v_visitor.name,
      'email', v_visitor.email,
      'page', heddle.plain_page(v_visitor.page),
      'createdAt', v_visitor.created_at,
      'lastSeenAt', v_visitor.last_seen_at
    ),
    'conversations', (
      select coalesce(jsonb_agg(
        heddle.exported_conversation(conversation, v_visitor, seat.id is not null)
        order by conversation.created_at, conversation.id
      ), '[]')
      from heddle.conversations conversation
      left join heddle.participants seat
        on seat.conversation_id = conversation.id and seat.visitor_id = v_visitor.id and seat.role = 'visitor'
      where conversation.id = any (heddle.conversations_of(v_visitor))
    )
  );
end $$;

comment on function heddle_api.store_export is
  'All that the store keeps of a visitor: { endUser, conversations: [{ …, messages, replaced }] }; of rooms that they were taken
out of what they wrote themselves. Notes are the team''s and not in it. Null for who never wrote.';

create function heddle.hold_for_erasure(p_agent_id uuid, p_end_user text) returns heddle.visitors
language plpgsql set search_path = '' as $$
declare
  v_visitor heddle.visitors;
begin
  perform heddle.open_inbox(p_agent_id);
  perform heddle.hold_visitor(p_agent_id, p_end_user);
  -- With those who share rooms with them, of whom one may become the first of a room: in the order of their ids, as each of
  -- them does who is erased at the same time.
  perform from heddle.visitors where id in (
    select coalesce(other.visitor_id, visitor.id)
    from heddle.visitors visitor
    left join heddle.participants seat on seat.visitor_id = visitor.id and seat.role = 'visitor'
    left join heddle.participants other on other.conversation_id = seat.conversation_id and other.role = 'visitor'
    where visitor.agent_id = p_agent_id and visitor.end_user_id = p_end_user
    union
    select former.id from heddle.visitors visitor join heddle.visitors former on former.signed_in_as = visitor.id
    where visitor.agent_id = p_agent_id and visitor.end_user_id = p_end_user
  ) order by id for update;
  select * into v_visitor from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user for update;
  if found then
    perform from heddle.conversations where id = any (heddle.conversations_of(v_visitor)) order by id for update;
  end if;
  return v_visitor;
end $$;

comment on function heddle.hold_for_erasure is 'Locks a visitor and wherever they have written. Nulls for who never wrote.';

create function heddle_api.store_erase(p_agent_id uuid, p_end_user text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_visitor heddle.visitors;
  v_ids uuid[];
  v_bases text[];
  v_messages integer;
  v_room heddle.conversations;
begin
  perform heddle.end_identity(p_agent_id, p_end_user);
  v_visitor := heddle.hold_for_erasure(p_agent_id, p_end_user);
  if v_visitor.id is null then
    return null;
  end if;
  v_ids := array(
    select id from heddle.conversations conversation
    where visitor_id = v_visitor.id and not exists (
      select from heddle.participants
      where conversation_id = conversation.id and role = 'visitor' and visitor_id <> v_visitor.id
    )
    order by id
  );
  v_bases := array(select heddle.thread_base(conversation) from heddle.conversations conversation where id = any (v_ids));
  perform set_config('heddle.importing', 'on', true);
  delete from heddle.messages where conversation_id = any (v_ids);
  get diagnostics v_messages = row_count;
  insert into heddle.gone (agent_id, id) select p_agent_id, unnest(v_ids)
  on conflict (agent_id, id) do update set xid = excluded.xid, at = excluded.at;
  delete from heddle.conversations where id = any (v_ids);
  perform set_config('heddle.importing', 'off', true);
  -- Rooms stay for the others in them.
  for v_room in
    select * from heddle.conversations where id = any (heddle.conversations_of(v_visitor)) order by id
  loop
    v_messages := v_messages + heddle.forget_in_room(v_room, v_visitor);
  end loop;
  delete from heddle.visitors where id = v_visitor.id;
  delete from heddle.leases where agent_id = p_agent_id and subject = 'visitor' and key = p_end_user;
  perform heddle.forget_screens(p_agent_id, p_end_user, v_bases);
  return jsonb_build_object('conversations', cardinality(v_ids), 'messages', v_messages);
end $$;

comment on function heddle_api.store_erase is
  'Erases a visitor with their conversations, notes on them included: { conversations, messages }. Rooms in which other visitors
take part stay, without what this one wrote and without their name. Null for who never wrote. Of an anonymous visitor tokens
and sessions are refused from now on, whether they wrote or not.';

create function heddle.forget_in_room(p_room heddle.conversations, p_visitor heddle.visitors) returns integer
language plpgsql set search_path = '' as $$
declare
  -- Nobody's id. Null would be the visitor whom the room was made with.
  c_nobody constant text := '';
  v_seat heddle.participants;
  v_room heddle.conversations;
  v_emptied integer;
begin
  select * into v_seat from heddle.participants
  where conversation_id = p_room.id and role = 'visitor' and visitor_id = p_visitor.id;
  if found then
    perform heddle.unseat(p_room, v_seat);
  end if;
  if p_room.visitor_id = p_visitor.id then
    update heddle.messages set author_id = p_visitor.end_user_id, client_id = null
    where conversation_id = p_room.id and role = 'visitor' and author_id is null;
    perform heddle.pass_room_on(p_room);
  end if;
  -- Nobody has one idempotency key for all who were erased.
  update heddle.messages set deleted_at = clock_timestamp(), author_id = c_nobody, author_name = null, client_id = null
  where conversation_id = p_room.id and role = 'visitor' and author_id = p_visitor.end_user_id and deleted_at is null;
  get diagnostics v_emptied = row_count;
  -- What they had deleted themselves says no more whose it was.
  update heddle.conversations set seq = seq + 1, rev = rev + 1 where id = p_room.id returning * into v_room;
  update heddle.messages set
    author_id = c_nobody, author_name = null, client_id = null, changed_seq = v_room.seq, changed_rev = v_room.rev
  where conversation_id = p_room.id and role = 'visitor' and author_id = p_visitor.end_user_id;
  delete from heddle.message_revisions revision using heddle.messages message
  where revision.conversation_id = p_room.id and message.conversation_id = revision.conversation_id
    and message.seq = revision.seq and message.role = 'visitor' and message.author_id = c_nobody;
  perform heddle.room_changed(p_room.id);
  return v_emptied;
end $$;

comment on function heddle.forget_in_room is
  'Takes an erased visitor out of a room that others go on with, and empties what they wrote there: how many messages.';

create function heddle.pass_room_on(p_room heddle.conversations) returns void
language plpgsql set search_path = '' as $$
begin
  update heddle.conversations set visitor_id = (
    select visitor_id from heddle.participants where conversation_id = p_room.id and role = 'visitor' order by id limit 1
  )
  where id = p_room.id;
end $$;

comment on function heddle.pass_room_on is
  'Has a room belong to another of its visitors.';

create function heddle.forget_screens(p_agent_id uuid, p_end_user text, p_thread_bases text[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_topics text[] := heddle.inbox_name(p_agent_id) || array(
    select unnest(names.content || names.ended)
    from unnest(('agent-' || p_agent_id || '-user-' || p_end_user) || p_thread_bases) as bases (base)
    cross join lateral heddle.content_names(p_agent_id, base) as names
  );
begin
  perform heddle.send(v_topics, array_fill(heddle.event('refresh', '{}'), array[cardinality(v_topics)]));
exception when others then
  perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
end $$;

comment on function heddle.forget_screens is
  'Tells the visitor''s list, whoever has one of the conversations open, and the team that they are gone.';

create function heddle.inbox_visitor(p_conversation_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c_most constant integer := 20;
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
begin
  return jsonb_build_object(
    'visitor', heddle.visitor_json(v_conversation.visitor_id),
    'participants', case v_conversation.kind when 'room' then (
      select jsonb_agg(heddle.visitor_json(visitor_id) order by id) from heddle.participants
      where conversation_id = p_conversation_id and role = 'visitor'
    ) else '[]' end,
    'room', case v_conversation.kind when 'room' then heddle.room_json(p_conversation_id) end,
    'rows', heddle.rows_json(array(
      select conversation from heddle.conversations conversation
      where visitor_id = v_conversation.visitor_id and id <> p_conversation_id
      order by last_message_at desc, id desc limit c_most
    ))
  );
end $$;

create function heddle.erasable(p_conversation_id uuid, p_end_user text) returns heddle.visitors
language plpgsql stable set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
  v_me heddle.members := heddle.require_member(v_conversation.agent_id, 'erase');
  v_visitor heddle.visitors;
begin
  select visitor.* into v_visitor
  from heddle.participants seat join heddle.visitors visitor on visitor.id = seat.visitor_id
  where conversation_id = p_conversation_id and role = 'visitor'
    and case when p_end_user is null then visitor.id = v_conversation.visitor_id else visitor.end_user_id = p_end_user end;
  perform heddle.demand_item(found);
  return v_visitor;
end $$;

comment on function heddle.erasable is
  'A visitor of a conversation (null: whom it was begun with), for a caller who may export and erase them. Raises PT404 and PT403.';

create function heddle.inbox_export_visitor(p_conversation_id uuid, p_end_user text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_visitor heddle.visitors := heddle.erasable(p_conversation_id, p_end_user);
begin
  return heddle_api.store_export(v_visitor.agent_id, v_visitor.end_user_id);
end $$;

create function heddle.inbox_erase_visitor(p_conversation_id uuid, p_end_user text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_visitor heddle.visitors := heddle.erasable(p_conversation_id, p_end_user);
begin
  return heddle_api.store_erase(v_visitor.agent_id, v_visitor.end_user_id);
end $$;

create function heddle_api.inbox_visitor(p_conversation_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_visitor(p_conversation_id);
end $$;

comment on function heddle_api.inbox_visitor is
  'Who a conversation is with: { visitor: { id, name, email, page, firstSeenAt, lastSeenAt, online }, participants: all visitors of
a room, room: as inbox_create_room answers it, or null, rows: their other conversations, newest first, at most 20 }. PT404.';

create function heddle_api.inbox_export_visitor(p_conversation_id uuid, p_end_user text default null) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_export_visitor(p_conversation_id, p_end_user);
end $$;

comment on function heddle_api.inbox_export_visitor is
  'What store_export answers of the conversation''s visitor, in a room of p_end_user. PT404; PT403 without the right to erase.';

create function heddle_api.inbox_erase_visitor(p_conversation_id uuid, p_end_user text default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_erase_visitor(p_conversation_id, p_end_user);
end $$;

comment on function heddle_api.inbox_erase_visitor is
  'Erases the conversation''s visitor, in a room p_end_user, as store_erase does: { conversations, messages }. PT404; PT403 without the right to erase.';

revoke execute on function
  heddle.imported_conversations, heddle.imported_messages, heddle_api.store_import, heddle_api.store_export,
  heddle_api.store_erase, heddle.conversations_of, heddle.exported_conversation, heddle.hold_for_erasure,
  heddle.forget_in_room, heddle.pass_room_on, heddle.forget_screens, heddle.erasable, heddle.inbox_visitor, heddle_api.inbox_visitor,
  heddle.inbox_export_visitor, heddle_api.inbox_export_visitor, heddle.inbox_erase_visitor,
  heddle_api.inbox_erase_visitor
from public;
grant execute on function
  heddle_api.store_import, heddle_api.store_export, heddle_api.store_erase
to service_role;
grant execute on function
  heddle.inbox_visitor, heddle_api.inbox_visitor, heddle.inbox_export_visitor, heddle_api.inbox_export_visitor,
  heddle.inbox_erase_visitor, heddle_api.inbox_erase_visitor
to authenticated;
