-- The REST API: what an owner's backend does with an API key, a call each. Here stands whom the key reaches; what is done the
-- store's own functions do. Arguments come checked by the schemas of shared/rest.

create function heddle.key_agent(p_key heddle.api_keys, p_agent_id uuid) returns uuid
language plpgsql stable set search_path = '' as $$
declare
  v_agents uuid[] := array(
    select id from heddle.agents
    where (id = p_key.agent_id or org_id = p_key.org_id) and (p_agent_id is null or id = p_agent_id) limit 2
  );
begin
  if v_agents = '{}' then
    raise exception 'agent_not_found' using errcode = 'PT404';
  end if;
  perform heddle.demand(cardinality(v_agents) = 1, 'This key is for several agents: agentId must say which is meant.');
  return v_agents[1];
end $$;

comment on function heddle.key_agent is
  'The agent that a key''s call is about: the given one, or the only one that the key is for. PT404 for one that it is not for.';

create function heddle.key_conversation(p_key heddle.api_keys, p_id uuid) returns heddle.conversations
language plpgsql stable set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  select conversation.* into v_conversation
  from heddle.conversations conversation join heddle.agents agent on agent.id = conversation.agent_id
  where conversation.id = p_id and (agent.id = p_key.agent_id or agent.org_id = p_key.org_id);
  -- To strangers another organisation's conversation does not exist.
  perform heddle.demand_item(found);
  return v_conversation;
end $$;

comment on function heddle.key_conversation is 'A conversation or room of an agent that a key is for. PT404.';

create function heddle.rest_conversation(p_conversation_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object('agentId', conversation.agent_id, 'row', heddle.row_json(conversation))
    from heddle.conversations conversation where id = p_conversation_id
  );
end $$;

create function heddle.rest_message(p_conversation_id uuid, p_seq integer) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object('message', heddle.message_json(message))
    from heddle.messages message where conversation_id = p_conversation_id and seq = p_seq
  );
end $$;

