-- Changes of a conversation beside its messages: begun, claimed, resolved, labelled, noted, removed.

create function heddle.begin_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_visitor heddle.visitors;
  v_new jsonb;
  v_update jsonb;
  v_org_id uuid;
begin
  insert into heddle.participants (conversation_id, role, visitor_id, last_message_at)
  values (new.id, 'visitor', new.visitor_id, new.last_message_at);
  perform heddle.seat_bots(new);
  begin
    select * into v_visitor from heddle.visitors where id = new.visitor_id;
    v_new := jsonb_strip_nulls(jsonb_build_object(
      'id', new.id,
      'psid', v_visitor.end_user_id,
      'platform', new.platform,
      'status', upper(new.status),
      'autoBot', new.bot_responds and new.assignee_id is null,
      'pageName', new.page_name,
      'lastMessageAt', new.last_message_at
    ));
    v_update := heddle.inbox_update(new);
    v_org_id := heddle.announce(
      new,
      null,
      array[heddle.event('conversation:new', jsonb_build_object('conversation', v_new))],
      array[
        heddle.event('conversation:new', jsonb_build_object('conversation', v_new || jsonb_strip_nulls(
          jsonb_build_object('customerName', v_visitor.name, 'customerEmail', v_visitor.email)
        ))),
        v_update
      ]
    );
  exception when others then
    v_org_id := heddle.unannounced(new.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null then
    perform heddle.log_conversation(
      v_org_id, new.agent_id, new.id, 'created', 'conversation:new', v_visitor.end_user_id,
      coalesce(v_update -> 'data', heddle.rows_json(array[new]) -> 0)
    );
  end if;
  return null;
end $$;

create function heddle.with_need(p_old heddle.conversations, p_new heddle.conversations) returns heddle.conversations
language plpgsql stable set search_path = '' as $$
declare
  v_new heddle.conversations := p_new;
  v_asked boolean := p_new.needs_human and not p_old.needs_human;
  v_closed boolean := p_new.status <> 'open' and p_new.status <> p_old.status;
  v_begins_anew boolean := p_old.status = 'resolved' and p_new.status = 'open'
    and current_setting('heddle.by', true) is not distinct from 'USER';
  v_taken_back boolean := p_old.needs_human and not p_new.needs_human and not v_closed
    and p_new.assignee_id is not distinct from p_old.assignee_id;
begin
  -- Nobody sees in what was put away that a person is asked for.
  if v_asked and p_new.status = p_old.status then
    v_new.status := 'open';
  elsif v_closed and not v_asked then
    v_new.needs_human := false;
  end if;
  if v_asked then
    v_new.visitor_asked := current_setting('heddle.by', true) is not distinct from 'USER';
    v_new.asked_since := coalesce(case when p_old.status <> 'resolved' then p_new.asked_since end, clock_timestamp());
    v_new.waiting_since := coalesce(p_new.waiting_since, v_new.asked_since);
    v_new.active_at := greatest(p_new.active_at, clock_timestamp());
  elsif v_begins_anew or v_taken_back then
    v_new.asked_since := null;
  end if;
  v_new.taken_over := p_new.taken_over and not v_begins_anew
    and not (p_old.assignee_id is not null and p_new.assignee_id is null);
  -- Released, or opened again: nobody has answered who asked for a person.
  if v_new.asked_since is not null and v_new.status = 'open' and v_new.assignee_id is null
    and (p_old.status <> 'open' or p_old.assignee_id is not null) then
    v_new.needs_human := true;
  end if;
  return v_new;
end $$;

comment on function heddle.with_need is
  'A changed conversation with what follows for its need of a person: asked for one, it is opened and lifted, and its visitor
waits; put away, it needs none until it is opened again.';

create function heddle.number_change() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Who left the team goes on holding what is resolved, of which there may be very much, until it is opened again.
  if old.status <> 'open' and new.assignee_id = old.assignee_id
    and (new.status = 'open' or new.needs_human) and not heddle.answers_for(new.agent_id, new.assignee_id) then
    new.assignee_id := null;
  end if;
  new := heddle.with_need(old, new);
  if new.status <> 'snoozed' then
    new.snoozed_until := null;
  end if;
  new.snooze_ended := new.snooze_ended and new.status = 'open';
  if new.status = 'resolved' then
    new.waiting_since := null;
  elsif old.status = 'resolved' and current_setting('heddle.by', true) is distinct from 'USER' then
    -- Resolved by mistake, perhaps: whoever waited waits on. A visitor who writes again waits from that on.
    new.waiting_since := least(heddle.unanswered_since(new.id), new.asked_since);
  elsif old.asked_since is not null and new.asked_since is null and new.seq = old.seq then
    new.waiting_since := heddle.unanswered_since(new.id);
  end if;
  new.rev := old.rev + 1;
  new.xid := pg_current_xact_id();
  return new;
end $$;

create function heddle.act_as(p_by text) returns text
language plpgsql set search_path = '' as $$
declare
  v_former text := current_setting('heddle.by', true);
begin
  perform set_config('heddle.by', coalesce(p_by, ''), true);
  return v_former;
end $$;

comment on function heddle.act_as is
  'Until the transaction ends or says otherwise its changes are by USER, SYSTEM, or BOT or API with a name; else by the operator
who is signed in. Answers what held before.';

create function heddle.written_line(p_old heddle.conversations, p_new heddle.conversations) returns heddle.notes
language plpgsql set search_path = '' as $$
declare
  v_moved boolean := p_old.assignee_id is distinct from p_new.assignee_id;
  v_turned boolean := (p_old.status, p_old.snoozed_until) is distinct from (p_new.status, p_new.snoozed_until);
  -- By somebody now, or of everybody who answers, since its holder goes.
  v_asked boolean := p_new.needs_human
    and (not p_old.needs_human or p_new.assignee_id is null and p_old.assignee_id is not null);
  v_by text := nullif(current_setting('heddle.by', true), '');
  v_actor uuid;
  v_names jsonb;
  v_former heddle.notes;
  v_line heddle.notes;
begin
  if not (v_moved or v_turned or v_asked) then
    return null;
  end if;
  v_actor := case when v_by is null then auth.uid() end;
  v_names := heddle.names_of(p_new.agent_id, array[v_actor, p_old.assignee_id, p_new.assignee_id]);
  v_line.author_id := case when v_names ? v_actor::text then v_actor end;
  v_line.author_name := coalesce(
    v_names ->> v_actor::text, substring(v_by from '^BOT (.+)$'), substring(v_by from '^API.*$')
  );
  v_line.change := jsonb_strip_nulls(jsonb_build_object(
    'by', coalesce(substring(v_by from '^(USER|BOT|API|SYSTEM)'), case when v_line.author_id is null then 'SYSTEM' else 'AGENT' end),
    'from', case when v_moved and p_old.assignee_id is not null then
      jsonb_build_object('id', p_old.assignee_id, 'name', coalesce(
        v_names ->> p_old.assignee_id::text, heddle.name_in_lines(p_old.id, p_old.assignee_id), ''
      ))
    end,
    'to', case when v_moved and p_new.assignee_id is not null then
      jsonb_build_object('id', p_new.assignee_id, 'name', coalesce(v_names ->> p_new.assignee_id::text, ''))
    end,
    'was', case when v_turned then upper(p_old.status) end,
    'status', case when v_turned then upper(p_new.status) end,
    'until', case when v_turned then p_new.snoozed_until end,
    'needsHuman', case when v_asked then true end,
    'again', case when v_asked and (v_moved or v_turned) and p_old.asked_since is not null then true end
  ));
  -- A visitor who asks, and asks no longer, and asks again says nothing new.
  if v_asked and v_line.change ->> 'by' = 'USER' then
    select * into v_former from heddle.notes where conversation_id = p_new.id order by id desc limit 1;
    if v_former.change - array['was', 'status'] = v_line.change and v_former.after_seq = p_old.seq then
      return v_line;
    end if;
  end if;
  insert into heddle.notes (conversation_id, id, rev, after_seq, author_id, author_name, change)
  values (p_new.id, p_new.rev, p_new.rev, p_old.seq, v_line.author_id, v_line.author_name, v_line.change)
  returning * into v_line;
  return v_line;
end $$;

comment on function heddle.written_line is
  'Writes the line that tells the team who claimed, released, handed over, resolved, reopened or snoozed a conversation, or
asked for a person. Its number is that of the change; it has none, and is not kept, where the line before says the same. Null
for any other change.';

create function heddle.names_of(p_agent_id uuid, p_user_ids uuid[]) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if array_remove(p_user_ids, null) = '{}' then
    return '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(user_id, name), '{}') from heddle.members
    where org_id = (select org_id from heddle.agents where id = p_agent_id) and user_id = any (p_user_ids)
  );
