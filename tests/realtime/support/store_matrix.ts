/** Who stands outside a conversation of the store: another's conversation, another's team. */
export const ROLES = [
  "anon",
  "another visitor",
  "a user of the owner's app",
  "another organisation's operator",
  "an operator of the organisation's other agent",
  "a dismissed operator",
  "a publish key",
] as const;
export type Role = typeof ROLES[number];

/**
 * - `server`: for edge functions and the command line, with the secret key.
 * - `team`: for members, who are looked up; to others the agent or conversation does not exist.
 * - `caller`: for whoever is signed in; it answers of the caller alone.
 */
export type Audience = "server" | "team" | "caller";

/** Every function of heddle_api. One that is missing here fails. */
export const FUNCTIONS: Record<string, Audience> = {
  bot_begin: "server",
  bot_done: "server",
  bot_take: "server",
  broadcast: "server",
  create_agent: "server",
  create_api_key: "server",
  create_bot: "server",
  create_connector: "server",
  create_room: "server",
  create_tab: "server",
  delete_room: "server",
  deliveries_due: "server",
  end_delivery: "server",
  erase_anonymous_visitor: "server",
  event_reach: "server",
  events_after: "server",
  events_until: "server",
  get_agent: "server",
  give_ticket: "server",
  inbox_assign: "team",
  inbox_changes: "team",
  inbox_channels: "caller",
  inbox_claim: "team",
  inbox_counts: "team",
  inbox_create_bot: "team",
  inbox_create_room: "team",
  inbox_create_tab: "team",
  inbox_delete_label: "team",
  inbox_delete_reply: "team",
  inbox_delete_room: "team",
  inbox_dismiss_notifications: "team",
  inbox_edit: "team",
  inbox_edit_note: "team",
  inbox_events: "caller",
  inbox_erase_visitor: "team",
  inbox_export_visitor: "team",
  inbox_here: "caller",
  inbox_label: "team",
  inbox_list: "team",
  inbox_members: "team",
  inbox_needs_human: "team",
  inbox_note: "team",
  inbox_notifications: "team",
  inbox_post: "team",
  inbox_present: "team",
  inbox_read: "team",
  inbox_read_notifications: "team",
  inbox_remove_bot: "team",
  inbox_remove_member: "team",
  inbox_remove_participant: "team",
  inbox_replies: "team",
  inbox_resolve_many: "team",
  inbox_rules: "team",
  inbox_save_label: "team",
  inbox_save_reply: "team",
  inbox_search: "team",
  inbox_set_participant: "team",
  inbox_set_rule: "team",
  inbox_site: "team",
  inbox_status: "team",
  inbox_stop: "team",
  inbox_thread: "team",
  inbox_thread_changes: "team",
  inbox_typing: "team",
  inbox_update_member: "team",
  inbox_update_room: "team",
  inbox_visitor: "team",
  invite_member: "server",
  is_delivery_worker: "server",
  list_agents: "server",
  list_api_keys: "server",
  list_bots: "server",
  list_connectors: "server",
  list_issues: "server",
  list_members: "server",
  list_rules: "server",
  list_tabs: "server",
  notify: "server",
  publish_context: "server",
  read_events: "server",
  record_issue: "server",
  remove_agent: "server",
  remove_bot: "server",
  remove_connector: "server",
  remove_member: "server",
  remove_room_participant: "server",
  remove_tab: "server",
  revoke_api_key: "server",
  rotate_signing_secret: "server",
  rotate_webhook_secret: "server",
  send_events: "server",
  set_room_participant: "server",
  set_rule: "server",
  set_tab_actions: "server",
  store_changes: "server",
  store_edit: "server",
  store_erase: "server",
  store_export: "server",
  store_import: "server",
  store_list: "server",
  store_needs_human: "server",
  store_post: "server",
  store_read: "server",
  store_stop: "server",
  store_thread: "server",
  store_typing: "server",
  store_visitor: "server",
  stream_begin: "server",
  stream_end: "server",
  stream_grow: "server",
  tab_context: "server",
  tail_events: "server",
  take_deliveries: "server",
  take_ticket: "server",
  tell_typing: "server",
  tend_store: "server",
  touch_api_key: "server",
  update_agent: "server",
  update_connector: "server",
  update_room: "server",
  update_tab: "server",
  wake_deliveries: "server",
  widget_context: "server",
  write_event: "server",
};

