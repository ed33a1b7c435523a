import { randomUUID } from "node:crypto";
import type { SupabaseClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LOCAL_JWT_SECRET } from "../../../local/config.ts";
import { inviteMemberAnswer } from "../../../shared/api/invite_member.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import {
  follow,
  fragmentOf,
  mailTo,
  newAddress,
  newUser,
  pageClient,
  PASSWORD,
  serverClient,
  signedIn,
} from "../local/auth_client.ts";
import { expectError } from "./support/errors.ts";
import { type Answer, callFunction, postJson } from "./support/visitor.ts";

const INBOX = "http://127.0.0.1:5174/team";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ functionsEnv: { HEDDLE_INBOX_URL: INBOX } });
});
afterAll(() => stack?.stop());
beforeEach(() => stack.sql`delete from heddle.rate_buckets where mode = 'invite'`);

interface Person {
  id: string;
  email: string;
  client: SupabaseClient;
  token: string;
}

/** An agent of an organisation of its own, or of another's. */
async function newAgent(orgId: string = randomUUID()): Promise<{ id: string; orgId: string }> {
  const [agent] = await stack
    .sql`insert into heddle.agents (org_id, name) values (${orgId}, 'Shop') returning id`;
  return { id: agent?.id, orgId };
}

/** Somebody who is signed in, and a member if there is a role. */
async function person(
  agentId: string,
  role: "owner" | "operator" | null,
  everyAgent = true,
): Promise<Person> {
  const user = await newUser(stack);
  if (role) {
    await stack.sql`
      select heddle_api.invite_member(${agentId}, ${user.id}, ${user.email}, ${user.email}, ${role}, ${everyAgent})`;
  }
  const client = await signedIn(stack, user.email);
  const { data } = await client.auth.getSession();
  return { ...user, client, token: data.session?.access_token ?? "" };
}

const invite = (by: { token: string } | null, body: unknown) =>
  callFunction(
    stack,
    "invite-member",
    postJson(body, by ? { authorization: `Bearer ${by.token}` } : {}),
  );

async function invited(by: Person, body: object) {
  const { status, text } = await invite(by, body);
  expect({ status, text }).toMatchObject({ status: 200 });
  return inviteMemberAnswer.parse(JSON.parse(text));
}

const messageOf = ({ body }: Answer) => body.error?.message;

async function mails(to: string): Promise<number> {
  const answer = await fetch(`${stack.mailUrl}/api/v1/search?query=${encodeURIComponent(`to:"${to}"`)}`);
  return (await answer.json()).messages.length;
}

async function team(by: Person, agentId: string) {
  const { data } = await by.client.schema("heddle_api").rpc("inbox_members", { p_agent_id: agentId });
  return data.members as { id: string; name: string; role: string; everyAgent: boolean; invited?: boolean }[];
}

