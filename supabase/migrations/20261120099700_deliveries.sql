-- What is to be sent to the outside, and what became of it. A worker takes what is due under a lease, sends it, and says how it
-- went: what fails is tried again, ever later, and what a worker that is gone had taken is taken by another.

create table heddle.deliveries (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  agent_id uuid references heddle.agents (id) on delete cascade,
  kind text not null check (kind in ('webhook', 'email', 'push')),
  target uuid not null,
  content jsonb not null check (jsonb_typeof(content) = 'object'),
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
comment on column heddle.deliveries.batch_key is 'What has the same one, kind and target is sent as one until it is tried for the first time.';
comment on column heddle.deliveries.count is 'How many were put together. The content is that of the last.';
comment on column heddle.deliveries.lease is 'Whoever holds it alone says how it went. Null while it waits.';
comment on column heddle.deliveries.dismissed_at is 'An owner has seen that it was given up.';
comment on column heddle.deliveries.answer is 'What came back at the last try: { status, ms, body }.';

create table heddle.delivery_worker (
  is_one boolean primary key default true check (is_one),
  url text,
  key text not null default 'hdw_' || encode(extensions.gen_random_bytes(24), 'hex')
);
alter table heddle.delivery_worker enable row level security;
insert into heddle.delivery_worker default values;

comment on table heddle.delivery_worker is 'Where the function that sends is called, as it said itself, and with which key.';

create function heddle.queue_delivery(
  p_org_id uuid,
  p_agent_id uuid,
  p_kind text,
  p_target uuid,
  p_content jsonb,
  p_notification_id uuid default null,
  p_event_id uuid default null,
  p_batch_key text default null,
  p_due timestamptz default now()
) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_id bigint;
begin
  insert into heddle.deliveries as waiting
    (org_id, agent_id, kind, target, content, notification_id, event_id, batch_key, due)
  values (p_org_id, p_agent_id, p_kind, p_target, p_content, p_notification_id, p_event_id, p_batch_key, p_due)
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

create function heddle_api.take_deliveries(p_kinds text[], p_limit integer, p_url text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_lease constant interval := '60 seconds';
  c_seen constant integer := 1000;
  -- So that one who has much to get keeps no other waiting.
  c_most_each constant integer := 10;
  v_lease uuid := gen_random_uuid();
  v_taken heddle.deliveries[];
begin
  update heddle.delivery_worker set url = p_url where p_url is not null and url is distinct from p_url;
  perform heddle.queue_for_webhooks();
  update heddle.deliveries set status = 'dead', ended_at = now(), lease = null, leased_until = null,
    last_error = 'Whoever sent it stopped each time before it was done.'
  where id in (
    select id from heddle.deliveries
    where status = 'queued' and due <= now() and leased_until <= now() and attempts >= heddle.most_tries(kind)
    for update skip locked
  );
  with waiting as (
    select id, kind, target, due from heddle.deliveries
    where status = 'queued' and due <= now() and kind = any (p_kinds) and coalesce(leased_until <= now(), true)
    order by due, id limit c_seen
  ), placed as (
    select id, row_number() over (partition by kind, target order by due, id) as place from waiting
  ), next as (
    select delivery.id from heddle.deliveries delivery join placed on placed.id = delivery.id
    where delivery.status = 'queued' and delivery.due <= now() and coalesce(delivery.leased_until <= now(), true)
      and place <= c_most_each
    order by place, delivery.due, delivery.id limit p_limit
    for update of delivery skip locked
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
notificationId, eventId, receiver }]. Whoever takes it calls end_delivery. p_url: where the worker is, if it is a function.';

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
    perform heddle.note_webhook(v_delivery.target, p_outcome = 'sent', p_error);
  end if;
  return jsonb_build_object('status', v_delivery.status, 'due', v_delivery.due);
end $$;

comment on function heddle_api.end_delivery is
  'How a delivery that was taken went: { status, due }; null if its lease is over. failed: it is tried again after p_retry_after
seconds, or after the usual time, or given up. p_answer: { status, ms, body }. PT400.';

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
  heddle.tend_deliveries, heddle_api.take_deliveries, heddle_api.end_delivery, heddle_api.deliveries_due,
  heddle_api.is_delivery_worker, heddle_api.wake_deliveries
from public;
grant execute on function
  heddle_api.take_deliveries, heddle_api.end_delivery, heddle_api.deliveries_due, heddle_api.is_delivery_worker,
  heddle_api.wake_deliveries
to service_role;
