-- What operators write.

create function heddle.take_part(p_conversation_id uuid, p_user_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.participants (conversation_id, role, user_id) values (p_conversation_id, 'operator', p_user_id)
  on conflict do nothing;
end $$;

create function heddle.write_message(
  p_conversation_id uuid,
  p_client_id uuid,
  p_role text,
  p_author_id text,
  p_author_name text,
  p_body text,
  p_attachments jsonb
) returns heddle.messages
language plpgsql set search_path = '' as $$
declare
  v_message heddle.messages;
begin
  perform heddle.demand(p_client_id is not null, 'A message needs its sender''s key.');
  perform heddle.demand_files(p_attachments);
  perform heddle.demand_text(case when jsonb_array_length(p_attachments) > 0 then p_body || '(files)' else p_body end);
  insert into heddle.messages (conversation_id, client_id, role, author_id, author_name, body, attachments)
  values (p_conversation_id, p_client_id, p_role, p_author_id, p_author_name, p_body, p_attachments)
  returning * into v_message;
  if v_message.seq is null then
    select * into v_message from heddle.messages
    where conversation_id = p_conversation_id and client_id = p_client_id
      and role = p_role and author_id is not distinct from p_author_id;
  elsif p_role = 'operator' and p_author_id is not null then
    perform heddle.take_part(p_conversation_id, p_author_id::uuid);
  end if;
  return v_message;
end $$;

comment on function heddle.write_message is
  'A message of the team''s, of a bot''s or the system''s; the same p_client_id of the same author again answers with the first
one. PT400.';

create function heddle.revise_message(p_message heddle.messages, p_body text, p_version timestamptz default null)
returns heddle.messages
language plpgsql set search_path = '' as $$
declare
  v_message heddle.messages;
begin
  perform heddle.demand_text(coalesce(p_body, '(deleted)'));
  update heddle.messages set
    body = coalesce(p_body, ''),
    edited_at = case when p_body is not null then clock_timestamp() else edited_at end,
    deleted_at = case when p_body is null then clock_timestamp() end
  where conversation_id = p_message.conversation_id and seq = p_message.seq
    and deleted_at is null and coalesce(p_version = coalesce(edited_at, created_at), true)
  returning * into v_message;
  if not found then
    v_message := p_message;
    perform heddle.demand_item(p_body is null or v_message.deleted_at is null);
    -- Doing again what has been done changes nothing.
    perform heddle.demand_version(v_message.body = coalesce(p_body, ''));
  end if;
  return v_message;
end $$;

comment on function heddle.revise_message is
  'Changes a message of a conversation that the caller has locked; without a body: deletes it. PT404 for one that is gone, PT409
where it has another p_version than given.';

create function heddle.inbox_post(p_conversation_id uuid, p_client_id uuid, p_body text, p_attachments jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
  v_message heddle.messages;
begin
  v_message := heddle.write_message(
    p_conversation_id, p_client_id, 'operator', v_me.user_id::text, v_me.name, p_body, p_attachments
  );
  return jsonb_build_object('rev', v_message.changed_rev, 'message', heddle.messages_json(array[v_message]) -> 0);
end $$;

create function heddle.inbox_edit(
  p_conversation_id uuid,
  p_seq integer,
  p_body text,
  p_version timestamptz
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_message heddle.messages;
begin
  perform from heddle.conversations where id = p_conversation_id for no key update;
  select * into v_message from heddle.messages
  where conversation_id = p_conversation_id and seq = p_seq and role = 'operator' and author_id = auth.uid()::text;
  perform heddle.demand_item(found);
  v_message := heddle.revise_message(v_message, p_body, p_version);
  return jsonb_build_object('rev', v_message.changed_rev, 'message', heddle.messages_json(array[v_message]) -> 0);
end $$;

create function heddle.inbox_read(p_conversation_id uuid, p_seq integer, p_seen boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me uuid := auth.uid();
  v_mine integer;
  v_seen integer;
  v_read integer;
  v_delivered integer;
begin
  perform heddle.demand(p_seq >= 0 and p_seen is not null, 'It needs how far, and whether it was seen.');
  select read_seq into v_mine from heddle.reads where conversation_id = p_conversation_id and user_id = v_me;
  -- What an operator saw while a colleague held it counts for the team once the operator, or nobody, holds it.
  v_seen := case
    when coalesce(v_conversation.assignee_id, v_me) = v_me then least(coalesce(v_mine, 0), v_conversation.team_read_seq)
    else coalesce(v_mine, 0)
  end;
  if p_seen and v_conversation.snooze_ended and coalesce(v_conversation.assignee_id, v_me) = v_me then
    update heddle.conversations set snooze_ended = false where id = p_conversation_id and snooze_ended;
  end if;
  if p_seen then
    perform heddle.see_notifications(v_conversation, v_me);
  end if;
  if p_seq <= v_conversation.team_delivered_seq and (not p_seen or p_seq <= v_seen) then
    return heddle.cursors_json(v_conversation);
  end if;
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  v_delivered := greatest(v_conversation.team_delivered_seq, least(p_seq, v_conversation.seq));
  v_read := v_conversation.team_read_seq;
  if p_seen then
    insert into heddle.reads as seen (conversation_id, user_id, read_seq, read_at)
    values (p_conversation_id, v_me, least(p_seq, v_conversation.seq), clock_timestamp())
    on conflict (conversation_id, user_id) do update
      set read_seq = excluded.read_seq, read_at = excluded.read_at where seen.read_seq < excluded.read_seq;
    -- A colleague who looks in reads nothing for its holder.
    if coalesce(v_conversation.assignee_id, v_me) = v_me then
      v_read := greatest(v_read, least(p_seq, v_conversation.seq));
    end if;
  end if;
  if (v_read, v_delivered) is distinct from (v_conversation.team_read_seq, v_conversation.team_delivered_seq) then
    perform heddle.move_cursors(v_conversation, 'AGENT', v_read, v_delivered);
    select * into v_conversation from heddle.conversations where id = p_conversation_id;
  end if;
  return heddle.cursors_json(v_conversation);
end $$;

create function heddle.inbox_claim(p_conversation_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
begin
  -- One statement: of any number at once it finds the row unclaimed for the first only. Who left the team holds nothing.
  update heddle.conversations set assignee_id = v_me.user_id, needs_human = false
  where id = p_conversation_id and (assignee_id is null or not heddle.answers_for(agent_id, assignee_id))
  returning * into v_conversation;
  if found then
    perform heddle.take_part(p_conversation_id, v_me.user_id);
    return heddle.row_answer(p_conversation_id);
  end if;
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  if v_conversation.assignee_id is distinct from v_me.user_id then
    raise exception 'conflict' using errcode = 'PT409', detail = coalesce((
      select name from heddle.members where org_id = v_me.org_id and user_id = v_conversation.assignee_id
    ), '');
  end if;
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.assign(p_conversation heddle.conversations, p_to uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(
    p_to is null or heddle.answers_for(p_conversation.agent_id, p_to), 'There is no such member for this agent.'
  );
  update heddle.conversations set assignee_id = p_to, needs_human = needs_human and p_to is null
  where id = p_conversation.id and (assignee_id is distinct from p_to or needs_human and p_to is not null);
end $$;

create function heddle.inbox_assign(p_conversation_id uuid, p_to uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.assign(heddle.answerable(p_conversation_id), p_to);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.said_since(p_conversation heddle.conversations, p_rev integer) returns text
language plpgsql stable set search_path = '' as $$
declare
  -- As for inbox_thread_changes: what is newer has one of so many last numbers.
  v_from_seq constant integer := p_conversation.seq - (p_conversation.rev - p_rev);
begin
  return case
    when exists (
      select from heddle.messages
      where conversation_id = p_conversation.id and role = 'visitor' and deleted_at is null and changed_rev > p_rev
        and (seq > v_from_seq or changed_seq > seq and changed_seq > v_from_seq)
    ) then 'wrote'
    when p_conversation.needs_human and exists (
      select from heddle.notes
      where conversation_id = p_conversation.id and id > p_rev and change ->> 'by' = 'USER' and change ? 'needsHuman'
    ) then 'asked for a person'
  end;
end $$;

comment on function heddle.said_since is
  'What a conversation''s visitor did behind its number p_rev: wrote, or changed what was written, or asked for a person. Null:
nothing that is left.';

create function heddle.demand_seen(p_conversation_id uuid, p_seen_rev integer) returns void
language plpgsql set search_path = '' as $$
declare
  c_name constant integer := 120;
  v_conversation heddle.conversations;
  v_said text;
begin
  perform heddle.demand(p_seen_rev >= 0, 'What was seen is a number that a row had.');
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  v_said := heddle.said_since(v_conversation, p_seen_rev);
  if v_said is not null then
    raise exception 'conflict' using errcode = 'PT409', detail = format('%s %s in the meantime.', coalesce((
      select nullif(left(heddle.one_line(name), c_name), '') from heddle.visitors where id = v_conversation.visitor_id
    ), 'The visitor'), v_said);
  end if;
end $$;

comment on function heddle.demand_seen is 'Locks a conversation. Raises PT409 if its visitor did something behind what was seen.';

create function heddle.set_status(
  p_conversation heddle.conversations,
  p_status text,
  p_until timestamptz,
  p_seconds integer,
  p_seen_rev integer default null
) returns void
language plpgsql set search_path = '' as $$
declare
  v_status text := lower(p_status);
  v_until timestamptz := coalesce(p_until, now() + make_interval(secs => p_seconds));
begin
  perform heddle.demand(num_nonnulls(p_until, p_seconds) < 2, 'A snooze has an end or a length.');
  perform heddle.demand(
    v_status in ('open', 'snoozed', 'resolved'), 'The status must be open, snoozed or resolved.'
  );
  perform heddle.demand(
    case when v_status = 'snoozed' then v_until > now() and v_until <= now() + interval '5 years' else v_until is null end,
    'Snoozing needs a time to come, nothing else has one.'
  );
  if v_status <> 'open' and p_seen_rev is not null then
    perform heddle.demand_seen(p_conversation.id, p_seen_rev);
  end if;
  update heddle.conversations set
    status = v_status,
    snoozed_until = v_until,
    needs_human = needs_human and v_status = 'open'
  where id = p_conversation.id
    and (status <> v_status or snoozed_until is distinct from v_until or needs_human and v_status <> 'open');
end $$;

create function heddle.inbox_status(
  p_conversation_id uuid,
  p_status text,
  p_until timestamptz,
  p_seconds integer,
  p_seen_rev integer
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.set_status(heddle.answerable(p_conversation_id), p_status, p_until, p_seconds, p_seen_rev);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.ask_for_person(p_conversation heddle.conversations, p_needs boolean) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(p_needs is not null, 'It is needed, or not.');
  update heddle.conversations set needs_human = p_needs, status = case when p_needs then 'open' else status end
  where id = p_conversation.id and (needs_human <> p_needs or p_needs and status <> 'open');
end $$;

create function heddle.inbox_needs_human(p_conversation_id uuid, p_needs boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.ask_for_person(heddle.answerable(p_conversation_id), p_needs);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.inbox_resolve_many(p_agent_id uuid, p_ids uuid[], p_seen_revs integer[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 15;
  v_me uuid := (heddle.enter_inbox(p_agent_id)).user_id;
  v_unseen uuid[];
  v_ids uuid[];
begin
  perform heddle.demand(
    p_seen_revs is null or cardinality(p_seen_revs) = cardinality(p_ids), 'What was seen has a number for each conversation.'
  );
  -- Each is announced, and visitors wait for what this has locked.
  perform heddle.demand(cardinality(p_ids) <= c_most, format('At most %s conversations at once.', c_most));
  perform from heddle.conversations where id = any (p_ids) and agent_id = p_agent_id order by id for no key update;
  select coalesce(array_agg(conversation.id), '{}') into v_unseen
  from unnest(p_ids, p_seen_revs) seen (id, rev) join heddle.conversations conversation on conversation.id = seen.id
  where agent_id = p_agent_id and status <> 'resolved' and heddle.said_since(conversation, seen.rev) is not null;
  with resolved as (
    update heddle.conversations set status = 'resolved', snoozed_until = null, needs_human = false
    where id = any (p_ids) and agent_id = p_agent_id and status <> 'resolved' and id <> all (v_unseen)
    returning id
  )
  select array_agg(id) into v_ids from resolved;
  return jsonb_build_object('resolved', to_jsonb(coalesce(v_ids, '{}')), 'unseen', to_jsonb(v_unseen));
end $$;

create function heddle.inbox_note(p_conversation_id uuid, p_client_id uuid, p_body text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
  v_note heddle.notes;
begin
  perform heddle.demand(p_client_id is not null, 'A note needs its writer''s key.');
  perform heddle.demand_text(p_body);
  insert into heddle.notes (conversation_id, client_id, author_id, author_name, body)
  values (p_conversation_id, p_client_id, v_me.user_id, v_me.name, p_body)
  returning * into v_note;
  if v_note.id is null then
    select * into v_note from heddle.notes
    where conversation_id = p_conversation_id and client_id = p_client_id and author_id = v_me.user_id;
  end if;
  return jsonb_build_object('rev', v_note.rev, 'note', heddle.notes_json(array[v_note]) -> 0);
end $$;

create function heddle.inbox_edit_note(
  p_conversation_id uuid,
  p_note_id integer,
  p_body text,
  p_version timestamptz
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.answerable(p_conversation_id);
  v_note heddle.notes;
begin
  perform heddle.demand_text(coalesce(p_body, '(deleted)'));
  perform from heddle.conversations where id = p_conversation_id for no key update;
  update heddle.notes set
    body = coalesce(p_body, ''),
    edited_at = case when p_body is not null then clock_timestamp() else edited_at end,
    deleted_at = case when p_body is null then clock_timestamp() end
  where conversation_id = p_conversation_id and id = p_note_id and author_id = auth.uid() and deleted_at is null
    and change is null and coalesce(p_version = coalesce(edited_at, created_at), true)
  returning * into v_note;
  if not found then
    select * into v_note from heddle.notes
    where conversation_id = p_conversation_id and id = p_note_id and author_id = auth.uid() and change is null
      and (p_body is null or deleted_at is null);
    perform heddle.demand_item(found);
    -- Doing again what has been done changes nothing.
    perform heddle.demand_version(v_note.body = coalesce(p_body, ''));
  end if;
  return jsonb_build_object('rev', v_note.rev, 'note', heddle.notes_json(array[v_note]) -> 0);
end $$;

create function heddle.label(p_conversation heddle.conversations, p_label_id integer, p_on boolean) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(p_on is not null, 'A label is on or off.');
  perform from heddle.conversations where id = p_conversation.id for no key update;
  -- Held, and behind the conversation as where a label is deleted.
  perform from heddle.labels where id = p_label_id and agent_id = p_conversation.agent_id for key share;
  perform heddle.demand(found, 'This agent has no such label.');
  if p_on then
    insert into heddle.conversation_labels (conversation_id, label_id) values (p_conversation.id, p_label_id)
    on conflict do nothing;
  else
    delete from heddle.conversation_labels where conversation_id = p_conversation.id and label_id = p_label_id;
  end if;
end $$;

create function heddle.inbox_label(p_conversation_id uuid, p_label_id integer, p_on boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.label(heddle.answerable(p_conversation_id), p_label_id, p_on);
  return heddle.row_answer(p_conversation_id);
end $$;

create function heddle.row_answer(p_conversation_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object('rev', conversation.rev, 'row', heddle.rows_json(array[conversation]) -> 0)
    from heddle.conversations conversation where id = p_conversation_id
  );
end $$;

create function heddle.answers_for(p_agent_id uuid, p_user_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (
    select from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
    where agent.id = p_agent_id and member.user_id = p_user_id and heddle.answers(member, agent.id)
  );
end $$;

create function heddle_api.inbox_post(
  p_conversation_id uuid,
  p_client_id uuid,
  p_body text,
  p_attachments jsonb default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_post(p_conversation_id, p_client_id, p_body, p_attachments);
end $$;

comment on function heddle_api.inbox_post is
  'An operator''s message; the same p_client_id again answers with the first one. p_attachments: at most 20 of { url, id?, name?,
mime?, size?, width?, height? }. { rev, message }. PT400, PT404.';

create function heddle_api.inbox_edit(
  p_conversation_id uuid,
  p_seq integer,
  p_body text default null,
  p_version timestamptz default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_edit(p_conversation_id, p_seq, p_body, p_version);
end $$;

comment on function heddle_api.inbox_edit is
  'Changes the operator''s own message; without a body: deletes it, which leaves an empty one. p_version: when what the operator saw
of it was written (its editedAt, else its createdAt); without it whatever is there is replaced. { rev, message }. PT404 for
anybody else''s, PT409 if it says something else by now.';

create function heddle_api.inbox_read(p_conversation_id uuid, p_seq integer, p_seen boolean default true) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_read(p_conversation_id, p_seq, p_seen);
end $$;

comment on function heddle_api.inbox_read is
  'How far the operator has seen a conversation, which also ends the mark of a snooze that ended, or with p_seen false: how far
it has reached the team. Never goes back. { readSeqs, deliveredSeqs }. PT404.';

create function heddle_api.inbox_claim(p_conversation_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_claim(p_conversation_id);
end $$;

comment on function heddle_api.inbox_claim is
  'Takes an unclaimed conversation; the caller''s own again: as before. { rev, row }. PT409 with the holder''s name as detail,
PT404.';

create function heddle_api.inbox_assign(p_conversation_id uuid, p_to uuid default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_assign(p_conversation_id, p_to);
end $$;

comment on function heddle_api.inbox_assign is
  'Hands a conversation to a member, or to nobody. { rev, row }. PT400 for who answers not for the agent, PT404.';

create function heddle_api.inbox_status(
  p_conversation_id uuid,
  p_status text,
  p_until timestamptz default null,
  p_seconds integer default null,
  p_seen_rev integer default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_status(p_conversation_id, p_status, p_until, p_seconds, p_seen_rev);
end $$;

comment on function heddle_api.inbox_status is
  'Opens, snoozes until a time or for so many seconds from now, or resolves a conversation. { rev, row }. With p_seen_rev, the
number of the row that the operator saw, PT409 if its visitor wrote or asked for a person behind that, a sentence as detail.
PT400, PT404.';

create function heddle_api.inbox_needs_human(p_conversation_id uuid, p_needs boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_needs_human(p_conversation_id, p_needs);
end $$;

comment on function heddle_api.inbox_needs_human is
  'Says that a conversation needs a human, which opens what was put away, or no longer. { rev, row }. PT404.';

create function heddle_api.inbox_resolve_many(
  p_agent_id uuid,
  p_ids uuid[],
  p_seen_revs integer[] default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_resolve_many(p_agent_id, p_ids, p_seen_revs);
end $$;

comment on function heddle_api.inbox_resolve_many is
  'Resolves up to 15 conversations: { resolved: [id], unseen: [id] }, those that were not yet. With p_seen_revs, the number that
the row of each had when it was seen, those stay open whose visitor wrote or asked for a person behind that. PT400, PT404.';

create function heddle_api.inbox_note(p_conversation_id uuid, p_client_id uuid, p_body text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_note(p_conversation_id, p_client_id, p_body);
end $$;

comment on function heddle_api.inbox_note is
  'A note for the team; the same p_client_id again answers with the first one. { rev, note }. PT404.';

create function heddle_api.inbox_edit_note(
  p_conversation_id uuid,
  p_note_id integer,
  p_body text default null,
  p_version timestamptz default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_edit_note(p_conversation_id, p_note_id, p_body, p_version);
end $$;

comment on function heddle_api.inbox_edit_note is
  'Changes the operator''s own note; without a body: deletes it. p_version as for inbox_edit. { rev, note }. PT404 for anybody
else''s, PT409 if it says something else by now.';

create function heddle_api.inbox_label(p_conversation_id uuid, p_label_id integer, p_on boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_label(p_conversation_id, p_label_id, p_on);
end $$;

comment on function heddle_api.inbox_label is
  'Puts a label on a conversation, or takes it off. { rev, row }. PT400, PT404.';

revoke execute on function
  heddle.take_part, heddle.write_message, heddle.revise_message, heddle.assign, heddle.set_status, heddle.label,
  heddle.ask_for_person, heddle.row_answer, heddle.answers_for, heddle.inbox_post, heddle_api.inbox_post,
  heddle.inbox_edit, heddle_api.inbox_edit, heddle.inbox_read, heddle_api.inbox_read, heddle.inbox_claim,
  heddle_api.inbox_claim, heddle.inbox_assign, heddle_api.inbox_assign, heddle.inbox_status, heddle_api.inbox_status,
  heddle.inbox_needs_human, heddle_api.inbox_needs_human, heddle.inbox_resolve_many, heddle_api.inbox_resolve_many,
  heddle.inbox_note, heddle_api.inbox_note, heddle.inbox_edit_note, heddle_api.inbox_edit_note, heddle.inbox_label,
  heddle_api.inbox_label, heddle.said_since, heddle.demand_seen
from public;
grant execute on function
  heddle.inbox_post, heddle_api.inbox_post, heddle.inbox_edit, heddle_api.inbox_edit, heddle.inbox_read,
  heddle_api.inbox_read, heddle.inbox_claim, heddle_api.inbox_claim, heddle.inbox_assign, heddle_api.inbox_assign,
  heddle.inbox_status, heddle_api.inbox_status, heddle.inbox_needs_human, heddle_api.inbox_needs_human,
  heddle.inbox_resolve_many, heddle_api.inbox_resolve_many, heddle.inbox_note, heddle_api.inbox_note,
  heddle.inbox_edit_note, heddle_api.inbox_edit_note, heddle.inbox_label, heddle_api.inbox_label
to authenticated;
