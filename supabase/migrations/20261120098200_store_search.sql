-- Search in messages and notes by word and in people by any part of their name or address.

create extension if not exists pg_trgm with schema extensions;

-- Parts of what hyphens, dots and slashes hold together are words: whoever looks for 20417 finds FF-20417. Thai, Lao, Burmese,
-- Khmer, Chinese and Japanese are written without blanks. There each two characters that stand together are a word, and the
-- last one of a run by itself: so a character is found by what begins with it, and a run by its pairs.
create function heddle.words(p_text text) returns table (word text, kind text)
language plpgsql immutable set search_path = '' as $$
declare
  c_unspaced constant text := '\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3'
    || '\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff'
    || '\U00020000-\U0003ffff';
  v_text text := heddle.folded(p_text);
begin
  if v_text !~ ('[' || c_unspaced || ']') then
    return query select part, 'whole' from string_to_table(trim(regexp_replace(v_text, '[^[:alnum:]]+', ' ', 'g')), ' ') part
      where part <> '';
    return;
  end if;
  v_text := regexp_replace(v_text, '([' || c_unspaced || ']+)', ' \1 ', 'g');
  v_text := trim(regexp_replace(v_text, '[^[:alnum:]' || c_unspaced || ']+', ' ', 'g'));
  return query select part || coalesce(following, ''), case
      when following is not null then 'pair'
      when part !~ ('^[' || c_unspaced || ']') then 'whole'
      when place = 1 then 'single'
      else 'rest'
    end
    from (
      select run, place, part, lead(part) over (partition by run order by place) as following
      from string_to_table(v_text, ' ') with ordinality runs (run_text, run)
      cross join lateral string_to_table(run_text, case when run_text !~ ('^[' || c_unspaced || ']') then ' ' end)
        with ordinality parts (part, place)
    ) pairs
    order by run, place;
end $$;

comment on function heddle.words is
  'The words of a text in their order, as the search compares them: whole ones, and of a run without blanks each pair and the
rest, its last character; or single, the one that it has.';

-- What a search reads, made when a message is written: whoever searches pays for what they look for, not for what others
-- have written. Of a long message its beginning alone, so that one takes no longer than another.
create table heddle.message_words (
  conversation_id uuid not null,
  seq integer not null,
  agent_id uuid not null,
  created_at timestamptz not null,
  words tsvector not null,
  primary key (conversation_id, seq)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
create index message_words_words on heddle.message_words using gin (words);
create index message_words_newest on heddle.message_words (agent_id, created_at desc);
alter table heddle.message_words enable row level security;

comment on table heddle.message_words is 'The words of each message. Triggers on those keep it, in place of a foreign key that every post would pay for.';
comment on column heddle.message_words.words is
  'Each word behind a mark of the agent, so that in the index one agent''s words are not among those of the others.';

create function heddle.word_mark(p_agent_id uuid) returns text
language plpgsql immutable set search_path = '' as $$
begin
  -- Letters alone, so that mark and word stay one.
  return translate(left(md5(p_agent_id::text), 4), '0123456789', 'ghijklmnop');
end $$;

create function heddle.lexemes(p_agent_id uuid, p_text text) returns text[]
language plpgsql immutable set search_path = '' as $$
declare
  v_mark constant text := heddle.word_mark(p_agent_id);
begin
  -- A word longer than that is cut on both sides, in text and search.
  return (select coalesce(array_agg(distinct v_mark || left(word, 200)), '{}') from heddle.words(left(p_text, 2000)));
end $$;

comment on function heddle.lexemes is 'The different words of a text''s first 2,000 characters as message_words holds them.';

create function heddle.keep_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into heddle.message_words (conversation_id, seq, agent_id, created_at, words)
  select fresh.conversation_id, fresh.seq, agent_id, fresh.created_at,
    array_to_tsvector(heddle.lexemes(agent_id, fresh.body))
  from fresh
  cross join lateral (select agent_id from heddle.conversations where id = fresh.conversation_id limit 1) conversation;
  return null;
end $$;

create function heddle.change_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update heddle.message_words set words = array_to_tsvector(heddle.lexemes(agent_id, new.body))
  where conversation_id = new.conversation_id and seq = new.seq;
  return null;
end $$;

create function heddle.drop_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from heddle.message_words place using past
  where place.conversation_id = past.conversation_id and place.seq = past.seq;
  return null;
end $$;

-- Imported messages are searched, too.
create trigger keep_words after insert on heddle.messages
  referencing new table as fresh for each statement execute function heddle.keep_words();
-- Not of body alone: another trigger empties it when a message is deleted.
create trigger change_words after update on heddle.messages for each row
  when (new.body is distinct from old.body) execute function heddle.change_words();
create trigger drop_words after delete on heddle.messages
  referencing old table as past for each statement execute function heddle.drop_words();

create index visitors_people on heddle.visitors using gin (searched extensions.gin_trgm_ops);

create function heddle.sought(p_agent_id uuid, p_text text) returns tsquery
language sql immutable set search_path = '' as $$
  -- Whoever types is in the middle of the last word. The rest of a run is in its last pair, and in texts stands at their ends alone.
  select string_agg(
    pg_catalog.quote_literal(heddle.word_mark(p_agent_id) || left(word, 200)) || case when kind = 'single' or place = last_place then ':*' else '' end,
    ' & ' order by place
  )::tsquery
  from (
    select word, kind, place, max(place) over () as last_place
    from heddle.words(p_text) with ordinality parts (word, kind, place) where kind <> 'rest'
  ) parts;
$$;

comment on function heddle.sought is 'All the words of a text, the last perhaps unfinished. Null if it has none.';

create function heddle.found_messages(p_agent_id uuid, p_query tsquery, p_limit integer) returns heddle.messages[]
language plpgsql stable set search_path = '' as $$
declare
  c_walk constant integer := 3000;
  v_places heddle.message_words[];
begin
  if p_query is null then
    return '{}';
  end if;
  -- Frequent words are among the newest messages; a look at each of those is cheaper than all places of such a word.
  v_places := array(
    select place from (
      select * from heddle.message_words where agent_id = p_agent_id order by created_at desc limit c_walk
    ) place
    where words @@ p_query order by created_at desc limit p_limit
  );
  if cardinality(v_places) < p_limit then
    -- A rare word. As a literal, so that the planner knows how rare.
    execute format(
      'select array(
        select place from heddle.message_words place
        where words @@ %L::tsquery and agent_id = $1 order by created_at desc limit $2)',
      p_query
    ) into v_places using p_agent_id, p_limit;
  end if;
  return array(
    select message from unnest(v_places) place
    cross join lateral (
      select * from heddle.messages where conversation_id = place.conversation_id and seq = place.seq limit 1
    ) message
    order by place.created_at desc
  );
