import { install } from "../../../widget/loader/api.ts";
import { createWidget } from "../../../widget/loader/widget/widget.ts";
import { mountPanel } from "../../../widget/ui/main.tsx";
import { createFakeCore, type FakeCore } from "../fake_core.ts";
import { minutesAgo, readySession, sampleEntry, sampleItem } from "../sample_widget.ts";

declare global {
  /** The core behind the widget of the preview page, for tests to set its state. */
  var core: FakeCore;
}

const VISITOR = { role: "visitor" } as const;
const DAY = 24 * 60;
const MANY = 60;

const long = Array.from({ length: MANY }, (_, index) =>
  sampleEntry({
    id: `m${index}`,
    body: `Message ${index}. ${"Words ".repeat((index * 7) % 30)}`,
    createdAt: minutesAgo((MANY - index) * 4),
    ...(index % 3 === 0 && { author: VISITOR }),
  }));

globalThis.core = createFakeCore({
  session: { status: "idle" },
  items: {
    messages: [
      sampleItem({
        id: "1",
        title: "Yellow leaves",
        preview: "Too much water?",
        timestamp: minutesAgo(2),
        unread: 2,
      }),
      sampleItem({
        id: "2",
        title: "Book club",
        preview: "See you then!",
        timestamp: minutesAgo(DAY),
        status: "open",
      }),
      sampleItem({ id: "3", timestamp: minutesAgo(40 * DAY) }),
    ],
    orders: [
      sampleItem({
        id: "o1",
        title: "Order #1042",
        preview: "Monstera",
        status: "Shipped",
        fields: { total: 84, tracking: "https://parcels.example.com/9Q", note: "Ring twice", gift: true },
      }),
    ],
  },
  entries: {
    "1": [
      sampleEntry({
        id: "a",
        author: VISITOR,
        body: "The lower leaves turn yellow.",
        createdAt: minutesAgo(DAY),
      }),
      sampleEntry({
        id: "b",
        author: VISITOR,
        body: "A photo:",
        createdAt: minutesAgo(DAY - 1),
        readAt: minutesAgo(50),
        attachments: [{ url: "https://files.example.com/leaf.pdf", name: "leaf.pdf", size: 482_000 }],
      }),
      sampleEntry({ id: "c", author: { role: "system" }, body: "Maya joined", createdAt: minutesAgo(41) }),
      sampleEntry({ id: "d", body: "See https://example.com/guide.", createdAt: minutesAgo(40) }),
      sampleEntry({ id: "e", body: "Better now?", createdAt: minutesAgo(39), editedAt: minutesAgo(38) }),
      sampleEntry({ id: "f", body: "", createdAt: minutesAgo(38), deletedAt: minutesAgo(37) }),
    ],
    "2": long,
  },
});
core.start = () => {
  const session = readySession();
  core.session.value = session;
  if (session.status === "ready") core.emit("ready", { endUser: session.endUser });
  core.unreadByTab.value = { messages: 2 };
  return Promise.resolve();
};

const { accent, locale, theme } = Object.fromEntries(new URLSearchParams(location.search));
install({ agentId: "preview", apiOrigin: location.origin, accent, locale, theme }, {
  core: () => Promise.resolve({ createWidget }),
  ui: () => Promise.resolve({ mountPanel }),
});
