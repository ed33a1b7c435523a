import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Whose answer goes to which conversation. */
export interface ReplyTarget {
  conversationId: string;
  audience: "visitor" | "team";
  /** A visitor's number in the database, or 16 hexadecimal digits of a member's. */
  recipient: string;
}

const PREFIX = "reply+";
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const AUDIENCES = ["visitor", "team"] as const;
/** One byte for the audience, the conversation's uuid, and the recipient. */
const CONTENT_BYTES = 1 + 16 + 8;
/** 80 bits: with the rest a local part has 62 of the 64 characters that mail allows (RFC 5321, 4.5.3.1.1). */
const TAG_BYTES = 10;

/** The address that the mail of this recipient about this conversation is answered to. Nobody without the key can make one. */
export function replyAddress(target: ReplyTarget, key: Uint8Array, domain: string): string {
  const content = Buffer.alloc(CONTENT_BYTES);
  content[0] = AUDIENCES.indexOf(target.audience);
  content.write(target.conversationId.replaceAll("-", ""), 1, "hex");
  content.writeBigUInt64BE(
    BigInt(target.audience === "team" ? `0x${target.recipient}` : target.recipient),
    17,
  );
  return `${PREFIX}${base32(Buffer.concat([content, tagOf(content, key)]))}@${domain}`;
}

/** The recipient of a mail, as `replyAddress` takes it: a visitor's number, or a member's id. */
export function replyRecipient(audience: ReplyTarget["audience"], id: string): string {
  return audience === "team" ? createHash("sha256").update(id).digest("hex").slice(0, 16) : id;
}

/** Whose answer it is; `null` for an address that this key has not made for this domain. */
export function readReplyAddress(address: string, key: Uint8Array, domain: string): ReplyTarget | null {
  // Some mail programs change the case of an address.
  const [local = "", at, ...more] = address.trim().toLowerCase().split("@");
  if (at !== domain.toLowerCase() || more.length > 0 || !local.startsWith(PREFIX)) return null;
  const bytes = bytesOf(local.slice(PREFIX.length));
  if (bytes?.length !== CONTENT_BYTES + TAG_BYTES) return null;
  const [content, tag] = [bytes.subarray(0, CONTENT_BYTES), bytes.subarray(CONTENT_BYTES)];
  const audience = AUDIENCES[content[0] ?? -1];
  if (!timingSafeEqual(tag, tagOf(content, key)) || !audience) return null;
  const recipient = content.readBigUInt64BE(17);
  return {
    conversationId: content.toString("hex", 1, 17).replace(
      /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
      "$1-$2-$3-$4-$5",
    ),
    audience,
    recipient: audience === "team" ? recipient.toString(16).padStart(16, "0") : recipient.toString(),
  };
}

function tagOf(content: Uint8Array, key: Uint8Array): Buffer {
  return createHmac("sha256", key).update(content).digest().subarray(0, TAG_BYTES);
}

/** RFC 4648 without padding; the lengths used here need none. */
function base32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[parseInt(five, 2)]).join("");
}

function bytesOf(text: string): Buffer | null {
  if (!/^[a-z2-7]+$/.test(text) || text.length % 8 !== 0) return null;
  let bits = "";
  for (const character of text) bits += ALPHABET.indexOf(character).toString(2).padStart(5, "0");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => parseInt(eight, 2)));
}
