-- The log live, where an organisation has it so: each event on a channel of its own, as it is written. A faster copy: whoever
-- listens reads the log after each join, and after whatever they may have missed.

create table heddle.event_channels (
  org_id uuid primary key,
  epoch integer not null default 1 check (epoch between 1 and 999999999),
  is_on boolean not null default true
);
alter table heddle.event_channels enable row level security;

comment on table heddle.event_channels is 'Organisations whose events are sent to their members as they are written.';
comment on column heddle.event_channels.epoch is
  'Stands in the channel''s name. Raising it leaves behind whoever may not join the new name.';

create trigger note_readers after insert or delete or update of is_on
  on heddle.event_channels for each statement execute function heddle.note_readers();

create function heddle.events_name(p_channel heddle.event_channels) returns text
language plpgsql stable set search_path = '' as $$
begin
  return 'org-' || p_channel.org_id || '-events-' || p_channel.epoch;
end $$;

create function heddle.tell_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_channel heddle.event_channels;
begin
  select * into v_channel from heddle.event_channels where org_id = new.org_id and is_on;
  if not found then
    return null;
  end if;
  begin
    perform heddle.send(array[heddle.events_name(v_channel)], array[
      heddle.event('logged', jsonb_build_object('xid', new.xid, 'event', heddle.event_json(new)))
    ]);
  exception when others then
    raise warning 'heddle: an event was logged but not sent (%: %)', sqlstate, sqlerrm;
  end;
  return null;
end $$;

comment on function heddle.tell_event is
  'Sends what was logged, with its transaction: whoever has read the log up to a snapshot knows by that what they have.';

create trigger tell_event after insert on heddle.events for each row execute function heddle.tell_event();

create function heddle.hold_events(p_org_id uuid, p_alone boolean default false) returns void
language plpgsql set search_path = '' as $$
begin
  if p_alone then
    perform pg_advisory_xact_lock(hashtextextended('heddle events ' || p_org_id, 0));
  else
    perform pg_advisory_xact_lock_shared(hashtextextended('heddle events ' || p_org_id, 0));
  end if;
end $$;

create function heddle.move_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_was heddle.event_channels;
  v_channel heddle.event_channels;
begin
  if tg_op = 'UPDATE' and new.every_agent then
    return null;
  end if;
  select * into v_was from heddle.event_channels where org_id = old.org_id;
  if not found or not old.every_agent then
    return null;
  end if;
  -- Whoever writes to a conversation holds its team's lock, which a removal has taken before.
  perform heddle.hold_events(old.org_id, true);
  update heddle.event_channels set epoch = epoch + 1 where org_id = old.org_id returning * into v_channel;
  begin
    perform heddle.send(array[heddle.events_name(v_was)], array[heddle.event('events:moved', '{}')]);
  exception when others then
    raise warning 'heddle: a channel of events has another name, but that was not sent (%: %)', sqlstate, sqlerrm;
  end;
  return null;
end $$;

comment on function heddle.move_events is
  'Gives an organisation''s channel another name when a member may hear it no more, and says so on the old one.';

create trigger move_events after delete or update of every_agent on heddle.members
  for each row execute function heddle.move_events();

create function heddle.may_hear_events(p_topic text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  v_org_id text := substring(p_topic from
    '^org-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-events-[1-9][0-9]{0,8}$');
begin
  -- As for an inbox: names of before are silent, names to come nobody's.
  return v_org_id is not null
    and exists (select from heddle.members where org_id = v_org_id::uuid and user_id = auth.uid() and every_agent)
    and exists (
      select from heddle.event_channels
      where org_id = v_org_id::uuid and is_on and epoch >= substring(p_topic from '[0-9]+$')::integer
    );
end $$;

comment on function heddle.may_hear_events is
  'Whether the caller may join this channel of an organisation''s events. For the policies.';

create function heddle.events_channels() returns text[]
language plpgsql stable set search_path = '' as $$
begin
  -- All or none: who also reads events of which they can hear nothing has to ask for those anyway.
  if exists (
    select from heddle.members me
    where me.user_id = auth.uid() and not (me.every_agent and exists (
      select from heddle.event_channels where org_id = me.org_id and is_on
    ))
  ) then
    return '{}';
  end if;
  return array(
    select heddle.events_name(channel)
    from heddle.members me join heddle.event_channels channel on channel.org_id = me.org_id
    where me.user_id = auth.uid() order by channel.org_id
  );
end $$;

comment on function heddle.events_channels is
  'The channels on which the caller, a member, hears every event that they may read; none where there are others.';

create function heddle_api.send_events(p_agent_id uuid, p_on boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_org_id uuid := (select org_id from heddle.agents where id = p_agent_id);
begin
  if v_org_id is null then
    return null;
  end if;
  insert into heddle.event_channels (org_id, is_on) values (v_org_id, p_on)
  on conflict (org_id) do update set is_on = excluded.is_on;
  return jsonb_build_object('orgId', v_org_id, 'on', p_on);
end $$;

comment on function heddle_api.send_events is
  'Whether events of this agent''s organisation are sent to its members as they are written: { orgId, on }; null if there is no
such agent.';

revoke execute on function heddle.events_name from public;
revoke execute on function heddle.tell_event from public;
revoke execute on function heddle.hold_events from public;
revoke execute on function heddle.move_events from public;
revoke execute on function heddle.may_hear_events from public;
revoke execute on function heddle.events_channels from public;
revoke execute on function heddle_api.send_events from public;
grant execute on function heddle.may_hear_events to authenticated;
grant execute on function heddle_api.send_events to service_role;
