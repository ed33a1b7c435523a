-- Broadcasts from the database: delivered when the transaction commits, past the limits of Realtime's REST endpoint.

create function heddle_api.broadcast(p_channels text[], p_event text, p_payload jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_ids uuid[];
begin
  with sent as (
    insert into realtime.messages (topic, private, extension, event, payload)
    select channel, true, 'broadcast', p_event, p_payload from unnest(p_channels) channel
    returning id
  )
  select array_agg(id) into v_ids from sent;

  -- Realtime reads what was inserted from the log that Postgres writes ahead, so nothing has to stay in the table. Rows of
  -- one transaction are all of one time.
  delete from realtime.messages where id = any (v_ids) and inserted_at = localtimestamp;
end $$;

comment on function heddle_api.broadcast is
  'Sends one event to each of these private channels when the transaction commits; all of them, or an error where Realtime has no partition for today.';

revoke execute on function heddle_api.broadcast from public;
grant execute on function heddle_api.broadcast to service_role;
