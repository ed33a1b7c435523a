-- Outgoing webhooks: an owner's endpoint gets the events of an organisation as they happen. Each reads the log from where it
-- stood last, and its place is stored together with what it queued, so that each event is queued once, however many read.

create table heddle.webhooks (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  url text not null check (url ~ '^https?://\S+$' and length(url) <= 2048),
  topics jsonb check (jsonb_typeof(topics) = 'array'),
  format text not null default 'heddle' check (format in ('heddle', 'cloudevents')),
  is_on boolean not null default true,
  secret text not null default heddle.new_webhook_secret() check (secret ~ '^whsec_'),
  secret_previous text,
  secret_previous_until timestamptz,
  created_at timestamptz not null default now(),
  failing_since timestamptz,
  off_reason text,
  snapshot pg_snapshot not null default pg_current_snapshot(),
  read_at timestamptz not null default now()
) with (fillfactor = 50);
create index webhooks_org on heddle.webhooks (org_id);
alter table heddle.webhooks enable row level security;

comment on table heddle.webhooks is 'Owners'' endpoints that get an organisation''s events.';
comment on column heddle.webhooks.topics is 'What it gets, as filters: [{ source, resource, event, resourceId }], each of them optional. Null: everything.';
comment on column heddle.webhooks.format is 'heddle: the event''s own envelope. cloudevents: CloudEvents 1.0 in its JSON format.';
comment on column heddle.webhooks.failing_since is 'When the first of the tries failed that have all failed since.';
comment on column heddle.webhooks.off_reason is 'Why it was switched off, if nobody did.';
comment on column heddle.webhooks.snapshot is 'How far its events have been read.';

create trigger note_readers after insert or delete or update of is_on
  on heddle.webhooks for each statement execute function heddle.note_readers();

create function heddle.webhook_receiver(p_webhook_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'url', url, 'secret', secret, 'format', format,
      'previousSecret', heddle.in_grace(secret_previous, secret_previous_until)
    ) from heddle.webhooks where id = p_webhook_id and is_on
  );
end $$;

