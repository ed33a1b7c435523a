import { ScriptError } from "./project.mjs";

/** Who answers in the demo shop. Their password is known to everybody: for local use only. */
export const DEMO_OPERATORS = [
  { email: "mira@fern-and-fable.example", password: "local-demo-mira", name: "Mira Holm", role: "owner" },
  {
    email: "jonas@fern-and-fable.example",
    password: "local-demo-jonas",
    name: "Jonas Okafor",
    role: "operator",
  },
];

/**
 * Sees to it that the demo's operators can sign in and belong to the agent's team. Those that were there before stay as they are.
 * @param {{ apiUrl: string, secretKey: string, agentId: string }} options
 * @returns {Promise<{ email: string, password: string }[]>} their sign-ins
 */
export async function ensureOperators({ apiUrl, secretKey, agentId }) {
  /** @param {string} path @param {object} [body] */
  async function call(path, body) {
    const answer = await fetch(`${apiUrl}${path}`, {
      method: body ? "POST" : "GET",
      headers: {
        "apikey": secretKey,
        "authorization": `Bearer ${secretKey}`,
        "content-type": "application/json",
        "content-profile": "heddle_api",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const value = await answer.json();
    if (!answer.ok) throw new ScriptError(`${path} answered ${answer.status}: ${JSON.stringify(value)}`);
    return value;
  }

  const { users } = await call("/auth/v1/admin/users?per_page=1000");
  const members = await call("/rest/v1/rpc/list_members", { p_agent_id: agentId });
  for (const { email, password, name, role } of DEMO_OPERATORS) {
    const known = users.find((/** @type {{ email: string }} */ user) => user.email === email);
    const { id } = known ?? await call("/auth/v1/admin/users", { email, password, email_confirm: true });
    if (members?.some((/** @type {{ id: string }} */ member) => member.id === id)) continue;
    await call("/rest/v1/rpc/invite_member", {
      p_agent_id: agentId,
      p_user_id: id,
      p_name: name,
      p_email: email,
      p_role: role,
    });
  }
  return DEMO_OPERATORS.map(({ email, password }) => ({ email, password }));
}
