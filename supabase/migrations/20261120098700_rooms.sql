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
    select distinct on (value ->> 'id') value from jsonb_array_elements(p_participants)
    where value ->> 'role' = 'visitor' order by value ->> 'id'
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
    perform heddle.log_conversation(
      v_org_id, v_room.agent_id, v_room.id, 'updated', 'conversation:updated', auth.uid()::text,
      heddle.rows_json(array[v_room]) -> 0
    );
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
