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