end $$;

create function heddle.name_in_lines(p_conversation_id uuid, p_user_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select change #>> '{to,name}' from heddle.notes
    where conversation_id = p_conversation_id and change #>> '{to,id}' = p_user_id::text
    order by id desc limit 1
  );
end $$;

comment on function heddle.name_in_lines is 'What somebody who left was called when they got the conversation.';

create function heddle.announce_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_line heddle.notes := heddle.written_line(old, new);
  v_update jsonb;
  v_org_id uuid;
begin
  begin
    v_update := heddle.inbox_update(new, v_line);
    v_org_id := heddle.announce(
      new,
      null,
      case when
        (heddle.status_for_visitors(old), old.name, old.needs_human) is distinct from
        (heddle.status_for_visitors(new), new.name, new.needs_human)
        then array[heddle.list_update(new)] end,
      array[v_update]
    );
  exception when others then
    v_org_id := heddle.unannounced(new.agent_id, sqlstate, sqlerrm);
  end;
  -- That somebody has looked is nothing to subscribers.
  if v_org_id is not null and (v_line.id is not null or old.snooze_ended = new.snooze_ended) then
    perform heddle.log_change(v_org_id, new, v_line, coalesce(v_update -> 'data', heddle.rows_json(array[new]) -> 0));
  end if;
  return null;
