import { callRpc, refusalIn } from "../../connection/rest.ts";
import { type Check, failed, OK, type Subject, unchecked } from "../check.ts";
import { openSocket } from "../socket.ts";

export const secretKey: Check = {
  id: "secret-key",
  title: "The secret key acts as service_role",
  async run(subject) {
    const answer = await listAgents(subject, "heddle_api");
    if (!answer) return unchecked("needs --url and --secret-key");
    const refused = answer.code === "42501" || answer.status === 401 || answer.status === 403;
    if (!refused) return OK;
    return failed(
      "the project refuses it, or it is another key",
      "Copy the secret key (sb_secret_…) from Project Settings → API Keys.",
    );
  },
};

export const publishableKey: Check = {
  id: "publishable-key",
  title: "The publishable key opens a Realtime socket",
  async run({ url, publishableKey }) {
    if (!url || !publishableKey) return unchecked("needs --url and --publishable-key");
    const socket = await openSocket(url, publishableKey);
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
    if (!api || !tables) return unchecked("needs --url and --secret-key");
    if (api.code !== "42501" && (api.status === 401 || api.status === 403)) {
      return unchecked("the secret key is refused");
    }
    const where = "Project Settings → Data API → Exposed schemas";
    if (api.code === "PGRST106") {
      return failed(
        "schema heddle_api is not exposed",
        `Add heddle_api under ${where}, or: npm run heddle -- deploy --only api`,
      );
    }
    if (api.code === "PGRST202") {
      return failed(
        "its functions are missing or older than this checkout",
        "Apply the migrations: npm run heddle -- install.",
      );
    }
    if (tables.code !== "PGRST106") {
      return failed("schema heddle is exposed, where the tables are", `Take heddle out under ${where}.`);
    }
    return OK;
  },
};

async function listAgents({ url, secretKey }: Subject, schema: string) {
  if (!url || !secretKey) return null;
  const { ok, status, text } = await callRpc({ url, key: secretKey }, schema, "list_agents", {});
  return { ok, status, code: refusalIn(text).code };
}
