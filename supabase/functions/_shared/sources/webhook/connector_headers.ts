import { Buffer } from "node:buffer";
import type { Connector } from "../../database/tab_context.ts";
import { WebhookError } from "./webhook_error.ts";

/**
 * The header that holds a connector's credential. It goes to the one host the connector is bound to, port included; a webhook
 * elsewhere is not called without it. Throws `WebhookError`.
 */
export function connectorHeaders(connector: Connector | null, url: URL): Record<string, string> {
  if (connector === null) return {};
  const bound = `${url.protocol}//${connector.host}/`;
  if (!URL.canParse(bound) || new URL(bound).host !== url.host) {
    throw new WebhookError(
      "target_refused",
      `The tab's connector is bound to ${connector.host}: bind one to the webhook's own host, with its port.`,
    );
  }
  switch (connector.kind) {
    case "bearer":
      return { authorization: `Bearer ${connector.value}` };
    case "basic":
      return { authorization: `Basic ${Buffer.from(connector.value, "utf8").toString("base64")}` };
    case "header":
      return { [connector.header]: connector.value };
  }
}
