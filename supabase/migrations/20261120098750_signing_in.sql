-- Visitors who wrote before they signed in: what they wrote is theirs afterwards, too.

create function heddle.signed_in(
  p_conversation heddle.conversations,
  p_anonymous heddle.visitors,
  p_visitor_id bigint
) returns void
language plpgsql set search_path = '' as $$
declare
  v_refresh constant jsonb := heddle.event('refresh', '{}');
  v_conversation heddle.conversations;
  v_line heddle.notes;
  v_update jsonb;
  v_org_id uuid;
begin
  -- The browser's anonymous pages know the name of its channel: it gets another, and the former one says so.
  begin
    perform heddle.announce(p_conversation, v_refresh, array[v_refresh], null);
  exception when others then
    perform heddle.count_failed_broadcast(p_conversation.agent_id, sqlstate, sqlerrm);
  end;
  update heddle.participants set visitor_id = p_visitor_id
  where conversation_id = p_conversation.id and role = 'visitor' and visitor_id = p_anonymous.id;
  update heddle.conversations set
    visitor_id = p_visitor_id, channel_epoch = channel_epoch + 1, rev = rev + 1, xid = pg_current_xact_id()
  where id = p_conversation.id
  returning * into v_conversation;
  insert into heddle.notes (conversation_id, id, rev, after_seq, change)
  values (
    v_conversation.id, v_conversation.rev, v_conversation.rev, v_conversation.seq,
    jsonb_build_object('by', 'USER', 'signedIn', true)
  )
  returning * into v_line;
  begin
    v_update := heddle.inbox_update(v_conversation, v_line);
    v_org_id := heddle.announce(v_conversation, null, array[v_refresh], array[v_update]);
  exception when others then
    v_org_id := heddle.unannounced(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null then
    perform heddle.log_change(
      v_org_id, v_conversation, v_line, coalesce(v_update -> 'data', heddle.rows_json(array[v_conversation]) -> 0)
    );
  end if;
end $$;

comment on function heddle.signed_in is
  'Hands a conversation, which is locked, on to the visitor as whom its anonymous one has signed in, and tells both and the team.';

create function heddle_api.store_sign_in(
  p_agent_id uuid,
  p_anonymous text,
  p_end_user text,
  p_visitor jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_anonymous heddle.visitors;
  v_visitor_id bigint;
  v_conversation heddle.conversations;
  v_count integer := 0;
begin
  perform heddle.demand(
    (not heddle.is_identified(p_anonymous) and heddle.is_identified(p_end_user)) is true,
    'An anonymous visitor signs in as one whom the site knows.'
  );
  perform heddle.demand_visitor(p_end_user, p_visitor, null);
  perform heddle.open_inbox(p_agent_id);
  perform heddle.hold_visitor(p_agent_id, p_anonymous);
  perform heddle.hold_visitor(p_agent_id, p_end_user);
  select * into v_anonymous from heddle.visitors where agent_id = p_agent_id and end_user_id = p_anonymous;
  if not found then
    return jsonb_build_object('conversations', 0);
  end if;
  insert into heddle.visitors (agent_id, end_user_id) values (p_agent_id, p_end_user)
  on conflict (agent_id, end_user_id) do nothing;
  select id into v_visitor_id from heddle.visitors where agent_id = p_agent_id and end_user_id = p_end_user;
  perform from heddle.visitors where id in (v_anonymous.id, v_visitor_id) order by id for update;
  -- Whoever signs in later in this browser is somebody else, perhaps.
  if coalesce(v_anonymous.signed_in_as, v_visitor_id) <> v_visitor_id then
    return jsonb_build_object('conversations', 0);
  end if;
  for v_conversation in
    select * from heddle.conversations where visitor_id = v_anonymous.id and kind = 'conversation' order by id for update
  loop
    perform heddle.signed_in(v_conversation, v_anonymous, v_visitor_id);
    v_count := v_count + 1;
  end loop;
  update heddle.visitors set
    name = coalesce(nullif(heddle.one_line(p_visitor ->> 'name'), ''), name),
    email = coalesce(p_visitor ->> 'email', email),
    page = coalesce(v_anonymous.page, page),
    last_seen_at = now()
  where id = v_visitor_id;
  -- What they called themselves is for the site to say now.
  update heddle.visitors set name = null, email = null, page = null, signed_in_as = v_visitor_id where id = v_anonymous.id;
  return jsonb_build_object('conversations', v_count);
end $$;

comment on function heddle_api.store_sign_in is
  'For a caller who has verified both: what an anonymous visitor wrote is p_end_user''s from now on, but for rooms. Name and
address are those of p_visitor, which the site vouches for. Of several who sign in with the same anonymous visitor only the
first gets anything. { conversations: how many }.';

revoke execute on function heddle.signed_in from public;
revoke execute on function heddle_api.store_sign_in from public;
grant execute on function heddle_api.store_sign_in to service_role;
