-- Messages whose text grows while it is read. The row in heddle.messages says that it does, and is whole in the end; what comes
-- between travels as message_stream and is in no log. Lock order: the agent's advisory lock → conversation → the rest.

create function heddle.stream_frame(
  p_conversation heddle.conversations,
  p_seq integer,
  p_frame jsonb
) returns void
language plpgsql set search_path = '' as $$
declare
  v_event jsonb := heddle.event('message_stream', jsonb_build_object(
    'conversationId', p_conversation.id, 'messageId', p_seq::text
  ) || p_frame);
  v_topics text[] := (heddle.content_names(p_conversation.agent_id, heddle.thread_base(p_conversation))).content
    || heddle.inbox_name(p_conversation.agent_id);
begin
  perform heddle.tell_gateways(p_conversation, 'message_stream', v_event -> 'data');
  perform heddle.send(v_topics, array_fill(v_event, array[cardinality(v_topics)]));
exception when others then
  -- Whoever missed it hears the next one, or reads the message.
  raise warning 'heddle: what a message grew by was not sent (%: %)', sqlstate, sqlerrm;
end $$;

comment on function heddle.stream_frame is 'Tells those in a conversation and the team by what a message has grown.';

create function heddle.hold_conversation(p_conversation_id uuid) returns heddle.conversations
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  perform heddle.demand_item(found);
  perform heddle.open_inbox(v_conversation.agent_id);
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  perform heddle.demand_item(found);
  return v_conversation;
end $$;

comment on function heddle.hold_conversation is 'A conversation, locked as for whoever writes to it. PT404.';

create function heddle.stream_event(p_type text, p_conversation_id uuid, p_seq integer) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_message heddle.messages;
begin
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  select * into v_message from heddle.messages where conversation_id = p_conversation_id and seq = p_seq;
  return heddle.event(
    p_type,
    heddle.data_for_visitors(v_conversation, heddle.message_data(v_conversation, v_message))
      || jsonb_build_object('seq', v_message.changed_seq)
  );
end $$;

comment on function heddle.stream_event is 'A message''s event as its visitors hear it.';

