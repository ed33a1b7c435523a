-- How whom a rule is about hears of it outside the inbox: by e-mail and by push. What is due is written when it is sent, from
-- what holds then: whoever has seen it meanwhile gets nothing.

create table heddle.notification_preferences (
  org_id uuid not null,
  user_id uuid not null,
  email boolean not null default true,
  push boolean not null default true,
  primary key (org_id, user_id)
);
alter table heddle.notification_preferences enable row level security;

comment on table heddle.notification_preferences is 'Which channels a member wants. Without a row: all that a rule has. It stays as long as the account does: whoever wants
no mails gets none because they are removed and invited again.';

create table heddle.mail_stops (
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  address_hash bytea not null,
  stopped_at timestamptz not null default now(),
  primary key (agent_id, address_hash)
);
alter table heddle.mail_stops enable row level security;

comment on table heddle.mail_stops is 'Visitors who want no mails of an agent''s. Of the address its hash is kept alone.';

create table heddle.push_keys (
  is_one boolean primary key default true check (is_one),
  public_key text not null check (public_key ~ '^[A-Za-z0-9_-]{87}$'),
  private_key text not null check (private_key ~ '^[A-Za-z0-9_-]{43}$'),
  created_at timestamptz not null default now()
);
alter table heddle.push_keys enable row level security;

comment on table heddle.push_keys is 'The key pair that push services know this project by (RFC 8292). Browsers get the public one.';

create table heddle.push_subscriptions (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  user_id uuid not null,
  endpoint text not null check (endpoint ~ '^https?://[!-~]+$' and length(endpoint) <= 2000),
  p256dh text not null check (p256dh ~ '^[A-Za-z0-9_-]{87}$'),
  auth text not null check (auth ~ '^[A-Za-z0-9_-]{22}$'),
  has_worked boolean not null default false,
  failures integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  unique (org_id, endpoint),
  foreign key (org_id, user_id) references heddle.members (org_id, user_id) on delete cascade
);
create index push_subscriptions_member on heddle.push_subscriptions (org_id, user_id, created_at);
alter table heddle.push_subscriptions enable row level security;

comment on table heddle.push_subscriptions is 'Browsers in which members are told by push.';
comment on column heddle.push_subscriptions.failures is
  'Messages in a row that its push service has refused; while it has never worked also those that failed otherwise.';

create table heddle.visitor_devices (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  visitor_id bigint not null references heddle.visitors (id) on delete cascade,
  endpoint text not null check (endpoint ~ '^https?://[!-~]+$' and length(endpoint) <= 2000),
  p256dh text not null check (p256dh ~ '^[A-Za-z0-9_-]{87}$'),
  auth text not null check (auth ~ '^[A-Za-z0-9_-]{22}$'),
  has_worked boolean not null default false,
  failures integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  unique (agent_id, endpoint)
);
create index visitor_devices_visitor on heddle.visitor_devices (visitor_id, created_at);
alter table heddle.visitor_devices enable row level security;

comment on table heddle.visitor_devices is 'Browsers in which visitors are told by push of answers, because they asked for it there.';
comment on column heddle.visitor_devices.failures is 'As in push_subscriptions.';

create function heddle.after_quiet(p_due timestamptz, p_rule heddle.notification_rules) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  v_local timestamp := p_due at time zone p_rule.quiet_zone;
  v_end timestamp := v_local::date + p_rule.quiet_to;
  v_at time := v_local::time;
begin
  if p_rule.quiet_zone is null or p_rule.priority = 'critical' then
    return p_due;
  end if;
  if p_rule.quiet_from < p_rule.quiet_to then
    return case when v_at >= p_rule.quiet_from and v_at < p_rule.quiet_to then v_end at time zone p_rule.quiet_zone else p_due end;
  end if;
  return case
    when v_at >= p_rule.quiet_from then (v_end + interval '1 day') at time zone p_rule.quiet_zone
    when v_at < p_rule.quiet_to then v_end at time zone p_rule.quiet_zone
    else p_due
  end;
end $$;

comment on function heddle.after_quiet is 'The same time, or the end of the quiet hours that it falls into. What is critical has none.';

create function heddle.told_due(p_rule heddle.notification_rules, p_kind text, p_target uuid, p_batch_key text)
returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  v_last timestamptz;
begin
  -- What a worker holds is on its way.
  select max(coalesce(ended_at, now())) into v_last from heddle.deliveries
  where target = p_target and kind = p_kind and batch_key = p_batch_key
    and (status = 'sent' or status = 'queued' and attempts > 0);
  return heddle.after_quiet(
    greatest(
      now() + make_interval(mins => case p_kind when 'email' then p_rule.delay_minutes else 0 end),
      case when p_rule.priority <> 'critical' then v_last + make_interval(mins => p_rule.batch_minutes) end
    ),
    p_rule
  );
end $$;

comment on function heddle.told_due is
  'When a mail of a rule leaves: after its delay, no sooner after the last one of the kind than its batch window, outside its
quiet hours. A push message leaves so without a delay.';

create function heddle.queue_notifications(p_rule heddle.notification_rules, p_made heddle.notifications[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_made heddle.notifications;
  v_wanted heddle.notification_preferences;
  -- Who asks for a person waits for one: that is one thing to tell of.
  v_what constant text := case p_rule.rule when 'waiting' then 'needs_human' else p_rule.rule end;
  v_device uuid;
begin
  foreach v_made in array p_made loop
    select * into v_wanted from heddle.notification_preferences
    where org_id = v_made.org_id and user_id = v_made.recipient;
    if 'email' = any (p_rule.channels) and coalesce(v_wanted.email, true) then
      perform heddle.queue_told(p_rule, v_made, 'email', v_made.recipient, v_made.agent_id || ' ' || v_what);
    end if;
    if 'push' = any (p_rule.channels) and coalesce(v_wanted.push, true) then
      for v_device in
        select id from heddle.push_subscriptions where org_id = v_made.org_id and user_id = v_made.recipient
      loop
        perform heddle.queue_told(p_rule, v_made, 'push', v_device, v_made.agent_id || ' ' || v_what);
      end loop;
    end if;
  end loop;
end $$;

comment on function heddle.queue_notifications is 'Queues mails and push messages for what a rule has just told members of.';

create function heddle.queue_told(
  p_rule heddle.notification_rules,
  p_made heddle.notifications,
  p_kind text,
  p_target uuid,
  p_batch_key text
) returns void
language plpgsql set search_path = '' as $$
declare
  v_id bigint;
begin
  v_id := heddle.queue_delivery(
    p_made.org_id, p_made.agent_id, p_kind, p_target,
    jsonb_build_object(
      'audience', 'team', 'conversationId', p_made.conversation_id, 'rule', p_made.rule, 'memberId', p_made.recipient
    ),
    null, null, p_batch_key, heddle.told_due(p_rule, p_kind, p_target, p_batch_key)
  );
  update heddle.notifications set deliveries = array_append(array_remove(deliveries, v_id), v_id) where id = p_made.id;
  -- It stays when one of several conversations is erased.
  update heddle.deliveries set content = content - 'conversationId'
  where id = v_id and exists (
    select from heddle.notifications told
    where told.recipient = p_made.recipient and told.agent_id = p_made.agent_id and v_id = any (told.deliveries)
      and told.conversation_id is distinct from p_made.conversation_id
  );
end $$;

comment on function heddle.queue_told is
  'Queues one mail or push message for all conversations: nobody is flooded by a crowd, or by somebody who plays one. One that tells
of several is about none alone.';

create function heddle.notify_of_messages(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_from pg_snapshot,
  p_to pg_snapshot
) returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  c_topics constant jsonb := '[
    { "source": "conversations", "resource": "conversation", "event": "message_posted" },
    { "source": "rooms", "resource": "room", "event": "message_posted" }
  ]';
  v_conversation heddle.conversations;
  v_made heddle.notifications[] := '{}';
begin
  for v_conversation in
    select * from heddle.conversations
    where id in (
      select resource_id::uuid from heddle.events_between(p_from, p_to, -1, null, null, array[p_agent.id], c_topics)
    )
    order by id
  loop
    if p_rule.rule = 'new_message' then
      v_made := v_made || heddle.notify_holder(p_agent, p_rule, v_conversation);
    else
      perform heddle.queue_answers(p_agent, p_rule, v_conversation);
    end if;
  end loop;
  return v_made;
end $$;

create function heddle.notify_holder(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_conversation heddle.conversations
) returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  v_seq integer;
begin
  if p_conversation.assignee_id is null then
    return '{}';
  end if;
  select min(seq) into v_seq from heddle.messages
  where conversation_id = p_conversation.id and role = 'visitor' and deleted_at is null
    and seq > coalesce((
      select read_seq from heddle.reads where conversation_id = p_conversation.id and user_id = p_conversation.assignee_id
    ), p_conversation.team_read_seq);
  if v_seq is null then
    return '{}';
  end if;
  return heddle.make_notifications(p_agent, p_conversation, p_rule, v_seq::text, '%s has written.');
end $$;

comment on function heddle.notify_holder is 'Tells whoever holds a conversation of the first message there that they have not read.';

create function heddle.task_text(p_event heddle.events) returns text
language plpgsql immutable set search_path = '' as $$
declare
  c_most constant integer := 400;
  v_said text := nullif(heddle.one_line(coalesce(p_event.data ->> 'text', '')), '');
  v_name text := nullif(heddle.one_line(coalesce(p_event.data ->> 'title', '')), '');
  v_why text := nullif(heddle.one_line(coalesce(p_event.data ->> 'error', '')), '');
begin
  return left(coalesce(v_said, coalesce(v_name, initcap(p_event.resource) || ' ' || p_event.resource_id) || case
    when p_event.event = 'completed' then ' is done.'
    else ' has failed' || coalesce(': ' || v_why, '.')
  end), c_most);
end $$;

comment on function heddle.task_text is
  'What is told of a task or flow that ended: its data''s text, or what its title (else its id) and error say.';

create function heddle.notify_of_tasks(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_from pg_snapshot,
  p_to pg_snapshot
) returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  c_topics constant jsonb := '[
    { "resource": "task", "event": "completed" }, { "resource": "task", "event": "failed" },
    { "resource": "flow", "event": "completed" }, { "resource": "flow", "event": "failed" }
  ]';
  v_event heddle.events;
  v_made heddle.notifications[] := '{}';
