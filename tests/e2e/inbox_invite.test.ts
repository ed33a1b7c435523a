import { afterAll, beforeAll, expect, test } from "vitest";
import { keepScreenshot } from "../support/axe.ts";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

const mira = () => inbox.operators[0] ?? { email: "", password: "" };
const jonas = () => inbox.operators[1] ?? { email: "", password: "" };

/** Links of the mails that were sent to an address, the newest first. */
async function linksTo(address: string): Promise<string[]> {
  const api = `${inbox.stack.mailUrl}/api/v1`;
  const list = await (await fetch(`${api}/search?query=${encodeURIComponent(`to:"${address}"`)}`)).json();
  return await Promise.all(list.messages.map(async ({ ID }: { ID: string }) => {
    const { Text } = await (await fetch(`${api}/message/${ID}`)).json();
    return /https?:\S+/.exec(Text)?.[0] ?? "";
  }));
}

async function visitTeam(operator: { email: string; password: string }, options = {}) {
  const visit = await inbox.visit(options);
  await visit.signIn(operator);
  await visit.page.getByRole("link", { name: "Settings", exact: true }).click();
  await visit.page.getByRole("navigation", { name: "Parts of the settings" })
    .getByRole("link", { name: "Team" }).click();
  const form = visit.page.getByRole("region", { name: "Invite somebody" });
  return { ...visit, form };
}

test("an owner invites somebody by keys alone, who comes in by the mail, chooses a password and answers", async () => {
  const email = "grace@example.com";
  await inbox.visitorWrites("ivo", null, "Who is new here?", "Ivo Lind");
  const { page, form } = await visitTeam(mira());
  await form.getByLabel("E-mail").focus();
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type("Grace Poe");
  await page.keyboard.press("Enter");
  await form.getByRole("status").getByText("A mail with a link is on its way to Grace Poe.").waitFor();
  expect(await form.getByLabel("E-mail").inputValue()).toBe("");
  const row = page.getByRole("region", { name: "Members" }).getByRole("listitem").filter({
    hasText: "Grace Poe",
  });
  await row.getByText("Invited, has not come in yet").waitFor();
  expect(await violationsOn(page, "settings_invited")).toEqual([]);
  await row.getByRole("button", { name: "Send again: invitation of Grace Poe" }).press("Enter");
  await row.getByRole("status").getByText("A mail with a link is on its way").waitFor();
  const [again, remove] = await Promise.all(
    ["Send again", "Remove"].map(async (name) => await row.getByRole("button", { name }).boundingBox()),
  );
  expect(remove?.y).toBe(again?.y);

  const colleague = await inbox.visit();
  await colleague.signIn(jonas());
  const inTeam = colleague.page.getByRole("region", { name: "Team" }).getByRole("listitem").filter({
    hasText: "Grace Poe",
  });
  await inTeam.getByText("invited", { exact: true }).waitFor();
  expect(await inTeam.getByText("not here").count()).toBe(0);
  expect(await violationsOn(colleague.page, "team_invited")).toEqual([]);
  await colleague.open("Ivo Lind");
  const takers = async () => {
    await colleague.page.getByRole("button", { name: "Hand over" }).click();
    return await colleague.page.getByRole("dialog", { name: "Hand over" }).getByRole("button")
      .allTextContents();
  };
  const before = (await takers()).join();
  expect(before).toContain("Mira Holm");
  expect(before).not.toContain("Grace Poe");

  const [newest = "", first = ""] = await linksTo(email);
  const grace = await inbox.visit();
  await grace.page.goto(first);
  await grace.page.getByText("This link has been used or has expired.").waitFor();
  await grace.page.goto(newest);
  expect(grace.page.url()).toContain(inbox.url);
  await grace.page.getByRole("button", { name: `Continue as ${email}` }).click();
  await grace.page.getByLabel("New password").fill("six words of a long sentence");
  await grace.page.getByRole("button", { name: "Save password" }).click();
  await grace.open("Ivo Lind");
  await grace.page.getByRole("textbox", { name: "Reply" }).fill("I am. Hello!");
  await grace.page.keyboard.press("Enter");
  await grace.page.getByRole("log").getByText("I am. Hello!").waitFor();

  await row.getByText("Invited, has not come in yet").waitFor({ state: "detached" });
  await colleague.page.getByRole("dialog", { name: "Hand over" }).getByRole("button", { name: "Grace Poe" })
    .waitFor();
  await inTeam.getByText("here", { exact: true }).waitFor({ state: "attached" });
  await grace.page.getByRole("link", { name: "Settings", exact: true }).click();
  await grace.page.getByRole("heading", { name: "Members" }).waitFor();
  expect(await grace.page.getByRole("heading", { name: "Invite somebody" }).count()).toBe(0);
});

