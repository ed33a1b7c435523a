import { describe, expect, it } from "vitest";
import { webhookRequest } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_request.ts";

const endUser = { id: "a b+c|🌿", email: "ann@shop.example", name: "Ann" };
const tabId = "b0000000-0000-4000-8000-000000000001";

describe("a webhook request", () => {
  it("reads with GET, and appends to the query that is there", () => {
    const { method, url, body } = webhookRequest("https://shop.example/hook?key=a%2Fb#part", {
      action: "item_clicked",
      tabId,
      endUser,
      itemId: "7&endUserId=other",
      cursor: "c=1",
      refresh: true,
    });
    expect({ method, body }).toEqual({ method: "GET", body: "" });
    expect(url.href).toBe(
      `https://shop.example/hook?key=a%2Fb&action=item_clicked&tabId=${tabId}&itemId=7%26endUserId%3Dother` +
        "&cursor=c%3D1&refresh=true&endUserId=a%20b%2Bc%7C%F0%9F%8C%BF&endUserEmail=ann%40shop.example",
    );
    expect(url.searchParams.getAll("endUserId")).toEqual([endUser.id]);
  });

  it("leaves out what is not there", () => {
    const { url } = webhookRequest("https://shop.example/hook", {
      action: "get_items",
      tabId,
      endUser: { id: "1" },
    });
    expect(url.search).toBe(`?action=get_items&tabId=${tabId}&endUserId=1`);
  });

  it("writes with POST, the identity in body and query", () => {
    const page = { title: "Cart", url: "https://shop.example/cart", locale: "en", timeZone: "Europe/Lisbon" };
    const { method, url, body } = webhookRequest("https://shop.example/hook", {
      action: "create_item",
      tabId,
      endUser,
      itemId: "7",
      clientId: "d",
      body: "hello",
      page,
    });
    expect(method).toBe("POST");
    expect(url.searchParams.get("endUserId")).toBe(endUser.id);
    expect(JSON.parse(body)).toEqual({
      action: "create_item",
      tabId,
      itemId: "7",
      clientId: "d",
      body: "hello",
      page,
      endUser,
    });
  });

  it("is well-formed Unicode, whatever a visitor's text holds: half a character is U+FFFD", () => {
    const changes = { note: "\udc00", "key\ud83d": [{ deep: "\ud83d😀" }], literal: "\\ud83d" };
    const { url, body } = webhookRequest("https://shop.example/hook", {
      action: "update_item",
      tabId,
      endUser: { id: "ada", name: "Ann \ud83c" },
      itemId: "7",
      cursor: "c\ud83d",
      body: "half \ud83d x",
      changes,
    });
    expect(url.searchParams.get("cursor")).toBe("c\ufffd");
    expect(JSON.parse(body)).toEqual({
      action: "update_item",
      tabId,
      itemId: "7",
      body: "half \ufffd x",
      changes: { note: "\ufffd", "key\ufffd": [{ deep: "\ufffd😀" }], literal: "\\ud83d" },
      endUser: { id: "ada", name: "Ann \ufffd" },
    });
  });
});