begin
  for v_event in
    select * from heddle.events_between(p_from, p_to, -1, null, array[p_agent.org_id], null, c_topics)
    where coalesce(agent_id, p_agent.id) = p_agent.id
  loop
    v_made := v_made || heddle.notify_of_task(p_agent, p_rule, v_event);
  end loop;
  return v_made;
end $$;

create function heddle.notify_of_task(p_agent heddle.agents, p_rule heddle.notification_rules, p_event heddle.events)
returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_made heddle.notifications[];
begin
  select * into v_conversation from heddle.conversations
  where id::text = p_event.data ->> 'conversationId' and agent_id = p_agent.id for key share;
  with made as (
    insert into heddle.notifications (org_id, agent_id, recipient, conversation_id, rule, key, priority, content)
    select p_agent.org_id, p_agent.id, member.user_id, v_conversation.id, p_rule.rule, p_event.id::text, p_rule.priority,
      heddle.task_text(p_event)
    from heddle.members member
    where member.org_id = p_agent.org_id and heddle.answers(member, p_agent.id) and case jsonb_typeof(p_event.data -> 'to')
      when 'array' then p_event.data -> 'to' ?| array[member.user_id::text, lower(member.email)]
      else v_conversation.assignee_id is null or v_conversation.assignee_id = member.user_id
    end
    order by member.user_id
    on conflict do nothing
    returning *
  )
  select coalesce(array_agg(made::heddle.notifications), '{}') into v_made from made;
  return v_made;
end $$;

comment on function heddle.notify_of_task is
  'Tells of one that ended: the members that its data''s `to` names by id or address, else whoever holds the conversation that its
data names, else all who answer for the agent.';

create function heddle.agents_to_tell(p_event heddle.events) returns uuid[]
language plpgsql stable set search_path = '' as $$
begin
  if p_event.resource not in ('task', 'flow') or p_event.event not in ('completed', 'failed') then
    return '{}';
  end if;
  return array(
    select rule.agent_id from heddle.notification_rules rule join heddle.agents agent on agent.id = rule.agent_id
    where rule.rule = 'task_ended' and rule.is_on and agent.org_id = p_event.org_id
      and coalesce(p_event.agent_id, agent.id) = agent.id
  );
end $$;

comment on function heddle.agents_to_tell is 'Whose rules are about an event that a service of the owner''s has written.';

create function heddle.queue_answers(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_conversation heddle.conversations
) returns void
language plpgsql set search_path = '' as $$
begin
  if 'email' = any (p_rule.channels) then
    perform heddle.queue_answer_mails(p_agent, p_rule, p_conversation);
  end if;
  if 'push' = any (p_rule.channels) then
    perform heddle.queue_answer_pushes(p_agent, p_rule, p_conversation);
  end if;
end $$;

comment on function heddle.queue_answers is 'Queues what tells the visitors of a conversation that the team has written something unread.';

create function heddle.queue_answer_mails(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_conversation heddle.conversations
) returns void
language plpgsql set search_path = '' as $$
declare
  v_visitor bigint;
  v_key text;
begin
  for v_visitor in
    select participant.visitor_id from heddle.participants participant
    join heddle.visitors visitor on visitor.id = participant.visitor_id
    where participant.conversation_id = p_conversation.id and heddle.is_address(visitor.email)
      and exists (select from heddle.unread_answers(
        p_conversation.id, participant.read_seq, heddle.mailed_roles(visitor, participant)
      ))
    order by participant.visitor_id
  loop
    v_key := 'visitor ' || v_visitor;
    perform heddle.queue_delivery(
      p_agent.org_id, p_agent.id, 'email', p_conversation.id,
      jsonb_build_object(
        'audience', 'visitor', 'conversationId', p_conversation.id, 'visitorId', v_visitor, 'rule', p_rule.rule
      ),
      null, null, v_key, heddle.told_due(p_rule, 'email', p_conversation.id, v_key)
    );
  end loop;
end $$;

comment on function heddle.queue_answer_mails is
  'Queues a mail to each visitor of a conversation who gave an address and has not read what the team wrote.';

create function heddle.push_turn(p_visitor_id bigint, p_has_worked boolean) returns integer
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 9;
  v_before integer;
begin
  select count(*) into v_before from (
    select from heddle.visitor_devices device join heddle.deliveries waiting on waiting.target = device.id
    where device.visitor_id = p_visitor_id and waiting.kind = 'push' and waiting.status = 'queued' limit c_most
  ) before;
  return v_before + case when p_has_worked then 0 else c_most + 1 end;
end $$;

comment on function heddle.push_turn is
  'When a visitor''s push message is taken among those of the agent: the first of each visitor goes before the second of anybody''s,
and all those to browsers that have worked before those to others, of which anybody may give any address.';

create function heddle.queue_answer_pushes(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_conversation heddle.conversations
) returns void
language plpgsql set search_path = '' as $$
declare
  -- Whoever reads along has said so by then.
  c_reading constant interval := '10 seconds';
  v_device record;
  v_key text;
  v_told timestamptz;
begin
  for v_device in
    select device.id, device.visitor_id, device.has_worked, participant.read_seq, visitor.end_user_id
    from heddle.participants participant
    join heddle.visitor_devices device on device.visitor_id = participant.visitor_id
    join heddle.visitors visitor on visitor.id = device.visitor_id
    where participant.conversation_id = p_conversation.id and participant.role = 'visitor'
    order by device.id
  loop
    select max(due) into v_told from heddle.deliveries
    where target = v_device.id and kind = 'push' and status = 'sent' and content ->> 'conversationId' = p_conversation.id::text;
    -- Of the same answer once, whatever else is written in a room.
    continue when not exists (
      select from heddle.unread_answers(p_conversation.id, v_device.read_seq, array['operator', 'bot'])
      where coalesce(created_at > v_told, true)
    );
    -- Anybody can begin conversations and give somebody else's address for a browser's.
    v_key := 'answers' || case when heddle.is_identified(v_device.end_user_id) then ' ' || p_conversation.id else '' end;
    perform heddle.queue_delivery(
      p_agent.org_id, p_agent.id, 'push', v_device.id,
      jsonb_build_object(
        'audience', 'visitor', 'conversationId', p_conversation.id, 'visitorId', v_device.visitor_id, 'rule', p_rule.rule
      ),
      null, null, v_key, greatest(
        now() + least(make_interval(mins => p_rule.delay_minutes), c_reading),
        heddle.told_due(p_rule, 'push', v_device.id, v_key)
      ),
      heddle.push_turn(v_device.visitor_id, v_device.has_worked)
    );
  end loop;
end $$;

comment on function heddle.queue_answer_pushes is
  'Queues a push message to each browser in which a visitor of a conversation wants to hear of answers, and has not read one. Who
has not signed in is told once in the window of all conversations, of the one that was answered last.';

