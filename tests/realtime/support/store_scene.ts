import { createHmac, randomUUID } from "node:crypto";
import { signIn, type Visitor } from "../../integration/functions/support/visitor.ts";
import { callFunction, postJson } from "../../integration/functions/support/visitor.ts";
import { DEMO_ORG } from "../../support/event_readers.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { RawClient } from "./raw_client.ts";
import type { Channel, Role } from "./store_matrix.ts";
import { tokenFor } from "./tokens.ts";

const PAGE = "http://127.0.0.1:29999";
export const OWNER = "10000000-0000-4000-8000-000000000001";
const OTHER = "10000000-0000-4000-8000-000000000007";
const LISTED_ELSEWHERE = "10000000-0000-4000-8000-000000000006";
const DISMISSED = "10000000-0000-4000-8000-000000000008";
const STRANGER = "10000000-0000-4000-8000-000000000009";
/** In everything that is the victim's or the team's. */
export const SECRET = "xyzzy";
const NAME = /(?:agent|conv)-[0-9a-f]{8}-[^"\\\s]+/g;

export interface StoreScene {
  stack: TestStack;
  /** What a socket needs of it. */
  realtime: { wsUrl: string; anon: string };
  victim: Visitor;
  mallory: Visitor;
  /** The victim's, with a message of theirs, an answer, a note, a label. */
  conversation: string;
  owner: string;
  tokens: Record<Role, string>;
  names: Record<Channel, string>;
  /** Arguments, by name, of calls that a member or the server may make. */
  sample: Record<string, unknown>;
  /** Every channel that the dismissed operator, when they were in the team, or the publish key was told of. */
  seen: string[];
  rpc(token: string, name: string, args: Record<string, unknown>, profile?: string): Promise<RpcAnswer>;
  /** Writes as a visitor: the conversation's id. */
  write(visitor: Visitor, body: string, itemId?: string): Promise<string>;
}

export interface RpcAnswer {
  status: number;
  text: string;
  // deno-lint-ignore no-explicit-any
  answer: any;
}

/** A stack with a conversation, its team, and all who stand outside. */
export async function createScene(): Promise<StoreScene> {
  const stack = await startStack({ ownerUrl: PAGE, storeTab: true });
  const { agent } = stack;
  const realtime = { wsUrl: `${stack.apiUrl.replace("http", "ws")}/realtime/v1`, anon: stack.publishableKey };
  await stack.realtime({ fault: "set", joinBackoffMs: 0, privateOnly: false });
  const rpc: StoreScene["rpc"] = (token, name, args, profile) => callRpc(stack, token, name, args, profile);
  const write: StoreScene["write"] = async (visitor, body, itemId) => {
    const fields = { action: "create_item", tabId: stack.tabs.store, itemId, clientId: randomUUID(), body };
    return (await visitor.tabAction(fields)).body.item?.id ?? "";
  };
  const victim = await signIn(stack, PAGE, { sub: "victim", name: SECRET, email: `${SECRET}@shop.example` });
  const mallory = await signIn(stack, PAGE, { sub: "mallory" });
  const conversation = await write(victim, `${SECRET} hello`);
  const [owner, dismissed, other, elsewhere, stranger] = await Promise.all(
    [OWNER, DISMISSED, OTHER, LISTED_ELSEWHERE, STRANGER].map((sub) => tokenFor("authenticated", { sub })),
  ) as [string, string, string, string, string];
  await invite(stack);
  await stack.sql`select heddle_api.send_events(${agent.id}, true)`;
  const sample = await fill({ rpc, owner, conversation, agentId: agent.id });
  const seen = [
    ...await whatAnOperatorSees({ realtime, rpc, dismissed, sample, agentId: agent.id }),
    ...await whatPublishingSees(stack, conversation),
  ];
  await stack.sql`select heddle_api.remove_member(${agent.id}, ${DISMISSED})`;
  return {
    ...{
      stack,
      realtime,
      victim,
      mallory,
      conversation,
      owner,
      sample,
      seen: [...new Set(seen)],
      rpc,
      write,
    },
    tokens: {
      "anon": stack.publishableKey,
      "another visitor": mallory.validated.session,
      "a user of the owner's app": stranger,
      "another organisation's operator": other,
      "an operator of the organisation's other agent": elsewhere,
      "a dismissed operator": dismissed,
      "a publish key": agent.apiKey,
    },
    names: namesOf(agent, conversation),
  };
}

async function callRpc(
  stack: TestStack,
  token: string,
  name: string,
  args: Record<string, unknown>,
  profile = "heddle_api",
): Promise<RpcAnswer> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: {
      "apikey": stack.publishableKey,
      "authorization": `Bearer ${token}`,
      "content-type": "application/json",
      "content-profile": profile,
    },
    body: JSON.stringify(args),
  });
  const text = await response.text();
  return { status: response.status, text, answer: text === "" ? null : JSON.parse(text) };
}

