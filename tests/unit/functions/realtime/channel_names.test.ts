import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withoutSignature } from "../../../../shared/channels.ts";
import {
  contentKey,
  conversationChannel,
  userChannel,
} from "../../../../supabase/functions/_shared/realtime/signing.ts";

interface Vector {
  kind: "user" | "conversation";
  secret: string;
  id: string;
  name: string;
}

/** Made with the openssl command line: the file says how, in `source` and `contentSource`. */
const { agentId, vectors, contentVectors }: {
  agentId: string;
  vectors: Vector[];
  contentVectors: Vector[];
} = JSON.parse(
  readFileSync(new URL("vectors.json", import.meta.url), "utf8"),
);

/** What Realtime takes with its own prefix is 255 bytes. */
const MAX_TOPIC_BYTES = 255 - "realtime:".length;

describe("channel names", () => {
  const made = (kind: Vector["kind"], secret: string, id: string) =>
    kind === "user" ? userChannel(secret, agentId, id) : conversationChannel(secret, id);

  it.each(vectors)("of the $kind $id agree with openssl", ({ kind, secret, id, name }) => {
    expect(made(kind, secret, id)).toBe(name);
  });

  it.each(contentVectors)(
    "for the content of the $kind $id agree with openssl",
    ({ kind, secret, id, name }) => {
      expect(made(kind, contentKey(secret), id)).toBe(name);
      expect(made(kind, secret, id)).not.toBe(name);
    },
  );

  it("fit into a Realtime topic with the longest ids", () => {
    const longest = Math.max(...vectors.map(({ name }) => new TextEncoder().encode(name).length));
    expect(longest).toBeLessThanOrEqual(MAX_TOPIC_BYTES);
    expect(vectors.some(({ id }) => new TextEncoder().encode(id).length === 128)).toBe(true);
  });

  it("lose their signature for logs", () => {
    expect(withoutSignature(conversationChannel("secret", "42"))).toBe("conv-42-…");
  });
});
