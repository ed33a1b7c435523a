-- What goes wrong with owners' webhooks, and how often visitors may call.

create table heddle.widget_issues (
  agent_id uuid not null,
  tab_id uuid not null,
  action text not null,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,63}$'),
  hour timestamptz not null,
  count integer not null default 1 check (count > 0),
  host text,
  detail text,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (agent_id, tab_id, action, kind, hour),
  foreign key (agent_id, tab_id) references heddle.tabs (agent_id, id) on delete cascade
);
create index widget_issues_hour on heddle.widget_issues (hour);
alter table heddle.widget_issues enable row level security;

comment on table heddle.widget_issues is
  'Failures of webhooks: one row per agent, tab, action, kind and hour, kept for 30 days.';
comment on column heddle.widget_issues.host is 'The host only: a webhook''s URL may be a secret.';
comment on column heddle.widget_issues.detail is 'Of the latest failure.';

-- Unlogged: buckets need no disk, and after a crash full ones are the right answer.
create unlogged table heddle.rate_buckets (
  agent_id uuid not null,
  subject text not null check (subject in ('visitor', 'address', 'operator')),
  mode text not null check (mode in ('read', 'write', 'typing', 'presence', 'validate', 'key', 'mail')),
  key text collate "C" not null,
  full_at timestamptz not null,
  primary key (agent_id, subject, mode, key)
) with (fillfactor = 70);
alter table heddle.rate_buckets enable row level security;

comment on table heddle.rate_buckets is 'Token buckets. A bucket that is missing is full.';
comment on column heddle.rate_buckets.agent_id is
  'For validations and unknown API keys the nil uuid: whoever may name any agent would have as many buckets as there are
uuids.';
comment on column heddle.rate_buckets.full_at is 'When it will be full again: later by one step for every token taken.';
comment on column heddle.rate_buckets.key is 'The visitor''s id, the operator''s user id, or the hash of an address.';