create function heddle.is_address(p_text text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return coalesce(p_text ~ '^[^\s@<>()[\]\\,;:"[:cntrl:]]{1,64}@[^\s@<>()[\]\\,;:"[:cntrl:]]{1,255}$', false);
end $$;

comment on function heddle.is_address is 'Whether a mail may be sent to it: one plain address, and nothing that a header reads as more.';

create function heddle.has_address(p_visitor heddle.visitors) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return heddle.is_identified(p_visitor.end_user_id)
    or coalesce(p_visitor.answered_from = heddle.address_hash(p_visitor.email), false);
end $$;

comment on function heddle.has_address is
  'Whether the address is the visitor''s: the owner''s token vouches for it, or they have answered from it. Else it may be anybody''s.';

create function heddle.mailed_roles(p_visitor heddle.visitors, p_seat heddle.participants) returns text[]
language plpgsql stable set search_path = '' as $$
begin
  -- What a bot says anybody may have made it say: a third party gets nothing that no person has read.
  return case
    when heddle.has_address(p_visitor) and not heddle.may_be_machine(p_seat) then array['operator', 'bot']
    else array['operator']
  end;
end $$;

comment on function heddle.mailed_roles is 'Whose answers are mailed to a visitor.';

create function heddle.mails_in_a_row(p_seat heddle.participants, p_before integer default null) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return case when exists (
    select from heddle.messages
    where conversation_id = p_seat.conversation_id and seq > p_seat.mail_seq and role in ('operator', 'visitor')
      and (p_before is null or seq < p_before)
  ) then 0 else p_seat.mail_count end;
end $$;

comment on function heddle.mails_in_a_row is
  'How many answers by mail somebody has sent since a person of the team wrote, or anybody on the site: up to now, or before a message.';

create function heddle.may_be_machine(p_seat heddle.participants) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 3;
begin
  return heddle.mails_in_a_row(p_seat) > c_most;
end $$;

comment on function heddle.may_be_machine is
  'Whether somebody''s mails may be answered by a machine, which a bot would answer for ever: a bot is not asked then, and what it
says is not mailed.';

create function heddle.count_mail(p_seat heddle.participants, p_seq integer) returns heddle.participants
language plpgsql set search_path = '' as $$
declare
  c_too_many constant integer := 100;
  v_bodies text[] := array(
    select body from heddle.messages where conversation_id = p_seat.conversation_id and seq in (p_seat.mail_seq, p_seq)
  );
  v_count integer;
begin
  v_count := least(heddle.mails_in_a_row(p_seat, p_seq) + 1, c_too_many);
  if cardinality(v_bodies) = 2 and v_bodies[1] = v_bodies[2] then
    v_count := c_too_many;
  end if;
  update heddle.participants set mail_seq = p_seq, mail_count = v_count where id = p_seat.id returning * into p_seat;
  return p_seat;
end $$;

comment on function heddle.count_mail is
  'Counts an answer by mail that has just become a message. One that says what the last one said counts as too many.';

create function heddle.spend_mail(p_delivery heddle.deliveries, p_visitor heddle.visitors) returns boolean
language plpgsql set search_path = '' as $$
begin
  -- Another try is the same mail.
  if p_delivery.attempts > 1 then
    return true;
  end if;
  -- Of two who send to the same addresses neither waits for what the other holds.
  perform pg_advisory_xact_lock(hashtextextended('heddle mails to visitors', 0));
  return heddle.take_token(
    p_delivery.agent_id, case when heddle.has_address(p_visitor) then 'address' else 'visitor' end, 'mail',
    encode(heddle.address_hash(p_visitor.email), 'hex')
  ) = 0;
end $$;

comment on function heddle.spend_mail is
  'Whether a mail may go to a visitor''s address. To one that is not known to be theirs three may, one more each eight hours,
whoever gave it; to others thirty, one more each 48 minutes.';

create function heddle.unread_answers(p_conversation_id uuid, p_read_seq integer, p_roles text[]) returns setof heddle.messages
language plpgsql stable set search_path = '' as $$
begin
  return query
    select * from heddle.messages
    where conversation_id = p_conversation_id and seq > p_read_seq and role = any (p_roles)
      and deleted_at is null and status is distinct from 'streaming'
    order by seq desc;
end $$;

create function heddle.mailed_messages(p_messages heddle.messages[], p_author text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 5;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'author', coalesce(author_name, p_author),
      'body', left(body, 4000)
    ) order by seq), '[]')
    from (select * from unnest(p_messages) order by seq desc limit c_most) newest
  );
end $$;

create function heddle.mail_receiver(p_delivery heddle.deliveries) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_conversation heddle.conversations;
begin
  if not heddle.is_told(p_delivery, 'email') then
    return null;
  end if;
  select * into v_agent from heddle.agents where id = p_delivery.agent_id;
  select * into v_conversation from heddle.conversations where id = (p_delivery.content ->> 'conversationId')::uuid;
  return jsonb_build_object(
    'audience', p_delivery.content ->> 'audience',
    'agentId', v_agent.id,
    'site', heddle.site_name(v_agent),
    'origins', v_agent.allowed_origins,
    'conversationId', v_conversation.id,
    'conversations', '[]'::jsonb,
    'pageUrl', null
  ) || case p_delivery.content ->> 'audience'
    when 'team' then heddle.mail_to_member(v_agent, p_delivery)
    else heddle.mail_to_visitor(p_delivery, v_conversation)
  end;
end $$;

comment on function heddle.mail_receiver is
  'What a mail is to say and to whom, as it is now; null where nobody needs it: it was read, unsubscribed or erased, or the rule
is off, or the address had too many.';

create function heddle.site_name(p_agent heddle.agents) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return coalesce(nullif(p_agent.display ->> 'title', ''), p_agent.name);
end $$;

comment on function heddle.site_name is 'What visitors know an agent by.';