create function heddle_api.stream_begin(
  p_conversation_id uuid,
  p_client_id uuid,
  p_author_id text,
  p_author_name text,
  p_text text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_message heddle.messages;
begin
  perform heddle.hold_conversation(p_conversation_id);
  perform heddle.demand(p_client_id is not null, 'A message needs its sender''s key.');
  perform heddle.demand(length(p_text) > 0, 'A message that grows begins with some text.');
  insert into heddle.messages (conversation_id, client_id, role, author_id, author_name, body, status)
  values (p_conversation_id, p_client_id, 'bot', p_author_id, p_author_name, p_text, 'streaming')
  returning * into v_message;
  if v_message.seq is null then
    raise exception 'conflict' using errcode = 'PT409', detail = 'This message has begun before.';
  end if;
  insert into heddle.message_streams (conversation_id, seq, text, units)
  values (p_conversation_id, v_message.seq, p_text, heddle.utf16_units(p_text));
  return jsonb_build_object(
    'seq', v_message.seq,
    'event', heddle.stream_event('message:new', p_conversation_id, v_message.seq)
  );
end $$;

comment on function heddle_api.stream_begin is
  'Writes the beginning of a bot''s message that will grow: { seq, event }, with message:new as visitors hear it.
PT400, PT404, PT409 if the key is known.';

create function heddle_api.stream_tell(p_conversation_id uuid, p_type text, p_data jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_topics text[];
begin
  perform heddle.demand(p_type in ('typing', 'message_stream'), 'What is told so is typing or message_stream.');
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  if not found then
    return;
  end if;
  perform heddle.tell_gateways(v_conversation, p_type, p_data);
  v_topics := (heddle.content_names(v_conversation.agent_id, heddle.thread_base(v_conversation))).content;
  perform heddle.send(v_topics, array_fill(heddle.event(p_type, p_data), array[cardinality(v_topics)]));
end $$;

comment on function heddle_api.stream_tell is
  'Tells those in a conversation that somebody writes, or by what a message has grown, on the names that its channel has by now:
whoever was taken out, or listens under a secret that was ended, hears no more of it. PT400.';

create function heddle.utf16_units(p_text text) returns integer
language sql immutable set search_path = '' as $$
  select length(p_text) + length(pg_catalog.regexp_replace(p_text, '[^\U00010000-\U0010ffff]', '', 'g'));
$$;

comment on function heddle.utf16_units is 'How long JavaScript takes a text to be.';

create function heddle_api.stream_grow(
  p_conversation_id uuid,
  p_seq integer,
  p_index integer,
  p_offset integer,
  p_delta text,
  p_reader jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_stream heddle.message_streams;
begin
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  if not found then
    return jsonb_build_object('stopped', true);
  end if;
  perform heddle.open_inbox(v_conversation.agent_id);
  select * into v_stream from heddle.message_streams where conversation_id = p_conversation_id and seq = p_seq for update;
  -- Somebody has deleted or ended it, or answers themselves.
  if not found or v_stream.cancelled_at is not null or not heddle.bot_may_speak(v_conversation, (
    select author_id from heddle.messages where conversation_id = p_conversation_id and seq = p_seq
  )) then
    return jsonb_build_object('stopped', true);
  end if;
  -- The answer to a call that is repeated got lost.
  if p_offset < v_stream.units and p_offset + heddle.utf16_units(p_delta) = v_stream.units then
    return jsonb_build_object('stopped', false, 'reads', heddle.may_read_along(v_conversation, p_reader));
  end if;
  perform heddle.demand(p_offset = v_stream.units, 'The text goes on where it ended.');
  update heddle.message_streams set
    text = text || p_delta,
    units = units + heddle.utf16_units(p_delta),
    next_index = p_index + 1,
    updated_at = clock_timestamp()
  where conversation_id = p_conversation_id and seq = p_seq;
  if p_delta <> '' then
    -- Its channel may have got another name since.
    select * into v_conversation from heddle.conversations where id = p_conversation_id;
    perform heddle.stream_frame(v_conversation, p_seq, jsonb_build_object(
      'index', p_index, 'offset', p_offset, 'delta', p_delta
    ));
  end if;
  return jsonb_build_object('stopped', false, 'reads', heddle.may_read_along(v_conversation, p_reader));
end $$;

comment on function heddle_api.stream_grow is
  'Keeps what a message has grown by since the last call, and tells all of it: whoever came in between, or missed something,
has the whole text then. { stopped, reads? }: true if nobody wants more of it, and whether p_reader may still read along. PT400.';

create function heddle.end_stream(p_conversation heddle.conversations, p_seq integer, p_text text, p_done text)
returns boolean
language plpgsql set search_path = '' as $$
declare
  v_stream heddle.message_streams;
begin
  select * into v_stream from heddle.message_streams where conversation_id = p_conversation.id and seq = p_seq for update;
  if not found then
    return false;
  end if;
  perform heddle.stream_frame(p_conversation, p_seq, jsonb_build_object(
    'index', v_stream.next_index, 'offset', v_stream.units, 'delta', '', 'done', p_done
  ));
  update heddle.messages set body = coalesce(p_text, v_stream.text), status = nullif(p_done, 'stop')
  where conversation_id = p_conversation.id and seq = p_seq and status = 'streaming';
  return found;
end $$;

create function heddle_api.stream_end(
  p_conversation_id uuid,
  p_seq integer,
  p_text text,
  p_done text,
  p_reader jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.hold_conversation(p_conversation_id);
begin
  perform heddle.demand(p_done in ('stop', 'cancelled', 'error'), 'It ends with stop, cancelled or error.');
  perform heddle.end_stream(v_conversation, p_seq, p_text, p_done);
  return jsonb_build_object(
    'event', heddle.stream_event('message:updated', p_conversation_id, p_seq),
    'reads', heddle.may_read_along(v_conversation, p_reader)
  );
end $$;

comment on function heddle_api.stream_end is
  'Makes a message that grew one like all others, with its whole text; p_done: stop, cancelled or error. { event, reads }, with
message:updated as visitors hear it, and whether p_reader may still read along. One that has ended stays as it is. PT400, PT404.';

create function heddle.end_streams(p_agent_id uuid default null) returns void
language plpgsql set search_path = '' as $$
declare
  c_silent constant interval := '30 seconds';
  v_agents uuid[] := heddle.open_inboxes(array(
    select distinct agent_id
    from heddle.message_streams stream join heddle.conversations conversation on conversation.id = stream.conversation_id
    where stream.updated_at < now() - c_silent and (p_agent_id is null or agent_id = p_agent_id)
  ));
  v_conversation heddle.conversations;
  v_seq integer;
begin
  for v_conversation in
    select * from heddle.conversations where agent_id = any (v_agents) and id in (
      select conversation_id from heddle.message_streams where updated_at < now() - c_silent
    ) order by id limit 15 for no key update skip locked
  loop
    for v_seq in
      select seq from heddle.message_streams
      where conversation_id = v_conversation.id and updated_at < now() - c_silent
    loop
      perform heddle.end_stream(v_conversation, v_seq, null, 'error');
    end loop;
  end loop;
end $$;

comment on function heddle.end_streams is 'Ends messages that have not grown for long: who wrote them is gone.';

create function heddle.stop_stream(p_conversation_id uuid, p_seq integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  c_silent constant interval := '10 seconds';
  v_conversation heddle.conversations := heddle.hold_conversation(p_conversation_id);
  v_stream heddle.message_streams;
begin
  update heddle.message_streams set cancelled_at = coalesce(cancelled_at, clock_timestamp())
  where conversation_id = p_conversation_id and seq = p_seq
  returning * into v_stream;
  if v_stream.updated_at < clock_timestamp() - c_silent then
    perform heddle.end_stream(v_conversation, p_seq, null, 'cancelled');
  end if;
  return jsonb_build_object('stopped', v_stream.seq is not null);
end $$;

comment on function heddle.stop_stream is 'Asks whoever writes a message to stop, or ends it if nobody does: whether it still grew.';

create function heddle_api.store_stop(p_agent_id uuid, p_end_user text, p_conversation_id uuid, p_seq integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seat heddle.participants := heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
begin
  return heddle.stop_stream(p_conversation_id, p_seq);
end $$;

comment on function heddle_api.store_stop is 'A visitor wants no more of a message that grows: { stopped }. PT404.';

create function heddle.inbox_stop(p_conversation_id uuid, p_seq integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
begin
  return heddle.stop_stream(p_conversation_id, p_seq);
end $$;

create function heddle_api.inbox_stop(p_conversation_id uuid, p_seq integer) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_stop(p_conversation_id, p_seq);
end $$;

comment on function heddle_api.inbox_stop is 'An operator stops a message that grows: { stopped }, whether it still did. PT404.';

revoke execute on function
  heddle.stream_frame, heddle.hold_conversation, heddle.stream_event, heddle.utf16_units, heddle.end_stream, heddle.end_streams,
  heddle.stop_stream, heddle_api.stream_begin, heddle_api.stream_tell, heddle_api.stream_grow, heddle_api.stream_end, heddle_api.store_stop,
  heddle.inbox_stop, heddle_api.inbox_stop
from public;
grant execute on function
  heddle_api.stream_begin, heddle_api.stream_tell, heddle_api.stream_grow, heddle_api.stream_end, heddle_api.store_stop
to service_role;
grant execute on function heddle.inbox_stop, heddle_api.inbox_stop to authenticated;

-- Bots: an owner's webhook that is asked for an answer when a visitor writes. SQL says whose turn it is, one message after the
-- other; an edge function calls the webhook. Lock order as in conversations.sql.

create table heddle.bots (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  name text not null check (length(name) between 1 and 120),
  url text not null check (length(url) between 1 and 2048),
  auto_respond text not null default 'unclaimed' check (auto_respond in ('always', 'unclaimed', 'never')),
  secret text not null default heddle.new_webhook_secret() check (secret ~ '^whsec_'),
  secret_previous text,
  secret_previous_until timestamptz,
  created_at timestamptz not null default now()
);
create unique index bots_name on heddle.bots (agent_id, heddle.name_key(name));
alter table heddle.bots enable row level security;

comment on table heddle.bots is 'Who else answers for an agent. Each takes part in all its conversations, and in the rooms that it was put into.';
comment on column heddle.bots.auto_respond is
  'Whether it answers every message of a visitor, those of conversations that nobody has claimed, written to or asked a person for, or none.';
comment on column heddle.bots.secret is 'What calls of its webhook are signed with: whsec_ and base64, as Standard Webhooks wants it.';

create table heddle.bot_turns (
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  for_seq integer not null,
  bot_id uuid not null references heddle.bots (id) on delete cascade,
  asked_at timestamptz not null default clock_timestamp(),
  taken_until timestamptz,
  seq integer,
  primary key (conversation_id, for_seq)
);
create index bot_turns_bot_id on heddle.bot_turns (bot_id);
alter table heddle.bot_turns enable row level security;

comment on table heddle.bot_turns is 'Messages of visitors that a bot has yet to answer, or is answering. Of a conversation one at a time.';
comment on column heddle.bot_turns.taken_until is 'Null while it waits. Who answers has begun by then, or is gone.';
comment on column heddle.bot_turns.seq is 'The answer, once it has begun.';

create function heddle.seat_bots(p_conversation heddle.conversations) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.participants (conversation_id, role, bot, auto_respond)
  select p_conversation.id, 'bot', id::text, auto_respond from heddle.bots bot
  where agent_id = p_conversation.agent_id and p_conversation.kind <> 'room'
    and not exists (
      select from heddle.participants where conversation_id = p_conversation.id and role = 'bot' and bot = bot.id::text
    )
  on conflict do nothing;
end $$;

comment on function heddle.seat_bots is 'Makes the agent''s bots take part in a conversation that is no room. How each answers there may be changed.';

create function heddle.meet_bots() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.bot_responds := new.bot_responds or new.kind <> 'room' and exists (
    select from heddle.bots where agent_id = new.agent_id and auto_respond <> 'never'
  );
  return new;
end $$;

create trigger meet_bots before insert on heddle.conversations for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.meet_bots();

create function heddle.may_answer(p_conversation heddle.conversations, p_auto_respond text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return p_auto_respond = 'always'
    or p_auto_respond = 'unclaimed' and p_conversation.assignee_id is null and not p_conversation.taken_over;
end $$;

comment on function heddle.may_answer is 'Whether a bot that takes part so may say something: an operator who claims it, or writes, ends that.';

create function heddle.ask_bot(p_conversation heddle.conversations, p_message heddle.messages) returns void
language plpgsql set search_path = '' as $$
begin
  if not exists (select from heddle.bots where agent_id = p_conversation.agent_id) then
    return;
  end if;
  perform heddle.seat_bots(p_conversation);
  insert into heddle.bot_turns (conversation_id, for_seq, bot_id)
  select p_conversation.id, p_message.seq, bot.id
  from heddle.bots bot
  join heddle.participants seat on seat.conversation_id = p_conversation.id and seat.role = 'bot' and seat.bot = bot.id::text
  where bot.agent_id = p_conversation.agent_id
    and heddle.may_answer(p_conversation, seat.auto_respond)
    and (seat.auto_respond = 'always' or not p_conversation.needs_human)
  order by bot.created_at, bot.id limit 1;
end $$;

comment on function heddle.ask_bot is
  'Queues a visitor''s message for the bot that answers it, if there is one. While a person is asked for none does but those
that always do.';

create function heddle.needs_no_answer(p_conversation_id uuid, p_for_seq integer) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from heddle.messages
    where conversation_id = p_conversation_id
      and (seq > p_for_seq and role = 'operator' and deleted_at is null or seq = p_for_seq and deleted_at is not null)
  );
$$;

comment on function heddle.needs_no_answer is
  'Whether an operator has written behind a message, or it was deleted: nobody need be fetched for that.';

create function heddle.drop_turn(p_message heddle.messages) returns void
language plpgsql set search_path = '' as $$
begin
  update heddle.message_streams set cancelled_at = coalesce(cancelled_at, clock_timestamp())
  where conversation_id = p_message.conversation_id and seq = (
    select turn.seq from heddle.bot_turns turn
    where turn.conversation_id = p_message.conversation_id and for_seq = p_message.seq
  );
  delete from heddle.bot_turns
  where conversation_id = p_message.conversation_id and for_seq = p_message.seq and seq is null;
end $$;

comment on function heddle.drop_turn is
  'Nobody waits for the answer to a message that was deleted: one that has begun is stopped, no other is taken.';

create function heddle.failure_lines() returns jsonb
language sql immutable set search_path = '' as $$
  select pg_catalog.jsonb_build_object(
    'en', 'The assistant could not answer. A person will answer here.',
    'de', 'Der Assistent konnte nicht antworten. Ein Mensch wird hier antworten.',
    'es', 'El asistente no ha podido responder. Una persona responderá aquí.',
    'fr', 'L’assistant n’a pas pu répondre. Une personne répondra ici.',
    'it', 'L’assistente non ha potuto rispondere. Una persona risponderà qui.',
    'nl', 'De assistent kon niet antwoorden. Iemand van het team antwoordt hier.',
    'pt', 'O assistente não conseguiu responder. Uma pessoa responderá aqui.'
  );
$$;

comment on function heddle.failure_lines is 'What visitors read where a bot has failed, by language.';

create function heddle.bot_failed(p_conversation heddle.conversations, p_bot_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.messages (conversation_id, role, body)
  select p_conversation.id, 'system', heddle.failure_lines() ->> heddle.language_for(visitor)
  from heddle.visitors visitor where id = p_conversation.visitor_id;
  perform heddle.bot_hands_over(p_conversation.id, p_bot_id);
end $$;

create function heddle.bot_hands_over(p_conversation_id uuid, p_bot_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_by text := heddle.act_as('BOT ' || (select name from heddle.bots where id = p_bot_id));
begin
  update heddle.conversations set needs_human = needs_human or not heddle.answers_for(agent_id, assignee_id), status = 'open'
  where id = p_conversation_id and (status <> 'open' or not needs_human and assignee_id is null);
  perform heddle.act_as(v_by);
  -- A person answers these, unless the bot always does.
  delete from heddle.bot_turns turn where conversation_id = p_conversation_id and taken_until is null and not exists (
    select from heddle.participants
    where conversation_id = p_conversation_id and role = 'bot' and bot = turn.bot_id::text and auto_respond = 'always'
  );
end $$;

create function heddle.end_turns(p_conversation heddle.conversations) returns void
language plpgsql set search_path = '' as $$
declare
  c_patience constant interval := '60 seconds';
  v_turn heddle.bot_turns;
begin
  for v_turn in
    select * from heddle.bot_turns turn where conversation_id = p_conversation.id and case
      when taken_until is not null then taken_until < clock_timestamp() and not exists (
        select from heddle.message_streams where conversation_id = p_conversation.id and seq = turn.seq
      )
      else asked_at < clock_timestamp() - c_patience and not exists (
        select from heddle.bot_turns where conversation_id = p_conversation.id and taken_until is not null
      )
    end order by for_seq
  loop
    delete from heddle.bot_turns where conversation_id = v_turn.conversation_id and for_seq = v_turn.for_seq;
    if found and heddle.bot_may_speak(p_conversation, v_turn.bot_id::text)
      and not heddle.needs_no_answer(p_conversation.id, v_turn.for_seq)
      and heddle.answer_is_due(v_turn)
    then
      perform heddle.bot_failed(p_conversation, v_turn.bot_id);
    end if;
  end loop;
end $$;

comment on function heddle.end_turns is
  'Gives up turns of a conversation, which the caller has locked, that nobody takes or whose taker is gone. A message that
began is not begun again.';

create function heddle.answer_is_due(p_turn heddle.bot_turns) returns boolean
language sql stable set search_path = '' as $$
  select case
    when p_turn.seq is not null then status = 'error'
    else p_turn.taken_until is not null or client_id is not null
  end
  from heddle.messages where conversation_id = p_turn.conversation_id and seq = coalesce(p_turn.seq, p_turn.for_seq);
$$;

comment on function heddle.answer_is_due is
  'Whether a turn that was given up leaves somebody without the answer they were promised: it broke off, or never began. What
SQL has inserted, without a sender''s key, is handed to no bot.';

create function heddle.tend_bots(p_agent_id uuid default null) returns void
language plpgsql set search_path = '' as $$
declare
  c_idle constant interval := '45 seconds';
  v_conversations uuid[] := array(
    select distinct conversation_id
    from heddle.bot_turns turn join heddle.bots bot on bot.id = turn.bot_id
    where coalesce(taken_until, asked_at + c_idle) < now() and (p_agent_id is null or bot.agent_id = p_agent_id)
    limit 15
  );
  v_agents uuid[];
  v_conversation heddle.conversations;
begin
  if v_conversations = '{}' then
    return;
  end if;
  v_agents := heddle.open_inboxes(array(
    select distinct agent_id from heddle.conversations where id = any (v_conversations)
  ));
  for v_conversation in
    select * from heddle.conversations where id = any (v_conversations) and agent_id = any (v_agents)
    order by id for no key update skip locked
  loop
    perform heddle.end_turns(v_conversation);
  end loop;
end $$;

create function heddle.may_read_along(p_conversation heddle.conversations, p_reader jsonb) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from heddle.agents agent
    join heddle.visitors visitor on visitor.agent_id = agent.id
    join heddle.participants seat on seat.visitor_id = visitor.id
    where agent.id = p_conversation.agent_id and agent.session_version = (p_reader ->> 'sessionVersion')::integer
      and visitor.end_user_id = p_reader ->> 'endUser'
      and seat.conversation_id = p_conversation.id and seat.role = 'visitor'
  ) and not heddle.is_erased(p_conversation.agent_id, p_reader ->> 'endUser');
$$;

comment on function heddle.may_read_along is
  'Whether who reads an answer as it is written, { endUser, sessionVersion }, still takes part, in a session that was not ended.';

create function heddle.is_asker(p_conversation heddle.conversations, p_for_seq integer, p_reader jsonb) returns boolean
language sql stable set search_path = '' as $$
  select coalesce(author_id, (
    select end_user_id from heddle.visitors where id = p_conversation.visitor_id
  )) = p_reader ->> 'endUser'
  from heddle.messages where conversation_id = p_conversation.id and seq = p_for_seq;
$$;

create function heddle.turn_json(p_conversation heddle.conversations, p_turn heddle.bot_turns) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  c_history constant integer := 30;
  v_bot heddle.bots;
begin
  select * into v_bot from heddle.bots where id = p_turn.bot_id;
  return jsonb_build_object(
    'forSeq', p_turn.for_seq,
    'clientId', encode(substring(sha256(convert_to(
      -- Of what only we know: who knew it before could write it first.
      jsonb_build_array('turn', p_conversation.id, p_turn.for_seq, v_bot.secret)::text, 'UTF8'
    )) for 16), 'hex')::uuid,
    'agentId', p_conversation.agent_id,
    'bot', jsonb_build_object(
      'id', v_bot.id, 'name', v_bot.name, 'url', v_bot.url, 'secret', v_bot.secret,
      'previousSecret', heddle.in_grace(v_bot.secret_previous, v_bot.secret_previous_until)
    ),
    'conversation', jsonb_build_object(
      'id', p_conversation.id, 'kind', p_conversation.kind, 'name', p_conversation.name,
      'status', upper(p_conversation.status), 'needsHuman', p_conversation.needs_human,
      'claimed', p_conversation.assignee_id is not null, 'pageName', p_conversation.page_name
    ),
    'endUser', (
      select jsonb_strip_nulls(jsonb_build_object(
        'id', end_user_id, 'identified', heddle.is_identified(end_user_id), 'name', visitor.name, 'email', email
      ))
      from heddle.visitors visitor where id = coalesce((
        select author.id from heddle.messages asked
        join heddle.visitors author on author.agent_id = p_conversation.agent_id and author.end_user_id = asked.author_id
        where conversation_id = p_conversation.id and seq = p_turn.for_seq
      ), p_conversation.visitor_id)
    ),
    'message', (
      select heddle.message_json(message) from heddle.messages message
      where conversation_id = p_conversation.id and seq = p_turn.for_seq
    ),
    'history', heddle.messages_json(array(
      select message from heddle.messages message
      where conversation_id = p_conversation.id and seq <> p_turn.for_seq and deleted_at is null
        and role <> 'system' and not exists (
          select from heddle.bot_turns where conversation_id = p_conversation.id and for_seq = message.seq
        )
      order by seq desc limit c_history
    ))
  );
end $$;

comment on function heddle.turn_json is 'All that a bot is told. What waits for its own turn is not in the history.';

create function heddle_api.bot_take(
  p_agent_id uuid,
  p_conversation_id uuid,
  p_end_user text default null,
  p_reader jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_taken constant interval := '45 seconds';
  v_conversation heddle.conversations;
  v_turn heddle.bot_turns;
  v_auto_respond text;
begin
  if p_end_user is not null then
    perform heddle.seat_of(p_agent_id, p_end_user, p_conversation_id);
  end if;
  v_conversation := heddle.hold_conversation(p_conversation_id);
  perform heddle.demand_item(v_conversation.agent_id = p_agent_id);
  perform heddle.end_turns(v_conversation);
  loop
    if exists (select from heddle.bot_turns where conversation_id = p_conversation_id and taken_until is not null) then
      return null;
    end if;
    select * into v_turn from heddle.bot_turns where conversation_id = p_conversation_id order by for_seq limit 1;
    if not found then
      return null;
    end if;
    select auto_respond into v_auto_respond from heddle.participants
    where conversation_id = p_conversation_id and role = 'bot' and bot = v_turn.bot_id::text;
    exit when heddle.may_answer(v_conversation, v_auto_respond) and exists (
      select from heddle.messages where conversation_id = p_conversation_id and seq = v_turn.for_seq and deleted_at is null
    );
    -- Claimed, or deleted, since it was asked.
    delete from heddle.bot_turns where conversation_id = p_conversation_id and for_seq = v_turn.for_seq;
  end loop;
  update heddle.bot_turns set taken_until = clock_timestamp() + c_taken
  where conversation_id = p_conversation_id and for_seq = v_turn.for_seq;
  return heddle.turn_json(v_conversation, v_turn) || jsonb_build_object('reads', coalesce(
    heddle.is_asker(v_conversation, v_turn.for_seq, p_reader) and heddle.may_read_along(v_conversation, p_reader), false
  ));
end $$;

comment on function heddle_api.bot_take is
  'Takes the oldest message of a conversation that a bot has to answer, if none is being answered: { forSeq, clientId, agentId,
bot: { id, name, url, secret, previousSecret }, conversation, endUser, message, history, reads }, or null. Who takes it begins within 45 s,
and calls bot_done. reads: whether p_reader, { endUser, sessionVersion }, asked it, and may read along. PT404, also for a visitor
p_end_user who has no part in it.';

create function heddle_api.bot_begin(
  p_conversation_id uuid,
  p_for_seq integer,
  p_client_id uuid,
  p_text text,
  p_reader jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.hold_conversation(p_conversation_id);
  v_bot heddle.bots;
  v_begun jsonb;
begin
  select bot.* into v_bot from heddle.bot_turns turn join heddle.bots bot on bot.id = turn.bot_id
  where conversation_id = p_conversation_id and for_seq = p_for_seq and taken_until is not null and seq is null;
  if not found or not heddle.bot_may_speak(v_conversation, v_bot.id::text) then
    return jsonb_build_object('stopped', true);
  end if;
  v_begun := heddle_api.stream_begin(p_conversation_id, p_client_id, v_bot.id::text, v_bot.name, p_text);
  update heddle.bot_turns set seq = (v_begun ->> 'seq')::integer
  where conversation_id = p_conversation_id and for_seq = p_for_seq;
  return v_begun || jsonb_build_object('stopped', false, 'reads', heddle.may_read_along(v_conversation, p_reader));
end $$;

comment on function heddle_api.bot_begin is
  'Begins the answer to a message that was taken, as stream_begin does; or { stopped: true }: an operator has claimed the
conversation, or the turn was given up. reads: whether p_reader may still read along. PT404.';

create function heddle.bot_may_speak(p_conversation heddle.conversations, p_bot text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return p_conversation.assignee_id is null or coalesce((
    select heddle.may_answer(p_conversation, auto_respond) from heddle.participants
    where conversation_id = p_conversation.id and role = 'bot' and bot = p_bot
  ), true);
end $$;

create function heddle_api.bot_done(
  p_conversation_id uuid,
  p_for_seq integer,
  p_client_id uuid,
  p_outcome text,
  p_text text default null,
  p_needs_human boolean default false,
  p_done text default 'stop',
  p_reader jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.hold_conversation(p_conversation_id);
  v_turn heddle.bot_turns;
  v_bot heddle.bots;
  v_message heddle.messages;
  v_hands_over boolean;
begin
  perform heddle.demand(p_outcome in ('answered', 'failed'), 'It was answered, or it failed.');
  perform heddle.demand(p_done in ('stop', 'cancelled'), 'A whole text ends with stop or cancelled.');
  delete from heddle.bot_turns where conversation_id = p_conversation_id and for_seq = p_for_seq returning * into v_turn;
  if not found then
    return '{}';
  end if;
  select * into v_bot from heddle.bots where id = v_turn.bot_id;
  if not heddle.bot_may_speak(v_conversation, v_bot.id::text) then
    return '{}';
  end if;
  v_hands_over := p_needs_human and not heddle.needs_no_answer(p_conversation_id, p_for_seq);
  if p_outcome = 'failed' then
    if not heddle.needs_no_answer(p_conversation_id, p_for_seq) then
      perform heddle.bot_failed(v_conversation, v_bot.id);
    end if;
    return '{}';
  end if;
  if p_text is not null then
    insert into heddle.messages (
      conversation_id, client_id, role, author_id, author_name, body, status, leaves_waiting
    )
    values (
      p_conversation_id, p_client_id, 'bot', v_bot.id, v_bot.name, p_text, nullif(p_done, 'stop'), v_hands_over
    )
    returning * into v_message;
  end if;
  if v_hands_over then
    perform heddle.leave_waiting(v_conversation, v_turn.seq);
    perform heddle.bot_hands_over(p_conversation_id, v_bot.id);
  end if;
  return case when v_message.seq is null then '{}' else jsonb_build_object(
    'event', heddle.stream_event('message:new', p_conversation_id, v_message.seq),
    'reads', heddle.may_read_along(v_conversation, p_reader)
  ) end;
end $$;

comment on function heddle_api.bot_done is
  'Ends a turn: answered, with a text if it did not grow, cancelled if that was cut, or failed, which a line tells and which asks
for a person, as p_needs_human does. { event?, reads? }, with message:new as visitors hear it, and whether p_reader may still
read along. PT400, PT404.';

create function heddle.leave_waiting(p_conversation heddle.conversations, p_seq integer) returns void
language plpgsql set search_path = '' as $$
begin
  update heddle.messages set leaves_waiting = true
  where conversation_id = p_conversation.id and seq = p_seq and not leaves_waiting;
  if not found or p_conversation.status = 'resolved' then
    return;
  end if;
  update heddle.conversations set waiting_since = least(heddle.unanswered_since(id), asked_since)
  where id = p_conversation.id;
  perform heddle.touch_conversation(p_conversation.id);
end $$;

comment on function heddle.leave_waiting is 'Of an answer that grew and then fetched a person: the visitor still waits.';

create function heddle.demand_bot(p_bot heddle.bots) returns void
language plpgsql set search_path = '' as $$
declare
  v_org_id uuid := (select org_id from heddle.agents where id = p_bot.agent_id);
begin
  perform heddle.demand_name('A bot''s name', p_bot.name, 120);
  perform heddle.demand(
    p_bot.url ~ '^https?://[^\s]+$' and length(p_bot.url) <= 2048, 'A bot''s URL begins with https://.'
  );
  perform heddle.demand(p_bot.auto_respond in ('always', 'unclaimed', 'never'), 'It answers always, unclaimed or never.');
  perform heddle.demand_own_name(v_org_id, p_bot.id, p_bot.name, p_bot.agent_id);
end $$;

comment on function heddle.demand_bot is
  'Raises PT400 unless a bot may be so, PT409 if a member, or another bot of its agent, is called that.';

create function heddle_api.create_bot(p_agent_id uuid, p_name text, p_url text, p_auto_respond text default 'unclaimed') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_bot heddle.bots;
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  v_bot.agent_id := p_agent_id;
  v_bot.name := heddle.one_line(p_name);
  v_bot.url := p_url;
  v_bot.auto_respond := p_auto_respond;
  perform heddle.demand_bot(v_bot);
  perform heddle.demand_callable(v_bot.url, 'bot');
  insert into heddle.bots (agent_id, name, url, auto_respond)
  values (p_agent_id, v_bot.name, v_bot.url, v_bot.auto_respond)
  returning * into v_bot;
  return jsonb_build_object('id', v_bot.id, 'secret', v_bot.secret);
end $$;

comment on function heddle_api.create_bot is
  'A bot that answers visitors of an agent''s store tabs: { id, secret }. The secret is shown this once. Null if there
is no such agent. PT400, PT409 if the name is taken.';

create function heddle.bot_json(p_bot heddle.bots) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', p_bot.id, 'name', p_bot.name, 'host', substring(p_bot.url from '^[^:]+://([^/?#]*)'),
    'autoRespond', p_bot.auto_respond, 'createdAt', p_bot.created_at,
    'previousUntil', case
      when heddle.in_grace(p_bot.secret_previous, p_bot.secret_previous_until) is not null then p_bot.secret_previous_until
    end
  );
end $$;

create function heddle_api.update_bot(p_agent_id uuid, p_bot_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_bot heddle.bots;
  v_former heddle.bots;
begin
  perform heddle.demand_texts(p_changes, array['name', 'url', 'autoRespond']);
  perform heddle.open_inbox(p_agent_id);
  if p_changes ? 'autoRespond' then
    perform from heddle.conversations where agent_id = p_agent_id order by id for no key update;
  end if;
  select * into v_former from heddle.bots where agent_id = p_agent_id and id = p_bot_id for update;
  if not found then
    return null;
  end if;
  v_bot := v_former;
  v_bot.name := coalesce(heddle.one_line(p_changes ->> 'name'), v_bot.name);
  v_bot.url := coalesce(p_changes ->> 'url', v_bot.url);
  v_bot.auto_respond := coalesce(p_changes ->> 'autoRespond', v_bot.auto_respond);
  perform heddle.demand_bot(v_bot);
  if v_bot.url <> v_former.url then
    perform heddle.demand_callable(v_bot.url, 'bot');
  end if;
  update heddle.bots set name = v_bot.name, url = v_bot.url, auto_respond = v_bot.auto_respond where id = v_bot.id;
  if v_bot.auto_respond <> v_former.auto_respond then
    perform set_config('heddle.importing', 'on', true);
    -- Where it was told otherwise, and in rooms, that stays.
    update heddle.participants seat set auto_respond = v_bot.auto_respond
    from heddle.conversations conversation
    where conversation.id = seat.conversation_id and conversation.agent_id = p_agent_id and conversation.kind <> 'room'
      and seat.role = 'bot' and seat.bot = v_bot.id::text and seat.auto_respond = v_former.auto_respond;
    perform set_config('heddle.importing', '', true);
    perform heddle.recount_bots(p_agent_id);
  end if;
  return heddle.bot_json(v_bot);
end $$;

comment on function heddle_api.update_bot is
  'Changes a bot: p_changes { name?, url?, autoRespond? }; when it answers in every conversation that followed it. Answers as
list_bots has it; null if there is none. PT400, PT409.';

create function heddle.recount_bots(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  -- Quietly: nobody reads anything else in a conversation for that, and there may be very many.
  perform set_config('heddle.importing', 'on', true);
  update heddle.conversations conversation set bot_responds = not bot_responds
  where agent_id = p_agent_id and bot_responds <> exists (
    select from heddle.bots bot
    left join heddle.participants seat
      on seat.conversation_id = conversation.id and seat.role = 'bot' and seat.bot = bot.id::text
    where bot.agent_id = p_agent_id
      and coalesce(seat.auto_respond, case when conversation.kind = 'room' then 'never' else bot.auto_respond end) <> 'never'
  );
  perform set_config('heddle.importing', '', true);
end $$;

comment on function heddle.recount_bots is 'Says of an agent''s conversations anew whether one of its bots answers there by itself.';

create function heddle_api.list_bots(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  return (
    select coalesce(jsonb_agg(heddle.bot_json(bot) order by created_at, id), '[]')
    from heddle.bots bot where agent_id = p_agent_id
  );
end $$;

comment on function heddle_api.list_bots is 'An agent''s bots: [{ id, name, host, autoRespond, createdAt, previousUntil }]; null if there is no such agent. URLs may be secrets.';

create function heddle_api.rotate_bot(p_agent_id uuid, p_bot_id uuid, p_grace interval default '24 hours') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_secret text := heddle.new_webhook_secret();
begin
  update heddle.bots set secret = v_secret, secret_previous = secret, secret_previous_until = now() + p_grace
  where agent_id = p_agent_id and id = p_bot_id;
  if not found then
    return null;
  end if;
  return jsonb_build_object('secret', v_secret);
end $$;

comment on function heddle_api.rotate_bot is
  'Gives a bot a new secret: { secret }, this once. Its calls carry both signatures for p_grace. Null if there is none.';

create function heddle_api.remove_bot(p_agent_id uuid, p_bot_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.open_inbox(p_agent_id);
  perform from heddle.conversations where agent_id = p_agent_id and id in (
    select conversation_id from heddle.bot_turns where bot_id = p_bot_id
  ) order by id for no key update;
  delete from heddle.bots where agent_id = p_agent_id and id = p_bot_id;
  if not found then
    return false;
  end if;
  perform heddle.recount_bots(p_agent_id);
  return true;
end $$;

comment on function heddle_api.remove_bot is
  'Removes a bot. What it has written stays, and who waits for its answer waits for the team. False if there is none.';

create function heddle.inbox_create_bot(p_agent_id uuid, p_name text, p_url text, p_auto_respond text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  return heddle_api.create_bot(p_agent_id, p_name, p_url, p_auto_respond);
end $$;

create function heddle.inbox_update_bot(p_agent_id uuid, p_bot_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_answer jsonb := heddle_api.update_bot(p_agent_id, p_bot_id, p_changes);
begin
  perform heddle.demand_item(v_answer is not null);
  return v_answer;
end $$;

create function heddle.inbox_remove_bot(p_agent_id uuid, p_bot_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  perform heddle.demand_item(heddle_api.remove_bot(p_agent_id, p_bot_id));
  return '{}';
end $$;

create function heddle.inbox_rotate_bot(p_agent_id uuid, p_bot_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
  v_answer jsonb := heddle_api.rotate_bot(p_agent_id, p_bot_id);
begin
  perform heddle.demand_item(v_answer is not null);
  return v_answer;
end $$;

create function heddle_api.inbox_create_bot(
  p_agent_id uuid,
  p_name text,
  p_url text,
  p_auto_respond text default 'unclaimed'
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_create_bot(p_agent_id, p_name, p_url, p_auto_respond);
end $$;

comment on function heddle_api.inbox_create_bot is
  'A bot that answers visitors of an agent: { id, secret }, the secret this once. PT400, PT403, PT404, PT409.';

create function heddle_api.inbox_update_bot(p_agent_id uuid, p_bot_id uuid, p_changes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_update_bot(p_agent_id, p_bot_id, p_changes);
end $$;

comment on function heddle_api.inbox_update_bot is 'As update_bot. PT400, PT403, PT404, PT409.';

create function heddle_api.inbox_rotate_bot(p_agent_id uuid, p_bot_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_rotate_bot(p_agent_id, p_bot_id);
end $$;

comment on function heddle_api.inbox_rotate_bot is 'As rotate_bot. PT403, PT404.';

create function heddle_api.inbox_remove_bot(p_agent_id uuid, p_bot_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_bot(p_agent_id, p_bot_id);
end $$;

comment on function heddle_api.inbox_remove_bot is 'Removes one of an agent''s bots: {}. PT403, PT404.';

revoke execute on function
  heddle.seat_bots, heddle.meet_bots, heddle.may_answer, heddle.ask_bot, heddle.needs_no_answer, heddle.drop_turn, heddle.answer_is_due,
  heddle.leave_waiting, heddle.failure_lines, heddle.bot_failed, heddle.bot_hands_over,
  heddle.end_turns, heddle.tend_bots, heddle.may_read_along, heddle.is_asker, heddle.turn_json, heddle_api.bot_take, heddle_api.bot_begin, heddle.bot_may_speak,
  heddle_api.bot_done, heddle.demand_bot, heddle.bot_json, heddle.recount_bots, heddle_api.create_bot, heddle_api.update_bot,
  heddle_api.list_bots, heddle_api.remove_bot, heddle_api.rotate_bot, heddle.inbox_update_bot, heddle_api.inbox_update_bot,
  heddle.inbox_create_bot, heddle_api.inbox_create_bot, heddle.inbox_remove_bot,
  heddle.inbox_rotate_bot, heddle_api.inbox_rotate_bot,
  heddle_api.inbox_remove_bot
from public;
grant execute on function
  heddle_api.bot_take, heddle_api.bot_begin, heddle_api.bot_done, heddle_api.create_bot, heddle_api.list_bots,
  heddle_api.update_bot, heddle_api.remove_bot, heddle_api.rotate_bot
to service_role;
grant execute on function
  heddle.inbox_create_bot, heddle_api.inbox_create_bot, heddle.inbox_remove_bot,
  heddle.inbox_update_bot, heddle_api.inbox_update_bot,
  heddle_api.inbox_remove_bot, heddle.inbox_rotate_bot, heddle_api.inbox_rotate_bot
to authenticated;

-- Rooms: conversations with a name, in which several visitors, operators and bots take part. All that holds of conversations holds
-- of them; a visitor who is taken out of one hears nothing of it any more.

create function heddle.room_of(p_agent_id uuid, p_room_id uuid) returns heddle.conversations
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.hold_conversation(p_room_id);
begin
  perform heddle.demand_item(v_room.kind = 'room' and v_room.agent_id = p_agent_id);
  return v_room;
end $$;

comment on function heddle.room_of is 'An agent''s room, locked as for whoever writes to it. PT404.';

create function heddle.participants_json(p_room_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'role', seat.role,
      'id', coalesce(visitor.end_user_id, seat.user_id::text, seat.bot),
      'name', coalesce(visitor.name, member.name, bot.name),
      'autoRespond', case when seat.role = 'bot' then seat.auto_respond end
    )) order by seat.id), '[]')
    from heddle.participants seat
    join heddle.conversations room on room.id = seat.conversation_id
    join heddle.agents agent on agent.id = room.agent_id
    left join heddle.visitors visitor on visitor.id = seat.visitor_id
    left join heddle.members member on member.org_id = agent.org_id and member.user_id = seat.user_id
    left join heddle.bots bot on bot.id::text = seat.bot
    where seat.conversation_id = p_room_id
  );
end $$;

comment on function heddle.participants_json is 'Who takes part: [{ role, id, name?, autoRespond? }], in the order of their coming.';

create function heddle.room_json(p_room_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'id', id, 'name', name, 'status', upper(status), 'createdAt', created_at, 'lastMessageAt', last_message_at,
      'participants', heddle.participants_json(id)
    )
    from heddle.conversations where id = p_room_id
  );
end $$;

comment on function heddle.room_json is 'A room: { id, name, status, createdAt, lastMessageAt, participants }.';

create function heddle.seat_in_room(p_room heddle.conversations, p_participant jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_id constant text := p_participant ->> 'id';
  v_auto_respond constant text := coalesce(p_participant ->> 'autoRespond', 'unclaimed');
  v_visitor_id bigint;
begin
  perform heddle.demand(v_id is not null, 'A participant is { role, id }.');
  case p_participant ->> 'role'
    when 'visitor' then
      select id into v_visitor_id from heddle.visitors where agent_id = p_room.agent_id and end_user_id = v_id;
      insert into heddle.participants (conversation_id, role, visitor_id, last_message_at, read_seq, delivered_seq)
      values (p_room.id, 'visitor', v_visitor_id, p_room.last_message_at, p_room.seq, p_room.seq)
      on conflict do nothing;
    when 'operator' then
      perform heddle.demand(
        v_id ~ '^[0-9a-f-]{36}$' and heddle.answers_for(p_room.agent_id, v_id::uuid), 'There is no such member for this agent.'
      );
      insert into heddle.participants (conversation_id, role, user_id) values (p_room.id, 'operator', v_id::uuid)
      on conflict do nothing;
    when 'bot' then
      perform heddle.demand(v_auto_respond in ('always', 'unclaimed', 'never'), 'It answers always, unclaimed or never.');
      perform heddle.demand(
        exists (select from heddle.bots where agent_id = p_room.agent_id and id::text = v_id), 'This agent has no such bot.'
      );
      insert into heddle.participants as seat (conversation_id, role, bot, auto_respond)
      values (p_room.id, 'bot', v_id, v_auto_respond)
      on conflict (conversation_id, bot) where role = 'bot' do update set auto_respond = excluded.auto_respond
      where seat.auto_respond <> excluded.auto_respond;
    else
      perform heddle.demand(false, 'A participant''s role is visitor, operator or bot.');
  end case;
end $$;

create function heddle.known_visitor(p_agent_id uuid, p_end_user text, p_said jsonb) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_id bigint;
begin
  perform heddle.hold_visitor(p_agent_id, p_end_user);
  perform heddle.demand_item(not heddle.is_erased(p_agent_id, p_end_user));
  select id into v_id from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user;
  if v_id is null then
    insert into heddle.visitors (agent_id, end_user_id, name, email)
    values (p_agent_id, p_end_user, nullif(heddle.one_line(p_said ->> 'name'), ''), nullif(trim(p_said ->> 'email'), ''))
    returning id into v_id;
  end if;
  return v_id;
end $$;

comment on function heddle.known_visitor is 'A visitor, made unless they are there. PT404 for one who was erased.';

create function heddle.know_visitors(p_agent_id uuid, p_participants jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_said jsonb;
begin
  perform heddle.open_inbox(p_agent_id);
  for v_said in
    select distinct on ((value ->> 'id') collate "C") value from jsonb_array_elements(p_participants)
    where value ->> 'role' = 'visitor' order by (value ->> 'id') collate "C"
  loop
    perform heddle.demand_visitor(v_said ->> 'id', v_said, null);
    perform heddle.known_visitor(p_agent_id, v_said ->> 'id', v_said);
  end loop;
end $$;

comment on function heddle.know_visitors is 'Makes the visitors among these, before any conversation is locked, in the order of their ids.';

create function heddle.demand_room_name(p_name text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand_name('A room''s name', heddle.one_line(p_name), 200);
  return heddle.one_line(p_name);
end $$;

create function heddle.begin_room(p_agent_id uuid, p_name text, p_participants jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  c_most constant integer := 100;
  v_room heddle.conversations;
  v_first jsonb;
  v_participant jsonb;
begin
  perform heddle.demand_item(exists (select from heddle.agents where id = p_agent_id));
  perform heddle.demand(
    case jsonb_typeof(p_participants) when 'array' then jsonb_array_length(p_participants) between 1 and c_most end,
    format('A room has 1 to %s participants.', c_most)
  );
  select participant into v_first from jsonb_array_elements(p_participants) participant
  where participant ->> 'role' = 'visitor' limit 1;
  perform heddle.demand(v_first is not null, 'One participant at least is a visitor.');
  perform heddle.know_visitors(p_agent_id, p_participants);
  insert into heddle.conversations (agent_id, visitor_id, kind, name)
  select p_agent_id, id, 'room', heddle.demand_room_name(p_name) from heddle.visitors
  where agent_id = p_agent_id and end_user_id = v_first ->> 'id'
  returning * into v_room;
  for v_participant in select value from jsonb_array_elements(p_participants) loop
    perform heddle.seat_in_room(v_room, v_participant);
  end loop;
  if jsonb_array_length(p_participants) > 1 then
    perform heddle.room_changed(v_room.id);
  end if;
  return heddle.room_json(v_room.id);
end $$;

create function heddle.room_changed(p_room_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations;
  v_org_id uuid;
begin
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where id = p_room_id returning * into v_room;
  begin
    v_org_id := heddle.announce(
      v_room, null, array[heddle.event('refresh', '{}')], array[heddle.inbox_update(v_room)]
    );
  exception when others then
    v_org_id := heddle.unannounced(v_room.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null then
    perform heddle.log_events(array[heddle.conversation_event(
      v_org_id, v_room.agent_id, v_room.id, 'updated', 'conversation:updated', auth.uid()::text,
      heddle.row_json(v_room)
    )]);
  end if;
end $$;

comment on function heddle.room_changed is 'Tells that others take part in a room, which the caller has locked.';

create function heddle.seat_and_tell(p_agent_id uuid, p_room_id uuid, p_participant jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  c_most constant integer := 100;
  v_room heddle.conversations;
  v_before jsonb;
begin
  perform heddle.know_visitors(p_agent_id, jsonb_build_array(p_participant));
  v_room := heddle.room_of(p_agent_id, p_room_id);
  v_before := heddle.participants_json(p_room_id);
  perform heddle.seat_in_room(v_room, p_participant);
  perform heddle.demand(
    (select count(*) from heddle.participants where conversation_id = p_room_id) <= greatest(c_most, jsonb_array_length(v_before)),
    format('A room has 1 to %s participants.', c_most)
  );
  if heddle.participants_json(p_room_id) <> v_before then
    perform heddle.room_changed(p_room_id);
  end if;
  return heddle.room_json(p_room_id);
end $$;

create function heddle.unseat(p_room heddle.conversations, p_seat heddle.participants) returns void
language plpgsql set search_path = '' as $$
declare
  v_refresh jsonb := heddle.event('refresh', '{}');
begin
  if p_seat.role = 'visitor' then
    -- They know the name of its channel: it gets another, and the former one says so to those who stay.
    begin
      perform heddle.announce(p_room, v_refresh, array[v_refresh], null);
    exception when others then
      perform heddle.count_failed_broadcast(p_room.agent_id, sqlstate, sqlerrm);
    end;
    update heddle.conversations set channel_epoch = channel_epoch + 1 where id = p_room.id;
  end if;
  delete from heddle.participants where id = p_seat.id;
end $$;

create function heddle.unseat_and_tell(p_agent_id uuid, p_room_id uuid, p_role text, p_id text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.room_of(p_agent_id, p_room_id);
  v_seat heddle.participants;
begin
  select seat.* into v_seat from heddle.participants seat left join heddle.visitors visitor on visitor.id = seat.visitor_id
  where conversation_id = p_room_id and role = p_role and case role
    when 'visitor' then visitor.end_user_id = p_id
    when 'operator' then seat.user_id::text = p_id
    else seat.bot = p_id
  end;
  perform heddle.demand_item(found);
  perform heddle.demand(v_seat.visitor_id is distinct from v_room.visitor_id, 'Who a room was begun with stays in it.');
  perform heddle.unseat(v_room, v_seat);
  perform heddle.room_changed(p_room_id);
  return heddle.room_json(p_room_id);
end $$;

create function heddle.rename_room(p_agent_id uuid, p_room_id uuid, p_name text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.room_of(p_agent_id, p_room_id);
begin
  update heddle.conversations set name = heddle.demand_room_name(p_name) where id = p_room_id;
  return heddle.room_json(p_room_id);
end $$;

create function heddle.end_room(p_agent_id uuid, p_room_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.room_of(p_agent_id, p_room_id);
begin
  delete from heddle.conversations where id = p_room_id;
  return jsonb_build_object('id', p_room_id, 'deleted', true);
end $$;

-- For the owner's servers.

create function heddle_api.create_room(p_agent_id uuid, p_name text, p_participants jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.begin_room(p_agent_id, p_name, p_participants);
end $$;

comment on function heddle_api.create_room is
  'A room. p_participants: 1 to 100 of { role: visitor | operator | bot, id, name?, email?, autoRespond? }, a visitor among them.
{ id, name, status, createdAt, lastMessageAt, participants }. PT400, PT404.';

create function heddle_api.update_room(p_agent_id uuid, p_room_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.rename_room(p_agent_id, p_room_id, p_name);
end $$;

comment on function heddle_api.update_room is 'Gives a room another name: the room, as create_room answers it. PT400, PT404.';

create function heddle_api.delete_room(p_agent_id uuid, p_room_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.end_room(p_agent_id, p_room_id);
end $$;

comment on function heddle_api.delete_room is 'Deletes a room with all that was written in it: { id, deleted }. PT404.';

create function heddle_api.set_room_participant(p_agent_id uuid, p_room_id uuid, p_participant jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.seat_and_tell(p_agent_id, p_room_id, p_participant);
end $$;

comment on function heddle_api.set_room_participant is
  'Has somebody take part in a room, or changes when a bot answers there: the room. p_participant as in create_room. PT400, PT404.';

create function heddle_api.remove_room_participant(p_agent_id uuid, p_room_id uuid, p_role text, p_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.unseat_and_tell(p_agent_id, p_room_id, p_role, p_id);
end $$;

comment on function heddle_api.remove_room_participant is
  'Takes somebody out of a room: the room. Visitors see and hear nothing of it any more. PT400 for whom it was begun with, PT404.';

-- For the team.

create function heddle.without_claims(p_participant jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return case jsonb_typeof(p_participant) when 'object' then p_participant - array['name', 'email'] else p_participant end;
end $$;

comment on function heddle.without_claims is
  'A participant as an operator may name them: what they type of a visitor would stand as if the site had said it.';

create function heddle.agent_of_room(p_room_id uuid) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.answerable(p_room_id);
begin
  perform heddle.demand_item(v_room.kind = 'room');
  return v_room.agent_id;
end $$;

create function heddle.inbox_create_room(p_agent_id uuid, p_name text, p_participants jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id);
begin
  return heddle.begin_room(p_agent_id, p_name, case jsonb_typeof(p_participants)
    when 'array' then (
      select coalesce(jsonb_agg(heddle.without_claims(participant) order by place), '[]')
      from jsonb_array_elements(p_participants) with ordinality given (participant, place)
    )
    else p_participants
  end);
end $$;

create function heddle.inbox_update_room(p_room_id uuid, p_name text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.rename_room(heddle.agent_of_room(p_room_id), p_room_id, p_name);
end $$;

create function heddle.inbox_delete_room(p_room_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_agent_id uuid := heddle.agent_of_room(p_room_id);
  v_me heddle.members := heddle.enter_inbox(v_agent_id, 'settings');
begin
  return heddle.end_room(v_agent_id, p_room_id);
end $$;

create function heddle.inbox_set_participant(p_room_id uuid, p_participant jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.seat_and_tell(heddle.agent_of_room(p_room_id), p_room_id, heddle.without_claims(p_participant));
end $$;

create function heddle.inbox_remove_participant(p_room_id uuid, p_role text, p_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return heddle.unseat_and_tell(heddle.agent_of_room(p_room_id), p_room_id, p_role, p_id);
end $$;

create function heddle_api.inbox_create_room(p_agent_id uuid, p_name text, p_participants jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_create_room(p_agent_id, p_name, p_participants);
end $$;

comment on function heddle_api.inbox_create_room is
  'As create_room, by a member of the team; of visitors the ids alone. PT400, PT404.';

create function heddle_api.inbox_update_room(p_room_id uuid, p_name text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_update_room(p_room_id, p_name);
end $$;

comment on function heddle_api.inbox_update_room is 'As update_room, by a member of the team. PT400, PT404.';

create function heddle_api.inbox_delete_room(p_room_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_delete_room(p_room_id);
end $$;

comment on function heddle_api.inbox_delete_room is 'As delete_room, by who may change an agent''s settings. PT403, PT404.';

create function heddle_api.inbox_set_participant(p_room_id uuid, p_participant jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_set_participant(p_room_id, p_participant);
end $$;

comment on function heddle_api.inbox_set_participant is
  'As set_room_participant, by a member of the team; of visitors the id alone. PT400, PT404.';

create function heddle_api.inbox_remove_participant(p_room_id uuid, p_role text, p_id text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_participant(p_room_id, p_role, p_id);
end $$;

comment on function heddle_api.inbox_remove_participant is 'As remove_room_participant, by a member of the team. PT400, PT404.';

revoke execute on function
  heddle.room_of, heddle.participants_json, heddle.room_json, heddle.seat_in_room, heddle.known_visitor, heddle.know_visitors,
  heddle.demand_room_name, heddle.begin_room, heddle.room_changed, heddle.seat_and_tell, heddle.unseat,
  heddle.unseat_and_tell,
  heddle.rename_room, heddle.end_room, heddle.agent_of_room, heddle.without_claims, heddle_api.create_room, heddle_api.update_room,
  heddle_api.delete_room, heddle_api.set_room_participant, heddle_api.remove_room_participant,
  heddle.inbox_create_room, heddle_api.inbox_create_room, heddle.inbox_update_room, heddle_api.inbox_update_room,
  heddle.inbox_delete_room, heddle_api.inbox_delete_room, heddle.inbox_set_participant,
  heddle_api.inbox_set_participant, heddle.inbox_remove_participant, heddle_api.inbox_remove_participant
from public;
grant execute on function
  heddle_api.create_room, heddle_api.update_room, heddle_api.delete_room, heddle_api.set_room_participant,
  heddle_api.remove_room_participant
to service_role;
grant execute on function
  heddle.inbox_create_room, heddle_api.inbox_create_room, heddle.inbox_update_room, heddle_api.inbox_update_room,
  heddle.inbox_delete_room, heddle_api.inbox_delete_room, heddle.inbox_set_participant,
  heddle_api.inbox_set_participant, heddle.inbox_remove_participant, heddle_api.inbox_remove_participant
to authenticated;
