/** Of a browser that no message goes to (RFC 8291, appendix A). */
export const BROWSER_KEYS: { p256dh: string; auth: string } = {
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};

/** What no browser may subscribe with, each with the sentence that says so. */
export const NO_SUBSCRIPTIONS: [{ endpoint?: string; p256dh?: string; auth?: string }, string][] = [
  ...[
    ["ftp://push.example", "The endpoint must be a URL."],
    ["https://push.example/a b", "The endpoint must be a URL."],
    [`https://push.example/${"a".repeat(2000)}`, "The endpoint must be a URL."],
    ["http://push.example/1", "The push service URL must use https."],
    ["http://127.0.0.1:56901/1", "The push service URL must use https."],
    ["https://user:secret@push.example/1", "The push service URL must not hold a user name or password."],
    ["https://user@push.example/1", "The push service URL must not hold a user name or password."],
    ["https://push.example\\@127.0.0.1/1", "The push service URL must not hold a user name or password."],
    ["https://push.example:8443/1", "The push service URL must name a host at port 443."],
    ["https://push.example\\.other.example/1", "The push service URL must name a host at port 443."],
    ["https:///1", "The push service's host must have public addresses only."],
    ["https://localhost/1", "The push service's host must have public addresses only."],
    ["https://10.1.2.3/1", "The push service's host must have public addresses only."],
    ["https://[::1]/1", "The push service's host must have public addresses only."],
    ["https://2130706433/1", "The push service's host must have public addresses only."],
    ["https://0x7f.1/1", "The push service's host must have public addresses only."],
    ["https://127.1./1", "The push service's host must have public addresses only."],
    ["https://0177.0.0.1/1", "The push service's host must have public addresses only."],
    ["https://8.8.8.010/1", "The push service's host must have public addresses only."],
    ["https://0x08.8.8.8/1", "The push service's host must have public addresses only."],
    ["https://1.2.3.4.5/1", "The push service's host must have public addresses only."],
    ["https://intranet/1", "The push service's host must have public addresses only."],
    ["https://intranet./1", "The push service's host must have public addresses only."],
    ["https://.../1", "The push service's host must have public addresses only."],
    ["https://push..example/1", "The push service's host must have public addresses only."],
    ["https://-push.example/1", "The push service's host must have public addresses only."],
    ["https://router.lan/1", "The push service's host must have public addresses only."],
    ["https://metadata.google.internal./1", "The push service's host must have public addresses only."],
  ].map(([endpoint, why = ""]): [object, string] => [{ endpoint }, why]),
  ...[
    "B",
    "B".repeat(87),
    "A".repeat(87),
    // The point with another y, one with x beyond the field, and a compressed one of the right length.
    `${BROWSER_KEYS.p256dh.slice(0, -2)}x4`,
    Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 255)]).toString("base64url"),
    Buffer.concat([Buffer.from([2]), Buffer.from(BROWSER_KEYS.p256dh, "base64url").subarray(1)]).toString(
      "base64url",
    ),
  ].map((p256dh): [object, string] => [{ p256dh }, "p256dh must be a point of P-256 in base64url."]),
  [{ auth: "a".repeat(21) }, "auth must be 16 bytes in base64url."],
  [{ auth: "a".repeat(23) }, "auth must be 16 bytes in base64url."],
];