describe("invite-member", () => {
  it("mails a new address a link into the inbox, where its owner is a member once they follow it", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const email = newAddress();
    const answer = await invited(owner, {
      agentId: agent.id,
      email: ` ${email.toUpperCase()}`,
      name: "Ada",
      role: "owner",
      page: "https://elsewhere.example/",
    });
    expect(answer).toMatchObject({
      name: "Ada",
      email,
      role: "owner",
      everyAgent: true,
      invited: true,
      was: null,
    });
    const mail = await mailTo(stack, email);
    expect(mail.Subject).toBe("You have been invited");
    expect((await team(owner, agent.id)).find(({ name }) => name === "Ada")).toMatchObject({ invited: true });

    const page = await follow(mail.link);
    expect(page.href).toMatch(`${INBOX}/#`);
    const session = fragmentOf(page);
    const ada = pageClient(stack);
    await ada.auth.setSession({
      access_token: session.access_token ?? "",
      refresh_token: session.refresh_token ?? "",
    });
    const { data } = await ada.schema("heddle_api").rpc("inbox_channels");
    expect(data.agents.map(({ id }: { id: string }) => id)).toEqual([agent.id]);
    expect((await team(owner, agent.id)).find(({ name }) => name === "Ada")).not.toHaveProperty("invited");
  });

  it("makes somebody with an account a member with the password they have, and mails nothing", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const { id, email } = await newUser(stack);
    expect(await invited(owner, { agentId: agent.id, email, name: "Bo" }))
      .toMatchObject({ id, role: "operator", invited: false });
    expect(await mails(email)).toBe(0);
    await signedIn(stack, email);
  });

  it("again changes name and role as they are named, keeps what is not, and sends the mail again", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const email = newAddress();
    const { id } = await invited(owner, { agentId: agent.id, email, name: "Ada" });
    const { link } = await mailTo(stack, email);
    expect(await invited(owner, { agentId: agent.id, email }))
      .toMatchObject({ id, name: "Ada", role: "operator", invited: true });
    expect(await mails(email)).toBe(2);
    expect(fragmentOf(await follow(link))).toMatchObject({ error_code: "otp_expired" });
    expect(await invited(owner, { agentId: agent.id, email, name: "Ada B", role: "owner" }))
      .toMatchObject({ name: "Ada B", role: "owner", was: { name: "Ada", role: "operator" } });
  });

  it("leaves no password of a stranger who signed up with the address before", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const email = newAddress();
    const stranger = pageClient(stack);
    await stranger.auth.signUp({ email, password: PASSWORD });
    expect(await invited(owner, { agentId: agent.id, email, name: "Ada" })).toMatchObject({ invited: true });
    await follow((await mailTo(stack, email)).link);
    const { error } = await stranger.auth.signInWithPassword({ email, password: PASSWORD });
    expect(error?.code).toBe("invalid_credentials");
  });

  it("takes no unconfirmed account that another provider signs in to", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const email = newAddress();
    const { data } = await pageClient(stack).auth.signUp({ email, password: PASSWORD });
    const id = data.user?.id ?? "";
    await stack.sql`
      insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
      values ('4711', ${id}, ${stack.sql.json({ sub: "4711", email })}, 'github', now(), now())`;
    const answer = await invite(owner, { agentId: agent.id, email, name: "Ada" });
    expectError(answer, "conflict");
    expect(answer.body.error?.issues).toMatchObject([{
      path: "email",
      message: expect.stringContaining("github"),
    }]);
    expect(await team(owner, agent.id)).toHaveLength(1);
  });
});