end $$;

comment on function heddle.found_messages is 'The newest messages of an agent that hold what is sought.';

create function heddle.found_notes(p_agent_id uuid, p_query tsquery, p_limit integer) returns heddle.notes[]
language plpgsql stable set search_path = '' as $$
begin
  return array(
    select note from heddle.notes note
    cross join lateral (
      select agent_id from heddle.conversations where id = note.conversation_id limit 1
    ) conversation
    where words @@ p_query and agent_id = p_agent_id
    order by created_at desc limit p_limit
  );
end $$;

comment on function heddle.found_notes is 'The newest notes of an agent''s team that hold what is sought.';

create function heddle.inbox_search(p_agent_id uuid, p_text text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me heddle.members := heddle.require_member(p_agent_id);
  v_limit integer := least(greatest(p_limit, 1), 100);
  v_text text := left(trim(p_text), 200);
  v_query tsquery := heddle.sought(p_agent_id, v_text);
  v_found heddle.messages[] := heddle.found_messages(p_agent_id, v_query, v_limit);
  v_notes heddle.notes[] := heddle.found_notes(p_agent_id, v_query, v_limit);
  v_part text := '%' || replace(replace(replace(heddle.folded(v_text), '\', '\\'), '%', '\%'), '_', '\_') || '%';
  v_people bigint[];
  v_ids uuid[];
begin
  v_people := array(
    select id from heddle.visitors
    where agent_id = p_agent_id and octet_length(v_text) >= 2 and searched ilike v_part
    order by last_seen_at desc limit v_limit
  );
  v_ids := array(select conversation_id from unnest(v_found)) || array(select conversation_id from unnest(v_notes)) || array(
    select id from heddle.conversations where visitor_id = any (v_people) order by last_message_at desc limit v_limit
  );
  return jsonb_build_object(
    'messages', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'conversationId', message.conversation_id, 'message', heddle.messages_json(array[message]) -> 0
      ) order by message.created_at desc), '[]')
      from unnest(v_found) message
    ),
    'notes', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'conversationId', note.conversation_id, 'note', heddle.notes_json(array[note]) -> 0
      ) order by note.created_at desc), '[]')
      from unnest(v_notes) note
    ),
    'people', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', end_user_id, 'name', name, 'email', email, 'lastSeenAt', last_seen_at
      ) order by last_seen_at desc), '[]')
      from heddle.visitors where id = any (v_people)
    ),
    'rows', heddle.rows_json(array(
      select conversation from heddle.conversations conversation where id = any (v_ids)
      order by last_message_at desc, id desc
    ))
  );
end $$;

create function heddle_api.inbox_search(p_agent_id uuid, p_text text, p_limit integer default 30) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.inbox_search(p_agent_id, p_text, p_limit);
end $$;

comment on function heddle_api.inbox_search is
  'Messages and internal notes that hold all the words, the last perhaps unfinished, newest first, and people: { messages: [{
conversationId, message }], notes: [{ conversationId, note }], people: [{ id, name, email, lastSeenAt }], rows }, rows of the
conversations of all three. PT404.';

revoke execute on function
  heddle.words, heddle.word_mark, heddle.lexemes, heddle.keep_words, heddle.change_words, heddle.drop_words, heddle.sought,
  heddle.found_messages, heddle.found_notes, heddle.inbox_search, heddle_api.inbox_search
from public;
grant execute on function
  heddle.inbox_search, heddle_api.inbox_search
to authenticated;
