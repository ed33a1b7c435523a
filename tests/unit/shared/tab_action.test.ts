import { describe, expect, it } from "vitest";
import { tabActionRequest } from "../../../shared/api/tab_action.ts";

const tabId = "b0000000-0000-4000-8000-000000000001";
const clientId = "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11";
const page = {
  title: "",
  url: "http://localhost:5173/cart",
  locale: "pt-BR",
  timeZone: "America/Sao_Paulo",
};

describe("a tab action", () => {
  it.each([
    { action: "item_clicked", tabId, itemId: "7", cursor: "c", refresh: true },
    { action: "item_clicked", tabId, itemId: "7", cursor: `${"日".repeat(341)}x` },
    { action: "item_clicked", tabId, itemId: "7", after: 0, refresh: true },
    { action: "typing", tabId, itemId: "7" },
    { action: "office", tabId },
    { action: "create_item", tabId, clientId, body: "hello" },
    { action: "create_item", tabId, itemId: "7", clientId, body: " hello\n" },
    { action: "create_item", tabId, clientId, body: "hello", page, language: "pt_BR" },
    { action: "update_item", tabId, itemId: "7", changes: { read: true } },
    {
      action: "update_item",
      tabId,
      itemId: "7",
      entryId: "1",
      changes: { body: "hello", note: { deep: [null] } },
    },
    { action: "delete_item", tabId, itemId: "7", entryId: "1" },
  ])("may be %j", (request) => expect(tabActionRequest.parse(request)).toEqual(request));

  it("keeps nothing that its action has no field for", () => {
    const request = {
      action: "delete_item",
      tabId,
      itemId: "7",
      endUserId: "somebody else",
      changes: { read: true },
    };
    expect(tabActionRequest.parse(request)).toEqual({ action: "delete_item", tabId, itemId: "7" });
  });

  it.each([5, null, {}, ["de"], "x".repeat(65)])(
    "takes a message without the language that its reader's page made of %j",
    (language) => {
      const request = { action: "create_item", tabId, clientId, body: "hello" };
      expect(tabActionRequest.parse({ ...request, language })).toEqual(request);
    },
  );

  it("leaves out of the page's address what may stand for a person, or lead elsewhere", () => {
    const url = "https://me:secret@shop.example/go?to=https://evil.example/#token";
    expect(
      tabActionRequest.parse({ action: "create_item", tabId, clientId, body: "x", page: { ...page, url } }),
    )
      .toMatchObject({ page: { ...page, url: "https://shop.example/go" } });
  });

  it.each<[Record<string, unknown>, string[]]>([
    [{ tabId, itemId: "7" }, ["action"]],
    [{ action: "get_items", tabId }, ["action"]],
    [{ action: "item_clicked" }, ["tabId", "itemId"]],
    [{ action: "item_clicked", tabId: tabId.toUpperCase(), itemId: "" }, ["tabId", "itemId"]],
    [{ action: "item_clicked", tabId, itemId: "7", refresh: false, cursor: "" }, ["cursor", "refresh"]],
    [{ action: "item_clicked", tabId, itemId: "7", after: -1 }, ["after"]],
    [{ action: "item_clicked", tabId, itemId: "7", after: 1.5 }, ["after"]],
    [{ action: "item_clicked", tabId, itemId: "7", after: 2 ** 31 }, ["after"]],
    [{ action: "typing", tabId }, ["itemId"]],
    [{ action: "office" }, ["tabId"]],
    [{ action: "item_clicked", tabId, itemId: "7", cursor: "x".repeat(1025) }, ["cursor"]],
    [{ action: "item_clicked", tabId, itemId: "7", cursor: "日".repeat(342) }, ["cursor"]],
    [{ action: "item_clicked", tabId, itemId: "7", cursor: "a\0" }, ["cursor"]],
    [{ action: "item_clicked", tabId, itemId: "7", cursor: "a\nb" }, ["cursor"]],
    [{ action: "item_clicked", tabId, itemId: "7", cursor: "\ud83c" }, ["cursor"]],
    [{ action: "create_item", tabId, clientId: "1", body: " " }, ["clientId", "body"]],
    [{ action: "create_item", tabId, clientId, body: "x".repeat(10_001) }, ["body"]],
    [{ action: "create_item", tabId, clientId, body: "x", page: { ...page, url: "javascript:alert(1)" } }, [
      "page.url",
    ]],
    [{ action: "create_item", tabId, clientId, body: "x", page: { title: "x".repeat(201), locale: 7 } }, [
      "page.title",
      "page.url",
      "page.locale",
      "page.timeZone",
    ]],
    [{ action: "update_item", tabId, itemId: "7" }, ["changes"]],
    [{ action: "update_item", tabId, itemId: "7", changes: {} }, ["changes"]],
    [{ action: "update_item", tabId, itemId: "7", changes: [true] }, ["changes"]],
    [{ action: "delete_item", tabId, itemId: 7 }, ["itemId"]],
  ])("can't be %j, and says which field is wrong", (request, paths) => {
    const issues = tabActionRequest.safeParse(request).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join("."))).toEqual(paths);
  });
});