end $$;

create function heddle.forget_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Not where the agent itself goes.
  insert into heddle.gone (agent_id, id) select id, old.id from heddle.agents where id = old.agent_id
  on conflict (agent_id, id) do update set xid = excluded.xid, at = excluded.at;
  if not found then
    return old;
  end if;
  begin
    perform heddle.announce(
      old,
      heddle.event('refresh', '{}'),
      array[heddle.event('refresh', '{}')],
      array[heddle.event('refresh', '{}')]
    );
  exception when others then
    perform heddle.count_failed_broadcast(old.agent_id, sqlstate, sqlerrm);
  end;
  return old;
end $$;

create function heddle.number_note() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  perform heddle.demand_item(found);
  perform heddle.open_inbox(v_conversation.agent_id);
  perform from heddle.conversations where id = new.conversation_id for no key update;
  perform heddle.demand_item(found);
  if tg_op = 'INSERT' and new.client_id is not null and exists (
    select from heddle.notes
    where conversation_id = new.conversation_id and client_id = new.client_id and author_id is not distinct from new.author_id
  ) then
    return null;
  end if;
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where id = new.conversation_id
  returning * into v_conversation;
  new.rev := v_conversation.rev;
  if tg_op = 'INSERT' then
    new.id := v_conversation.rev;
    new.after_seq := v_conversation.seq;
  else
    if new.deleted_at is not null then
      new.body := '';
    end if;
    insert into heddle.note_revisions (conversation_id, note_id, rev, body, replaced_by)
    values (new.conversation_id, new.id, new.rev, old.body, auth.uid());
  end if;
  new.words := array_to_tsvector(heddle.lexemes(v_conversation.agent_id, new.body));
  return new;
end $$;

create function heddle.keep_line() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(false, 'A line stays as the database wrote it.');
  return null;
end $$;

create function heddle.announce_note() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  perform heddle.announce(v_conversation, null, null, array[heddle.event(
    case when tg_op = 'INSERT' then 'note:new' when new.deleted_at is not null then 'note:deleted' else 'note:updated' end,
    jsonb_build_object(
      'conversationId', new.conversation_id, 'rev', new.rev, 'note', heddle.notes_json(array[new]) -> 0
    )
  )]);
  return null;
