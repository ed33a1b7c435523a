-- Gateways: which there are, whom they hold connected, and what they are to tell without that anybody keeps it. All of it
-- is gone in a minute anyway, so nothing here outlives a crash of the database.

create unlogged table heddle.gateways (
  id uuid primary key,
  until timestamptz not null,
  users uuid[] not null default '{}'
);
alter table heddle.gateways enable row level security;

comment on table heddle.gateways is 'Gateways that are there, until when unless they say so again.';
comment on column heddle.gateways.users is 'Members who are connected to it with an access token.';

create unlogged table heddle.ephemeral_events (
  pos bigint primary key default nextval('heddle.event_positions'),
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  org_id uuid not null,
  agent_id uuid not null,
  topic text not null,
  type text not null,
  data jsonb not null,
  teller uuid
);
create index ephemeral_events_xid on heddle.ephemeral_events (xid);
alter table heddle.ephemeral_events enable row level security;

comment on table heddle.ephemeral_events is
  'What gateways tell whoever is connected, and the log does not keep: who is typing, by what a message has grown.';
comment on column heddle.ephemeral_events.pos is 'Where it stands among the events of the log.';
comment on column heddle.ephemeral_events.teller is 'The connection that told it, which is not told.';

create function heddle.tell_gateways(
  p_conversation heddle.conversations,
  p_type text,
  p_data jsonb,
  p_teller uuid default null
) returns void
language plpgsql set search_path = '' as $$
declare
  v_org_id uuid;
begin
  -- Where there is no gateway, nobody would hear it.
  if not exists (select from heddle.gateways where until > now()) then
    return;
  end if;
  select heddle.logging_org(agent) into v_org_id from heddle.agents agent where id = p_conversation.agent_id;
  if v_org_id is null then
    return;
  end if;
  insert into heddle.ephemeral_events (org_id, agent_id, topic, type, data, teller) values (
    v_org_id,
    p_conversation.agent_id,
    concat_ws(
      '.', 'events', v_org_id,
      case p_conversation.kind when 'room' then 'rooms.room' else 'conversations.conversation' end,
      p_type, p_conversation.id
    ),
    p_type, p_data, p_teller
  );
end $$;

comment on function heddle.tell_gateways is
  'Has gateways tell something of a conversation or room, in the transaction''s place among the events of the log.';

create function heddle.ephemeral_window(p_from pg_snapshot, p_to pg_snapshot) returns setof heddle.ephemeral_events
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  select * from (
    select * from heddle.ephemeral_events where xid >= pg_snapshot_xmax(p_from) and xid < pg_snapshot_xmax(p_to)
    union all
    select * from heddle.ephemeral_events where xid = any (array(select pg_snapshot_xip(p_from)))
  ) e
  where pg_visible_in_snapshot(e.xid, p_to);
end $$;

comment on function heddle.ephemeral_window is 'As log_window, of what is not kept, and all of it.';

create function heddle.members_here(p_here uuid[], p_gone uuid[]) returns void
language plpgsql set search_path = '' as $$
declare
  c_lease constant interval := '40 seconds';
  c_after constant interval := '20 seconds';
  v_user_id uuid;
  v_agent_id uuid;
begin
  for v_agent_id, v_user_id in
    select agent.id, me.user_id from heddle.members me join heddle.agents agent on agent.org_id = me.org_id
    where me.user_id = any (p_here || p_gone) and heddle.answers_for(agent.id, me.user_id)
    order by agent.id, me.user_id
  loop
    perform heddle.open_inbox(v_agent_id);
    if v_user_id = any (p_gone) then
      -- An inbox that is open keeps it before that.
      update heddle.leases set until = least(until, now() + c_after)
      where agent_id = v_agent_id and subject = 'operator' and key = v_user_id::text;
    else
      perform heddle.keep_lease(v_agent_id, 'operator', v_user_id::text, coalesce((
        select state from heddle.leases
        where agent_id = v_agent_id and subject = 'operator' and key = v_user_id::text and until > now()
      ), 'online'), c_lease);
    end if;
  end loop;
end $$;

comment on function heddle.members_here is
  'Keeps members online who are connected to a gateway, or as their inbox says that they are; ends it soon for those who are
connected to none any more.';

create function heddle_api.gateway_here(p_id uuid, p_users uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  c_lease constant interval := '1 minute';
  c_told constant interval := '10 seconds';
  v_former uuid[];
begin
  select users into v_former from heddle.gateways where id = p_id;
  insert into heddle.gateways (id, until, users) values (p_id, now() + c_lease, p_users)
  on conflict (id) do update set until = excluded.until, users = excluded.users;
  perform heddle.members_here(p_users, array(
    select former.id from unnest(v_former) as former (id)
    where former.id <> all (p_users)
      and not exists (select from heddle.gateways where until > now() and former.id = any (users))
  ));
  perform heddle.end_leases();
  delete from heddle.ephemeral_events where pos = any (array(
    select pos from heddle.ephemeral_events where at < now() - c_told for update skip locked
  ));
  delete from heddle.gateways where id = any (array(
    select id from heddle.gateways where until < now() for update skip locked
  ));
end $$;

comment on function heddle_api.gateway_here is
  'Says that a gateway is there for a minute more, and which members are connected to it. Call it every 20 s, and whenever the
members are others. They are online from their first connection on until 20 s after their last one.';

revoke execute on function
  heddle.tell_gateways, heddle.ephemeral_window, heddle.members_here, heddle_api.gateway_here
from public;
grant execute on function heddle_api.gateway_here to service_role;
