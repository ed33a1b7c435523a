-- Tabs, what may be done in them, and how their webhooks are called. `agent_id` is repeated in every table so that
-- foreign keys can refuse one agent's tab with another agent's connector.

create table heddle.connectors (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  name text not null default '',
  kind text not null default 'bearer' check (kind in ('bearer')),
  host text not null check (host ~
    '^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))?$'),
  vault_secret_id uuid not null,
  created_at timestamptz not null default now(),
  unique (agent_id, id)
);
alter table heddle.connectors enable row level security;

comment on table heddle.connectors is 'Credentials for webhooks.';
comment on column heddle.connectors.host is
  'host or host:port, lowercase: the only one that ever gets the credential.';
comment on column heddle.connectors.vault_secret_id is
  'The value, in Vault. No foreign key: Vault''s tables belong to the platform.';

create table heddle.tabs (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references heddle.agents (id) on delete cascade,
  name text not null check (length(name) between 1 and 120),
  icon text,
  category text not null check (category in ('default', 'messaging')),
  source text not null default 'webhook' check (source in ('webhook', 'store')),
  visitor_fields text[] not null default '{}' check (visitor_fields <@ array['name', 'email']),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (agent_id, id),
  constraint tabs_store check (source <> 'store' or category = 'messaging'),
  constraint tabs_visitor_fields check (source = 'store' or visitor_fields = '{}')
);
create index tabs_in_order on heddle.tabs (agent_id, position, id);
alter table heddle.tabs enable row level security;

comment on table heddle.tabs is 'Tabs of a widget, in the order of `position`.';
comment on column heddle.tabs.category is
  'default: a list of records; messaging: conversation threads, live.';
comment on column heddle.tabs.source is
  'What answers the tab''s actions; it decides which of them the tab has. webhook: those that are enabled and have a url.
store: the conversations in this database; every tab of an agent with this source shows the same ones.';

create table heddle.tab_actions (
  agent_id uuid not null,
  tab_id uuid not null,
  action text not null
    check (action in ('get_items', 'item_clicked', 'create_item', 'update_item', 'delete_item')),
  enabled boolean not null default false,
  url text check (url ~ '^https?://' and length(url) <= 2048),
  connector_id uuid,
  fields jsonb not null default '[]' check (jsonb_typeof(fields) = 'array'),
  constraint tab_actions_fields check (
    jsonb_array_length(fields) = jsonb_array_length(jsonb_path_query_array(fields, 'strict $[*] ? (
      @.key like_regex "." flag "s" && @.label like_regex "." flag "s"
      && @.type like_regex "^(text|textarea|number|date|checkbox)$"
    )'))
  ),
  primary key (tab_id, action),
  foreign key (agent_id, tab_id) references heddle.tabs (agent_id, id) on delete cascade,
  foreign key (agent_id, connector_id) references heddle.connectors (agent_id, id)
    on delete set null (connector_id)
);
create index tab_actions_connector_id on heddle.tab_actions (agent_id, connector_id);
alter table heddle.tab_actions enable row level security;

comment on table heddle.tab_actions is 'What a visitor may do in a tab, and which webhook answers it.';
comment on column heddle.tab_actions.fields is
  'Fields of the update form: [{ "key", "label", "type" }]. Only those of update_item are used.';