exception when others then
  perform heddle.count_failed_broadcast(v_conversation.agent_id, sqlstate, sqlerrm);
  return null;
end $$;

create function heddle.touch_conversation(p_conversation_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where id = p_conversation_id
  returning * into v_conversation;
  if not found then
    return;
  end if;
  begin
    perform heddle.announce(v_conversation, null, null, array[heddle.inbox_update(v_conversation)]);
  exception when others then
    perform heddle.count_failed_broadcast(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
end $$;

comment on function heddle.touch_conversation is 'Counts and announces a change of what belongs to a conversation.';

create function heddle.label_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.touch_conversation(case tg_op when 'DELETE' then old.conversation_id else new.conversation_id end);
  return null;
end $$;

create function heddle.count_bots() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := case tg_op when 'DELETE' then old.conversation_id else new.conversation_id end;
begin
  update heddle.conversations set bot_responds = not bot_responds
  where id = v_id and bot_responds <> exists (
    select from heddle.participants where conversation_id = v_id and role = 'bot' and auto_respond <> 'never'
  );
  return null;
end $$;

create function heddle.rename_visitor() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform heddle.log_person(new);
  -- Several conversations: in the order of their ids. Of one who has very many the older ones show it at the next fetch.
  for v_id in
    select id from (
      select id from heddle.conversations where visitor_id = new.id order by last_message_at desc limit 10
    ) newest order by id
  loop
    perform heddle.touch_conversation(v_id);
  end loop;
  return null;
end $$;

create trigger begin_conversation after insert on heddle.conversations for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.begin_conversation();
create trigger number_change
  before update of status, snoozed_until, snooze_ended, assignee_id, needs_human, bot_responds, name, moved_to on heddle.conversations
  for each row when (
    current_setting('heddle.importing', true) is distinct from 'on'
    and (old.status, old.snoozed_until, old.snooze_ended, old.assignee_id, old.needs_human, old.bot_responds, old.name, old.moved_to)
      is distinct from
      (new.status, new.snoozed_until, new.snooze_ended, new.assignee_id, new.needs_human, new.bot_responds, new.name, new.moved_to)
  ) execute function heddle.number_change();
create trigger announce_change
  after update of status, snoozed_until, snooze_ended, assignee_id, needs_human, bot_responds, name, moved_to on heddle.conversations
  for each row when (
    -- What comes with a message is told with it.
    current_setting('heddle.importing', true) is distinct from 'on' and old.rev <> new.rev and old.seq = new.seq
  ) execute function heddle.announce_change();
create trigger forget_conversation before delete on heddle.conversations for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.forget_conversation();
create trigger number_note before insert or update of body, deleted_at on heddle.notes
  for each row when (new.change is null) execute function heddle.number_note();
create trigger announce_note after insert or update of body, deleted_at on heddle.notes
  for each row when (new.change is null) execute function heddle.announce_note();
create trigger keep_line before update on heddle.notes
  for each row when (old.change is not null or new.change is not null) execute function heddle.keep_line();
create trigger label_conversation after insert or delete on heddle.conversation_labels for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.label_conversation();
create trigger count_bots_in after insert or update of auto_respond on heddle.participants for each row
  when (new.role = 'bot') execute function heddle.count_bots();
create trigger count_bots_out after delete on heddle.participants for each row
  when (old.role = 'bot') execute function heddle.count_bots();
create trigger rename_visitor after update of name, email on heddle.visitors for each row
  when ((old.name, old.email) is distinct from (new.name, new.email)) execute function heddle.rename_visitor();

revoke execute on function
  heddle.begin_conversation, heddle.with_need, heddle.number_change, heddle.act_as, heddle.written_line, heddle.names_of, heddle.name_in_lines,
  heddle.announce_change, heddle.keep_line, heddle.forget_conversation, heddle.number_note, heddle.announce_note,
  heddle.touch_conversation, heddle.label_conversation, heddle.count_bots, heddle.rename_visitor
from public;