create function heddle.webhook_body(p_event jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select p_event || jsonb_build_object('timestamp', p_event -> 'at');
$$;

comment on function heddle.webhook_body is 'An event as subscribers get it on every way; its time also under the name of Standard Webhooks.';

create function heddle.queue_events(p_webhook heddle.webhooks) returns void
language plpgsql set search_path = '' as $$
declare
  v_to constant pg_snapshot := pg_current_snapshot();
begin
  insert into heddle.deliveries (org_id, agent_id, kind, target, content, event_id)
  select logged.org_id, agent.id, 'webhook', p_webhook.id, heddle.webhook_body(heddle.event_json(logged)::jsonb), logged.id
  from heddle.events_between(p_webhook.snapshot, v_to, -1, null, array[p_webhook.org_id], null, p_webhook.topics) logged
  left join heddle.agents agent on agent.id = logged.agent_id
  order by logged.pos
  on conflict do nothing;
  -- Where there was nothing the place is kept only now and then: it would be written at every look.
  if found or p_webhook.read_at < now() - interval '30 seconds' then
    update heddle.webhooks set snapshot = v_to, read_at = now() where id = p_webhook.id;
  end if;
end $$;

create function heddle.queue_for_webhooks() returns void
language plpgsql set search_path = '' as $$
declare
  v_webhook heddle.webhooks;
begin
  for v_webhook in select * from heddle.webhooks where is_on order by id for no key update skip locked loop
    perform heddle.queue_events(v_webhook);
  end loop;
end $$;

comment on function heddle.queue_for_webhooks is
  'Queues what came since the last time for the webhooks that want it. Call it last in a transaction, as notify.';

create function heddle.note_webhook(p_webhook_id uuid, p_outcome text, p_error text) returns void
language plpgsql set search_path = '' as $$
declare
  c_patience constant interval := '5 days';
begin
  if p_outcome = 'sent' then
    update heddle.webhooks set failing_since = null where id = p_webhook_id and failing_since is not null;
    return;
  end if;
  update heddle.webhooks set failing_since = now() where id = p_webhook_id and failing_since is null;
  if p_outcome = 'dead' then
    update heddle.webhooks set is_on = false, off_reason = left(p_error, 500) where id = p_webhook_id and is_on;
    return;
  end if;
  if not exists (select from heddle.webhooks where id = p_webhook_id and is_on and failing_since < now() - c_patience) then
    return;
  end if;
  update heddle.webhooks set is_on = false, off_reason = left(
    format('Every try has failed for five days, the last one so: %s', coalesce(p_error, 'it gave no reason')), 500
  )
  where id = p_webhook_id;
end $$;

comment on function heddle.note_webhook is
  'Notes how a try went. What fails for five days on end is switched off, and at once what answered that it is gone (dead).';

create index deliveries_resource on heddle.deliveries (agent_id, split_part(content ->> 'topic', '.', 6))
  where kind = 'webhook';
create index deliveries_conversation on heddle.deliveries (agent_id, (content #>> '{data,conversation_id}'))
  where kind = 'webhook';
create index deliveries_about on heddle.deliveries (agent_id, (content ->> 'conversationId')) where kind <> 'webhook';

create function heddle.forget_deliveries(p_agent_id uuid, p_resource_id text, p_actor text default null) returns void
language plpgsql set search_path = '' as $$
begin
  delete from heddle.deliveries
  where kind = 'webhook' and agent_id = p_agent_id
    and split_part(content ->> 'topic', '.', 6) = heddle.topic_token(p_resource_id);
  delete from heddle.deliveries
  where kind = 'webhook' and agent_id = p_agent_id and content #>> '{data,conversation_id}' = p_resource_id;
  delete from heddle.deliveries
  where kind <> 'webhook' and agent_id = p_agent_id and content ->> 'conversationId' = p_resource_id;
  if p_actor is not null then
    delete from heddle.deliveries where kind = 'webhook' and agent_id = p_agent_id and content ->> 'actor' = p_actor;
  end if;
end $$;

comment on function heddle.forget_deliveries is 'Nothing stays of what was sent, or waits, about a conversation or a visitor that is erased.';

revoke execute on function
  heddle.forget_deliveries, heddle.webhook_receiver, heddle.webhook_body, heddle.queue_events, heddle.queue_for_webhooks, heddle.note_webhook
from public;

-- How owners keep their webhooks: from the command line, and in the inbox whoever may change the settings of the whole organisation.

create function heddle.webhook_of(p_agent_id uuid, p_webhook_id uuid) returns heddle.webhooks
language plpgsql stable set search_path = '' as $$
declare
  v_webhook heddle.webhooks;
begin
  select webhook.* into v_webhook
  from heddle.webhooks webhook join heddle.agents agent on agent.org_id = webhook.org_id
  where agent.id = p_agent_id and webhook.id = p_webhook_id;
  return v_webhook;
end $$;

comment on function heddle.webhook_of is 'A webhook of an agent''s organisation; a row of nulls if it has none of that id.';

create function heddle_api.create_webhook(
  p_agent_id uuid,
  p_url text,
  p_topics jsonb default null,
  p_format text default 'heddle'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 20;
  v_org_id uuid := (select org_id from heddle.agents where id = p_agent_id);
  v_topics jsonb;
  v_webhook heddle.webhooks;
begin
  if v_org_id is null then
    return null;
  end if;
  perform heddle.demand(
    p_url ~ '^https?://[^\s/?#@]+([/?#]\S*)?$' and length(p_url) <= 2048,
    'A webhook''s URL begins with https:// and holds no user.'
  );
  perform heddle.demand_callable(p_url, 'webhook');
  perform heddle.demand(p_format in ('heddle', 'cloudevents'), 'The format must be heddle or cloudevents.');
  perform heddle.demand(
    p_topics is null or jsonb_typeof(p_topics) = 'array' and jsonb_array_length(p_topics) between 1 and 50,
    'A webhook has 1 to 50 topics, or gets everything.'
  );
  perform heddle.demand(not exists (
    select from jsonb_array_elements(p_topics) topic
    where jsonb_typeof(topic) <> 'object' or coalesce(topic ->> 'orgId', v_org_id::text) <> v_org_id::text
  ), 'Topics are those of the agent''s own organisation.');
  v_topics := (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'source', topic ->> 'source', 'resource', topic ->> 'resource', 'event', topic ->> 'event',
      'resourceId', topic ->> 'resourceId'
    )) order by place)
    from jsonb_array_elements(p_topics) with ordinality as topics (topic, place)
  );
  -- Of several who add one at once all are counted.
  perform from heddle.agents where org_id = v_org_id order by id for no key update;
  if (select count(*) from heddle.webhooks where org_id = v_org_id) >= c_most then
    raise exception 'conflict' using errcode = 'PT409', detail = format('An organisation has at most %s webhooks.', c_most);
  end if;
  insert into heddle.webhooks (org_id, url, topics, format) values (v_org_id, p_url, v_topics, p_format) returning * into v_webhook;
  return jsonb_build_object('id', v_webhook.id, 'secret', v_webhook.secret, 'orgId', v_org_id);
end $$;

comment on function heddle_api.create_webhook is
  'Has the events of an agent''s organisation sent to a URL from now on: { id, secret, orgId }, the secret this once. p_topics:
[{ source, resource, event, resourceId }], each optional; null: everything. p_format: heddle, or cloudevents for CloudEvents 1.0. Null if there is no such agent. PT400, PT409.';

create function heddle.shown_path(p_url text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return coalesce((
    select string_agg(case when part ~ '^([a-z][a-z._-]{0,23}[0-9]{0,2})?$' then part else '…' end, '/' order by place)
    from unnest(string_to_array(nullif(substring(p_url from '^[^:]+://[^/?#]+(/[^?#]*)'), '/'), '/')) with ordinality parts (part, place)
  ), '');
end $$;

comment on function heddle.shown_path is 'The path of a URL by which owners know it, without what may be a secret in it.';

create function heddle_api.list_webhooks(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  c_overdue constant interval := '5 minutes';
  v_org_id uuid := (select org_id from heddle.agents where id = p_agent_id);
begin
  if v_org_id is null and p_agent_id is not null then
    return null;
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', webhook.id, 'host', substring(url from '^[^:]+://([^/?#]*)'), 'path', heddle.shown_path(url), 'topics', topics, 'format', format, 'on', is_on,
      'offReason', off_reason, 'failingSince', failing_since, 'createdAt', created_at,
      'previousUntil', case when secret_previous_until > now() then secret_previous_until end,
      'queued', counts.queued, 'failed', counts.failed, 'overdueSince', counts.overdue_since
    ) order by created_at, webhook.id), '[]')
    from heddle.webhooks webhook
    cross join lateral (
      select count(*) filter (where status = 'queued') as queued, count(*) filter (where status = 'dead') as failed,
        min(due) filter (where status = 'queued' and leased_until is null and due < now() - c_overdue) as overdue_since
      from heddle.deliveries where target = webhook.id and kind = 'webhook' and status in ('queued', 'dead')
    ) counts
    where org_id = v_org_id or p_agent_id is null
  );
