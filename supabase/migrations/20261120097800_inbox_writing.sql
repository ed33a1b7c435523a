-- What operators write.

create function heddle.take_part(p_conversation_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  insert into heddle.participants (conversation_id, role, user_id) values (p_conversation_id, 'operator', auth.uid())
  on conflict do nothing;
end $$;

create function heddle.inbox_post(p_conversation_id uuid, p_client_id uuid, p_body text, p_attachments jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
  v_me heddle.members := heddle.member_of(v_conversation.agent_id);
  v_message heddle.messages;
begin
  insert into heddle.messages (conversation_id, client_id, role, author_id, author_name, body, attachments)
  values (p_conversation_id, p_client_id, 'operator', v_me.user_id, v_me.name, p_body, p_attachments)
  returning * into v_message;
  if v_message.seq is null then
    select * into v_message from heddle.messages where conversation_id = p_conversation_id and client_id = p_client_id;
  else
    perform heddle.take_part(p_conversation_id);
  end if;
  return jsonb_build_object('rev', v_message.changed_rev, 'message', heddle.messages_json(array[v_message]) -> 0);
end $$;

create function heddle.inbox_edit(p_conversation_id uuid, p_seq integer, p_body text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
  v_message heddle.messages;
begin
  perform heddle.open_inbox(v_conversation.agent_id);
  perform from heddle.conversations where id = p_conversation_id for no key update;
  update heddle.messages set
    body = coalesce(p_body, ''),
    edited_at = case when p_body is not null then clock_timestamp() else edited_at end,
    deleted_at = case when p_body is null then clock_timestamp() end
  where conversation_id = p_conversation_id and seq = p_seq and role = 'operator' and author_id = auth.uid()::text
    and deleted_at is null
  returning * into v_message;
  if not found then
    select * into v_message from heddle.messages
    where conversation_id = p_conversation_id and seq = p_seq and role = 'operator' and author_id = auth.uid()::text
      and p_body is null;
    if not found then
      raise exception 'item_not_found' using errcode = 'PT404';
    end if;
  end if;
  return jsonb_build_object('rev', v_message.changed_rev, 'message', heddle.messages_json(array[v_message]) -> 0);
end $$;

create function heddle.inbox_read(p_conversation_id uuid, p_seq integer, p_seen boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations := heddle.claimable(p_conversation_id);
  v_me uuid := auth.uid();
  v_mine integer;
  v_read integer;
  v_delivered integer;
begin
  select read_seq into v_mine from heddle.reads where conversation_id = p_conversation_id and user_id = v_me;
  if p_seq <= v_conversation.team_delivered_seq and (not p_seen or p_seq <= coalesce(v_mine, 0)) then
    return heddle.cursors_json(v_conversation);
  end if;
  perform heddle.open_inbox(v_conversation.agent_id);
  select * into v_conversation from heddle.conversations where id = p_conversation_id for no key update;
  v_delivered := greatest(v_conversation.team_delivered_seq, least(p_seq, v_conversation.seq));
  v_read := v_conversation.team_read_seq;
  if p_seen then
    insert into heddle.reads as seen (conversation_id, user_id, read_seq, read_at)
    values (p_conversation_id, v_me, least(p_seq, v_conversation.seq), clock_timestamp())
    on conflict (conversation_id, user_id) do update
      set read_seq = excluded.read_seq, read_at = excluded.read_at where seen.read_seq < excluded.read_seq;
    -- A colleague who looks in reads nothing for its holder.
    if coalesce(v_conversation.assignee_id, v_me) = v_me then
      v_read := greatest(v_read, least(p_seq, v_conversation.seq));
    end if;
  end if;
  if (v_read, v_delivered) is distinct from (v_conversation.team_read_seq, v_conversation.team_delivered_seq) then
    perform heddle.move_cursors(v_conversation, 'AGENT', v_read, v_delivered);
    select * into v_conversation from heddle.conversations where id = p_conversation_id;
  end if;
  return heddle.cursors_json(v_conversation);
end $$;

create function heddle_api.inbox_post(
  p_conversation_id uuid,
  p_client_id uuid,
  p_body text,
  p_attachments jsonb default null
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_post(p_conversation_id, p_client_id, p_body, p_attachments);
end $$;

comment on function heddle_api.inbox_post is
  'An operator''s message; the same p_client_id again answers with the first one. { rev, message }. PT404.';

create function heddle_api.inbox_edit(p_conversation_id uuid, p_seq integer, p_body text default null) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_edit(p_conversation_id, p_seq, p_body);
end $$;

comment on function heddle_api.inbox_edit is
  'Changes the operator''s own message; without a body: deletes it, which leaves an empty one. { rev, message }. PT404 for
anybody else''s.';

create function heddle_api.inbox_read(p_conversation_id uuid, p_seq integer, p_seen boolean default true) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_read(p_conversation_id, p_seq, p_seen);
end $$;

comment on function heddle_api.inbox_read is
  'How far the operator has seen a conversation, or with p_seen false: how far it has reached the team. Never goes back. {
readSeqs, deliveredSeqs }. PT404.';

revoke execute on function heddle.take_part from public;
revoke execute on function heddle.inbox_post from public;
revoke execute on function heddle_api.inbox_post from public;
revoke execute on function heddle.inbox_edit from public;
revoke execute on function heddle_api.inbox_edit from public;
revoke execute on function heddle.inbox_read from public;
revoke execute on function heddle_api.inbox_read from public;
grant execute on function heddle.inbox_post to authenticated;
grant execute on function heddle_api.inbox_post to authenticated;
grant execute on function heddle.inbox_edit to authenticated;
grant execute on function heddle_api.inbox_edit to authenticated;
grant execute on function heddle.inbox_read to authenticated;
grant execute on function heddle_api.inbox_read to authenticated;
