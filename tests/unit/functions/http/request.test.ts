import { describe, expect, it } from "vitest";
import { tabActionRequest } from "../../../../shared/api/tab_action.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { queryOf, readJsonBody, validate } from "../../../../supabase/functions/_shared/http/request.ts";

const KIBIBYTE = 1024;

function request(body: BodyInit, type = "application/json"): Request {
  return new Request("http://x/", { method: "POST", body, headers: { "content-type": type } });
}

describe("a JSON body", () => {
  it.each(["application/json", "application/json; charset=utf-8", "Application/JSON"])(
    "may be %s",
    async (type) => {
      expect(await readJsonBody(request("{}", type))).toEqual({});
    },
  );

  it.each(["text/plain", "application/jsonp", "application/x-www-form-urlencoded"])(
    "is not %s",
    async (type) => {
      await expect(readJsonBody(request("{}", type))).rejects.toMatchObject({
        code: "unsupported_media_type",
      });
    },
  );

  it.each(["gzip", "br, gzip"])("is not encoded as %s", async (encoding) => {
    const encoded = new Request("http://x/", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json", "content-encoding": encoding },
    });
    await expect(readJsonBody(encoded)).rejects.toMatchObject({
      code: "unsupported_media_type",
      message: `Send the body as it is, without Content-Encoding: ${encoding}.`,
      headers: { "accept-encoding": "identity" },
    });
  });

  it("is not repeated at length where its encoding is", async () => {
    const encoded = request("{}");
    encoded.headers.set("content-encoding", "x".repeat(1000));
    await expect(readJsonBody(encoded)).rejects.toMatchObject({
      message: expect.stringMatching(/Content-Encoding: x{20,40}…?\.$/),
    });
  });

  it("may say that it is not encoded", async () => {
    const body = request("{}");
    body.headers.set("content-encoding", "Identity");
    expect(await readJsonBody(body)).toEqual({});
  });

  it("holds at most 64 KiB, counted as it comes in", async () => {
    const text = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
    expect(await readJsonBody(request(text(64 * KIBIBYTE)))).toHaveLength(64 * KIBIBYTE - 2);
    await expect(readJsonBody(request(text(64 * KIBIBYTE + 1)))).rejects.toMatchObject({
      code: "payload_too_large",
    });
  });

  describe.each([
    ["of a length that was announced", { "content-length": "20" }],
    ["of a length that nobody knows", {}],
  ])("%s", (_, known) => {
    const streamed = (body: ReadableStream) =>
      new Request("http://x/", {
        ...{ method: "POST", body, duplex: "half" },
        headers: { "content-type": "application/json", ...known },
      });

    it("is read piece by piece", async () => {
      const pieces = ['{"endUserId"', ':"ada"}'].map((piece) => new TextEncoder().encode(piece));
      const body = new ReadableStream({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece);
          controller.close();
        },
      });
      expect(await readJsonBody(streamed(body))).toEqual({ endUserId: "ada" });
    });

    it("is the caller's failure if it does not come to an end", async () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
      });
      await expect(readJsonBody(streamed(body), { withinMs: 5 })).rejects.toMatchObject({
        code: "invalid_json",
      });
    });

    it("is the caller's failure if it breaks off", async () => {
      const body = new ReadableStream({
        pull: (controller) => controller.error(new TypeError("connection lost")),
      });
      await expect(readJsonBody(streamed(body))).rejects.toMatchObject({ code: "invalid_json" });
    });
  });

  it.each(["", "{", "[".repeat(5000) + "]".repeat(5000)])("must parse (%.10s)", async (body) => {
    await expect(readJsonBody(request(body))).rejects.toMatchObject({ code: "invalid_json" });
  });
});

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
  it("leaves out parameters that are empty, or lists", () => {
    const query = "tabId=1&cursor=&cursor=&channel=1&channel=2&a=b%20c";
    expect(queryOf(new Request(`http://x/f?${query}`), ["channel"])).toEqual({ tabId: "1", a: "b c" });
  });

  it("has each other parameter once", () => {
    expect(() => queryOf(new Request("http://x/f?tabId=1&tabId=2"))).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        issues: [{ path: "tabId", message: "must be given once" }],
      }),
    );
  });
});
