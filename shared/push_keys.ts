/** The key pair that push services know a project by (RFC 8292): a public point and a private number of P-256 in base64url. */
export interface PushKeyPair {
  publicKey: string;
  privateKey: string;
}

/** A new key pair. */
export async function createPushKeys(): Promise<PushKeyPair> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const { d = "" } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const base64 = btoa(String.fromCharCode(...point));
  return {
    publicKey: base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, ""),
    privateKey: d,
  };
}
