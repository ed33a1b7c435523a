import type { DeleteItemAnswer, OfficeAnswer, UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Item } from "../../shared/items.ts";
import type { Office, VisitorField } from "../../shared/tabs.ts";
import { outcomeOf, type Problem } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import type { Conversation } from "../../client/sync/conversation.ts";
import { isGone } from "../../client/sync/conversation_view.ts";
import { messageEntry } from "../../client/sync/conversation_events.ts";
import { type KeptEdits, keptEdits } from "../../client/sync/kept_edits.ts";
import { ITEM } from "./answers.ts";
import { ENTRY } from "./clicks.ts";
import type { ThreadSetup } from "./thread_view.ts";
import { DELETED } from "./writes.ts";

/** A browser, as it is when it subscribes to push messages. */
export interface PushDevice {
  endpoint: string;
  keys: { p256dh: string; auth: string } | null;
}

/**
 * What a visitor can do about a conversation that Heddle keeps, beside writing into it. Each resolves to the problem,
 * or to `null` once it is done and shown.
 */
export interface KeptConversation {
  /** Asks for a person, or no longer. */
  askForPerson(wanted: boolean): Promise<Problem | null>;
  /** Changes the text of one of the visitor's messages as long as it is that version, or with `null` takes it back. */
  change(entryId: string, body: string | null, version?: string): Promise<Problem | null>;
  /** Wants no more of a message that still grows. */
  stop(entryId: string): Promise<Problem | null>;
  /** Corrections that the visitor has not saved yet. */
  edits(): KeptEdits;
  /** Tells the team who the visitor is. */
  introduce(visitor: Partial<Record<VisitorField, string>>): Promise<Problem | null>;
  /** Tells the visitor of answers in this browser; without keys: no longer. */
  push(device: PushDevice): Promise<Problem | null>;
  /** That visitor has said who they are, or that they would rather not. */
  isIntroduced(visitorId: string): boolean;
  setIntroduced(visitorId: string): void;
  /** Whether somebody is there now; `null` where no answer came. */
  office(): Promise<Office | null>;
  /** It was erased or removed. */
  isGone(): boolean;
}

const OFFICE: Shape<OfficeAnswer> = {
  "office?": { "greeting?": "", away: true, "awayMessage?": "", "changesAt?": "" },
};

/** Of an agent that has neither a greeting nor office hours any more. */
const ALWAYS_THERE: Office = { away: false };

const CHANGED: Shape<UpdateItemAnswer> = { "item?": ITEM, "entry?": ENTRY };

/** `onItem` gets the conversation's row as the answer to a request that started then tells it. */
export function createKeptConversation(
  { environment, scope, writings, calls, list, outbox, hooks }: ThreadSetup,
  conversation: Pick<Conversation, "state" | "told" | "refetcher">,
  onItem: (item: Item, startedAt: number) => void,
): KeptConversation {
  const tabId = list.tab.id;
  const { storage } = environment;
  let [edits, editsIn]: [KeptEdits?, (string | null)?] = [];
  const introducedKey = `heddle:${tabId}:introduced`;

  async function update(changes: Record<string, unknown>, entryId?: string): Promise<Problem | null> {
    const startedAt = environment.nextInOrder();
    const itemId = outbox.itemId ?? "";
    const request = { action: "update_item", tabId, itemId, entryId, changes } as const;
    const result = await calls.act<UpdateItemAnswer>(request, CHANGED);
    const { item, entry } = result.ok ? result.value : {};
    if (item) onItem(item, startedAt);
    if (entry) conversation.told(messageEntry(entry));
    // What it says by now may have been told by a broadcast that did not arrive.
    if (!result.ok && result.problem.code === "conflict") conversation.refetcher.hint();
    return outcomeOf(result, hooks.onProblem);
  }

  async function takeBack(entryId: string): Promise<Problem | null> {
    const itemId = outbox.itemId ?? "";
    const request = { action: "delete_item", tabId, itemId, entryId } as const;
    const result = await calls.act<DeleteItemAnswer>(request, DELETED);
    const entry = conversation.state.value.entries.find(({ id }) => id === entryId);
    const deletedAt = new Date(environment.now()).toISOString();
    if (result.ok && entry) {
      conversation.told(messageEntry({ ...entry, body: "", attachments: [], deletedAt }));
    }
    return outcomeOf(result, hooks.onProblem);
  }

  return {
    askForPerson: (needsHuman) => update({ needsHuman }),
    change: (entryId, body, version) =>
      body === null ? takeBack(entryId) : update({ body, version }, entryId),
    stop: (entryId) => update({ stop: true }, entryId),
    edits() {
      const { itemId } = outbox;
      const keep: typeof writings.keep = (place, writing) => !scope.ended && writings.keep(place, writing);
      if (!edits || editsIn !== itemId) {
        edits = keptEdits({ ...writings, keep }, { tabId, itemId }, environment);
      }
      editsIn = itemId;
      return edits;
    },
    introduce: (visitor) => update({ visitor }),
    push: (push) => update({ push }),
    async office() {
      const result = await calls.act<OfficeAnswer>({ action: "office", tabId }, OFFICE);
      return result.ok ? result.value.office ?? ALWAYS_THERE : null;
    },
    isGone: () => isGone(conversation.state.value.problem),
    isIntroduced: (visitorId) => storage.read("local", introducedKey) === visitorId,
    setIntroduced: (visitorId) => void storage.write("local", introducedKey, visitorId),
  };
}
