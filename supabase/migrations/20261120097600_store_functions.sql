-- What the edge functions do for a visitor whom they have verified. Reading is STABLE: all of an answer is of one snapshot,
-- and what a client is told to ask after next has missed nothing.

create function heddle.seat_of(p_agent_id uuid, p_end_user text, p_conversation_id uuid) returns heddle.participants
language plpgsql stable set search_path = '' as $$
declare
  v_seat heddle.participants;
begin
  select seat.* into v_seat
  from heddle.visitors visitor join heddle.participants seat on seat.visitor_id = visitor.id
  where visitor.agent_id = p_agent_id and visitor.end_user_id = p_end_user
    and seat.conversation_id = p_conversation_id and seat.role = 'visitor';
  -- Somebody else's and none at all are the same to whoever asks.
  perform heddle.demand_item(found);
  return v_seat;
end $$;

comment on function heddle.seat_of is 'A visitor''s place in a conversation. Raises PT404 if they have none.';

-- Without bitmap scans in these two: the planner believes that every conversation has a handful of messages, and would
-- read and sort all of a long one.
create function heddle.messages_before(p_conversation_id uuid, p_before_seq integer, p_limit integer)
returns heddle.messages[]
language plpgsql stable set search_path = '' set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
begin
  return array(
    select message from heddle.messages message
    where conversation_id = p_conversation_id and seq < coalesce(p_before_seq, 2147483647)
    order by seq desc limit p_limit
  );
end $$;

create function heddle.messages_since(p_conversation_id uuid, p_after_seq integer) returns heddle.messages[]
language plpgsql stable set search_path = '' set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
begin
  return array(
    select message from heddle.messages message
    where conversation_id = p_conversation_id and seq > p_after_seq
    union all
    select message from heddle.messages message
    where conversation_id = p_conversation_id and changed_seq > p_after_seq and changed_seq > seq and seq <= p_after_seq
    union all
    select message from heddle.messages message
    where conversation_id = p_conversation_id and status = 'streaming' and seq <= p_after_seq
  );
end $$;

create function heddle.cursors_json(p_conversation heddle.conversations) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'readSeqs',
    jsonb_build_object('visitor', p_conversation.visitor_read_seq, 'team', p_conversation.team_read_seq),
    'deliveredSeqs',
    jsonb_build_object('visitor', p_conversation.visitor_delivered_seq, 'team', p_conversation.team_delivered_seq)
  );
end $$;

