import { scriptTag } from "../shared/script_tag.mjs";

/**
 * What an agent has now, whatever has changed since the start: its secrets, and the script tag for a page.
 * @param {{ apiUrl: string, dbUrl: string }} addresses
 * @param {string} agentId
 * @returns {Promise<{ secrets: { signingSecret: string, webhookSecret: string }, tag: string }>}
 */
export async function readAgent({ apiUrl, dbUrl }, agentId) {
  const { default: postgres } = await import("postgres"); // which may have been installed just now
  const sql = postgres(dbUrl, { max: 1, onnotice: () => undefined });
  const [row] = await sql`
    select s.signing_current, s.webhook_current, a.display ->> 'accent' as accent, a.anonymous_allowed
    from heddle.agents a join heddle.agent_secrets s on s.agent_id = a.id where a.id = ${agentId}`;
  await sql.end({ timeout: 1 });
  return {
    secrets: { signingSecret: row?.signing_current, webhookSecret: row?.webhook_current },
    tag: scriptTag({ apiUrl, agentId, accent: row?.accent, anonymousAllowed: row?.anonymous_allowed }),
  };
}