create function heddle.is_told(p_delivery heddle.deliveries, p_channel text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return p_delivery.content ->> 'audience' = 'team' or exists (
    select from heddle.notification_rules
    where agent_id = p_delivery.agent_id and rule = p_delivery.content ->> 'rule' and is_on and p_channel = any (channels)
  );
end $$;

comment on function heddle.is_told is
  'Whether the rule of a delivery is on, and has that channel. The team''s tell what several rules have made: see told_in.';

create function heddle.told_in(p_delivery heddle.deliveries, p_recipient uuid) returns heddle.notifications[]
language plpgsql stable set search_path = '' as $$
begin
  return array(
    select told from heddle.notifications told
    cross join lateral heddle.rule_of(told.agent_id, told.rule) rule
    where told.recipient = p_recipient and told.agent_id = p_delivery.agent_id and p_delivery.id = any (told.deliveries)
      and rule.is_on and p_delivery.kind = any (rule.channels) and told.read_at is null and told.dismissed_at is null
    order by told.created_at, told.id
  );
end $$;

comment on function heddle.told_in is
  'What a mail or push message tells a member: what they have not read, of rules that are on and have that channel, the newest last.';

create function heddle.mail_to_member(p_agent heddle.agents, p_delivery heddle.deliveries) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_member heddle.members;
  v_told heddle.notifications[];
  v_about uuid[];
begin
  select * into v_member from heddle.members member
  where org_id = p_agent.org_id and user_id = p_delivery.target and heddle.answers(member, p_agent.id) and heddle.is_address(email)
    and not heddle.is_unconfirmed(user_id) and not exists (
      select from heddle.notification_preferences wanted
      where wanted.org_id = member.org_id and wanted.user_id = member.user_id and not wanted.email
    );
  v_told := heddle.told_in(p_delivery, v_member.user_id);
  if cardinality(v_told) = 0 then
    return null;
  end if;
  v_about := array(select distinct coalesce(conversation_id, agent_id) from unnest(v_told));
  return jsonb_build_object('to', jsonb_build_object('name', v_member.name, 'address', v_member.email)) || case
    when cardinality(v_about) = 1 then heddle.mail_of_one(p_agent, v_told[1])
    else heddle.mail_of_many(v_told)
  end;
end $$;

create function heddle.mail_of_one(p_agent heddle.agents, p_told heddle.notifications) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 5;
  v_conversation heddle.conversations;
  v_messages heddle.messages[];
begin
  select * into v_conversation from heddle.conversations where id = p_told.conversation_id;
  v_messages := array(
    select message from heddle.messages message
    where conversation_id = v_conversation.id and role = 'visitor' and deleted_at is null
      and seq > v_conversation.team_read_seq
    order by seq desc limit c_most
  );
  if v_messages = '{}' and (v_conversation.waiting_since is not null or exists (
    select from heddle.notifications
    where conversation_id = v_conversation.id and recipient = p_told.recipient and read_at is null and rule = 'handed_over'
  )) then
    -- Read, and not answered; or its new holder did neither.
    v_messages := array(
      select message from heddle.messages message
      where conversation_id = v_conversation.id and role = 'visitor' and deleted_at is null
      order by seq desc limit 1
    );
  end if;
  return jsonb_build_object(
    'conversationId', v_conversation.id,
    'notices', (
      select jsonb_agg(heddle.told_outside(unread) order by created_at) from (
        select * from heddle.notifications
        where conversation_id is not distinct from p_told.conversation_id and agent_id = p_agent.id
          and recipient = p_told.recipient and read_at is null
        order by created_at desc limit c_most
      ) unread
    ),
    'messages', heddle.mailed_messages(v_messages, case
      when v_conversation.id is not null then heddle.told_name(v_conversation)
    end),
    'count', cardinality(v_messages)
  );
end $$;

comment on function heddle.mail_of_one is
  'Of a conversation: all that its reader was told of there and has not read, and what its visitor wrote that nobody has read; else the
last of it, where nobody has answered or the conversation was handed to the reader.';

create function heddle.told_of_many(p_told heddle.notifications[]) returns text
language plpgsql stable set search_path = '' as $$
declare
  v_count integer := (select count(distinct coalesce(conversation_id, id)) from unnest(p_told));
  v_visitors integer := (
    select count(distinct coalesce(conversation.visitor_id::text, told.conversation_id::text, told.id::text))
    from unnest(p_told) told left join heddle.conversations conversation on conversation.id = told.conversation_id
  );
  v_who text := case
    when v_visitors = v_count then v_count || ' visitors'
    when v_visitors = 1 then v_count || ' conversations of one visitor'
    else v_count || ' conversations of ' || v_visitors || ' visitors'
  end;
begin
  return case (select max(rule) from unnest(p_told))
    when 'handed_over' then v_count || ' conversations were handed to you.'
    when 'needs_human' then v_who || ' need a person.'
    when 'waiting' then v_who || ' wait for an answer.'
    when 'new_message' then v_who || ' have written.'
    else v_count || ' tasks have ended.'
  end;
end $$;

comment on function heddle.told_of_many is 'What is said of several conversations or tasks at once: how many there are.';

create function heddle.mail_of_many(p_told heddle.notifications[]) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  c_named constant integer := 10;
begin
  return jsonb_build_object(
    'conversationId', null,
    'notices', jsonb_build_array(heddle.told_of_many(p_told)),
    'messages', '[]'::jsonb,
    'count', (select count(distinct coalesce(conversation_id, id)) from unnest(p_told)),
    'conversations', (
      select jsonb_agg(jsonb_build_object('conversationId', conversation_id, 'notice', content) order by first_at)
      from (
        select (array_agg(conversation_id))[1] as conversation_id,
          (array_agg(heddle.told_outside(told) order by created_at desc))[1] as content, min(created_at) as first_at
        from unnest(p_told) told
        group by coalesce(conversation_id, id)
        order by first_at limit c_named
      ) named
    )
  );
end $$;

comment on function heddle.mail_of_many is 'Of several conversations: how many there are, and the first ten by name.';

create function heddle.mail_to_visitor(p_delivery heddle.deliveries, p_conversation heddle.conversations) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_visitor heddle.visitors;
  v_messages heddle.messages[];
  v_has_written boolean;
begin
  select * into v_visitor from heddle.visitors visitor
  where id = (
      -- Queued while they signed in, perhaps.
      select coalesce(signed_in_as, id) from heddle.visitors where id = (p_delivery.content ->> 'visitorId')::bigint
    ) and heddle.is_address(email)
    and not exists (
      select from heddle.mail_stops
      where agent_id = p_conversation.agent_id and address_hash = heddle.address_hash(visitor.email)
    );
  v_messages := array(
    select answer from heddle.participants participant,
      heddle.unread_answers(p_conversation.id, participant.read_seq, heddle.mailed_roles(v_visitor, participant)) answer
    where participant.conversation_id = p_conversation.id and participant.visitor_id = v_visitor.id
  );
  if cardinality(v_messages) = 0 or not heddle.spend_mail(p_delivery, v_visitor) then
    return null;
  end if;
  v_has_written := heddle.first_written(p_conversation, v_visitor) is not null;
  return jsonb_build_object(
    'to', jsonb_build_object('name', coalesce(v_visitor.name, ''), 'address', v_visitor.email),
    'language', heddle.language_for(v_visitor),
    'answers', heddle.wrote_first(p_conversation, v_visitor),
    'addressFrom', case
      when v_has_written and not heddle.is_identified(v_visitor.end_user_id) then 'visitor'
      when v_has_written then 'site'
      else 'nothing written'
    end,
    'notices', '[]'::jsonb,
    'messages', heddle.mailed_messages(v_messages, ''),
    'count', cardinality(v_messages),
    'pageUrl', heddle.plain_page(v_visitor.page) ->> 'url'
  );
end $$;

comment on function heddle.mail_to_visitor is
  'What a visitor has not read, and why they are told: whether it answers what they wrote first, or the team began, and who gave
their address.';

create function heddle.first_written(p_conversation heddle.conversations, p_visitor heddle.visitors) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return (
    select min(message.seq) from heddle.participants seat
    join heddle.messages message on message.conversation_id = seat.conversation_id and message.role = 'visitor'
      and message.author_id is not distinct from heddle.author_in(p_conversation, seat, p_visitor.end_user_id)
    where seat.conversation_id = p_conversation.id and seat.visitor_id = p_visitor.id
  );
end $$;

comment on function heddle.first_written is 'The number of the first message that a visitor has written in a conversation; null without one.';

create function heddle.wrote_first(p_conversation heddle.conversations, p_visitor heddle.visitors) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(heddle.first_written(p_conversation, p_visitor) < all (array(
    select seq from heddle.messages where conversation_id = p_conversation.id and role in ('operator', 'bot')
  )), false);
end $$;

comment on function heddle.wrote_first is
  'Whether a visitor had written in a conversation before the team or a bot did: what these write then answers them.';

create function heddle.address_hash(p_address text) returns bytea
language plpgsql immutable set search_path = '' as $$
begin
  return sha256(convert_to(lower(p_address), 'UTF8'));
end $$;

create function heddle.push_receiver(p_delivery heddle.deliveries) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  if not heddle.is_told(p_delivery, 'push') then
    return null;
  end if;
  select * into v_agent from heddle.agents where id = p_delivery.agent_id;
  return case p_delivery.content ->> 'audience'
    when 'visitor' then heddle.push_to_visitor(v_agent, p_delivery)
    else heddle.push_to_member(v_agent, p_delivery)
  end;
end $$;

comment on function heddle.push_receiver is
  'A browser and what it is to show, as it is now; null where nobody needs it: it was read, or is not wanted there any more.';

create function heddle.push_to_visitor(p_agent heddle.agents, p_delivery heddle.deliveries) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_device heddle.visitor_devices;
  v_conversation_id uuid := (p_delivery.content ->> 'conversationId')::uuid;
  v_conversation heddle.conversations;
  v_visitor heddle.visitors;
  v_count integer;
begin
  select * into v_device from heddle.visitor_devices where id = p_delivery.target;
  select * into v_conversation from heddle.conversations where id = v_conversation_id;
  select * into v_visitor from heddle.visitors where id = v_device.visitor_id;
  select count(*) into v_count
  from heddle.participants participant,
    heddle.unread_answers(v_conversation_id, participant.read_seq, array['operator', 'bot'])
  where participant.conversation_id = v_conversation_id and participant.visitor_id = v_device.visitor_id;
  if v_count = 0 then
    return null;
  end if;
  return jsonb_build_object(
    'endpoint', v_device.endpoint,
    'keys', jsonb_build_object('p256dh', v_device.p256dh, 'auth', v_device.auth),
    'message', jsonb_build_object(
      'title', heddle.site_name(p_agent),
      'agentId', p_agent.id, 'conversationId', v_conversation_id,
      'url', heddle.plain_page(v_visitor.page) ->> 'url'
    ),
    'unread', jsonb_build_object(
      'language', heddle.language_for(v_visitor), 'count', v_count,
      'answers', heddle.wrote_first(v_conversation, v_visitor)
    ),
    'priority', (
      select priority from heddle.notification_rules
      where agent_id = p_agent.id and rule = p_delivery.content ->> 'rule'
    )
  );
end $$;

comment on function heddle.push_to_visitor is
  'That a visitor was answered, and where they wrote from, never what was answered; null once they have read it.';

create function heddle.push_to_member(p_agent heddle.agents, p_delivery heddle.deliveries) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_device heddle.push_subscriptions;
  v_told heddle.notifications[];
  v_newest heddle.notifications;
  v_is_one boolean;
begin
  select device.* into v_device
  from heddle.push_subscriptions device
  join heddle.members member on member.org_id = device.org_id and member.user_id = device.user_id
  where device.id = p_delivery.target and device.org_id = p_agent.org_id and heddle.answers(member, p_agent.id)
    and not heddle.is_unconfirmed(device.user_id) and not exists (
      select from heddle.notification_preferences wanted
      where wanted.org_id = device.org_id and wanted.user_id = device.user_id and not wanted.push
    );
  v_told := heddle.told_in(p_delivery, v_device.user_id);
  if cardinality(v_told) = 0 then
    return null;
  end if;
  v_newest := v_told[cardinality(v_told)];
  v_is_one := (select count(distinct coalesce(conversation_id, id)) = 1 from unnest(v_told));
  return jsonb_build_object(
    'endpoint', v_device.endpoint,
    'keys', jsonb_build_object('p256dh', v_device.p256dh, 'auth', v_device.auth),
    'message', jsonb_build_object(
      'title', p_agent.name,
      'body', case when v_is_one then heddle.told_outside(v_newest) else heddle.told_of_many(v_told) end,
      'agentId', p_agent.id, 'conversationId', case when v_is_one then v_newest.conversation_id end
    ),
    'priority', v_newest.priority
  );
end $$;

create function heddle_api.push_keys() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object('publicKey', public_key, 'privateKey', private_key, 'hosts', push_hosts)
    from heddle.push_keys, heddle.delivery_worker
  );