test("what is wrong stands beside its field, which has the focus, and what was typed stays", async () => {
  const { page, form } = await visitTeam(mira());
  const [address, name] = [form.getByLabel("E-mail"), form.getByLabel("Name")];
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("name"));
  await address.fill("nora@example.com");
  await name.fill("jonas okafor");
  await form.getByRole("button", { name: "Invite" }).click();
  await form.getByRole("alert").getByText("Somebody in the team, or a bot, is called that already.")
    .waitFor();
  expect(await focused()).toBe("name");
  expect(await name.getAttribute("aria-invalid")).toBe("true");
  const description = await name.getAttribute("aria-describedby");
  expect(await page.locator(`#${description}`).textContent()).toContain("is called that already");
  expect(await violationsOn(page, "settings_invite_refused")).toEqual([]);
  expect(await linksTo("nora@example.com")).toEqual([]);

  await address.fill("no&ra@example.com");
  await form.getByRole("button", { name: "Invite" }).click();
  await form.getByRole("alert").getByText("E-mail must be one email address.").waitFor();
  expect(await focused()).toBe("email");
  expect(await name.inputValue()).toBe("jonas okafor");

  await page.route("**/functions/v1/invite-member", (route) => route.abort());
  await form.getByRole("button", { name: "Invite" }).click();
  await form.getByRole("alert").getByText("They may be invited all the same").waitFor();
  await page.unroute("**/functions/v1/invite-member");
  await page.route(
    "**/functions/v1/invite-member",
    (route) =>
      route.fulfill({
        status: 404,
        headers: { "access-control-allow-origin": "*" },
        json: { code: "NOT_FOUND" },
      }),
  );
  await form.getByRole("button", { name: "Invite" }).click();
  await form.getByRole("alert").getByText("The project has no function invite-member").waitFor();
  await page.unroute("**/functions/v1/invite-member");
  await page.reload();
  expect(await name.inputValue()).toBe("jonas okafor");

  await address.fill(jonas().email);
  await name.fill("Jonas Okafor");
  await form.getByRole("button", { name: "Invite" }).click();
  await form.getByRole("status").getByText("Jonas Okafor is in the team, as").waitFor();
});

test("what is typed next is not sent yet, and takes the outcome of the last invitation away", async () => {
  const { page, form } = await visitTeam(mira());
  const outcome = form.getByText("A mail with a link is on its way to Sven Berg.");
  await form.getByLabel("E-mail").fill("sven@example.com");
  await form.getByLabel("Name").fill("Sven Berg");
  await form.getByRole("button", { name: "Invite" }).click();
  await outcome.waitFor();
  await form.getByLabel("E-mail").fill("sven@");
  await outcome.waitFor({ state: "detached" });
  await form.getByText("Not sent yet.").waitFor();
  const [invite, discard] = await Promise.all(["Invite", "Discard"].map(async (name) => {
    const box = await form.getByRole("button", { name }).boundingBox();
    return box && box.y + box.height / 2;
  }));
  expect(Math.abs((invite ?? 0) - (discard ?? 100))).toBeLessThan(2);
  expect(await violationsOn(page, "settings_invite_unsent")).toEqual([]);
});

test("who is invited again under another name or role is told of with what they were before", async () => {
  const { form } = await visitTeam(mira());
  const invite = async (name: string, role: string) => {
    await form.getByLabel("E-mail").fill("lena@example.com");
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Role").selectOption(role);
    await form.getByRole("button", { name: "Invite" }).click();
    const status = form.getByRole("status").filter({ hasText: `on its way to ${name}.` });
    await status.waitFor();
    return await status.textContent();
  };
  const mailed = (name: string) => `A mail with a link is on its way to ${name}.`;
  expect(await invite("Lena", "owner")).toBe(mailed("Lena"));
  expect(await invite("Lena Brandt", "operator")).toBe(`${mailed("Lena Brandt")} Before: “Lena”, Owner.`);
  expect(await invite("Lena Brandt", "operator")).toBe(mailed("Lena Brandt"));
});

test("an owner of several sites says which the invited one answers for", async () => {
  const { sql, agent } = inbox.stack;
  await sql`insert into heddle.agents (org_id, name)
    select org_id, 'Second shop' from heddle.agents where id = ${agent.id}`;
  const { page, form } = await visitTeam(mira());
  const reach = form.getByLabel("Answers for");
  expect(await reach.inputValue()).toBe("every");
  const reachOf = async (email: string, choice: string) => {
    await form.getByLabel("E-mail").fill(email);
    await form.getByLabel("Name").fill(email.split("@")[0] ?? "");
    await form.getByLabel("Role").selectOption("owner");
    await reach.selectOption(choice);
    await form.getByRole("button", { name: "Invite" }).click();
    await form.getByText(`on its way to ${email.split("@")[0]}`).waitFor();
    const [member] = await sql`select role, every_agent from heddle.members where email = ${email}`;
    return member;
  };
  expect(await reachOf("wide@example.com", "every")).toEqual({ role: "owner", every_agent: true });
  expect(await reachOf("narrow@example.com", "this")).toEqual({ role: "owner", every_agent: false });
  expect(await violationsOn(page, "settings_invite_sites")).toEqual([]);
  await sql`delete from heddle.agents where name = 'Second shop'`;
});

test("on a phone the form fits its screen", async () => {
  const { page, form } = await visitTeam(mira(), { viewport: { width: 390, height: 844 } });
  await form.scrollIntoViewIfNeeded();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await keepScreenshot(page, "inbox/settings_invite, phone");
  expect(await violationsOn(page, "settings_invite_phone")).toEqual([]);
});
