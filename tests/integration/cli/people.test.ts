import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { startStack, type TestStack } from "../../support/stack.ts";
import { heddle, heddleJson } from "./run.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const byKey = () => ({ HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey });
const byDatabase = () => ({ HEDDLE_DATABASE_URL: stack.dbUrl });
const json = <T = Record<string, unknown>>(...words: string[]) => heddleJson<T>(words, byKey());
const refused = async (words: string[], env: Record<string, string> = byKey()) => {
  const { code, stdout, stderr } = await heddle(words, { env });
  expect({ failed: code > 0, stdout }).toEqual({ failed: true, stdout: "" });
  return stderr.trimEnd();
};

/** An agent of an organisation of its own. */
async function newAgent(): Promise<string> {
  return (await json<{ id: string }>("agent", "create", "--name", "Shop", "--origin", "https://shop.example"))
    .id;
}

const invite = (agent: string, email: string, ...words: string[]) =>
  json<{ id: string; invited: boolean }>("operator", "invite", agent, "--email", email, ...words);

const mails = async (to: string) => {
  const answer = await fetch(`${stack.mailUrl}/api/v1/search?query=to:${to}`);
  const { messages } = await answer.json() as { messages: { Subject: string }[] };
  return messages.length;
};

describe("an agent that is created beside another", () => {
  it("has its team", async () => {
    const first = await newAgent();
    const email = newAddress();
    await invite(first, email, "--name", "Ada", "--role", "owner");
    const words = ["agent", "create", "--name", "Outlet", "--beside", first.toUpperCase()];
    const { stdout } = await heddle(words, { env: byKey() });
    expect(stdout).toContain('The team of "Shop" answers for it too');
    const { id } = await json<{ id: string }>(...words);
    expect(await json("operator", "list", id)).toMatchObject([{ name: "Ada", email }]);
  });

  it("must have one to be beside", async () => {
    expect(await refused(["agent", "create", "--name", "Outlet", "--beside", NOBODY]))
      .toBe(`There is no agent ${NOBODY}: see agent list.`);
  });
});

