/**
 * What `npm run bench` measures, in the order of its table. tests/bench/README.md explains each by its id.
 * @typedef {{ atLeast: number } | { atMost: number } | { equals: number }} Bound
 * @typedef {{ id: string, title: string, unit: string, reach?: Bound }} MeasureKind
 */

/** A reach holds for value ÷ reference where there is a reference, else for the value. */
export const MEASURES = /** @type {const} @satisfies {readonly MeasureKind[]} */ ([
  {
    id: "publishes_per_second",
    title: "publishes, 32 connections, against a bare function that makes two POSTs to Realtime",
    unit: "1/s",
    reach: { atLeast: 0.8 },
  },
  {
    id: "publish_to_callback_p50",
    title: "publish → callback, p50, against a direct REST broadcast",
    unit: "ms",
    reach: { atMost: 1.5 },
  },
  {
    id: "publish_to_callback_p99",
    title: "publish → callback, p99, against a direct REST broadcast",
    unit: "ms",
    reach: { atMost: 1.5 },
  },
  {
    id: "publish_to_callback_socketio_p50",
    title: "publish → callback, p50, beside socket.io: POST → io.to(room).emit",
    unit: "ms",
  },
  {
    id: "publish_to_callback_socketio_p99",
    title: "publish → callback, p99, beside socket.io: POST → io.to(room).emit",
    unit: "ms",
  },
  {
    id: "publish_to_page_p50",
    title: "publish → message in the page, p50, against publish → callback and one tab action",
    unit: "ms",
    reach: { atMost: 1.3 },
  },
  {
    id: "longest_task_loading",
    title: "longest task of a page's load on a slow phone, against the page without the widget",
    unit: "ms",
  },
  {
    id: "longest_task_opening",
    title: "longest task while the panel opens on a slow phone, against a tap on the page without the widget",
    unit: "ms",
  },
  {
    id: "longest_task_thread",
    title: "longest task while a thread opens on a slow phone, against a tap on the page without the widget",
    unit: "ms",
  },
  {
    id: "slow_3g_to_thread",
    title: "tap on the launcher → thread, nothing cached, Slow 3G and a slow phone",
    unit: "ms",
  },
  {
    id: "links_in_long_word",
    title: "links of 100,000 letters without a space, against as much prose",
    unit: "ms",
    reach: { atMost: 2 },
  },
  {
    id: "normaliser_cpu",
    title: "normalising the owner's answer of 1 MiB that is the most work, processor time",
    unit: "ms",
    reach: { atMost: 500 },
  },
  {
    id: "normaliser_memory",
    title: "normalising the owner's answer of 1 MiB that takes the most memory",
    unit: "MB",
    reach: { atMost: 100 },
  },
  {
    id: "function_start",
    title:
      "what tab-fetch's bundle adds to the start of its process under the hosted Deno, against its sources",
    unit: "ms",
    reach: { atMost: 0.6 },
  },
  {
    id: "database_publishes_per_second_1",
    title: "publishes to two channels by the database, 1 in flight, against REST",
    unit: "1/s",
  },
  {
    id: "database_to_callback_p50_1",
    title: "from the start of such a publish to its last callback, p50, against REST",
    unit: "ms",
  },
  {
    id: "database_publishes_per_second_8",
    title: "publishes to two channels by the database, 8 in flight, against REST",
    unit: "1/s",
  },
  {
    id: "database_to_callback_p50_8",
    title: "from the start of such a publish to its last callback, p50, against REST",
    unit: "ms",
  },
  {
    id: "database_publishes_per_second_32",
    title: "publishes to two channels by the database, 32 in flight, against REST",
    unit: "1/s",
  },
  {
    id: "database_to_callback_p50_32",
    title: "from the start of such a publish to its last callback, p50, against REST",
    unit: "ms",
  },
  {
    id: "queries_per_publish",
    title: "our queries per publish, warm",
    unit: "",
    reach: { equals: 0 },
  },
  {
    id: "queries_per_tab_call",
    title: "our queries per tab call",
    unit: "",
    reach: { equals: 1 },
  },
  {
    id: "webhook_calls_per_message",
    title: "webhook calls per message that comes, with one open widget",
    unit: "",
    reach: { atMost: 3 },
  },
  {
    id: "webhook_calls_per_visitor_message",
    title: "webhook calls per message that the visitor writes, with one open widget",
    unit: "",
    reach: { atMost: 3 },
  },
  {
    id: "page_view_requests",
    title: "requests of an idle page view after the first",
    unit: "",
    reach: { atMost: 1 },
  },
  {
    id: "unchanged_refetch_status",
    title: "status of an unchanged refetch",
    unit: "",
    reach: { equals: 304 },
  },
  {
    id: "unchanged_refetch_bytes",
    title: "bytes of its body",
    unit: "B",
    reach: { equals: 0 },
  },
  {
    id: "invocations_per_first_page_view",
    title: "function calls per first page view of a known visitor, preflights too",
    unit: "",
  },
  {
    id: "invocations_per_page_view",
    title: "function calls per further page view, left before a connection opens",
    unit: "",
  },
  {
    id: "invocations_per_live_page_view",
    title: "function calls per further page view that stays and goes live",
    unit: "",
  },
  {
    id: "invocations_per_incoming_message",
    title: "function calls per message that comes, its publish too, with one open widget",
    unit: "",
  },
  {
    id: "invocations_per_visitor_message",
    title: "function calls per message that the visitor writes, its publish too",
    unit: "",
  },
  {
    id: "realtime_messages_per_publish",
    title: "Realtime messages per publish to list and thread, with one open widget",
    unit: "",
  },
  {
    id: "store_slowest_p95",
    title: "slowest function of the built-in store, p95 in the server",
    unit: "ms",
    reach: { atMost: 5 },
  },
  {
    id: "store_pages",
    title: "pages of the function that grows most with the store, against a tenth of the messages",
    unit: "",
    reach: { atMost: 3 },
  },
  {
    id: "inbox_first_view",
    title: "inbox: first view of 10,000 conversations on a slow processor, app in the cache",
    unit: "ms",
    reach: { atMost: 1500 },
  },
  {
    id: "inbox_switch_cached",
    title: "inbox: to a conversation that was open before",
    unit: "ms",
    reach: { atMost: 100 },
  },
  {
    id: "inbox_switch_fresh",
    title: "inbox: to a conversation that was not",
    unit: "ms",
    reach: { atMost: 300 },
  },
  {
    id: "inbox_frame_to_pixel",
    title: "inbox: frame of a message → its pixels",
    unit: "ms",
    reach: { atMost: 50 },
  },
  {
    id: "inbox_longest_task_scrolling",
    title: "inbox: longest task while the list is scrolled on a slow processor",
    unit: "ms",
    reach: { atMost: 50 },
  },
  {
    id: "inbox_memory_opened",
    title: "inbox: JavaScript heap after 500 opened conversations, against 50",
    unit: "MB",
    reach: { atMost: 1.5 },
  },
  {
    id: "gateway_matches",
    title: "gateway: topics matched with 100,000 subscriptions",
    unit: "1/s",
    reach: { atLeast: 10_000 },
  },
  {
    id: "gateway_event_to_client_p50",
    title: "gateway: an event in the log → client, p50, without a bus",
    unit: "ms",
    reach: { atMost: 40 },
  },
  {
    id: "gateway_event_to_client_rung_p50",
    title: "gateway: an event in the log → client, p50, rung on NATS",
    unit: "ms",
    reach: { atMost: 10 },
  },
  { id: "gateway_deliveries", title: "gateway: deliveries to 500 clients", unit: "1/s" },
  {
    id: "gateway_deliveries_5000",
    title: "gateway: deliveries to 5,000 clients, beside socket.io's",
    unit: "1/s",
    reach: { atLeast: 0.8 },
  },
  {
    id: "gateway_memory_per_client",
    title: "gateway: memory of one of 5,000 clients, beside socket.io's",
    unit: "KiB",
    reach: { atMost: 1.2 },
  },
  {
    id: "gateway_resume_10000",
    title: "gateway: going on after 10,000 missed events",
    unit: "ms",
    reach: { atMost: 1_000 },
  },
  { id: "memory_idle", title: "memory of all that npm start runs, idle", unit: "MB" },
  { id: "memory_idle_postgres", title: "of it Postgres", unit: "MB" },
  { id: "memory_idle_proxy", title: "of it proxy and Realtime", unit: "MB" },
  { id: "memory_idle_functions", title: "of it the edge functions", unit: "MB" },
  { id: "memory_idle_shop", title: "of it the demo shop", unit: "MB" },
  {
    id: "memory_5000_subscribers",
    title: "proxy and Realtime with 5,000 idle subscribers",
    unit: "MB",
  },
  {
    id: "memory_growth",
    title: "memory per subscriber, of the last 2,500, against the first 2,500",
    unit: "kB",
    reach: { atMost: 1.5 },
  },
  { id: "fan_out_5000", title: "one publish → the last of 5,000 subscribers", unit: "ms" },
  {
    id: "fan_out_deliveries",
    title: "deliveries of it",
    unit: "",
    reach: { equals: 5000 },
  },
  {
    id: "fan_out_growth",
    title: "time of the fastest publish per 1,000 subscribers, of 5,000, against of 1,250",
    unit: "ms",
    reach: { atMost: 1.5 },
  },
]);
