import type { Row } from "../../../../inbox/core/rows.ts";
import type { Message } from "../../../../shared/events.ts";

export const URL_OF_PROJECT = "http://project.example";
export const AGENT_ID = "a0000000-0000-4000-8000-000000000001";
export const MIRA = {
  id: "10000000-0000-4000-8000-000000000001",
  email: "mira@example.com",
  password: "right",
};

export const JONAS = { id: "10000000-0000-4000-8000-000000000002", name: "Jonas Okafor" };
/** What the server's clock shows, in milliseconds since the epoch. */
export const SERVER_NOW = Date.parse("2026-05-01T08:00:00Z");
const MEMBERS = [{ id: MIRA.id, name: "Mira Holm" }, JONAS];

interface Written {
  id?: string;
  role: Message["role"];
  clientId?: string;
}

interface Stored {
  row: Row;
  messages: Message[];
  /** The row's number when the visitor wrote last. */
  wroteRev?: number;
}

/** An owner's Supabase project at its public interface: Auth's and the Data API's addresses, one operator, one team. */
export class FakeProject {
  online = true;
  /** Until it resolves no call of a function is answered. */
  answering: Promise<void> | null = null;
  epoch = 1;
  isMember = true;
  /** Sessions were ended on the server. */
  isExpired = false;
  /** How often Auth was asked for another token. */
  refreshes = 0;
  /** What Auth answers to that, other than a refusal. */
  onRefresh: (() => Response) | null = null;
  /** How far its clock is behind that of the operator's computer. */
  secondsBehind = 0;
  /** Names of the functions that were called, in order. */
  calls: string[] = [];
  /** Sites that the operator answers for besides, by id, and what there is on them. */
  readonly otherSites = new Map<string, { waiting: number; mine: number; unread: number }>();
  /** What was asked about them: the function's name and the site's id, in order. */
  askedElsewhere: string[] = [];
  /** Conversations of which the operator said that they have seen something, in order. */
  seen: string[] = [];
  /** And up to which number. */
  seenTo: number[] = [];
  /** What the operator said to be, in order. */
  said: string[] = [];
  /** By id; whoever has a lease. */
  present = new Map<string, string>();
  /** Ids of members who have not come in. */
  readonly invited = new Set<string>();
  /** Addresses that a link was sent to. */
  mailed: string[] = [];
  /** Agents of conversations that are another one's, by conversation. */
  readonly owners = new Map<string, string>();
  /** The last password that was chosen. */
  chosenPassword = "";
  /** Whose access tokens are, other than those for a password. */
  readonly linked = new Map<string, { id: string; email: string }>();
  /** Ids of conversations that were erased. */
  readonly gone: string[] = [];
  readonly conversations = new Map<string, Stored>();

  fetch = (url: string, init: RequestInit): Promise<Response> => {
    if (!this.online) return Promise.reject(new TypeError("fetch failed"));
    const { pathname } = new URL(url);
    const body = JSON.parse(String(init.body ?? "{}") || "{}");
    if (pathname === "/auth/v1/token") return Promise.resolve(this.#token(body));
    if (pathname === "/auth/v1/otp") return Promise.resolve(this.#otp(body));
    if (pathname === "/auth/v1/user") return Promise.resolve(this.#user(init, body));
    if (pathname.startsWith("/auth/v1/")) return Promise.resolve(new Response(null, { status: 204 }));
    const name = pathname.replace("/rest/v1/rpc/", "");
    this.calls.push(name);
    const { answering } = this;
    return answering
      ? answering.then(() => this.#answer(name, body))
      : Promise.resolve(this.#answer(name, body));
  };

  /** The fragment of the page that a link of a mail leads to. */
  link(
    user: { id: string; email: string },
    type = "magiclink",
    expiresAt = Date.now() / 1000 + 3600,
  ): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "HS256" })}.${
      part({ sub: user.id, exp: Math.floor(expiresAt) })
    }.c2lnbmF0dXJl`;
    this.linked.set(token, user);
    return `#access_token=${token}&expires_in=3600&refresh_token=refresh&token_type=bearer&type=${type}`;
  }

  #user(init: RequestInit, { password }: { password?: string }): Response {
    const token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? "";
    const user = this.linked.get(token);
    const headers = { "x-supabase-api-version": "2024-01-01" };
    if (!user) return Response.json({ code: "bad_jwt", message: "invalid JWT" }, { status: 403, headers });
    if (password !== undefined && password.length < 6) {
      const refusal = {
        code: "weak_password",
        message: "Too short.",
        weak_password: { reasons: ["length"] },
      };
      return Response.json(refusal, { status: 422, headers });
    }
    if (password !== undefined) this.chosenPassword = password;
    return Response.json({
      ...user,
      aud: "authenticated",
      app_metadata: {},
      user_metadata: {},
      created_at: "",
    });
  }

