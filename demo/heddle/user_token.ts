import { SignJWT } from "jose";
import type { Config } from "../config.ts";

export interface Shopper {
  id: string;
  name: string;
  email: string;
}

/**
 * The token that tells Heddle who is signed in. It is short-lived, because it stands in the page: the widget asks
 * for a new one when it needs it.
 */
export function createUserToken({ heddle }: Config, shopper: Shopper): Promise<string> {
  return new SignJWT({ name: shopper.name, email: shopper.email })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(shopper.id)
    .setIssuedAt()
    .setExpirationTime("10 minutes")
    .sign(new TextEncoder().encode(heddle.signingSecret));
}
