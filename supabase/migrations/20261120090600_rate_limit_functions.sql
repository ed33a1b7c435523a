-- Token buckets, kept as the time when each will be full again. A token comes back every `step`; a bucket holds two
-- minutes' worth. An address may be an office: it gets ten times what one visitor gets, and validates as often as it reads.
-- Unknown API keys are rarer: one a second. Of signs of typing a bucket holds two, since a crowd of old ones is of no use;
-- of an operator's coming and going five, which is a page that is loaded again and again. Of mails to an address that nobody has
-- vouched for three, which come back in a day.

create function heddle.take_token(p_agent_id uuid, p_subject text, p_mode text, p_key text) returns integer
language plpgsql set search_path = '' as $$
declare
  c_window constant interval := case p_mode
    when 'typing' then interval '6 seconds'
    when 'presence' then interval '15 seconds'
    when 'mail' then interval '1 day'
    else interval '2 minutes'
  end;
  v_now constant timestamptz := clock_timestamp();
  v_step constant interval := case p_mode
      when 'key' then interval '10 seconds'
      when 'write' then interval '3 seconds'
      when 'typing' then interval '3 seconds'
      when 'presence' then interval '3 seconds'
      when 'mail' then interval '8 hours'
      else interval '1 second'
    end
    / case p_subject when 'address' then 10 else 1 end;
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

comment on function heddle.take_token is
  'Takes one token from a bucket: 0, or the seconds after which there will be one.';

create function heddle.forget_full_buckets() returns void
language sql set search_path = '' as $$
  delete from heddle.rate_buckets where ctid = any (array(
    select ctid from heddle.rate_buckets
    where full_at < now()
    limit 5000
    for update skip locked
  ))
$$;

comment on function heddle.forget_full_buckets is
  'Deletes full buckets. It reads the whole table, since an index on a column that every call changes would cost more:
call it now and then.';

create function heddle.spend_call(p_agent_id uuid, p_action text, p_end_user_id text, p_address_hash text)
returns integer
language plpgsql set search_path = '' as $$
declare
  v_mode text := case
    when p_action in ('get_items', 'item_clicked', 'receipt') then 'read'
    when p_action = 'typing' then 'typing'
    else 'write'
  end;
  v_retry_after integer := 0;
begin
  if p_end_user_id is not null then
    v_retry_after := heddle.take_token(p_agent_id, 'visitor', v_mode, p_end_user_id);
  end if;
  if v_retry_after = 0 and p_address_hash is not null then
    v_retry_after := heddle.take_token(p_agent_id, 'address', v_mode, p_address_hash);
  end if;
  -- Last of all: it locks buckets that others may wait for, so nothing may be waited for after it.
  if random() < 0.001 then
    perform heddle.forget_full_buckets();
  end if;
  return v_retry_after;
end $$;

comment on function heddle.spend_call is
  'Charges a tab call to its visitor, then to its address: 0, or the seconds to wait. A visitor who is refused does not
use up what others at that address share. Without an address hash the visitor alone is charged, without a visitor the
address alone.';

create function heddle.spend_address(p_mode text, p_address_hash text) returns integer
language plpgsql set search_path = '' as $$
declare
  v_retry_after integer;
begin
  if p_address_hash is null then
    return 0;
  end if;
  v_retry_after := heddle.take_token('00000000-0000-0000-0000-000000000000', 'address', p_mode, p_address_hash);
  if random() < 0.001 then
    perform heddle.forget_full_buckets();
  end if;
  return v_retry_after;
end $$;

comment on function heddle.spend_address is
  'Charges what belongs to no agent (`validate`, `key`) to its address: 0, or the seconds to wait. Without an address hash
nobody is charged.';

revoke execute on function heddle.take_token from public;
revoke execute on function heddle.forget_full_buckets from public;
revoke execute on function heddle.spend_call from public;
revoke execute on function heddle.spend_address from public;