describe("operator", () => {
  it("invite makes an account for a new address, which gets a mail", async () => {
    const agent = await newAgent();
    const email = newAddress();
    const invited = await invite(agent, email.toUpperCase(), "--name", "Ada", "--role", "owner");
    expect(invited).toMatchObject({ name: "Ada", email, role: "owner", everyAgent: true, invited: true });
    expect(await mails(email)).toBe(1);
    const [user] = await stack.sql`select id from auth.users where email = ${email}`;
    expect(user?.id).toBe(invited.id);
  });

  it("invite makes somebody with an account a member with the password they have", async () => {
    const agent = await newAgent();
    const { id, email } = await newUser(stack);
    expect(await invite(agent, email, "--name", "Bo", "--this-agent"))
      .toMatchObject({ id, invited: false, role: "operator", everyAgent: false });
    expect(await mails(email)).toBe(0);
    const client = await signedIn(stack, email);
    const { data } = await client.schema("heddle_api").rpc("inbox_channels");
    expect(data.agents.map((each: { id: string }) => each.id)).toEqual([agent]);
  });

  it("invite again keeps the name and the role that it does not name, and tells a change", async () => {
    const agent = await newAgent();
    const { email } = await newUser(stack);
    await invite(agent, email, "--name", "Ada", "--role", "owner");
    expect(await invite(agent, email)).toMatchObject({ name: "Ada", role: "owner" });
    const other = await newUser(stack);
    await invite(agent, other.email, "--name", "Bo", "--role", "owner");
    const told = async (...words: string[]) =>
      (await heddle(["operator", "invite", agent, "--email", email, ...words], { env: byKey() })).stdout;
    expect(await told("--name", "Ada B")).toContain('"Ada B" answers as owner (was "Ada").');
    expect(await told("--role", "operator")).toContain('"Ada B" answers as operator (was owner).');
    expect(await told()).toContain('"Ada B" answers as operator.');
  });

  it("invite takes no role from the last owner, and names the way out before a mail is sent", async () => {
    const agent = await newAgent();
    const email = newAddress();
    await invite(agent, email, "--name", "Ada", "--role", "owner");
    const said = await refused(["operator", "invite", agent, "--email", email, "--role", "operator"]);
    expect(said).toContain('"Ada" is the last owner of all agents');
    expect(said).toContain("--role owner");
    expect(await mails(email)).toBe(1);
  });

  it("invite for one agent is no way to another role for all", async () => {
    const agent = await newAgent();
    const { email } = await newUser(stack);
    await invite(agent, email, "--name", "Bo");
    const again = ["operator", "invite", agent, "--email", email, "--name", "Bo"];
    expect(await refused([...again, "--role", "owner", "--this-agent"]))
      .toContain("A role counts for all agents of a member");
    expect((await json<{ role: string }[]>("operator", "list", agent))[0]?.role).toBe("operator");
  });

  it("invite leaves no password of a stranger who signed up with the address before", async () => {
    const agent = await newAgent();
    const email = newAddress();
    const stranger = pageClient(stack);
    const signedUp = await stranger.auth.signUp({ email, password: PASSWORD });
    expect(signedUp).toMatchObject({ data: { session: null }, error: null });
    const { link: firstLink } = await mailTo(stack, email);

    expect(await invite(agent, email, "--name", "Ada", "--role", "owner")).toMatchObject({ invited: true });
    expect((await mailTo(stack, email)).Subject).toBe("You have been invited");
    expect(fragmentOf(await follow(firstLink))).toMatchObject({ error_code: "otp_expired" });
    // Signing up once more must not bring the password back either.
    await stranger.auth.signUp({ email, password: PASSWORD });
    await invite(agent, email, "--name", "Ada", "--role", "owner");
    const session = fragmentOf(await follow((await mailTo(stack, email)).link));

    const { data, error } = await stranger.auth.signInWithPassword({ email, password: PASSWORD });
    expect({ session: data.session, code: error?.code }).toEqual({
      session: null,
      code: "invalid_credentials",
    });
    const ada = pageClient(stack);
    await ada.auth.setSession({
      access_token: session.access_token ?? "",
      refresh_token: session.refresh_token ?? "",
    });
    const { data: seen } = await ada.schema("heddle_api").rpc("inbox_channels");
    expect(seen.agents.map((each: { id: string }) => each.id)).toEqual([agent]);
  });

  it("invite again before the link was followed keeps the account and its memberships", async () => {
    const [agent, other] = [await newAgent(), await newAgent()];
    const email = newAddress();
    const { id } = await invite(agent, email, "--name", "Ada");
    expect(await invite(other, email, "--name", "Ada")).toMatchObject({ id, invited: true });
    expect(await mails(email)).toBe(2);
    const { data } = await serverClient(stack).auth.admin.getUserById(id);
    expect(data.user?.email_confirmed_at).toBeUndefined();
    expect(await json<unknown[]>("operator", "list", agent)).toHaveLength(1);
  });

  it("invite takes no unconfirmed account that another provider signs in to", async () => {
    const agent = await newAgent();
    const email = newAddress();
    const { data } = await pageClient(stack).auth.signUp({ email, password: PASSWORD });
    const id = data.user?.id ?? "";
    await stack.sql`
      insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
      values ('4711', ${id}, ${stack.sql.json({ sub: "4711", email })}, 'github', now(), now())`;
    expect(await refused(["operator", "invite", agent, "--email", email, "--name", "Ada"]))
      .toContain("github signs in to it");
    expect(await mails(email)).toBe(1);
    expect(await json<unknown[]>("operator", "list", agent)).toEqual([]);
  });

  it("list shows the team, and remove ends membership but not the account", async () => {
    const agent = await newAgent();
    const [owner, other] = [await newUser(stack), await newUser(stack)];
    await invite(agent, owner.email, "--name", "Ada", "--role", "owner");
    await invite(agent, other.email, "--name", "Bo");
    const list = () => json<{ name: string; role: string }[]>("operator", "list", agent);
    expect(await list()).toMatchObject([{ name: "Ada", role: "owner" }, { name: "Bo", role: "operator" }]);
    const { stdout } = await heddle(["operator", "list", agent], { env: byDatabase() });
    expect(stdout).toMatch(new RegExp(`${other.id} +Bo +${other.email} +operator`));

    expect(await json("operator", "remove", agent, other.email)).toMatchObject({
      id: other.id,
      removed: true,
    });
    expect(await list()).toHaveLength(1);
    await signedIn(stack, other.email);
    expect(await refused(["operator", "remove", agent, owner.id])).toContain("keeps at least one owner");
    expect(await refused(["operator", "remove", agent, owner.id], byDatabase()))
      .toContain("keeps at least one owner");
    expect(await list()).toHaveLength(1);
  });

  it("says what is wrong, and invites nobody", async () => {
    const agent = await newAgent();
    const email = newAddress();
    const words = ["operator", "invite", agent, "--email", email, "--name", "Ada"];
    expect(await refused(words.slice(0, 5))).toContain("--name is missing");
    expect(await refused([...words, "--role", "boss"])).toContain("owner, operator");
    expect(await refused(words.with(4, "nobody"))).toContain("--email must be an address");
    expect(await refused(words.with(2, NOBODY))).toContain(`no agent ${NOBODY}`);
    expect(await refused(words, byDatabase())).toContain("needs --url and --secret-key");
    expect(await refused([...words, "--inbox-url", "inbox"])).toContain("--inbox-url must be");
    expect(await refused(["operator", "remove", agent, email])).toContain(`no operator ${email}`);
    expect(await stack.sql`select from auth.users where email = ${email}`).toHaveLength(0);
  });
});