describe("invite-member refuses, and mails nothing to,", () => {
  it("whoever is no owner of that team, with one answer for every address", async () => {
    const [agent, other] = [await newAgent(), await newAgent()];
    const owner = await person(agent.id, "owner");
    const [operator, stranger, foreign, gone] = await Promise.all([
      person(agent.id, "operator"),
      person(agent.id, null),
      person(other.id, "owner"),
      person(agent.id, "owner"),
    ]);
    await stack.sql`select heddle_api.remove_member(${agent.id}, ${gone.id})`;
    const fresh = newAddress();
    for (const email of [fresh, owner.email, stranger.email]) {
      const body = { agentId: agent.id, email, name: "Eve" };
      expectError(await invite(operator, body), "forbidden");
      for (const each of [stranger, foreign, gone]) expectError(await invite(each, body), "agent_not_found");
    }
    expectError(await invite(owner, { agentId: randomUUID(), email: fresh, name: "Eve" }), "agent_not_found");
    expect(await mails(fresh)).toBe(0);
    expect(await stack.sql`select from auth.users where email = ${fresh}`).toHaveLength(0);
  });

  it("a token that is missing, forged or a key", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const body = { agentId: agent.id, email: newAddress(), name: "Eve" };
    expectError(await invite(null, body), "missing_session");
    const [head, claims] = owner.token.split(".");
    const forged = [`${head}.${claims}.${"A".repeat(43)}`, "x", stack.publishableKey, stack.secretKey];
    for (const token of forged) expectError(await invite({ token }, body), "invalid_session");
    expect(await mails(body.email)).toBe(0);
  });

  it("a token that is good by its signature, but whose account or session Auth knows no more", async () => {
    const agent = await newAgent();
    const [signedOut, banned, deleted] = await Promise.all([
      person(agent.id, "owner"),
      person(agent.id, "owner"),
      person(agent.id, "owner"),
      person(agent.id, "owner"),
    ]);
    await signedOut.client.auth.signOut();
    const { auth } = serverClient(stack);
    await auth.admin.updateUserById(banned.id, { ban_duration: "1h" });
    await auth.admin.deleteUser(deleted.id);
    const signed = (claims: Record<string, unknown>) =>
      new SignJWT({ role: "authenticated", ...claims }).setProtectedHeader({ alg: "HS256" })
        .setExpirationTime("1m").sign(new TextEncoder().encode(LOCAL_JWT_SECRET));
    const others = [await signed({}), await signed({ sub: "x" }), await signed({ sub: randomUUID() })];
    const body = { agentId: agent.id, email: newAddress(), name: "Eve" };
    for (const token of [signedOut.token, banned.token, deleted.token, ...others]) {
      expectError(await invite({ token }, body), "invalid_session");
    }
    expect(await mails(body.email)).toBe(0);
  });

  it("what is no invitation", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const good = { agentId: agent.id, email: newAddress(), name: "Ada" };
    const bad: [string, unknown][] = [
      ["agentId", { ...good, agentId: "x" }],
      ["email", { ...good, email: "nobody" }],
      ["email", { ...good, email: "a@b.example,c@d.example\r\nBcc: x@y.example" }],
      ["name", { ...good, name: "A\0da" }],
      ["role", { ...good, role: "boss" }],
      ["", { ...good, by: owner.id }],
    ];
    for (const [path, body] of bad) {
      const answer = await invite(owner, body);
      expectError(answer, "invalid_request");
      expect(answer.body.error?.issues?.map((issue) => issue.path)).toEqual([path]);
    }
    expectError(await invite(owner, { ...good, name: undefined }), "invalid_request");
    expectError(await invite(owner, { ...good, name: "А​da" }), "invalid_request");
    expectError(await invite(owner, "{"), "invalid_json");
    expectError(await callFunction(stack, "invite-member"), "method_not_allowed");
    expect(await mails(good.email)).toBe(0);
  });

  it("an address that Auth does not take, in Auth's words", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const answer = await invite(owner, { agentId: agent.id, email: "ada@-", name: "Ada" });
    expectError(answer, "invalid_request");
    expect(answer.body.error?.issues).toMatchObject([{
      path: "email",
      message: expect.stringContaining("Auth"),
    }]);
    expect(await team(owner, agent.id)).toHaveLength(1);
  });

  it("a name that somebody of the team has, and takes ownership from nobody's last owner", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const email = newAddress();
    const taken = await invite(owner, { agentId: agent.id, email, name: owner.email.toUpperCase() });
    expectError(taken, "conflict");
    expect(taken.body.error?.issues?.map(({ path }) => path)).toEqual(["name"]);
    expect(await mails(email)).toBe(0);
    const last = await invite(owner, { agentId: agent.id, email: owner.email, role: "operator" });
    expectError(last, "conflict");
    expect(messageOf(last)).toContain("at least one owner");
  });

  it("whoever was removed meanwhile and is to be mailed again without a name, and says so", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const email = newAddress();
    const { id } = await invited(owner, { agentId: agent.id, email, name: "Ada" });
    await stack.sql`select heddle_api.remove_member(${agent.id}, ${id})`;
    const answer = await invite(owner, { agentId: agent.id, email });
    expectError(answer, "invalid_request");
    expect(messageOf(answer)).toContain("is none any more");
    expect(await mails(email)).toBe(1);
  });

  it("an account that is not there when the member is made", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    await expect(stack.sql`
      select heddle_api.invite_member(${agent.id}, ${randomUUID()}, 'Ada', null, 'operator', true, ${owner.id})`)
      .rejects.toMatchObject({ code: "PT409" });
    expect(await team(owner, agent.id)).toHaveLength(1);
  });

  it("more than twenty in an hour, counted for an organisation", async () => {
    const agent = await newAgent();
    const [owner, second] = [await person(agent.id, "owner"), await person(agent.id, "owner")];
    const other = await newAgent();
    const foreign = await person(other.id, "owner");
    const body = { agentId: agent.id, email: second.email };
    await stack.sql`
      select heddle.take_token(${"00000000-0000-0000-0000-000000000000"}, 'org', 'invite', ${agent.orgId})
      from generate_series(1, 19)`;
    await invited(owner, body);
    for (const by of [owner, second]) {
      const answer = await invite(by, { ...body, email: newAddress(), name: "Ada" });
      expectError(answer, "rate_limited");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(60);
    }
    await invited(foreign, { agentId: other.id, email: newAddress(), name: "Ada" });
  });

  it("an address that has got three mails within a day, whoever sends them", async () => {
    const [agent, other] = [await newAgent(), await newAgent()];
    const owners = [await person(agent.id, "owner"), await person(other.id, "owner")] as const;
    const email = newAddress();
    const body = { agentId: agent.id, email, name: "Ada" };
    for (let n = 0; n < 3; n++) await invited(owners[0], body);
    for (const [by, agentId] of [[owners[0], agent.id], [owners[1], other.id]] as const) {
      const answer = await invite(by, { ...body, agentId });
      expectError(answer, "rate_limited");
      expect(answer.body.error?.issues).toMatchObject([{
        path: "email",
        message: expect.stringContaining("8 hours"),
      }]);
    }
    expect(await mails(email)).toBe(3);
  });
});