end $$;

comment on function heddle_api.push_keys is
  'The key pair for Web Push, and which push services may be private: { publicKey, privateKey, hosts }; null before it was made.';

create function heddle_api.keep_push_keys(p_public_key text, p_private_key text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into heddle.push_keys (public_key, private_key) values (p_public_key, p_private_key) on conflict do nothing;
  return found;
end $$;

comment on function heddle_api.keep_push_keys is 'Keeps a key pair for Web Push unless there is one already: whether it did.';

create function heddle_api.forget_push(p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.push_subscriptions where id = p_id;
  delete from heddle.visitor_devices where id = p_id;
end $$;

comment on function heddle_api.forget_push is 'Forgets a browser whose push service says that it is gone.';

create function heddle.note_push(p_device uuid, p_outcome text) returns void
language plpgsql set search_path = '' as $$
declare
  c_refusals constant integer := 3;
  -- About ten minutes, in which a push service may be down.
  c_first_tries constant integer := 6;
begin
  if p_outcome = 'sent' then
    update heddle.push_subscriptions set has_worked = true, failures = 0
    where id = p_device and (failures > 0 or not has_worked);
    update heddle.visitor_devices set has_worked = true, failures = 0
    where id = p_device and (failures > 0 or not has_worked);
  elsif p_outcome in ('dead', 'failed') then
    update heddle.push_subscriptions set failures = failures + 1
    where id = p_device and (p_outcome = 'dead' or not has_worked);
    update heddle.visitor_devices set failures = failures + 1
    where id = p_device and (p_outcome = 'dead' or not has_worked);
    delete from heddle.push_subscriptions
    where id = p_device and failures >= case when has_worked then c_refusals when p_outcome = 'dead' then 1 else c_first_tries end;
    delete from heddle.visitor_devices
    where id = p_device and failures >= case when has_worked then c_refusals when p_outcome = 'dead' then 1 else c_first_tries end;
  end if;
end $$;

comment on function heddle.note_push is
  'What became of a message to a browser. One that has never worked is forgotten once it was refused, or after six tries: anybody may
give any address for one. Another is forgotten after three refusals in a row.';

create function heddle_api.stop_mails(p_agent_id uuid, p_audience text, p_address text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if p_audience = 'team' then
    insert into heddle.notification_preferences (org_id, user_id, email)
    select member.org_id, member.user_id, false
    from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
    where agent.id = p_agent_id and lower(member.email) = lower(p_address)
    on conflict (org_id, user_id) do update set email = false;
  else
    insert into heddle.mail_stops (agent_id, address_hash)
    select id, heddle.address_hash(p_address) from heddle.agents where id = p_agent_id
    on conflict do nothing;
  end if;
end $$;

comment on function heddle_api.stop_mails is
  'Ends the mails of an agent to an address: those to a visitor, or (team) those to a member, who can want them again.';

create function heddle.is_lost(p_delivery heddle.deliveries) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return p_delivery.status = 'dead' and p_delivery.last_error is distinct from 'The browser has unsubscribed.'
    and (p_delivery.kind <> 'push' or p_delivery.content ->> 'audience' is distinct from 'visitor');
end $$;

comment on function heddle.is_lost is
  'Whether it was given up and an owner should know. A browser that has unsubscribed is no failure, and what visitors give for one
is not the owner''s.';

create function heddle_api.mail_state() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'wanted', exists (select from heddle.notification_rules where is_on and 'email' = any (channels)),
      'pushKeys', exists (select from heddle.push_keys),
      'notSetUp', count(*) filter (where status = 'suppressed' and last_error = 'Mail is not set up.'),
      'dead', count(*) filter (where heddle.is_lost(delivery)),
      'lastError', (array_agg(last_error order by ended_at desc) filter (where heddle.is_lost(delivery)))[1]
    )
    from heddle.deliveries delivery
    where kind in ('email', 'push') and status in ('suppressed', 'dead') and ended_at > now() - interval '7 days'
  );
end $$;

comment on function heddle_api.mail_state is
  'For heddle doctor, of the last seven days: { wanted, pushKeys, notSetUp, dead, lastError }.';

create function heddle.preferences_json(p_member heddle.members) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_wanted heddle.notification_preferences;
begin
  select * into v_wanted from heddle.notification_preferences
  where org_id = p_member.org_id and user_id = p_member.user_id;
  return jsonb_build_object(
    'email', coalesce(v_wanted.email, true),
    'push', coalesce(v_wanted.push, true),
    'address', p_member.email,
    'pushKey', (select public_key from heddle.push_keys),
    'devices', (
      select count(*) from heddle.push_subscriptions where org_id = p_member.org_id and user_id = p_member.user_id
    )
  );
end $$;

create function heddle.inbox_preferences(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return heddle.preferences_json(heddle.require_member(p_agent_id));
end $$;

create function heddle.inbox_set_preferences(p_agent_id uuid, p_email boolean, p_push boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id);
begin
  perform heddle.demand(p_email is not null and p_push is not null, 'Each channel is on or off.');
  insert into heddle.notification_preferences (org_id, user_id, email, push)
  values (v_me.org_id, v_me.user_id, p_email, p_push)
  on conflict (org_id, user_id) do update set email = excluded.email, push = excluded.push;
  return heddle.preferences_json(v_me);
end $$;

create function heddle.is_point(p_text text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  -- p and b of NIST SP 800-186, 3.2.1.3.
  c_prime constant numeric := 115792089210356248762697446949407573530086143415290314195533631308867097853951;
  c_b constant numeric := 41058363725152142129326129780047268409114441015993725554835256314039467401291;
  v_bytes bytea;
  v_x numeric := 0;
  v_y numeric := 0;
begin
  if p_text ~ '^[A-Za-z0-9_-]{87}$' is not true then
    return false;
  end if;
  v_bytes := decode(translate(p_text, '-_', '+/') || '=', 'base64');
  for v_at in 1..32 loop
    v_x := v_x * 256 + get_byte(v_bytes, v_at);
    v_y := v_y * 256 + get_byte(v_bytes, v_at + 32);
  end loop;
  return get_byte(v_bytes, 0) = 4 and v_x < c_prime and v_y < c_prime
    and (v_y * v_y - v_x * v_x * v_x + 3 * v_x - c_b) % c_prime = 0;
end $$;

comment on function heddle.is_point is 'Whether it is a point of P-256, uncompressed and in base64url: another one can''t be encrypted for.';

create function heddle.is_public_place(p_host text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  -- Names for networks of one's own (RFC 6762, appendix G; RFC 8375; ICANN's .internal) and those that nobody has (RFC 6761).
  c_not_public constant text :=
    '(^|\.)(local|localdomain|localhost|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid|onion)\.?$';
begin
  return p_host ~ '^\[' or heddle.is_public_address(p_host) is not null or (
    length(p_host) <= 253 and p_host ~ '^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\.?$'
    and p_host !~ c_not_public
  );
end $$;

comment on function heddle.is_public_place is
  'Whether a host, in lower case, is an address or has a name as those on the public internet have.';

create function heddle.demand_device(p_endpoint text, p_p256dh text, p_auth text) returns void
language plpgsql stable set search_path = '' as $$
declare
  v_hosts constant text[] := (select push_hosts from heddle.delivery_worker);
  v_place constant text := lower(substring(p_endpoint from '^https?://([^/?#]+)'));
begin
  perform heddle.demand(p_endpoint ~ '^https?://[!-~]+$' and length(p_endpoint) <= 2000, 'The endpoint must be a URL.');
  perform heddle.demand_public_url(p_endpoint, 'push service', v_hosts, '');
  perform heddle.demand(
    v_place ~ '^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:443)?$' or v_hosts && array[v_place, regexp_replace(v_place, ':[0-9]*$', '')],
    'The push service URL must name a host at port 443.'
  );
  perform heddle.demand(
    heddle.is_public_place(regexp_replace(v_place, ':443$', '')) or v_hosts && array[v_place, regexp_replace(v_place, ':[0-9]*$', '')],
    'The push service''s host must have public addresses only.'
  );
  perform heddle.demand(heddle.is_point(p_p256dh), 'p256dh must be a point of P-256 in base64url.');
  perform heddle.demand(p_auth ~ '^[A-Za-z0-9_-]{22}$', 'auth must be 16 bytes in base64url.');
end $$;

comment on function heddle.demand_device is
  'What a browser answers when it subscribes to push messages: anybody may say anything. PT400.';

create function heddle.inbox_save_push(p_agent_id uuid, p_endpoint text, p_p256dh text, p_auth text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 10;
  v_me heddle.members := heddle.enter_inbox(p_agent_id);
begin
  perform heddle.demand_device(p_endpoint, p_p256dh, p_auth);
  -- A browser tells one member alone: whoever signed in last.
  insert into heddle.push_subscriptions as kept (org_id, user_id, endpoint, p256dh, auth)
  values (v_me.org_id, v_me.user_id, p_endpoint, p_p256dh, p_auth)
  on conflict (org_id, endpoint) do update set
    user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at;
  delete from heddle.push_subscriptions where id in (
    select id from heddle.push_subscriptions where org_id = v_me.org_id and user_id = v_me.user_id
    order by created_at desc offset c_most
  );
  return heddle.preferences_json(v_me);
end $$;

create function heddle.inbox_remove_push(p_agent_id uuid, p_endpoint text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id);
begin
  delete from heddle.push_subscriptions
  where org_id = v_me.org_id and user_id = v_me.user_id and endpoint = p_endpoint;
  return heddle.preferences_json(v_me);
end $$;

create function heddle_api.store_push_on(
  p_agent_id uuid,
  p_end_user text,
  p_endpoint text,
  p_p256dh text,
  p_auth text
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 5;
  v_visitor_id bigint;
begin
  perform heddle.demand_device(p_endpoint, p_p256dh, p_auth);
  perform heddle.open_inbox(p_agent_id);
  select id into v_visitor_id from heddle.visitors
  where agent_id = p_agent_id and end_user_id = p_end_user for no key update;
  perform heddle.demand_item(found);
  -- A browser tells one visitor alone: whoever asked for it last.
  insert into heddle.visitor_devices as kept (agent_id, visitor_id, endpoint, p256dh, auth)
  values (p_agent_id, v_visitor_id, p_endpoint, p_p256dh, p_auth)
  on conflict (agent_id, endpoint) do update set
    visitor_id = excluded.visitor_id, p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at;
  delete from heddle.visitor_devices where id in (
    select id from heddle.visitor_devices where visitor_id = v_visitor_id order by created_at desc offset c_most
  );
end $$;

comment on function heddle_api.store_push_on is
  'Tells a visitor who has written by push of answers in this browser, and nobody else there; of more than five the oldest is
forgotten. PT400, PT404.';

create function heddle_api.store_push_off(p_agent_id uuid, p_end_user text, p_endpoint text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.visitor_devices device using heddle.visitors visitor
  where visitor.id = device.visitor_id and visitor.agent_id = p_agent_id and visitor.end_user_id = p_end_user
    and device.endpoint = p_endpoint;
end $$;

comment on function heddle_api.store_push_off is 'Tells a visitor by push in this browser no longer.';

create function heddle.forget_devices() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.visitor_devices where visitor_id = new.id;
  return null;
end $$;

comment on function heddle.forget_devices is
  'Who signs in is somebody whom the site knows, and says anew in which browsers they want to be told.';

create trigger forget_devices after update of signed_in_as on heddle.visitors
  for each row when (new.signed_in_as is not null) execute function heddle.forget_devices();

create function heddle_api.inbox_preferences(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_preferences(p_agent_id);
end $$;

comment on function heddle_api.inbox_preferences is
  'How the caller wants to be told: { email, push, address, pushKey, devices }, pushKey the public one for Web Push. PT404.';

create function heddle_api.inbox_set_preferences(p_agent_id uuid, p_email boolean, p_push boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_set_preferences(p_agent_id, p_email, p_push);
end $$;

comment on function heddle_api.inbox_set_preferences is
  'Which channels the caller wants, for all agents of the organisation; answers with inbox_preferences. PT400, PT404.';

create function heddle_api.inbox_save_push(p_agent_id uuid, p_endpoint text, p_p256dh text, p_auth text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_save_push(p_agent_id, p_endpoint, p_p256dh, p_auth);
end $$;

comment on function heddle_api.inbox_save_push is
  'Tells the caller by push in this browser, and nobody else there; of more than ten the oldest is forgotten. Answers with
inbox_preferences. PT400, PT404.';

create function heddle_api.inbox_remove_push(p_agent_id uuid, p_endpoint text) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_push(p_agent_id, p_endpoint);
end $$;

comment on function heddle_api.inbox_remove_push is
  'Tells the caller by push in this browser no longer; answers with inbox_preferences. PT404.';

revoke execute on function
  heddle.after_quiet, heddle.told_due, heddle.queue_notifications, heddle.queue_told, heddle.notify_of_messages,
  heddle.notify_holder,
  heddle.queue_answers, heddle.queue_answer_mails, heddle.push_turn, heddle.queue_answer_pushes, heddle.task_text, heddle.notify_of_tasks, heddle.notify_of_task, heddle.agents_to_tell,
  heddle.is_address, heddle.has_address,
  heddle.mailed_roles, heddle.mails_in_a_row, heddle.may_be_machine, heddle.count_mail, heddle.spend_mail, heddle.unread_answers, heddle.mailed_messages, heddle.mail_receiver,
  heddle.is_told, heddle.told_in, heddle.mail_to_member, heddle.mail_of_one, heddle.told_of_many, heddle.mail_of_many, heddle.mail_to_visitor,
  heddle.first_written, heddle.wrote_first,
  heddle.address_hash, heddle.site_name, heddle.push_receiver, heddle.push_to_visitor, heddle.push_to_member,
  heddle.is_point, heddle.is_public_place, heddle.demand_device, heddle_api.store_push_on, heddle_api.store_push_off, heddle.forget_devices,
  heddle.is_lost, heddle_api.push_keys, heddle_api.keep_push_keys, heddle_api.forget_push, heddle.note_push, heddle_api.stop_mails, heddle_api.mail_state,
  heddle.preferences_json,
  heddle.inbox_preferences, heddle.inbox_set_preferences, heddle.inbox_save_push, heddle.inbox_remove_push,
  heddle_api.inbox_preferences, heddle_api.inbox_set_preferences, heddle_api.inbox_save_push, heddle_api.inbox_remove_push
from public;
grant execute on function
  heddle.inbox_preferences, heddle.inbox_set_preferences, heddle.inbox_save_push, heddle.inbox_remove_push,
  heddle_api.inbox_preferences, heddle_api.inbox_set_preferences, heddle_api.inbox_save_push, heddle_api.inbox_remove_push
to authenticated;
grant execute on function
  heddle_api.push_keys, heddle_api.keep_push_keys, heddle_api.forget_push, heddle_api.stop_mails, heddle_api.mail_state,
  heddle_api.store_push_on, heddle_api.store_push_off
to service_role;

-- Answers to mails become messages. The edge function has checked that the address is one that Heddle made; here it is
-- decided whether whoever it was made for may still write there, and whether it is they who did.

create table heddle.held_mails (
  id bigint generated always as identity primary key,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  client_id uuid not null,
  audience text not null check (audience in ('visitor', 'team')),
  recipient text not null,
  sender text not null check (length(sender) <= 320),
  subject text not null check (length(subject) <= 200),
  body text not null,
  reason text not null check (length(reason) <= 500),
  received_at timestamptz not null default clock_timestamp(),
  unique (conversation_id, client_id)
);
create index held_mails_agent on heddle.held_mails (agent_id, id desc);
create index held_mails_received_at on heddle.held_mails (received_at);
alter table heddle.held_mails enable row level security;

comment on table heddle.held_mails is
  'Answers by mail that may not be from whom they were asked of: an owner adds them to the conversation, or not. Kept for 30 days.';
comment on column heddle.held_mails.recipient is 'Of the mail that was answered: a visitor''s id here, or the first 16 digits of the SHA-256 of a member''s.';

create function heddle.mail_author(p_conversation heddle.conversations, p_audience text, p_recipient text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if p_audience = 'team' then
    return (
      select jsonb_build_object('id', member.user_id, 'name', member.name, 'email', member.email, 'author', member.user_id)
      from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
      where agent.id = p_conversation.agent_id and heddle.answers(member, agent.id)
        and left(encode(sha256(convert_to(member.user_id::text, 'UTF8')), 'hex'), 16) = p_recipient
    );
  end if;
  return (
    select jsonb_build_object(
      'id', visitor.end_user_id, 'email', visitor.email,
      'author', heddle.author_in(p_conversation, seat, visitor.end_user_id)
    )
    from heddle.participants seat join heddle.visitors visitor on visitor.id = seat.visitor_id
    where seat.conversation_id = p_conversation.id and seat.role = 'visitor' and (
      visitor.id::text = p_recipient or exists (
        select from heddle.visitors former where former.signed_in_as = visitor.id and former.id::text = p_recipient
      )
    )
    order by visitor.id::text = p_recipient desc limit 1
  );
end $$;

comment on function heddle.mail_author is
  'Who answers a mail, as they are now, also if they have signed in since: { id, name, email, author (of their messages) }. Null
for who has left the team or the conversation.';

create function heddle.mailbox_of(p_address text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  v_domain text := regexp_replace(lower(p_address), '^.*@', '');
  v_name text := regexp_replace(regexp_replace(lower(p_address), '@[^@]*$', ''), '(.)\+.*$', '\1');
begin
  return case
    when v_domain in ('gmail.com', 'googlemail.com') then replace(v_name, '.', '') || '@gmail.com'
    else v_name || '@' || v_domain
  end;
end $$;

comment on function heddle.mailbox_of is
  'Which mailbox an address is of: without a detail behind "+" (RFC 5233), and as Gmail has it, for which dots and googlemail.com
make no difference.';

create function heddle.post_mail(
  p_conversation heddle.conversations,
  p_audience text,
  p_author jsonb,
  p_client_id uuid,
  p_body text
) returns void
language plpgsql set search_path = '' as $$
declare
  v_seen integer;
  v_seq integer;
  v_seat heddle.participants;
begin
  if p_audience = 'team' then
    perform heddle.write_message(
      p_conversation.id, p_client_id, 'operator', p_author ->> 'id', p_author ->> 'name', p_body, null
    );
    return;
  end if;
  -- What the mail had they have read.
  select max(message.seq) into v_seen from heddle.messages message
  where message.conversation_id = p_conversation.id and message.created_at <= (
    select max(delivery.ended_at) from heddle.deliveries delivery
    where delivery.kind = 'email' and delivery.target = p_conversation.id and delivery.status = 'sent'
      and delivery.batch_key in (
        select 'visitor ' || asked.id
        from heddle.visitors visitor join heddle.visitors asked on visitor.id in (asked.id, asked.signed_in_as)
        where visitor.agent_id = p_conversation.agent_id and visitor.end_user_id = p_author ->> 'id'
      )
  );
  if v_seen is not null then
    perform heddle_api.store_read(p_conversation.agent_id, p_author ->> 'id', p_conversation.id, v_seen);
  end if;
  v_seq := heddle_api.store_post(
    p_conversation.agent_id, p_author ->> 'id', p_conversation.id, p_client_id, p_body
  ) ->> 'seq';
  v_seat := heddle.count_mail(heddle.seat_of(p_conversation.agent_id, p_author ->> 'id', p_conversation.id), v_seq);
  if heddle.may_be_machine(v_seat) then
    delete from heddle.bot_turns where conversation_id = p_conversation.id and for_seq = v_seq and seq is null;
    if found then
      perform heddle_api.store_needs_human(p_conversation.agent_id, p_author ->> 'id', p_conversation.id, true);
    end if;
  end if;
end $$;

create function heddle_api.receive_mail(
  p_conversation_id uuid,
  p_audience text,
  p_recipient text,
  p_client_id uuid,
  p_mail jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_author jsonb;
  v_sender text := lower(p_mail ->> 'from');
  v_doubt text := p_mail ->> 'doubt';
begin
  perform heddle.demand(p_audience in ('visitor', 'team'), 'It is a visitor''s answer, or one of the team.');
  select * into v_conversation from heddle.conversations where id = p_conversation_id;
  v_author := heddle.mail_author(v_conversation, p_audience, p_recipient);
  if v_author is null then
    return jsonb_build_object('outcome', 'refused');
  end if;
  if heddle.is_blank(coalesce(p_mail ->> 'body', '')) then
    return jsonb_build_object('outcome', 'empty', 'agentId', v_conversation.agent_id);
  end if;
  -- Twice is once, whatever became of the first.
  if exists (
    select from heddle.messages
    where conversation_id = v_conversation.id and client_id = p_client_id
      and role = case p_audience when 'team' then 'operator' else 'visitor' end
      and author_id is not distinct from v_author ->> 'author'
    union all
    select from heddle.held_mails where conversation_id = v_conversation.id and client_id = p_client_id
  ) then
    return jsonb_build_object('outcome', 'known', 'agentId', v_conversation.agent_id);
  end if;
  perform heddle.open_inbox(v_conversation.agent_id);
  if v_doubt is null and (
    v_sender = lower(v_author ->> 'email') or p_mail -> 'forms' ? lower(v_author ->> 'email')
    or (p_mail ->> 'vouched')::boolean and heddle.mailbox_of(v_author ->> 'email') in (
      select heddle.mailbox_of(form) from jsonb_array_elements_text(p_mail -> 'forms') form
    )
  ) is not true then
    v_doubt := 'It came from another address than the mail that it answers went to.';
  end if;
  if v_doubt is null
    and heddle.take_token(v_conversation.agent_id, 'visitor', 'write', 'mail ' || p_recipient) > 0 then
    v_doubt := 'More came at once than anybody writes.';
  end if;
  if v_doubt is null and p_audience = 'team' and p_mail ->> 'body' = (
    select body from heddle.messages
    where conversation_id = v_conversation.id and role = 'operator' and author_id = v_author ->> 'id'
    order by seq desc limit 1
  ) then
    v_doubt := 'It says what their last message says: a machine may have answered.';
  end if;
  if v_doubt is not null then
    -- Behind the conversation, as where it is erased.
    perform from heddle.conversations where id = v_conversation.id for key share;
    insert into heddle.held_mails
      (agent_id, conversation_id, client_id, audience, recipient, sender, subject, body, reason)
    select v_conversation.agent_id, id, p_client_id, p_audience, p_recipient, left(coalesce(v_sender, ''), 320),
      left(heddle.one_line(coalesce(p_mail ->> 'subject', '')), 200), p_mail ->> 'body', v_doubt
    from heddle.conversations where id = v_conversation.id
    on conflict do nothing;
    return jsonb_build_object('outcome', 'held', 'agentId', v_conversation.agent_id);
  end if;
  perform heddle.post_mail(v_conversation, p_audience, v_author, p_client_id, p_mail ->> 'body');
  if p_audience = 'visitor' then
    update heddle.visitors set answered_from = heddle.address_hash(v_author ->> 'email')
    where agent_id = v_conversation.agent_id and end_user_id = v_author ->> 'id';
  end if;
  return jsonb_build_object(
    'outcome', 'posted', 'agentId', v_conversation.agent_id,
    'bot', heddle.bot_to_ask(jsonb_build_object('conversationId', v_conversation.id))
  );
end $$;

comment on function heddle_api.receive_mail is
  'An answer to a mail of this recipient about this conversation: { outcome, agentId, bot }. p_mail: { from, forms (how else that is written), subject, body, doubt,
vouched (whether DMARC has found that it is from there) }.
posted; held: it may be somebody else''s; known: it was there already; empty; refused: whoever it is has left. PT400.';

create function heddle.forget_held_mails() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.held_mails
  where agent_id = old.agent_id and audience = 'visitor' and recipient in (
    select id::text from heddle.visitors where id = old.id or signed_in_as = old.id
  );
  return old;
end $$;

comment on function heddle.forget_held_mails is
  'Of who is erased no answer is held either, nor of before they signed in, also where the conversation goes on without them.';

create trigger forget_held_mails before delete on heddle.visitors for each row execute function heddle.forget_held_mails();

create function heddle.add_held_mail(p_mail heddle.held_mails) returns boolean
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_author jsonb;
begin
  select * into v_conversation from heddle.conversations where id = p_mail.conversation_id;
  v_author := heddle.mail_author(v_conversation, p_mail.audience, p_mail.recipient);
  if v_author is null then
    return false;
  end if;
  perform heddle.post_mail(v_conversation, p_mail.audience, v_author, p_mail.client_id, p_mail.body);
  delete from heddle.held_mails where id = p_mail.id;
  return true;
end $$;

comment on function heddle.add_held_mail is
  'Adds an answer to its conversation as what it says it is. False if its author has left.';

revoke execute on function
  heddle.mail_author, heddle.mailbox_of, heddle.post_mail, heddle_api.receive_mail, heddle.add_held_mail, heddle.forget_held_mails
from public;
grant execute on function heddle_api.receive_mail to service_role;

-- What could not be sent, and what came in and could not be placed: nobody hears of it by itself, so owners find it in one
-- list, with what it was, for whom, and why.

create index deliveries_undelivered on heddle.deliveries (org_id, id desc) where status = 'dead' and dismissed_at is null;

create function heddle.delivery_addressee(p_delivery heddle.deliveries) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when p_delivery.kind = 'webhook' then (
      select substring(url from '^https?://([^/?#]+)') from heddle.webhooks where id = p_delivery.target
    )
    when p_delivery.content ->> 'audience' = 'visitor' then (
      select coalesce(email, name, heddle.unnamed(end_user_id)) from heddle.visitors
      where id = (p_delivery.content ->> 'visitorId')::bigint
    )
    when p_delivery.kind = 'email' then (
      select coalesce(email, name) from heddle.members where org_id = p_delivery.org_id and user_id = p_delivery.target
    )
    -- The browser may be forgotten by now.
    else (
      select name from heddle.members
      where org_id = p_delivery.org_id and user_id = (p_delivery.content ->> 'memberId')::uuid
    )
  end;
end $$;

comment on function heddle.delivery_addressee is
  'For whom it was, as people write it: an address, a member''s name, or a webhook''s host. Null if they are gone.';

create function heddle.undelivered(p_agent heddle.agents, p_with_webhooks boolean) returns setof heddle.deliveries
language plpgsql stable set search_path = '' as $$
begin
  return query
    select * from heddle.deliveries delivery
    where org_id = p_agent.org_id and status = 'dead' and dismissed_at is null
      and (kind = 'webhook' and p_with_webhooks or kind <> 'webhook' and agent_id = p_agent.id) and heddle.is_lost(delivery)
    order by id desc;
end $$;

create function heddle.undelivered_json(p_agent_id uuid, p_with_webhooks boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 200;
  v_agent heddle.agents;
begin
  select * into v_agent from heddle.agents where id = p_agent_id;
  return (
    select coalesce(jsonb_agg(shown.entry order by shown.at desc, shown.id desc), '[]') from (
      select lost.id, lost.ended_at as at, jsonb_build_object(
        'id', lost.id::text, 'kind', lost.kind, 'what', coalesce(lost.content ->> 'type', lost.content ->> 'rule', ''),
        'to', heddle.delivery_addressee(lost), 'why', coalesce(lost.last_error, ''), 'at', lost.ended_at, 'tries', lost.attempts,
        'conversationId', case when lost.kind <> 'webhook' then lost.content ->> 'conversationId' end, 'text', null
      ) as entry
      from (select * from heddle.undelivered(v_agent, p_with_webhooks) limit c_most) lost
      union all
      select held.id, held.received_at, jsonb_build_object(
        'id', 'held-' || held.id, 'kind', 'reply', 'what', held.subject, 'to', held.sender, 'why', held.reason,
        'at', held.received_at, 'tries', 1, 'conversationId', held.conversation_id, 'text', left(held.body, 2000)
      )
      from (
        select * from heddle.held_mails where agent_id = p_agent_id order by id desc limit c_most
      ) held
    ) shown
  );
end $$;

create function heddle.retry_undelivered(p_agent_id uuid, p_with_webhooks boolean, p_ids text[]) returns integer
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_mail heddle.held_mails;
  v_count integer;
begin
  select * into v_agent from heddle.agents where id = p_agent_id;
  select count(*) into v_count from heddle.undelivered(v_agent, p_with_webhooks) lost
  where (p_ids is null or lost.id::text = any (p_ids)) and heddle.replay_delivery(lost.id);
  -- What may be forged is added only where somebody has read it: one by one.
  for v_mail in
    select * from heddle.held_mails where agent_id = p_agent_id and 'held-' || id = any (p_ids) order by id
  loop
    if not heddle.add_held_mail(v_mail) then
      raise exception 'conflict' using errcode = 'PT409', detail = 'Whoever was to answer has left.';
    end if;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

create function heddle.dismiss_undelivered(p_agent_id uuid, p_with_webhooks boolean, p_ids text[]) returns integer
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_lost integer;
  v_held integer;
begin
  select * into v_agent from heddle.agents where id = p_agent_id;
  update heddle.deliveries set dismissed_at = now()
  where id in (
    select lost.id from heddle.undelivered(v_agent, p_with_webhooks) lost where p_ids is null or lost.id::text = any (p_ids)
  );
  get diagnostics v_lost = row_count;
  delete from heddle.held_mails where agent_id = p_agent_id and (p_ids is null or 'held-' || id = any (p_ids));
  get diagnostics v_held = row_count;
  return v_lost + v_held;
end $$;

create function heddle_api.list_undelivered(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select heddle.undelivered_json(id, true) from heddle.agents where id = p_agent_id);
end $$;

comment on function heddle_api.list_undelivered is
  'What of an agent''s mails and push messages, and of its organisation''s webhooks, was given up, and answers by mail that are
held: [{ id, kind: email | push | webhook | reply, what (rule, type of event, or subject), to (of a reply: from whom) | null, why, at,
tries, conversationId | null, text | null }], the latest first, at most 200 of each. Null if there is no such agent.';

create function heddle_api.retry_undelivered(p_agent_id uuid, p_ids text[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  perform heddle.open_inbox(p_agent_id);
  return jsonb_build_object('count', heddle.retry_undelivered(p_agent_id, true, p_ids));
end $$;

comment on function heddle_api.retry_undelivered is
  'Has these, or all that were given up, sent again with as many tries as at first, and adds answers of these ids to their
conversations: { count }. Null if there is no such agent. PT409.';

create function heddle_api.dismiss_undelivered(p_agent_id uuid, p_ids text[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from heddle.agents where id = p_agent_id) then
    return null;
  end if;
  return jsonb_build_object('count', heddle.dismiss_undelivered(p_agent_id, true, p_ids));
end $$;

comment on function heddle_api.dismiss_undelivered is
  'Takes these, or all, out of the list, and forgets answers that were held: { count }. Null if there is no such agent.';

create function heddle.inbox_undelivered(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id, 'settings');
begin
  return jsonb_build_object('undelivered', heddle.undelivered_json(p_agent_id, v_me.every_agent));
end $$;

create function heddle.inbox_retry_undelivered(p_agent_id uuid, p_ids text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  return jsonb_build_object('count', heddle.retry_undelivered(p_agent_id, v_me.every_agent, p_ids));
end $$;

create function heddle.inbox_dismiss_undelivered(p_agent_id uuid, p_ids text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'settings');
begin
  return jsonb_build_object('count', heddle.dismiss_undelivered(p_agent_id, v_me.every_agent, p_ids));
end $$;

create function heddle_api.inbox_undelivered(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_undelivered(p_agent_id);
end $$;

comment on function heddle_api.inbox_undelivered is
  'As list_undelivered: { undelivered }; webhooks only for who answers for every agent. PT403, PT404.';

create function heddle_api.inbox_retry_undelivered(p_agent_id uuid, p_ids text[] default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_retry_undelivered(p_agent_id, p_ids);
end $$;

comment on function heddle_api.inbox_retry_undelivered is 'As retry_undelivered: { count }. PT403, PT404, PT409.';

create function heddle_api.inbox_dismiss_undelivered(p_agent_id uuid, p_ids text[] default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_dismiss_undelivered(p_agent_id, p_ids);
end $$;

comment on function heddle_api.inbox_dismiss_undelivered is 'As dismiss_undelivered: { count }. PT403, PT404.';

revoke execute on function
  heddle.delivery_addressee, heddle.undelivered, heddle.undelivered_json, heddle.retry_undelivered, heddle.dismiss_undelivered,
  heddle_api.list_undelivered, heddle_api.retry_undelivered, heddle_api.dismiss_undelivered,
  heddle.inbox_undelivered, heddle_api.inbox_undelivered,
  heddle.inbox_retry_undelivered, heddle_api.inbox_retry_undelivered,
  heddle.inbox_dismiss_undelivered, heddle_api.inbox_dismiss_undelivered
from public;
grant execute on function
  heddle_api.list_undelivered, heddle_api.retry_undelivered, heddle_api.dismiss_undelivered
to service_role;
grant execute on function
  heddle.inbox_undelivered, heddle_api.inbox_undelivered,
  heddle.inbox_retry_undelivered, heddle_api.inbox_retry_undelivered,
  heddle.inbox_dismiss_undelivered, heddle_api.inbox_dismiss_undelivered
to authenticated;
