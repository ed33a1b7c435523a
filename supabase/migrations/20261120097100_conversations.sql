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

create table heddle.visitors (
  id bigint generated always as identity primary key,
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  end_user_id text collate "C" not null check (octet_length(end_user_id) between 1 and 128),
  name text check (length(name) <= 200),
  email text check (length(email) <= 320),
  searched text generated always as (heddle.folded(coalesce(name, '') || ' ' || coalesce(email, ''))) stored,
  page jsonb check (jsonb_typeof(page) = 'object' and octet_length(page::text) <= 16384),
  last_seen_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  signed_in_as bigint references heddle.visitors (id) on delete set null,
  answered_from bytea,
  unique (agent_id, end_user_id)
);
create index visitors_signed_in_as on heddle.visitors (signed_in_as) where signed_in_as is not null;
alter table heddle.visitors enable row level security;

comment on table heddle.visitors is 'Visitors who have written. Whoever only looks leaves nothing.';
comment on column heddle.visitors.searched is 'Name and email as the search for people reads them.';
comment on column heddle.visitors.signed_in_as is
  'Of an anonymous one: who signed in first in their browser, and has what was written there before.';
comment on column heddle.visitors.answered_from is
  'The hash of the address from which they last answered a mail: whoever does has it.';
comment on column heddle.visitors.page is
  'Where they last wrote from: title, url, locale, timeZone. Read it by heddle.plain_page.';

create table heddle.conversations (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  visitor_id bigint not null references heddle.visitors (id) on delete cascade,
  kind text not null default 'conversation' check (kind in ('conversation', 'room')),
  platform text not null default 'WIDGET' check (platform ~ '^[A-Z][A-Z0-9_]{0,31}$'),
  name text check (length(name) <= 200),
  page_name text check (length(page_name) <= 200),
  status text not null default 'open' check (status in ('open', 'snoozed', 'resolved')),
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
create index conversations_changed on heddle.conversations (agent_id, xid, id);
alter table heddle.conversations enable row level security;

comment on table heddle.conversations is 'Threads between visitors and the team.';
comment on column heddle.conversations.visitor_id is 'Who began it. All visitors of a room are its participants.';
comment on column heddle.conversations.seq is 'Counts every change that a visitor may see: messages, edits, deletions, reads.';
comment on column heddle.conversations.rev is 'Counts every change that an operator may see.';
comment on column heddle.conversations.bot_responds is 'Whether one of its bots answers by itself, at least while nobody has claimed it.';
comment on column heddle.conversations.preview is
  'The beginning of the newest message, empty for one of files alone. Null where that was deleted, or there is none.';
comment on column heddle.conversations.last_author_id is 'Which operator wrote the newest message. Null where another did.';
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
  role text not null check (role in ('visitor', 'operator', 'bot')),
  visitor_id bigint references heddle.visitors (id) on delete cascade,
  user_id uuid,
  bot text check (length(bot) between 1 and 120),
  auto_respond text not null default 'never' check (auto_respond in ('always', 'unclaimed', 'never')),
  unread integer not null default 0,
  read_seq integer not null default 0,
  delivered_seq integer not null default 0,
  last_message_at timestamptz,
  constraint participants_role check (
    (role = 'visitor') = (visitor_id is not null) and (role = 'operator') = (user_id is not null)
    and (role = 'bot') = (bot is not null) and (role = 'bot' or auto_respond = 'never')
  )
) with (autovacuum_vacuum_scale_factor = 0.02);
create unique index participants_visitors on heddle.participants (conversation_id, visitor_id) where role = 'visitor';
create unique index participants_operators on heddle.participants (conversation_id, user_id) where role = 'operator';
create unique index participants_bots on heddle.participants (conversation_id, bot) where role = 'bot';
create index participants_of_visitor on heddle.participants (visitor_id, last_message_at desc, conversation_id desc)
  where role = 'visitor';
alter table heddle.participants enable row level security;

comment on table heddle.participants is 'Who takes part: visitors with their cursors, operators who have written, bots.';

create table heddle.messages (
  conversation_id uuid not null references heddle.conversations (id) on delete cascade,
  seq integer not null,
  changed_seq integer not null,
  changed_rev integer not null,
  client_id uuid,
  role text not null check (role in ('visitor', 'operator', 'bot', 'system')),
  author_id text,
  author_name text,
  body text not null default '' check (octet_length(body) <= 65536),
  blocks jsonb check (jsonb_typeof(blocks) = 'array'),
  attachments jsonb check (attachments is null or heddle.are_files(attachments)),
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  status text check (status in ('streaming', 'cancelled', 'error')),
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
  body text not null default '' check (octet_length(body) <= 65536),
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
