-- The team: who comes, and how somebody leaves.

create function heddle.demand_member(p_name text, p_email text, p_role text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  perform heddle.demand_name('A member''s name', p_name, 120);
  perform heddle.demand(length(coalesce(p_email, '')) <= 320, 'An email holds at most 320 characters.');
  perform heddle.demand(p_role in ('owner', 'operator'), 'A role is owner or operator.');
end $$;

create function heddle.demand_own_name(p_org_id uuid, p_user_id uuid, p_name text) returns void
language plpgsql set search_path = '' as $$
begin
  -- Of two who take a name at once the second sees what the first has done.
  perform pg_advisory_xact_lock(hashtextextended('heddle names ' || p_org_id, 0));
  if exists (
    select from heddle.members
    where org_id = p_org_id and user_id <> p_user_id and (
      heddle.name_key(name) = heddle.name_key(p_name)
      -- In other scripts a large and a small letter may look like two of Latin.
      or lower(normalize(name, nfkc)) = lower(normalize(p_name, nfkc))
    )
  ) then
    raise exception 'conflict' using errcode = 'PT409', detail = 'Somebody in the team is called that already.';
  end if;
  perform heddle.demand_readable(p_name);
end $$;

comment on function heddle.demand_own_name is
  'Raises PT409 if another member is called that, or so that it reads the same: who of them it was nobody could tell. PT400 if not
everybody reads the same in it.';

create function heddle_api.invite_member(
  p_agent_id uuid,
  p_user_id uuid,
  p_name text,
  p_email text default null,
  p_role text default 'operator',
  p_every_agent boolean default true
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_org_id uuid;
  v_name text := heddle.one_line(p_name);
  v_was heddle.members;
begin
  select org_id into v_org_id from heddle.agents where id = p_agent_id;
  if not found then
    return null;
  end if;
  perform heddle.demand(p_user_id is not null and p_every_agent is not null, 'It needs an account, and for which agents.');
  perform heddle.demand_member(v_name, p_email, p_role);
  select * into v_was from heddle.members where org_id = v_org_id and user_id = p_user_id for update;
  if not p_every_agent and v_was.role <> p_role and (v_was.every_agent or exists (
    select from heddle.member_agents
    where org_id = v_org_id and user_id = p_user_id and agent_id <> p_agent_id
  )) then
    raise exception 'conflict' using errcode = 'PT409',
      detail = 'A role counts for all agents of a member, and they have another one for others than this.';
  end if;
  perform heddle.demand_own_name(v_org_id, p_user_id, v_name);
  insert into heddle.members as member (org_id, user_id, name, email, role, every_agent)
  values (v_org_id, p_user_id, v_name, p_email, p_role, p_every_agent)
  on conflict (org_id, user_id) do update set
    name = excluded.name,
    email = coalesce(excluded.email, member.email),
    role = excluded.role,
    every_agent = excluded.every_agent or member.every_agent;
  if not p_every_agent then
    insert into heddle.member_agents (org_id, user_id, agent_id) values (v_org_id, p_user_id, p_agent_id)
    on conflict do nothing;
  end if;
  if v_was.role = 'owner' and p_role <> 'owner' then
    perform heddle.keep_owner(v_org_id);
  end if;
  return (
    select jsonb_build_object('id', user_id, 'name', name, 'email', email, 'role', role, 'everyAgent', every_agent)
    from heddle.members where org_id = v_org_id and user_id = p_user_id
  );
end $$;

comment on function heddle_api.invite_member is
  'Makes an account a member of the agent''s organisation, for all of its agents or for this one besides those it has. Null if
there is no such agent; PT409 if the name is another member''s, if it would leave the organisation without an owner, or if one
for this agent alone would change the role of somebody who answers for others.';

create function heddle_api.list_members(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when exists (select from heddle.agents where id = p_agent_id) then heddle.members_json(p_agent_id) end;
end $$;

comment on function heddle_api.list_members is 'The team of an agent, oldest first; null if there is no such agent.';

create function heddle.move_inbox(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_from text := heddle.inbox_name(p_agent_id);
  v_epoch integer;
begin
  update heddle.agents set inbox_epoch = inbox_epoch + 1 where id = p_agent_id returning inbox_epoch into v_epoch;
  perform heddle.send(array[v_from], array[heddle.event('inbox:moved', jsonb_build_object('epoch', v_epoch))]);
exception when others then
  -- Whoever is not told asks at the next check; but the name must change.
  update heddle.agents set inbox_epoch = inbox_epoch + 1 where id = p_agent_id;
  perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
end $$;

comment on function heddle.move_inbox is
  'Gives a team''s channel another name and says so on the old one. Realtime asks nobody again who has joined a channel, so
this alone keeps out who may hear it no more.';

create function heddle.hold_inboxes(p_org_id uuid, p_user_id uuid) returns uuid[]
language plpgsql set search_path = '' as $$
declare
  v_agents uuid[] := array(
    select id from heddle.agents where org_id = p_org_id and heddle.answers_for(id, p_user_id) order by id
  );
  v_agent_id uuid;
begin
  foreach v_agent_id in array v_agents loop
    -- Waits for what is on its way under the old name, and keeps the rest until the new one counts.
    perform pg_advisory_xact_lock(hashtextextended('heddle inbox ' || v_agent_id, 0));
  end loop;
  return v_agents;
end $$;

comment on function heddle.hold_inboxes is
  'The agents that a member answers for, once nobody sends to their teams. Before it no row may be locked.';

create function heddle.leave_agents(p_member heddle.members, p_agents uuid[]) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent_id uuid;
begin
  for v_agent_id in select unnest(p_agents) order by 1 loop
    perform pg_advisory_xact_lock(hashtextextended('heddle inbox ' || v_agent_id, 0));
  end loop;
  delete from heddle.leases where subject = 'operator' and key = p_member.user_id::text and agent_id = any (p_agents);
  -- Not announced one by one: whoever moves to the new name asks what has changed.
  perform set_config('heddle.importing', 'on', true);
  perform from heddle.conversations
  where assignee_id = p_member.user_id and agent_id = any (p_agents) and status <> 'resolved' order by id for no key update;
  with freed as (
    update heddle.conversations set
      assignee_id = null, needs_human = (needs_human or asked_since is not null) and status = 'open', taken_over = false,
      rev = rev + 1, xid = pg_current_xact_id()
    where assignee_id = p_member.user_id and agent_id = any (p_agents) and status <> 'resolved'
    returning *
  )
  insert into heddle.notes (conversation_id, id, rev, after_seq, author_id, author_name, change)
  select freed.id, freed.rev, freed.rev, freed.seq, actor.user_id, actor.name, jsonb_build_object(
    'by', case when actor.user_id is null then 'SYSTEM' else 'AGENT' end,
    'from', jsonb_build_object('id', p_member.user_id, 'name', p_member.name)
  ) || case when freed.needs_human then jsonb '{"needsHuman": true, "again": true}' else '{}' end
  from freed left join heddle.members actor on actor.org_id = p_member.org_id and actor.user_id = auth.uid();
  perform set_config('heddle.importing', 'off', true);
  perform heddle.log_change(agent.org_id, conversation, line, heddle.rows_json(array[conversation]) -> 0)
  from heddle.conversations conversation
  join heddle.agents agent on agent.id = conversation.agent_id and agent.logs_events
  join heddle.notes line on line.conversation_id = conversation.id and line.id = conversation.rev
  where conversation.agent_id = any (p_agents) and conversation.xid = pg_current_xact_id() and conversation.needs_human
    and line.change #>> '{from,id}' = p_member.user_id::text;
  for v_agent_id in select unnest(p_agents) order by 1 loop
    perform heddle.move_inbox(v_agent_id);
  end loop;
end $$;

comment on function heddle.leave_agents is
  'A member answers for these agents no more: what they held is free again, and their open connection hears nothing of it.';

create function heddle.leave_team() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.leave_agents(old, array(
    select id from heddle.agents where org_id = old.org_id and heddle.answers(old, id)
  ));
  return old;
end $$;

create function heddle.narrow_member() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.leave_agents(new, array(
    select id from heddle.agents where org_id = new.org_id and not heddle.answers(new, id)
  ));
  return null;
end $$;

create function heddle.leave_agent() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Not where the member, or the agent, is on its way out itself.
  perform heddle.leave_agents(member, array[old.agent_id])
  from heddle.members member join heddle.agents agent on agent.org_id = member.org_id
  where member.org_id = old.org_id and member.user_id = old.user_id and agent.id = old.agent_id and not member.every_agent;
  return null;
end $$;

create function heddle.leave_teams() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.members where user_id = old.id;
  return null;
end $$;

comment on function heddle.leave_teams is
  'An account that is deleted in Supabase Auth is a member nowhere, though its last access token goes on for up to an hour.';

-- Before it: its agents are known as long as it is there.
create trigger leave_team before delete on heddle.members for each row execute function heddle.leave_team();
create trigger narrow_member after update of every_agent on heddle.members for each row
  when (old.every_agent and not new.every_agent) execute function heddle.narrow_member();
create trigger leave_agent after delete on heddle.member_agents for each row execute function heddle.leave_agent();
create trigger heddle_leave_teams after delete on auth.users for each row execute function heddle.leave_teams();

create function heddle_api.remove_member(p_agent_id uuid, p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_member heddle.members;
begin
  select member.* into v_member
  from heddle.agents agent join heddle.members member on member.org_id = agent.org_id
  where agent.id = p_agent_id and member.user_id = p_user_id;
  if not found then
    return null;
  end if;
  perform heddle.hold_inboxes(v_member.org_id, p_user_id);
  delete from heddle.members where org_id = v_member.org_id and user_id = p_user_id returning * into v_member;
  if not found then
    return null;
  end if;
  if v_member.role = 'owner' then
    perform heddle.keep_owner(v_member.org_id);
  end if;
  return jsonb_build_object('id', p_user_id, 'name', v_member.name, 'email', v_member.email);
end $$;

comment on function heddle_api.remove_member is
  'Removes a member from the organisation: what they held is free again, and their open connection hears nothing any more. The
account stays. Null if they are none; PT409 for the last owner.';

create function heddle.reaches(p_me heddle.members, p_other heddle.members) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return p_me.every_agent or not p_other.every_agent and exists (
    select from heddle.member_agents where org_id = p_other.org_id and user_id = p_other.user_id
  ) and not exists (
    select agent_id from heddle.member_agents where org_id = p_other.org_id and user_id = p_other.user_id
    except
    select agent_id from heddle.member_agents where org_id = p_me.org_id and user_id = p_me.user_id
  );
end $$;

comment on function heddle.reaches is 'Whether one member answers for all agents that another of the organisation answers for.';

create function heddle.require_reach(p_me heddle.members, p_user_id uuid) returns void
language plpgsql stable set search_path = '' as $$
declare
  v_other heddle.members;
begin
  select * into v_other from heddle.members where org_id = p_me.org_id and user_id = p_user_id;
  perform heddle.demand_item(found);
  if not heddle.reaches(p_me, v_other) then
    raise exception 'not_allowed' using errcode = 'PT403',
      detail = 'This member answers for agents that you do not answer for.';
  end if;
end $$;

comment on function heddle.require_reach is
  'For who changes a member: a right holds for the agents that one answers for, and a member is one for all of theirs. Raises
PT404 for who is no member, PT403 for who reaches further than the caller. It counts from when the member''s row is locked.';

create function heddle.inbox_remove_member(p_agent_id uuid, p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id, 'members');
  v_removed jsonb;
begin
  -- First so that nobody's inbox is held for a call that is refused; again once neither team nor member changes any more.
  perform heddle.require_reach(v_me, p_user_id);
  perform heddle.hold_inboxes(v_me.org_id, p_user_id);
  v_me := heddle.require_member(p_agent_id, 'members');
  perform from heddle.members where org_id = v_me.org_id and user_id = p_user_id for update;
  perform heddle.require_reach(v_me, p_user_id);
  v_removed := heddle_api.remove_member(p_agent_id, p_user_id);
  if v_removed is null then
    raise exception 'item_not_found' using errcode = 'PT404';
  end if;
  -- Of two who remove each other at once the second is no member any more.
  if p_user_id <> v_me.user_id then
    perform heddle.require_member(p_agent_id, 'members');
  end if;
  return v_removed;
end $$;

create function heddle.inbox_members(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
begin
  return jsonb_build_object('members', heddle.members_json(p_agent_id, v_me));
end $$;

create function heddle.inbox_update_member(p_agent_id uuid, p_user_id uuid, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id);
  v_name text := heddle.one_line(p_changes ->> 'name');
  v_member heddle.members;
  v_was_owner boolean;
begin
  perform heddle.demand(p_changes is not null, 'Changes are an object.');
  perform heddle.demand_texts(p_changes, array['name', 'role']);
  -- Everybody may say what they are called.
  if p_user_id <> v_me.user_id or p_changes ? 'role' then
    perform heddle.require_member(p_agent_id, 'members');
  end if;
  perform heddle.demand_member(coalesce(v_name, 'unchanged'), null, coalesce(p_changes ->> 'role', 'operator'));
  select * into v_member from heddle.members where org_id = v_me.org_id and user_id = p_user_id for update;
  v_was_owner := v_member.role = 'owner';
  perform heddle.require_reach(v_me, p_user_id);
  if v_name is not null then
    perform heddle.demand_own_name(v_me.org_id, p_user_id, v_name);
  end if;
  update heddle.members set
    name = coalesce(v_name, name),
    role = coalesce(p_changes ->> 'role', role)
  where org_id = v_me.org_id and user_id = p_user_id
  returning * into v_member;
  if v_was_owner and v_member.role <> 'owner' then
    perform heddle.keep_owner(v_me.org_id);
  end if;
  return jsonb_build_object('id', v_member.user_id, 'name', v_member.name, 'email', v_member.email, 'role', v_member.role);
end $$;

create function heddle_api.inbox_members(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_members(p_agent_id);
end $$;

comment on function heddle_api.inbox_members is
  'The team of an agent: { members }. PT404.';

create function heddle_api.inbox_update_member(p_agent_id uuid, p_user_id uuid, p_changes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_update_member(p_agent_id, p_user_id, p_changes);
end $$;

comment on function heddle_api.inbox_update_member is
  'Changes a member''s name (everybody their own) or role: { id, name, email, role }. PT404; PT403 without the right
and for who answers for more agents than the caller; PT409 for the last owner and for another member''s name.';

create function heddle_api.inbox_remove_member(p_agent_id uuid, p_user_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_remove_member(p_agent_id, p_user_id);
end $$;

comment on function heddle_api.inbox_remove_member is
  'Removes a member, as remove_member does: { id, name, email }. PT404; PT403 without the right and for who answers for more
agents than the caller; PT409 for the last owner.';

revoke execute on function
  heddle.demand_member, heddle.demand_own_name, heddle_api.invite_member, heddle_api.list_members, heddle.move_inbox, heddle.hold_inboxes,
  heddle.leave_agents, heddle.leave_team, heddle.narrow_member, heddle.leave_agent, heddle.leave_teams,
  heddle_api.remove_member, heddle.reaches, heddle.require_reach, heddle.inbox_members, heddle_api.inbox_members,
  heddle.inbox_update_member, heddle_api.inbox_update_member, heddle.inbox_remove_member,
  heddle_api.inbox_remove_member
from public;
grant execute on function
  heddle.inbox_members, heddle_api.inbox_members, heddle.inbox_update_member, heddle_api.inbox_update_member,
  heddle.inbox_remove_member, heddle_api.inbox_remove_member
to authenticated;
grant execute on function
  heddle_api.invite_member, heddle_api.list_members, heddle_api.remove_member
to service_role;
