-- What a team keeps for itself: labels and saved replies.

create function heddle.hint_inbox(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform heddle.open_inbox(p_agent_id);
  perform heddle.send(array[heddle.inbox_name(p_agent_id)], array[heddle.event('refresh', '{}')]);
exception when others then
  perform heddle.count_failed_broadcast(p_agent_id, sqlstate, sqlerrm);
end $$;

comment on function heddle.hint_inbox is 'Tells a team that something changed which no event is for.';

create function heddle.tell_of_member() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  for v_agent in select * from heddle.agents where org_id = new.org_id order by id loop
    -- Without the inbox's lock, which a removal takes before the member's row: under a former name nobody misses a hint.
    begin
      perform heddle.send(array[heddle.inbox_name(v_agent)], array[heddle.event('refresh', '{}')]);
    exception when others then
      perform heddle.count_failed_broadcast(v_agent.id, sqlstate, sqlerrm);
    end;
  end loop;
  return null;
end $$;

comment on function heddle.tell_of_member is 'Who joins a team, or is called or may do something else, is so at once in open inboxes.';

create trigger tell_of_member after insert on heddle.members for each row execute function heddle.tell_of_member();
create trigger tell_of_changed_member after update of name, role, every_agent, email on heddle.members for each row
  when (old is distinct from new) execute function heddle.tell_of_member();
create trigger tell_of_member after insert on heddle.member_agents for each row execute function heddle.tell_of_member();

create function heddle.inbox_save_label(p_agent_id uuid, p_label_id integer, p_name text, p_color text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 500;
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'labels');
  v_name text := heddle.one_line(p_name);
  v_label heddle.labels;
begin
  perform heddle.demand_name('A label''s name', v_name, 60);
  perform heddle.demand(p_color ~ '^#[0-9a-f]{6}$', 'A colour is written as #rrggbb.');
  if p_label_id is null then
    perform heddle.demand(
      (select count(*) from heddle.labels where agent_id = p_agent_id) < c_most,
      format('An agent keeps at most %s labels.', c_most)
    );
    insert into heddle.labels (agent_id, name, color) values (p_agent_id, v_name, p_color) returning * into v_label;
  else
    update heddle.labels set name = v_name, color = p_color where id = p_label_id and agent_id = p_agent_id
    returning * into v_label;
    perform heddle.demand_item(found);
  end if;
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('id', v_label.id, 'name', v_label.name, 'color', v_label.color);
exception when unique_violation then
  raise exception 'conflict' using errcode = 'PT409', detail = 'There is a label of this name already.';
end $$;

create function heddle.inbox_delete_label(p_agent_id uuid, p_label_id integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'labels');
begin
  -- One hint for all instead of an event for each that had it.
  perform set_config('heddle.importing', 'on', true);
  perform from heddle.conversations where agent_id = p_agent_id and id in (
    select conversation_id from heddle.conversation_labels where label_id = p_label_id
  ) order by id for no key update;
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where agent_id = p_agent_id and id in (
    select conversation_id from heddle.conversation_labels where label_id = p_label_id
  );
  delete from heddle.labels where id = p_label_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  perform set_config('heddle.importing', 'off', true);
  perform heddle.hint_inbox(p_agent_id);
  return jsonb_build_object('id', p_label_id);
end $$;

create function heddle.inbox_replies(p_agent_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
begin
  return jsonb_build_object('replies', (
    select coalesce(jsonb_agg(jsonb_build_object('id', id, 'shortcut', shortcut, 'body', body) order by shortcut), '[]')
    from heddle.saved_replies where agent_id = p_agent_id
  ));
end $$;

create function heddle.inbox_save_reply(p_agent_id uuid, p_reply_id uuid, p_shortcut text, p_body text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  c_most constant integer := 500;
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'replies');
  v_reply heddle.saved_replies;
begin
  perform heddle.demand(
    p_shortcut ~ '^[^\s/]{1,40}$' and not heddle.is_blank(p_shortcut),
    'A shortcut has 1 to 40 characters without blanks and slashes.'
  );
  perform heddle.demand_name('A saved reply', p_body, 10000);
  if p_reply_id is null then
    perform heddle.demand(
      (select count(*) from heddle.saved_replies where agent_id = p_agent_id) < c_most,
      format('An agent keeps at most %s saved replies.', c_most)
    );
    insert into heddle.saved_replies (agent_id, shortcut, body) values (p_agent_id, p_shortcut, p_body)
    returning * into v_reply;
  else
    update heddle.saved_replies set shortcut = p_shortcut, body = p_body where id = p_reply_id and agent_id = p_agent_id
    returning * into v_reply;
    perform heddle.demand_item(found);
  end if;
  return jsonb_build_object('id', v_reply.id, 'shortcut', v_reply.shortcut, 'body', v_reply.body);
exception when unique_violation then
  raise exception 'conflict' using errcode = 'PT409', detail = 'There is a reply of this shortcut already.';
end $$;

create function heddle.inbox_delete_reply(p_agent_id uuid, p_reply_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.enter_inbox(p_agent_id, 'replies');
begin
  delete from heddle.saved_replies where id = p_reply_id and agent_id = p_agent_id;
  perform heddle.demand_item(found);
  return jsonb_build_object('id', p_reply_id);
end $$;

create function heddle_api.inbox_save_label(
  p_agent_id uuid,
  p_label_id integer,
  p_name text,
  p_color text
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_save_label(p_agent_id, p_label_id, p_name, p_color);
end $$;

comment on function heddle_api.inbox_save_label is
  'Makes a label, or changes one: { id, name, color }. PT404, PT403, PT409 for a name that is taken.';

create function heddle_api.inbox_delete_label(p_agent_id uuid, p_label_id integer) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_delete_label(p_agent_id, p_label_id);
end $$;

comment on function heddle_api.inbox_delete_label is
  'Deletes a label, from conversations too: { id }. PT404, PT403.';

create function heddle_api.inbox_replies(p_agent_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_replies(p_agent_id);
end $$;

comment on function heddle_api.inbox_replies is
  'Saved replies by shortcut: { replies: [{ id, shortcut, body }] }. PT404.';

create function heddle_api.inbox_save_reply(
  p_agent_id uuid,
  p_reply_id uuid,
  p_shortcut text,
  p_body text
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_save_reply(p_agent_id, p_reply_id, p_shortcut, p_body);
end $$;

comment on function heddle_api.inbox_save_reply is
  'Makes a saved reply, or changes one: { id, shortcut, body }. PT404, PT403, PT409 for a shortcut that is taken.';

create function heddle_api.inbox_delete_reply(p_agent_id uuid, p_reply_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return heddle.inbox_delete_reply(p_agent_id, p_reply_id);
end $$;

comment on function heddle_api.inbox_delete_reply is
  'Deletes a saved reply: { id }. PT404, PT403.';

revoke execute on function
  heddle.hint_inbox, heddle.tell_of_member, heddle.inbox_save_label, heddle_api.inbox_save_label, heddle.inbox_delete_label,
  heddle_api.inbox_delete_label, heddle.inbox_replies, heddle_api.inbox_replies, heddle.inbox_save_reply,
  heddle_api.inbox_save_reply, heddle.inbox_delete_reply, heddle_api.inbox_delete_reply
from public;
grant execute on function
  heddle.inbox_save_label, heddle_api.inbox_save_label, heddle.inbox_delete_label, heddle_api.inbox_delete_label,
  heddle.inbox_replies, heddle_api.inbox_replies, heddle.inbox_save_reply, heddle_api.inbox_save_reply,
  heddle.inbox_delete_reply, heddle_api.inbox_delete_reply
to authenticated;
