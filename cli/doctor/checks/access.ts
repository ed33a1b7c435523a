import { roleIn, secretIn } from "../../../shared/keys.ts";
import { failed, OK, unchecked } from "../../checks.ts";
import { jsonIn } from "../../connection/http.ts";
import { callRpc, refusalIn, type RestAccess } from "../../connection/rest.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { openSocket } from "../realtime.ts";
import { asVisitor, type Check, lacking, type Subject } from "../subject.ts";

export const address: Check = {
  id: "address",
  title: "The project answers",
  run(subject) {
    if (subject.urlFault === undefined) {
      return Promise.resolve(subject.url ? OK : lacking(subject, "--url"));
    }
    return Promise.resolve(
      failed(subject.urlFault, "Check --url and your connection; a project that is paused does not answer."),
    );
  },
};

export const secretKey: Check = {
  id: "secret-key",
  title: "The secret key acts as service_role",
  async run(subject) {
    const answer = await listAgents(subject, "heddle_api");
    if (!answer) return lacking(subject, "--url and --secret-key");
    if (answer.ok) return OK;
    if (!isRefused(answer)) return unchecked("the Data API did not get that far");
    return failed(
      "the project refuses it, or it is another key",
      "Copy the secret key (sb_secret_…) from Project Settings → API Keys.",
    );
  },
};

export const publishableKey: Check = {
  id: "publishable-key",
  title: "The publishable key opens a Realtime socket",
  async run(subject) {
    if (subject.publishableKeyFault !== undefined) {
      return failed(
        `it ${subject.publishableKeyFault}`,
        "Copy the publishable key (sb_publishable_…) from Project Settings → API Keys, and replace the secret key if pages or visitors got it.",
      );
    }
    const visitor = asVisitor(subject);
    if ("status" in visitor) return visitor;
    const socket = await openSocket(visitor.url, visitor.publishableKey);
    socket?.close();
    if (socket) return OK;
    return failed(
      "Realtime refuses it, or does not answer",
      "Copy the publishable key (sb_publishable_…) from Project Settings → API Keys, and check that Realtime is enabled.",
    );
  },
};

export const exposedSchemas: Check = {
  id: "exposed",
  title: "The Data API exposes heddle_api and not heddle",
  async run(subject) {
    const [api, tables] = await Promise.all([
      listAgents(subject, "heddle_api"),
      listAgents(subject, "heddle"),
    ]);
    if (!api || !tables) return lacking(subject, "--url and --secret-key");
    if (api.code !== "42501" && (api.status === 401 || api.status === 403)) {
      return unchecked("the secret key is refused");
    }
    const where = "Project Settings → Data API → Exposed schemas";
    if (api.code === "PGRST106") {
      return failed(
        "schema heddle_api is not exposed",
        `Add heddle_api under ${where}, or: ${HEDDLE} deploy --only api`,
      );
    }
    if (api.code === "PGRST202") {
      return failed(
        "its functions are missing or older than this version",
        `Apply the migrations: ${HEDDLE} install.`,
      );
    }
    if (!api.ok && api.code !== "42501") {
      return failed(
        `the Data API answers with status ${api.status}, and not as it should`,
        "Check --url, look at status.supabase.com and at the project's API logs, then run doctor again.",
      );
    }
    if (tables.code === "PGRST106") return OK;
    if (!tables.ok && tables.code !== "PGRST202" && tables.code !== "42501") {
      return unchecked(`for schema heddle the Data API answers with status ${tables.status}`);
    }
    return failed("schema heddle is exposed, where the tables are", `Take heddle out under ${where}.`);
  },
};

interface Listed {
  /** Whether the agents were listed. */
  ok: boolean;
  status: number;
  code?: string;
}

function isRefused({ code, status }: Listed): boolean {
  return code === "42501" || status === 401 || status === 403;
}

async function listAgents({ url, secretKey }: Subject, schema: string): Promise<Listed | null> {
  if (!url || !secretKey) return null;
  return await listedWith({ url, key: secretKey }, schema);
}

/** Whether a key lists the agents, and if not, what the Data API says. */
export async function listedWith(access: RestAccess, schema: string): Promise<Listed> {
  const { status, text } = await callRpc(access, schema, "list_agents", {});
  return { ok: status < 300 && Array.isArray(jsonIn(text)), status, code: refusalIn(text).code };
}

/**
 * Why `publishableKey` must not be used as a visitor's key; `null` if it may be. A secret key is allowed everything: each check of what
 * visitors may not do would then fail.
 */
export async function publishableKeyFault(
  { url, secretKey, publishableKey }: Subject,
): Promise<string | null> {
  if (!publishableKey) return null;
  if (publishableKey.startsWith("sb_publishable_")) return null;
  const secret = publishableKey === secretKey ? "a secret key" : secretIn(publishableKey);
  if (secret !== null) return `holds ${secret}`;
  if (roleIn(publishableKey) !== undefined || !url) return null;
  const listed = await listedWith({ url, key: publishableKey }, "heddle_api").catch(() => null);
  return listed?.ok ? "holds a key that lists agents, as only a secret one may" : null;
}