describe.each([["by URL and secret key", byKey], ["by database URL", byDatabase]])(
  "visitor, %s",
  (_, env) => {
    async function written(agent: string, endUser: string): Promise<void> {
      await stack.sql`select heddle_api.store_post(
      p_agent_id => ${agent}, p_end_user => ${endUser}, p_conversation_id => null,
      p_client_id => ${randomUUID()}, p_body => 'Do you deliver?')`;
    }

    it("export prints what is kept of them, and erase leaves nothing", async () => {
      const agent = await newAgent();
      await Promise.all([written(agent, "ada"), written(agent, "bob")]);
      const exported = () => heddleJson(["visitor", "export", agent, "ada"], env());
      expect(await exported()).toMatchObject({
        endUser: { id: "ada" },
        conversations: [{ messages: [{ text: "Do you deliver?" }] }],
      });
      expect(await heddleJson(["visitor", "erase", agent, "ada"], env()))
        .toEqual({ id: "ada", conversations: 1, messages: 1, erased: true });
      expect(await refused(["visitor", "export", agent, "ada"], env())).toContain(
        "keeps nothing of a visitor ada",
      );
      expect(await refused(["visitor", "erase", agent, "ada"], env())).toContain(
        "keeps nothing of a visitor ada",
      );
      expect(await stack.sql`select end_user_id from heddle.visitors where agent_id = ${agent}`)
        .toEqual([{ end_user_id: "bob" }]);
    });

    it("erase ends an anonymous visitor's token too", async () => {
      const agent = await newAgent();
      const visitor = `anon_${"0".repeat(32)}`;
      await written(agent, visitor);
      await heddleJson(["visitor", "erase", agent, visitor], env());
      const [row] = await stack.sql`select heddle.is_erased(${agent}, ${visitor}) as erased`;
      expect(row).toEqual({ erased: true });
    });

    it("names an agent that is not there", async () => {
      expect(await refused(["visitor", "export", NOBODY, "ada"], env())).toContain(`no agent ${NOBODY}`);
    });
  },
);
