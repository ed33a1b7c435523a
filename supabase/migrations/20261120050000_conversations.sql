-- The conversation store. Lock order, everywhere: the visitor's rate buckets → the agent's advisory lock (heddle.open_inbox) →
-- the visitor's (heddle.hold_visitor) → visitor → conversation → the rest, leases among it; several agents or conversations in
-- the order of their ids.

-- Whoever looks for cafe finds Café, and the other way round, and whoever looks for οδος finds ΟΔΟΣ. Without the extension
-- unaccent, which is not immutable: letters are taken apart, and marks of the Latin, Greek and Cyrillic scripts left out.
create function heddle.folded(p_text text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  -- Accents, the vowels of Hebrew and Arabic with the stroke that stretches a word, and what is not to be seen.
  c_left_out constant text := '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670'
    || '\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u00ad\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069'
    || '\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+';
  c_digits constant text := '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯੦੧੨੩੪੫੬੭੮੯૦૧૨૩૪૫૬૭૮૯'
    || '୦୧୨୩୪୫୬୭୮୯௦௧௨௩௪௫௬௭௮௯౦౧౨౩౪౫౬౭౮౯೦೧೨೩೪೫೬೭೮೯൦൧൨൩൪൫൬൭൮൯๐๑๒๓๔๕๖๗๘๙'
    || '໐໑໒໓໔໕໖໗໘໙༠༡༢༣༤༥༦༧༨༩၀၁၂၃၄၅၆၇၈၉០១២៣៤៥៦៧៨៩᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙';
begin
  if p_text !~ '[^\u0001-\u007f]' then
    return lower(p_text);
  end if;
  return translate(
    replace(normalize(lower(regexp_replace(normalize(p_text, nfkd), c_left_out, '', 'g')), nfc), 'ß', 'ss'),
    'øłđıςىیکٱة' || c_digits,
    'oldiσييكاه' || repeat('0123456789', length(c_digits) / 10)
  );
end $$;

comment on function heddle.folded is 'A text as the search compares it: without case, accents, vowel signs and width, its digits those of ASCII.';

revoke execute on function heddle.folded from public;

-- Checks of single columns as domains: a table's own are read anew for each statement, also for what it leaves as it is.
create domain heddle.conversation_kind as text check (value in ('conversation', 'room'));
create domain heddle.conversation_status as text check (value in ('open', 'snoozed', 'resolved'));
create domain heddle.platform as text check (value ~ '^[A-Z][A-Z0-9_]{0,31}$');
create domain heddle.title as text check (length(value) <= 200);
create domain heddle.participant_role as text check (value in ('visitor', 'operator', 'bot'));
create domain heddle.auto_respond as text check (value in ('always', 'unclaimed', 'never'));
create domain heddle.author_role as text check (value in ('visitor', 'operator', 'bot', 'system'));
create domain heddle.unfinished as text check (value in ('streaming', 'cancelled', 'error'));
create domain heddle.message_text as text check (octet_length(value) <= 65536);

create function heddle.are_attributes(p_attributes jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(p_attributes) = 'object' then
    octet_length(p_attributes::text) <= 4096
    and (select count(*) <= 20 from jsonb_object_keys(p_attributes))
    and not exists (
      select from jsonb_each(p_attributes) attribute
      where length(attribute.key) not between 1 and 40
        or jsonb_typeof(attribute.value) not in ('string', 'number', 'boolean')
        or length(attribute.value #>> '{}') > 200
    )
  else false end
$$;

comment on function heddle.are_attributes is 'What a site may say of a visitor: 20 texts of up to 200 characters, numbers, booleans.';

revoke execute on function heddle.are_attributes from public;

create function heddle.language_of(p_tag text) returns text
language sql immutable set search_path = '' as $$
  select pg_catalog.lower(pg_catalog.substring(p_tag, '(?i)^\s*(en|de|es|fr|it|nl|pt)(?![a-z])'))
$$;

comment on function heddle.language_of is
  'Which of the languages that visitors are written to in a tag names, as pages write it (pt_BR, de-AT); null: none of them.';

revoke execute on function heddle.language_of from public;

create table heddle.visitors (
  id bigint generated always as identity primary key,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  end_user_id text collate "C" not null check (octet_length(end_user_id) between 1 and 128),
  name text check (length(name) <= 200),
  email text check (length(email) <= 320),
  searched text generated always as (heddle.folded(coalesce(name, '') || ' ' || coalesce(email, ''))) stored,
  page jsonb check (jsonb_typeof(page) = 'object' and octet_length(page::text) <= 16384),
  language text check (language is not distinct from heddle.language_of(language)),
  attributes jsonb not null default '{}' check (heddle.are_attributes(attributes)),
  last_seen_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  said_at timestamptz,
  signed_in_as bigint references heddle.visitors (id),
  answered_from bytea,
  unique (agent_id, end_user_id)
);
create index visitors_signed_in_as on heddle.visitors (signed_in_as) where signed_in_as is not null;
alter table heddle.visitors enable row level security;

comment on table heddle.visitors is 'Visitors who have written. Whoever only looks leaves nothing.';
comment on column heddle.visitors.searched is 'Name and email as the search for people reads them.';
comment on column heddle.visitors.attributes is 'What the site says of them beyond name and address; never what they say themselves.';
comment on column heddle.visitors.said_at is
  'When the site last said who they are: the newest token was issued, or its backend changed it. What older tokens say is past.';
comment on column heddle.visitors.signed_in_as is
  'Of an anonymous one: who signed in first in their browser, and has what was written there before. Nobody else gets any of it.';
comment on column heddle.visitors.answered_from is
  'The hash of the address from which they last answered a mail: whoever does has it.';
comment on column heddle.visitors.page is
  'Where they last wrote from: title, url, locale, timeZone. Read it by heddle.plain_page.';
comment on column heddle.visitors.language is
  'What they read when they last wrote, or what the site has said since. Null: not known. See heddle.language_for.';

create function heddle.language_for(p_visitor heddle.visitors) returns text
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(
    p_visitor.language,
    (select heddle.language_of(display ->> 'locale') from heddle.agents where id = p_visitor.agent_id),
    'en'
  );
end $$;

comment on function heddle.language_for is 'In which language a visitor is written to: theirs, else the agent''s, else English.';

revoke execute on function heddle.language_for from public;

create table heddle.conversations (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  visitor_id bigint not null references heddle.visitors (id) on delete cascade,
  begun_by bigint,
  kind heddle.conversation_kind not null default 'conversation',
  platform heddle.platform not null default 'WIDGET',
  name heddle.title,
  page_name heddle.title,
  status heddle.conversation_status not null default 'open',
  snoozed_until timestamptz,
  snooze_ended boolean not null default false,
  needs_human boolean not null default false,
  asked_since timestamptz,
  visitor_asked boolean not null default false,
  taken_over boolean not null default false,
  assignee_id uuid,
  bot_responds boolean not null default false,
  seq integer not null default 0,
  rev integer not null default 0,
  message_count integer not null default 0,
  preview text,
  last_role text,
  last_author_id text,
  last_message_at timestamptz not null default clock_timestamp(),
  active_at timestamptz not null default clock_timestamp(),
  waiting_since timestamptz,
  begun_anew_seq integer not null default 0,
  wait integer not null default 0,
  team_unread integer not null default 0,
  team_read_seq integer not null default 0,
  team_delivered_seq integer not null default 0,
  visitor_read_seq integer not null default 0,
  visitor_delivered_seq integer not null default 0,
  channel_epoch integer not null default 0,
  moved_to uuid references heddle.conversations (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  constraint conversations_snoozed check ((status = 'snoozed') = (snoozed_until is not null))
) with (autovacuum_vacuum_scale_factor = 0.02);
create index conversations_visitor_id on heddle.conversations (visitor_id);
create index conversations_moved_to on heddle.conversations (moved_to) where moved_to is not null;
create index conversations_in_status on heddle.conversations (agent_id, status, active_at desc, id desc);
create index conversations_claimed on heddle.conversations (agent_id, assignee_id, active_at desc, id desc)
  where status = 'open' and assignee_id is not null;
create index conversations_unassigned on heddle.conversations (agent_id, active_at desc, id desc)
  where status = 'open' and assignee_id is null;
create index conversations_needing_humans on heddle.conversations (agent_id, active_at desc, id desc)
  where status = 'open' and needs_human;
create index conversations_waiting on heddle.conversations (agent_id, waiting_since, id)
  where status = 'open' and waiting_since is not null;
create index conversations_snoozed_until on heddle.conversations (agent_id, snoozed_until) where status = 'snoozed';
create index conversations_rooms on heddle.conversations (agent_id, created_at desc, id desc) where kind = 'room';
create index conversations_created on heddle.conversations (agent_id, created_at, id);
create index conversations_changed on heddle.conversations (agent_id, xid, id);
alter table heddle.conversations enable row level security;

comment on table heddle.conversations is 'Threads between visitors and the team.';
comment on column heddle.conversations.visitor_id is 'Whose it is: who began it, or signed in since. All visitors of a room are its participants.';
comment on column heddle.conversations.begun_by is
  'Which visitor began it anonymously, where it was theirs before they signed in. They may be erased by now.';
comment on column heddle.conversations.seq is 'Counts every change that a visitor may see: messages, edits, deletions, reads.';
comment on column heddle.conversations.rev is 'Counts every change that an operator may see.';
comment on column heddle.conversations.bot_responds is 'Whether one of its bots answers by itself, at least while nobody has claimed it.';
comment on column heddle.conversations.preview is
  'The beginning of the newest message that somebody wrote, empty for one of files alone. Null where that was deleted, or there is none.';
comment on column heddle.conversations.last_author_id is 'Which operator wrote the message of the preview. Null where another did.';
comment on column heddle.conversations.snooze_ended is
  'Its time came, and its holder, or anybody while nobody holds it, has not opened it since.';
comment on column heddle.conversations.asked_since is
  'When a person was asked for of whom none has written since: also while somebody holds it, and while it is put away.';
comment on column heddle.conversations.visitor_asked is
  'Its visitor asked for the person, who was asked for last: they may take it back.';
comment on column heddle.conversations.taken_over is
  'An operator has written since it was begun, begun anew by its visitor, or released: bots that answer what is unclaimed are
silent. Never of a room.';
comment on column heddle.conversations.active_at is
  'Its place in the team''s lists: when its last message came, its last snooze ended or a person was asked for. Visitors see
last_message_at.';
comment on column heddle.conversations.waiting_since is
  'When the visitor wrote the first message that neither an operator nor a bot has answered, or a person was asked for of whom
none has written since. Null once one has, and from when it is resolved until they write or ask again.';
comment on column heddle.conversations.begun_anew_seq is
  'Its seq when its visitor last wrote in what was resolved: nobody waits for an answer to what came before. 0 if they never did.';
comment on column heddle.conversations.wait is
  'Counts the waits of its visitor, for whoever holds it or is handed it: each is one that the team is told of.';
comment on column heddle.conversations.team_unread is
  'How many of the visitors'' messages were written, or changed, behind team_read_seq and are not deleted.';
comment on column heddle.conversations.team_read_seq is
  'How far the team has read: its holder, or anybody while there is none. Each operator''s own cursor is in `reads`.';
comment on column heddle.conversations.visitor_read_seq is 'How far the visitor who has read most has read.';
comment on column heddle.conversations.channel_epoch is 'How often its channel got another name since a visitor was taken out of it.';
comment on column heddle.conversations.moved_to is 'The conversation that this one was merged into.';
comment on column heddle.conversations.xid is 'The transaction that changed last what lists show.';

create table heddle.participants (
  id bigint generated always as identity primary key,
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  role heddle.participant_role not null,
  visitor_id bigint references heddle.visitors (id) on delete cascade,
  user_id uuid,
  bot heddle.title,
  auto_respond heddle.auto_respond not null default 'never',
  unread integer not null default 0,
  read_seq integer not null default 0,
  delivered_seq integer not null default 0,
  last_message_at timestamptz,
  mail_count smallint not null default 0,
  mail_seq integer,
  constraint participants_role check (
    num_nonnulls(visitor_id, user_id, bot) = 1 and (role = 'bot' or auto_respond = 'never')
    and case role when 'visitor' then visitor_id is not null when 'operator' then user_id is not null else bot is not null end
  )
) with (autovacuum_vacuum_scale_factor = 0.02);
create unique index participants_visitors on heddle.participants (conversation_id, visitor_id) where role = 'visitor';
create unique index participants_operators on heddle.participants (conversation_id, user_id) where role = 'operator';
create unique index participants_bots on heddle.participants (conversation_id, bot) where role = 'bot';
create index participants_of_visitor on heddle.participants (visitor_id, last_message_at desc, conversation_id desc)
  where role = 'visitor';
alter table heddle.participants enable row level security;

comment on table heddle.participants is 'Who takes part: visitors with their cursors, operators who have written, bots.';
comment on column heddle.participants.mail_seq is 'Their last answer by mail.';
comment on column heddle.participants.mail_count is
  'How many answers by mail that was, with nothing in between that a person wrote here: of too many a machine may be the author.';

create table heddle.messages (
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  seq integer not null,
  changed_seq integer not null,
  changed_rev integer not null,
  client_id uuid,
  role heddle.author_role not null,
  author_id text,
  author_name text,
  body heddle.message_text not null default '',
  blocks jsonb check (jsonb_typeof(blocks) = 'array'),
  attachments jsonb check (attachments is null or heddle.are_files(attachments)),
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  status heddle.unfinished,
  leaves_waiting boolean not null default false,
  primary key (conversation_id, seq)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
create unique index messages_client_id on heddle.messages (conversation_id, client_id, role, author_id) nulls not distinct
  where client_id is not null;
create index messages_changed_seq on heddle.messages (conversation_id, changed_seq) where changed_seq > seq;
create index messages_author on heddle.messages (author_id) where role = 'visitor' and author_id is not null;
create index messages_streaming on heddle.messages (conversation_id) where status = 'streaming';
alter table heddle.messages enable row level security;

comment on table heddle.messages is 'Messages. Whoever inserts one gives conversation, role and body; triggers number and announce it.';
comment on column heddle.messages.seq is 'Its place, and as text its id.';
comment on column heddle.messages.changed_seq is 'The conversation''s seq when it was changed last; `seq` for one that never was.';
comment on column heddle.messages.changed_rev is 'The conversation''s rev when it was written or changed last.';
comment on column heddle.messages.client_id is 'Its author''s idempotency key: another''s may be the same.';
comment on column heddle.messages.author_id is
  'An operator''s user id, a bot''s id; of visitors, who are the conversation''s, null except in rooms. Empty for one who was erased.';
comment on column heddle.messages.status is
  '`streaming` while its text grows in message_streams; `cancelled` or `error` where it ended before it was whole.';

comment on column heddle.messages.leaves_waiting is
  'Of a bot''s: it answers nothing, since it fetched a person, or one was asked for when it was written.';

create table heddle.message_streams (
  conversation_id uuid not null,
  seq integer not null,
  text text not null check (octet_length(text) <= 65536),
  units integer not null,
  next_index integer not null default 0,
  updated_at timestamptz not null default clock_timestamp(),
  cancelled_at timestamptz,
  primary key (conversation_id, seq),
  foreign key (conversation_id, seq) references heddle.messages (conversation_id, seq) on delete cascade
) with (fillfactor = 50);
create index message_streams_updated_at on heddle.message_streams (updated_at);
alter table heddle.message_streams enable row level security;

comment on table heddle.message_streams is 'Messages whose text grows, with what there is of it, a second old at most.';
comment on column heddle.message_streams.units is 'UTF-16 code units in the text, as JavaScript counts them.';
comment on column heddle.message_streams.next_index is 'Of the frame that comes after those that were kept.';
comment on column heddle.message_streams.cancelled_at is 'When somebody wanted no more of it. Who writes it looks once a second.';

create table heddle.message_revisions (
  conversation_id uuid not null,
  seq integer not null,
  changed_seq integer not null,
  body text not null,
  blocks jsonb,
  attachments jsonb,
  replaced_at timestamptz not null default clock_timestamp(),
  replaced_by uuid,
  primary key (conversation_id, seq, changed_seq),
  foreign key (conversation_id, seq) references heddle.messages (conversation_id, seq) on delete cascade
);
alter table heddle.message_revisions enable row level security;

comment on table heddle.message_revisions is 'What edits and deletions replaced.';
comment on column heddle.message_revisions.replaced_by is 'The operator; null: the visitor, or SQL.';

-- A table of their own: what visitors read never looks into it, so no forgotten condition can show them one.
create table heddle.notes (
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  id integer not null,
  rev integer not null,
  after_seq integer not null,
  client_id uuid,
  author_id uuid,
  author_name text,
  body heddle.message_text not null default '',
  words tsvector,
  change jsonb,
  created_at timestamptz not null default clock_timestamp(),
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (conversation_id, id),
  constraint notes_change check (change is null or jsonb_typeof(change) = 'object' and body = '')
);
create unique index notes_client_id on heddle.notes (conversation_id, client_id, author_id) nulls not distinct
  where client_id is not null;
create index notes_words on heddle.notes using gin (words) where words is not null;
alter table heddle.notes enable row level security;

comment on table heddle.notes is
  'What operators tell each other, and lines that say what became of the conversation. Never shown to visitors.';
comment on column heddle.notes.id is 'The conversation''s rev when it was written.';
comment on column heddle.notes.rev is 'The conversation''s rev when it was written or changed last.';
comment on column heddle.notes.after_seq is 'The conversation''s seq when it was written: its place among the messages.';
comment on column heddle.notes.words is 'What a search reads, as message_words holds them. Null for a line.';
comment on column heddle.notes.change is
  'Of a line, which the database writes and nobody changes: { by: USER | AGENT | BOT | API | SYSTEM, from?, to? (who held it, who
holds it: { id, name }), was?, status?, until?, needsHuman?, again? (whoever it was asked for before is wanted still), signedIn? }. Null for
a note.';
comment on column heddle.notes.author_id is 'Whose note it is; of a line the operator, if one made the change.';

create table heddle.note_revisions (
  conversation_id uuid not null,
  note_id integer not null,
  rev integer not null,
  body text not null,
  replaced_at timestamptz not null default clock_timestamp(),
  replaced_by uuid,
  primary key (conversation_id, note_id, rev),
  foreign key (conversation_id, note_id) references heddle.notes (conversation_id, id) on delete cascade
);
alter table heddle.note_revisions enable row level security;

comment on table heddle.note_revisions is 'What edits and deletions of notes replaced.';
comment on column heddle.note_revisions.rev is 'The conversation''s rev when it was replaced.';
comment on column heddle.note_revisions.replaced_by is 'The operator; null: SQL.';

create table heddle.reads (
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  user_id uuid not null,
  read_seq integer not null,
  read_at timestamptz not null,
  primary key (conversation_id, user_id)
) with (fillfactor = 80);
alter table heddle.reads enable row level security;

comment on table heddle.reads is 'How far each operator has read.';

create table heddle.gone (
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now(),
  primary key (agent_id, id)
);
create index gone_changed on heddle.gone (agent_id, xid, id);
alter table heddle.gone enable row level security;

comment on table heddle.gone is
  'Conversations that left all lists for good, so that whoever asks what changed hears of it. Ids only; kept for 30 days.';

-- Unlogged: after a crash nobody is here until they say so again.
create unlogged table heddle.leases (
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  subject text not null check (subject in ('visitor', 'operator')),
  key text collate "C" not null,
  state text not null check (state in ('online', 'away')),
  until timestamptz not null,
  primary key (agent_id, subject, key)
) with (fillfactor = 70);
alter table heddle.leases enable row level security;

comment on table heddle.leases is 'Who is here, until when unless they say so again.';
comment on column heddle.leases.key is 'A visitor''s end user id, an operator''s user id.';

create table heddle.labels (
  id integer generated always as identity primary key,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  name text not null check (length(name) between 1 and 60),
  color text not null default '#7a7a7a' check (color ~ '^#[0-9a-f]{6}$')
);
create unique index labels_agent_id_name on heddle.labels (agent_id, lower(name));
alter table heddle.labels enable row level security;

-- A join table: an array in the conversation would be one more index to write with every message.
create table heddle.conversation_labels (
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  label_id integer not null references heddle.labels (id) on delete cascade,
  primary key (conversation_id, label_id)
);
create index conversation_labels_label_id on heddle.conversation_labels (label_id, conversation_id);
alter table heddle.conversation_labels enable row level security;

create table heddle.saved_replies (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  shortcut text not null check (shortcut ~ '^[^\s/]{1,40}$'),
  body text not null check (length(body) between 1 and 10000),
  unique (agent_id, shortcut)
);
alter table heddle.saved_replies enable row level security;

comment on table heddle.saved_replies is 'Texts that operators insert by /shortcut.';

-- How changes of the store reach whoever looks at them: names, envelopes, and one way out.

create function heddle.content_name(p_secret text, p_base text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return p_base || '-' || encode(extensions.hmac(
    convert_to(p_base, 'UTF8'),
    convert_to(encode(extensions.hmac('content'::bytea, convert_to(p_secret, 'UTF8'), 'sha256'), 'hex'), 'UTF8'),
    'sha256'
  ), 'hex');
end $$;

comment on function heddle.content_name is
  'The channel on which content travels. Its key is derived from the signing secret: what publishing signs names with can
make none of these.';

create function heddle.content_names(p_secrets heddle.agent_secrets, p_base text, out content text[], out ended text[])
language plpgsql stable set search_path = '' as $$
begin
  content := array[heddle.content_name(p_secrets.signing_current, p_base)];
  if p_secrets.signing_previous_until > now() then
    content := content || heddle.content_name(p_secrets.signing_previous, p_base);
  end if;
  ended := '{}';
  if p_secrets.signing_former <> '{}' then
    ended := array(
      select heddle.content_name(secret, p_base)
      from unnest(p_secrets.signing_former, p_secrets.signing_former_until) as former (secret, until)
      where until > now()
    );
  end if;
end $$;

comment on function heddle.content_names(heddle.agent_secrets, text) is
  'Every name that somebody may rightly listen on for content, and those of secrets that were ended at once, which only say
that something happened.';

create function heddle.content_names(p_agent_id uuid, p_base text, out content text[], out ended text[])
language plpgsql stable set search_path = '' as $$
declare
  v_secrets heddle.agent_secrets;
begin
  select * into v_secrets from heddle.agent_secrets where agent_id = p_agent_id;
  select * into content, ended from heddle.content_names(v_secrets, p_base);
end $$;

create function heddle.thread_base(p_conversation heddle.conversations) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return 'conv-' || p_conversation.id
    || case when p_conversation.channel_epoch > 0 then '-' || p_conversation.channel_epoch else '' end;
end $$;

comment on function heddle.thread_base is 'What a conversation''s channel is named by.';

create function heddle.handed_out_name(p_secrets heddle.agent_secrets, p_base text) returns text
language plpgsql stable set search_path = '' as $$
begin
  if now() >= p_secrets.signing_hand_out_current_at then
    return heddle.content_name(p_secrets.signing_current, p_base);
  end if;
  return case
    when p_secrets.signing_previous_until > now() then heddle.content_name(p_secrets.signing_previous, p_base)
  end;
end $$;

create function heddle.handed_out_name(p_agent_id uuid, p_base text) returns text
language plpgsql stable set search_path = '' as $$
declare
  v_secrets heddle.agent_secrets;
begin
  select * into v_secrets from heddle.agent_secrets where agent_id = p_agent_id;
  return heddle.handed_out_name(v_secrets, p_base);
end $$;

comment on function heddle.handed_out_name(heddle.agent_secrets, text) is
  'The content name that a browser gets now; null if it is to get none yet, just after a secret was ended at once.';

create function heddle.open_inbox(p_agent_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('heddle inbox ' || p_agent_id, 0));
end $$;

comment on function heddle.open_inbox is
  'Whoever will send to a team''s channel calls this before it locks a row. A removal takes the other side of the lock, so
that nothing goes out under the old name after the removal is done.';

create function heddle.enter_inbox(p_agent_id uuid, p_right text default 'answer') returns heddle.members
language plpgsql set search_path = '' as $$
begin
  perform heddle.open_inbox(p_agent_id);
  return heddle.require_member(p_agent_id, p_right);
end $$;

comment on function heddle.enter_inbox is
  'For whoever writes: the caller as a member, as require_member, looked up once a removal that was under way is done.';

create function heddle.inbox_name(p_agent heddle.agents) returns text
language plpgsql stable set search_path = '' as $$
begin
  return 'agent-' || p_agent.id || '-inbox-' || p_agent.inbox_epoch;
end $$;

create function heddle.inbox_name(p_agent_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select heddle.inbox_name(agent) from heddle.agents agent where id = p_agent_id);
end $$;

create function heddle.logging_org(p_agent heddle.agents) returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return case when p_agent.logs_events then p_agent.org_id end;
end $$;

comment on function heddle.logging_org is 'In whose log the agent''s events are written; null: in none, since nobody may read it.';

create function heddle.event(p_type text, p_data jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return jsonb_build_object(
    'v', 1, 'id', gen_random_uuid(), 'type', p_type, 'at', clock_timestamp(), 'data', p_data
  );
end $$;

comment on function heddle.event is 'An event in its envelope.';

-- With plans that are kept: a new one for each list of ids takes longer than the deletion.
create function heddle.send(p_topics text[], p_events jsonb[]) returns void
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  c_max_bytes constant integer := 200000;
  v_ids uuid[];
  v_events jsonb[] := p_events;
begin
  for v_place in 1..cardinality(p_topics) loop
    v_ids := v_ids || gen_random_uuid();
    if octet_length(v_events[v_place]::text) > c_max_bytes then
      v_events[v_place] := heddle.event('refresh', '{}');
    end if;
  end loop;
  insert into realtime.messages (id, topic, private, extension, event, payload)
  select id, topic, true, 'broadcast', envelope ->> 'type', envelope
  from unnest(v_ids, p_topics, v_events) as given (id, topic, envelope);
  -- As heddle_api.broadcast does: Realtime reads the inserts from the log, so no text has to stay in the table.
  delete from realtime.messages where id = any (v_ids) and inserted_at = localtimestamp;
end $$;

comment on function heddle.send is
  'Sends each envelope on the channel at the same place when the transaction commits. One that is too big for Realtime
becomes a refresh.';

create function heddle.count_failed_broadcast(p_agent_id uuid, p_state text, p_message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise warning 'heddle: a change was stored but not announced (%: %)', p_state, p_message;
  -- Best effort: nobody waits for the row that all of this hour's failures share.
  if pg_try_advisory_xact_lock(hashtextextended('heddle broadcast_failed ' || p_agent_id, 0)) then
    perform heddle_api.record_issue(p_agent_id, tab.id, 'create_item', 'broadcast_failed', null, p_state || ' ' || p_message)
    from heddle.tabs tab where tab.agent_id = p_agent_id and tab.source = 'store' order by position, id limit 1;
  end if;
exception when others then
  raise warning 'heddle: nor was that counted (%: %)', sqlstate, sqlerrm;
end $$;

comment on function heddle.count_failed_broadcast is
  'Notes a broadcast that could not be sent: a failed broadcast never fails the write, and a warning reaches nobody.';

create function heddle.newest_author(p_conversation_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select author_id from heddle.messages
    where conversation_id = p_conversation_id and role <> 'system' order by seq desc limit 1
  );
end $$;

comment on function heddle.newest_author is 'By whom the message is that lists show.';

create function heddle.is_shown_in_lists(p_message heddle.messages) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return not exists (
    select from heddle.messages
    where conversation_id = p_message.conversation_id and seq > p_message.seq and role <> 'system'
  ) and (p_message.role <> 'system' or not exists (
    select from heddle.messages
    where conversation_id = p_message.conversation_id and (role <> 'system' or seq < p_message.seq)
  ));
end $$;

comment on function heddle.is_shown_in_lists is
  'Whether this is the message that lists show of its conversation: the newest that somebody wrote, or else its first line.';

create function heddle.list_for(p_list jsonb[], p_unread integer, p_is_own boolean) returns jsonb[]
language plpgsql immutable set search_path = '' as $$
begin
  return array(
    select case event ->> 'type'
      when 'conversation:updated' then jsonb_set(event, '{data,unread}', to_jsonb(p_unread))
      when 'conversation:view-update' then case
        when event #>> '{data,message,role}' = 'USER' and not p_is_own then jsonb_set(event, '{data,message,role}', '"AGENT"')
        else event
      end
      else event
    end
    from unnest(p_list) with ordinality events (event, place) order by place
  );
end $$;

comment on function heddle.list_for is
  'Events of a room for the list of one of its visitors: with their own count, and others of its visitors on the other side.';

create function heddle.events_for(p_names record, p_event jsonb) returns jsonb[]
language plpgsql volatile set search_path = '' as $$
declare
  v_events jsonb[] := array_fill(p_event, array[cardinality(p_names.content)]);
begin
  if p_names.ended <> '{}' then
    v_events := v_events || array_fill(heddle.event('refresh', '{}'), array[cardinality(p_names.ended)]);
  end if;
  return v_events;
end $$;

comment on function heddle.events_for is
  'What is sent on each of content_names: the event, and on those that ended only that something happened.';

create function heddle.announce(
  p_conversation heddle.conversations,
  p_thread jsonb,
  p_list jsonb[],
  p_inbox jsonb[]
) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_agent_id constant uuid := p_conversation.agent_id;
  v_secrets heddle.agent_secrets;
  v_topics text[] := '{}';
  v_events jsonb[] := '{}';
  v_names record;
  v_seat record;
  v_author_id text;
  v_list jsonb[];
  v_agent heddle.agents;
begin
  if p_thread is not null or p_list is not null then
    select * into v_secrets from heddle.agent_secrets where agent_id = v_agent_id;
  end if;
  if p_thread is not null then
    v_names := heddle.content_names(v_secrets, heddle.thread_base(p_conversation));
    v_topics := v_names.content || v_names.ended;
    v_events := heddle.events_for(v_names, p_thread);
  end if;
  if p_list is not null then
    if p_conversation.kind = 'room' then
      v_author_id := heddle.newest_author(p_conversation.id);
    end if;
    for v_seat in
      select visitor.end_user_id, participant.unread
      from heddle.participants participant join heddle.visitors visitor on visitor.id = participant.visitor_id
      where participant.conversation_id = p_conversation.id and participant.role = 'visitor'
    loop
      v_list := case p_conversation.kind
        when 'room' then heddle.list_for(p_list, v_seat.unread, v_author_id is not distinct from v_seat.end_user_id)
        else p_list
      end;
      v_names := heddle.content_names(v_secrets, 'agent-' || v_agent_id || '-user-' || v_seat.end_user_id);
      v_topics := v_topics || v_names.content || v_names.ended;
      v_events := v_events || heddle.events_for(v_names, heddle.together(v_list));
    end loop;
  end if;
  if p_inbox is not null then
    perform heddle.open_inbox(v_agent_id);
    select * into v_agent from heddle.agents where id = v_agent_id;
    v_topics := v_topics || heddle.inbox_name(v_agent);
    v_events := v_events || heddle.together(p_inbox);
  end if;
  perform heddle.send(v_topics, v_events);
  return heddle.logging_org(v_agent);
end $$;

comment on function heddle.announce is
  'Sends what happened to a conversation: one event to those in it, events for the lists of its visitors, events for the
team; what is null goes nowhere. Answers logging_org where the team is told. May raise: callers hold it in a block of their own.';

create function heddle.unannounced(p_agent_id uuid, p_state text, p_message text) returns uuid
language plpgsql set search_path = '' as $$
begin
  perform heddle.count_failed_broadcast(p_agent_id, p_state, p_message);
  return (select heddle.logging_org(agent) from heddle.agents agent where id = p_agent_id);
end $$;

comment on function heddle.unannounced is
  'For whoever caught that announce has raised: counts it, and answers as announce would have. The log is no broadcast.';

create function heddle.together(p_events jsonb[]) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  if cardinality(p_events) = 1 then
    return p_events[1];
  end if;
  return heddle.event('events', jsonb_build_object('events', to_jsonb(p_events)));
end $$;

comment on function heddle.together is 'Several events as one.';

revoke execute on function
  heddle.content_name, heddle.content_names(heddle.agent_secrets, text), heddle.content_names(uuid, text), heddle.thread_base,
  heddle.handed_out_name(heddle.agent_secrets, text), heddle.handed_out_name(uuid, text), heddle.open_inbox, heddle.enter_inbox,
  heddle.inbox_name(heddle.agents), heddle.inbox_name(uuid), heddle.events_for, heddle.logging_org, heddle.unannounced, heddle.event,
  heddle.send, heddle.count_failed_broadcast, heddle.newest_author, heddle.is_shown_in_lists, heddle.list_for, heddle.announce, heddle.together
from public;

-- What the store's rows look like outside, each shape once. These take whole pages: called row by row they would cost more
-- than the page itself. What belongs to a row is looked up with `limit 1`, which keeps the planner from reading whole tables:
-- it takes every array for a hundred rows. And with plans that are kept: it would make a new one for each array, and longer at
-- that than the answer takes.

create function heddle.message_shape(p_message heddle.messages, p_text text, p_author_name text) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
      'id', p_message.seq::text,
      'text', p_text,
      'role', case p_message.role
        when 'visitor' then 'USER' when 'operator' then 'AGENT' when 'bot' then 'BOT' else 'SYSTEM'
      end,
      'createdAt', p_message.created_at,
      'meta', jsonb_strip_nulls(jsonb_build_object(
        'author', jsonb_build_object('id', p_message.author_id, 'name', p_author_name),
        'editedAt', p_message.edited_at,
        'deletedAt', p_message.deleted_at
      ))
      || jsonb_build_object('attachments', coalesce(p_message.attachments, '[]'))
      || case when p_message.blocks is null then '{}' else jsonb_build_object('blocks', p_message.blocks) end
    )
    || case when p_message.client_id is null then '{}' else jsonb_build_object('clientId', p_message.client_id) end
    || case when p_message.status is null then '{}' else jsonb_build_object('status', p_message.status) end;
end $$;

create function heddle.messages_json(p_messages heddle.messages[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  -- The team's names are looked up once, by the first message that needs them.
  return (
    select coalesce(jsonb_agg(
      heddle.message_shape(
        message,
        case when message.status = 'streaming' then coalesce((
          select text from heddle.message_streams where conversation_id = message.conversation_id and seq = message.seq
        ), message.body) else message.body end,
        case message.role
          when 'operator' then coalesce(
            (select heddle.team_names(p_messages[1].conversation_id)) ->> message.author_id, message.author_name
          )
          else message.author_name
        end
      )
      order by message.seq
    ), '[]')
    from unnest(p_messages) message
  );
end $$;

comment on function heddle.messages_json is
  'Messages, all of one conversation, as events carry them, oldest first. Operators are called as they are called now.';

create function heddle.note_shape(p_note heddle.notes, p_names jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'id', p_note.id::text,
    'clientId', p_note.client_id,
    'text', p_note.body,
    'createdAt', p_note.created_at,
    'editedAt', p_note.edited_at,
    'deletedAt', p_note.deleted_at,
    'afterSeq', p_note.after_seq,
    'author', jsonb_build_object('id', p_note.author_id, 'name', coalesce(p_names ->> p_note.author_id::text, p_note.author_name)),
    'change', p_note.change || jsonb_strip_nulls(jsonb_build_object(
      'from', heddle.renamed_member(p_names, p_note.change -> 'from'), 'to', heddle.renamed_member(p_names, p_note.change -> 'to')
    ))
  ));
end $$;

create function heddle.notes_json(p_notes heddle.notes[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_names jsonb := heddle.team_names(p_notes[1].conversation_id);
begin
  return (select coalesce(jsonb_agg(heddle.note_shape(note, v_names) order by note.id), '[]') from unnest(p_notes) note);
end $$;

create function heddle.note_json(p_note heddle.notes) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return heddle.note_shape(p_note, case
    when p_note.author_id is not null or p_note.change ?| array['from', 'to'] then heddle.team_names(p_note.conversation_id)
  end);
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

create function heddle.message_json(p_message heddle.messages) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_text text;
  v_name text;
begin
  if p_message.status = 'streaming' then
    select text into v_text from heddle.message_streams where conversation_id = p_message.conversation_id and seq = p_message.seq;
  end if;
  if p_message.role = 'operator' then
    select member.name into v_name
    from heddle.conversations conversation
    join heddle.agents agent on agent.id = conversation.agent_id
    join heddle.members member on member.org_id = agent.org_id
    where conversation.id = p_message.conversation_id and member.user_id::text = p_message.author_id;
  end if;
  return heddle.message_shape(p_message, coalesce(v_text, p_message.body), coalesce(v_name, p_message.author_name));
end $$;

comment on function heddle.message_json is 'A message as messages_json has it: for one an aggregate costs more than the rest.';

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

create function heddle.status_for_visitors(p_status text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case p_status when 'snoozed' then 'OPEN' else upper(p_status) end;
end $$;

comment on function heddle.status_for_visitors is 'OPEN or RESOLVED: that the team has put it off is the team''s to know.';

create function heddle.item_shape(
  p_seat heddle.participants,
  p_conversation heddle.conversations,
  p_title text,
  p_preview_role text,
  p_viewer_id text
) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
      'id', p_conversation.id,
      'title', p_title,
      'preview', p_conversation.preview,
      'previewRole', p_preview_role,
      'timestamp', coalesce(p_seat.last_message_at, p_conversation.last_message_at),
      'unread', p_seat.unread,
      'status', heddle.status_for_visitors(p_conversation.status)
    ))
    || jsonb_build_object('fields', jsonb_strip_nulls(jsonb_build_object(
      'needsHuman', case when p_conversation.needs_human then true end,
      'asked', case when p_conversation.needs_human and p_conversation.visitor_asked then true end,
      'viewerId', p_viewer_id
    )));
end $$;

create function heddle.preview_role(p_conversation heddle.conversations, p_viewer_id text) returns text
language plpgsql stable set search_path = '' as $$
begin
  if p_conversation.kind = 'room' and p_conversation.last_role = 'visitor'
    and heddle.newest_author(p_conversation.id) is distinct from p_viewer_id then
    return 'operator';
  end if;
  return p_conversation.last_role;
end $$;

create function heddle.opening_words(p_conversation_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select nullif(heddle.one_line(left(body, 80)), '') from heddle.messages
    where conversation_id = p_conversation_id order by seq limit 1
  );
end $$;

create function heddle.items_json(p_seats heddle.participants[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select coalesce(jsonb_agg(
      heddle.item_shape(
        seat, place.conversation,
        coalesce((place.conversation).name, heddle.opening_words(seat.conversation_id), agent.name),
        heddle.preview_role(place.conversation, viewer.id), viewer.id
      )
      order by seat.last_message_at desc, seat.conversation_id desc
    ), '[]')
    from unnest(p_seats) seat
    cross join lateral (
      select conversation from heddle.conversations conversation where id = seat.conversation_id limit 1
    ) place
    cross join lateral (select name from heddle.agents where id = (place.conversation).agent_id limit 1) agent
    left join lateral (
      select end_user_id as id from heddle.visitors
      where (place.conversation).kind = 'room' and visitors.id = seat.visitor_id limit 1
    ) viewer on true
  );
end $$;

comment on function heddle.items_json is
  'Conversations as these visitors see them in their lists, newest first. `asked`: they asked for the person. One without a name is called by its first words; of
a room `viewerId` says which of its visitors that is, and what the others of them wrote stands on the operators'' side.';

create function heddle.item_json(p_seat heddle.participants, p_conversation heddle.conversations) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_title text := coalesce(p_conversation.name, heddle.opening_words(p_conversation.id));
  v_viewer_id text;
begin
  if v_title is null then
    select name into v_title from heddle.agents where id = p_conversation.agent_id;
  end if;
  if p_conversation.kind = 'room' then
    select end_user_id into v_viewer_id from heddle.visitors where id = p_seat.visitor_id;
  end if;
  return heddle.item_shape(
    p_seat, p_conversation, v_title, heddle.preview_role(p_conversation, v_viewer_id), v_viewer_id
  );
end $$;

comment on function heddle.item_json is 'A conversation as items_json has it: for one an aggregate costs more than the rest.';

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

create function heddle.row_shape(
  p_conversation heddle.conversations,
  p_end_user text,
  p_name text,
  p_email text,
  p_assignee_name text,
  p_labels jsonb
) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', p_conversation.id,
    'psid', p_end_user,
    'customerName', p_name,
    'customerEmail', p_email,
    'identified', heddle.is_identified(p_end_user),
    'pageName', p_conversation.page_name,
    'kind', p_conversation.kind,
    'platform', p_conversation.platform,
    'name', p_conversation.name,
    'status', upper(p_conversation.status),
    'snoozedUntil', p_conversation.snoozed_until,
    'snoozeEnded', p_conversation.snooze_ended,
    'needsHuman', p_conversation.needs_human,
    'autoBot', p_conversation.bot_responds and p_conversation.assignee_id is null
      and not (p_conversation.taken_over and p_conversation.status <> 'resolved'),
    'assignee', case when p_assignee_name is not null then
      jsonb_build_object('id', p_conversation.assignee_id, 'name', p_assignee_name)
    end,
    'labels', p_labels,
    'rev', p_conversation.rev,
    'messageCount', p_conversation.message_count,
    'unread', p_conversation.team_unread,
    'lastMessage', case when p_conversation.last_role is not null then jsonb_build_object(
      'text', coalesce(p_conversation.preview, ''),
      'role', case p_conversation.last_role
        when 'visitor' then 'USER' when 'operator' then 'AGENT' when 'bot' then 'BOT' else 'SYSTEM'
      end,
      'createdAt', p_conversation.last_message_at
    ) || case when p_conversation.last_author_id is null then '{}' else jsonb_build_object('authorId', p_conversation.last_author_id) end
      || case when p_conversation.preview is null then jsonb_build_object('isDeleted', true) else '{}' end end,
    'lastMessageAt', p_conversation.last_message_at,
    'activeAt', p_conversation.active_at,
    'waitingSince', p_conversation.waiting_since,
    'readSeqs', jsonb_build_object('visitor', p_conversation.visitor_read_seq, 'team', p_conversation.team_read_seq),
    'deliveredSeqs',
      jsonb_build_object('visitor', p_conversation.visitor_delivered_seq, 'team', p_conversation.team_delivered_seq),
    'createdAt', p_conversation.created_at
  );
end $$;

create function heddle.rows_json(p_conversations heddle.conversations[]) returns jsonb
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_org_id uuid := (select org_id from heddle.agents where id = p_conversations[1].agent_id);
begin
  return (
    select coalesce(jsonb_agg(
      heddle.row_shape(
        conversation, visitor.end_user_id, visitor.name, visitor.email,
        case when (conversation).assignee_id is not null then (
          select name from heddle.members where org_id = v_org_id and user_id = (conversation).assignee_id
        ) end,
        (
          select coalesce(jsonb_agg(label_id order by label_id), '[]')
          from heddle.conversation_labels where conversation_id = (conversation).id
        )
      )
      || case
        -- Most have none, and to see that costs less than the call.
        when (conversation).team_unread > 0 and exists (
          select from heddle.messages
          where conversation_id = (conversation).id and changed_seq > seq and changed_seq > (conversation).team_read_seq
        ) then heddle.edited_json((conversation).id, (conversation).team_read_seq)
        else '{}'
      end
      order by place
    ), '[]')
    from (select conversation, row_number() over () as place from unnest(p_conversations) conversation) given
    cross join lateral (
      select end_user_id, name, email from heddle.visitors where id = (conversation).visitor_id limit 1
    ) visitor
  );
end $$;

comment on function heddle.rows_json is 'Conversations, all of one agent, as the team''s lists show them, in this order.';

create function heddle.row_json(p_conversation heddle.conversations) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_end_user text;
  v_name text;
  v_email text;
  v_assignee_name text;
  v_labels jsonb;
  v_row jsonb;
begin
  select end_user_id, name, email into v_end_user, v_name, v_email from heddle.visitors where id = p_conversation.visitor_id;
  if p_conversation.assignee_id is not null then
    select name into v_assignee_name from heddle.members
    where org_id = (select org_id from heddle.agents where id = p_conversation.agent_id) and user_id = p_conversation.assignee_id;
  end if;
  select coalesce(jsonb_agg(label_id order by label_id), '[]') into v_labels
  from heddle.conversation_labels where conversation_id = p_conversation.id;
  v_row := heddle.row_shape(p_conversation, v_end_user, v_name, v_email, v_assignee_name, v_labels);
  if p_conversation.team_unread > 0 and exists (
    select from heddle.messages
    where conversation_id = p_conversation.id and changed_seq > seq and changed_seq > p_conversation.team_read_seq
  ) then
    v_row := v_row || heddle.edited_json(p_conversation.id, p_conversation.team_read_seq);
  end if;
  return v_row;
end $$;

comment on function heddle.row_json is 'A conversation as rows_json has it: for one an aggregate costs more than the rest.';

create function heddle.inbox_update(p_conversation heddle.conversations, p_line heddle.notes default null) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return heddle.event('conversation:updated',
    heddle.row_json(p_conversation) || jsonb_build_object('conversationId', p_conversation.id)
    || case when p_line.id is null then '{}' else jsonb_build_object('line', heddle.note_json(p_line)) end);
end $$;

comment on function heddle.inbox_update is
  'The event that tells the team how a row looks now, all of it, so that nobody has to ask, and the line that was written for it.';

create function heddle.list_update(p_conversation heddle.conversations) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_unread integer;
begin
  select unread into v_unread from heddle.participants
  where conversation_id = p_conversation.id and role = 'visitor' and visitor_id = p_conversation.visitor_id;
  return heddle.event('conversation:updated', jsonb_build_object(
    'conversationId', p_conversation.id,
    'lastMessageAt', p_conversation.last_message_at,
    'messageCount', p_conversation.message_count,
    'status', heddle.status_for_visitors(p_conversation.status),
    'needsHuman', p_conversation.needs_human,
    'unread', v_unread
  ) || case
    when p_conversation.needs_human and p_conversation.visitor_asked then jsonb_build_object('asked', true) else '{}'
  end);
end $$;

comment on function heddle.list_update is 'The event that tells a visitor''s list how a conversation stands.';

revoke execute on function
  heddle.note_shape, heddle.note_json, heddle.message_shape, heddle.message_json, heddle.item_shape, heddle.item_json, heddle.preview_role, heddle.opening_words,
  heddle.row_shape, heddle.row_json, heddle.messages_json, heddle.notes_json, heddle.team_names, heddle.renamed_member, heddle.unnamed, heddle.status_for_visitors, heddle.items_json, heddle.edited_json, heddle.rows_json, heddle.inbox_update,
  heddle.list_update
from public;

-- Whoever writes a message, a function of ours or SQL of the owner's: it is numbered before and announced after. Imports
-- number many at once and announce nothing. That is no condition of the triggers: Postgres reads those anew for each statement,
-- which takes longer than the call.

-- With plans that are kept: all of it is one row of each table.
create function heddle.gist(p_body text, p_attachments jsonb, p_role text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  c_most constant integer := 160;
begin
  if p_body <> '' or coalesce(jsonb_array_length(p_attachments), 0) = 0 then
    return left(case p_role when 'bot' then heddle.plain_text(left(p_body, 4 * c_most)) else p_body end, c_most);
  end if;
  return coalesce(nullif(left(heddle.one_line(p_attachments -> 0 ->> 'name'), c_most), ''), '(a file)');
end $$;

comment on function heddle.gist is
  'What a list shows of a message: how its text begins, or what its first file is called where it has none.';

create function heddle.plain_text(p_markdown text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  v_text text := regexp_replace(p_markdown, '^[ \t]*(`{3,}|~{3,})[^`\n]*(\n|$)', '', 'gn');
begin
  v_text := regexp_replace(v_text, '^[ \t]*#{1,6}[ \t]+', '', 'gn');
  v_text := regexp_replace(v_text, '!?\[([^][\n]+)\]\((?:https?:|mailto:)[^()\s]+(?:\s+"[^"\n]*")?\)', '\1', 'g');
  v_text := regexp_replace(v_text, '(?<![\\*])(\*{1,3})([^*\s\\](?:[^*\n]*[^*\s\\])?)\1(?!\*)', '\2', 'g');
  v_text := regexp_replace(v_text, '(?<![[:alnum:]\\_])(_{1,3})([^_\s](?:[^_\n]*[^_\s\\])?)\1(?![[:alnum:]_])', '\2', 'g');
  v_text := regexp_replace(v_text, '(?<!`)(`{1,2})([^`\n]+)\1(?!`)', '\2', 'g');
  return regexp_replace(v_text, '\\([!-/:-@[-`{-~])', '\1', 'g');
end $$;

comment on function heddle.plain_text is
  'The words of Markdown as bots write it, without the signs of its emphasis, code, headings and links; lists stay as they are.';

create function heddle.number_message() returns trigger
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_conversation heddle.conversations;
  v_changed heddle.conversations;
  v_author bigint;
  v_by text;
  v_reopens boolean;
begin
  if current_setting('heddle.importing', true) = 'on' then
    return new;
  end if;
  perform heddle.open_inbox(agent_id) from heddle.conversations where id = new.conversation_id;
  select * into v_conversation from heddle.conversations where id = new.conversation_id for no key update;
  if not found then
    perform heddle.demand_item(false);
  end if;
  -- After the lock and in a snapshot of its own, so that of two who send the same one for an author only the first is counted.
  if new.client_id is not null and exists (
    select from heddle.messages
    where conversation_id = new.conversation_id and client_id = new.client_id
      and role = new.role and author_id is not distinct from new.author_id
  ) then
    return null;
  end if;
  v_reopens := new.role = 'visitor' and v_conversation.status <> 'open';
  if new.role = 'visitor' and new.author_id is not null then
    select id into v_author from heddle.visitors
    where agent_id = v_conversation.agent_id and end_user_id = new.author_id;
  end if;
  if new.role = 'visitor' and v_author is null then
    v_author := v_conversation.visitor_id;
  end if;

  new.leaves_waiting := new.role = 'bot' and (
    new.leaves_waiting or v_conversation.needs_human
    or v_conversation.asked_since is not null and v_conversation.status = 'open'
  );
  new.seq := v_conversation.seq + 1;
  new.changed_seq := new.seq;
  new.changed_rev := v_conversation.rev + 1;
  -- The clock, not the transaction's start, and never back: behind a lock that would go backwards against seq.
  new.created_at := greatest(clock_timestamp(), v_conversation.last_message_at + interval '1 microsecond');
  if v_reopens then
    v_by := heddle.act_as('USER');
  end if;
  update heddle.conversations set
    seq = new.seq,
    rev = new.changed_rev,
    status = case when v_reopens then 'open' else status end,
    needs_human = needs_human and new.role <> 'operator',
    asked_since = case when new.role <> 'operator' then asked_since end,
    taken_over = taken_over or new.role = 'operator' and kind <> 'room',
    snooze_ended = snooze_ended and new.role <> 'operator',
    message_count = message_count + 1,
    -- What nobody said is no reason to hide what somebody did.
    preview = case
      when new.role = 'system' and last_role is not null then preview
      else heddle.gist(new.body, new.attachments, new.role)
    end,
    last_role = case when new.role = 'system' then coalesce(last_role, new.role) else new.role end,
    last_author_id = case new.role when 'operator' then new.author_id when 'system' then last_author_id end,
    last_message_at = new.created_at,
    active_at = greatest(active_at, new.created_at),
    waiting_since = case
      when new.role = 'visitor' then coalesce(waiting_since, new.created_at)
      when status = 'resolved' or new.role = 'system' or new.leaves_waiting or new.status in ('error', 'cancelled') then waiting_since
      when new.role = 'bot' then heddle.queued_since(new.conversation_id)
    end,
    team_unread = team_unread + (new.role = 'visitor')::integer,
    xid = pg_current_xact_id()
  where id = new.conversation_id
  returning * into v_changed;
  if v_reopens then
    perform heddle.written_line(v_conversation, v_changed);
    perform heddle.act_as(v_by);
  elsif v_conversation.needs_human and not v_changed.needs_human then
    perform heddle.log_answered(v_changed);
  end if;
  update heddle.participants set
    last_message_at = new.created_at,
    unread = unread + (new.role <> 'system' and visitor_id is distinct from v_author)::integer
  where conversation_id = new.conversation_id and role = 'visitor';
  return new;
end $$;

create function heddle.log_answered(p_conversation heddle.conversations) returns void
language plpgsql set search_path = '' as $$
declare
  v_agent heddle.agents;
begin
  select * into v_agent from heddle.agents where id = p_conversation.agent_id;
  if v_agent.logs_events then
    perform heddle.log_events(heddle.change_events(v_agent.org_id, p_conversation, null, heddle.row_json(p_conversation)));
  end if;
end $$;

comment on function heddle.log_answered is
  'Writes that a conversation needs no person any more, since one has answered. Everybody else learns it with the message.';

create function heddle.message_data(p_conversation heddle.conversations, p_message heddle.messages) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_end_user text;
begin
  select end_user_id into v_end_user from heddle.visitors where id = p_conversation.visitor_id;
  return jsonb_build_object(
    'conversationId', p_conversation.id,
    'message', heddle.message_json(p_message),
    'conversation', jsonb_build_object(
      'id', p_conversation.id,
      'psid', v_end_user,
      'status', upper(p_conversation.status),
      'autoBot', p_conversation.bot_responds and p_conversation.assignee_id is null
        and not (p_conversation.taken_over and p_conversation.status <> 'resolved'),
      'platform', p_conversation.platform
    ) || case p_conversation.kind when 'room' then jsonb_build_object('kind', 'room') else '{}' end
  );
end $$;

comment on function heddle.message_data is 'What message:new, :updated and :deleted carry, but for their number.';

create function heddle.data_for_visitors(p_conversation heddle.conversations, p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_data jsonb := jsonb_set(p_data, '{conversation,status}', to_jsonb(heddle.status_for_visitors(p_conversation.status)));
begin
  return case p_conversation.kind when 'room' then v_data #- '{conversation,psid}' else v_data end;
end $$;

comment on function heddle.data_for_visitors is
  'What message_data says as visitors hear it: no putting off, and in a room not whom it was made with.';

create function heddle.announce_message() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_type text := case
    when tg_op = 'INSERT' then 'message:new'
    when new.deleted_at is not null then 'message:deleted'
    else 'message:updated'
  end;
  v_data jsonb;
  v_view jsonb;
  v_list jsonb[];
  v_inbox jsonb[];
  v_line heddle.notes;
  v_update jsonb;
  v_org_id uuid;
begin
  if current_setting('heddle.importing', true) = 'on' then
    return null;
  end if;
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  -- That it reopened the conversation: written as the message was numbered, told together with it.
  if tg_op = 'INSERT' and new.role = 'visitor' then
    select * into v_line from heddle.notes where conversation_id = new.conversation_id and id = new.changed_rev;
  end if;
  begin
    v_data := heddle.message_data(v_conversation, new);
    v_list := array[heddle.list_update(v_conversation)];
    if tg_op = 'UPDATE' and old.status is distinct from 'streaming' then
      -- What a list shows of its newest message has changed, and no event of a visitor's list tells of that.
      if heddle.is_shown_in_lists(new) then
        v_list := array[heddle.event('refresh', '{}')];
      end if;
    end if;
    v_update := heddle.inbox_update(v_conversation, v_line);
    v_inbox := array[heddle.event(v_type, v_data || jsonb_build_object('rev', new.changed_rev)), v_update];
    if tg_op = 'INSERT' or old.status = 'streaming' and v_conversation.preview is not null then
      v_view := heddle.view_update(v_conversation);
      v_list := v_view || v_list;
      v_inbox := v_inbox || v_view;
    end if;
    v_org_id := heddle.announce(
      v_conversation,
      heddle.event(v_type, heddle.data_for_visitors(v_conversation, v_data) || jsonb_build_object('seq', new.changed_seq)),
      v_list,
      v_inbox
    );
  exception when others then
    v_org_id := heddle.unannounced(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null then
    perform heddle.log_message(
      v_org_id, v_conversation, v_type, coalesce(v_data, heddle.message_data(v_conversation, new)), v_line,
      case when v_line.id is not null then coalesce(v_update -> 'data', heddle.row_json(v_conversation)) end
    );
  end if;
  if tg_op = 'INSERT' and new.role = 'visitor' then
    perform heddle.ask_bot(v_conversation, new);
  elsif tg_op = 'INSERT' and new.role = 'operator' then
    -- What no bot has begun to answer a person has.
    delete from heddle.bot_turns where conversation_id = new.conversation_id and seq is null;
  elsif v_type = 'message:deleted' and new.role = 'visitor' then
    perform heddle.drop_turn(new);
  end if;
  return null;
end $$;

create function heddle.view_update(p_conversation heddle.conversations) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  return heddle.event('conversation:view-update', jsonb_build_object(
    'conversationId', p_conversation.id,
    'type', 'new_message',
    'message', jsonb_build_object(
      'text', coalesce(p_conversation.preview, ''),
      'role', case p_conversation.last_role
        when 'visitor' then 'USER' when 'operator' then 'AGENT' when 'bot' then 'BOT' else 'SYSTEM'
      end,
      'createdAt', p_conversation.last_message_at
    ),
    'lastMessageAt', p_conversation.last_message_at,
    'timestamp', p_conversation.last_message_at
  ));
end $$;

create function heddle.renumber_message() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
  v_removed boolean := old.deleted_at is null and new.deleted_at is not null;
  -- What broke off or was stopped while it grew has answered nobody.
  v_answers_less boolean := v_removed or old.status = 'streaming' and new.status in ('error', 'cancelled');
begin
  if current_setting('heddle.importing', true) = 'on' then
    return new;
  end if;
  perform heddle.demand(
    (new.conversation_id, new.seq, new.role) is not distinct from (old.conversation_id, old.seq, old.role),
    'A message keeps its place and its author.'
  );
  perform heddle.demand(old.deleted_at is null, 'A message that was deleted stays so.');
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  perform heddle.open_inbox(v_conversation.agent_id);
  select * into v_conversation from heddle.conversations where id = new.conversation_id for no key update;
  if old.status = 'streaming' then
    new.status := case when not v_removed then nullif(new.status, 'streaming') end;
    delete from heddle.message_streams where conversation_id = old.conversation_id and seq = old.seq;
  end if;
  if v_removed then
    new.body := '';
    new.blocks := null;
    new.attachments := null;
    new.edited_at := old.edited_at;
  end if;
  new.changed_seq := v_conversation.seq + 1;
  new.changed_rev := v_conversation.rev + 1;
  if old.status is distinct from 'streaming' then
    insert into heddle.message_revisions (conversation_id, seq, changed_seq, body, blocks, attachments, replaced_by)
    values (old.conversation_id, old.seq, new.changed_seq, old.body, old.blocks, old.attachments, auth.uid());
  end if;

  update heddle.conversations set
    seq = new.changed_seq,
    rev = new.changed_rev,
    preview = case
      when heddle.is_shown_in_lists(new)
        then case when not v_removed then heddle.gist(new.body, new.attachments, new.role) end
      else preview
    end,
    waiting_since = case
      when v_answers_less is not true or status = 'resolved' or new.role = 'system' or new.role = 'visitor' and waiting_since is null
        then waiting_since
      else least(heddle.unanswered_since(id, new.seq), asked_since)
    end,
    -- What the team has read and what it says now are two things; one that it has not read is changed as often as you like.
    team_unread = team_unread + case
      when new.role <> 'visitor' then 0
      when v_removed then -(old.changed_seq > team_read_seq)::integer
      else (old.changed_seq <= team_read_seq)::integer
    end,
    xid = pg_current_xact_id()
  where id = new.conversation_id;
  if v_removed then
    update heddle.participants seat set unread = seat.unread - 1
    from heddle.visitors visitor
    where seat.conversation_id = new.conversation_id and seat.role = 'visitor' and new.seq > seat.read_seq
      and visitor.id = seat.visitor_id and heddle.counts_for(new, v_conversation, visitor);
  end if;
  return new;
end $$;

create function heddle.unanswered_since(p_conversation_id uuid, p_but_seq integer default null) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  v_answered integer := (
    select seq from heddle.messages
    where conversation_id = p_conversation_id and role in ('operator', 'bot') and deleted_at is null
      and (status is null or status = 'streaming') and not leaves_waiting and seq is distinct from p_but_seq
    order by seq desc limit 1
  );
  v_begun integer := (select begun_anew_seq from heddle.conversations where id = p_conversation_id);
begin
  return least(heddle.queued_since(p_conversation_id), (
    select created_at from heddle.messages
    where conversation_id = p_conversation_id and seq > greatest(v_answered, v_begun) and role = 'visitor' and deleted_at is null
      and seq is distinct from p_but_seq
    order by seq limit 1
  ));
end $$;

comment on function heddle.unanswered_since is
  'When the visitor wrote the first message that is queued for a bot or behind the last answer that is left, since they last
began anew; the message p_but_seq is counted for none.';

create function heddle.queued_since(p_conversation_id uuid) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return (
    select message.created_at from heddle.bot_turns turn
    join heddle.messages message on message.conversation_id = turn.conversation_id and message.seq = turn.for_seq
    join heddle.conversations conversation on conversation.id = turn.conversation_id
    where turn.conversation_id = p_conversation_id and taken_until is null and deleted_at is null
      and turn.for_seq > conversation.begun_anew_seq
    order by for_seq limit 1
  );
end $$;

comment on function heddle.queued_since is
  'When the visitor wrote the first message that waits for its turn with a bot: the answer to one before it does not answer it.';

create function heddle.counts_for(
  p_message heddle.messages,
  p_conversation heddle.conversations,
  p_visitor heddle.visitors
) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return case p_message.role
    when 'system' then false
    when 'visitor' then case
      when p_message.author_id is null then p_conversation.visitor_id <> p_visitor.id
      else p_message.author_id <> p_visitor.end_user_id
    end
    else true
  end;
end $$;

comment on function heddle.counts_for is 'Whether a message is unread for a visitor until they read it: not their own, not the system''s.';

create trigger number_message before insert on heddle.messages for each row execute function heddle.number_message();
create trigger announce_message after insert on heddle.messages for each row execute function heddle.announce_message();
create trigger renumber_message before update of body, blocks, attachments, deleted_at, conversation_id, seq, role
  on heddle.messages for each row execute function heddle.renumber_message();
create trigger announce_change after update of body, blocks, attachments, deleted_at on heddle.messages
  for each row execute function heddle.announce_message();

revoke execute on function
  heddle.number_message, heddle.log_answered, heddle.message_data, heddle.data_for_visitors, heddle.announce_message, heddle.view_update, heddle.renumber_message,
  heddle.unanswered_since, heddle.queued_since, heddle.counts_for, heddle.gist, heddle.plain_text
from public;

-- Changes of a conversation beside its messages: begun, claimed, resolved, labelled, noted, removed.

create function heddle.begin_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_visitor heddle.visitors;
  v_new jsonb;
  v_update jsonb;
  v_org_id uuid;
begin
  insert into heddle.participants (conversation_id, role, visitor_id, last_message_at)
  values (new.id, 'visitor', new.visitor_id, new.last_message_at);
  perform heddle.seat_bots(new);
  begin
    select * into v_visitor from heddle.visitors where id = new.visitor_id;
    v_new := jsonb_strip_nulls(jsonb_build_object(
      'id', new.id,
      'psid', v_visitor.end_user_id,
      'platform', new.platform,
      'status', upper(new.status),
      'autoBot', new.bot_responds and new.assignee_id is null,
      'pageName', new.page_name,
      'lastMessageAt', new.last_message_at
    ));
    v_update := heddle.inbox_update(new);
    v_org_id := heddle.announce(
      new,
      null,
      array[heddle.event('conversation:new', jsonb_build_object('conversation', v_new))],
      array[
        heddle.event('conversation:new', jsonb_build_object('conversation', v_new || jsonb_strip_nulls(
          jsonb_build_object('customerName', v_visitor.name, 'customerEmail', v_visitor.email)
        ))),
        v_update
      ]
    );
  exception when others then
    v_org_id := heddle.unannounced(new.agent_id, sqlstate, sqlerrm);
  end;
  if v_org_id is not null then
    perform heddle.log_events(array[heddle.conversation_event(
      v_org_id, new.agent_id, new.id, 'created', 'conversation:new', v_visitor.end_user_id,
      coalesce(v_update -> 'data', heddle.row_json(new))
    )]);
  end if;
  return null;
end $$;

create function heddle.with_need(p_old heddle.conversations, p_new heddle.conversations) returns heddle.conversations
language plpgsql stable set search_path = '' as $$
declare
  v_new heddle.conversations := p_new;
  v_asked boolean := p_new.needs_human and not p_old.needs_human;
  v_closed boolean := p_new.status <> 'open' and p_new.status <> p_old.status;
  v_begins_anew boolean := p_old.status = 'resolved' and p_new.status = 'open'
    and current_setting('heddle.by', true) is not distinct from 'USER';
  v_taken_back boolean := p_old.needs_human and not p_new.needs_human and not v_closed
    and p_new.assignee_id is not distinct from p_old.assignee_id;
begin
  -- Nobody sees in what was put away that a person is asked for.
  if v_asked and p_new.status = p_old.status then
    v_new.status := 'open';
  elsif v_closed and not v_asked then
    v_new.needs_human := false;
  end if;
  if v_asked then
    v_new.visitor_asked := current_setting('heddle.by', true) is not distinct from 'USER';
    v_new.asked_since := coalesce(case when p_old.status <> 'resolved' then p_new.asked_since end, clock_timestamp());
    v_new.waiting_since := coalesce(p_new.waiting_since, v_new.asked_since);
    v_new.active_at := greatest(p_new.active_at, clock_timestamp());
  elsif v_begins_anew or v_taken_back then
    v_new.asked_since := null;
  end if;
  if v_begins_anew then
    v_new.begun_anew_seq := p_old.seq;
  end if;
  v_new.taken_over := p_new.taken_over and not v_begins_anew
    and not (p_old.assignee_id is not null and p_new.assignee_id is null);
  -- Released, or opened again: nobody has answered who asked for a person.
  if v_new.asked_since is not null and v_new.status = 'open' and v_new.assignee_id is null
    and (p_old.status <> 'open' or p_old.assignee_id is not null) then
    v_new.needs_human := true;
  end if;
  return v_new;
end $$;

comment on function heddle.with_need is
  'A changed conversation with what follows for its need of a person: asked for one, it is opened and lifted, and its visitor
waits; put away, it needs none until it is opened again.';

create function heddle.number_change() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if current_setting('heddle.importing', true) = 'on'
    or (old.status, old.snoozed_until, old.snooze_ended, old.assignee_id, old.needs_human, old.bot_responds, old.name, old.moved_to)
      is not distinct from
      (new.status, new.snoozed_until, new.snooze_ended, new.assignee_id, new.needs_human, new.bot_responds, new.name, new.moved_to)
  then
    return new;
  end if;
  -- Who left the team goes on holding what is resolved, of which there may be very much, until it is opened again.
  if old.status <> 'open' and new.assignee_id = old.assignee_id
    and (new.status = 'open' or new.needs_human) and not heddle.answers_for(new.agent_id, new.assignee_id) then
    new.assignee_id := null;
  end if;
  new := heddle.with_need(old, new);
  if new.status <> 'snoozed' then
    new.snoozed_until := null;
  end if;
  new.snooze_ended := new.snooze_ended and new.status = 'open';
  if new.status = 'resolved' then
    new.waiting_since := null;
  elsif old.status = 'resolved' and current_setting('heddle.by', true) is distinct from 'USER' then
    -- Resolved by mistake, perhaps: whoever waited waits on. A visitor who writes again waits from that on.
    new.waiting_since := least(heddle.unanswered_since(new.id), new.asked_since);
  elsif old.asked_since is not null and new.asked_since is null and new.seq = old.seq then
    new.waiting_since := heddle.unanswered_since(new.id);
  end if;
  new.rev := old.rev + 1;
  new.xid := pg_current_xact_id();
  return new;
end $$;

create function heddle.act_as(p_by text) returns text
language plpgsql set search_path = '' as $$
declare
  v_former text := current_setting('heddle.by', true);
begin
  perform set_config('heddle.by', coalesce(p_by, ''), true);
  return v_former;
end $$;

comment on function heddle.act_as is
  'Until the transaction ends or says otherwise its changes are by USER, SYSTEM, or BOT or API with a name; else by the operator
who is signed in. Answers what held before.';

create function heddle.written_line(p_old heddle.conversations, p_new heddle.conversations) returns heddle.notes
language plpgsql set search_path = '' as $$
declare
  v_moved boolean := p_old.assignee_id is distinct from p_new.assignee_id;
  v_turned boolean := (p_old.status, p_old.snoozed_until) is distinct from (p_new.status, p_new.snoozed_until);
  -- By somebody now, or of everybody who answers, since its holder goes.
  v_asked boolean := p_new.needs_human
    and (not p_old.needs_human or p_new.assignee_id is null and p_old.assignee_id is not null);
  v_by text := nullif(current_setting('heddle.by', true), '');
  v_actor uuid;
  v_names jsonb;
  v_former heddle.notes;
  v_line heddle.notes;
begin
  if not (v_moved or v_turned or v_asked) then
    return null;
  end if;
  v_actor := case when v_by is null then auth.uid() end;
  v_names := heddle.names_of(p_new.agent_id, array[v_actor, p_old.assignee_id, p_new.assignee_id]);
  v_line.author_id := case when v_names ? v_actor::text then v_actor end;
  v_line.author_name := coalesce(
    v_names ->> v_actor::text, substring(v_by from '^BOT (.+)$'), substring(v_by from '^API.*$')
  );
  v_line.change := jsonb_strip_nulls(jsonb_build_object(
    'by', coalesce(substring(v_by from '^(USER|BOT|API|SYSTEM)'), case when v_line.author_id is null then 'SYSTEM' else 'AGENT' end),
    'from', case when v_moved and p_old.assignee_id is not null then
      jsonb_build_object('id', p_old.assignee_id, 'name', coalesce(
        v_names ->> p_old.assignee_id::text, heddle.name_in_lines(p_old.id, p_old.assignee_id), ''
      ))
    end,
    'to', case when v_moved and p_new.assignee_id is not null then
      jsonb_build_object('id', p_new.assignee_id, 'name', coalesce(v_names ->> p_new.assignee_id::text, ''))
    end,
    'was', case when v_turned then upper(p_old.status) end,
    'status', case when v_turned then upper(p_new.status) end,
    'until', case when v_turned then p_new.snoozed_until end,
    'needsHuman', case when v_asked then true end,
    'again', case when v_asked and (v_moved or v_turned) and p_old.asked_since is not null then true end
  ));
  -- A visitor who asks, and asks no longer, and asks again says nothing new.
  if v_asked and v_line.change ->> 'by' = 'USER' then
    select * into v_former from heddle.notes where conversation_id = p_new.id order by id desc limit 1;
    if v_former.change - array['was', 'status'] = v_line.change and v_former.after_seq = p_old.seq then
      return v_line;
    end if;
  end if;
  insert into heddle.notes (conversation_id, id, rev, after_seq, author_id, author_name, change)
  values (p_new.id, p_new.rev, p_new.rev, p_old.seq, v_line.author_id, v_line.author_name, v_line.change)
  returning * into v_line;
  return v_line;
end $$;

comment on function heddle.written_line is
  'Writes the line that tells the team who claimed, released, handed over, resolved, reopened or snoozed a conversation, or
asked for a person. Its number is that of the change; it has none, and is not kept, where the line before says the same. Null
for any other change.';

create function heddle.names_of(p_agent_id uuid, p_user_ids uuid[]) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if array_remove(p_user_ids, null) = '{}' then
    return '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(user_id, name), '{}') from heddle.members
    where org_id = (select org_id from heddle.agents where id = p_agent_id) and user_id = any (p_user_ids)
  );
end $$;

create function heddle.name_in_lines(p_conversation_id uuid, p_user_id uuid) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select change #>> '{to,name}' from heddle.notes
    where conversation_id = p_conversation_id and change #>> '{to,id}' = p_user_id::text
    order by id desc limit 1
  );
end $$;

comment on function heddle.name_in_lines is 'What somebody who left was called when they got the conversation.';

create function heddle.announce_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_line heddle.notes;
  v_update jsonb;
  v_org_id uuid;
begin
  if current_setting('heddle.importing', true) = 'on' then
    return null;
  end if;
  v_line := heddle.written_line(old, new);
  begin
    v_update := heddle.inbox_update(new, v_line);
    v_org_id := heddle.announce(
      new,
      null,
      case when
        (heddle.status_for_visitors(old.status), old.name, old.needs_human) is distinct from
        (heddle.status_for_visitors(new.status), new.name, new.needs_human)
        then array[heddle.list_update(new)] end,
      array[v_update]
    );
  exception when others then
    v_org_id := heddle.unannounced(new.agent_id, sqlstate, sqlerrm);
  end;
  -- That somebody has looked is nothing to subscribers.
  if v_org_id is not null and (v_line.id is not null or old.snooze_ended = new.snooze_ended) then
    perform heddle.log_events(heddle.change_events(v_org_id, new, v_line, coalesce(v_update -> 'data', heddle.row_json(new))));
  end if;
  return null;
end $$;

create function heddle.forget_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Not where the agent itself goes.
  insert into heddle.gone (agent_id, id) select id, old.id from heddle.agents where id = old.agent_id
  on conflict (agent_id, id) do update set xid = excluded.xid, at = excluded.at;
  if not found then
    return old;
  end if;
  begin
    perform heddle.announce(
      old,
      heddle.event('refresh', '{}'),
      array[heddle.event('refresh', '{}')],
      array[heddle.event('refresh', '{}')]
    );
  exception when others then
    perform heddle.count_failed_broadcast(old.agent_id, sqlstate, sqlerrm);
  end;
  return old;
end $$;

create function heddle.number_note() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  perform heddle.demand_item(found);
  perform heddle.open_inbox(v_conversation.agent_id);
  perform from heddle.conversations where id = new.conversation_id for no key update;
  perform heddle.demand_item(found);
  if tg_op = 'INSERT' and new.client_id is not null and exists (
    select from heddle.notes
    where conversation_id = new.conversation_id and client_id = new.client_id and author_id is not distinct from new.author_id
  ) then
    return null;
  end if;
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where id = new.conversation_id
  returning * into v_conversation;
  new.rev := v_conversation.rev;
  if tg_op = 'INSERT' then
    new.id := v_conversation.rev;
    new.after_seq := v_conversation.seq;
  else
    if new.deleted_at is not null then
      new.body := '';
    end if;
    insert into heddle.note_revisions (conversation_id, note_id, rev, body, replaced_by)
    values (new.conversation_id, new.id, new.rev, old.body, auth.uid());
  end if;
  new.words := array_to_tsvector(heddle.lexemes(v_conversation.agent_id, new.body));
  return new;
end $$;

create function heddle.keep_line() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform heddle.demand(false, 'A line stays as the database wrote it.');
  return null;
end $$;

create function heddle.announce_note() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  select * into v_conversation from heddle.conversations where id = new.conversation_id;
  perform heddle.announce(v_conversation, null, null, array[heddle.event(
    case when tg_op = 'INSERT' then 'note:new' when new.deleted_at is not null then 'note:deleted' else 'note:updated' end,
    jsonb_build_object(
      'conversationId', new.conversation_id, 'rev', new.rev, 'note', heddle.note_json(new)
    )
  )]);
  return null;
exception when others then
  perform heddle.count_failed_broadcast(v_conversation.agent_id, sqlstate, sqlerrm);
  return null;
end $$;

create function heddle.touch_conversation(p_conversation_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_conversation heddle.conversations;
begin
  update heddle.conversations set rev = rev + 1, xid = pg_current_xact_id() where id = p_conversation_id
  returning * into v_conversation;
  if not found then
    return;
  end if;
  begin
    perform heddle.announce(v_conversation, null, null, array[heddle.inbox_update(v_conversation)]);
  exception when others then
    perform heddle.count_failed_broadcast(v_conversation.agent_id, sqlstate, sqlerrm);
  end;
end $$;

comment on function heddle.touch_conversation is 'Counts and announces a change of what belongs to a conversation.';

create function heddle.label_conversation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform heddle.touch_conversation(case tg_op when 'DELETE' then old.conversation_id else new.conversation_id end);
  return null;
end $$;

create function heddle.count_bots() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := case tg_op when 'DELETE' then old.conversation_id else new.conversation_id end;
begin
  update heddle.conversations set bot_responds = not bot_responds
  where id = v_id and bot_responds <> exists (
    select from heddle.participants where conversation_id = v_id and role = 'bot' and auto_respond <> 'never'
  );
  return null;
end $$;

create function heddle.rename_visitor() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform heddle.log_person(new);
  -- Several conversations: in the order of their ids. Of one who has very many the older ones show it at the next fetch.
  for v_id in
    select conversation_id from (
      select conversation_id from heddle.participants
      where visitor_id = new.id and role = 'visitor' order by last_message_at desc limit 10
    ) newest order by conversation_id
  loop
    perform heddle.touch_conversation(v_id);
  end loop;
  return null;
end $$;

create trigger begin_conversation after insert on heddle.conversations for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.begin_conversation();
create trigger number_change
  before update of status, snoozed_until, snooze_ended, assignee_id, needs_human, bot_responds, name, moved_to on heddle.conversations
  for each row execute function heddle.number_change();
create trigger announce_change
  after update of status, snoozed_until, snooze_ended, assignee_id, needs_human, bot_responds, name, moved_to on heddle.conversations
  -- What comes with a message is told with it.
  for each row when (old.rev <> new.rev and old.seq = new.seq) execute function heddle.announce_change();
create trigger forget_conversation before delete on heddle.conversations for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.forget_conversation();
create trigger number_note before insert or update of body, deleted_at on heddle.notes
  for each row when (new.change is null) execute function heddle.number_note();
create trigger announce_note after insert or update of body, deleted_at on heddle.notes
  for each row when (new.change is null) execute function heddle.announce_note();
create trigger keep_line before update on heddle.notes
  for each row when (old.change is not null or new.change is not null) execute function heddle.keep_line();
create trigger label_conversation after insert or delete on heddle.conversation_labels for each row
  when (current_setting('heddle.importing', true) is distinct from 'on') execute function heddle.label_conversation();
create trigger count_bots_in after insert or update of auto_respond on heddle.participants for each row
  when (new.role = 'bot') execute function heddle.count_bots();
create trigger count_bots_out after delete on heddle.participants for each row
  when (old.role = 'bot') execute function heddle.count_bots();
create trigger rename_visitor after update of name, email, attributes on heddle.visitors for each row
  when ((old.name, old.email, old.attributes) is distinct from (new.name, new.email, new.attributes)) execute function heddle.rename_visitor();

revoke execute on function
  heddle.begin_conversation, heddle.with_need, heddle.number_change, heddle.act_as, heddle.written_line, heddle.names_of, heddle.name_in_lines,
  heddle.announce_change, heddle.keep_line, heddle.forget_conversation, heddle.number_note, heddle.announce_note,
  heddle.touch_conversation, heddle.label_conversation, heddle.count_bots, heddle.rename_visitor
from public;
