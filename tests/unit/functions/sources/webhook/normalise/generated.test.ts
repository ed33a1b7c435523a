import { describe, expect, it } from "vitest";
import * as z from "zod";
import { itemClickedAnswer, tabActionRequest } from "../../../../../../shared/api/tab_action.ts";
import { tabFetchAnswer } from "../../../../../../shared/api/tab_fetch.ts";
import { idProblem } from "../../../../../../shared/ids.ts";
import { entrySchema, itemSchema } from "../../../../../../shared/items.ts";
import { normaliseList } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/list.ts";
import { normaliseThread } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/thread.ts";
import { WebhookError } from "../../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import { normaliseWritten } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/written.ts";
import { createGenerator, type Generator } from "../../../../../support/generator.ts";

const ROUNDS = 2_000;
const NAMES = [
  ...[
    "id",
    "_id",
    "uuid",
    "conversation_id",
    "title",
    "name",
    "preview",
    "last_message",
    "timestamp",
    "unread",
  ],
  ...[
    "unread_count",
    "status",
    "avatar",
    "fields",
    "body",
    "text",
    "created_at",
    "author",
    "role",
    "attachments",
  ],
  ...[
    "items",
    "data",
    "results",
    "item",
    "conversation",
    "entry",
    "message",
    "messages",
    "entries",
    "nextCursor",
  ],
];
const VALUES = [
  "7",
  7,
  "7",
  "8",
  1700000000,
  "2026-01-01T00:00:00Z",
  "hello",
  "https://a.example/x",
  true,
  "",
];

/** An answer that looks like one, with all sorts of things in the wrong places. */
function answer(generator: Generator, depth: number): unknown {
  const { below, chance, pick } = generator;
  if (depth === 0 || chance(0.1)) return chance(0.8) ? pick(VALUES) : generator.json(2);
  if (chance(0.3)) return Array.from({ length: below(4) }, () => answer(generator, depth - 1));
  return Object.fromEntries(
    Array.from({ length: below(7) }, () => [pick(NAMES), answer(generator, depth - 1)]),
  );
}

/** What `normalise` makes of generated answers, those left out that it refuses. */
function normalised<Answer>(seed: number, normalise: (json: unknown) => Answer): Answer[] {
  const generator = createGenerator(seed);
  const results: Answer[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    try {
      results.push(normalise(answer(generator, 4)));
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
    }
  }
  expect(results.length).toBeGreaterThan(ROUNDS / 50);
  return results;
}

const wire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("generated answers", () => {
  it("become lists of the documented shape, or are refused", () => {
    for (const list of normalised(1, normaliseList)) {
      tabFetchAnswer.strict().parse(wire(list));
      for (const { id } of list.items) expect(idProblem(id)).toBeNull();
    }
  });

  it("become threads of the requested item, or are refused", () => {
    const schema = itemClickedAnswer.omit({ conversationChannel: true }).extend({ confirmed: z.boolean() });
    for (const thread of normalised(2, (json) => normaliseThread(json, "7", "shopper-7"))) {
      schema.strict().parse(wire(thread));
      expect(thread.item.id).toBe("7");
    }
  });

  it("become items and entries after a write, or are refused", () => {
    const schema = z.strictObject({ item: itemSchema.optional(), entry: entrySchema.optional() });
    for (const itemId of ["7", undefined]) {
      const authors = { endUserId: "shopper-7", otherwise: "visitor" } as const;
      const request = { authors, itemId, bare: "entry_if_body" } as const;
      for (const { confirmed, ...result } of normalised(3, (json) => normaliseWritten(json, request))) {
        schema.parse(wire(result));
        expect(confirmed).toBeTypeOf("boolean");
        if (itemId !== undefined && result.item) expect(result.item.id).toBe(itemId);
      }
    }
  });

  it("stay what they are when a list is normalised again", () => {
    for (const list of normalised(4, normaliseList)) {
      const once = wire(list);
      expect(wire(normaliseList(once))).toEqual(once);
    }
  });
});

describe("generated requests", () => {
  it("are taken or refused by the schema, and never break it", () => {
    const generator = createGenerator(5);
    for (let round = 0; round < ROUNDS; round++) {
      expect(typeof tabActionRequest.safeParse(answer(generator, 3)).success).toBe("boolean");
    }
  });
});
