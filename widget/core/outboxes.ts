import type { CreateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Environment } from "../../client/platform/environment.ts";
import { createOutbox, type Outbox } from "../../client/sync/outbox.ts";
import { createWritings, DRAFT, type Writings } from "../../client/sync/writings.ts";
import { CREATED } from "./clicks.ts";
import { storageKeys } from "./session/store.ts";
import type { KeptForm, ThreadsSetup } from "./threads.ts";

/** What a conversation's visitor has written last and has not sent. */
export interface Unsent {
  text: string;
  /** It was not handed over yet. */
  isDraft: boolean;
}

/** Conversations with something that has not gone out, each by `placeKey`. */
export type NotSent = ReadonlyMap<string, Unsent>;

/** In milliseconds: what a visitor wrote longer ago, they may have settled otherwise. */
const DAY = 24 * 3_600_000;

/** `itemId: null` is the conversation that is yet to begin. */
export function placeKey(tabId: string, itemId: string | null): string {
  return JSON.stringify([tabId, itemId]);
}

/** What was written, by tab and conversation, on this page and on earlier ones. */
export function createOutboxes(setup: ThreadsSetup, languageShown?: () => string) {
  const { environment, agentId, viewerId, tabs, scope, calls, lists, notSent, onProblem } = setup;
  const all: { tabId: string; outbox: Outbox<CreateItemAnswer> }[] = [];
  const echoSupport = createEchoSupport(environment.storage, agentId);
  const { writingKey } = storageKeys(agentId);
  const writings = createWritings(environment, writingKey, viewerId);

  function make(tab: Tab, itemId: string | null): Outbox<CreateItemAnswer> {
    const tabId = tab.id;
    return createOutbox<CreateItemAnswer>({
      environment,
      scope,
      viewer: "visitor",
      itemId,
      keeper: {
        read: (itemId) => writings.read({ tabId, itemId }),
        // The visitor may have left for good: nothing is kept of them then.
        keep: (itemId, writing) => !scope.ended && writings.keep({ tabId, itemId }, writing),
        alone: (clientId, run) => environment.exclusively(`${writingKey}:${clientId}`, run),
      },
      send({ itemId, ...entry }) {
        const conversation = {
          ...(itemId !== null && { itemId }),
          ...(tab.source === "store" && { page: environment.page.info(), language: languageShown?.() }),
        };
        return calls.act({ action: "create_item", tabId, ...conversation, ...entry }, CREATED);
      },
      goesFor: DAY,
      isIdempotent: () => tab.source === "store" || echoSupport.expectedOf(tabId),
      onAccepted({ entry, item }, startedAt) {
        if (entry?.clientId) echoSupport.seen(tabId);
        else echoSupport.missed(tabId);
        lists.of(tab).written(item, startedAt);
      },
      onChange: tell,
      onProblem,
    });
  }

  function tell() {
    const next = new Map<string, Unsent>();
    for (const { tabId, outbox } of all) {
      const unsent = unsentIn(outbox);
      if (unsent.text) next.set(placeKey(tabId, outbox.itemId), unsent);
    }
    if (!scope.ended && JSON.stringify([...next]) !== JSON.stringify([...notSent.value])) {
      notSent.value = next;
    }
  }

  const outboxes = {
    echoSupport,
    writings,
    of(tab: Tab, itemId: string | null): Outbox<CreateItemAnswer> {
      const known = all.find(({ tabId, outbox }) =>
        tabId === tab.id && outbox.itemId === itemId && (itemId !== null || !hasBegun(outbox))
      );
      if (known) return known.outbox;
      const outbox = make(tab, itemId);
      all.push({ tabId: tab.id, outbox });
      tell();
      return outbox;
    },
    form(tabId: string, itemId: string): KeptForm {
      const place = { tabId, itemId };
      return {
        read: () => writings.read(place).find(({ id }) => id === DRAFT)?.text ?? "",
        keep: (text) => scope.ended || writings.keep(place, { id: DRAFT, text, at: environment.now() }),
      };
    },
    flush() {
      for (const { outbox } of all) outbox.flush();
    },
  };
  restore(writings, tabs, outboxes.of);
  return outboxes;
}

/** Takes up what earlier pages have not sent. */
function restore(writings: Writings, tabs: readonly Tab[], open: (tab: Tab, itemId: string | null) => void) {
  for (const { tabId, itemId } of writings.places()) {
    const tab = tabs.find(({ id, category }) => id === tabId && category === "messaging");
    if (tab) open(tab, itemId);
  }
}

/** True also where the owner's answer did not name the conversation that its first message began. */
function hasBegun(outbox: Outbox<CreateItemAnswer>): boolean {
  return outbox.entries().some(({ delivery }) => delivery === "sent");
}

function unsentIn(outbox: Outbox<CreateItemAnswer>): Unsent {
  const stuck = outbox.entries().findLast(({ delivery }) => isStuck(delivery));
  const { text, problem } = outbox.draft.value;
  return stuck ? { text: stuck.body, isDraft: false } : { text: text.trim(), isDraft: !problem };
}

function isStuck(delivery: string | undefined): boolean {
  return delivery !== undefined && !/^sen/.test(delivery);
}

/** Which tabs' owners echo `clientId`, so that sending twice stores once (docs/realtime.md, rule 7). */
interface EchoSupport {
  expectedOf(tabId: string): boolean;
  seen(tabId: string): void;
  /** The owner accepted an entry and did not echo: until the next echo, the tab's owner is not known to. */
  missed(tabId: string): void;
}

/**
 * This depends on the owner and not on the visitor, so it is kept beyond page and visit: the network may fail
 * before a page has seen an echo.
 */
function createEchoSupport(storage: Environment["storage"], agentId: string): EchoSupport {
  const { echoKey } = storageKeys(agentId);
  const expectedOf = (tabId: string) => storage.read("local", echoKey + tabId) !== null;
  return {
    expectedOf,
    seen(tabId) {
      if (!expectedOf(tabId)) storage.write("local", echoKey + tabId, "1");
    },
    missed: (tabId) => void storage.write("local", echoKey + tabId, null),
  };
}
