import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { signatureHeaders } from "../../../../../supabase/functions/_shared/sources/webhook/sign.ts";

interface Vector {
  method: "GET" | "POST";
  url: string;
  body: string;
  current: string;
  previous: string | null;
  id: string;
  timestamp: number;
  signature: string;
}

/** Made with the openssl command line: the file says how. */
const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("signature_vectors.json", import.meta.url), "utf8"),
);

describe("webhook signatures", () => {
  it.each(vectors)("of $method $url agree with openssl (previous: $previous)", (vector) => {
    const { method, url, body, current, previous, id, timestamp } = vector;
    const headers = signatureHeaders(
      { method, url: new URL(url), body },
      { current, previous },
      id,
      timestamp * 1000 + 999,
    );
    expect(headers).toEqual({
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": vector.signature,
    });
  });
});
