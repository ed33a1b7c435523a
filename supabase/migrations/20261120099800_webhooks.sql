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
  c_page constant integer := 500;
  v_to pg_snapshot := pg_current_snapshot();
  v_after bigint := -1;
  v_events heddle.events[];
  v_found integer := 0;
begin
  loop
    v_events := array(
      select hit
      from heddle.events_between(p_webhook.snapshot, v_to, v_after, c_page, array[p_webhook.org_id], null, p_webhook.topics) hit
    );
    exit when cardinality(v_events) = 0;
    insert into heddle.deliveries (org_id, agent_id, kind, target, content, event_id)
    select logged.org_id, agent.id, 'webhook', p_webhook.id, heddle.webhook_body(heddle.event_json(logged)::jsonb), logged.id
    from unnest(v_events) logged left join heddle.agents agent on agent.id = logged.agent_id
    order by logged.pos
    on conflict do nothing;
    v_found := v_found + cardinality(v_events);
    v_after := v_events[cardinality(v_events)].pos;
    exit when cardinality(v_events) < c_page;
  end loop;
  -- Where there was nothing the place is kept only now and then: it would be written at every look.
  if v_found > 0 or p_webhook.read_at < now() - interval '30 seconds' then
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

create function heddle.note_webhook(p_webhook_id uuid, p_sent boolean, p_error text) returns void
language plpgsql set search_path = '' as $$
declare
  c_patience constant interval := '5 days';
begin
  if p_sent then
    update heddle.webhooks set failing_since = null where id = p_webhook_id and failing_since is not null;
    return;
  end if;
  update heddle.webhooks set failing_since = now() where id = p_webhook_id and failing_since is null;
  if not exists (select from heddle.webhooks where id = p_webhook_id and is_on and failing_since < now() - c_patience) then
    return;
  end if;
  update heddle.webhooks set is_on = false, off_reason = left(
    format('Every try has failed for five days, the last one so: %s', coalesce(p_error, 'it gave no reason')), 500
  )
  where id = p_webhook_id;
end $$;

comment on function heddle.note_webhook is 'Notes how a try went. What fails for five days on end is switched off.';

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