end $$;

comment on function heddle_api.list_webhooks is
  'The webhooks of an agent''s organisation, or for null all there are: [{ id, host, path, topics, format, on, offReason, failingSince,
createdAt, previousUntil, queued, failed, overdueSince }]; null if there is no such agent. URLs may be secrets: of the path stand words
alone, of the query nothing.';

create function heddle_api.remove_webhook(p_agent_id uuid, p_webhook_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.webhooks where id = (heddle.webhook_of(p_agent_id, p_webhook_id)).id;
  if not found then
    return false;
  end if;
  delete from heddle.deliveries where kind = 'webhook' and target = p_webhook_id;
  return true;
end $$;

comment on function heddle_api.remove_webhook is 'Removes a webhook with all that was sent to it or waits. False if there is none.';

create function heddle_api.switch_webhook(p_agent_id uuid, p_webhook_id uuid, p_on boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.demand(p_on is not null, 'A webhook is on or off.');
  -- What happened while it was off is not sent by itself: it can be replayed.
  update heddle.webhooks set is_on = p_on, off_reason = null, failing_since = null,
    snapshot = case when is_on then snapshot else pg_current_snapshot() end
  where id = (heddle.webhook_of(p_agent_id, p_webhook_id)).id;
  return found;
end $$;

comment on function heddle_api.switch_webhook is
  'Switches a webhook on, from now on, or off. False if there is none. PT400.';

create function heddle_api.rotate_webhook(
  p_agent_id uuid,
  p_webhook_id uuid,
  p_grace interval default '24 hours'
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_secret text := heddle.new_webhook_secret();
begin
  update heddle.webhooks set secret = v_secret, secret_previous = secret, secret_previous_until = now() + p_grace
  where id = (heddle.webhook_of(p_agent_id, p_webhook_id)).id;
  if not found then
    return null;
  end if;
  return jsonb_build_object('secret', v_secret);
end $$;

comment on function heddle_api.rotate_webhook is
  'Gives a webhook a new secret: { secret }, this once. What is sent carries both signatures for p_grace. Null if there is none.';

create function heddle_api.list_deliveries(
  p_agent_id uuid,
  p_webhook_id uuid,
  p_failed boolean default false,
  p_before bigint default null,
  p_limit integer default 50
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if (heddle.webhook_of(p_agent_id, p_webhook_id)).id is null then
    return null;
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', id, 'eventId', content ->> 'id', 'type', content ->> 'type', 'status', status, 'attempts', attempts,
      'createdAt', created_at, 'endedAt', ended_at, 'due', case when status = 'queued' then due end,
      'error', last_error, 'answer', answer
    ) order by id desc), '[]')
    from (
      select * from heddle.deliveries
      where kind = 'webhook' and target = p_webhook_id and (p_before is null or id < p_before)
        and (not p_failed or status = 'dead' or status = 'queued' and last_error is not null)
      order by id desc limit least(p_limit, 500)
    ) delivery
  );
