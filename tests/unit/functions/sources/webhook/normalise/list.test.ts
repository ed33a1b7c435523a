import { describe, expect, it } from "vitest";
import { normaliseList } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/list.ts";
import { WebhookError } from "../../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import { detail } from "../owner_detail.ts";

const rows = [{ id: "1", title: "One" }, { id: 2, title: "Two" }];
const items = [
  { id: "1", title: "One", unread: 0, fields: {} },
  { id: "2", title: "Two", unread: 0, fields: {} },
];

/** As it travels: without what is undefined. */
const listOf = (answer: unknown) => JSON.parse(JSON.stringify(normaliseList(answer)));

describe("a list of items", () => {
  it.each([
    ["a bare array", rows],
    ["items", { items: rows }],
    ["data", { data: rows }],
    ["results", { results: rows }],
    ["records", { records: rows }],
    ["rows", { rows }],
    ["an object in a one-element array", [{ data: rows }]],
    ["an array in a one-element array", [rows]],
    ["result", { result: rows }],
    ["items under data", { data: { items: rows } }],
    ["items under result", { result: { items: rows } }],
    ["data under data", { data: { data: rows } }],
    ["a result in a one-element array", [{ result: rows }]],
    ["items under data in a one-element array", [{ data: { items: rows } }]],
    [
      "rows that a no-code tool has put into boxes",
      rows.map((json, item) => ({ json, pairedItem: { item } })),
    ],
    ["a box around the whole answer", [{ json: { items: rows } }]],
    ["the first of two list keys", { rows: [], items: rows }],
    ["a list key that holds no array, before one that does", { items: null, data: rows }],
  ])("may be %s", (_, answer) => expect(listOf(answer)).toEqual({ items }));

  it("stays as it is if its only element has an id of its own", () => {
    expect(listOf([{ id: 7, items: rows }])).toEqual({
      items: [{ id: "7", unread: 0, fields: { items: rows } }],
    });
    expect(listOf([{ conversation_id: 7, data: [] }]).items).toHaveLength(1);
  });

  it("stays as it is if it has more than one element", () => {
    expect(() => listOf([rows, rows])).toThrow(detail("items[0] must be an object"));
    expect(listOf([{ data: rows }, { data: [] }]).items).toMatchObject([{ fields: { data: rows } }, {}]);
  });

  it("stays as it is if its only element holds no list", () => {
    expect(listOf([{ id: "1", title: "One" }])).toEqual({ items: [items[0]] });
    expect(listOf([{ title: "One" }]).items).toMatchObject([{ title: "One" }]);
  });

  it.each([[[]], [{ items: [] }], [[{}]], [[{ data: [] }]], [[[]]]])("may be empty: %j", (answer) => {
    expect(listOf(answer)).toEqual({ items: [] });
  });

  it.each([
    [{}],
    [null],
    ["text"],
    [42],
    [{ items: {} }],
    [{ data: {} }],
    [{ id: 7, data: { items: rows } }],
    [{ item: rows[0] }],
    [{ error: "no" }],
  ])(
    "is not %j",
    (answer) => expect(() => normaliseList(answer)).toThrow(WebhookError),
  );

  it.each([[["text"]], [[1, 2]], [[rows[0], null]], [{ items: [[]] }]])(
    "holds objects only: %j",
    (answer) => {
      expect(() => normaliseList(answer)).toThrow(detail(/items\[\d\] must be an object/));
    },
  );

  it("keeps the owner's order", () => {
    expect(listOf([{ id: "b" }, { id: "c" }, { id: "a" }]).items.map(({ id }: { id: string }) => id))
      .toEqual(["b", "c", "a"]);
  });

  it.each([
    [{ nextCursor: "c" }, "c"],
    [{ next_cursor: "c" }, "c"],
    [{ next: 2 }, "2"],
    [{ nextCursor: "" }, undefined],
    [{ nextCursor: null }, undefined],
    [{ nextCursor: { page: 2 } }, undefined],
  ])("goes on at the cursor of %j", (holder, expected) => {
    expect(normaliseList({ items: [], ...holder }).nextCursor).toBe(expected);
  });

  it.each([
    [{ data: { data: [], nextCursor: "x" } }, "x"],
    [{ data: { items: [] }, next: 2 }, "2"],
    [{ result: { items: [], next: "inner" }, next: "outer" }, "inner"],
    [[{ json: { result: [], next: "x" } }], "x"],
  ])("goes on at the cursor inside or beside an envelope: %j", (answer, expected) => {
    expect(normaliseList(answer).nextCursor).toBe(expected);
  });

  it("is no row's own content", () => {
    expect(listOf([{ id: 7, result: rows }]).items).toMatchObject([{ id: "7", fields: { result: rows } }]);
    expect(listOf([{ id: 7, json: { a: 1 } }]).items).toMatchObject([{ fields: { json: { a: 1 } } }]);
    expect(listOf([{ name: "N", json: { id: 1 } }, { id: 2 }]).items[0]).toMatchObject({ title: "N" });
  });

  it("refuses a cursor that could not be sent back", () => {
    expect(() => normaliseList({ items: [], next: "x".repeat(1025) })).toThrow(WebhookError);
    expect(() => normaliseList({ items: [], next: 2 ** 53 })).toThrow(WebhookError);
  });

  it.each(["a\0b", "a\r\nb", "\u0085", "\u007f", "\ud83c"])(
    "refuses the cursor %j, which no URL could carry back",
    (next) => {
      expect(() => normaliseList({ items: [], next })).toThrow(WebhookError);
    },
  );
});

describe("a long list", () => {
  it("is its first 1,000 items, of which the others are not even read", () => {
    let read = 0;
    const row = (id: number) =>
      new Proxy({ id, title: "T" }, { get: (target, key) => (read++, Reflect.get(target, key)) });
    const { items } = normaliseList({ items: Array.from({ length: 3000 }, (_, id) => row(id)) });
    expect(items).toHaveLength(1000);
    expect(items.at(-1)).toMatchObject({ id: "999" });
    const readInShort = read;
    read = 0;
    normaliseList({ items: Array.from({ length: 1000 }, (_, id) => row(id)) });
    expect(readInShort - read).toBeLessThanOrEqual(2 * 2000);
  });
});

describe("items without an id", () => {
  const ids = (answer: unknown) => normaliseList(answer).items.map(({ id }) => id);

  it("get the same one from the same content, wherever they stand", () => {
    const [first, second] = ids([{ a: 1, b: { c: [2] } }, { a: 2 }]);
    expect(ids([{ a: 2 }, { b: { c: [2] }, a: 1 }])).toEqual([second, first]);
    expect(first).not.toBe(second);
  });

  it("keep it from one release to the next", () => {
    expect(ids([{ b: { c: [2] }, a: 1 }, { a: 1, b: { c: [2] } }])).toEqual([
      "content-5f8e37cc3e2548a282e9fcfd912ca9d6",
      "content-5f8e37cc3e2548a282e9fcfd912ca9d6-2",
    ]);
  });

  it("get different ones although their content is the same", () => {
    const [first, second] = ids([{ a: 1 }, { a: 1 }]);
    expect(first).not.toBe(second);
    expect(ids([{ a: 1 }, { a: 1 }])).toEqual([first, second]);
  });
});
