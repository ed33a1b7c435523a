import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../../supabase/functions/_shared/database/tab_context.ts";
import { connectorHeaders } from "../../../../../supabase/functions/_shared/sources/webhook/call_webhook.ts";
import { detail } from "./owner_detail.ts";

const url = new URL("https://shop.example/hook");
const host = "shop.example";

describe("a connector's credential", () => {
  it("may be a bearer token", () => {
    expect(connectorHeaders({ kind: "bearer", host, value: "t" }, url)).toEqual({
      authorization: "Bearer t",
    });
  });

  it("may be a user and a password, which may hold colons and any script (RFC 7617)", () => {
    expect(connectorHeaders({ kind: "basic", host, value: "Aladdin:open sesame" }, url)).toEqual({
      authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    });
    expect(connectorHeaders({ kind: "basic", host, value: "test:123\u00a3" }, url)).toEqual({
      authorization: "Basic dGVzdDoxMjPCow==",
    });
  });

  it("may be a header of the owner's", () => {
    expect(connectorHeaders({ kind: "header", host, header: "x-api-key", value: "k" }, url)).toEqual({
      "x-api-key": "k",
    });
  });

  it.each<Connector>([
    { kind: "bearer", host, value: "secret" },
    { kind: "basic", host, value: "user:secret" },
    { kind: "header", host, header: "x-api-key", value: "secret" },
  ])("is never sent to another host, whatever its kind, and is not told: $kind", (connector) => {
    for (
      const target of [
        "https://evil.example/",
        "https://shop.example:8443/",
        "https://shop.example.evil.example/",
      ]
    ) {
      const send = () => connectorHeaders(connector, new URL(target));
      expect(send).toThrow(detail("The tab's connector is bound to shop.example"));
      expect(send).not.toThrow("secret");
    }
  });

  it("is none where the tab names none", () => expect(connectorHeaders(null, url)).toEqual({}));
});