async function invite({ sql, agent }: TestStack): Promise<void> {
  const [other] = await sql`
    insert into heddle.agents (org_id, name) values (gen_random_uuid(), 'Other') returning id`;
  const team = [[agent.id, OWNER, "Olga", "owner"], [agent.id, DISMISSED, "Once", "operator"]];
  for (const [agentId, userId, name, role] of [...team, [other?.id, OTHER, "Other", "owner"]]) {
    await sql`select heddle_api.invite_member(${agentId}, ${userId}, ${name}, null, ${role})`;
  }
  const [second] = await sql`
    insert into heddle.agents (org_id, name) select org_id, 'Second' from heddle.agents where id = ${agent.id} returning id`;
  await sql`select heddle_api.invite_member(${second?.id}, ${LISTED_ELSEWHERE}, 'Elsewhere', null, 'owner', false)`;
}

async function fill(
  { rpc, owner, conversation, agentId }: {
    rpc: StoreScene["rpc"];
    owner: string;
    conversation: string;
    agentId: string;
  },
): Promise<Record<string, unknown>> {
  const at = { p_conversation_id: conversation };
  const call = async (name: string, args: Record<string, unknown>) => (await rpc(owner, name, args)).answer;
  await call("inbox_post", { ...at, p_client_id: randomUUID(), p_body: `${SECRET} answer` });
  const { note } = await call("inbox_note", { ...at, p_client_id: randomUUID(), p_body: `${SECRET} note` });
  const label = { p_agent_id: agentId, p_label_id: null, p_name: SECRET, p_color: "#000000" };
  const bot = { p_agent_id: agentId, p_name: "Bot", p_url: "https://bot.example", p_auto_respond: "never" };
  const [host, guest] = [{ role: "visitor", id: "host" }, { role: "visitor", id: "guest" }] as const;
  const room = { p_agent_id: agentId, p_name: SECRET, p_participants: [host, guest] };
  const reply = { p_agent_id: agentId, p_reply_id: null, p_shortcut: SECRET, p_body: SECRET };
  const { id: labelId } = await call("inbox_save_label", label);
  const webhook = { p_agent_id: agentId, p_url: "https://hook.example" };
  const { id: webhookId } = await call("inbox_create_webhook", webhook);
  await call("inbox_switch_webhook", { p_agent_id: agentId, p_webhook_id: webhookId, p_on: false });
  return {
    ...at,
    p_agent_id: agentId,
    p_end_user: "victim",
    p_cursor: (await call("inbox_list", { p_agent_id: agentId })).cursor,
    p_client_id: randomUUID(),
    p_user_id: OWNER,
    p_ids: [conversation],
    p_view: "open",
    p_state: "online",
    p_status: "resolved",
    p_text: SECRET,
    p_body: "text",
    p_changes: { name: "Mallory" },
    p_label_id: labelId,
    p_reply_id: (await call("inbox_save_reply", reply)).id,
    p_bot_id: (await call("inbox_create_bot", bot)).id,
    p_tab_id: (await call("inbox_create_tab", { p_agent_id: agentId, p_name: "Tab" })).id,
    p_webhook_id: webhookId,
    p_wanted: { orgs: [], agents: [agentId], topics: null },
    p_by: { id: OWNER },
    p_invited_by: OWNER,
    p_room_id: (await call("inbox_create_room", room)).id,
    p_participant: guest,
    p_participants: room.p_participants,
    p_role: guest.role,
    p_id: guest.id,
    p_note_id: Number(note.id),
    p_name: "x",
    p_color: "#000000",
    p_shortcut: "x",
  };
}

