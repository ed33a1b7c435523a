import { type Gateway, startGateway } from "../../gateway/gateway.ts";
import { connect, type GatewayClient } from "./gateway_client.ts";

export interface TestGateway extends Gateway {
  url: string;
  /** What it logged. */
  logged: string[];
  /** A connection that ends with the gateway. */
  connect(token: string, query?: string): Promise<GatewayClient>;
}

interface TestGatewayOptions {
  databaseUrl: string;
  supabaseUrl?: string;
  publishableKey?: string;
  pollMs?: number;
  natsUrl?: string;
  hostNames?: string[];
}

/** A gateway in this process, on a free port. */
export async function startTestGateway(
  {
    databaseUrl,
    supabaseUrl = "http://127.0.0.1:9",
    publishableKey = "none",
    pollMs = 20,
    natsUrl,
    hostNames,
  }: TestGatewayOptions,
): Promise<TestGateway> {
  const logged: string[] = [];
  const gateway = await startGateway({
    databaseUrl,
    supabaseUrl,
    publishableKey,
    host: "127.0.0.1",
    port: 0,
    addressHeader: null,
    hostNames: hostNames ?? null,
    pollMs,
    bus: natsUrl === undefined ? { kind: "none", natsUrl: null } : { kind: "nats", natsUrl },
  }, { log: (what, error) => logged.push(`${what} ${error instanceof Error ? error.stack : error ?? ""}`) });
  const url = `http://127.0.0.1:${gateway.port}`;
  const isReady = async () => (await fetch(`${url}/readyz`)).ok;
  while (!await isReady()) await new Promise((resolve) => setTimeout(resolve, 10));
  return { ...gateway, url, logged, connect: (token, query) => connect(url, { token, query }) };
}
