/** All that the shop needs to know, from its environment. */
export interface Config {
  /** 0 picks a free port. */
  port: number;
  databaseUrl: string;
  heddle: {
    /** Origin of the Supabase project that Heddle runs on. */
    apiUrl: string;
    agentId: string;
    /** Authenticates the shop's publish calls. */
    apiKey: string;
    /** Signs the token that tells Heddle which shopper is signed in. */
    signingSecret: string;
    /** Verifies that a webhook came from Heddle. */
    webhookSecret: string;
    /** The bearer token that Heddle's connector sends with each webhook. */
    connectorToken: string;
    /** Verifies calls of the shop's assistant; `null`: it has none. */
    botSecret: string | null;
  };
}

/** Throws an error that names the variable which is missing. */
export function readConfig(variable: (name: string) => string | undefined): Config {
  const required = (name: string) => {
    const value = variable(name);
    if (!value) throw new Error(`The shop needs the environment variable ${name}.`);
    return value;
  };
  return {
    port: Number(variable("SHOP_PORT") ?? 4173),
    databaseUrl: required("SHOP_DATABASE_URL"),
    heddle: {
      apiUrl: new URL(required("HEDDLE_API_URL")).origin,
      agentId: required("HEDDLE_AGENT_ID"),
      apiKey: required("HEDDLE_API_KEY"),
      signingSecret: required("HEDDLE_SIGNING_SECRET"),
      webhookSecret: required("HEDDLE_WEBHOOK_SECRET"),
      connectorToken: required("HEDDLE_CONNECTOR_TOKEN"),
      botSecret: variable("HEDDLE_BOT_SECRET") || null,
    },
  };
}
