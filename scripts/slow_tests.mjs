/**
 * What `npm test` leaves to `npm run test:robustness`: files that take long, and that only a change of what they are about
 * breaks. Whoever works on that names the file: `npm test -- --project e2e inbox_panes`.
 * @type {Record<string, string[]>}
 */
const GROUPS = {
  /** Every screen in every look, and what is beside the way from a message to its answer. */
  "tests/e2e": [
    "accessibility",
    "bot",
    "deployed_widget",
    "docs_costs",
    "embed",
    "inbox_bulk",
    "inbox_list",
    "inbox_lost_parts",
    "inbox_panes",
    "inbox_rooms",
    "inbox_search",
    "inbox_settings",
    "inbox_team",
    "inbox_webhooks",
    "languages",
    "logout",
    "notification_channels",
    "notifications",
    "office_hours",
    "orders",
    "page_around",
    "visitor_push",
    "widget_behaviour",
    "widget_states",
  ],
  /** What owners type a few times, against projects in every condition. */
  "tests/integration/cli": ["deploy", "deploy_widget", "doctor", "init", "install", "package"],
  "tests/docs/run": [
    "commands",
    "error_codes",
    "event_webhooks",
    "gateway",
    "local",
    "notifications",
    "own_site",
    "rest",
    "self_hosted",
    "streaming",
    "subscriptions",
    "upgrade",
  ],
  /** Whatever can be given to whatever there is. */
  "tests/integration/database": ["store_hostile"],
  "tests/integration/gateway": ["container"],
  "tests/integration/functions": ["generated_requests", "owner_failures", "quiet_bots"],
  /** The local stack as a stand-in for Supabase, of which Heddle's own tests need but a part. */
  "tests/integration/local": ["auth", "auth_mails", "proxy", "superuser"],
  "tests/realtime": [
    "both_protocols",
    "database",
    "faults",
    "frames",
    "from_database",
    "join",
    "limits",
    "partitions",
    "presence",
    "proxy",
    "quirks",
    "rate_limit",
    "replay",
    "rest_batch",
    "rest_single",
    "tokens",
    "upgrade",
  ],
};

/** Paths from the project's folder. */
export const SLOW_TESTS = Object.entries(GROUPS).flatMap(([folder, names]) =>
  names.map((name) => `${folder}/${name}.test.ts`)
);
