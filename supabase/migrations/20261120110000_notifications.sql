-- Rules say whom of the team to tell of what: a worker reads the log from where it stood last, and its place is stored together
-- with what it wrote, so that each event is told of once, however many run.

create table heddle.notification_rules (
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  rule text not null check (rule in ('away_reply', 'handed_over', 'needs_human', 'new_message', 'task_ended', 'waiting')),
  is_on boolean not null default false,
  minutes integer check (minutes between 1 and 1440),
  channels text[] not null check (channels <@ array['email', 'push']),
  priority text not null check (priority in ('low', 'normal', 'high', 'critical')),
  delay_minutes integer not null check (delay_minutes between 0 and 1440),
  batch_minutes integer not null check (batch_minutes between 0 and 1440),
  quiet_from time,
  quiet_to time,
  quiet_zone text,
  on_since timestamptz not null default now(),
  primary key (agent_id, rule),
  constraint notification_rules_quiet check (
    num_nulls(quiet_from, quiet_to, quiet_zone) = 3 or num_nulls(quiet_from, quiet_to, quiet_zone) = 0 and quiet_from <> quiet_to
  ),
  constraint notification_rules_minutes check ((rule = 'waiting') = (minutes is not null))
);
alter table heddle.notification_rules enable row level security;

comment on table heddle.notification_rules is
  'Who is told of what. The team: `needs_human`, a visitor, a bot or a service of the owner asks for a person; `handed_over`, somebody gave them a
conversation, of which the inbox tells without it; `new_message`, a visitor has written to whoever holds the conversation; `task_ended`, a task or flow of one of the owner''s services ended; `waiting`, a visitor waits
for long. Visitors: `away_reply`, they were answered.';
comment on column heddle.notification_rules.minutes is 'How long a visitor waits before the team is told.';
comment on column heddle.notification_rules.channels is 'Besides the inbox. Visitors get push messages where they asked for them.';
comment on column heddle.notification_rules.delay_minutes is 'After which a mail leaves, unless it was seen by then.';
comment on column heddle.notification_rules.batch_minutes is
  'For so long after a mail or push message of the rule no other leaves for the same reader.';
comment on column heddle.notification_rules.quiet_zone is 'Of the quiet hours, in which neither mail nor push message leaves.';
comment on column heddle.notification_rules.on_since is 'When it was switched on, moved by what its minutes were changed by since: nobody is told of what was over before.';

create table heddle.notification_cursors (
  agent_id uuid primary key references heddle.agents (id) on delete cascade,
  snapshot pg_snapshot not null default pg_current_snapshot()
) with (fillfactor = 50);
alter table heddle.notification_cursors enable row level security;

comment on table heddle.notification_cursors is 'How far each agent''s events have been read for its rules. None without a rule.';

create table heddle.notifications (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  recipient uuid not null,
  conversation_id uuid references heddle.conversations (id) on delete cascade,
  rule text not null,
  key text not null,
  priority text not null check (priority in ('low', 'normal', 'high', 'critical')),
  content text not null check (length(content) <= 400),
  deliveries bigint[] not null default '{}',
  since timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  read_at timestamptz,
  dismissed_at timestamptz,
  unique nulls not distinct (conversation_id, rule, key, recipient),
  foreign key (org_id, recipient) references heddle.members (org_id, user_id) on delete cascade,
  constraint notifications_dismissed check (dismissed_at is null or read_at is not null)
);
create index notifications_shown on heddle.notifications (recipient, agent_id, created_at desc, id desc)
  where dismissed_at is null;
create index notifications_unread on heddle.notifications (conversation_id, recipient) where read_at is null;
create index notifications_agent on heddle.notifications (agent_id);
create index notifications_member on heddle.notifications (org_id, recipient);
create index notifications_created_at on heddle.notifications (created_at);
alter table heddle.notifications enable row level security;

comment on table heddle.notifications is 'What members of a team were told of. Kept for 30 days.';
comment on column heddle.notifications.conversation_id is 'Null: it is about none, as a task of the owner''s.';
comment on column heddle.notifications.since is 'Of one of somebody who waits: since when.';
comment on column heddle.notifications.key is 'What it is about: the event, or which wait of the visitor''s. Each is told of once.';

comment on column heddle.notifications.deliveries is 'The mails and push messages that tell of it.';

create trigger note_readers after insert or delete or update of is_on
  on heddle.notification_rules for each statement execute function heddle.note_readers();

create function heddle.notification_json(p_notification heddle.notifications) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', p_notification.id,
    'userId', p_notification.recipient,
    'conversationId', p_notification.conversation_id,
    'rule', p_notification.rule,
    'priority', p_notification.priority,
    'content', p_notification.content,
    'createdAt', p_notification.created_at,
    'readAt', p_notification.read_at,
    'dismissedAt', p_notification.dismissed_at
  ) || case when p_notification.since is null then '{}' else jsonb_build_object('since', p_notification.since) end;
end $$;

create function heddle.told_outside(p_notification heddle.notifications) returns text
language plpgsql stable set search_path = '' as $$
declare
  v_minutes constant integer := floor(extract(epoch from now() - p_notification.since) / 60);
  v_messages integer;
  v_more text;
begin
  if p_notification.since is not null then
    v_more := 'for ' || case
      when v_minutes < 2 then '1 minute'
      when v_minutes < 120 then v_minutes || ' minutes'
      when v_minutes < 2880 then v_minutes / 60 || ' hours'
      else v_minutes / 1440 || ' days'
    end;
  elsif p_notification.rule = 'new_message' then
    select count(*) into v_messages from heddle.messages
    where conversation_id = p_notification.conversation_id and role = 'visitor' and deleted_at is null
      and seq >= p_notification.key::integer;
    v_more := case when v_messages > 1 then v_messages || ' messages' end;
  end if;
  return coalesce(rtrim(p_notification.content, '.') || ' ' || v_more || '.', p_notification.content);
end $$;

comment on function heddle.told_outside is
  'What a notification says in what is sent now, and whose reader''s time zone is not known: how long somebody has waited, or how
many messages they have written, by now.';

create function heddle.tell_notifications(p_agent_id uuid, p_type text, p_notifications heddle.notifications[]) returns void
language plpgsql set search_path = '' as $$
declare
  -- What Realtime takes as one message is ample for these.
  c_together constant integer := 200;
  v_agent heddle.agents;
  v_notification heddle.notifications;
begin
  if cardinality(p_notifications) = 0 then
    return;
  end if;
  perform heddle.open_inbox(p_agent_id);
  select * into v_agent from heddle.agents where id = p_agent_id;
  begin
    for v_from in 1..cardinality(p_notifications) by c_together loop
      perform heddle.send(array[heddle.inbox_name(v_agent)], array[heddle.together(array(
        select heddle.event(p_type, heddle.notification_json(told))
        from unnest(p_notifications[v_from:v_from + c_together - 1]) told
      ))]);
    end loop;
  exception when others then
    perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
  end;
  if not v_agent.logs_events then
    return;
  end if;
  foreach v_notification in array p_notifications loop
    perform heddle.log_event(
      v_agent.org_id, p_agent_id,
      array[
        'notifications', 'notification', case p_type when 'notification:new' then 'created' else 'updated' end,
        v_notification.recipient::text
      ],
      p_type, null, heddle.subscription_data(p_type, heddle.notification_json(v_notification))
    );
  end loop;
end $$;