end $$;

comment on function heddle_api.list_deliveries is
  'What was sent to a webhook in the last 30 days and what waits, the latest first: [{ id, eventId, type, status, attempts,
createdAt, endedAt, due, error, answer: { status, ms, body } | null }]. p_failed: only what was not sent at a try. Null if there is none.';

create function heddle_api.replay_webhook(
  p_agent_id uuid,
  p_webhook_id uuid,
  p_delivery_ids bigint[] default null,
  p_from timestamptz default null,
  p_until timestamptz default null,
  p_all boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_webhook heddle.webhooks := heddle.webhook_of(p_agent_id, p_webhook_id);
  v_missed bigint := 0;
  v_again bigint;
begin
  if v_webhook.id is null then
    return null;
  end if;
  perform heddle.demand((p_delivery_ids is null) <> (p_from is null), 'What is sent again is named by ids or by a time.');
  if p_from is not null then
    -- First what it never got, since it was off; and of that only what has been read already.
    insert into heddle.deliveries (org_id, agent_id, kind, target, content, event_id)
    select logged.org_id, agent.id, 'webhook', v_webhook.id, heddle.webhook_body(heddle.event_json(logged)::jsonb), logged.id
    from heddle.events_between('1:1:'::pg_snapshot, v_webhook.snapshot, -1, null, array[v_webhook.org_id], null, v_webhook.topics) logged
    left join heddle.agents agent on agent.id = logged.agent_id
    where logged.at >= p_from and logged.at < coalesce(p_until, 'infinity')
    order by logged.pos
    on conflict do nothing;
    get diagnostics v_missed = row_count;
  end if;
  update heddle.deliveries set status = 'queued', ended_at = null, attempts = 0, due = now(), batch_key = null,
    last_error = null, answer = null, dismissed_at = null
  where kind = 'webhook' and target = v_webhook.id and status <> 'queued' and (
    id = any (p_delivery_ids)
    or p_from is not null and created_at >= p_from and created_at < coalesce(p_until, 'infinity')
      and (p_all or status in ('dead', 'suppressed'))
  );
  get diagnostics v_again = row_count;
  return jsonb_build_object('replayed', v_missed + v_again);
end $$;

comment on function heddle_api.replay_webhook is
  'Has deliveries of a webhook sent again: those of these ids, or those of a time that failed (p_all: also those that were sent)
together with events that it never got: { replayed }. Null if there is none. PT400.';

create function heddle_api.test_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_webhook heddle.webhooks := heddle.webhook_of(p_agent_id, p_webhook_id);
begin
  if v_webhook.id is null then
    return null;
  end if;
  return jsonb_build_object('id', heddle.queue_delivery(
    v_webhook.org_id, null, 'webhook', v_webhook.id,
    heddle.webhook_body(heddle.event('webhook.test', jsonb_build_object('webhookId', v_webhook.id)))
  ));
end $$;

comment on function heddle_api.test_webhook is
  'Sends an event of type webhook.test to a webhook: { id } of the delivery. Null if there is none.';

create function heddle.require_webhooks(p_agent_id uuid) returns heddle.members
language plpgsql stable set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id, 'settings');
begin
  -- Webhooks hear of all agents of the organisation.
  if not v_me.every_agent then
    raise exception 'forbidden' using
      errcode = 'PT403', detail = 'Webhooks are for who answers for every agent of the organisation.';
  end if;
  return v_me;
