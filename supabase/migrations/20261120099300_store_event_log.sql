-- Changes of conversations and of who is here, in the event log.

create function heddle.renamed(p_names text[], p_object jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_object_agg(split_part(name, ' ', 2), p_object -> split_part(name, ' ', 1)), '{}')
    from unnest(p_names) name where p_object ? split_part(name, ' ', 1)
  );
end $$;

comment on function heddle.renamed is 'What an object has of these keys, under others: each as "key other_key".';

create function heddle.subscription_data(p_type text, p_data jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  c_message constant text[] := array[
    'id id', 'clientId client_id', 'text content', 'role role', 'createdAt created_at', 'attachments attachments',
    'blocks blocks', 'editedAt edited_at', 'deletedAt deleted_at', 'status status'
  ];
  c_author constant text[] := array['id user_id', 'name user_name'];
  c_conversation constant text[] := array[
    'id id', 'psid user_id', 'customerName user_name', 'customerEmail user_email', 'status status', 'name name',
    'platform platform', 'pageName page_name', 'needsHuman needs_human', 'autoBot auto_bot', 'assignee assignee',
    'snoozedUntil snoozed_until', 'messageCount message_count', 'lastMessageAt last_message_at', 'createdAt created_at',
    'change change'
  ];
  c_room constant text[] := array[
    'id id', 'name name', 'status status', 'participants participants', 'needsHuman needs_human', 'assignee assignee',
    'messageCount message_count', 'lastMessageAt last_message_at', 'createdAt created_at', 'change change'
  ];
  c_user constant text[] := array[
    'user_id user_id', 'status status', 'timestamp timestamp', 'lastSeenAt last_seen_at', 'name user_name', 'email user_email'
  ];
  c_notification constant text[] := array[
    'id id', 'userId user_id', 'conversationId conversation_id', 'rule rule', 'priority priority', 'content content',
    'createdAt created_at', 'readAt read_at', 'dismissedAt dismissed_at', 'since since'
  ];
  v_message jsonb := p_data -> 'message';
begin
  if p_type like 'notification:%' then
    return heddle.renamed(c_notification, p_data);
  end if;
  if p_type like 'message:%' then
    return jsonb_build_object(
        case p_data #>> '{conversation,kind}' when 'room' then 'room_id' else 'conversation_id' end, p_data -> 'conversationId'
      )
      || case when v_message ->> 'role' = 'USER'
        then heddle.renamed(array['psid user_id'], coalesce(p_data -> 'conversation', '{}')) else '{}' end
      || heddle.renamed(c_author, v_message #> '{meta,author}')
      || heddle.renamed(c_message, (v_message -> 'meta') || v_message)
      || case when p_data ? 'conversation'
        then jsonb_build_object('conversation', heddle.renamed(c_conversation, p_data -> 'conversation')) else '{}' end;
  end if;
  if p_type like 'conversation:%' then
    return heddle.renamed(c_conversation, coalesce(p_data -> 'conversation', p_data));
  end if;
  return heddle.renamed(case when p_type like 'room:%' then c_room else c_user end, p_data);
end $$;

comment on function heddle.subscription_data is
  'What subscribers get of the data of one of our own events: the twin of subscriptionData in shared/events.ts.';

create function heddle.log_conversation(
  p_org_id uuid,
  p_agent_id uuid,
  p_conversation_id uuid,
  p_event text,
  p_type text,
  p_actor text,
  p_data jsonb
) returns void
language plpgsql set search_path = '' as $$
declare
  c_max_bytes constant integer := 65536;
  v_is_room constant boolean := 'room' = coalesce(p_data ->> 'kind', p_data #>> '{conversation,kind}', '');
  v_event text := p_event;
  v_type text := p_type;
  v_data jsonb := p_data;
begin
  if v_is_room and p_type like 'conversation:%' then
    v_event := case when p_event in ('created', 'deleted') then p_event else 'updated' end;
    v_type := 'room:' || v_event;
    if v_event <> 'deleted' then
      v_data := v_data || jsonb_build_object('participants', heddle.participants_json(p_conversation_id));
    end if;
  end if;
  v_data := heddle.subscription_data(v_type, v_data);
  if octet_length(v_data::text) > c_max_bytes then
    v_data := v_data - array['attachments', 'blocks'] || '{"truncated": true}';
  end if;
  perform heddle.log_event(
    p_org_id, p_agent_id,
    case when v_is_room then array['rooms', 'room'] else array['conversations', 'conversation'] end
      || array[v_event, p_conversation_id::text],
    v_type, p_actor, v_data
  );
end $$;

comment on function heddle.log_conversation is
  'Writes an event of a conversation, whose row the caller has locked, or of a room under that name. What is too big goes
without attachments and blocks.';

create function heddle.log_message(
  p_org_id uuid,
  p_conversation heddle.conversations,
  p_type text,
  p_data jsonb
) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.log_conversation(
    p_org_id, p_conversation.agent_id, p_conversation.id,
    case p_type when 'message:new' then 'message_posted' when 'message:updated' then 'message_edited' else 'message_removed' end,
    p_type,
    nullif(coalesce(
      p_data #>> '{message,meta,author,id}',
      case p_data #>> '{message,role}' when 'USER' then p_data #>> '{conversation,psid}' end
    ), ''),
    p_data
  );
end $$;

comment on function heddle.log_message is 'Writes that a message was posted, edited or removed, with what heddle.message_data says of it.';

create function heddle.log_change(
  p_org_id uuid,
  p_conversation heddle.conversations,
  p_line heddle.notes,
  p_row jsonb
) returns void
language plpgsql set search_path = '' as $$
declare
  v_change jsonb := p_line.change;
  v_asked boolean := coalesce(v_change ? 'needsHuman', false);
  v_event text := case
    when v_change is null then 'updated'
    when v_change -> 'to' ->> 'id' = p_line.author_id::text then 'claimed'
    when v_change ? 'to' then 'assigned'
    when v_change ->> 'status' = 'RESOLVED' then 'resolved'
    when v_change ->> 'status' = 'SNOOZED' then 'snoozed'
    when v_change ->> 'status' = 'OPEN' then 'reopened'
    when v_change ? 'from' then 'released'
    when v_asked then 'escalated'
    else 'updated'
  end;
begin
  for v_event in
    select unnest(case
      when v_asked and v_event <> 'escalated' and p_conversation.kind <> 'room' then array[v_event, 'escalated'] else array[v_event]
    end)
  loop
    perform heddle.log_conversation(
      p_org_id, p_conversation.agent_id, p_conversation.id, v_event, 'conversation:' || v_event, p_line.author_id::text,
      p_row || case when v_change is null then '{}' else jsonb_build_object('change', v_change) end
    );
  end loop;
end $$;

comment on function heddle.log_change is
  'Writes that a conversation was claimed, assigned, released, resolved, snoozed, reopened, escalated to a person, or updated;
of what opens it and asks for a person, both. Of a room one. p_row: how rows_json shows it.';

create function heddle.log_presence(p_agent heddle.agents, p_presence jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.log_event(
    p_agent.org_id, p_agent.id,
    array['users', 'user', split_part(p_presence ->> 'type', ':', 2), p_presence #>> '{data,user_id}'],
    p_presence ->> 'type', null, heddle.subscription_data(p_presence ->> 'type', p_presence -> 'data')
  );
end $$;

create function heddle.log_person(p_visitor heddle.visitors) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_id constant text := p_visitor.agent_id || '/' || p_visitor.end_user_id;
begin
  select * into v_agent from heddle.agents where id = p_visitor.agent_id;
  if v_agent.logs_events then
    perform heddle.log_event(
      v_agent.org_id, v_agent.id, array['users', 'user', 'updated', v_id], 'user:updated', null,
      heddle.subscription_data('user:updated', jsonb_build_object(
        'user_id', v_id, 'name', p_visitor.name, 'email', p_visitor.email, 'timestamp', clock_timestamp()
      ))
    );
  end if;
end $$;

comment on function heddle.log_person is 'Writes that a visitor has another name or address.';

create function heddle.without_visitor(p_data jsonb, p_end_user text) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  v_data jsonb := p_data;
begin
  if v_data ? 'participants' then
    v_data := jsonb_set(v_data, '{participants}', (
      select coalesce(jsonb_agg(seat order by place), '[]')
      from jsonb_array_elements(v_data -> 'participants') with ordinality seats (seat, place)
      where not seat @> jsonb_build_object('role', 'visitor', 'id', p_end_user)
    ));
  end if;
  return case when v_data #>> '{conversation,user_id}' = p_end_user then v_data #- '{conversation,user_id}' else v_data end;
end $$;

comment on function heddle.without_visitor is 'The data of a room''s event without one of its visitors.';

create function heddle.forget_conversation_events(p_agent heddle.agents, p_conversation_id text) returns void
language plpgsql set search_path = '' as $$
begin
  with dropped as (
    delete from heddle.events
    where org_id = p_agent.org_id and agent_id = p_agent.id and resource_id = p_conversation_id
    returning id
  ), told as (
    delete from heddle.events
    where org_id = p_agent.org_id and agent_id = p_agent.id and source = 'notifications'
      and data ->> 'conversation_id' = p_conversation_id
    returning id
  )
  delete from heddle.deliveries where agent_id = p_agent.id and event_id in (
    select id from dropped union all select id from told
  );
end $$;

create function heddle.forget_visitor_events(p_agent heddle.agents, p_end_user text) returns void
language plpgsql set search_path = '' as $$
begin
  -- What they wrote in the conversations of others, too.
  with dropped as (
    delete from heddle.events
    where org_id = p_agent.org_id and agent_id = p_agent.id
      and (resource_id = p_agent.id || '/' || p_end_user or actor = p_end_user)
    returning id
  )
  delete from heddle.deliveries where agent_id = p_agent.id and event_id in (select id from dropped);
  -- What others did in a room names all who took part.
  with scrubbed as (
    update heddle.events set data = heddle.without_visitor(data, p_end_user)
    where org_id = p_agent.org_id and agent_id = p_agent.id and source = 'rooms' and (
      data -> 'participants' @> jsonb_build_array(jsonb_build_object('role', 'visitor', 'id', p_end_user))
      or data #>> '{conversation,user_id}' = p_end_user
    )
    returning id, data
  )
  update heddle.deliveries delivery set content = jsonb_set(content, '{data}', scrubbed.data)
  from scrubbed where agent_id = p_agent.id and event_id = scrubbed.id;
end $$;

create function heddle.forget_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  if tg_table_name = 'agents' then
    delete from heddle.events where org_id = old.org_id and agent_id = old.id;
    return old;
  end if;
  select * into v_agent from heddle.agents where id = old.agent_id;
  if tg_table_name = 'conversations' then
    perform heddle.forget_conversation_events(v_agent, to_jsonb(old) ->> 'id');
  else
    perform heddle.forget_visitor_events(v_agent, to_jsonb(old) ->> 'end_user_id');
  end if;
  if tg_table_name = 'conversations' then
    perform heddle.forget_deliveries(v_agent.id, to_jsonb(old) ->> 'id');
  else
    perform heddle.forget_deliveries(
      v_agent.id, v_agent.id || '/' || (to_jsonb(old) ->> 'end_user_id'), to_jsonb(old) ->> 'end_user_id'
    );
  end if;
  if v_agent.logs_events and tg_table_name = 'conversations' then
    perform heddle.log_conversation(
      v_agent.org_id, v_agent.id, (to_jsonb(old) ->> 'id')::uuid, 'deleted', 'conversation:deleted', null,
      jsonb_build_object('id', to_jsonb(old) -> 'id', 'kind', to_jsonb(old) -> 'kind')
    );
  end if;
  return old;
end $$;

comment on function heddle.forget_events is 'Nothing stays in the log of what is erased, but that it was.';

create trigger forget_events before delete on heddle.conversations for each row execute function heddle.forget_events();
create trigger forget_events before delete on heddle.visitors for each row execute function heddle.forget_events();
create trigger forget_events before delete on heddle.agents for each row execute function heddle.forget_events();

revoke execute on function heddle.renamed from public;
revoke execute on function heddle.subscription_data from public;
revoke execute on function heddle.log_conversation from public;
revoke execute on function heddle.log_message from public;
revoke execute on function heddle.log_change from public;
revoke execute on function heddle.log_presence from public;
revoke execute on function heddle.log_person from public;
revoke execute on function heddle.without_visitor from public;
revoke execute on function heddle.forget_conversation_events from public;
revoke execute on function heddle.forget_visitor_events from public;
revoke execute on function heddle.forget_events from public;