comment on function heddle.tell_notifications is
  'Tells the team''s open inboxes of these, and writes them to the log. p_type: notification:new or notification:updated.';

create function heddle.make_notifications(
  p_agent heddle.agents,
  p_conversation heddle.conversations,
  p_rule heddle.notification_rules,
  p_key text,
  p_content text,
  p_since timestamptz default null
) returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  v_name constant text := heddle.told_name(p_conversation);
  v_made heddle.notifications[];
begin
  -- Whoever is being erased is told of no more.
  perform from heddle.conversations where id = p_conversation.id for key share;
  if not found then
    return '{}';
  end if;
  with made as (
    insert into heddle.notifications (org_id, agent_id, recipient, conversation_id, rule, key, priority, content, since)
    select p_agent.org_id, p_agent.id, member.user_id, p_conversation.id, p_rule.rule, p_key, p_rule.priority,
      format(p_content, v_name), p_since
    from heddle.members member
    where member.org_id = p_agent.org_id and heddle.answers(member, p_agent.id)
      and (p_conversation.assignee_id is null or p_conversation.assignee_id = member.user_id)
    order by member.user_id
    on conflict do nothing
    returning *
  )
  select coalesce(array_agg(made::heddle.notifications), '{}') into v_made from made;
  return v_made;
end $$;

comment on function heddle.make_notifications is
  'Writes one for each member who answers for the agent, or for the holder alone where there is one. p_content has %s for
told_name. Answers those that were not there yet.';

create function heddle.told_name(p_conversation heddle.conversations) returns text
language plpgsql stable set search_path = '' as $$
declare
  c_name constant integer := 120;
  v_visitor heddle.visitors;
  v_said text;
begin
  if p_conversation.kind = 'room' then
    return 'Somebody in ' || left(heddle.one_line(p_conversation.name), c_name);
  end if;
  select * into v_visitor from heddle.visitors where id = p_conversation.visitor_id;
  v_said := coalesce(
    nullif(left(heddle.one_line(v_visitor.name), c_name), ''), nullif(left(heddle.one_line(v_visitor.email), c_name), '')
  );
  return coalesce(
    v_said || case when heddle.is_identified(v_visitor.end_user_id) then '' else ' (Not verified)' end,
    nullif(left(heddle.one_line(p_conversation.name), c_name), ''),
    heddle.unnamed(v_visitor.end_user_id)
  );
end $$;

comment on function heddle.told_name is
  'What the team reads of whom a conversation is with, as in its lists: who says who they are is marked. Of a room nobody is
named, who may be erased from it.';

create function heddle.recalled_ask(
  p_conversation heddle.conversations,
  p_event heddle.events,
  p_rule heddle.notification_rules
) returns text
language plpgsql set search_path = '' as $$
declare
  c_while constant interval := '5 minutes';
  v_told heddle.notifications;
  v_again heddle.notifications[];
begin
  if p_event.data #>> '{change,by}' is distinct from 'USER' then
    return null;
  end if;
  -- Behind the conversation, as where it is erased.
  perform from heddle.conversations where id = p_conversation.id for key share;
  select * into v_told from heddle.notifications
  where conversation_id = p_conversation.id and rule = 'needs_human' and created_at > now() - c_while
  order by created_at desc limit 1;
  if not found or not heddle.is_wavering(p_conversation.id, v_told.created_at) then
    return null;
  end if;
  with again as (
    update heddle.notifications set read_at = null, dismissed_at = null
    where id in (
      select id from heddle.notifications
      where conversation_id = p_conversation.id and rule = 'needs_human' and key = v_told.key and read_at is not null
        and (p_conversation.assignee_id is null or recipient = p_conversation.assignee_id)
      order by id for no key update
    )
    returning *
  )
  select coalesce(array_agg(again::heddle.notifications), '{}') into v_again from again;
  perform heddle.tell_notifications(p_conversation.agent_id, 'notification:updated', v_again);
  -- A mail that was due while it was taken back has not left. Push, which leaves at once, has.
  p_rule.channels := array_remove(p_rule.channels, 'push');
  perform heddle.queue_notifications(p_rule, v_again);
  return v_told.key;
end $$;

comment on function heddle.recalled_ask is
  'The key of what the team was told minutes ago, where a visitor asks, takes it back and asks again: that is unread again, also
for who dismissed it, and nobody is told of another. Else null.';

create function heddle.is_wavering(p_conversation_id uuid, p_told_at timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  v_asked heddle.notes;
begin
  select * into v_asked from heddle.notes
  where conversation_id = p_conversation_id and change ? 'needsHuman' and created_at <= p_told_at
  order by id desc limit 1;
  return v_asked.change ->> 'by' = 'USER' and not exists (
    select from heddle.notes
    where conversation_id = p_conversation_id and id > v_asked.id and change is not null
      and change <> '{"by": "USER", "needsHuman": true}'
  ) and not exists (
    select from heddle.messages
    where conversation_id = p_conversation_id and role = 'operator' and created_at > v_asked.created_at
  );
end $$;

comment on function heddle.is_wavering is
  'Whether the visitor asked for the person of whom the team was told then, and nobody has answered, claimed, closed or opened
the conversation, or asked for one in their place, since.';

create function heddle.asks_too_often(p_conversation heddle.conversations) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 5;
  c_while constant interval := '1 hour';
begin
  if p_conversation.kind = 'room' or exists (
    select from heddle.visitors where id = p_conversation.visitor_id and heddle.is_identified(end_user_id)
  ) then
    return false;
  end if;
  return c_most <= (
    select count(*) from heddle.conversations other
    where other.visitor_id = p_conversation.visitor_id and other.id <> p_conversation.id
      and other.needs_human and other.status = 'open' and exists (
        select from heddle.notifications told
        where told.conversation_id = other.id and told.rule = 'needs_human' and told.created_at > now() - c_while
      )
  );
end $$;

comment on function heddle.asks_too_often is
  'Whether the team was told within the hour of five other conversations in which the same anonymous visitor still asks for a
person. The inbox shows such a one as any other.';

create function heddle.notify_of_events(
  p_agent heddle.agents,
  p_rule heddle.notification_rules,
  p_from pg_snapshot,
  p_to pg_snapshot
) returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  c_topics constant jsonb := '[
    { "source": "conversations", "resource": "conversation", "event": "escalated" },
    { "source": "rooms", "resource": "room", "event": "updated" }
  ]';
  v_event heddle.events;
  v_conversation heddle.conversations;
  v_key text;
  v_made heddle.notifications[] := '{}';
begin
  for v_event in select * from heddle.events_between(p_from, p_to, -1, null, null, array[p_agent.id], c_topics) loop
    select * into v_conversation from heddle.conversations where id = v_event.resource_id::uuid;
    -- Somebody may have come meanwhile.
    continue when v_conversation.needs_human is not true or v_conversation.status <> 'open'
      or (v_event.data -> 'change' ? 'needsHuman') is not true or heddle.asks_too_often(v_conversation);
    v_key := heddle.recalled_ask(v_conversation, v_event, p_rule);
    v_made := v_made || heddle.make_notifications(
      p_agent, v_conversation, p_rule, coalesce(v_key, v_event.id::text), case
        when heddle.is_unanswered_by_bot(v_conversation.id) then '%s got no answer from the assistant.'
        else '%s needs a person.'
      end
    );
  end loop;
  return v_made;
end $$;

