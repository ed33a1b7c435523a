import { jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";

const READS = ["get_items", "item_clicked"];

/**
 * What Heddle asks for: `action`, `tabId`, `endUser`, and `itemId` and the rest where there is one. Throws if the request
 * can't be trusted to come from Heddle, a SyntaxError if the body can't be read.
 *
 * @param {object} request
 * @param {string} request.method
 * @param {Record<string, any>} request.headers with names in lower case, as Node has them
 * @param {string} request.body as it came, before any parser
 * @param {{ agentId: string, webhookSecret: string }} agent
 * @returns {Promise<any>}
 */
export async function verifiedCall({ method, headers, body }, { agentId, webhookSecret }) {
  // Decodes what follows whsec_ from base64, and refuses what is more than five minutes off.
  if (method === "POST") return new Webhook(webhookSecret).verify(body, headers);

  const key = new TextEncoder().encode(webhookSecret); // the text as it is, whsec_ included
  const expected = { algorithms: ["HS256"], issuer: "heddle", audience: agentId, requiredClaims: ["exp"] };
  // The second one is there while the secret is rotated, and signed with the old one.
  const { "x-heddle-identity": current, "x-heddle-identity-previous": previous = current } = headers;
  const verify = (/** @type {string} */ token) => jwtVerify(token, key, { ...expected, clockTolerance: 60 });
  const { payload: { sub, email, name, ...call } } = await verify(current).catch(() => verify(previous));
  if (!READS.includes(String(call.action))) throw new Error("x-heddle-identity is that of a write");
  return { ...call, endUser: { id: sub, email, name } };
}