  /** A conversation with one message. Returns its id. */
  begin(customerName: string, text: string): string {
    const number = this.conversations.size + 1;
    const id = `c0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const row: Row = {
      id,
      psid: `visitor-${number}`,
      customerName,
      customerEmail: null,
      identified: true,
      pageName: null,
      name: null,
      status: "OPEN",
      snoozedUntil: null,
      snoozeEnded: false,
      needsHuman: false,
      assignee: null,
      labels: [],
      rev: 0,
      unread: 0,
      lastMessage: null,
      lastMessageAt: "",
      activeAt: "",
      waitingSince: null,
      readSeqs: { visitor: 0, team: 0 },
      deliveredSeqs: { visitor: 0, team: 0 },
    };
    this.conversations.set(id, { row, messages: [] });
    this.write(id, text);
    return id;
  }

  /** The visitor writes, or somebody else. Returns the data of what the team's channel hears. */
  write(id: string, text: string, { id: author, role, clientId }: Written = { role: "USER" }, at?: number) {
    return this.#add(id, { text, role, clientId, meta: { author: { id: author }, attachments: [] } }, at);
  }

  /** Somebody changes the conversation as a whole. Returns the row, and the data of what the team's channel hears. */
  change(id: string, change: Partial<Row>) {
    const stored = this.conversations.get(id);
    if (!stored) throw new Error(`There is no conversation ${id}.`);
    const rev = stored.row.rev + 1;
    const row: Row = { ...stored.row, ...change, rev };
    stored.row = row;
    const data = { conversationId: id, ...row };
    const at = "2026-01-01T00:00:00.000001+00:00";
    return { rev, row, events: [{ v: 1, id: `event-${rev}`, at, type: "conversation:updated", data }] };
  }

  #add(id: string, content: Pick<Message, "text" | "role" | "meta"> & { clientId?: string }, at?: number) {
    const stored = this.conversations.get(id);
    if (!stored) throw new Error(`There is no conversation ${id}.`);
    const { row, messages } = stored;
    const rev = row.rev + 1;
    const total = [...this.conversations.values()].reduce((sum, { messages }) => sum + messages.length, 0);
    const createdAt = at === undefined
      ? `2026-01-01T00:00:${String(total).padStart(2, "0")}.000001+00:00`
      : new Date(at).toISOString();
    const message: Message = { id: String(messages.length + 1), createdAt, ...content };
    const { text, role } = message;
    messages.push(message);
    if (role === "USER") stored.wroteRev = rev;
    stored.row = {
      ...row,
      rev,
      unread: role === "USER" ? row.unread + 1 : row.unread,
      lastMessage: { text, role, createdAt },
      lastMessageAt: createdAt,
      activeAt: createdAt,
      waitingSince: role === "USER" ? row.waitingSince ?? createdAt : null,
    };
    const events = [
      { type: "message:new", data: { conversationId: id, rev, message } },
      { type: "conversation:updated", data: { conversationId: id, ...stored.row } },
    ].map((event, index) => ({ v: 1, id: `event-${rev}-${index}`, at: createdAt, ...event }));
    return { message, rev, events };
  }

  #otp({ email, create_user }: { email?: string; create_user?: boolean }): Response {
    if (email === MIRA.email) {
      this.mailed.push(email);
      return Response.json({});
    }
    if (create_user) throw new Error("An operator's address never makes an account.");
    const refusal = { code: 422, error_code: "otp_disabled", msg: "Signups not allowed for otp" };
    return Response.json(refusal, { status: 422, headers: { "x-supabase-api-version": "2024-01-01" } });
  }

  #token({ email, password, refresh_token }: Record<string, string | undefined>): Response {
    if (refresh_token !== undefined) this.refreshes++;
    if (refresh_token !== undefined && this.onRefresh) return this.onRefresh();
    if (email !== MIRA.email || password !== MIRA.password) {
      const refusal = { code: 400, error_code: "invalid_credentials", msg: "Invalid login credentials" };
      return Response.json(refusal, { status: 400, headers: { "x-supabase-api-version": "2024-01-01" } });
    }
    const user = {
      id: MIRA.id,
      email,
      aud: "authenticated",
      app_metadata: {},
      user_metadata: {},
      created_at: "",
    };
    return Response.json({
      access_token: "header.payload.signature",
      refresh_token: "refresh",
      token_type: "bearer",
      expires_in: 3600,
      expires_at: Math.floor(Date.now() / 1000) + 3600 - this.secondsBehind,
      user,
    });
  }

  #answer(name: string, args: Record<string, unknown>): Response {
    const stored = this.conversations.get(String(args.p_conversation_id));
    if (this.isExpired) return Response.json({ code: "PGRST303", message: "JWT expired" }, { status: 401 });
    if (name === "inbox_channels") return Response.json({ agents: this.isMember ? this.#agents() : [] });
    const elsewhere = this.#answerElsewhere(name, String(args.p_agent_id));
    if (elsewhere) return elsewhere;
    if (!this.isMember) return refused("PT404", "agent_not_found");
    if (name === "inbox_here") {
      this.said.push(String(args.p_state));
      return Response.json({ state: args.p_state });
    }
    if (name === "inbox_present") {
      return Response.json([...this.present].map(([user_id, status]) => ({ user_id, status })));
    }
    if (name === "inbox_counts") return Response.json(this.#counts());
    if (name === "inbox_list") {
      const rows = [...this.conversations.values()].map(({ row }) => row);
      return Response.json({ rows, next: null, cursor: "snapshot" });
    }
    if (name === "inbox_changes") {
      const rows = [...this.conversations.values()].map(({ row }) => row);
      return Response.json({ rows, left: this.gone, more: false, cursor: "snapshot" });
    }
    if (!stored) return refused("PT404", "item_not_found");
    if (name === "inbox_thread" || name === "inbox_thread_changes") {
      const { row, messages } = stored;
      const agentId = this.owners.get(row.id) ?? AGENT_ID;
      return Response.json({
        agentId,
        row,
        rev: row.rev,
        messages,
        notes: [],
        seenBy: [],
        next: null,
        visitor: {},
      });
    }
    if (name === "inbox_claim") return this.#claim(stored.row);
    if (name === "inbox_assign") {
      const to = MEMBERS.find(({ id }) => id === args.p_to);
      return this.#changed(stored.row.id, { assignee: to ?? null });
    }
    if (name === "inbox_status" && Number(args.p_seen_rev) < (stored.wroteRev ?? 0)) {
      return refused("PT409", "conflict", `${stored.row.customerName} wrote in the meantime.`);
    }
    if (name === "inbox_status") {
      const end = args.p_seconds === undefined
        ? args.p_until
        : new Date(SERVER_NOW + Number(args.p_seconds) * 1000).toISOString();
      const snoozedUntil = end === undefined ? null : String(end);
      return this.#changed(stored.row.id, { status: String(args.p_status), snoozedUntil });
    }
    if (name === "inbox_read" && args.p_seen !== false) {
      this.seen.push(stored.row.id);
      this.seenTo.push(Number(args.p_seq));
    }
    if (name === "inbox_post" && /\0/.test(String(args.p_body))) return UNTRANSLATABLE.clone();
    if (name === "inbox_post") return Response.json(this.#post(stored.row.id, args));
    return Response.json({});
  }

  #claim({ id, assignee }: Row): Response {
    if (assignee && assignee.id !== MIRA.id) return refused("PT409", "conflict", assignee.name);
    return this.#changed(id, { assignee: { id: MIRA.id, name: "Mira Holm" } });
  }

  #changed(id: string, change: Partial<Row>): Response {
    const { rev, row } = this.change(id, change);
    return Response.json({ rev, row });
  }

  #post(id: string, { p_client_id, p_body }: Record<string, unknown>) {
    const author = { id: MIRA.id, name: "Mira Holm" };
    return this.#add(id, {
      clientId: String(p_client_id),
      text: String(p_body),
      role: "AGENT",
      meta: { author, attachments: [] },
    });
  }

  #answerElsewhere(name: string, agentId: string): Response | null {
    const site = this.otherSites.get(agentId);
    if (!site) return null;
    this.askedElsewhere.push(`${name} ${agentId}`);
    const { unread, ...counted } = site;
    if (name === "inbox_notifications") return Response.json({ unread, notifications: [], handed: [] });
    const nothing = { needsHuman: 0, unassigned: 0, open: 0, snoozed: 0, cap: 1000 };
    return Response.json({ ...nothing, ...counted });
  }

  #agents() {
    const others = [...this.otherSites.keys()].map((id) => this.#agent(id, `Site ${id}`));
    return [this.#agent(AGENT_ID, "Fern & Fable"), ...others];
  }

  #agent(id: string, name: string) {
    return {
      id,
      name,
      inboxChannel: `agent-${id}-inbox-${this.epoch}`,
      rights: ["answer", "replies", "labels"],
      members: MEMBERS.map((member) => ({
        ...member,
        email: null,
        role: "operator",
        ...(this.invited.has(member.id) ? { state: "offline", invited: true } : { state: "online" }),
      })),
      labels: [],
    };
  }

  #counts() {
    const open = this.conversations.size;
    return { needsHuman: 0, waiting: open, mine: 0, unassigned: open, open, snoozed: 0, cap: 1000 };
  }
}

/** What PostgREST answers to a text with NUL in it. */
const UNTRANSLATABLE = Response.json({
  code: "22P05",
  message: "unsupported Unicode escape sequence",
  details: "\\u0000 cannot be converted to text.",
  hint: null,
}, { status: 400 });

function refused(code: string, message: string, details = "There is nothing of that name."): Response {
  const status = Number(code.slice(2));
  return Response.json({ code, message, details, hint: null }, { status });
}