end $$;

comment on function heddle.require_webhooks is 'The caller as who may see and change webhooks. Raises PT404 for strangers, PT403.';

create function heddle.enter_webhooks(p_agent_id uuid) returns heddle.members
language plpgsql set search_path = '' as $$
begin
  perform heddle.open_inbox(p_agent_id);
  return heddle.require_webhooks(p_agent_id);
end $$;

create function heddle.inbox_webhooks(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_webhooks(p_agent_id);
begin
  return jsonb_build_object('webhooks', heddle_api.list_webhooks(p_agent_id));
end $$;

create function heddle.inbox_deliveries(p_agent_id uuid, p_webhook_id uuid, p_failed boolean default false) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_webhooks(p_agent_id);
  v_deliveries jsonb := heddle_api.list_deliveries(p_agent_id, p_webhook_id, p_failed);
begin
  perform heddle.demand_item(v_deliveries is not null);
  return jsonb_build_object('deliveries', v_deliveries);
end $$;

create function heddle.inbox_create_webhook(p_agent_id uuid, p_url text, p_topics jsonb, p_format text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_webhooks(p_agent_id);
begin
  return heddle_api.create_webhook(p_agent_id, p_url, p_topics, p_format);
end $$;

create function heddle.inbox_remove_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_webhooks(p_agent_id);
begin
  perform heddle.demand_item(heddle_api.remove_webhook(p_agent_id, p_webhook_id));
  return '{}';
end $$;

create function heddle.inbox_switch_webhook(p_agent_id uuid, p_webhook_id uuid, p_on boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_webhooks(p_agent_id);
begin
  perform heddle.demand_item(heddle_api.switch_webhook(p_agent_id, p_webhook_id, p_on));
  return '{}';
end $$;

create function heddle.inbox_rotate_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_webhooks(p_agent_id);
  v_answer jsonb := heddle_api.rotate_webhook(p_agent_id, p_webhook_id);
begin
  perform heddle.demand_item(v_answer is not null);
  return v_answer;
end $$;

create function heddle.inbox_test_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_webhooks(p_agent_id);
  v_answer jsonb := heddle_api.test_webhook(p_agent_id, p_webhook_id);
begin
  perform heddle.demand_item(v_answer is not null);
  return v_answer;
end $$;

create function heddle.inbox_replay_webhook(p_agent_id uuid, p_webhook_id uuid, p_delivery_ids bigint[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_webhooks(p_agent_id);
  v_answer jsonb := heddle_api.replay_webhook(p_agent_id, p_webhook_id, p_delivery_ids);
begin
  perform heddle.demand_item(v_answer is not null);
  return v_answer;
end $$;

create function heddle_api.inbox_webhooks(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_webhooks(p_agent_id);
end $$;

comment on function heddle_api.inbox_webhooks is 'The webhooks of an agent''s organisation, as list_webhooks: { webhooks }. PT403, PT404.';

create function heddle_api.inbox_deliveries(p_agent_id uuid, p_webhook_id uuid, p_failed boolean default false) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_deliveries(p_agent_id, p_webhook_id, p_failed);
end $$;

comment on function heddle_api.inbox_deliveries is 'The last 50 deliveries of a webhook, as list_deliveries: { deliveries }. PT403, PT404.';

create function heddle_api.inbox_create_webhook(
  p_agent_id uuid,
  p_url text,
  p_topics jsonb default null,
  p_format text default 'heddle'
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_create_webhook(p_agent_id, p_url, p_topics, p_format);
end $$;

comment on function heddle_api.inbox_create_webhook is 'As create_webhook. PT400, PT403, PT404, PT409.';

create function heddle_api.inbox_remove_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_webhook(p_agent_id, p_webhook_id);
end $$;

comment on function heddle_api.inbox_remove_webhook is 'Removes a webhook: {}. PT403, PT404.';

create function heddle_api.inbox_switch_webhook(p_agent_id uuid, p_webhook_id uuid, p_on boolean) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_switch_webhook(p_agent_id, p_webhook_id, p_on);
end $$;

comment on function heddle_api.inbox_switch_webhook is 'Switches a webhook on, from now on, or off: {}. PT400, PT403, PT404.';

create function heddle_api.inbox_rotate_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_rotate_webhook(p_agent_id, p_webhook_id);
end $$;

comment on function heddle_api.inbox_rotate_webhook is 'As rotate_webhook. PT403, PT404.';

create function heddle_api.inbox_test_webhook(p_agent_id uuid, p_webhook_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_test_webhook(p_agent_id, p_webhook_id);
end $$;

comment on function heddle_api.inbox_test_webhook is 'As test_webhook. PT403, PT404.';

create function heddle_api.inbox_replay_webhook(p_agent_id uuid, p_webhook_id uuid, p_delivery_ids bigint[]) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_replay_webhook(p_agent_id, p_webhook_id, p_delivery_ids);
end $$;

comment on function heddle_api.inbox_replay_webhook is 'Has deliveries of a webhook sent again: { replayed }. PT400, PT403, PT404.';

revoke execute on function
  heddle.webhook_of, heddle.shown_path, heddle_api.create_webhook, heddle_api.list_webhooks, heddle_api.remove_webhook,
  heddle_api.switch_webhook, heddle_api.rotate_webhook, heddle_api.list_deliveries, heddle_api.replay_webhook,
  heddle_api.test_webhook
from public;
grant execute on function
  heddle_api.create_webhook, heddle_api.list_webhooks, heddle_api.remove_webhook, heddle_api.switch_webhook,
  heddle_api.rotate_webhook, heddle_api.list_deliveries, heddle_api.replay_webhook, heddle_api.test_webhook
to service_role;
revoke execute on function
  heddle.require_webhooks, heddle.enter_webhooks,
  heddle.inbox_webhooks, heddle_api.inbox_webhooks,
  heddle.inbox_deliveries, heddle_api.inbox_deliveries,
  heddle.inbox_create_webhook, heddle_api.inbox_create_webhook,
  heddle.inbox_remove_webhook, heddle_api.inbox_remove_webhook,
  heddle.inbox_switch_webhook, heddle_api.inbox_switch_webhook,
  heddle.inbox_rotate_webhook, heddle_api.inbox_rotate_webhook,
  heddle.inbox_test_webhook, heddle_api.inbox_test_webhook,
  heddle.inbox_replay_webhook, heddle_api.inbox_replay_webhook
from public;
grant execute on function
  heddle.inbox_webhooks, heddle_api.inbox_webhooks,
  heddle.inbox_deliveries, heddle_api.inbox_deliveries,
  heddle.inbox_create_webhook, heddle_api.inbox_create_webhook,
  heddle.inbox_remove_webhook, heddle_api.inbox_remove_webhook,
  heddle.inbox_switch_webhook, heddle_api.inbox_switch_webhook,
  heddle.inbox_rotate_webhook, heddle_api.inbox_rotate_webhook,
  heddle.inbox_test_webhook, heddle_api.inbox_test_webhook,
  heddle.inbox_replay_webhook, heddle_api.inbox_replay_webhook
to authenticated;
