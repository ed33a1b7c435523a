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
  if not found then
    perform heddle.demand_item(false);
  end if;
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
    'item', heddle.item_json(v_seat, v_conversation),
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
    'item', heddle.item_json(v_seat, v_conversation),
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

create function heddle.hold_visitors(p_agent_id uuid, p_end_users text[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_end_user text;
begin
  for v_end_user in select distinct id collate "C" from unnest(p_end_users) ids (id) order by 1 loop
    perform heddle.hold_visitor(p_agent_id, v_end_user);
  end loop;
end $$;

comment on function heddle.hold_visitors is 'hold_visitor for several, in the order in which whoever holds some of them does.';

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
  insert into heddle.visitors (agent_id, end_user_id, name, email, page, attributes, said_at)
  values (
    p_agent_id, p_end_user, nullif(heddle.one_line(p_visitor ->> 'name'), ''), nullif(trim(p_visitor ->> 'email'), ''),
    heddle.plain_page(p_page), coalesce(p_visitor -> 'attributes', '{}'), heddle.said_at(p_visitor)
  )
  on conflict (agent_id, end_user_id) do update set last_seen_at = now()
  returning id into v_visitor_id;
  perform heddle.learn_of(p_agent_id, p_end_user, p_visitor, p_page);
  insert into heddle.conversations (id, agent_id, visitor_id, page_name, platform)
  values (v_id, p_agent_id, v_visitor_id, left(p_page ->> 'title', 200), p_platform)
  on conflict (id) do nothing;
  return v_id;
end $$;

comment on function heddle.begin_with is 'The conversation that a visitor''s first message begins, made unless it is there.';

create function heddle.said_at(p_said jsonb) returns timestamptz
language plpgsql immutable set search_path = '' as $$
begin
  return to_timestamp((p_said ->> 'issuedAt')::double precision);
end $$;

create function heddle.learn_of(p_agent_id uuid, p_end_user text, p_said jsonb, p_page jsonb default null) returns void
language plpgsql set search_path = '' as $$
declare
  v_name text := nullif(heddle.one_line(p_said ->> 'name'), '');
  v_email text := nullif(trim(p_said ->> 'email'), '');
  v_attributes jsonb := nullif(p_said -> 'attributes', 'null');
  v_said_at timestamptz := heddle.said_at(p_said);
  v_page jsonb := heddle.plain_page(p_page);
  v_language text := heddle.language_of(p_said ->> 'language');
begin
  if p_said is not null then
    update heddle.visitors set
      name = coalesce(v_name, name), email = coalesce(v_email, email), attributes = coalesce(v_attributes, attributes),
      said_at = coalesce(v_said_at, said_at)
    where agent_id = p_agent_id and end_user_id = p_end_user and coalesce(said_at <= v_said_at, true)
      and (name, email, attributes, said_at) is distinct from (
        coalesce(v_name, name), coalesce(v_email, email), coalesce(v_attributes, attributes), coalesce(v_said_at, said_at)
      );
  end if;
  if v_language is not null then
    update heddle.visitors set language = v_language
    where agent_id = p_agent_id and end_user_id = p_end_user and language is distinct from v_language;
  end if;
  if v_page is not null then
    update heddle.visitors set page = v_page
    where agent_id = p_agent_id and end_user_id = p_end_user and page is distinct from v_page;
  end if;
end $$;

comment on function heddle.learn_of is
  'Keeps what is said of a visitor, unless something newer was, and where they write from: most of whom a room is made with have
begun nothing themselves. p_said: { name, email, attributes, issuedAt (of the token, in seconds since the epoch), language (a tag: the
newest that means one counts) }.';

create function heddle.demand_visitor(p_end_user text, p_said jsonb, p_page jsonb) returns void
language plpgsql immutable set search_path = '' as $$
declare
  -- Of the year 9999.
  c_last_second constant numeric := 253402300799;
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
    coalesce(jsonb_typeof(p_said -> 'attributes'), 'null') = 'null' or heddle.are_attributes(p_said -> 'attributes'),
    'Attributes are an object of at most 20 texts of 200 characters, numbers or booleans, named by up to 40 characters.'
  );
  perform heddle.demand(
    case coalesce(jsonb_typeof(p_said -> 'issuedAt'), 'null')
      when 'null' then true
      when 'number' then (p_said ->> 'issuedAt')::numeric between 0 and c_last_second
      else false
    end,
    'A token was issued at a time in seconds since the epoch.'
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
  v_answering boolean;
begin
  perform heddle.demand_message(p_client_id, p_body, p_attachments);
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
  v_answering := exists (select from heddle.bot_turns where conversation_id = v_id);
  return jsonb_build_object(
    'conversationId', v_id,
    'seq', v_message.changed_seq,
    'message', heddle.message_json(v_message),
    'item', heddle.item_json(v_seat, v_conversation),
    'answering', v_answering,
    'conversationChannel', heddle.handed_out_name(v_secrets, heddle.thread_base(v_conversation)),
    'listChannel', heddle.handed_out_name(v_secrets, 'agent-' || p_agent_id || '-user-' || p_end_user)
  );
end $$;

comment on function heddle_api.store_post is
  'A visitor''s message, to a new conversation if p_conversation_id is null; the same p_client_id again answers with the first
one. p_visitor: as learn_of takes it, p_page: { title, url, locale, timeZone }: both are kept of the visitor. Answers {
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
  return jsonb_build_object('seq', v_message.changed_seq, 'message', heddle.message_json(v_message));
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
  v_conversation heddle.conversations;
begin
  perform heddle.demand(p_needs is not null, 'It is needed, or not.');
  perform heddle.open_inbox(p_agent_id);
  perform heddle.act_as('USER');
  update heddle.conversations set needs_human = p_needs, status = case when p_needs then 'open' else status end
  where id = p_conversation_id and (needs_human <> p_needs or p_needs and status <> 'open');
  perform heddle.act_as(null);
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  return jsonb_build_object('item', heddle.item_json(v_seat, v_conversation));
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
    email = case when p_changes ? 'email' then nullif(trim(p_changes ->> 'email'), '') else email end,
    language = case when p_changes ? 'language' then heddle.language_of(p_changes ->> 'language') else language end,
    attributes = case
      when p_changes ? 'attributes' then coalesce(nullif(p_changes -> 'attributes', 'null'), '{}') else attributes
    end,
    -- Tokens count in whole seconds.
    said_at = case when heddle.is_identified(end_user_id) then date_trunc('second', now()) end
  where agent_id = p_agent_id and end_user_id = p_end_user
  returning * into v_visitor;
  perform heddle.demand_item(found);
  return jsonb_build_object('name', v_visitor.name, 'email', v_visitor.email);
end $$;

comment on function heddle_api.store_visitor is
  'What a visitor who has written says of themselves: { name, email } as kept. PT404 for who has not written.';

revoke execute on function
  heddle.seat_of, heddle.messages_before, heddle.messages_since, heddle.cursors_json, heddle_api.store_list,
  heddle_api.store_thread, heddle_api.store_changes, heddle.hold_visitor, heddle.hold_visitors, heddle.plain_page, heddle.begin_with, heddle.said_at, heddle.learn_of, heddle.demand_visitor, heddle.author_in, heddle_api.store_post,
  heddle_api.store_edit, heddle_api.store_read, heddle.changed_behind, heddle.move_cursors, heddle_api.store_needs_human,
  heddle_api.store_visitor
from public;
grant execute on function
  heddle_api.store_list, heddle_api.store_thread, heddle_api.store_changes, heddle_api.store_post,
  heddle_api.store_edit, heddle_api.store_read, heddle_api.store_needs_human, heddle_api.store_visitor
to service_role;

-- Search in messages and notes by word and in people by any part of their name or address.

create extension if not exists pg_trgm with schema extensions;

-- Parts of what hyphens, dots and slashes hold together are words: whoever looks for 20417 finds FF-20417. Thai, Lao, Burmese,
-- Khmer, Chinese and Japanese are written without blanks. There each two characters that stand together are a word, and the
-- last one of a run by itself: so a character is found by what begins with it, and a run by its pairs.
create function heddle.words(p_text text) returns table (word text, kind text)
language plpgsql immutable set search_path = '' as $$
declare
  c_unspaced constant text := '\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3'
    || '\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff'
    || '\U00020000-\U0003ffff';
  v_text text := heddle.folded(p_text);
begin
  if v_text !~ ('[' || c_unspaced || ']') then
    return query select part, 'whole' from string_to_table(trim(regexp_replace(v_text, '[^[:alnum:]]+', ' ', 'g')), ' ') part
      where part <> '';
    return;
  end if;
  v_text := regexp_replace(v_text, '([' || c_unspaced || ']+)', ' \1 ', 'g');
  v_text := trim(regexp_replace(v_text, '[^[:alnum:]' || c_unspaced || ']+', ' ', 'g'));
  return query select part || coalesce(following, ''), case
      when following is not null then 'pair'
      when part !~ ('^[' || c_unspaced || ']') then 'whole'
      when place = 1 then 'single'
      else 'rest'
    end
    from (
      select run, place, part, lead(part) over (partition by run order by place) as following
      from string_to_table(v_text, ' ') with ordinality runs (run_text, run)
      cross join lateral string_to_table(run_text, case when run_text !~ ('^[' || c_unspaced || ']') then ' ' end)
        with ordinality parts (part, place)
    ) pairs
    order by run, place;
end $$;

comment on function heddle.words is
  'The words of a text in their order, as the search compares them: whole ones, and of a run without blanks each pair and the
rest, its last character; or single, the one that it has.';

-- What a search reads, made when a message is written: whoever searches pays for what they look for, not for what others
-- have written. Of a long message its beginning alone, so that one takes no longer than another.
create table heddle.message_words (
  conversation_id uuid not null,
  seq integer not null,
  agent_id uuid not null,
  created_at timestamptz not null,
  words tsvector not null,
  primary key (conversation_id, seq)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
create index message_words_words on heddle.message_words using gin (words);
create index message_words_newest on heddle.message_words (agent_id, created_at desc);
alter table heddle.message_words enable row level security;

comment on table heddle.message_words is 'The words of each message. Triggers on those keep it, in place of a foreign key that every post would pay for.';
comment on column heddle.message_words.words is
  'Each word behind a mark of the agent, so that in the index one agent''s words are not among those of the others.';

create function heddle.word_mark(p_agent_id uuid) returns text
language plpgsql immutable set search_path = '' as $$
begin
  -- Letters alone, so that mark and word stay one.
  return translate(left(md5(p_agent_id::text), 4), '0123456789', 'ghijklmnop');
end $$;

create function heddle.lexemes(p_agent_id uuid, p_text text) returns text[]
language plpgsql immutable set search_path = '' as $$
declare
  v_mark constant text := heddle.word_mark(p_agent_id);
begin
  -- A word longer than that is cut on both sides, in text and search.
  return (select coalesce(array_agg(distinct v_mark || left(word, 200)), '{}') from heddle.words(left(p_text, 2000)));
end $$;

comment on function heddle.lexemes is 'The different words of a text''s first 2,000 characters as message_words holds them.';

create function heddle.keep_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into heddle.message_words (conversation_id, seq, agent_id, created_at, words)
  select fresh.conversation_id, fresh.seq, agent_id, fresh.created_at,
    array_to_tsvector(heddle.lexemes(agent_id, fresh.body))
  from fresh
  cross join lateral (select agent_id from heddle.conversations where id = fresh.conversation_id limit 1) conversation;
  return null;
end $$;

create function heddle.change_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update heddle.message_words set words = array_to_tsvector(heddle.lexemes(agent_id, new.body))
  where conversation_id = new.conversation_id and seq = new.seq;
  return null;
end $$;

create function heddle.drop_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.message_words place using past
  where place.conversation_id = past.conversation_id and place.seq = past.seq;
  return null;
end $$;

-- Imported messages are searched, too.
create trigger keep_words after insert on heddle.messages
  referencing new table as fresh for each statement execute function heddle.keep_words();
-- Not of body alone: another trigger empties it when a message is deleted.
create trigger change_words after update on heddle.messages for each row
  when (new.body is distinct from old.body) execute function heddle.change_words();
create trigger drop_words after delete on heddle.messages
  referencing old table as past for each statement execute function heddle.drop_words();

create index visitors_people on heddle.visitors using gin (searched extensions.gin_trgm_ops);

create function heddle.sought(p_agent_id uuid, p_text text) returns tsquery
language sql immutable set search_path = '' as $$
  -- Whoever types is in the middle of the last word. The rest of a run is in its last pair, and in texts stands at their ends alone.
  select string_agg(
    pg_catalog.quote_literal(heddle.word_mark(p_agent_id) || left(word, 200)) || case when kind = 'single' or place = last_place then ':*' else '' end,
    ' & ' order by place
  )::tsquery
  from (
    select word, kind, place, max(place) over () as last_place
    from heddle.words(p_text) with ordinality parts (word, kind, place) where kind <> 'rest'
  ) parts;
$$;

comment on function heddle.sought is 'All the words of a text, the last perhaps unfinished. Null if it has none.';

create function heddle.found_messages(p_agent_id uuid, p_query tsquery, p_limit integer) returns heddle.messages[]
language plpgsql stable set search_path = '' as $$
declare
  c_walk constant integer := 3000;
  v_places heddle.message_words[];
begin
  if p_query is null then
    return '{}';
  end if;
  -- Frequent words are among the newest messages; a look at each of those is cheaper than all places of such a word.
  v_places := array(
    select place from (
      select * from heddle.message_words where agent_id = p_agent_id order by created_at desc limit c_walk
    ) place
    where words @@ p_query order by created_at desc limit p_limit
  );
  if cardinality(v_places) < p_limit then
    -- A rare word. As a literal, so that the planner knows how rare.
    execute format(
      'select array(
        select place from heddle.message_words place
        where words @@ %L::tsquery and agent_id = $1 order by created_at desc limit $2)',
      p_query
    ) into v_places using p_agent_id, p_limit;
  end if;
  return array(
    select message from unnest(v_places) place
    cross join lateral (
      select * from heddle.messages where conversation_id = place.conversation_id and seq = place.seq limit 1
    ) message
    order by place.created_at desc
  );
end $$;

comment on function heddle.found_messages is 'The newest messages of an agent that hold what is sought.';

create function heddle.found_notes(p_agent_id uuid, p_query tsquery, p_limit integer) returns heddle.notes[]
language plpgsql stable set search_path = '' as $$
begin
  return array(
    select note from heddle.notes note
    cross join lateral (
      select agent_id from heddle.conversations where id = note.conversation_id limit 1
    ) conversation
    where words @@ p_query and agent_id = p_agent_id
    order by created_at desc limit p_limit
  );
end $$;

comment on function heddle.found_notes is 'The newest notes of an agent''s team that hold what is sought.';

create function heddle.inbox_search(p_agent_id uuid, p_text text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_text text := left(trim(p_text), 200);
  v_query tsquery := heddle.sought(p_agent_id, v_text);
  v_found heddle.messages[] := heddle.found_messages(p_agent_id, v_query, v_limit);
  v_notes heddle.notes[] := heddle.found_notes(p_agent_id, v_query, v_limit);
  v_part text := '%' || replace(replace(replace(heddle.folded(v_text), '\', '\\'), '%', '\%'), '_', '\_') || '%';
  v_people bigint[];
  v_ids uuid[];
begin
  v_people := array(
    select id from heddle.visitors
    where agent_id = p_agent_id and octet_length(v_text) >= 2 and searched ilike v_part
    order by last_seen_at desc limit v_limit
  );
  v_ids := array(select conversation_id from unnest(v_found)) || array(select conversation_id from unnest(v_notes)) || array(
    select id from heddle.conversations where visitor_id = any (v_people) order by last_message_at desc limit v_limit
  );
  return jsonb_build_object(
    'messages', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'conversationId', message.conversation_id, 'message', heddle.message_json(message)
      ) order by message.created_at desc), '[]')
      from unnest(v_found) message
    ),
    'notes', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'conversationId', note.conversation_id, 'note', heddle.note_json(note)
      ) order by note.created_at desc), '[]')
      from unnest(v_notes) note
    ),
    'people', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', end_user_id, 'name', name, 'email', email, 'lastSeenAt', last_seen_at
      ) order by last_seen_at desc), '[]')
      from heddle.visitors where id = any (v_people)
    ),
    'rows', heddle.rows_json(array(
      select conversation from heddle.conversations conversation where id = any (v_ids)
      order by last_message_at desc, id desc
    ))
  );