/** Every name in what the inbox answers an operator, and in what they hear. */
async function whatAnOperatorSees(
  { realtime, rpc, dismissed, sample, agentId }: {
    realtime: StoreScene["realtime"];
    rpc: StoreScene["rpc"];
    dismissed: string;
    sample: Record<string, unknown>;
    agentId: string;
  },
): Promise<string[]> {
  const socket = await RawClient.open(realtime);
  await socket.join(`agent-${agentId}-inbox-1`, { private: true }, { access_token: dismissed });
  const texts: string[] = [];
  const ofAgent = [
    "inbox_list",
    "inbox_counts",
    "inbox_changes",
    "inbox_search",
    "inbox_members",
    "inbox_present",
  ];
  const ofConversation = ["inbox_thread", "inbox_claim", "inbox_typing", "inbox_read", "inbox_needs_human"];
  const wanted: Record<string, string[]> = {
    inbox_changes: ["p_cursor"],
    inbox_search: ["p_text"],
    inbox_read: ["p_seq"],
    inbox_needs_human: ["p_needs"],
  };
  for (const name of ["inbox_channels", ...ofAgent, ...ofConversation]) {
    const about = ofAgent.includes(name)
      ? ["p_agent_id"]
      : ofConversation.includes(name)
      ? ["p_conversation_id"]
      : [];
    const given = { ...sample, p_seq: 1, p_needs: true } as Record<string, unknown>;
    const args = Object.fromEntries([...about, ...wanted[name] ?? []].map((key) => [key, given[key]]));
    const { status, text } = await rpc(dismissed, name, args);
    if (status !== 200) throw new Error(`${name} answered ${status}: ${text}`);
    texts.push(text);
  }
  for (let frame = await socket.expectNothing(); Buffer.isBuffer(frame); frame = await socket.next()) {
    texts.push(frame.subarray(frame.indexOf("{")).toString());
  }
  await socket.close();
  return texts.flatMap((text) => text.match(NAME) ?? []);
}

/** Every name that `realtime-publish` answers for this visitor and conversation. */
async function whatPublishingSees(stack: TestStack, conversation: string): Promise<string[]> {
  const request = { endUserId: "victim", endUserIds: ["mallory"], conversationId: conversation };
  const key = { "x-api-key": stack.agent.apiKey };
  const { text } = await callFunction(stack, "realtime-publish", postJson(request, key));
  return text.match(NAME) ?? [];
}

function namesOf({ id, signingSecret }: TestStack["agent"], conversation: string): Record<Channel, string> {
  const sign = (base: string, key: string) =>
    `${base}-${createHmac("sha256", key).update(base).digest("hex")}`;
  const contentKey = createHmac("sha256", signingSecret).update("content").digest("hex");
  return {
    "list": sign(`agent-${id}-user-victim`, signingSecret),
    "conversation": sign(`conv-${conversation}`, signingSecret),
    "content list": sign(`agent-${id}-user-victim`, contentKey),
    "content conversation": sign(`conv-${conversation}`, contentKey),
    "inbox": `agent-${id}-inbox-2`,
    "earlier inbox": `agent-${id}-inbox-1`,
    "inbox to come": `agent-${id}-inbox-3`,
    "misspelt inbox": `agent-${id}-inbox-2-x`,
    "events": `org-${DEMO_ORG}-events-2`,
    "earlier events": `org-${DEMO_ORG}-events-1`,
    "misspelt events": `org-${DEMO_ORG}-events-2-x`,
  };
}
