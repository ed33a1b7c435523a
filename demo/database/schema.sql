create table if not exists shoppers (
  id text primary key,
  name text not null,
  email text not null
);

create table if not exists sessions (
  id uuid primary key default gen_random_uuid(),
  shopper_id text not null references shoppers
);

-- visitor_id is the id that the shop signs into the visitor's token: here that of a shopper.
create table if not exists conversations (
  id text primary key default gen_random_uuid()::text,
  visitor_id text not null,
  visitor_name text not null,
  subject text not null,
  status text not null default 'open' check (status in ('open', 'resolved'))
);
create index if not exists conversations_of_visitor on conversations (visitor_id);

create table if not exists messages (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversations,
  author text not null check (author in ('visitor', 'operator')),
  body text not null,
  -- The widget's idempotency key: the same message sent twice is one row.
  client_id uuid unique,
  -- In the order of ids, also where a transaction has waited: Heddle sorts what a page holds by time.
  created_at timestamptz not null default clock_timestamp(),
  -- When the other side has read it.
  read_at timestamptz
);
create index if not exists messages_of_conversation on messages (conversation_id, id);

create table if not exists orders (
  id text primary key,
  visitor_id text not null,
  placed_at timestamptz not null,
  status text not null check (status in ('packing', 'shipped', 'delivered', 'cancelled')),
  contents text not null,
  total_cents integer not null,
  note text not null default '',
  hidden boolean not null default false
);
create index if not exists orders_of_visitor on orders (visitor_id, placed_at);

-- The answers to Heddle's writing webhooks, by webhook-id.
create table if not exists webhook_calls (
  id text primary key,
  answer jsonb,
  received_at timestamptz not null default now()
);
