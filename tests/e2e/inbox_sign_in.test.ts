import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

/** Links of the mails that were sent to an address, the newest first. */
async function linksTo(address: string): Promise<string[]> {
  const api = `${inbox.stack.mailUrl}/api/v1`;
  const list = await (await fetch(`${api}/search?query=${encodeURIComponent(`to:"${address}"`)}`)).json();
  return await Promise.all(list.messages.map(async ({ ID }: { ID: string }) => {
    const { Text } = await (await fetch(`${api}/message/${ID}`)).json();
    return /https?:\S+/.exec(Text)?.[0] ?? "";
  }));
}

test("a link in a mail signs in without a password, once", async () => {
  const { email = "" } = inbox.operators[0] ?? {};
  const { page } = await inbox.visit();
  await page.getByRole("button", { name: "Send me a link" }).click();
  expect(await page.getByLabel("Email").evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await linksTo(email)).toEqual([]);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText(`If ${email} belongs to a team`).waitFor();
  expect(await violationsOn(page, "sign_in_link")).toEqual([]);
  const [link = ""] = await linksTo(email);
  await page.goto(link);
  await page.getByText(`signs you in as ${email}`).waitFor();
  expect(page.url()).not.toContain("access_token");
  expect(await violationsOn(page, "offered")).toEqual([]);
  await page.getByRole("button", { name: `Continue as ${email}` }).click();
  await page.getByRole("heading", { name: "All open" }).waitFor();
  expect(page.url()).not.toContain("access_token");
  await page.reload();
  await page.getByRole("heading", { name: "All open" }).waitFor();

  const second = await inbox.visit();
  await second.page.goto(link);
  await second.page.getByText("This link has been used or has expired.").waitFor();
});

test("an address without an account gets no mail, and the page does not tell", async () => {
  const { page } = await inbox.visit();
  await page.getByLabel("Email").fill("nobody@example.com");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("If nobody@example.com belongs to a team").waitFor();
  expect(await linksTo("nobody@example.com")).toEqual([]);
});

/** Where a link that signs somebody else in leads, as an attacker would send it. */
async function foreignFragment(email: string): Promise<string> {
  const { apiUrl, publishableKey } = inbox.stack;
  const password = inbox.operators.find((operator) => operator.email === email)?.password;
  const answer = await fetch(`${apiUrl}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { "apikey": publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const { access_token, refresh_token } = await answer.json();
  const session = {
    access_token,
    refresh_token,
    expires_in: "3600",
    token_type: "bearer",
    type: "magiclink",
  };
  return `#${new URLSearchParams(session)}`;
}

test("an address with somebody else's session in it changes nothing for who is signed in, and is gone", async () => {
  const [mira, jonas] = inbox.operators;
  if (!mira || !jonas) throw new Error("The demo has two operators.");
  const { page, signIn } = await inbox.visit();
  await signIn(mira);
  await page.getByRole("heading", { name: "All open" }).waitFor();
  const foreign = await foreignFragment(jonas.email);
  const owner = () =>
    page.evaluate(() => JSON.parse(localStorage.getItem("heddle.inbox.session") ?? "null")?.user.email);

  const other = await page.context().newPage();
  await other.goto(`${inbox.url}/${foreign}`);
  await other.getByRole("heading", { name: "All open" }).waitFor();
  // In the open page only the fragment changes.
  await page.goto(`${inbox.url}/${foreign}`);
  for (const each of [other, page]) {
    await expect.poll(() => each.url()).not.toContain("token");
    await each.getByTitle(mira.email).waitFor();
    expect(await owner()).toBe(mira.email);
  }
  await other.goto(`${inbox.url}/#access_token=x&refresh_token=y&expires_in=3600&token_type=bearer`);
  await other.reload();
  await other.getByTitle(mira.email).waitFor();
  expect(await owner()).toBe(mira.email);
  await page.reload();
  await page.getByTitle(mira.email).waitFor();
  await page.goBack();
  expect(page.url()).not.toContain("token");

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password").waitFor();
  expect(await page.title()).toBe("Inbox");
  await page.goto(`${inbox.url}/${foreign}`);
  await page.getByText(`signs you in as ${jonas.email}`).waitFor();
  await page.getByRole("button", { name: "Sign in otherwise" }).click();
  await page.getByLabel("Password").waitFor();
  expect(await owner()).toBeUndefined();
});

test("who is invited chooses a password, and gets in with it the next time", async () => {
  const { apiUrl, secretKey, agent } = inbox.stack;
  const email = "grace@example.com";
  const call = async (path: string, body: object) => {
    const answer = await fetch(`${apiUrl}${path}`, {
      method: "POST",
      headers: {
        "apikey": secretKey,
        "authorization": `Bearer ${secretKey}`,
        "content-type": "application/json",
        "content-profile": "heddle_api",
      },
      body: JSON.stringify(body),
    });
    return await answer.json();
  };
  const { id } = await call(`/auth/v1/invite?redirect_to=${encodeURIComponent(inbox.url)}`, { email });
  await call("/rest/v1/rpc/invite_member", {
    p_agent_id: agent.id,
    p_user_id: id,
    p_name: "Grace",
    p_email: email,
    p_role: "operator",
  });
  const { page, signIn } = await inbox.visit();
  const [link = ""] = await linksTo(email);
  await page.goto(link);
  await page.getByRole("button", { name: `Continue as ${email}` }).click();
  await page.getByRole("heading", { name: "Choose a password" }).waitFor();
  expect(await violationsOn(page, "choose_password")).toEqual([]);
  await page.getByLabel("New password").fill("x");
  await page.getByRole("button", { name: "Save password" }).click();
  await page.getByText("too short or too easy").waitFor();
  await page.getByLabel("New password").fill("six words of a long sentence");
  await page.getByRole("button", { name: "Save password" }).click();
  await page.getByRole("heading", { name: "All open" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn({ email, password: "six words of a long sentence" });
  await page.getByRole("heading", { name: "All open" }).waitFor();

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel("New password").fill("another sentence, as long");
  await page.getByRole("button", { name: "Save password" }).click();
  await page.getByText("You are signed out everywhere else.").waitFor();
});
