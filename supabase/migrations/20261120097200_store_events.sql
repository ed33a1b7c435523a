-- How changes of the store reach whoever looks at them: names, envelopes, and one way out.

create function heddle.content_name(p_secret text, p_base text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return p_base || '-' || encode(extensions.hmac(
    convert_to(p_base, 'UTF8'),
    convert_to(encode(extensions.hmac('content'::bytea, convert_to(p_secret, 'UTF8'), 'sha256'), 'hex'), 'UTF8'),
    'sha256'
  ), 'hex');
end $$;

comment on function heddle.content_name is
  'The channel on which content travels. Its key is derived from the signing secret: what publishing signs names with can
make none of these.';

create function heddle.content_names(p_secrets heddle.agent_secrets, p_base text, out content text[], out ended text[])
language plpgsql stable set search_path = '' as $$
begin
  content := array[heddle.content_name(p_secrets.signing_current, p_base)];
  if p_secrets.signing_previous_until > now() then
    content := content || heddle.content_name(p_secrets.signing_previous, p_base);
  end if;
  ended := '{}';
  if p_secrets.signing_former <> '{}' then
    ended := array(
      select heddle.content_name(secret, p_base)
      from unnest(p_secrets.signing_former, p_secrets.signing_former_until) as former (secret, until)
      where until > now()
    );
  end if;
end $$;

comment on function heddle.content_names(heddle.agent_secrets, text) is
  'Every name that somebody may rightly listen on for content, and those of secrets that were ended at once, which only say
that something happened.';

create function heddle.content_names(p_agent_id uuid, p_base text, out content text[], out ended text[])
language plpgsql stable set search_path = '' as $$
declare
  v_secrets heddle.agent_secrets;
begin
  select * into v_secrets from heddle.agent_secrets where agent_id = p_agent_id;
  select * into content, ended from heddle.content_names(v_secrets, p_base);
end $$;

create function heddle.thread_base(p_conversation heddle.conversations) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return 'conv-' || p_conversation.id
    || case when p_conversation.channel_epoch > 0 then '-' || p_conversation.channel_epoch else '' end;
end $$;

comment on function heddle.thread_base is 'What a conversation''s channel is named by.';

create function heddle.handed_out_name(p_secrets heddle.agent_secrets, p_base text) returns text
language plpgsql stable set search_path = '' as $$
begin
  if now() >= p_secrets.signing_hand_out_current_at then
    return heddle.content_name(p_secrets.signing_current, p_base);
  end if;
  return case
    when p_secrets.signing_previous_until > now() then heddle.content_name(p_secrets.signing_previous, p_base)
  end;
end $$;

create function heddle.handed_out_name(p_agent_id uuid, p_base text) returns text
language plpgsql stable set search_path = '' as $$
declare
  v_secrets heddle.agent_secrets;
begin
  select * into v_secrets from heddle.agent_secrets where agent_id = p_agent_id;
  return heddle.handed_out_name(v_secrets, p_base);
end $$;

comment on function heddle.handed_out_name(heddle.agent_secrets, text) is
  'The content name that a browser gets now; null if it is to get none yet, just after a secret was ended at once.';

create function heddle.open_inbox(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('heddle inbox ' || p_agent_id, 0));
end $$;

comment on function heddle.open_inbox is
  'Whoever will send to a team''s channel calls this before it locks a row. A removal takes the other side of the lock, so
that nothing goes out under the old name after the removal is done.';

create function heddle.enter_inbox(p_agent_id uuid, p_right text default 'answer') returns heddle.members
language plpgsql set search_path = '' as $$
begin
  perform heddle.open_inbox(p_agent_id);
  return heddle.require_member(p_agent_id, p_right);
end $$;

comment on function heddle.enter_inbox is
  'For whoever writes: the caller as a member, as require_member, looked up once a removal that was under way is done.';

create function heddle.inbox_name(p_agent heddle.agents) returns text
language plpgsql stable set search_path = '' as $$
begin
  return 'agent-' || p_agent.id || '-inbox-' || p_agent.inbox_epoch;
end $$;

create function heddle.inbox_name(p_agent_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select heddle.inbox_name(agent) from heddle.agents agent where id = p_agent_id);
end $$;

create function heddle.logging_org(p_agent heddle.agents) returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return case when p_agent.logs_events then p_agent.org_id end;
end $$;

comment on function heddle.logging_org is 'In whose log the agent''s events are written; null: in none, since nobody may read it.';

create function heddle.event(p_type text, p_data jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return jsonb_build_object(
    'v', 1, 'id', gen_random_uuid(), 'type', p_type, 'at', clock_timestamp(), 'data', p_data
  );
end $$;

comment on function heddle.event is 'An event in its envelope.';

-- With plans that are kept: a new one for each list of ids takes longer than the deletion.
create function heddle.send(p_topics text[], p_events jsonb[]) returns void
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  c_max_bytes constant integer := 200000;
  v_ids uuid[];
begin
  with outgoing as (
    select topic, case
      when octet_length(envelope::text) > c_max_bytes then heddle.event('refresh', '{}')
      else envelope
    end as envelope
    from unnest(p_topics, p_events) as given (topic, envelope)
  ), sent as (
    insert into realtime.messages (topic, private, extension, event, payload)
    select topic, true, 'broadcast', envelope ->> 'type', envelope from outgoing
    returning id
  )
  select array_agg(id) into v_ids from sent;
  -- As heddle_api.broadcast does: Realtime reads the inserts from the log, so no text has to stay in the table.
  delete from realtime.messages where id = any (v_ids) and inserted_at = localtimestamp;
end $$;

comment on function heddle.send is
  'Sends each envelope on the channel at the same place when the transaction commits. One that is too big for Realtime
becomes a refresh.';

create function heddle.count_failed_broadcast(p_agent_id uuid, p_state text, p_message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise warning 'heddle: a change was stored but not announced (%: %)', p_state, p_message;
  -- Best effort: nobody waits for the row that all of this hour's failures share.
  if pg_try_advisory_xact_lock(hashtextextended('heddle broadcast_failed ' || p_agent_id, 0)) then
    perform heddle_api.record_issue(p_agent_id, tab.id, 'create_item', 'broadcast_failed', null, p_state || ' ' || p_message)
    from heddle.tabs tab where tab.agent_id = p_agent_id and tab.source = 'store' order by position, id limit 1;
  end if;
exception when others then
  raise warning 'heddle: nor was that counted (%: %)', sqlstate, sqlerrm;
end $$;

comment on function heddle.count_failed_broadcast is
  'Notes a broadcast that could not be sent: a failed broadcast never fails the write, and a warning reaches nobody.';

create function heddle.newest_author(p_conversation_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select author_id from heddle.messages where conversation_id = p_conversation_id order by seq desc limit 1
  );
end $$;

comment on function heddle.newest_author is 'By whom the message is that lists show.';

create function heddle.list_for(p_list jsonb[], p_unread integer, p_is_own boolean) returns jsonb[]
language plpgsql immutable set search_path = '' as $$
begin
  return array(
    select case event ->> 'type'
      when 'conversation:updated' then jsonb_set(event, '{data,unread}', to_jsonb(p_unread))
      when 'conversation:view-update' then case
        when event #>> '{data,message,role}' = 'USER' and not p_is_own then jsonb_set(event, '{data,message,role}', '"AGENT"')
        else event
      end
      else event
    end
    from unnest(p_list) with ordinality events (event, place) order by place
  );
end $$;

comment on function heddle.list_for is
  'Events of a room for the list of one of its visitors: with their own count, and others of its visitors on the other side.';

create function heddle.events_for(p_names record, p_event jsonb) returns jsonb[]
language plpgsql volatile set search_path = '' as $$
declare
  v_events jsonb[] := array_fill(p_event, array[cardinality(p_names.content)]);
begin
  if p_names.ended <> '{}' then
    v_events := v_events || array_fill(heddle.event('refresh', '{}'), array[cardinality(p_names.ended)]);
  end if;
  return v_events;
end $$;

comment on function heddle.events_for is
  'What is sent on each of content_names: the event, and on those that ended only that something happened.';

create function heddle.announce(
  p_conversation heddle.conversations,
  p_thread jsonb,
  p_list jsonb[],
  p_inbox jsonb[]
) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_agent_id constant uuid := p_conversation.agent_id;
  v_secrets heddle.agent_secrets;
  v_topics text[] := '{}';
  v_events jsonb[] := '{}';
  v_names record;
  v_seat record;
  v_author_id text;
  v_list jsonb[];
  v_agent heddle.agents;
begin
  if p_thread is not null or p_list is not null then
    select * into v_secrets from heddle.agent_secrets where agent_id = v_agent_id;
  end if;
  if p_thread is not null then
    v_names := heddle.content_names(v_secrets, heddle.thread_base(p_conversation));
    v_topics := v_names.content || v_names.ended;
    v_events := heddle.events_for(v_names, p_thread);
  end if;
  if p_list is not null then
    if p_conversation.kind = 'room' then
      v_author_id := heddle.newest_author(p_conversation.id);
    end if;
    for v_seat in
      select visitor.end_user_id, participant.unread
      from heddle.participants participant join heddle.visitors visitor on visitor.id = participant.visitor_id
      where participant.conversation_id = p_conversation.id and participant.role = 'visitor'
    loop
      v_list := case p_conversation.kind
        when 'room' then heddle.list_for(p_list, v_seat.unread, v_author_id is not distinct from v_seat.end_user_id)
        else p_list
      end;
      v_names := heddle.content_names(v_secrets, 'agent-' || v_agent_id || '-user-' || v_seat.end_user_id);
      v_topics := v_topics || v_names.content || v_names.ended;
      v_events := v_events || heddle.events_for(v_names, heddle.together(v_list));
    end loop;
  end if;
  if p_inbox is not null then
    perform heddle.open_inbox(v_agent_id);
    select * into v_agent from heddle.agents where id = v_agent_id;
    v_topics := v_topics || heddle.inbox_name(v_agent);
    v_events := v_events || heddle.together(p_inbox);
  end if;
  perform heddle.send(v_topics, v_events);
  return heddle.logging_org(v_agent);
end $$;

comment on function heddle.announce is
  'Sends what happened to a conversation: one event to those in it, events for the lists of its visitors, events for the
team; what is null goes nowhere. Answers logging_org where the team is told. May raise: callers hold it in a block of their own.';

create function heddle.unannounced(p_agent_id uuid, p_state text, p_message text) returns uuid
language plpgsql set search_path = '' as $$
begin
  perform heddle.count_failed_broadcast(p_agent_id, p_state, p_message);
  return (select heddle.logging_org(agent) from heddle.agents agent where id = p_agent_id);
end $$;

comment on function heddle.unannounced is
  'For whoever caught that announce has raised: counts it, and answers as announce would have. The log is no broadcast.';

create function heddle.together(p_events jsonb[]) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  if cardinality(p_events) = 1 then
    return p_events[1];
  end if;
  return heddle.event('events', jsonb_build_object('events', to_jsonb(p_events)));
end $$;

comment on function heddle.together is 'Several events as one.';

revoke execute on function
  heddle.content_name, heddle.content_names(heddle.agent_secrets, text), heddle.content_names(uuid, text), heddle.thread_base,
  heddle.handed_out_name(heddle.agent_secrets, text), heddle.handed_out_name(uuid, text), heddle.open_inbox, heddle.enter_inbox,
  heddle.inbox_name(heddle.agents), heddle.inbox_name(uuid), heddle.events_for, heddle.logging_org, heddle.unannounced, heddle.event,
  heddle.send, heddle.count_failed_broadcast, heddle.newest_author, heddle.list_for, heddle.announce, heddle.together
from public;
