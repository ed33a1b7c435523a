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

create function heddle.bot_failed(p_conversation heddle.conversations, p_bot_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.messages (conversation_id, role, body)
  values (p_conversation.id, 'system', 'The assistant could not answer. A person will answer here.');
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
      select heddle.messages_json(array[message]) -> 0 from heddle.messages message
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

create function heddle_api.create_bot(p_agent_id uuid, p_name text, p_url text, p_auto_respond text default 'unclaimed') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_name text := heddle.one_line(p_name);
  v_bot heddle.bots;
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  perform heddle.demand_name('A bot''s name', v_name, 120);
  if exists (select from heddle.bots where agent_id = p_agent_id and heddle.name_key(name) = heddle.name_key(v_name)) then
    raise exception 'conflict' using errcode = 'PT409', detail = 'This agent has a bot of that name.';
  end if;
  perform heddle.demand_readable(v_name);
  insert into heddle.bots (agent_id, name, url, auto_respond) values (p_agent_id, v_name, p_url, p_auto_respond)
  returning * into v_bot;
  return jsonb_build_object('id', v_bot.id, 'secret', v_bot.secret);
end $$;

comment on function heddle_api.create_bot is
  'A bot that answers visitors of an agent''s store tabs: { id, secret }. The secret is shown this once. Null if there
is no such agent. PT409 if it has one of that name.';

create function heddle_api.list_bots(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', id, 'name', name, 'host', substring(url from '^[^:]+://([^/?#]*)'), 'autoRespond', auto_respond, 'createdAt', created_at,
      'previousUntil', case when heddle.in_grace(secret_previous, secret_previous_until) is not null then secret_previous_until end
    ) order by created_at, id), '[]')
    from heddle.bots where agent_id = p_agent_id
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
  -- Quietly: nobody reads anything else in a conversation for that, and there may be very many.
  perform set_config('heddle.importing', 'on', true);
  update heddle.conversations set bot_responds = false where agent_id = p_agent_id and bot_responds and not exists (
    select from heddle.bots where agent_id = p_agent_id and auto_respond <> 'never'
  );
  perform set_config('heddle.importing', '', true);
  return true;
end $$;

comment on function heddle_api.remove_bot is
  'Removes a bot. What it has written stays, and who waits for its answer waits for the team. False if there is none.';

create function heddle.inbox_create_bot(p_agent_id uuid, p_name text, p_url text, p_auto_respond text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  perform heddle.demand(p_url ~ '^https?://[^\s]+$' and length(p_url) <= 2048, 'A bot''s URL begins with https://.');
  perform heddle.demand(p_auto_respond in ('always', 'unclaimed', 'never'), 'It answers always, unclaimed or never.');
  return heddle_api.create_bot(p_agent_id, p_name, p_url, p_auto_respond);
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
  heddle.leave_waiting, heddle.bot_failed, heddle.bot_hands_over,
  heddle.end_turns, heddle.tend_bots, heddle.may_read_along, heddle.is_asker, heddle.turn_json, heddle_api.bot_take, heddle_api.bot_begin, heddle.bot_may_speak,
  heddle_api.bot_done, heddle_api.create_bot, heddle_api.list_bots, heddle_api.remove_bot, heddle_api.rotate_bot,
  heddle.inbox_create_bot, heddle_api.inbox_create_bot, heddle.inbox_remove_bot,
  heddle.inbox_rotate_bot, heddle_api.inbox_rotate_bot,
  heddle_api.inbox_remove_bot
from public;
grant execute on function
  heddle_api.bot_take, heddle_api.bot_begin, heddle_api.bot_done, heddle_api.create_bot, heddle_api.list_bots,
  heddle_api.remove_bot, heddle_api.rotate_bot
to service_role;
grant execute on function
  heddle.inbox_create_bot, heddle_api.inbox_create_bot, heddle.inbox_remove_bot,
  heddle_api.inbox_remove_bot, heddle.inbox_rotate_bot, heddle_api.inbox_rotate_bot
to authenticated;
