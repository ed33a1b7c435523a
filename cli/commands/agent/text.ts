import type { Identity } from "./identity.ts";
import { facts, moment } from "../../output/table.ts";

/** An agent, as `heddle_api` tells it. */
export interface Agent {
  id: string;
  name: string;
  allowedOrigins: string[];
  anonymousAllowed: boolean;
  /** What is missing has a default. */
  display: Record<string, string>;
  identity: Identity;
  signingPreviousUntil: string | null;
  webhookPreviousUntil: string | null;
  tabs: number;
  keys: number;
  connectors: number;
}

export function agentText(agent: Agent): string {
  const { allowedOrigins, display, signingPreviousUntil, webhookPreviousUntil } = agent;
  return facts({
    "agent id": agent.id,
    "name": agent.name,
    "may be embedded by": allowedOrigins.join(" ") || "no site yet: agent update --add-origin",
    "anonymous visitors": agent.anonymousAllowed ? "let in" : "turned away",
    "identity": identityText(agent.identity),
    ...Object.fromEntries(Object.entries(display).map(([look, value]) => [look, value])),
    "tabs": String(agent.tabs),
    "keys": String(agent.keys),
    "connectors": String(agent.connectors),
    ...(signingPreviousUntil === null
      ? {}
      : { "old signing secret": `valid until ${moment(signingPreviousUntil)}` }),
    ...(webhookPreviousUntil === null
      ? {}
      : { "old webhook secret": `valid until ${moment(webhookPreviousUntil)}` }),
  });
}

function identityText(identity: Identity): string {
  if (identity.provider === "hs256") return "your backend vouches for visitors, with the signing secret";
  const { issuer, audience, algs, jwksUrl } = identity;
  return `${issuer} vouches for visitors (audience ${audience}, ${algs.join(" or ")}, keys at ${jwksUrl})`;
}