/** What the role of operators has no right to. */
export const OWNERS_ONLY = [
  "inbox_delete_room",
  "inbox_create_bot",
  "inbox_create_tab",
  "inbox_erase_visitor",
  "inbox_export_visitor",
  "inbox_remove_bot",
  "inbox_remove_member",
  "inbox_rules",
  "inbox_set_rule",
  "inbox_site",
  "inbox_update_member",
];

/** Neither a visitor's session nor a publish key is a token of the project. */
const NO_TOKEN = { server: "401 PGRST301", team: "401 PGRST301", caller: "401 PGRST301" } as const;
const SIGNED_IN = { server: "403 42501", team: "404 PT404", caller: "200" } as const;

/** What each role gets from the Data API: a refusal, or 200 for what tells it of itself only. */
export const RPC: Record<Role, Record<Audience, string>> = {
  "anon": { server: "401 42501", team: "401 42501", caller: "401 42501" },
  "another visitor": NO_TOKEN,
  "a user of the owner's app": SIGNED_IN,
  "another organisation's operator": SIGNED_IN,
  "an operator of the organisation's other agent": SIGNED_IN,
  "a dismissed operator": SIGNED_IN,
  "a publish key": NO_TOKEN,
};

/** `list` and `conversation` carry hints, the content ones what was written; inboxes and events are numbered. */
export const CHANNELS = [
  "list",
  "conversation",
  "content list",
  "content conversation",
  "inbox",
  "earlier inbox",
  "inbox to come",
  "misspelt inbox",
  "events",
  "earlier events",
  "misspelt events",
] as const;
export type Channel = typeof CHANNELS[number];

/** How a channel may be listened to or spoken on. */
export const WAYS = [
  "join",
  "replay",
  "public join",
  "send",
  "presence",
  "REST single",
  "REST batch",
] as const;
export type Way = typeof WAYS[number];

/** `deaf`: lets it join the name, in a space of its own where nothing is ever sent. `dropped`: taken, and given to nobody. */
export type Outcome = "refused" | "joins" | "deaf" | "dropped";

const INBOX: Record<Way, Outcome> = {
  "join": "refused",
  "replay": "refused",
  "public join": "deaf",
  "send": "refused",
  "presence": "refused",
  "REST single": "refused",
  "REST batch": "dropped",
};
/** A visitor's name is a capability to listen, for whoever knows it: who learns it is another test's matter. */
const CAPABILITY: Record<Way, Outcome> = { ...INBOX, "join": "joins", "replay": "joins" };
const WITHOUT_TOKEN: Record<Way, Outcome> = {
  "join": "refused",
  "replay": "refused",
  "public join": "refused",
  "send": "refused",
  "presence": "refused",
  "REST single": "refused",
  "REST batch": "refused",
};

const FOR_KEYS: Record<Channel, Record<Way, Outcome>> = {
  "list": CAPABILITY,
  "conversation": CAPABILITY,
  "content list": CAPABILITY,
  "content conversation": CAPABILITY,
  "inbox": INBOX,
  "earlier inbox": INBOX,
  "inbox to come": INBOX,
  "misspelt inbox": INBOX,
  "events": INBOX,
  "earlier events": INBOX,
  "misspelt events": INBOX,
};
const FOR_NO_KEY: Record<Channel, Record<Way, Outcome>> = {
  "list": WITHOUT_TOKEN,
  "conversation": WITHOUT_TOKEN,
  "content list": WITHOUT_TOKEN,
  "content conversation": WITHOUT_TOKEN,
  "inbox": WITHOUT_TOKEN,
  "earlier inbox": WITHOUT_TOKEN,
  "inbox to come": WITHOUT_TOKEN,
  "misspelt inbox": WITHOUT_TOKEN,
  "events": WITHOUT_TOKEN,
  "earlier events": WITHOUT_TOKEN,
  "misspelt events": WITHOUT_TOKEN,
};

/** What becomes of each role on each channel, by each way. */
export const REALTIME: Record<Role, Record<Channel, Record<Way, Outcome>>> = {
  "anon": FOR_KEYS,
  "another visitor": FOR_NO_KEY,
  "a user of the owner's app": FOR_KEYS,
  "another organisation's operator": FOR_KEYS,
  "an operator of the organisation's other agent": FOR_KEYS,
  "a dismissed operator": FOR_KEYS,
  "a publish key": FOR_NO_KEY,
};
