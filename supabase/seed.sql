-- The demo agent, "Fern & Fable". Its keys and secrets are public: for local use only.

insert into heddle.agents (id, org_id, name, display, allowed_origins, anonymous_allowed) values (
  'a0000000-0000-4000-8000-000000000001',
  'c0000000-0000-4000-8000-000000000001',
  'Fern & Fable',
  '{
    "title": "Fern & Fable",
    "accent": "#2f6f4f",
    "theme": "auto",
    "launcher": "Open messages",
    "locale": "en"
  }',
  '{http://127.0.0.1:4173,http://localhost:4173}',
  true
) on conflict do nothing;

insert into heddle.agent_secrets (agent_id, signing_current, webhook_current) values (
  'a0000000-0000-4000-8000-000000000001',
  'local-demo-signing-secret-fern-and-fable-0001',
  'whsec_bG9jYWwtZGVtby13ZWJob29rLXNlY3JldC0wMDAx'
) on conflict do nothing;

insert into heddle.api_keys (agent_id, name, key_hash) values (
  'a0000000-0000-4000-8000-000000000001',
  'demo shop',
  encode(sha256('hdl_local_demo_key_for_the_fern_and_fable_shop'), 'hex')
) on conflict do nothing;

insert into heddle.api_keys (org_id, name, scopes, key_hash) values (
  'c0000000-0000-4000-8000-000000000001',
  'demo events',
  '{events:read,events:write}',
  -- Nobody's: whoever starts the demo gives it a key of their own.
  encode(sha256(gen_random_uuid()::text::bytea), 'hex')
) on conflict do nothing;

insert into heddle.tabs (id, agent_id, name, icon, category, source, position, visitor_fields) values
  (
    'b0000000-0000-4000-8000-000000000001',
    'a0000000-0000-4000-8000-000000000001',
    'Messages', 'chat', 'messaging', 'webhook', 1, '{}'
  ),
  (
    'b0000000-0000-4000-8000-000000000002',
    'a0000000-0000-4000-8000-000000000001',
    'Orders', 'box', 'default', 'webhook', 2, '{}'
  ),
  (
    'b0000000-0000-4000-8000-000000000003',
    'a0000000-0000-4000-8000-000000000001',
    'Chat with us', '👋', 'messaging', 'store', 3, '{name,email}'
  )
on conflict do nothing;

insert into heddle.connectors (id, agent_id, name, host, vault_secret_id)
select
  'd0000000-0000-4000-8000-000000000001',
  'a0000000-0000-4000-8000-000000000001',
  'demo shop',
  '127.0.0.1:4173',
  vault.create_secret('local-demo-connector-token', 'heddle connector d0000000-0000-4000-8000-000000000001')
where not exists (select from heddle.connectors where id = 'd0000000-0000-4000-8000-000000000001');

insert into heddle.tab_actions (agent_id, tab_id, action, enabled, url, connector_id, fields)
select
  'a0000000-0000-4000-8000-000000000001',
  tab_id::uuid,
  action,
  true,
  'http://127.0.0.1:4173/heddle/' || path,
  'd0000000-0000-4000-8000-000000000001',
  fields::jsonb
from (values
  ('b0000000-0000-4000-8000-000000000001', 'messages', 'get_items', '[]'),
  ('b0000000-0000-4000-8000-000000000001', 'messages', 'item_clicked', '[]'),
  ('b0000000-0000-4000-8000-000000000001', 'messages', 'create_item', '[]'),
  ('b0000000-0000-4000-8000-000000000001', 'messages', 'update_item', '[]'),
  ('b0000000-0000-4000-8000-000000000002', 'orders', 'get_items', '[]'),
  ('b0000000-0000-4000-8000-000000000002', 'orders', 'item_clicked', '[]'),
  (
    'b0000000-0000-4000-8000-000000000002', 'orders', 'update_item',
    '[{"key": "note", "label": "Delivery note", "type": "textarea"}]'
  ),
  ('b0000000-0000-4000-8000-000000000002', 'orders', 'delete_item', '[]')
) as demo (tab_id, path, action, fields)
on conflict do nothing;
