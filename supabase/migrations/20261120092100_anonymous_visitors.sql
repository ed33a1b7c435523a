-- Visitors whom no owner vouches for. A token that only their browser has makes them the same ones again.

create table heddle.visitors (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '180 days',
  unique (agent_id, token_hash)
);
create index visitors_expires_at on heddle.visitors (expires_at);
alter table heddle.visitors enable row level security;

comment on table heddle.visitors is 'Anonymous visitors. Webhooks know them as anon_<id>.';
comment on column heddle.visitors.token_hash is
  'SHA-256 of the visitorToken, lowercase hex. The token itself is kept nowhere but in the browser.';
comment on column heddle.visitors.expires_at is '180 days after the last visit, accurate to a day.';

comment on column heddle.agents.anonymous_allowed is 'Whether visitors without a userToken are let in.';

alter table heddle.rate_buckets
  drop constraint rate_buckets_subject_check,
  drop constraint rate_buckets_mode_check,
  add constraint rate_buckets_subject check (subject in ('visitor', 'address', 'agent')),
  add constraint rate_buckets_mode check (mode in ('read', 'write', 'enter'));

comment on column heddle.rate_buckets.mode is 'enter: becoming a new anonymous visitor.';

-- As before, and with `enter`: 10 new visitors a minute from one address, 120 for a whole agent.
create or replace function heddle.take_token(p_agent_id uuid, p_subject text, p_mode text, p_key text) returns integer
language plpgsql set search_path = '' as $$
declare
  c_window constant interval := '2 minutes';
  v_now constant timestamptz := clock_timestamp();
  v_step constant interval := case
    when p_mode = 'enter' and p_subject = 'agent' then interval '0.5 seconds'
    when p_mode = 'enter' then interval '6 seconds'
    else case p_mode when 'read' then interval '1 second' else interval '3 seconds' end
      / case p_subject when 'address' then 10 else 1 end
  end;
  v_full_at timestamptz;
begin
  insert into heddle.rate_buckets as bucket (agent_id, subject, mode, key, full_at)
  values (p_agent_id, p_subject, p_mode, p_key, v_now + v_step)
  on conflict (agent_id, subject, mode, key) do update
    set full_at = greatest(bucket.full_at, v_now) + v_step
    where bucket.full_at + v_step <= v_now + c_window;
  if found then
    return 0;
  end if;

  select full_at into v_full_at from heddle.rate_buckets
  where agent_id = p_agent_id and subject = p_subject and mode = p_mode and key = p_key;
  return greatest(1, ceil(extract(epoch from coalesce(v_full_at, v_now) + v_step - c_window - v_now)));
end $$;

create function heddle.known_visitor(p_agent_id uuid, p_token_hash text) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_visitor heddle.visitors;
begin
  select * into v_visitor from heddle.visitors
  where agent_id = p_agent_id and token_hash = p_token_hash and expires_at > now();
  -- Once a day is enough to keep a visitor, and spares most page views a write.
  if v_visitor.expires_at < now() + interval '179 days' then
    update heddle.visitors set expires_at = now() + interval '180 days' where id = v_visitor.id;
  end if;
  return v_visitor.id;
end $$;

comment on function heddle.known_visitor is 'The visitor of a token, who stays for another 180 days; null if there is none.';

create function heddle_api.anonymous_context(p_agent_id uuid, p_token_hash text) returns jsonb
language sql security definer set search_path = '' as $$
  select heddle_api.widget_context(p_agent_id)
    || jsonb_build_object('visitorId', 'anon_' || heddle.known_visitor(p_agent_id, p_token_hash))
$$;

comment on function heddle_api.anonymous_context is
  'widget_context with the visitor whose token has this SHA-256 (lowercase hex): their visitorId, or null.';

create function heddle_api.create_visitor(p_agent_id uuid, p_token_hash text, p_address_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_retry_after integer := 0;
  v_id uuid;
begin
  if not exists (select from heddle.agents where id = p_agent_id and anonymous_allowed) then
    return jsonb_build_object('outcome', 'anonymous_not_allowed');
  end if;
  if p_address_hash is not null then
    v_retry_after := heddle.take_token(p_agent_id, 'address', 'enter', p_address_hash);
  end if;
  -- Addresses may be unknown, or many: whatever happens, the table grows no faster than this.
  if v_retry_after = 0 then
    v_retry_after := heddle.take_token(p_agent_id, 'agent', 'enter', '');
  end if;
  if v_retry_after > 0 then
    return jsonb_build_object('outcome', 'rate_limited', 'retryAfter', v_retry_after);
  end if;

  delete from heddle.visitors where id = any (array(
    select id from heddle.visitors where expires_at < now() limit 100 for update skip locked
  ));
  insert into heddle.visitors (agent_id, token_hash) values (p_agent_id, p_token_hash) returning id into v_id;
  return jsonb_build_object('outcome', 'ok', 'visitorId', 'anon_' || v_id);
end $$;

comment on function heddle_api.create_visitor is
  'Makes an anonymous visitor, unless there were too many of late: from this address, or for the whole agent.';

revoke execute on function heddle.known_visitor from public;
revoke execute on function heddle_api.anonymous_context from public;
revoke execute on function heddle_api.create_visitor from public;
grant execute on function heddle_api.anonymous_context to service_role;
grant execute on function heddle_api.create_visitor to service_role;
