-- Whoever writes a message, a function of ours or SQL of the owner's: it is numbered before and announced after. Imports
-- number many at once and announce nothing; for them these triggers are not even called.

-- With plans that are kept: all of it is one row of each table.
create function heddle.gist(p_body text, p_attachments jsonb) returns text
language plpgsql immutable set search_path = '' as $$
declare
  c_most constant integer := 160;
begin
  if p_body <> '' or coalesce(jsonb_array_length(p_attachments), 0) = 0 then
    return left(p_body, c_most);
  end if;
  return coalesce(nullif(left(heddle.one_line(p_attachments -> 0 ->> 'name'), c_most), ''), '(a file)');
end $$;

comment on function heddle.gist is
  'What a list shows of a message: how its text begins, or what its first file is called where it has none.';

create function heddle.number_message() returns trigger
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_agent_id uuid;
  v_conversation heddle.conversations;
  v_changed heddle.conversations;
  v_author bigint;
  v_by text;
  v_reopens boolean;
begin
  select agent_id into v_agent_id from heddle.conversations where id = new.conversation_id;
  perform heddle.demand_item(found);
  perform heddle.open_inbox(v_agent_id);
  select * into v_conversation from heddle.conversations where id = new.conversation_id for no key update;
  perform heddle.demand_item(found);
  -- After the lock and in a snapshot of its own, so that of two who send the same one for an author only the first is counted.
  if new.client_id is not null and exists (
    select from heddle.messages
    where conversation_id = new.conversation_id and client_id = new.client_id
      and role = new.role and author_id is not distinct from new.author_id
  ) then
    return null;
  end if;
  v_reopens := new.role = 'visitor' and v_conversation.status <> 'open';
  if new.role = 'visitor' then
    v_author := coalesce(
      (select id from heddle.visitors where agent_id = v_conversation.agent_id and end_user_id = new.author_id),
      v_conversation.visitor_id
    );
  end if;

  new.leaves_waiting := new.role = 'bot' and (
    new.leaves_waiting or v_conversation.needs_human
    or v_conversation.asked_since is not null and v_conversation.status = 'open'
  );
  new.seq := v_conversation.seq + 1;
  new.changed_seq := new.seq;
  new.changed_rev := v_conversation.rev + 1;
  -- The clock, not the transaction's start, and never back: behind a lock that would go backwards against seq.
  new.created_at := greatest(clock_timestamp(), v_conversation.last_message_at + interval '1 microsecond');
  if v_reopens then
    v_by := heddle.act_as('USER');
  end if;
  update heddle.conversations set
    seq = new.seq,
    rev = new.changed_rev,
    status = case when v_reopens then 'open' else status end,
    needs_human = needs_human and new.role <> 'operator',
    asked_since = case when new.role <> 'operator' then asked_since end,
    taken_over = taken_over or new.role = 'operator' and kind <> 'room',
    snooze_ended = snooze_ended and new.role <> 'operator',
    message_count = message_count + 1,
    preview = heddle.gist(new.body, new.attachments),
    last_role = new.role,
    last_author_id = case when new.role = 'operator' then new.author_id end,
    last_message_at = new.created_at,
    active_at = greatest(active_at, new.created_at),
    waiting_since = case
      when new.role = 'visitor' then coalesce(waiting_since, new.created_at)
      when new.role = 'system' or new.leaves_waiting or new.status in ('error', 'cancelled') then waiting_since
      when new.role = 'bot' then heddle.queued_since(new.conversation_id)
    end,
    team_unread = team_unread + (new.role = 'visitor')::integer,
    xid = pg_current_xact_id()
  where id = new.conversation_id
  returning * into v_changed;
  if v_reopens then
    perform heddle.written_line(v_conversation, v_changed);
    perform heddle.act_as(v_by);
  elsif v_conversation.needs_human and not v_changed.needs_human then
    perform heddle.log_answered(v_changed);
  end if;
  update heddle.participants set
    last_message_at = new.created_at,
    unread = unread + (new.role <> 'system' and visitor_id is distinct from v_author)::integer
  where conversation_id = new.conversation_id and role = 'visitor';
  return new;
end $$;

create function heddle.log_answered(p_conversation heddle.conversations) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  select * into v_agent from heddle.agents where id = p_conversation.agent_id;
  if v_agent.logs_events then
    perform heddle.log_change(v_agent.org_id, p_conversation, null, heddle.rows_json(array[p_conversation]) -> 0);
  end if;
end $$;

comment on function heddle.log_answered is
  'Writes that a conversation needs no person any more, since one has answered. Everybody else learns it with the message.';

