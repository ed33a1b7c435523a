import { Buffer } from "node:buffer";

/** What a browser answers when it subscribes. */
export interface PushKeys {
  /** Its public key, an uncompressed point of P-256, in base64url. */
  p256dh: string;
  /** 16 secret bytes in base64url. */
  auth: string;
}

const RECORD_SIZE = 4096;
/** What is left of one record of 4096 bytes (RFC 8291, 4). */
export const MAX_PUSH_BYTES = 3993;
/** Ends the only record (RFC 8188, 2). */
const LAST_RECORD = 2;

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
const utf8 = (text: string) => new TextEncoder().encode(text);

/**
 * A push message that only the browser with these keys can read: content encoding `aes128gcm` in one record (RFC 8188), keyed
 * as RFC 8291 says. Throws for more than 3993 bytes, and for keys that are none.
 */
export async function encryptPush(
  { p256dh, auth }: PushKeys,
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const plain = utf8(text);
  if (plain.length > MAX_PUSH_BYTES) {
    throw new RangeError(`A push message holds ${MAX_PUSH_BYTES} bytes at most.`);
  }
  const theirs = bytesOf(p256dh);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const ours = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const point = await crypto.subtle.importKey(
    "raw",
    theirs,
    { name: "ECDH", namedCurve: "P-256" },
    false,
    [],
  );
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: point }, pair.privateKey, 256);

  const info = concatenated(utf8("WebPush: info\0"), theirs, ours);
  const secret = await hkdf(bytesOf(auth), new Uint8Array(shared), info, 32);
  const bits = await hkdf(salt, secret, utf8("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await hkdf(salt, secret, utf8("Content-Encoding: nonce\0"), 12);
  const key = await crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt"]);
  const record = concatenated(plain, new Uint8Array([LAST_RECORD]));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, record));

  const head = new DataView(new ArrayBuffer(5));
  head.setUint32(0, RECORD_SIZE);
  head.setUint8(4, ours.length);
  return concatenated(salt, new Uint8Array(head.buffer), ours, sealed);
}

async function hkdf(
  salt: Uint8Array<ArrayBuffer>,
  secret: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bytes * 8),
  );
}

function concatenated(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
