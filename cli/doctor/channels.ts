/** Names of nobody's channels, fresh for every use; well-formed as far as the policies can see. */
export function wellFormedName(): string {
  return `conv-heddle-doctor-${crypto.randomUUID()}-${signature()}`;
}

/** Looks like a visitor's channel, but has no agent. */
export function malformedName(): string {
  return `agent-nobody-user-heddle-doctor-${signature()}`;
}

function signature(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