end $$;

create function heddle_api.inbox_search(p_agent_id uuid, p_text text, p_limit integer default 30) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_search(p_agent_id, p_text, p_limit);
end $$;

comment on function heddle_api.inbox_search is
  'Messages and internal notes that hold all the words, the last perhaps unfinished, newest first, and people: { messages: [{
conversationId, message }], notes: [{ conversationId, note }], people: [{ id, name, email, lastSeenAt }], rows }, rows of the
conversations of all three. PT404.';

revoke execute on function
  heddle.words, heddle.word_mark, heddle.lexemes, heddle.keep_words, heddle.change_words, heddle.drop_words, heddle.sought,
  heddle.found_messages, heddle.found_notes, heddle.inbox_search, heddle_api.inbox_search
from public;
grant execute on function
  heddle.inbox_search, heddle_api.inbox_search
to authenticated;

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
      (array_agg(heddle.gist(body, attachments, role) order by (role = 'system'), seq desc))[1] as preview,
      (array_agg(role order by (role = 'system'), seq desc))[1] as role
    from put group by conversation_id
  ), seated as (
    update heddle.participants seat set
      last_message_at = greatest(seat.last_message_at, totals.at),
      read_seq = case when seat.unread = 0 then totals.seq else seat.read_seq end,
      delivered_seq = case when seat.unread = 0 then totals.seq else seat.delivered_seq end
    from totals where seat.conversation_id = totals.conversation_id and seat.role = 'visitor'
  ), counted as (
    -- History has been read, unless something before it is not: nobody wants thousands of old messages marked as new.
    update heddle.conversations conversation set
      team_read_seq = case when team_unread = 0 then totals.seq else team_read_seq end,
      team_delivered_seq = case when team_unread = 0 then totals.seq else team_delivered_seq end,
      visitor_read_seq = case when has_read then totals.seq else visitor_read_seq end,
      visitor_delivered_seq = case when has_read then totals.seq else visitor_delivered_seq end,
      seq = totals.seq, rev = conversation.rev + totals.n, message_count = conversation.message_count + totals.n,
      last_message_at = greatest(conversation.last_message_at, totals.at),
      active_at = greatest(conversation.active_at, totals.at), preview = totals.preview,
      last_role = totals.role, last_author_id = null, xid = pg_current_xact_id()
    from totals, lateral (
      select coalesce(bool_and(unread = 0), true) as has_read from heddle.participants seat
      where seat.conversation_id = totals.conversation_id and seat.role = 'visitor'
    ) seats
    where conversation.id = totals.conversation_id
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
      'language', v_visitor.language,
      'attributes', v_visitor.attributes,
      'page', heddle.plain_page(v_visitor.page),
      'createdAt', v_visitor.created_at,
      'lastSeenAt', v_visitor.last_seen_at,
      'pushedTo', (
        select coalesce(jsonb_agg(
          jsonb_build_object('endpoint', endpoint, 'since', created_at) order by created_at
        ), '[]')
        from heddle.visitor_devices where visitor_id = v_visitor.id
      )
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

create function heddle.identities_of(p_agent_id uuid, p_end_user text) returns text[]
language plpgsql stable set search_path = '' as $$
begin
  return array(
    with recursive identity (id, end_user_id) as (
      select id, end_user_id from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user
      union
      select former.id, former.end_user_id
      from identity join heddle.visitors former on former.signed_in_as = identity.id
    )
    select end_user_id from identity union select p_end_user order by 1
  );
end $$;

comment on function heddle.identities_of is
  'A visitor''s id, and those of the anonymous ones as whom they wrote before they signed in.';

create function heddle.hold_for_erasure(p_agent_id uuid, p_end_user text) returns heddle.visitors[]
language plpgsql set search_path = '' as $$
declare
  v_ids text[] := heddle.identities_of(p_agent_id, p_end_user);
  v_visitors heddle.visitors[];
begin
  perform heddle.end_identity(p_agent_id, id) from unnest(v_ids) ids (id);
  perform heddle.open_inbox(p_agent_id);
  perform heddle.hold_visitors(p_agent_id, v_ids);
  -- Whoever signed in before this could hold them has done so. None does from now on.
  perform heddle.end_identity(p_agent_id, id), heddle.hold_visitor(p_agent_id, id)
  from unnest(heddle.identities_of(p_agent_id, p_end_user)) ids (id) where id <> all (v_ids);
  v_ids := heddle.identities_of(p_agent_id, p_end_user);
  -- With those who share rooms with them, of whom one may become the first of a room: in the order of their ids, as each of
  -- them does who is erased at the same time.
  perform from heddle.visitors where id in (
    select coalesce(other.visitor_id, visitor.id)
    from heddle.visitors visitor
    left join heddle.participants seat on seat.visitor_id = visitor.id and seat.role = 'visitor'
    left join heddle.participants other on other.conversation_id = seat.conversation_id and other.role = 'visitor'
    where visitor.agent_id = p_agent_id and visitor.end_user_id = any (v_ids)
  ) order by id for update;
  v_visitors := array(
    select visitor from heddle.visitors visitor
    where agent_id = p_agent_id and end_user_id = any (v_ids) order by id for update
  );
  perform from heddle.conversations where id in (
    select unnest(heddle.conversations_of(visitor)) from unnest(v_visitors) visitor
  ) order by id for update;
  return v_visitors;
end $$;

comment on function heddle.hold_for_erasure is
  'Ends a visitor''s identities, and locks them and wherever they have written. Empty for who never wrote.';

create function heddle.erase_written(p_visitor heddle.visitors) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_ids uuid[] := array(
    select id from heddle.conversations conversation
    where visitor_id = p_visitor.id and not exists (
      select from heddle.participants
      where conversation_id = conversation.id and role = 'visitor' and visitor_id <> p_visitor.id
    )
    order by id
  );
  v_bases text[] := array(
    select heddle.thread_base(conversation) from heddle.conversations conversation where id = any (v_ids)
  );
  v_messages integer;
  v_room heddle.conversations;
begin
  perform set_config('heddle.importing', 'on', true);
  delete from heddle.messages where conversation_id = any (v_ids);
  get diagnostics v_messages = row_count;
  insert into heddle.gone (agent_id, id) select p_visitor.agent_id, unnest(v_ids)
  on conflict (agent_id, id) do update set xid = excluded.xid, at = excluded.at;
  delete from heddle.conversations where id = any (v_ids);
  perform set_config('heddle.importing', 'off', true);
  -- Rooms stay for the others in them.
  for v_room in
    select * from heddle.conversations where id = any (heddle.conversations_of(p_visitor)) order by id
  loop
    v_messages := v_messages + heddle.forget_in_room(v_room, p_visitor);
  end loop;
  delete from heddle.leases
  where agent_id = p_visitor.agent_id and subject = 'visitor' and key = p_visitor.end_user_id;
  perform heddle.forget_screens(p_visitor.agent_id, p_visitor.end_user_id, v_bases);
  return jsonb_build_object('conversations', cardinality(v_ids), 'messages', v_messages);
end $$;

comment on function heddle.erase_written is
  'Erases what a visitor has written, all but who they are: { conversations, messages }.';

create function heddle_api.store_erase(p_agent_id uuid, p_end_user text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_visitors heddle.visitors[] := heddle.hold_for_erasure(p_agent_id, p_end_user);
  v_visitor heddle.visitors;
  v_erased jsonb;
  v_conversations integer := 0;
  v_messages integer := 0;
begin
  if v_visitors = '{}' then
    return null;
  end if;
  foreach v_visitor in array v_visitors loop
    v_erased := heddle.erase_written(v_visitor);
    v_conversations := v_conversations + (v_erased ->> 'conversations')::integer;
    v_messages := v_messages + (v_erased ->> 'messages')::integer;
  end loop;
  delete from heddle.visitors where id in (select id from unnest(v_visitors));
  return jsonb_build_object('conversations', v_conversations, 'messages', v_messages);
end $$;

comment on function heddle_api.store_erase is
  'Erases a visitor with their conversations, notes on them included: { conversations, messages }. With them goes the anonymous
one as whom they wrote before they signed in, and what was written as that one since. Rooms in which other visitors
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
  delete from heddle.deliveries
  where kind <> 'webhook' and agent_id = p_room.agent_id and content ->> 'conversationId' = p_room.id::text
    and content ->> 'visitorId' = p_visitor.id::text;
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
  heddle_api.store_erase, heddle.conversations_of, heddle.exported_conversation, heddle.identities_of, heddle.hold_for_erasure, heddle.erase_written,
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

-- Visitors who wrote before they signed in: what they wrote is theirs afterwards, too.

create function heddle.signed_in(
  p_conversation heddle.conversations,
  p_anonymous heddle.visitors,
  p_visitor_id bigint
) returns void
language plpgsql set search_path = '' as $$
declare
  v_refresh constant jsonb := heddle.event('refresh', '{}');
  v_conversation heddle.conversations;
  v_line heddle.notes;
  v_update jsonb;
  v_org_id uuid;
begin
  -- The browser's anonymous pages know the name of its channel: it gets another, and the former one says so.
  begin
    perform heddle.announce(p_conversation, v_refresh, array[v_refresh], null);
  exception when others then
    perform heddle.count_failed_broadcast(p_conversation.agent_id, sqlstate, sqlerrm);
  end;
  update heddle.participants set visitor_id = p_visitor_id
  where conversation_id = p_conversation.id and role = 'visitor' and visitor_id = p_anonymous.id;
  -- So are the mails about it: those that wait leave, and what left counts where the next one waits or is answered.
  update heddle.deliveries set
    content = content || jsonb_build_object('visitorId', p_visitor_id),
    batch_key = case when batch_key is not null then 'visitor ' || p_visitor_id end
  where kind = 'email' and target = p_conversation.id and content ->> 'visitorId' = p_anonymous.id::text;
  update heddle.conversations set
    visitor_id = p_visitor_id, begun_by = p_anonymous.id, channel_epoch = channel_epoch + 1, rev = rev + 1, xid = pg_current_xact_id()
  where id = p_conversation.id
  returning * into v_conversation;
  insert into heddle.notes (conversation_id, id, rev, after_seq, change)
  values (
    v_conversation.id, v_conversation.rev, v_conversation.rev, v_conversation.seq,
    jsonb_build_object('by', 'USER', 'signedIn', true)
  )
  returning * into v_line;
  begin
    v_update := heddle.inbox_update(v_conversation, v_line);
    v_org_id := heddle.announce(v_conversation, null, array[v_refresh], array[v_update]);
  exception when others then
    v_org_id := heddle.unannounced(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null then
    perform heddle.log_events(heddle.change_events(
      v_org_id, v_conversation, v_line, coalesce(v_update -> 'data', heddle.row_json(v_conversation))
    ));
  end if;
end $$;

comment on function heddle.signed_in is
  'Hands a conversation, which is locked, on to the visitor as whom its anonymous one has signed in, and tells both and the team.';

create function heddle_api.store_sign_in(
  p_agent_id uuid,
  p_anonymous text,
  p_end_user text,
  p_visitor jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_anonymous heddle.visitors;
  v_visitor_id bigint;
  v_conversation heddle.conversations;
  v_count integer := 0;
begin
  perform heddle.demand(
    (not heddle.is_identified(p_anonymous) and heddle.is_identified(p_end_user)) is true,
    'An anonymous visitor signs in as one whom the site knows.'
  );
  perform heddle.demand_visitor(p_end_user, p_visitor, null);
  perform heddle.open_inbox(p_agent_id);
  perform heddle.hold_visitors(p_agent_id, array[p_anonymous, p_end_user]);
  select * into v_anonymous from heddle.visitors where agent_id = p_agent_id and end_user_id = p_anonymous;
  if not found then
    return jsonb_build_object('conversations', 0);
  end if;
  insert into heddle.visitors (agent_id, end_user_id) values (p_agent_id, p_end_user)
  on conflict (agent_id, end_user_id) do nothing;
  select id into v_visitor_id from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user;
  perform from heddle.visitors where id in (v_anonymous.id, v_visitor_id) order by id for update;
  -- Whoever signs in later in this browser is somebody else, perhaps.
  if coalesce(v_anonymous.signed_in_as, v_visitor_id) <> v_visitor_id then
    return jsonb_build_object('conversations', 0);
  end if;
  for v_conversation in
    select * from heddle.conversations where visitor_id = v_anonymous.id and kind = 'conversation' order by id for update
  loop
    perform heddle.signed_in(v_conversation, v_anonymous, v_visitor_id);
    v_count := v_count + 1;
  end loop;
  perform heddle.learn_of(p_agent_id, p_end_user, p_visitor, v_anonymous.page);
  update heddle.visitors set
    language = case
      when last_seen_at > v_anonymous.last_seen_at then coalesce(language, v_anonymous.language)
      else coalesce(v_anonymous.language, language)
    end,
    created_at = least(created_at, v_anonymous.created_at),
    last_seen_at = now()
  where id = v_visitor_id;
  -- What they called themselves is for the site to say now.
  update heddle.visitors set name = null, email = null, page = null, language = null, signed_in_as = v_visitor_id where id = v_anonymous.id;
  return jsonb_build_object('conversations', v_count);
end $$;

comment on function heddle_api.store_sign_in is
  'For a caller who has verified both: what an anonymous visitor wrote is p_end_user''s from now on, but for rooms. Name and
address are those of p_visitor, which the site vouches for. Of several who sign in with the same anonymous visitor only the
first gets anything. { conversations: how many }.';

revoke execute on function heddle.signed_in from public;
revoke execute on function heddle_api.store_sign_in from public;
grant execute on function heddle_api.store_sign_in to service_role;
