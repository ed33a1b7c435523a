-- What the store's rows look like outside, each shape once. These take whole pages: called row by row they would cost more
-- than the page itself. What belongs to a row is looked up with `limit 1`, which keeps the planner from reading whole tables:
-- it takes every array for a hundred rows. And with plans that are kept: it would make a new one for each array, and longer at
-- that than the answer takes.

create function heddle.messages_json(p_messages heddle.messages[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  -- The team's names are looked up once, by the first message that needs them.
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', message.seq::text,
        'text', case when message.status = 'streaming' then coalesce((
          select text from heddle.message_streams where conversation_id = message.conversation_id and seq = message.seq
        ), message.body) else message.body end,
        'role', case message.role
          when 'visitor' then 'USER' when 'operator' then 'AGENT' when 'bot' then 'BOT' else 'SYSTEM'
        end,
        'createdAt', message.created_at,
        'meta', jsonb_strip_nulls(jsonb_build_object(
          'author', jsonb_build_object('id', message.author_id, 'name', case message.role
            when 'operator' then coalesce(
              (select heddle.team_names(p_messages[1].conversation_id)) ->> message.author_id, message.author_name
            )
            else message.author_name
          end),
          'editedAt', message.edited_at,
          'deletedAt', message.deleted_at
        ))
        || jsonb_build_object('attachments', coalesce(message.attachments, '[]'))
        || case when message.blocks is null then '{}' else jsonb_build_object('blocks', message.blocks) end
      )
      || case when message.client_id is null then '{}' else jsonb_build_object('clientId', message.client_id) end
      || case when message.status is null then '{}' else jsonb_build_object('status', message.status) end
      order by message.seq
    ), '[]')
    from unnest(p_messages) message
  );
end $$;

comment on function heddle.messages_json is
  'Messages, all of one conversation, as events carry them, oldest first. Operators are called as they are called now.';

create function heddle.notes_json(p_notes heddle.notes[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_names jsonb := case
    when cardinality(p_notes) > 1 or p_notes[1].author_id is not null or p_notes[1].change ?| array['from', 'to']
    then heddle.team_names(p_notes[1].conversation_id)
  end;
begin
  return (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'id', note.id::text,
      'clientId', note.client_id,
      'text', note.body,
      'createdAt', note.created_at,
      'editedAt', note.edited_at,
      'deletedAt', note.deleted_at,
      'afterSeq', note.after_seq,
      'author', jsonb_build_object('id', note.author_id, 'name', coalesce(v_names ->> note.author_id::text, note.author_name)),
      'change', note.change || jsonb_strip_nulls(jsonb_build_object(
        'from', heddle.renamed_member(v_names, note.change -> 'from'), 'to', heddle.renamed_member(v_names, note.change -> 'to')
      ))
    )) order by note.id), '[]')
    from unnest(p_notes) note
  );
end $$;

comment on function heddle.notes_json is
  'Notes and lines, all of one conversation, as events carry them, oldest first. Members are called as they are called now.';

create function heddle.team_names(p_conversation_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_object_agg(member.user_id, member.name), '{}')
    from heddle.conversations conversation
    join heddle.agents agent on agent.id = conversation.agent_id
    join heddle.members member on member.org_id = agent.org_id
    where conversation.id = p_conversation_id
  );
end $$;

comment on function heddle.team_names is 'What the members of a conversation''s team are called now, by their ids.';

