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
      select email from heddle.visitors where id = (p_delivery.content ->> 'visitorId')::bigint
    )
    when p_delivery.kind = 'email' then (
      select coalesce(email, name) from heddle.members where org_id = p_delivery.org_id and user_id = p_delivery.target
    )
    else (
      select member.name from heddle.push_subscriptions device
      join heddle.members member on member.org_id = device.org_id and member.user_id = device.user_id
      where device.id = p_delivery.target
    )
  end;
end $$;

comment on function heddle.delivery_addressee is
  'For whom it was, as people write it: an address, a member''s name, or a webhook''s host. Null if they are gone.';

create function heddle.undelivered(p_agent heddle.agents, p_with_webhooks boolean) returns setof heddle.deliveries
language plpgsql stable set search_path = '' as $$
begin
  -- A browser that has unsubscribed is no failure.
  return query
    select * from heddle.deliveries
    where org_id = p_agent.org_id and status = 'dead' and dismissed_at is null
      and (kind = 'webhook' and p_with_webhooks or kind <> 'webhook' and agent_id = p_agent.id)
      and last_error is distinct from 'The browser has unsubscribed.'
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