create function heddle.is_unanswered_by_bot(p_conversation_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  v_asked heddle.notes;
begin
  select * into v_asked from heddle.notes
  where conversation_id = p_conversation_id and change ? 'needsHuman' and not change ? 'again'
  order by id desc limit 1;
  return v_asked.change ->> 'by' is not distinct from 'BOT' and exists (
    select from heddle.messages
    where conversation_id = p_conversation_id and seq = v_asked.after_seq and role = 'system'
      and body in (select value from jsonb_each_text(heddle.failure_lines()))
  );
end $$;

comment on function heddle.is_unanswered_by_bot is
  'Whether it is because a bot could not answer, and said so, that a person is asked for: nobody has asked.';

create function heddle.number_wait() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.waiting_since is null or old.waiting_since is not null
    and (new.status <> 'open' or old.status = 'open') and new.assignee_id is not distinct from old.assignee_id then
    return new;
  end if;
  -- Who takes it knows of the wait.
  if old.waiting_since is null or old.status <> 'open' or new.assignee_id is null or new.assignee_id is distinct from auth.uid() then
    new.wait := old.wait + 1;
  end if;
  return new;
end $$;

comment on function heddle.number_wait is
  'Another wait begins: the visitor''s, or the same one for somebody else, since its holder went or handed it on, or since it was
opened again.';

-- Behind number_change, which says since when the visitor waits.
create trigger number_wait before update on heddle.conversations for each row execute function heddle.number_wait();

create function heddle.notify_of_waiting(p_agent heddle.agents, p_rule heddle.notification_rules)
returns heddle.notifications[]
language plpgsql set search_path = '' as $$
declare
  c_most constant integer := 200;
  v_conversation heddle.conversations;
  v_made heddle.notifications[] := '{}';
begin
  for v_conversation in
    select conversation.* from heddle.conversations conversation
    where agent_id = p_agent.id and status = 'open'
      and waiting_since <= now() - make_interval(mins => p_rule.minutes)
      and waiting_since > p_rule.on_since - make_interval(mins => p_rule.minutes)
      and not exists (
        select from heddle.notifications told
        where told.conversation_id = conversation.id and told.rule = 'waiting'
          and told.key = conversation.wait::text
      )
    order by waiting_since, id
    limit c_most
  loop
    v_made := v_made || heddle.make_notifications(
      p_agent, v_conversation, p_rule, v_conversation.wait::text,
      '%s has been waiting for an answer.', v_conversation.waiting_since
    );
  end loop;
  return v_made;
end $$;

create function heddle.notify(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
  v_cursor heddle.notification_cursors;
  v_rule heddle.notification_rules;
  v_to pg_snapshot;
  v_new heddle.notifications[];
  v_made heddle.notifications[] := '{}';
begin
  if not exists (select from heddle.notification_cursors where agent_id = p_agent_id) then
    return;
  end if;
  perform heddle.open_inbox(p_agent_id);
  -- Of several who run at once each goes on where the one before it stopped.
  select * into v_cursor from heddle.notification_cursors where agent_id = p_agent_id for update;
  if not found then
    return;
  end if;
  select * into v_agent from heddle.agents where id = p_agent_id;
  v_to := pg_current_snapshot();
  for v_rule in
    select * from heddle.notification_rules
    where agent_id = p_agent_id and is_on and rule <> 'handed_over' order by rule
  loop
    v_new := case v_rule.rule
      when 'needs_human' then heddle.notify_of_events(v_agent, v_rule, v_cursor.snapshot, v_to)
      when 'waiting' then heddle.notify_of_waiting(v_agent, v_rule)
      when 'task_ended' then heddle.notify_of_tasks(v_agent, v_rule, v_cursor.snapshot, v_to)
      else heddle.notify_of_messages(v_agent, v_rule, v_cursor.snapshot, v_to)
    end;
    perform heddle.queue_notifications(v_rule, v_new);
    v_made := v_made || v_new;
  end loop;
  update heddle.notification_cursors set snapshot = v_to where agent_id = p_agent_id;
  perform heddle.tell_notifications(p_agent_id, 'notification:new', v_made);
end $$;

comment on function heddle.notify is
  'Tells an agent''s team of what came since the last time, by the rules that are on. Call it last in a transaction: what is
written after it may count as read.';

create function heddle.tend_notifications() returns void
language plpgsql set search_path = '' as $$
declare
  c_most constant integer := 1000;
  v_agent_id uuid;
begin
  for v_agent_id in select agent_id from heddle.notification_cursors order by agent_id loop
    perform heddle.notify(v_agent_id);
  end loop;
  delete from heddle.notifications where id = any (array(
    select id from heddle.notifications where created_at < now() - interval '30 days'
    order by created_at limit c_most for update skip locked
  ));
end $$;

comment on function heddle.tend_notifications is 'What notifications need with time. Call it last, as notify.';

create function heddle_api.notify(p_agent_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.notify(p_agent_id);
end $$;

comment on function heddle_api.notify is
  'Tells an agent''s team at once of what its rules are about: for whoever has just written something of the kind.';

create function heddle.see_notifications(
  p_conversation heddle.conversations,
  p_recipient uuid,
  p_rule text default null
) returns void
language plpgsql set search_path = '' as $$
declare
  v_seen heddle.notifications[];
begin
  with seen as (
    update heddle.notifications set read_at = clock_timestamp()
    where id in (
      select id from heddle.notifications
      where conversation_id = p_conversation.id and read_at is null and (p_recipient is null or recipient = p_recipient)
        and (p_rule is null or rule = p_rule)
      order by id for no key update
    )
    returning *
  )
  select coalesce(array_agg(seen::heddle.notifications), '{}') into v_seen from seen;
  perform heddle.tell_notifications(p_conversation.agent_id, 'notification:updated', v_seen);
end $$;

comment on function heddle.see_notifications is
  'Marks what somebody (null: anybody) was told of a conversation, by a rule (null: by any), as read.';

create function heddle.tell_holder(p_conversation heddle.conversations) returns void
language plpgsql set search_path = '' as $$
declare
  c_name constant integer := 120;
  v_agent heddle.agents;
  v_rule heddle.notification_rules := heddle.rule_of(p_conversation.agent_id, 'handed_over');
  v_made heddle.notifications[];
  v_by text;
begin
  select * into v_agent from heddle.agents where id = p_conversation.agent_id;
  select left(heddle.one_line(name), c_name) into v_by from heddle.members
  where org_id = v_agent.org_id and user_id = auth.uid();
  v_made := heddle.make_notifications(
    v_agent, p_conversation, v_rule, p_conversation.rev::text,
    coalesce(replace(v_by, '%', '%%') || ' handed you', 'You were handed') || case p_conversation.kind
      when 'room' then format(' the room %s.', replace(left(heddle.one_line(p_conversation.name), c_name), '%', '%%'))
      else ' the conversation with %s.'
    end
  );
  if v_rule.is_on then
    perform heddle.queue_notifications(v_rule, v_made);
  end if;
  perform heddle.tell_notifications(p_conversation.agent_id, 'notification:new', v_made);
end $$;

comment on function heddle.tell_holder is
  'Tells whoever holds a conversation that somebody else gave it to them: in the inbox, and by the channels of the rule if that is on.';

create function heddle.settle_notifications() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not (
    new.assignee_id is not null and new.assignee_id is distinct from old.assignee_id
    or new.status <> 'open' and old.status = 'open'
    or old.needs_human and not new.needs_human
    or old.waiting_since is not null and new.waiting_since is null
  ) then
    return null;
  end if;
  perform heddle.see_notifications(new, null);
  if new.assignee_id is distinct from old.assignee_id and new.assignee_id is not null
    and new.assignee_id is distinct from auth.uid() then
    perform heddle.tell_holder(new);
  end if;
  return null;
end $$;

create function heddle.settle_hand_over() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.see_notifications(new, null, 'handed_over');
  return null;
end $$;

comment on function heddle.settle_hand_over is
  'Once a conversation is nobody''s any more, what its holder was told of being handed it is over. Who waits still waits.';

create trigger settle_hand_over after update of assignee_id on heddle.conversations
  for each row when (new.assignee_id is null and old.assignee_id is not null) execute function heddle.settle_hand_over();

comment on function heddle.settle_notifications is
  'Once somebody claims, answers or resolves a conversation, nobody needs to be told of it but who holds it without having asked.';

create trigger settle_notifications after update of assignee_id, status, needs_human, waiting_since on heddle.conversations
  for each row execute function heddle.settle_notifications();

create function heddle.inbox_notifications(p_agent_id uuid, p_before uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c_most constant integer := 50;
  c_most_handed constant integer := 500;
  v_me uuid := (heddle.require_member(p_agent_id)).user_id;
begin
  return jsonb_build_object(
    'unread', heddle.unread_notifications(p_agent_id, v_me),
    'notifications', (
      select coalesce(jsonb_agg(heddle.notification_json(shown) order by shown.created_at desc, shown.id desc), '[]')
      from (
        select * from heddle.notifications
        where recipient = v_me and agent_id = p_agent_id and dismissed_at is null and (
          p_before is null
          or (created_at, id) < (select created_at, id from heddle.notifications where id = p_before and recipient = v_me)
        )
        order by created_at desc, id desc limit c_most
      ) shown
    ),
    'handed', (
      select coalesce(jsonb_agg(jsonb_build_object('id', id, 'conversationId', conversation_id)), '[]')
      from (
        select id, conversation_id from heddle.notifications
        where recipient = v_me and agent_id = p_agent_id and dismissed_at is null and read_at is null and rule = 'handed_over'
        order by created_at desc, id desc limit c_most_handed
      ) handed
    )
  );
end $$;

create function heddle.unread_notifications(p_agent_id uuid, p_user_id uuid) returns integer
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 100;
begin
  return (
    select count(*) from (
      select from heddle.notifications
      where recipient = p_user_id and agent_id = p_agent_id and dismissed_at is null and read_at is null limit c_most
    ) unread
  );
end $$;

comment on function heddle.unread_notifications is 'How many somebody has not read, counted up to 100.';

create function heddle.read_notifications(p_agent_id uuid, p_recipient uuid, p_ids uuid[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_read heddle.notifications[];
begin
  with changed as (
    update heddle.notifications set read_at = clock_timestamp()
    where id in (
      select id from heddle.notifications
      where recipient = p_recipient and agent_id = p_agent_id and read_at is null and (p_ids is null or id = any (p_ids))
      order by id for no key update
    )
    returning *
  )
  select coalesce(array_agg(changed::heddle.notifications), '{}') into v_read from changed;
  perform heddle.tell_notifications(p_agent_id, 'notification:updated', v_read);
end $$;

create function heddle.inbox_read_notifications(p_agent_id uuid, p_ids uuid[], p_until uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me uuid := (heddle.enter_inbox(p_agent_id)).user_id;
begin
  perform heddle.read_notifications(p_agent_id, v_me, case when p_until is null then p_ids else array(
    select id from heddle.notifications
    where recipient = v_me and agent_id = p_agent_id and read_at is null and (p_ids is null or id = any (p_ids))
      and (created_at, id) <= (select created_at, id from heddle.notifications where id = p_until and recipient = v_me)
  ) end);
  return jsonb_build_object('unread', heddle.unread_notifications(p_agent_id, v_me));
end $$;

create function heddle.dismiss_notifications(p_agent_id uuid, p_recipient uuid, p_ids uuid[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_dismissed heddle.notifications[];
begin
  with changed as (
    update heddle.notifications
    set dismissed_at = clock_timestamp(), read_at = coalesce(read_at, clock_timestamp())
    where id in (
      select id from heddle.notifications
      where recipient = p_recipient and agent_id = p_agent_id and dismissed_at is null and (p_ids is null or id = any (p_ids))
      order by id for no key update
    )
    returning *
  )
  select coalesce(array_agg(changed::heddle.notifications), '{}') into v_dismissed from changed;
  perform heddle.tell_notifications(p_agent_id, 'notification:updated', v_dismissed);
end $$;

create function heddle.inbox_dismiss_notifications(p_agent_id uuid, p_ids uuid[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me uuid := (heddle.enter_inbox(p_agent_id)).user_id;
begin
  perform heddle.dismiss_notifications(p_agent_id, v_me, p_ids);
  return jsonb_build_object('unread', heddle.unread_notifications(p_agent_id, v_me));
end $$;

create function heddle.ready_rules(p_agent_id uuid) returns setof heddle.notification_rules
language plpgsql stable set search_path = '' as $$
begin
  return query
    select p_agent_id, ready.rule, ready.rule = 'handed_over', ready.minutes, ready.channels, ready.priority, 5, 15, null::time, null::time, null::text, now()
    from (values
      ('away_reply', null::integer, array['email', 'push'], 'normal'),
      ('handed_over', null, array['email', 'push'], 'high'),
      ('needs_human', null, array['email', 'push'], 'high'),
      ('new_message', null, array['email', 'push'], 'normal'),
      ('task_ended', null, array['email', 'push'], 'normal'),
      ('waiting', 5, array['email', 'push'], 'normal')
    ) ready (rule, minutes, channels, priority);
end $$;

comment on function heddle.ready_rules is 'The ready-made rules as they are before anybody changes them.';

create function heddle.rule_of(p_agent_id uuid, p_rule text) returns heddle.notification_rules
language plpgsql stable set search_path = '' as $$
declare
  v_rule heddle.notification_rules;
begin
  select * into v_rule from heddle.notification_rules where agent_id = p_agent_id and rule = p_rule;
  if not found then
    select * into v_rule from heddle.ready_rules(p_agent_id) ready where ready.rule = p_rule;
  end if;
  return v_rule;
end $$;

comment on function heddle.rule_of is 'A rule as it is, also one that nobody has changed.';

create function heddle.rule_json(p_rule heddle.notification_rules) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
    'rule', p_rule.rule, 'on', p_rule.is_on, 'channels', p_rule.channels, 'priority', p_rule.priority,
    'delay', p_rule.delay_minutes, 'batch', p_rule.batch_minutes,
    'quiet', case when p_rule.quiet_zone is not null then jsonb_build_object(
      'from', to_char(p_rule.quiet_from, 'HH24:MI'), 'to', to_char(p_rule.quiet_to, 'HH24:MI'), 'zone', p_rule.quiet_zone
    ) end
  ) || case when p_rule.minutes is null then '{}' else jsonb_build_object('minutes', p_rule.minutes) end;
end $$;

create function heddle.rules_json(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_agg(
      heddle.rule_json(case when kept.rule is null then ready::heddle.notification_rules else kept::heddle.notification_rules end)
      order by ready.rule
    )
    from heddle.ready_rules(p_agent_id) ready
    left join heddle.notification_rules kept on kept.agent_id = p_agent_id and kept.rule = ready.rule
  );
end $$;

comment on function heddle.rules_json is 'The ready-made rules as they are.';

create function heddle.is_zone(p_zone text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  -- Of what is no name, such as Mars5, "at time zone" takes much for one (POSIX).
  return exists (select from pg_catalog.pg_timezone_names where lower(name) = lower(p_zone));
end $$;

create function heddle.changed_rule(p_rule heddle.notification_rules, p_changes jsonb) returns heddle.notification_rules
language plpgsql stable set search_path = '' as $$
declare
  c_time constant text := '^([01][0-9]|2[0-3]):[0-5][0-9]$';
  c_minutes constant text := '^[0-9]{1,4}$';
  v_kept constant jsonb := heddle.rule_json(p_rule) -> 'quiet';
  v_quiet jsonb := p_changes -> 'quiet';
  v_rule heddle.notification_rules := p_rule;
begin
  perform heddle.demand(jsonb_typeof(p_changes) = 'object', 'Settings must be an object.');
  perform heddle.demand(
    p_changes - array['channels', 'priority', 'delay', 'batch', 'quiet'] = '{}',
    'The settings of a rule are channels, priority, delay, batch and quiet.'
  );
  if p_changes ? 'channels' then
    perform heddle.demand(
      p_changes -> 'channels' <@ '["email", "push"]' and jsonb_typeof(p_changes -> 'channels') = 'array',
      'The channels are email and push.'
    );
    v_rule.channels := array(select distinct channel from jsonb_array_elements_text(p_changes -> 'channels') channel order by channel);
  end if;
  if p_changes ? 'priority' then
    perform heddle.demand(
      p_changes ->> 'priority' in ('low', 'normal', 'high', 'critical'), 'The priority must be low, normal, high or critical.'
    );
    v_rule.priority := p_changes ->> 'priority';
  end if;
  perform heddle.demand(
    coalesce(p_changes ->> 'delay', '0') ~ c_minutes and coalesce(p_changes ->> 'batch', '0') ~ c_minutes
      and greatest((p_changes ->> 'delay')::integer, (p_changes ->> 'batch')::integer, 0) <= 1440,
    'Delay and batch window are minutes, from 0 to 1440.'
  );
  v_rule.delay_minutes := coalesce((p_changes ->> 'delay')::integer, v_rule.delay_minutes);
  v_rule.batch_minutes := coalesce((p_changes ->> 'batch')::integer, v_rule.batch_minutes);
  if jsonb_typeof(v_quiet) = 'object' then
    v_quiet := jsonb '{"zone": "UTC"}' || case when jsonb_typeof(v_kept) = 'object' then v_kept else '{}' end || v_quiet;
    perform heddle.demand(
      v_quiet ->> 'from' ~ c_time and v_quiet ->> 'to' ~ c_time and v_quiet ->> 'from' <> v_quiet ->> 'to',
      'Quiet hours are { from, to, zone }, such as 22:00, 07:00 and Europe/Berlin.'
    );
    perform heddle.demand(
      heddle.is_zone(v_quiet ->> 'zone'),
      format('There is no time zone %s: the one of quiet hours is such as Europe/Berlin, or UTC.', left(v_quiet ->> 'zone', 60))
    );
  else
    perform heddle.demand(coalesce(jsonb_typeof(v_quiet), 'null') = 'null', 'Quiet hours are { from, to, zone } or null.');
  end if;
  if p_changes ? 'quiet' then
    v_rule.quiet_from := (v_quiet ->> 'from')::time;
    v_rule.quiet_to := (v_quiet ->> 'to')::time;
    v_rule.quiet_zone := v_quiet ->> 'zone';
  end if;
  return v_rule;
end $$;

comment on function heddle.changed_rule is
  'The rule with other settings: { channels?, priority?, delay?, batch?, quiet? }, quiet { from?, to?, zone? } or null. What is missing
stays; quiet hours that were none are in UTC unless they say so. PT400.';

create function heddle_api.set_rule(
  p_agent_id uuid,
  p_rule text,
  p_on boolean,
  p_minutes integer default null,
  p_settings jsonb default '{}'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_kept heddle.notification_rules;
  v_rule heddle.notification_rules;
begin
  perform heddle.demand(
    p_rule in ('away_reply', 'handed_over', 'needs_human', 'new_message', 'task_ended', 'waiting'),
    'The rule must be away_reply, handed_over, needs_human, new_message, task_ended or waiting.'
  );
  perform heddle.demand(p_on is not null, 'A rule is on or off.');
  perform heddle.demand(
    p_minutes is null or p_rule = 'waiting' and p_minutes between 1 and 1440,
    'Only waiting has minutes, from 1 to 1440.'
  );
  -- As notify has it: first the rules' place, then what they are.
  perform from heddle.agents where id = p_agent_id for key share;
  if not found then
    return null;
  end if;
  insert into heddle.notification_cursors (agent_id) values (p_agent_id) on conflict do nothing;
  perform from heddle.notification_cursors where agent_id = p_agent_id for update;
  select * into v_kept from heddle.notification_rules where agent_id = p_agent_id and rule = p_rule;
  v_rule := heddle.changed_rule(heddle.rule_of(p_agent_id, p_rule), coalesce(p_settings, '{}'));
  v_rule.is_on := p_on;
  v_rule.minutes := coalesce(p_minutes, v_rule.minutes);
  if v_rule.is_on is distinct from v_kept.is_on then
    v_rule.on_since := now();
  elsif v_rule.minutes <> v_kept.minutes then
    -- Whose wait was not over when it was switched on is still told of, whatever the minutes are now.
    v_rule.on_since := v_kept.on_since + make_interval(mins => v_rule.minutes - v_kept.minutes);
  end if;
  if v_rule is distinct from v_kept then
    insert into heddle.notification_rules select v_rule.*
    on conflict (agent_id, rule) do update set
      is_on = excluded.is_on, minutes = excluded.minutes, channels = excluded.channels, priority = excluded.priority,
      delay_minutes = excluded.delay_minutes, batch_minutes = excluded.batch_minutes, quiet_from = excluded.quiet_from,
      quiet_to = excluded.quiet_to, quiet_zone = excluded.quiet_zone, on_since = excluded.on_since;
  end if;
  -- A rule that is off reads nothing; one that is switched on begins with what comes.
  if not exists (
    select from heddle.notification_rules where agent_id = p_agent_id and is_on and rule <> 'handed_over'
  ) then
    delete from heddle.notification_cursors where agent_id = p_agent_id;
  end if;
  return heddle.rules_json(p_agent_id);
end $$;

comment on function heddle_api.set_rule is
  'Switches a ready-made rule on or off: away_reply, handed_over, needs_human, new_message, task_ended, or waiting with its minutes (5 unless told
otherwise). p_settings: { channels?, priority?, delay?, batch?, quiet? }; what is missing stays. Answers with list_rules; null
if there is no such agent. PT400.';

create function heddle_api.list_rules(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select heddle.rules_json(id) from heddle.agents where id = p_agent_id);
end $$;

comment on function heddle_api.list_rules is
  'The ready-made rules of an agent: [{ rule, on, channels, priority, delay, batch, quiet, minutes? }], times in minutes; null
if there is no such agent.';

create function heddle.inbox_rules(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform heddle.require_member(p_agent_id, 'settings');
  return jsonb_build_object('rules', heddle.rules_json(p_agent_id));
end $$;

create function heddle.inbox_set_rule(p_agent_id uuid, p_rule text, p_on boolean, p_minutes integer, p_settings jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.enter_inbox(p_agent_id, 'settings');
  return jsonb_build_object('rules', heddle_api.set_rule(p_agent_id, p_rule, p_on, p_minutes, p_settings));
end $$;

create function heddle_api.inbox_notifications(p_agent_id uuid, p_before uuid default null) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_notifications(p_agent_id, p_before);
end $$;

comment on function heddle_api.inbox_notifications is
  'The caller''s 50 newest notifications that were not dismissed, or those before p_before: { unread, notifications: [{ id, userId,
conversationId, rule, priority, content, createdAt, readAt, dismissedAt }], handed: [{ id, conversationId }] }, unread counted up
to 100, handed the unread ones of conversations that somebody handed over, up to 500. PT404.';

create function heddle_api.inbox_read_notifications(
  p_agent_id uuid,
  p_ids uuid[] default null,
  p_until uuid default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_read_notifications(p_agent_id, p_ids, p_until);
end $$;

comment on function heddle_api.inbox_read_notifications is
  'Marks the caller''s notifications, these or all, or all up to p_until, as read: { unread }. PT404.';

create function heddle_api.inbox_dismiss_notifications(p_agent_id uuid, p_ids uuid[] default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_dismiss_notifications(p_agent_id, p_ids);
end $$;

comment on function heddle_api.inbox_dismiss_notifications is
  'Takes the caller''s notifications, these or all, out of the list: { unread }. PT404.';

create function heddle_api.inbox_rules(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_rules(p_agent_id);
end $$;

comment on function heddle_api.inbox_rules is 'The ready-made rules: { rules }, each as list_rules answers it. PT403, PT404.';

create function heddle_api.inbox_set_rule(
  p_agent_id uuid,
  p_rule text,
  p_on boolean,
  p_minutes integer default null,
  p_settings jsonb default '{}'
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_set_rule(p_agent_id, p_rule, p_on, p_minutes, p_settings);
end $$;

comment on function heddle_api.inbox_set_rule is 'Switches a rule on or off, as set_rule does: { rules }. PT400, PT403, PT404.';

revoke execute on function
  heddle.notification_json, heddle.told_outside, heddle.told_name, heddle.tell_notifications, heddle.make_notifications, heddle.recalled_ask, heddle.is_wavering,
  heddle.number_wait, heddle.asks_too_often, heddle.notify_of_events, heddle.is_unanswered_by_bot,
  heddle.notify_of_waiting, heddle.notify, heddle.tend_notifications, heddle_api.notify, heddle.see_notifications,
  heddle.tell_holder, heddle.settle_notifications, heddle.settle_hand_over, heddle.inbox_notifications, heddle.unread_notifications, heddle.read_notifications,
  heddle.dismiss_notifications, heddle.inbox_read_notifications,
  heddle.inbox_dismiss_notifications, heddle.ready_rules, heddle.rule_of, heddle.rule_json, heddle.rules_json, heddle.is_zone,
  heddle.changed_rule, heddle_api.set_rule, heddle_api.list_rules, heddle.inbox_rules,
  heddle.inbox_set_rule, heddle_api.inbox_notifications, heddle_api.inbox_read_notifications,
  heddle_api.inbox_dismiss_notifications, heddle_api.inbox_rules, heddle_api.inbox_set_rule
from public;
grant execute on function
  heddle.inbox_notifications, heddle.inbox_read_notifications, heddle.inbox_dismiss_notifications, heddle.inbox_rules,
  heddle.inbox_set_rule, heddle_api.inbox_notifications, heddle_api.inbox_read_notifications,
  heddle_api.inbox_dismiss_notifications, heddle_api.inbox_rules, heddle_api.inbox_set_rule
to authenticated;
grant execute on function heddle_api.notify, heddle_api.set_rule, heddle_api.list_rules to service_role;

-- What is to be sent to the outside, and what became of it. A worker takes what is due under a lease, sends it, and says how it
-- went: what fails is tried again, ever later, and what a worker that is gone had taken is taken by another.

create table heddle.deliveries (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  agent_id uuid references heddle.agents (id) on delete cascade,
  kind text not null check (kind in ('webhook', 'email', 'push')),
  target uuid not null,
  content jsonb not null check (jsonb_typeof(content) = 'object'),
  -- Anybody can give browsers that answer slowly: an agent's visitors share one part.
  part_of uuid generated always as (
    case when kind = 'webhook' then target when kind = 'push' and content ->> 'audience' = 'visitor' then agent_id end
  ) stored,
  turn smallint not null default 0,
  notification_id uuid references heddle.notifications (id) on delete cascade,
  event_id uuid,
  batch_key text,
  count integer not null default 1,
  due timestamptz not null default now(),
  attempts integer not null default 0,
  leased_until timestamptz,
  lease uuid,
  status text not null default 'queued' check (status in ('queued', 'sent', 'suppressed', 'dead')),
  last_error text check (length(last_error) <= 500),
  answer jsonb,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  dismissed_at timestamptz,
  constraint deliveries_lease check ((lease is null) = (leased_until is null)),
  constraint deliveries_ended check ((status = 'queued') = (ended_at is null))
);
create index deliveries_due on heddle.deliveries (due, id) where status = 'queued';
create index deliveries_parts on heddle.deliveries (part_of, turn, due, id) where status = 'queued' and part_of is not null;
create index deliveries_due_alone on heddle.deliveries (due, id) where status = 'queued' and part_of is null;
create index deliveries_leased_until on heddle.deliveries (leased_until) where leased_until is not null;
create unique index deliveries_batch on heddle.deliveries (kind, target, batch_key)
  where status = 'queued' and attempts = 0 and batch_key is not null;
create unique index deliveries_event on heddle.deliveries (target, event_id) where kind = 'webhook' and event_id is not null;
create index deliveries_target on heddle.deliveries (target, id desc);
create index deliveries_open on heddle.deliveries (target) where status in ('queued', 'dead');
create index deliveries_org on heddle.deliveries (org_id, id desc);
create index deliveries_agent on heddle.deliveries (agent_id);
create index deliveries_notification on heddle.deliveries (notification_id);
create index deliveries_ended_at on heddle.deliveries (ended_at) where ended_at is not null;
alter table heddle.deliveries enable row level security;

comment on table heddle.deliveries is 'What is sent to webhooks, by e-mail and by push. Kept for 30 days after its end.';
comment on column heddle.deliveries.target is 'To whom: the webhook; for the others a member or a device.';
comment on column heddle.deliveries.part_of is
  'Whose part of what a worker takes at once it is of: a webhook''s, or that of the push messages to an agent''s visitors. Null: its target''s.';
comment on column heddle.deliveries.turn is 'Within that part: those of a lower one go first.';
comment on column heddle.deliveries.batch_key is 'What has the same one, kind and target is sent as one until it is tried for the first time.';
comment on column heddle.deliveries.count is 'How many were put together. The content is that of the last.';
comment on column heddle.deliveries.lease is 'Whoever holds it alone says how it went. Null while it waits.';
comment on column heddle.deliveries.dismissed_at is 'An owner has seen that it was given up.';
comment on column heddle.deliveries.answer is 'What came back at the last try: { status, ms, body }.';

create table heddle.delivery_worker (
  is_one boolean primary key default true check (is_one),
  url text,
  private_hosts text[],
  push_hosts text[] not null default '{}',
  key text not null default 'hdw_' || encode(extensions.gen_random_bytes(24), 'hex')
);
alter table heddle.delivery_worker enable row level security;
insert into heddle.delivery_worker default values;

comment on table heddle.delivery_worker is 'Where the function that sends is called, as it said itself, and with which key.';
comment on column heddle.delivery_worker.private_hosts is
  'HEDDLE_ALLOW_PRIVATE_WEBHOOKS as it has it: host or host:port. Null while it has not said so.';

comment on column heddle.delivery_worker.push_hosts is
  'host or host:port of push services that may be private and use http: for tests. Browsers name theirs themselves, so that what
private_hosts exempts is not exempt for them.';

create function heddle.is_public_address(p_address text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  -- The same as in supabase/functions/_shared/net/addresses.ts, which says where they come from.
  c_not_public constant inet[] := '{0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 168.63.129.16/32, 169.254.0.0/16,
    172.16.0.0/12, 192.0.0.0/24, 192.0.2.0/24, 192.88.99.0/24, 192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24,
    224.0.0.0/4, 240.0.0.0/4, 2001::/23, 2001:db8::/32, 2002::/16, 3fff::/20}';
  v_address inet;
begin
  v_address := p_address::inet;
  return not v_address <<= any (c_not_public) and (family(v_address) = 4 or v_address << '2000::/3');
exception when invalid_text_representation then
  return null;
end $$;

comment on function heddle.is_public_address is 'Whether an address is one host''s on the public internet. Null for what is no address.';

create function heddle.demand_public_url(p_url text, p_what text, p_private_hosts text[], p_exception text) returns void
language plpgsql immutable set search_path = '' as $$
declare
  v_place text := lower(substring(p_url from '^https?://([^/?#]+)'));
  v_host text := regexp_replace(v_place, ':[0-9]*$', '');
  v_standard_port text := case when p_url like 'https:%' then ':443' else ':80' end;
begin
  perform heddle.demand(coalesce(v_place !~ '@', true), format('The %s URL must not hold a user name or password.', p_what));
  if p_private_hosts is null or p_private_hosts && array[v_host, v_place, v_host || v_standard_port] then
    return;
  end if;
  perform heddle.demand(p_url like 'https:%', format('The %s URL must use https.', p_what), p_exception);
  perform heddle.demand(
    case
      when v_host ~ '(^|\.)localhost\.?$' then false
      when v_host ~ '%' then false
      -- Browsers and the worker read every such name as an IPv4 address, in one of many spellings: one alone means the same here.
      when v_host ~ '(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$' then
        v_host !~ '(^|\.)0[0-9]' and heddle.is_public_address(v_host) is true
      else coalesce(heddle.is_public_address(btrim(v_host, '[]')), v_host is not null)
    end,
    format('The %s''s host must have public addresses only.', p_what), p_exception
  );
end $$;

comment on function heddle.demand_public_url is
  'Raises PT400 unless a URL holds no user, uses https and leads to a public address, as far as that is known: what names lead to
the worker alone sees. p_private_hosts may do otherwise, null: all may; p_exception tells of them, as a hint.';

create function heddle.demand_callable(p_url text, p_what text) returns void
language plpgsql stable set search_path = '' as $$
begin
  perform heddle.demand_public_url(
    p_url, p_what, (select private_hosts from heddle.delivery_worker), 'HEDDLE_ALLOW_PRIVATE_WEBHOOKS names hosts that may be otherwise.'
  );
end $$;

comment on function heddle.demand_callable is 'Raises PT400 for a URL of an owner''s that the worker would refuse.';

create function heddle.queue_delivery(
  p_org_id uuid,
  p_agent_id uuid,
  p_kind text,
  p_target uuid,
  p_content jsonb,
  p_notification_id uuid default null,
  p_event_id uuid default null,
  p_batch_key text default null,
  p_due timestamptz default now(),
  p_turn integer default 0
) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_id bigint;
begin
  insert into heddle.deliveries as waiting
    (org_id, agent_id, kind, target, content, notification_id, event_id, batch_key, due, turn)
  values (p_org_id, p_agent_id, p_kind, p_target, p_content, p_notification_id, p_event_id, p_batch_key, p_due, p_turn)
  on conflict (kind, target, batch_key) where status = 'queued' and attempts = 0 and batch_key is not null do update set
    count = waiting.count + 1,
    content = excluded.content,
    notification_id = excluded.notification_id,
    event_id = excluded.event_id,
    due = least(waiting.due, excluded.due)
  returning id into v_id;
  return v_id;
end $$;

comment on function heddle.queue_delivery is
  'Queues something to be sent at p_due, and answers its id. With a batch key it joins what waits under the same one, and is
sent when that is due.';

create function heddle.most_tries(p_kind text) returns integer
language sql immutable set search_path = '' as $$
  select case p_kind when 'webhook' then 15 else 12 end;
$$;

comment on function heddle.most_tries is 'After how many tries a delivery is given up: of a webhook after about a day, of others after about ten hours.';

create function heddle.retry_delay(p_attempts integer) returns interval
language sql volatile set search_path = '' as $$
  select least(interval '6 hours', interval '30 seconds' * 2 ^ (least(p_attempts, 20) - 1)) * (0.5 + random() / 2);
$$;

comment on function heddle.retry_delay is 'How long to wait after this many tries: 30 s, doubled each time up to 6 h, less up to half of it by chance.';

create function heddle.delivery_receiver(p_delivery heddle.deliveries) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case p_delivery.kind
    when 'webhook' then heddle.webhook_receiver(p_delivery.target)
    when 'email' then heddle.mail_receiver(p_delivery)
    when 'push' then heddle.push_receiver(p_delivery)
  end;
end $$;

comment on function heddle.delivery_receiver is 'What sending needs to know of the target as it is now; null: there is none any more that wants it.';

create function heddle_api.take_deliveries(
  p_kinds text[],
  p_limit integer,
  p_url text default null,
  p_private_hosts text[] default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_lease constant interval := '60 seconds';
  c_seen constant integer := 1000;
  -- So that one who has much to get keeps no other waiting.
  c_most_each constant integer := 10;
  v_lease uuid := gen_random_uuid();
  v_seen bigint[];
  v_taken heddle.deliveries[];
begin
  update heddle.delivery_worker set url = coalesce(p_url, url), private_hosts = coalesce(p_private_hosts, private_hosts)
  where url is distinct from coalesce(p_url, url) or private_hosts is distinct from coalesce(p_private_hosts, private_hosts);
  perform heddle.queue_for_webhooks();
  update heddle.deliveries set status = 'dead', ended_at = now(), lease = null, leased_until = null,
    last_error = 'Whoever sent it stopped each time before it was done.'
  where id in (
    select id from heddle.deliveries
    where status = 'queued' and due <= now() and leased_until <= now() and attempts >= heddle.most_tries(kind)
    for update skip locked
  );
  -- Each part is looked into by itself: however much waits in one, the others are not beyond what is seen.
  with recursive part as (
    (
      select part_of, turn from heddle.deliveries
      where status = 'queued' and part_of is not null order by part_of, turn limit 1
    )
    union all
    select next.part_of, next.turn from part cross join lateral (
      select part_of, turn from heddle.deliveries
      where status = 'queued' and part_of is not null and (part_of, turn) > (part.part_of, part.turn)
      order by part_of, turn limit 1
    ) next
  ), waiting as (
    (
      select id, kind, due, turn, target as part_of from heddle.deliveries
      where status = 'queued' and part_of is null and due <= now() and kind = any (p_kinds)
        and coalesce(leased_until <= now(), true)
      order by due, id limit c_seen
    )
    union all
    select first.id, first.kind, first.due, part.turn, part.part_of from part cross join lateral (
      select id, kind, due from heddle.deliveries
      where status = 'queued' and part_of = part.part_of and turn = part.turn and due <= now() and kind = any (p_kinds)
        and coalesce(leased_until <= now(), true)
      order by due, id limit c_most_each
    ) first
  ), placed as (
    select id, due, row_number() over (partition by kind, part_of order by turn, due, id) as place from waiting
  )
  select array(select id from placed where place <= c_most_each order by place, due, id limit c_seen) into v_seen;
  with next as (
    select id from heddle.deliveries
    where id = any (v_seen) and status = 'queued' and due <= now() and coalesce(leased_until <= now(), true)
    order by array_position(v_seen, id) limit p_limit
    for update skip locked
  ), taken as (
    update heddle.deliveries delivery
    set attempts = attempts + 1, lease = v_lease, leased_until = now() + c_lease
    from next where next.id = delivery.id
    returning delivery.*
  )
  select array_agg(taken::heddle.deliveries) into v_taken from taken;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', id, 'lease', lease, 'kind', kind, 'target', target, 'content', content, 'count', count,
      'attempts', attempts, 'createdAt', created_at, 'orgId', org_id, 'agentId', agent_id,
      'notificationId', notification_id, 'eventId', event_id,
      'receiver', heddle.delivery_receiver(delivery)
    ) order by due, id), '[]')
    from unnest(v_taken) delivery
  );
end $$;

comment on function heddle_api.take_deliveries is
  'Takes what is due, of these kinds, for 60 s: [{ id, lease, kind, target, content, count, attempts, createdAt, orgId, agentId,
notificationId, eventId, receiver }]. Whoever takes it calls end_delivery. p_url: where the worker is, if it is a function. p_private_hosts:
which hosts it calls though they are not public.';

create function heddle_api.end_delivery(
  p_id bigint,
  p_lease uuid,
  p_outcome text,
  p_error text default null,
  p_retry_after integer default null,
  p_answer jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_longest constant integer := 86400;
  v_delivery heddle.deliveries;
begin
  perform heddle.demand(
    p_outcome in ('sent', 'failed', 'dead', 'suppressed'), 'The outcome must be sent, failed, dead or suppressed.'
  );
  select * into v_delivery from heddle.deliveries where id = p_id and lease = p_lease and status = 'queued' for update;
  if not found then
    return null;
  end if;
  v_delivery.status := case
    when p_outcome <> 'failed' then p_outcome
    when v_delivery.attempts >= heddle.most_tries(v_delivery.kind) then 'dead'
    else 'queued'
  end;
  if v_delivery.status = 'queued' then
    v_delivery.due := now() + case
      when p_retry_after is null then heddle.retry_delay(v_delivery.attempts)
      else make_interval(secs => greatest(1, least(p_retry_after, c_longest)))
    end;
  end if;
  update heddle.deliveries set
    status = v_delivery.status, due = v_delivery.due, lease = null, leased_until = null,
    last_error = left(p_error, 500), answer = p_answer,
    ended_at = case when v_delivery.status <> 'queued' then clock_timestamp() end
  where id = p_id;
  if v_delivery.kind = 'webhook' and p_outcome <> 'suppressed' then
    perform heddle.note_webhook(v_delivery.target, p_outcome, p_error);
  end if;
  if v_delivery.kind = 'push' then
    perform heddle.note_push(v_delivery.target, p_outcome);
  end if;
  return jsonb_build_object('status', v_delivery.status, 'due', v_delivery.due);
end $$;

comment on function heddle_api.end_delivery is
  'How a delivery that was taken went: { status, due }; null if its lease is over. failed: it is tried again after p_retry_after
seconds, or after the usual time, or given up. dead: it is given up, and a webhook switched off. p_answer: { status, ms, body }. PT400.';

create function heddle.replay_delivery(p_id bigint) returns boolean
language plpgsql set search_path = '' as $$
begin
  update heddle.deliveries set status = 'queued', ended_at = null, attempts = 0, due = now(), batch_key = null,
    last_error = null, answer = null, dismissed_at = null
  where id = p_id and status <> 'queued';
  return found;
end $$;

comment on function heddle.replay_delivery is 'Has something that is over sent again, with as many tries as at first. False if it is not over.';

create function heddle_api.deliveries_due(p_agent_id uuid default null) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_agent_id is not null then
    perform heddle.notify(p_agent_id);
  end if;
  perform heddle.queue_for_webhooks();
  return exists (
    select from heddle.deliveries where status = 'queued' and due <= now() and coalesce(leased_until <= now(), true)
  );
end $$;

comment on function heddle_api.deliveries_due is
  'Whether there is something to send now, so that a worker should be called. p_agent_id: first its team is told of what came.';

create function heddle_api.is_delivery_worker(p_key text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select from heddle.delivery_worker where sha256(convert_to(key, 'UTF8')) = sha256(convert_to(p_key, 'UTF8')));
end $$;

comment on function heddle_api.is_delivery_worker is 'Whether this is the key with which the database calls the function that sends.';

create function heddle_api.wake_deliveries() returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_worker heddle.delivery_worker;
begin
  select * into v_worker from heddle.delivery_worker;
  if v_worker.url is null or to_regproc('net.http_post') is null or not heddle_api.deliveries_due() then
    return false;
  end if;
  execute 'select net.http_post(url := $1, headers := $2, timeout_milliseconds := 5000)' using
    v_worker.url || '/functions/v1/deliver',
    jsonb_build_object('content-type', 'application/json', 'authorization', 'Bearer ' || v_worker.key);
  return true;
end $$;

comment on function heddle_api.wake_deliveries is
  'Calls the function that sends if there is something to send: whether it did. pg_cron calls this where there is one, and pg_net.';

create function heddle.tend_deliveries() returns void
language plpgsql set search_path = '' as $$
declare
  c_most constant integer := 5000;
begin
  delete from heddle.deliveries where id in (
    select id from heddle.deliveries where ended_at < now() - interval '30 days' order by ended_at limit c_most
    for update skip locked
  );
  delete from heddle.held_mails where id in (
    select id from heddle.held_mails where received_at < now() - interval '30 days' order by received_at limit c_most
    for update skip locked
  );
end $$;

comment on function heddle.tend_deliveries is 'Forgets what has been over for 30 days, and answers by mail that were held for as long.';

do $$
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    perform cron.schedule('heddle: send what is due', '10 seconds', 'select heddle_api.wake_deliveries()');
  end if;
end $$;

revoke execute on function
  heddle.queue_delivery, heddle.most_tries, heddle.retry_delay, heddle.delivery_receiver, heddle.replay_delivery,
  heddle.tend_deliveries, heddle.is_public_address, heddle.demand_public_url, heddle.demand_callable, heddle_api.take_deliveries, heddle_api.end_delivery, heddle_api.deliveries_due,
  heddle_api.is_delivery_worker, heddle_api.wake_deliveries
from public;
grant execute on function
  heddle_api.take_deliveries, heddle_api.end_delivery, heddle_api.deliveries_due, heddle_api.is_delivery_worker,
  heddle_api.wake_deliveries
to service_role;