create function heddle.renamed_member(p_names jsonb, p_member jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return p_member || jsonb_build_object('name', coalesce(p_names -> (p_member ->> 'id'), p_member -> 'name'));
end $$;

create function heddle.unnamed(p_end_user text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  -- A prime below what four hexadecimal digits hold.
  c_hashes constant integer := 65521;
  v_hash integer := 0;
  v_character text;
begin
  foreach v_character in array string_to_array(p_end_user, null) loop
    v_hash := (v_hash * 31 + ascii(v_character)) % c_hashes;
  end loop;
  return 'Visitor ' || lpad(upper(to_hex(v_hash)), 4, '0');
end $$;

comment on function heddle.unnamed is 'What a visitor is called who said no name, as the inbox calls them.';

create function heddle.status_for_visitors(p_conversation heddle.conversations) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case p_conversation.status when 'snoozed' then 'OPEN' else upper(p_conversation.status) end;
end $$;

comment on function heddle.status_for_visitors is 'OPEN or RESOLVED: that the team has put it off is the team''s to know.';

create function heddle.items_json(p_seats heddle.participants[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select coalesce(jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object(
        'id', conversation.id,
        'title', coalesce(conversation.name, opening.words, agent.name),
        'preview', conversation.preview,
        'previewRole', case
          when conversation.kind = 'room' and conversation.last_role = 'visitor'
            and heddle.newest_author(conversation.id) is distinct from viewer.id then 'operator'
          else conversation.last_role
        end,
        'timestamp', coalesce(seat.last_message_at, conversation.last_message_at),
        'unread', seat.unread,
        'status', heddle.status_for_visitors(conversation)
      )) || jsonb_build_object('fields', case
        when conversation.needs_human then jsonb_build_object('needsHuman', true) else '{}'
      end || case
        when conversation.needs_human and conversation.visitor_asked then jsonb_build_object('asked', true) else '{}'
      end || case conversation.kind
        when 'room' then jsonb_build_object('viewerId', viewer.id)
        else '{}'
      end)
      order by seat.last_message_at desc, seat.conversation_id desc
    ), '[]')
    from unnest(p_seats) seat
    cross join lateral (select * from heddle.conversations where id = seat.conversation_id limit 1) conversation
    cross join lateral (select name from heddle.agents where id = conversation.agent_id limit 1) agent
    left join lateral (
      select end_user_id as id from heddle.visitors where conversation.kind = 'room' and visitors.id = seat.visitor_id limit 1
    ) viewer on true
    left join lateral (
      select nullif(heddle.one_line(left(body, 80)), '') as words from heddle.messages
      where conversation_id = conversation.id order by seq limit 1
    ) opening on true
  );
end $$;

comment on function heddle.items_json is
  'Conversations as these visitors see them in their lists, newest first. `asked`: they asked for the person. One without a name is called by its first words; of
a room `viewerId` says which of its visitors that is, and what the others of them wrote stands on the operators'' side.';

create function heddle.edited_json(p_conversation_id uuid, p_read_seq integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  c_most constant integer := 20;
begin
  return (
    select case when count(*) = 0 then '{}' else jsonb_build_object('edited', jsonb_build_object(
      'ids', to_jsonb((array_agg(seq::text order by changed_seq desc))[:c_most]), 'seq', max(changed_seq)
    )) end
    from heddle.messages
    where conversation_id = p_conversation_id and changed_seq > p_read_seq and changed_seq > seq and seq <= p_read_seq
      and role = 'visitor' and deleted_at is null
  );
end $$;

comment on function heddle.edited_json is
  'What visitors have changed since the team read it, if anything: { edited: { ids: up to 20, the last changed first, seq: the
number of the last change } }.';

