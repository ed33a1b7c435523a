import { TOO_MANY_JOINS } from "./channels/socket.ts";
import { delay } from "./clock.ts";
import { RealtimeError } from "./errors.ts";
import type { UpgradeRefusal } from "./faults/faults.ts";
import type { Services } from "./services.ts";

const NO_KEY: UpgradeRefusal = { status: 401, message: "API key is missing" };

interface Connection {
  /** The key that it brings. */
  token: string | null;
  sockets: ReadonlySet<unknown>;
}

export type Admission = { token: string } | { refusal: Response };

/** Whether Realtime takes a connection. The refusal, JSON with its message, comes after a back-off. */
export async function admit(services: Services, { token, sockets }: Connection): Promise<Admission> {
  const refusal = services.faults.beforeUpgrade() ?? suspension(services) ??
    await keyRefusal(services, token) ??
    crowdRefusal(services, sockets);
  if (!refusal && token) return { token };
  await delay(services.clock, services.settings.connectBackoffMs);
  const { message, status } = refusal ?? NO_KEY;
  return { refusal: Response.json({ error: message }, { status }) };
}

function suspension({ settings }: Services): UpgradeRefusal | null {
  return settings.suspended ? { status: 403, message: "Realtime was disabled for this tenant" } : null;
}

async function keyRefusal(services: Services, token: string | null): Promise<UpgradeRefusal | null> {
  if (!token) return NO_KEY;
  try {
    await services.verifyToken(token);
    return null;
  } catch (error) {
    if (!(error instanceof RealtimeError)) throw error;
    const expired = error.message.startsWith("Token has expired");
    return { status: 401, message: expired ? "Token has expired" : error.message };
  }
}

function crowdRefusal({ settings, limits }: Services, sockets: ReadonlySet<unknown>): UpgradeRefusal | null {
  if (settings.connections > 0 && sockets.size >= settings.connections) {
    return { status: 429, message: "Too many connected users" };
  }
  return limits.joins.reached ? { status: 429, message: TOO_MANY_JOINS } : null;
}
