-- The second way to Realtime: through the database, past the limits of its REST endpoint.

create function heddle_api.broadcast_refresh(p_channels text[], p_payload jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_channel text;
  v_stored integer;
begin
  foreach v_channel in array p_channels loop
    perform realtime.send(p_payload, 'refresh', v_channel, true);
  end loop;

  -- Where realtime.send fails it only warns. Its rows of this transaction are all of one time.
  select count(distinct topic) into v_stored
  from realtime.messages
  where inserted_at = localtimestamp and topic = any (p_channels) and payload ->> 'id' = p_payload ->> 'id';
  if v_stored < cardinality(p_channels) then
    raise exception 'Realtime stored % of % messages', v_stored, cardinality(p_channels);
  end if;
end $$;

comment on function heddle_api.broadcast_refresh is
  'Sends one refetch hint to each of these private channels when the transaction commits; all of them or an error.';

revoke execute on function heddle_api.broadcast_refresh from public;
grant execute on function heddle_api.broadcast_refresh to service_role;
