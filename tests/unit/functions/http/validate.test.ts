import { describe, expect, it } from "vitest";
import { tabActionRequest } from "../../../../shared/api/tab_action.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { queryOf, validate } from "../../../../supabase/functions/_shared/http/validate.ts";

describe("validating a request", () => {
  it("names each field that is wrong", () => {
    try {
      validate(tabActionRequest, { action: "create_item", tabId: "X", body: " " });
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      expect(error.code).toBe("invalid_request");
      expect(error.issues?.map(({ path }) => path).sort()).toEqual(["body", "clientId", "tabId"]);
      return;
    }
    throw new Error("the request was accepted");
  });
});

describe("the query", () => {
  it("leaves empty parameters out, and takes the first of a repeated one", () => {
    expect(queryOf(new Request("http://x/f?tabId=1&cursor=&tabId=2&a=b%20c"))).toEqual({
      tabId: "1",
      a: "b c",
    });
  });
});
