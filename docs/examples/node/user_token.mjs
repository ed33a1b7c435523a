import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** @param {object} part */
const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");

/**
 * A token for the signed-in user. Only on the server: whoever has the secret can pose as anybody.
 *
 * @param {{ id: string, name?: string, email?: string }} user
 * @param {string} signingSecret
 */
export function createUserToken(user, signingSecret) {
  const now = Math.floor(Date.now() / 1000);
  const header = encode({ alg: "HS256", typ: "JWT" });
  const claims = encode({ sub: user.id, name: user.name, email: user.email, iat: now, exp: now + 600 });
  const signature = createHmac("sha256", signingSecret).update(`${header}.${claims}`).digest("base64url");
  return `${header}.${claims}.${signature}`;
}