create function heddle_api.store_list(
  p_agent_id uuid,
  p_end_user text,
  p_before_at timestamptz default null,
  p_before_id uuid default null,
  p_limit integer default 20
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_visitor_id bigint;
  v_seats heddle.participants[];
  v_last heddle.participants;
begin
  select id into v_visitor_id from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user;
  v_seats := array(
    select seat from heddle.participants seat
    where visitor_id = v_visitor_id and role = 'visitor'
      and (last_message_at, conversation_id)
        < (coalesce(p_before_at, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by last_message_at desc, conversation_id desc limit v_limit
  );
  v_last := v_seats[v_limit];
  return jsonb_build_object(
    'items', heddle.items_json(v_seats),
    'next', case when v_last.id is not null then
      jsonb_build_object('at', v_last.last_message_at, 'id', v_last.conversation_id)
    end,
    'listChannel', heddle.handed_out_name(p_agent_id, 'agent-' || p_agent_id || '-user-' || p_end_user)
  );
end $$;

comment on function heddle_api.store_list is
  'A visitor''s conversations, newest first: { items, next: { at, id } | null, listChannel | null }.';

create function heddle_api.store_thread(
  p_agent_id uuid,
  p_end_user text,
  p_conversation_id uuid,
  p_before_seq integer default null,
  p_limit integer default 50
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  v_conversation heddle.conversations;
  v_messages heddle.messages[] := heddle.messages_before(p_conversation_id, p_before_seq, v_limit);
begin
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  return heddle.cursors_json(v_conversation) || jsonb_build_object(
    'item', heddle.items_json(array[v_seat]) -> 0,
    'seq', v_conversation.seq,
    'messages', heddle.messages_json(v_messages),
    'next', (v_messages[v_limit]).seq,
    'conversationChannel', heddle.handed_out_name(p_agent_id, heddle.thread_base(v_conversation))
  );
end $$;

comment on function heddle_api.store_thread is
  'A page of a visitor''s conversation, the newest or the one before p_before_seq: { item, seq, messages, next: seq | null,
readSeqs, deliveredSeqs, conversationChannel | null }. PT404.';

create function heddle_api.store_changes(
  p_agent_id uuid,
  p_end_user text,
  p_conversation_id uuid,
  p_after_seq integer
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c_most constant integer := 200;
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  v_conversation heddle.conversations;
begin
  perform heddle.demand(p_after_seq >= 0, 'It needs the number that an earlier answer had.');
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  -- The numbers alone say how much there is. Ahead of us is what a database from before a restore has handed out.
  if v_conversation.seq - p_after_seq > c_most or p_after_seq > v_conversation.seq then
    return jsonb_build_object('tooMany', true, 'seq', v_conversation.seq);
  end if;
  return heddle.cursors_json(v_conversation) || jsonb_build_object(
    'item', heddle.items_json(array[v_seat]) -> 0,
    'seq', v_conversation.seq,
    'messages', heddle.messages_json(heddle.messages_since(p_conversation_id, p_after_seq)),
    'conversationChannel', heddle.handed_out_name(p_agent_id, heddle.thread_base(v_conversation))
  );
end $$;

comment on function heddle_api.store_changes is
  'What changed in a visitor''s conversation after p_after_seq, and what there is of a message that still grows: { item, seq, messages, readSeqs, deliveredSeqs,
conversationChannel | null }, or { tooMany: true, seq }: take the newest page. PT404.';

create function heddle.hold_visitor(p_agent_id uuid, p_end_user text) returns void
language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('heddle visitor ' || p_agent_id || '/' || p_end_user, 0));
end $$;

comment on function heddle.hold_visitor is
  'Held by whoever writes a message and by an erasure: neither sees what the other has not yet done.';

create function heddle.plain_page(p_page jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case
    when jsonb_typeof(p_page -> 'url') = 'string' then jsonb_set(p_page, '{url}', to_jsonb(pg_catalog.regexp_replace(
      -- A browser takes a backslash for a slash: a user name ends before either.
      pg_catalog.regexp_replace(p_page ->> 'url', '[?#].*$', ''), '^([^:]*:[/\\\s]*)[^/\\]*@', '\1'
    )))
    else p_page
  end
$$;

comment on function heddle.plain_page is
  'A page whose address has no query, fragment, user name and password: they may stand for a person, or lead elsewhere.';

create function heddle.begin_with(
  p_agent_id uuid,
  p_end_user text,
  p_client_id uuid,
  p_visitor jsonb,
  p_page jsonb,
  p_platform text default 'WIDGET'
) returns uuid
language plpgsql set search_path = '' as $$
declare
  -- Of the first message's key, so that a repeated one finds the conversation that it made.
  v_id uuid := encode(substring(sha256(convert_to(
    jsonb_build_array('conversation', p_agent_id, p_end_user, p_client_id)::text, 'UTF8'
  )) for 16), 'hex')::uuid;
  v_visitor_id bigint;
begin
  perform heddle.hold_visitor(p_agent_id, p_end_user);
  perform heddle.demand_item(not heddle.is_erased(p_agent_id, p_end_user));
  insert into heddle.visitors as visitor (agent_id, end_user_id, name, email, page)
  values (p_agent_id, p_end_user, nullif(heddle.one_line(p_visitor ->> 'name'), ''), p_visitor ->> 'email', heddle.plain_page(p_page))
  on conflict (agent_id, end_user_id) do update set
    name = coalesce(excluded.name, visitor.name),
    email = coalesce(excluded.email, visitor.email),
    page = coalesce(excluded.page, visitor.page),
    last_seen_at = now()
  returning id into v_visitor_id;
  insert into heddle.conversations (id, agent_id, visitor_id, page_name, platform)
  values (v_id, p_agent_id, v_visitor_id, left(p_page ->> 'title', 200), p_platform)
  on conflict (id) do nothing;
  return v_id;
end $$;

comment on function heddle.begin_with is 'The conversation that a visitor''s first message begins, made unless it is there.';

create function heddle.learn_of(p_agent_id uuid, p_end_user text, p_visitor jsonb, p_page jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  update heddle.visitors set
    name = coalesce(nullif(heddle.one_line(p_visitor ->> 'name'), ''), name),
    email = coalesce(p_visitor ->> 'email', email),
    page = coalesce(heddle.plain_page(p_page), page)
  where agent_id = p_agent_id and end_user_id = p_end_user and (name, email, page) is distinct from (
    coalesce(nullif(heddle.one_line(p_visitor ->> 'name'), ''), name), coalesce(p_visitor ->> 'email', email),
    coalesce(heddle.plain_page(p_page), page)
  );
end $$;

comment on function heddle.learn_of is
  'Keeps what is said of a visitor, and where they write from: most of whom a room is made with have begun nothing themselves.';

create function heddle.demand_visitor(p_end_user text, p_said jsonb, p_page jsonb) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand(octet_length(p_end_user) between 1 and 128, 'A visitor''s id holds 1 to 128 bytes.');
  perform heddle.demand_texts(p_said, array['name', 'email']);
  perform heddle.demand_texts(p_page, array['title']);
  perform heddle.demand(
    p_said is null or length(coalesce(p_said ->> 'name', '')) <= 200
      and length(coalesce(p_said ->> 'email', '')) <= 320,
    'A visitor''s name holds at most 200 characters, an email 320.'
  );
  perform heddle.demand(
    p_page is null or jsonb_typeof(p_page) = 'object' and octet_length(p_page::text) <= 16384,
    'A page is an object of at most 16384 bytes.'
  );
end $$;

create function heddle.author_in(
  p_conversation heddle.conversations,
  p_seat heddle.participants,
  p_end_user text
) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_conversation.kind = 'room' or p_seat.visitor_id <> p_conversation.visitor_id then p_end_user end;
end $$;

comment on function heddle.author_in is 'By whom a visitor''s messages are: null where all of them are the one visitor''s.';

create function heddle_api.store_post(
  p_agent_id uuid,
  p_end_user text,
  p_conversation_id uuid,
  p_client_id uuid,
  p_body text,
  p_attachments jsonb default null,
  p_visitor jsonb default null,
  p_page jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_id uuid := p_conversation_id;
  v_seat heddle.participants;
  v_conversation heddle.conversations;
  v_message heddle.messages;
  v_secrets heddle.agent_secrets;
  v_author text;
begin
  perform heddle.demand(p_client_id is not null, 'A message needs its sender''s key.');
  perform heddle.demand_files(p_attachments);
  perform heddle.demand_text(case when jsonb_array_length(p_attachments) > 0 then p_body || '(files)' else p_body end);
  perform heddle.open_inbox(p_agent_id);
  if v_id is null then
    perform heddle.demand_visitor(p_end_user, p_visitor, p_page);
    v_id := heddle.begin_with(p_agent_id, p_end_user, p_client_id, p_visitor, p_page);
  else
    perform heddle.hold_visitor(p_agent_id, p_end_user);
    if num_nonnulls(p_visitor, p_page) > 0 then
      perform heddle.demand_visitor(p_end_user, p_visitor, p_page);
      perform heddle.learn_of(p_agent_id, p_end_user, p_visitor, p_page);
    end if;
  end if;
  v_seat := heddle.seat_of(p_agent_id, p_end_user, v_id);
  select * into v_conversation from heddle.conversations where id = v_id;
  v_author := heddle.author_in(v_conversation, v_seat, p_end_user);
  insert into heddle.messages (conversation_id, client_id, role, author_id, author_name, body, attachments)
  values (
    v_id, p_client_id, 'visitor', v_author, case when v_author is not null then (
      select name from heddle.visitors where id = v_seat.visitor_id
    ) end, p_body, p_attachments
  )
  returning * into v_message;
  if v_message.seq is null then
    select * into v_message from heddle.messages
    where conversation_id = v_id and client_id = p_client_id and role = 'visitor' and author_id is not distinct from v_author;
  end if;
  select * into v_seat from heddle.participants where id = v_seat.id;
  select * into v_conversation from heddle.conversations where id = v_id;
  select * into v_secrets from heddle.agent_secrets where agent_id = p_agent_id;
  return jsonb_build_object(
    'conversationId', v_id,
    'seq', v_message.changed_seq,
    'message', heddle.messages_json(array[v_message]) -> 0,
    'item', heddle.items_json(array[v_seat]) -> 0,
    'answering', exists (select from heddle.bot_turns where conversation_id = v_id),
    'conversationChannel', heddle.handed_out_name(v_secrets, heddle.thread_base(v_conversation)),
    'listChannel', heddle.handed_out_name(v_secrets, 'agent-' || p_agent_id || '-user-' || p_end_user)
  );
end $$;

comment on function heddle_api.store_post is
  'A visitor''s message, to a new conversation if p_conversation_id is null; the same p_client_id again answers with the first
one. p_visitor: { name, email }, p_page: { title, url, locale, timeZone }: both are kept of the visitor. Answers {
conversationId, seq, message, item, answering (a bot has yet to answer), conversationChannel | null, listChannel | null }.
PT404.';

create function heddle_api.store_edit(
  p_agent_id uuid,
  p_end_user text,
  p_conversation_id uuid,
  p_seq integer,
  p_body text,
  p_version timestamptz default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  v_author text;
  v_message heddle.messages;
begin
  perform heddle.demand_text(coalesce(p_body, '(deleted)'));
  perform heddle.open_inbox(p_agent_id);
  select heddle.author_in(conversation, v_seat, p_end_user) into v_author
  from heddle.conversations conversation where id = p_conversation_id for no key update;
  update heddle.messages set
    body = coalesce(p_body, ''),
    edited_at = case when p_body is not null then clock_timestamp() else edited_at end,
    deleted_at = case when p_body is null then clock_timestamp() end
  where conversation_id = p_conversation_id and seq = p_seq and role = 'visitor' and deleted_at is null
    and author_id is not distinct from v_author
    and coalesce(p_version = coalesce(edited_at, created_at), true)
  returning * into v_message;
  if not found then
    select * into v_message from heddle.messages
    where conversation_id = p_conversation_id and seq = p_seq and role = 'visitor'
      and (p_body is null or deleted_at is null) and author_id is not distinct from v_author;
    perform heddle.demand_item(found);
    -- Doing again what has been done changes nothing.
    perform heddle.demand_version(v_message.body = coalesce(p_body, ''));
  end if;
  return jsonb_build_object('seq', v_message.changed_seq, 'message', heddle.messages_json(array[v_message]) -> 0);
end $$;

comment on function heddle_api.store_edit is
  'Changes a visitor''s own message; without a body: deletes it, which leaves an empty one. p_version: when what the visitor saw of
it was written (its editedAt, else its createdAt); without it whatever is there is replaced. { seq, message }. PT404 for anybody
else''s, PT409 if it says something else by now.';

create function heddle_api.store_read(
  p_agent_id uuid,
  p_end_user text,
  p_conversation_id uuid,
  p_seq integer,
  p_seen boolean default true
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  v_conversation heddle.conversations;
  v_visitor heddle.visitors;
  v_read integer;
  v_delivered integer;
begin
  perform heddle.demand(p_seq >= 0 and p_seen is not null, 'It needs how far, and whether it was seen.');
  if p_seq <= (case when p_seen then v_seat.read_seq else v_seat.delivered_seq end) then
    return jsonb_build_object('readSeq', v_seat.read_seq, 'deliveredSeq', v_seat.delivered_seq);
  end if;
  perform heddle.open_inbox(p_agent_id);
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  v_seat := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  v_delivered := greatest(v_seat.delivered_seq, least(p_seq, v_conversation.seq));
  v_read := case when p_seen then greatest(v_seat.read_seq, least(p_seq, v_conversation.seq)) else v_seat.read_seq end;
  if (v_read, v_delivered) is not distinct from (v_seat.read_seq, v_seat.delivered_seq) then
    return jsonb_build_object('readSeq', v_read, 'deliveredSeq', v_delivered);
  end if;

  select * into v_visitor from heddle.visitors where id = v_seat.visitor_id;
  update heddle.participants set
    read_seq = v_read,
    delivered_seq = v_delivered,
    unread = case
      when v_read >= v_conversation.seq then 0
      when v_read = v_seat.read_seq then unread
      else (
        select count(*) from heddle.messages message
        where conversation_id = p_conversation_id and seq > v_read and deleted_at is null
          and heddle.counts_for(message, v_conversation, v_visitor)
      )
    end
  where id = v_seat.id;
  perform heddle.move_cursors(v_conversation, 'USER', v_read, v_delivered);
  return jsonb_build_object('readSeq', v_read, 'deliveredSeq', v_delivered);
end $$;

comment on function heddle_api.store_read is
  'How far a visitor has seen a conversation, or with p_seen false: how far it has reached them. Never goes back. { readSeq,
deliveredSeq }. PT404.';

create function heddle.changed_behind(p_conversation_id uuid, p_seq integer) returns integer
language plpgsql stable set search_path = '' as $$
begin
  -- One index each.
  return (
    select count(*) from heddle.messages
    where conversation_id = p_conversation_id and seq > p_seq and role = 'visitor' and deleted_at is null
  ) + (
    select count(*) from heddle.messages
    where conversation_id = p_conversation_id and changed_seq > p_seq and changed_seq > seq and seq <= p_seq and role = 'visitor'
      and deleted_at is null
  );
end $$;

comment on function heddle.changed_behind is
  'How many messages of visitors'' were written or changed behind a number, and are not deleted.';

create function heddle.move_cursors(
  p_conversation heddle.conversations,
  p_role text,
  p_read integer,
  p_delivered integer
) returns void
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_data jsonb;
  v_ours boolean := p_role = 'AGENT';
begin
  update heddle.conversations set
    seq = seq + 1,
    rev = rev + 1,
    xid = pg_current_xact_id(),
    team_read_seq = case when v_ours then greatest(team_read_seq, p_read) else team_read_seq end,
    team_delivered_seq = case when v_ours then greatest(team_delivered_seq, p_delivered) else team_delivered_seq end,
    team_unread = case
      when not v_ours then team_unread
      when p_read >= p_conversation.seq then 0
      when p_read <= team_read_seq then team_unread
      else heddle.changed_behind(p_conversation.id, p_read)
    end,
    visitor_read_seq = case when v_ours then visitor_read_seq else greatest(visitor_read_seq, p_read) end,
    visitor_delivered_seq =
      case when v_ours then visitor_delivered_seq else greatest(visitor_delivered_seq, p_delivered) end
  where id = p_conversation.id
  returning * into v_conversation;
  v_data := jsonb_build_object(
    'conversationId', v_conversation.id,
    'role', p_role,
    'readSeq', case when v_ours then v_conversation.team_read_seq else v_conversation.visitor_read_seq end,
    'deliveredSeq', case when v_ours then v_conversation.team_delivered_seq else v_conversation.visitor_delivered_seq end
  );
  begin
    perform heddle.announce(
      v_conversation,
      heddle.event('read', v_data || jsonb_build_object('seq', v_conversation.seq)),
      case when not v_ours then array[heddle.list_update(v_conversation)] end,
      array[heddle.event('read', v_data || jsonb_build_object('rev', v_conversation.rev))]
        || case when v_conversation.team_unread <> p_conversation.team_unread
          then array[heddle.inbox_update(v_conversation)] end
    );
  exception when others then
    perform heddle.count_failed_broadcast(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
end $$;

comment on function heddle.move_cursors is
  'Moves the cursors of one side (USER or AGENT) of a conversation that the caller has locked, and tells both.';

create function heddle_api.store_needs_human(
  p_agent_id uuid,
  p_end_user text,
  p_conversation_id uuid,
  p_needs boolean
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
begin
  perform heddle.demand(p_needs is not null, 'It is needed, or not.');
  perform heddle.open_inbox(p_agent_id);
  perform heddle.act_as('USER');
  update heddle.conversations set needs_human = p_needs, status = case when p_needs then 'open' else status end
  where id = p_conversation_id and (needs_human <> p_needs or p_needs and status <> 'open');
  perform heddle.act_as(null);
  return jsonb_build_object('item', heddle.items_json(array[v_seat]) -> 0);
end $$;

comment on function heddle_api.store_needs_human is 'A visitor asks for a human, which opens what was put away, or no longer: { item }. PT404.';

create function heddle_api.store_visitor(p_agent_id uuid, p_end_user text, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_visitor heddle.visitors;
begin
  perform heddle.demand(p_changes is not null, 'It needs what changes.');
  perform heddle.demand_visitor(p_end_user, p_changes, null);
  perform heddle.open_inbox(p_agent_id);
  update heddle.visitors set
    name = case when p_changes ? 'name' then nullif(heddle.one_line(p_changes ->> 'name'), '') else name end,
    email = case when p_changes ? 'email' then nullif(trim(p_changes ->> 'email'), '') else email end
  where agent_id = p_agent_id and end_user_id = p_end_user
  returning * into v_visitor;
  perform heddle.demand_item(found);
  return jsonb_build_object('name', v_visitor.name, 'email', v_visitor.email);
end $$;

comment on function heddle_api.store_visitor is
  'What a visitor who has written says of themselves: { name, email } as kept. PT404 for who has not written.';

revoke execute on function
  heddle.seat_of, heddle.messages_before, heddle.messages_since, heddle.cursors_json, heddle_api.store_list,
  heddle_api.store_thread, heddle_api.store_changes, heddle.hold_visitor, heddle.plain_page, heddle.begin_with, heddle.learn_of, heddle.demand_visitor, heddle.author_in, heddle_api.store_post,
  heddle_api.store_edit, heddle_api.store_read, heddle.changed_behind, heddle.move_cursors, heddle_api.store_needs_human,
  heddle_api.store_visitor
from public;
grant execute on function
  heddle_api.store_list, heddle_api.store_thread, heddle_api.store_changes, heddle_api.store_post,
  heddle_api.store_edit, heddle_api.store_read, heddle_api.store_needs_human, heddle_api.store_visitor
to service_role;
