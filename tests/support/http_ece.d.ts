declare module "http_ece" {
  import type { ECDH } from "node:crypto";

  /** The part of the package, which has no types, that reads a push message (RFC 8188). */
  const ece: {
    decrypt(body: Buffer, options: { version: "aes128gcm"; privateKey: ECDH; authSecret: Buffer }): Buffer;
  };
  export default ece;
}