create function heddle.rows_json(p_conversations heddle.conversations[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', conversation.id,
      'psid', visitor.end_user_id,
      'customerName', visitor.name,
      'customerEmail', visitor.email,
      'identified', heddle.is_identified(visitor.end_user_id),
      'pageName', conversation.page_name,
      'kind', conversation.kind,
      'platform', conversation.platform,
      'name', conversation.name,
      'status', upper(conversation.status),
      'snoozedUntil', conversation.snoozed_until,
      'snoozeEnded', conversation.snooze_ended,
      'needsHuman', conversation.needs_human,
      'autoBot', conversation.bot_responds and conversation.assignee_id is null
        and not (conversation.taken_over and conversation.status <> 'resolved'),
      'assignee', case when member.name is not null then
        jsonb_build_object('id', conversation.assignee_id, 'name', member.name)
      end,
      'labels', (
        select coalesce(jsonb_agg(label_id order by label_id), '[]')
        from heddle.conversation_labels where conversation_id = conversation.id
      ),
      'rev', conversation.rev,
      'messageCount', conversation.message_count,
      'unread', conversation.team_unread,
      'lastMessage', case when conversation.last_role is not null then jsonb_build_object(
        'text', coalesce(conversation.preview, ''),
        'role', case conversation.last_role
          when 'visitor' then 'USER' when 'operator' then 'AGENT' when 'bot' then 'BOT' else 'SYSTEM'
        end,
        'createdAt', conversation.last_message_at
      ) || case when conversation.last_author_id is null then '{}' else jsonb_build_object('authorId', conversation.last_author_id) end
        || case when conversation.preview is null then jsonb_build_object('isDeleted', true) else '{}' end end,
      'lastMessageAt', conversation.last_message_at,
      'activeAt', conversation.active_at,
      'waitingSince', conversation.waiting_since,
      'readSeqs', jsonb_build_object('visitor', conversation.visitor_read_seq, 'team', conversation.team_read_seq),
      'deliveredSeqs',
        jsonb_build_object('visitor', conversation.visitor_delivered_seq, 'team', conversation.team_delivered_seq),
      'createdAt', conversation.created_at
    ) || case
      -- Most have none, and to see that costs less than the call.
      when conversation.team_unread > 0 and exists (
        select from heddle.messages
        where conversation_id = conversation.id and changed_seq > seq and changed_seq > conversation.team_read_seq
      ) then heddle.edited_json(conversation.id, conversation.team_read_seq)
      else '{}'
    end order by conversation.ordinality), '[]')
    from unnest(p_conversations) with ordinality conversation
    cross join lateral (select * from heddle.visitors where id = conversation.visitor_id limit 1) visitor
    left join lateral (
      select name from heddle.members
      where org_id = (select org_id from heddle.agents where id = p_conversations[1].agent_id)
        and user_id = conversation.assignee_id and conversation.assignee_id is not null
      limit 1
    ) member on true
  );
end $$;

comment on function heddle.rows_json is 'Conversations, all of one agent, as the team''s lists show them, in this order.';

create function heddle.inbox_update(p_conversation heddle.conversations, p_line heddle.notes default null) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return heddle.event('conversation:updated',
    heddle.rows_json(array[p_conversation]) -> 0 || jsonb_build_object('conversationId', p_conversation.id)
    || case when p_line.id is null then '{}' else jsonb_build_object('line', heddle.notes_json(array[p_line]) -> 0) end);
end $$;

comment on function heddle.inbox_update is
  'The event that tells the team how a row looks now, all of it, so that nobody has to ask, and the line that was written for it.';

create function heddle.list_update(p_conversation heddle.conversations) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return heddle.event('conversation:updated', jsonb_build_object(
    'conversationId', p_conversation.id,
    'lastMessageAt', p_conversation.last_message_at,
    'messageCount', p_conversation.message_count,
    'status', heddle.status_for_visitors(p_conversation),
    'needsHuman', p_conversation.needs_human,
    'unread', (
      select unread from heddle.participants
      where conversation_id = p_conversation.id and role = 'visitor' and visitor_id = p_conversation.visitor_id
    )
  ) || case
    when p_conversation.needs_human and p_conversation.visitor_asked then jsonb_build_object('asked', true) else '{}'
  end);
end $$;

comment on function heddle.list_update is 'The event that tells a visitor''s list how a conversation stands.';

revoke execute on function
  heddle.messages_json, heddle.notes_json, heddle.team_names, heddle.renamed_member, heddle.unnamed, heddle.status_for_visitors, heddle.items_json, heddle.edited_json, heddle.rows_json, heddle.inbox_update,
  heddle.list_update
from public;