describe("what was charged for an invitation", () => {
  const spend = (orgId: string, tokens: number) =>
    stack.sql`
      select heddle.take_token('00000000-0000-0000-0000-000000000000', 'org', 'invite', ${orgId})
      from generate_series(1, ${tokens})`;

  it("is nothing of an address where the organisation may invite nobody, and the other way round", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const body = { agentId: agent.id, email: newAddress(), name: "Ada" };
    await spend(agent.orgId, 20);
    for (let n = 0; n < 4; n++) expectError(await invite(owner, body), "rate_limited");
    await stack.sql`delete from heddle.rate_buckets where mode = 'invite'`;
    for (let n = 0; n < 3; n++) await invited(owner, body);
    await spend(agent.orgId, 16);
    for (let n = 0; n < 2; n++) {
      const { issues } = (await invite(owner, body)).body.error ?? {};
      expect(issues?.map(({ path }) => path)).toEqual(["email"]);
    }
    await invited(owner, { ...body, email: newAddress(), name: "Bo" });
    expectError(await invite(owner, { ...body, email: newAddress(), name: "Cleo" }), "rate_limited");
  });

  it("comes back where the mail could not be sent, but for an account that was made", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    // The mail server takes no such address.
    const email = newAddress().replace("@", "..x@");
    const body = { agentId: agent.id, email, name: "Ada" };
    await spend(agent.orgId, 18);
    for (let n = 0; n < 5; n++) expectError(await invite(owner, body), "unavailable");
    expect(await team(owner, agent.id)).toHaveLength(1);

    const mended = newAddress();
    const [account] = await stack.sql`
      update auth.users set email = ${mended} where email = ${email} returning id`;
    expect(await invited(owner, { ...body, email: mended })).toMatchObject({
      id: account?.id,
      invited: true,
    });
    expect(await mails(mended)).toBe(1);
    expectError(await invite(owner, { ...body, email: newAddress(), name: "Bo" }), "rate_limited");
  });
});

describe("an owner of listed agents", () => {
  it("invites for these agents alone", async () => {
    const agent = await newAgent();
    const other = await newAgent(agent.orgId);
    await person(agent.id, "owner");
    const owner = await person(agent.id, "owner", false);
    const body = { agentId: agent.id, email: newAddress(), name: "Ada" };
    expectError(await invite(owner, { ...body, everyAgent: true }), "forbidden");
    expectError(await invite(owner, { ...body, agentId: other.id }), "agent_not_found");
    expect(await invited(owner, body)).toMatchObject({ everyAgent: false });
    const [{ agents } = { agents: [] }] = await stack.sql`
      select array_agg(agent_id::text) as agents from heddle.member_agents
      where user_id = (select id from auth.users where email = ${body.email})`;
    expect(agents).toEqual([agent.id]);
  });

  it("changes neither name nor role of who answers for more", async () => {
    const agent = await newAgent();
    const other = await newAgent(agent.orgId);
    const all = await person(agent.id, "owner");
    const owner = await person(agent.id, "owner", false);
    const beside = await person(other.id, "operator", false);
    expectError(await invite(owner, { agentId: agent.id, email: all.email, role: "operator" }), "conflict");
    expectError(
      await invite(owner, { agentId: agent.id, email: beside.email, name: "Mine", role: "owner" }),
      "conflict",
    );
    expect(await invited(owner, { agentId: agent.id, email: beside.email, name: "Mine" }))
      .toMatchObject({ name: beside.email, role: "operator", everyAgent: false });
    expect(await invited(owner, { agentId: agent.id, email: all.email, name: "Mine" }))
      .toMatchObject({ name: all.email, role: "owner", everyAgent: true });
  });

  it("is one no more if they lost that while the mail was on its way", async () => {
    const agent = await newAgent();
    const owner = await person(agent.id, "owner");
    const { id } = await newUser(stack);
    await stack.sql`update heddle.members set role = 'operator' where user_id = ${owner.id}`;
    await expect(stack.sql`
      select heddle_api.invite_member(${agent.id}, ${id}, 'Ada', null, 'operator', true, ${owner.id})`)
      .rejects.toMatchObject({ code: "PT403" });
    expect(await stack.sql`select from heddle.members where user_id = ${id}`).toHaveLength(0);
  });
});
