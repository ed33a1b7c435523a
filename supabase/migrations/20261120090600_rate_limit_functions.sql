-- Token buckets. An address may be an office: it gets ten times what one visitor gets.

create function heddle.tokens_per_minute(p_subject text, p_mode text) returns double precision
language sql immutable set search_path = '' as $$
  select case p_mode when 'read' then 60 else 20 end * case p_subject when 'address' then 10 else 1 end
$$;

create function heddle.take_token(p_agent_id uuid, p_subject text, p_mode text, p_key text) returns integer
language plpgsql set search_path = '' as $$
declare
  c_burst_minutes constant double precision := 2;
  v_now timestamptz := clock_timestamp();
  v_per_second double precision := heddle.tokens_per_minute(p_subject, p_mode) / 60;
  v_capacity double precision := heddle.tokens_per_minute(p_subject, p_mode) * c_burst_minutes;
  v_tokens double precision;
begin
  insert into heddle.rate_buckets as bucket (agent_id, subject, mode, key, tokens, refilled_at)
  values (p_agent_id, p_subject, p_mode, p_key, v_capacity - 1, v_now)
  on conflict (agent_id, subject, mode, key) do update set
    tokens = heddle.refilled(bucket, v_now, v_per_second, v_capacity) - 1,
    refilled_at = greatest(bucket.refilled_at, v_now)
  where heddle.refilled(bucket, v_now, v_per_second, v_capacity) >= 1;
  if found then
    return 0;
  end if;

  select heddle.refilled(bucket, v_now, v_per_second, v_capacity) into v_tokens
  from heddle.rate_buckets bucket
  where (agent_id, subject, mode, key) = (p_agent_id, p_subject, p_mode, p_key);
  return greatest(1, ceil((1 - coalesce(v_tokens, 1)) / v_per_second));
end $$;

comment on function heddle.take_token is
  'Takes one token from a bucket: 0, or the seconds after which there will be one.';

create function heddle.refilled(
  p_bucket heddle.rate_buckets,
  p_now timestamptz,
  p_per_second double precision,
  p_capacity double precision
) returns double precision
language sql immutable as $$
  select least(
    p_capacity,
    p_bucket.tokens + p_per_second * greatest(0, extract(epoch from p_now - p_bucket.refilled_at))
  )
$$;

comment on function heddle.refilled is
  'Tokens of a bucket now. Without a search_path of its own, so that Postgres can inline it.';

create function heddle.forget_full_buckets() returns void
language sql set search_path = '' as $$
  delete from heddle.rate_buckets where ctid = any (array(
    select ctid from heddle.rate_buckets
    where refilled_at < now() - interval '10 minutes'
    limit 5000
    for update skip locked
  ))
$$;

comment on function heddle.forget_full_buckets is
  'Deletes buckets that have been full for minutes. It reads the whole table, since an index on a column that every
call changes would cost more: call it now and then.';

revoke execute on function heddle.tokens_per_minute from public;
revoke execute on function heddle.take_token from public;
revoke execute on function heddle.refilled from public;
revoke execute on function heddle.forget_full_buckets from public;