create function heddle.rest_shown(p_ref jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_shown jsonb := case
    when p_ref ? 'roomId' then jsonb_build_object('room', heddle.room_json((p_ref ->> 'roomId')::uuid))
    when p_ref ? 'begun' then heddle.rest_conversation((p_ref ->> 'conversationId')::uuid)
      || heddle.rest_message((p_ref ->> 'conversationId')::uuid, (p_ref ->> 'seq')::integer)
    else heddle.rest_message((p_ref ->> 'conversationId')::uuid, (p_ref ->> 'seq')::integer)
  end;
begin
  -- Of what was erased since, a repeated request gets nothing.
  perform heddle.demand_item(v_shown is not null and v_shown -> 'room' is distinct from 'null');
  return v_shown;
end $$;

comment on function heddle.rest_shown is 'A conversation, message or room as it is now, by what stands of it in event_keys. PT404.';

-- Conversations.

create function heddle.rest_all_conversations(p_agent_id uuid, p_args jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_limit integer := (p_args ->> 'limit')::integer;
  v_rows heddle.conversations[] := array(
    select conversation from heddle.conversations conversation
    where agent_id = p_agent_id and (created_at, id) > (
      coalesce((p_args #>> '{before,at}')::timestamptz, '-infinity'),
      coalesce((p_args #>> '{before,id}')::uuid, '00000000-0000-0000-0000-000000000000')
    )
    order by created_at, id limit v_limit
  );
  v_last heddle.conversations := v_rows[v_limit];
begin
  return jsonb_build_object(
    'agentId', p_agent_id,
    'rows', heddle.rows_json(v_rows),
    'next', case when v_last.id is not null then jsonb_build_object('at', v_last.created_at, 'id', v_last.id) end
  );
end $$;

comment on function heddle.rest_all_conversations is
  'A page of all, the oldest first: nothing that happens meanwhile moves one.';

create function heddle.rest_list_conversations(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_agent_id uuid := heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid);
  v_limit integer := (p_args ->> 'limit')::integer;
  v_seats heddle.participants[];
  v_last heddle.participants;
begin
  if p_args ->> 'order' = 'created' then
    return heddle.rest_all_conversations(v_agent_id, p_args);
  end if;
  if not p_args ? 'visitorId' then
    return jsonb_build_object('agentId', v_agent_id) || heddle.list_conversations(
      v_agent_id, case when p_args ? 'assigneeId' then 'mine' else coalesce(p_args ->> 'view', 'open') end,
      (p_args ->> 'assigneeId')::uuid,
      (p_args ->> 'labelId')::integer, (p_args #>> '{before,at}')::timestamptz, (p_args #>> '{before,id}')::uuid, v_limit
    );
  end if;
  v_seats := array(
    select seat from heddle.visitors visitor
    join heddle.participants seat on seat.visitor_id = visitor.id and seat.role = 'visitor'
    where visitor.agent_id = v_agent_id and visitor.end_user_id = p_args ->> 'visitorId'
      and (seat.last_message_at, seat.conversation_id) < (
        coalesce((p_args #>> '{before,at}')::timestamptz, 'infinity'),
        coalesce((p_args #>> '{before,id}')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by seat.last_message_at desc, seat.conversation_id desc limit v_limit
  );
  v_last := v_seats[v_limit];
  return jsonb_build_object(
    'agentId', v_agent_id,
    'rows', heddle.rows_json(array(
      select conversation from unnest(v_seats) with ordinality seat
      join heddle.conversations conversation on conversation.id = seat.conversation_id order by seat.ordinality
    )),
    'next', case when v_last.id is not null then
      jsonb_build_object('at', v_last.last_message_at, 'id', v_last.conversation_id)
    end
  );
end $$;

create function heddle.rest_update_conversation(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.key_conversation(p_key, (p_args ->> 'id')::uuid);
  v_labels integer[];
  v_label integer;
begin
  v_conversation := heddle.hold_conversation(v_conversation.id);
  if p_args ? 'status' then
    perform heddle.set_status(v_conversation, p_args ->> 'status', (p_args ->> 'snoozedUntil')::timestamptz, null);
  end if;
  if p_args ? 'assigneeId' then
    perform heddle.assign(v_conversation, (p_args ->> 'assigneeId')::uuid);
  end if;
  if p_args ? 'needsHuman' then
    perform heddle.ask_for_person(v_conversation, (p_args ->> 'needsHuman')::boolean);
  end if;
  if p_args ? 'labels' then
    v_labels := array(select value::integer from jsonb_array_elements_text(p_args -> 'labels'));
    for v_label in
      select label_id from heddle.conversation_labels
      where conversation_id = v_conversation.id and label_id <> all (v_labels) order by 1
    loop
      perform heddle.label(v_conversation, v_label, false);
    end loop;
    for v_label in
      select id from unnest(v_labels) given (id)
      where id not in (select label_id from heddle.conversation_labels where conversation_id = v_conversation.id) order by 1
    loop
      perform heddle.label(v_conversation, v_label, true);
    end loop;
  end if;
  return heddle.rest_conversation(v_conversation.id);
end $$;

-- Messages.

create function heddle.rest_write(p_conversation heddle.conversations, p_said jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  v_role text := coalesce(p_said #>> '{author,role}', 'operator');
  v_id text := p_said #>> '{author,id}';
  v_client_id uuid := coalesce((p_said ->> 'clientId')::uuid, gen_random_uuid());
  v_body text := coalesce(p_said ->> 'body', '');
begin
  if v_role = 'visitor' then
    return (heddle_api.store_post(
      p_conversation.agent_id,
      coalesce(v_id, (select end_user_id from heddle.visitors where id = p_conversation.visitor_id)),
      p_conversation.id, v_client_id, v_body, p_said -> 'attachments'
    ) #>> '{message,id}')::integer;
  end if;
  perform heddle.demand(v_id is null or v_role = 'operator', 'Only a visitor or an operator has an id.');
  if v_id is not null then
    perform heddle.demand(
      v_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and heddle.answers_for(p_conversation.agent_id, v_id::uuid),
      'There is no such member for this agent.'
    );
  end if;
  return (heddle.write_message(
    p_conversation.id, v_client_id, v_role, v_id,
    coalesce(
      nullif(heddle.one_line(p_said #>> '{author,name}'), ''),
      heddle.names_of(p_conversation.agent_id, array[v_id::uuid]) ->> v_id
    ),
    v_body, p_said -> 'attachments'
  )).seq;
end $$;

comment on function heddle.rest_write is
  'A message of a visitor, of the team, a bot or the system: its number. The same clientId again: the first one''s. PT400, PT404.';

create function heddle.rest_create_conversation(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_agent_id uuid := heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid);
  v_said jsonb := p_args -> 'message';
  v_visitor jsonb := p_args -> 'visitor';
  v_client_id uuid := coalesce((v_said ->> 'clientId')::uuid, gen_random_uuid());
  v_id uuid;
  v_conversation heddle.conversations;
begin
  perform heddle.demand_visitor(v_visitor ->> 'id', v_visitor, p_args -> 'page');
  perform heddle.open_inbox(v_agent_id);
  v_id := heddle.begin_with(
    v_agent_id, v_visitor ->> 'id', v_client_id, v_visitor, p_args -> 'page', coalesce(p_args ->> 'platform', 'API')
  );
  select * into v_conversation from heddle.conversations where id = v_id;
  return jsonb_build_object('begun', true, 'conversationId', v_conversation.id, 'seq', heddle.rest_write(
    v_conversation, v_said || jsonb_build_object('clientId', v_client_id)
  ));
end $$;

create function heddle.rest_create_message(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.key_conversation(p_key, (p_args ->> 'id')::uuid);
begin
  return jsonb_build_object(
    'conversationId', v_conversation.id, 'seq', heddle.rest_write(v_conversation, p_args)
  );
end $$;

create function heddle.rest_list_messages(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.key_conversation(p_key, (p_args ->> 'id')::uuid);
  v_limit integer := (p_args ->> 'limit')::integer;
  v_messages heddle.messages[] :=
    heddle.messages_before(v_conversation.id, (p_args #>> '{before,seq}')::integer, v_limit);
begin
  return jsonb_build_object(
    'messages', heddle.messages_json(v_messages),
    'next', case when (v_messages[v_limit]).seq is not null then
      jsonb_build_object('seq', (v_messages[v_limit]).seq)
    end
  );
end $$;

create function heddle.rest_revise_message(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.key_conversation(p_key, (p_args ->> 'id')::uuid);
  v_message heddle.messages;
begin
  v_conversation := heddle.hold_conversation(v_conversation.id);
  select * into v_message from heddle.messages
  where conversation_id = v_conversation.id and seq = (p_args ->> 'seq')::integer;
  perform heddle.demand_item(found);
  if v_message.role = 'visitor' and p_args ? 'body' then
    raise exception 'forbidden' using
      errcode = 'PT403', detail = 'What a visitor has written can be deleted, not changed.';
  end if;
  v_message := heddle.revise_message(v_message, p_args ->> 'body');
  return heddle.rest_message(v_conversation.id, v_message.seq);
end $$;

comment on function heddle.rest_revise_message is
  'Changes any message but a visitor''s; without a body: deletes any. PT403 for a visitor''s, PT404.';

create function heddle.bot_to_ask(p_ref jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object('agentId', conversation.agent_id, 'conversationId', conversation.id, 'tabId', (
      select id from heddle.tabs where agent_id = conversation.agent_id and source = 'store' order by id limit 1
    ))
    from heddle.conversations conversation where id = (p_ref ->> 'conversationId')::uuid
      and exists (select from heddle.bot_turns where conversation_id = conversation.id)
  );
end $$;

comment on function heddle.bot_to_ask is
  'Where a message waits for a bot, and whose store tab a failure of that is noted for. Null where none does.';

-- Rooms.

create function heddle.rest_rooms(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_agent_id uuid := heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid);
  v_limit integer := (p_args ->> 'limit')::integer;
  v_rooms heddle.conversations[] := array(
    select room from heddle.conversations room
    where agent_id = v_agent_id and kind = 'room' and (created_at, id) < (
      coalesce((p_args #>> '{before,at}')::timestamptz, 'infinity'),
      coalesce((p_args #>> '{before,id}')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    )
    order by created_at desc, id desc limit v_limit
  );
  v_last heddle.conversations := v_rooms[v_limit];
begin
  return jsonb_build_object(
    'rooms', (
      select coalesce(jsonb_agg(heddle.room_json(room.id) order by room.ordinality), '[]')
      from unnest(v_rooms) with ordinality room
    ),
    'next', case when v_last.id is not null then jsonb_build_object('at', v_last.created_at, 'id', v_last.id) end
  );
end $$;

create function heddle.key_room(p_key heddle.api_keys, p_args jsonb) returns heddle.conversations
language plpgsql stable set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.key_conversation(p_key, (p_args ->> 'id')::uuid);
begin
  perform heddle.demand_item(v_room.kind = 'room');
  return v_room;
end $$;

create function heddle.rest_room(p_key heddle.api_keys, p_operation text, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations := heddle.key_room(p_key, p_args);
begin
  case p_operation
    when 'getRoom', 'listParticipants' then null;
    when 'updateRoom' then
      perform heddle.rename_room(v_room.agent_id, v_room.id, p_args ->> 'name');
    when 'deleteParticipant' then
      perform heddle.unseat_and_tell(v_room.agent_id, v_room.id, p_args ->> 'role', p_args ->> 'participantId');
    when 'deleteRoom' then
      return heddle.end_room(v_room.agent_id, v_room.id);
  end case;
  return jsonb_build_object('room', heddle.room_json(v_room.id));
end $$;

-- Visitors.

create function heddle.rest_visitors(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_agent_id uuid := heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid);
  v_limit integer := (p_args ->> 'limit')::integer;
  v_visitors heddle.visitors[] := array(
    select visitor from heddle.visitors visitor
    where agent_id = v_agent_id and end_user_id > coalesce(p_args #>> '{before,endUserId}', '')
    order by end_user_id limit v_limit
  );
  v_last heddle.visitors := v_visitors[v_limit];
begin
  return jsonb_build_object(
    'visitors', (
      select coalesce(jsonb_agg(heddle.visitor_json(visitor.id) order by visitor.ordinality), '[]')
      from unnest(v_visitors) with ordinality visitor
    ),
    'next', case when v_last.id is not null then jsonb_build_object('endUserId', v_last.end_user_id) end
  );
end $$;

create function heddle.rest_visitor(p_key heddle.api_keys, p_operation text, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_agent_id uuid := heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid);
  v_id text := p_args ->> 'id';
  v_answer jsonb;
begin
  case p_operation
    when 'exportVisitor' then v_answer := heddle_api.store_export(v_agent_id, v_id);
    when 'deleteVisitor' then v_answer := heddle_api.store_erase(v_agent_id, v_id);
    when 'getVisitor', 'updateVisitor' then
      if p_operation = 'updateVisitor' then
        perform heddle_api.store_visitor(v_agent_id, v_id, p_args - array['id', 'agentId']);
      end if;
      select jsonb_build_object('visitor', heddle.visitor_json(id)) into v_answer
      from heddle.visitors where agent_id = v_agent_id and end_user_id = v_id;
  end case;
  perform heddle.demand_item(v_answer is not null);
  return v_answer;
end $$;

-- Notifications.

create function heddle.rest_notifications(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_agent_id uuid := heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid);
  v_user_id uuid := (p_args ->> 'userId')::uuid;
  v_limit integer := (p_args ->> 'limit')::integer;
  v_shown heddle.notifications[];
  v_last heddle.notifications;
begin
  perform heddle.demand_item(heddle.answers_for(v_agent_id, v_user_id));
  v_shown := array(
    select notification from heddle.notifications notification
    where recipient = v_user_id and agent_id = v_agent_id and dismissed_at is null and (created_at, id) < (
      coalesce((p_args #>> '{before,at}')::timestamptz, 'infinity'),
      coalesce((p_args #>> '{before,id}')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    )
    order by created_at desc, id desc limit v_limit
  );
  v_last := v_shown[v_limit];
  return jsonb_build_object(
    'unread', heddle.unread_notifications(v_agent_id, v_user_id),
    'notifications', (
      select coalesce(jsonb_agg(heddle.notification_json(shown) order by shown.created_at desc, shown.id desc), '[]')
      from unnest(v_shown) shown
    ),
    'next', case when v_last.id is not null then jsonb_build_object('at', v_last.created_at, 'id', v_last.id) end
  );
end $$;

create function heddle.rest_update_notification(p_key heddle.api_keys, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_notification heddle.notifications;
begin
  select notification.* into v_notification
  from heddle.notifications notification join heddle.agents agent on agent.id = notification.agent_id
  where notification.id = (p_args ->> 'id')::uuid and (agent.id = p_key.agent_id or agent.org_id = p_key.org_id);
  perform heddle.demand_item(found);
  perform heddle.open_inbox(v_notification.agent_id);
  if p_args ? 'dismissed' then
    perform heddle.dismiss_notifications(v_notification.agent_id, v_notification.recipient, array[v_notification.id]);
  else
    perform heddle.read_notifications(v_notification.agent_id, v_notification.recipient, array[v_notification.id]);
  end if;
  select * into v_notification from heddle.notifications where id = v_notification.id;
  return jsonb_build_object('notification', heddle.notification_json(v_notification));
end $$;

-- All of it.

create function heddle.rest_create(p_key heddle.api_keys, p_operation text, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_room heddle.conversations;
begin
  case p_operation
    when 'createConversation' then return heddle.rest_create_conversation(p_key, p_args);
    when 'createMessage' then return heddle.rest_create_message(p_key, p_args);
    when 'createRoom' then
      return jsonb_build_object('roomId', heddle.begin_room(
        heddle.key_agent(p_key, (p_args ->> 'agentId')::uuid), p_args ->> 'name', p_args -> 'participants'
      ) ->> 'id');
    when 'createParticipant' then
      v_room := heddle.key_room(p_key, p_args);
      perform heddle.seat_and_tell(v_room.agent_id, v_room.id, p_args -> 'participant');
      return jsonb_build_object('roomId', v_room.id);
  end case;
end $$;

comment on function heddle.rest_create is 'Makes what a POST asks for: what event_keys keeps of it, and rest_shown shows it by.';

create function heddle.rest_answer(p_key heddle.api_keys, p_operation text, p_args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case
    when p_operation = 'listConversations' then heddle.rest_list_conversations(p_key, p_args)
    when p_operation = 'getConversation' then
      heddle.rest_conversation((heddle.key_conversation(p_key, (p_args ->> 'id')::uuid)).id)
    when p_operation = 'updateConversation' then heddle.rest_update_conversation(p_key, p_args)
    when p_operation = 'listMessages' then heddle.rest_list_messages(p_key, p_args)
    when p_operation in ('updateMessage', 'deleteMessage') then heddle.rest_revise_message(p_key, p_args)
    when p_operation = 'listRooms' then heddle.rest_rooms(p_key, p_args)
    when p_operation in ('getRoom', 'updateRoom', 'deleteRoom', 'listParticipants', 'deleteParticipant') then
      heddle.rest_room(p_key, p_operation, p_args)
    when p_operation = 'listVisitors' then heddle.rest_visitors(p_key, p_args)
    when p_operation in ('getVisitor', 'updateVisitor', 'deleteVisitor', 'exportVisitor') then
      heddle.rest_visitor(p_key, p_operation, p_args)
    when p_operation = 'listNotifications' then heddle.rest_notifications(p_key, p_args)
    when p_operation = 'updateNotification' then heddle.rest_update_notification(p_key, p_args)
  end;
end $$;

create function heddle_api.rest_call(
  p_key_hash text,
  p_scope text,
  p_operation text,
  p_args jsonb,
  p_idempotency_key text default null,
  p_address_hash text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_key heddle.api_keys := heddle.key_for(p_key_hash, p_scope);
  v_reach constant uuid := coalesce(v_key.agent_id, v_key.org_id);
  -- A blank, which no key of events holds.
  c_kept constant text := 'rest ' || p_idempotency_key;
  v_ref jsonb;
begin
  if v_key.id is null then
    return heddle.refuse_key(p_address_hash);
  end if;
  perform heddle.touch_key(v_key);
  perform heddle.act_as(trim('API ' || heddle.one_line(v_key.name)));
  if p_operation not like 'create%' then
    return jsonb_build_object('outcome', 'ok', 'result', heddle.rest_answer(v_key, p_operation, p_args));
  end if;
  if c_kept is not null then
    v_ref := heddle.first_answer(
      v_reach, c_kept, sha256(convert_to(jsonb_build_array(p_operation, p_args)::text, 'UTF8'))
    );
  end if;
  if v_ref is null then
    v_ref := heddle.rest_create(v_key, p_operation, p_args);
    update heddle.event_keys set answer = v_ref where reach = v_reach and key = c_kept;
  end if;
  return jsonb_build_object('outcome', 'ok', 'result', heddle.rest_shown(v_ref), 'bot', heddle.bot_to_ask(v_ref));
end $$;

comment on function heddle_api.rest_call is
  'One operation of shared/rest/operations.ts with an API key: { outcome: ok, result, bot? }, or why not (key_not_found,
rate_limited). The same idempotency key within 24 hours: what the first one made, or PT409 with another request. What it changes
is told as done by API and the key''s name. PT403 without the scope, PT400, PT404.';

revoke execute on function
  heddle.key_agent, heddle.key_conversation, heddle.rest_conversation, heddle.rest_message, heddle.rest_shown,
  heddle.rest_all_conversations, heddle.rest_list_conversations, heddle.rest_update_conversation, heddle.rest_write, heddle.rest_create_conversation,
  heddle.rest_create_message, heddle.rest_list_messages, heddle.rest_revise_message, heddle.bot_to_ask, heddle.rest_rooms,
  heddle.key_room, heddle.rest_room, heddle.rest_visitors, heddle.rest_visitor, heddle.rest_notifications,
  heddle.rest_update_notification, heddle.rest_create, heddle.rest_answer, heddle_api.rest_call
from public;
grant execute on function heddle_api.rest_call to service_role;
