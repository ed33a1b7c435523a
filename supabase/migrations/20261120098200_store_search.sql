-- Search in messages by word and in people by any part of their name or address.

create extension if not exists pg_trgm with schema extensions;

-- Whoever looks for cafe finds café, and the other way round. Without the extension unaccent, which is not immutable: letters
-- are taken apart, and marks of the Latin, Greek and Cyrillic scripts left out.
create function heddle.unaccented(p_text text) returns text
language sql immutable set search_path = '' as $$
  select case
    when p_text !~ '[\u00c0-\u04ff\u1e00-\u1fff]' then p_text
    else normalize(pg_catalog.regexp_replace(normalize(
      pg_catalog.replace(pg_catalog.translate(p_text, 'øØłŁđĐı', 'oOlLdDi'), 'ß', 'ss'), nfd
    ), '[\u0300-\u036f]+', '', 'g'), nfc)
  end;
$$;

-- Parts of what hyphens, dots and slashes hold together are words: whoever looks for 20417 finds FF-20417.
create function heddle.words(p_text text) returns text
language sql immutable set search_path = '' as $$
  select pg_catalog.regexp_replace(heddle.unaccented(p_text), '[^[:alnum:]]+', ' ', 'g');
$$;

create index messages_words on heddle.messages using gin (to_tsvector('simple', heddle.words(body)));
create index messages_newest on heddle.messages (created_at desc);
create index visitors_people on heddle.visitors
  using gin (heddle.unaccented(coalesce(name, '') || ' ' || coalesce(email, '')) extensions.gin_trgm_ops);

create function heddle.found_messages(p_agent_id uuid, p_text text, p_limit integer) returns heddle.messages[]
language plpgsql stable set search_path = '' as $$
declare
  c_walk constant integer := 3000;
  v_words text := plainto_tsquery('simple', heddle.words(p_text))::text;
  v_query text;
  v_patterns text[] := array(
    select '%' || replace(replace(replace(word[1], '\', '\\'), '%', '\%'), '_', '\_') || '%'
    from regexp_matches(v_words, '''((?:[^'']|'''')+)''', 'g') word
  );
  v_found heddle.messages[];
begin
  if v_words = '' then
    return '{}';
  end if;
  -- Whoever types is in the middle of the last word.
  v_query := v_words || ':*';
  -- Frequent words are among the newest messages; a look at each of those is cheaper than all places of such a word.
  v_found := array(
    select message from (select * from heddle.messages order by created_at desc limit c_walk) message
    where case
        when octet_length(message.body) = char_length(message.body) then message.body else heddle.unaccented(message.body)
      end ilike all (v_patterns) and to_tsvector('simple', heddle.words(message.body)) @@ v_query::tsquery
      and exists (select from heddle.conversations where id = message.conversation_id and agent_id = p_agent_id)
    order by message.created_at desc limit p_limit
  );
  if cardinality(v_found) = p_limit then
    return v_found;
  end if;
  -- A rare word. As a literal, so that the planner knows how rare.
  execute format(
    'select array(
      select message from heddle.messages message
      where to_tsvector(''simple'', heddle.words(message.body)) @@ %L::tsquery
        and exists (select from heddle.conversations where id = message.conversation_id and agent_id = $1)
      order by message.created_at desc limit $2)',
    v_query
  ) into v_found using p_agent_id, p_limit;
  return v_found;
end $$;

comment on function heddle.found_messages is 'The newest messages of an agent that hold all these words, the last perhaps unfinished.';

create function heddle.inbox_search(p_agent_id uuid, p_text text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_text text := left(trim(p_text), 200);
  v_found heddle.messages[] := heddle.found_messages(p_agent_id, v_text, v_limit);
  v_people bigint[];
  v_ids uuid[];
begin
  v_people := array(
    select id from heddle.visitors
    where agent_id = p_agent_id and length(v_text) >= 2
      and heddle.unaccented(coalesce(name, '') || ' ' || coalesce(email, ''))
        ilike '%' || replace(replace(replace(heddle.unaccented(v_text), '\', '\\'), '%', '\%'), '_', '\_') || '%'
    order by last_seen_at desc limit v_limit
  );
  v_ids := array(select conversation_id from unnest(v_found)) || array(
    select id from heddle.conversations where visitor_id = any (v_people) order by last_message_at desc limit v_limit
  );
  return jsonb_build_object(
    'messages', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'conversationId', message.conversation_id, 'message', heddle.messages_json(array[message]) -> 0
      ) order by message.created_at desc), '[]')
      from unnest(v_found) message
    ),
    'people', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', end_user_id, 'name', name, 'email', email, 'lastSeenAt', last_seen_at
      ) order by last_seen_at desc), '[]')
      from heddle.visitors where id = any (v_people)
    ),
    'rows', heddle.rows_json(array(
      select conversation from heddle.conversations conversation where id = any (v_ids)
    ))
  );
end $$;

create function heddle_api.inbox_search(p_agent_id uuid, p_text text, p_limit integer default 30) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_search(p_agent_id, p_text, p_limit);
end $$;

comment on function heddle_api.inbox_search is
  'Messages that hold all the words, newest first, and people: { messages: [{ conversationId, message }], people: [{ id, name,
email, lastSeenAt }], rows }, rows of the conversations of both. PT404.';

revoke execute on function
  heddle.unaccented, heddle.words, heddle.found_messages, heddle.inbox_search, heddle_api.inbox_search
from public;
grant execute on function
  heddle.inbox_search, heddle_api.inbox_search
to authenticated;