create function heddle.message_data(p_conversation heddle.conversations, p_message heddle.messages) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'conversationId', p_conversation.id,
    'message', heddle.messages_json(array[p_message]) -> 0,
    'conversation', jsonb_build_object(
      'id', p_conversation.id,
      'psid', (select end_user_id from heddle.visitors where id = p_conversation.visitor_id),
      'status', upper(p_conversation.status),
      'autoBot', p_conversation.bot_responds and p_conversation.assignee_id is null
        and not (p_conversation.taken_over and p_conversation.status <> 'resolved'),
      'platform', p_conversation.platform
    ) || case p_conversation.kind when 'room' then jsonb_build_object('kind', 'room') else '{}' end
  );
end $$;

comment on function heddle.message_data is 'What message:new, :updated and :deleted carry, but for their number.';

create function heddle.data_for_visitors(p_conversation heddle.conversations, p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_data jsonb := jsonb_set(p_data, '{conversation,status}', to_jsonb(heddle.status_for_visitors(p_conversation)));
begin
  return case p_conversation.kind when 'room' then v_data #- '{conversation,psid}' else v_data end;
end $$;

comment on function heddle.data_for_visitors is
  'What message_data says as visitors hear it: no putting off, and in a room not whom it was made with.';

create function heddle.announce_message() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_type text := case
    when tg_op = 'INSERT' then 'message:new'
    when new.deleted_at is not null then 'message:deleted'
    else 'message:updated'
  end;
  v_data jsonb;
  v_view jsonb;
  v_list jsonb[];
  v_inbox jsonb[];
  v_line heddle.notes;
  v_update jsonb;
  v_org_id uuid;
begin
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  -- That it reopened the conversation: written as the message was numbered, told together with it.
  if tg_op = 'INSERT' and new.role = 'visitor' then
    select * into v_line from heddle.notes where conversation_id = new.conversation_id and id = new.changed_rev;
  end if;
  begin
    v_data := heddle.message_data(v_conversation, new);
    v_list := array[heddle.list_update(v_conversation)];
    if tg_op = 'UPDATE' and old.status is distinct from 'streaming' then
      -- What a list shows of its newest message has changed, and no event of a visitor's list tells of that.
      if new.seq = (select max(seq) from heddle.messages where conversation_id = new.conversation_id) then
        v_list := array[heddle.event('refresh', '{}')];
      end if;
    end if;
    v_update := heddle.inbox_update(v_conversation, v_line);
    v_inbox := array[heddle.event(v_type, v_data || jsonb_build_object('rev', new.changed_rev)), v_update];
    if tg_op = 'INSERT' or old.status = 'streaming' and v_conversation.preview is not null then
      v_view := heddle.view_update(v_conversation);
      v_list := v_view || v_list;
      v_inbox := v_inbox || v_view;
    end if;
    v_org_id := heddle.announce(
      v_conversation,
      heddle.event(v_type, heddle.data_for_visitors(v_conversation, v_data) || jsonb_build_object('seq', new.changed_seq)),
      v_list,
      v_inbox
    );
  exception when others then
    v_org_id := heddle.unannounced(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null and v_line.id is not null then
    perform heddle.log_change(
      v_org_id, v_conversation, v_line, coalesce(v_update -> 'data', heddle.rows_json(array[v_conversation]) -> 0)
    );
  end if;
  if v_org_id is not null then
    perform heddle.log_message(v_org_id, v_conversation, v_type, coalesce(v_data, heddle.message_data(v_conversation, new)));
  end if;
  if tg_op = 'INSERT' and new.role = 'visitor' then
    perform heddle.ask_bot(v_conversation, new);
  elsif tg_op = 'INSERT' and new.role = 'operator' then
    -- What no bot has begun to answer a person has.
    delete from heddle.bot_turns where conversation_id = new.conversation_id and seq is null;
  elsif v_type = 'message:deleted' and new.role = 'visitor' then
    perform heddle.drop_turn(new);
  end if;
  return null;
end $$;

create function heddle.view_update(p_conversation heddle.conversations) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return heddle.event('conversation:view-update', jsonb_build_object(
    'conversationId', p_conversation.id,
    'type', 'new_message',
    'message', jsonb_build_object(
      'text', coalesce(p_conversation.preview, ''),
      'role', case p_conversation.last_role
        when 'visitor' then 'USER' when 'operator' then 'AGENT' when 'bot' then 'BOT' else 'SYSTEM'
      end,
      'createdAt', p_conversation.last_message_at
    ),
    'lastMessageAt', p_conversation.last_message_at,
    'timestamp', p_conversation.last_message_at
  ));
end $$;

create function heddle.renumber_message() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_removed boolean := old.deleted_at is null and new.deleted_at is not null;
  -- What broke off or was stopped while it grew has answered nobody.
  v_answers_less boolean := v_removed or old.status = 'streaming' and new.status in ('error', 'cancelled');
begin
  perform heddle.demand(
    (new.conversation_id, new.seq, new.role) is not distinct from (old.conversation_id, old.seq, old.role),
    'A message keeps its place and its author.'
  );
  perform heddle.demand(old.deleted_at is null, 'A message that was deleted stays so.');
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  perform heddle.open_inbox(v_conversation.agent_id);
  select * into v_conversation from heddle.conversations where id = new.conversation_id for no key update;
  if old.status = 'streaming' then
    new.status := case when not v_removed then nullif(new.status, 'streaming') end;
    delete from heddle.message_streams where conversation_id = old.conversation_id and seq = old.seq;
  end if;
  if v_removed then
    new.body := '';
    new.blocks := null;
    new.attachments := null;
    new.edited_at := old.edited_at;
  end if;
  new.changed_seq := v_conversation.seq + 1;
  new.changed_rev := v_conversation.rev + 1;
  if old.status is distinct from 'streaming' then
    insert into heddle.message_revisions (conversation_id, seq, changed_seq, body, blocks, attachments, replaced_by)
    values (old.conversation_id, old.seq, new.changed_seq, old.body, old.blocks, old.attachments, auth.uid());
  end if;

  update heddle.conversations set
    seq = new.changed_seq,
    rev = new.changed_rev,
    preview = case
      when new.seq = (select max(seq) from heddle.messages where conversation_id = new.conversation_id)
        then case when not v_removed then heddle.gist(new.body, new.attachments) end
      else preview
    end,
    waiting_since = case
      when v_answers_less is not true or status = 'resolved' or new.role = 'system' or new.role = 'visitor' and waiting_since is null
        then waiting_since
      else least(heddle.unanswered_since(id, new.seq), asked_since)
    end,
    -- What the team has read and what it says now are two things; one that it has not read is changed as often as you like.
    team_unread = team_unread + case
      when new.role <> 'visitor' then 0
      when v_removed then -(old.changed_seq > team_read_seq)::integer
      else (old.changed_seq <= team_read_seq)::integer
    end,
    xid = pg_current_xact_id()
  where id = new.conversation_id;
  if v_removed then
    update heddle.participants seat set unread = seat.unread - 1
    from heddle.visitors visitor
    where seat.conversation_id = new.conversation_id and seat.role = 'visitor' and new.seq > seat.read_seq
      and visitor.id = seat.visitor_id and heddle.counts_for(new, v_conversation, visitor);
  end if;
  return new;
end $$;

create function heddle.unanswered_since(p_conversation_id uuid, p_but_seq integer default null) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  v_answered integer := (
    select seq from heddle.messages
    where conversation_id = p_conversation_id and role in ('operator', 'bot') and deleted_at is null
      and (status is null or status = 'streaming') and not leaves_waiting and seq is distinct from p_but_seq
    order by seq desc limit 1
  );
begin
  return least(heddle.queued_since(p_conversation_id), (
    select created_at from heddle.messages
    where conversation_id = p_conversation_id and seq > coalesce(v_answered, 0) and role = 'visitor' and deleted_at is null
      and seq is distinct from p_but_seq
    order by seq limit 1
  ));
end $$;

comment on function heddle.unanswered_since is
  'When the visitor wrote the first message that is queued for a bot or behind the last answer that is left; the message
p_but_seq is counted for none.';

create function heddle.queued_since(p_conversation_id uuid) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return (
    select created_at from heddle.bot_turns turn
    join heddle.messages message on message.conversation_id = turn.conversation_id and message.seq = turn.for_seq
    where turn.conversation_id = p_conversation_id and taken_until is null and deleted_at is null
    order by for_seq limit 1
  );
end $$;

comment on function heddle.queued_since is
  'When the visitor wrote the first message that waits for its turn with a bot: the answer to one before it does not answer it.';

create function heddle.counts_for(
  p_message heddle.messages,
  p_conversation heddle.conversations,
  p_visitor heddle.visitors
) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return case p_message.role
    when 'system' then false
    when 'visitor' then case
      when p_message.author_id is null then p_conversation.visitor_id <> p_visitor.id
      else p_message.author_id <> p_visitor.end_user_id
    end
    else true
  end;
end $$;

comment on function heddle.counts_for is 'Whether a message is unread for a visitor until they read it: not their own, not the system''s.';

create trigger number_message before insert on heddle.messages for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.number_message();
create trigger announce_message after insert on heddle.messages for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.announce_message();
create trigger renumber_message before update of body, blocks, attachments, deleted_at, conversation_id, seq, role
  on heddle.messages for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.renumber_message();
create trigger announce_change after update of body, blocks, attachments, deleted_at on heddle.messages for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.announce_message();

revoke execute on function
  heddle.number_message, heddle.log_answered, heddle.message_data, heddle.data_for_visitors, heddle.announce_message, heddle.view_update, heddle.renumber_message,
  heddle.unanswered_since, heddle.queued_since, heddle.counts_for, heddle.gist
from public;
