-- Visitors whom no owner identifies. Their token proves itself, so nothing is kept of them: an id that stood here would
-- be one more thing to erase, and a stranger could fill the table. What is kept is whom nobody may be any more.

create table heddle.erased_visitors (
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  id text collate "C" not null check (id ~ '^anon_[0-9a-f]{32}$'),
  erased_at timestamptz not null default now(),
  primary key (agent_id, id)
);
alter table heddle.erased_visitors enable row level security;

comment on table heddle.erased_visitors is
  'Anonymous visitors whose tokens and sessions count no more. The ids are hashes of random bytes and name nobody.';

create function heddle.is_erased(p_agent_id uuid, p_visitor_id text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(left(p_visitor_id, 5) = 'anon_', false)
    and exists (select from heddle.erased_visitors where agent_id = p_agent_id and id = p_visitor_id);
end $$;

create function heddle.is_identified(p_visitor_id text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return left(p_visitor_id, 5) <> 'anon_';
end $$;

comment on function heddle.is_identified is
  'Whether the site says who this visitor is. What an anonymous one says of themselves, name and address, nobody has checked.';

comment on function heddle.is_erased is
  'Whether this is an anonymous visitor who was erased. Null is nobody, who was not.';

create function heddle.end_identity(p_agent_id uuid, p_visitor_id text) returns timestamptz
language plpgsql set search_path = '' as $$
declare
  v_erased_at timestamptz;
begin
  -- Before all else, as a call takes its token before it does anything for its visitor.
  delete from heddle.rate_buckets where agent_id = p_agent_id and subject = 'visitor' and key = p_visitor_id;
  if (p_visitor_id ~ '^anon_[0-9a-f]{32}$') is not true then
    return null;
  end if;
  insert into heddle.erased_visitors (agent_id, id)
  select id, p_visitor_id from heddle.agents where id = p_agent_id
  on conflict do nothing;
  select erased_at into v_erased_at from heddle.erased_visitors where agent_id = p_agent_id and id = p_visitor_id;
  return v_erased_at;
end $$;

comment on function heddle.end_identity is
  'Forgets what a visitor may still call, and of an anonymous one also refuses tokens and sessions: answers since when. Null for
others, and without the agent.';

create function heddle_api.erase_anonymous_visitor(p_agent_id uuid, p_visitor_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_erased_at timestamptz;
begin
  if p_visitor_id is null or p_visitor_id !~ '^anon_[0-9a-f]{32}$' then
    raise exception 'an anonymous visitor''s id must be anon_ and 32 hex digits' using errcode = '22023';
  end if;
  v_erased_at := heddle.end_identity(p_agent_id, p_visitor_id);
  return case when v_erased_at is not null then
    jsonb_build_object('id', p_visitor_id, 'erasedAt', v_erased_at)
  end;
end $$;

comment on function heddle_api.erase_anonymous_visitor is
  'Refuses an anonymous visitor''s tokens and sessions from now on: their browser becomes a new visitor. Null if there is
no such agent.';

revoke execute on function heddle.is_erased, heddle.is_identified, heddle.end_identity from public;
revoke execute on function heddle_api.erase_anonymous_visitor from public;
grant execute on function heddle_api.erase_anonymous_visitor to service_role;
