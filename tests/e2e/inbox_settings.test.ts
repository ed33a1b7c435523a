import { scriptTag } from "../../shared/script_tag.mjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

const [mira, jonas] = [0, 1].map((index) => () => inbox.operators[index] ?? { email: "", password: "" }) as [
  () => { email: string; password: string },
  () => { email: string; password: string },
];

async function visitSettings(operator: { email: string; password: string }, section: string) {
  const visit = await inbox.visit();
  await visit.signIn(operator);
  await visit.page.getByRole("link", { name: "Settings", exact: true }).click();
  await visit.page.getByRole("navigation", { name: "Parts of the settings" })
    .getByRole("link", { name: section }).click();
  return visit.page;
}

test("labels are made, renamed and deleted, and every operator has them at once", async () => {
  const other = await inbox.visit();
  await other.signIn(jonas());
  const views = other.page.getByRole("navigation", { name: "Views" });
  await views.waitFor();
  const page = await visitSettings(mira(), "Labels");
  await page.getByText("There are no labels yet.").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Shipping");
  await page.getByRole("button", { name: "Add label" }).click();
  await views.getByRole("link", { name: "Shipping" }).waitFor();
  // The broadcast may come before the answer, with which the field is empty again.
  await expect.poll(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
  const chosen = page.getByRole("group", { name: "Colour", exact: true }).getByRole("radio", {
    checked: true,
  });
  await expect.poll(() => chosen.getAttribute("aria-label")).toBe("Green");
  await page.getByLabel("Name", { exact: true }).fill("Shipping");
  await page.getByRole("button", { name: "Add label" }).click();
  await page.getByText("There is one of that name already.").waitFor();
  expect(await violationsOn(page, "settings_labels")).toEqual([]);
  await page.getByLabel("Name of Shipping").fill("Delivery");
  await page.getByRole("button", { name: "Save label Shipping" }).click();
  await views.getByRole("link", { name: "Delivery" }).waitFor();
  await page.getByRole("button", { name: "Delete label Delivery" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await views.getByRole("link", { name: "Delivery" }).waitFor({ state: "hidden" });
});

test("after a label was deleted the focus is on the next row, and on the heading after the last", async () => {
  const page = await visitSettings(mira(), "Labels");
  for (const name of ["apple", "Birch", "cedar"]) {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Add label" }).click();
    await page.getByLabel(`Name of ${name}`).waitFor();
    await expect.poll(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
  }
  const names = page.locator("ul.setting-rows input[name=name]");
  expect(await names.evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value)))
    .toEqual(["apple", "Birch", "cedar"]);
  for (const name of ["Birch", "cedar", "apple"]) {
    await page.getByRole("button", { name: `Delete label ${name}` }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Delete", exact: true }).press("Enter");
    await page.getByLabel(`Name of ${name}`).waitFor({ state: "hidden" });
    await expect.poll(() =>
      page.evaluate(() => document.activeElement?.closest("section.setting")?.ariaLabel)
    ).toBe("Labels");
  }
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H2");
});

test("what may have been added although no answer came is looked for, and says so", async () => {
  const page = await visitSettings(mira(), "Labels");
  await page.route("**/inbox_save_label", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByLabel("Name", { exact: true }).fill("Lost");
  await page.getByRole("button", { name: "Add label" }).click();
  await page.getByText("It may have been added all the same").waitFor();
  await page.getByLabel("Name of Lost").waitFor();
  await page.getByRole("button", { name: "Delete label Lost" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByLabel("Name of Lost").waitFor({ state: "hidden" });
});

test("saved replies are made, changed and deleted", async () => {
  const page = await visitSettings(jonas(), "Saved replies");
  await page.getByLabel("Short name").fill("hello");
  await page.getByLabel("Text").fill("Hello, how can I help?");
  await page.getByRole("button", { name: "Add reply" }).click();
  await page.getByText("/hello").waitFor();
  expect(await violationsOn(page, "settings_replies")).toEqual([]);
  await page.getByRole("button", { name: "Edit hello" }).click();
  await page.getByLabel("Text").first().fill("Good day!");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Good day!").waitFor();
  await page.getByRole("button", { name: "Delete hello" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("There are no saved replies yet.").waitFor();
});

test("an owner sees the script tag, adds a store tab and reads what has failed; an operator has no such page", async () => {
  const { sql, agent } = inbox.stack;
  const page = await visitSettings(mira(), "Site");
  // As the command line prints it: without a token where visitors need none.
  const [{ accent } = { accent: "" }] = await sql<{ accent: string }[]>`
    update heddle.agents set anonymous_allowed = true where id = ${agent.id} returning display ->> 'accent' as accent`;
  await page.reload();
  const tag = scriptTag({ apiUrl: inbox.stack.apiUrl, agentId: agent.id, accent, anonymousAllowed: true });
  await page.getByText(tag, { exact: true }).waitFor();
  await page.getByLabel("Name of a new tab").fill("Ask us");
  await page.getByRole("button", { name: "Add tab" }).click();
  const tab = page.getByRole("listitem").filter({ has: page.getByLabel("Name of the tab Ask us") });
  await tab.getByText("Kept in your project").waitFor();
  const tabs = await sql`select source, category from heddle.tabs where name = 'Ask us'`;
  expect([...tabs]).toEqual([{ source: "store", category: "messaging" }]);
  await sql`insert into heddle.widget_issues (agent_id, tab_id, action, kind, host, hour, count, detail)
    select agent_id, id, 'fetch_thread', 'source_timeout', 'shop.example', date_trunc('hour', now()), 3, 'too slow'
    from heddle.tabs where name = 'Ask us'`;
  await page.reload();
  await page.getByText("source_timeout: too slow").waitFor();
  await page.getByText("3 times").waitFor();
  expect(await violationsOn(page, "settings_site")).toEqual([]);

  const operator = await inbox.visit();
  await operator.signIn(jonas());
  await operator.page.getByRole("link", { name: "Settings", exact: true }).click();
  await operator.page.getByRole("navigation", { name: "Parts of the settings" }).waitFor();
  expect(await operator.page.getByRole("link", { name: "Site" }).count()).toBe(0);
});

test("an owner says without a terminal what the widget is called, its colour, and which sites show it", async () => {
  const { sql, agent } = inbox.stack;
  const page = await visitSettings(mira(), "Site");
  const looks = page.getByRole("region", { name: "Title and colour" });
  await page.getByLabel("Heading of the widget").fill("Ask the gardeners");
  await page.getByLabel("Colour of the widget").fill("#7a3b2e");
  await looks.getByText("Not saved yet.").waitFor();
  await page.getByRole("button", { name: "Save title and colour" }).click();
  await looks.getByText("Not saved yet.").waitFor({ state: "detached" });
  await page.getByText('data-accent="#7a3b2e"').waitFor();
  const sites = page.getByRole("region", { name: "Sites that may show it" });
  await sites.getByLabel("Address of a site").fill("https://*.shop.example");
  await sites.getByRole("button", { name: "Add site" }).click();
  await sites.getByText("One with * is added from a terminal.").waitFor();
  await sites.getByLabel("Address of a site").fill("ftp://shop.example");
  await sites.getByRole("button", { name: "Add site" }).click();
  await sites.getByText("A site begins with https:// or http://").waitFor();
  await sites.getByLabel("Address of a site").fill("Ferns.example/plants?from=mail");
  await sites.getByRole("button", { name: "Add site" }).click();
  await sites.getByText("https://ferns.example", { exact: true }).waitFor();
  await sites.getByRole("status").getByText(
    "https://ferns.example was added: a site may show the widget on all",
  ).waitFor();
  expect(await sites.getByLabel("Address of a site").inputValue()).toBe("");
  expect(await violationsOn(page, "settings_looks")).toEqual([]);
  const kept = async () =>
    (await sql`select display ->> 'title' as title, display ->> 'accent' as accent,
      'https://ferns.example' = any(allowed_origins) as ferns from heddle.agents where id = ${agent.id}`)[0];
  expect(await kept()).toEqual({ title: "Ask the gardeners", accent: "#7a3b2e", ferns: true });
  await sites.getByRole("button", { name: "Remove the site https://ferns.example" }).click();
  await sites.getByText("Its pages no longer show the widget.").waitFor();
  await sites.getByRole("button", { name: "Remove", exact: true }).last().click();
  await sites.getByText("https://ferns.example", { exact: true }).waitFor({ state: "detached" });
  expect(await kept()).toMatchObject({ ferns: false });
});

test("an owner renames and removes a tab, and is told what becomes of its conversations", async () => {
  const { sql } = inbox.stack;
  const page = await visitSettings(mira(), "Site");
  await page.getByLabel("Name of a new tab").fill("Help");
  await page.getByRole("button", { name: "Add tab" }).click();
  await page.getByLabel("Name of the tab Help").fill("Ask a gardener");
  await page.getByRole("button", { name: "Save the tab Help" }).click();
  await page.getByRole("button", { name: "Remove the tab Ask a gardener" }).click();
  await page.getByText("Remove Ask a gardener? Visitors no longer see this tab. All conversations stay here")
    .waitFor();
  expect(await violationsOn(page, "settings_remove_tab")).toEqual([]);
  expect(await sql`select from heddle.tabs where name = 'Ask a gardener'`).toHaveLength(1);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByLabel("Name of the tab Ask a gardener").waitFor({ state: "hidden" });
  expect(await sql`select from heddle.tabs where name in ('Help', 'Ask a gardener')`).toHaveLength(0);
});

test("an owner adds a bot, sees its secret once, changes it and removes it", async () => {
  const { sql } = inbox.stack;
  const page = await visitSettings(mira(), "Site");
  await page.getByText("There are no bots.").waitFor();
  await page.getByLabel("Name of the bot").fill("Fern bot");
  await page.getByLabel("URL of its webhook").fill("https://bot.example/answer?key=1");
  await page.getByLabel("When it answers").selectOption("always");
  await page.getByRole("button", { name: "Add bot" }).click();
  await page.getByRole("listitem").filter({ hasText: "Fern bot" }).getByText("bot.example · Always")
    .waitFor();
  const [bot] = await sql`select secret, auto_respond from heddle.bots`;
  expect(bot?.auto_respond).toBe("always");
  await page.getByText(bot?.secret, { exact: true }).waitFor();
  expect(await violationsOn(page, "settings_bots")).toEqual([]);
  await page.getByRole("button", { name: "Give the bot Fern bot a new secret" }).click();
  await page.getByRole("button", { name: "New secret", exact: true }).click();
  await page.getByText(bot?.secret, { exact: true }).waitFor({ state: "detached" });
  const [rotated] = await sql`select secret, secret_previous from heddle.bots`;
  expect(rotated?.secret_previous).toBe(bot?.secret);
  await page.getByText(rotated?.secret, { exact: true }).waitFor();
  await page.getByLabel("Name of the bot").fill("Fern bot");
  await page.getByLabel("URL of its webhook").fill("https://bot.example/");
  await page.getByRole("button", { name: "Add bot" }).click();
  await page.getByText("There is one of that name already.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Change the bot Fern bot" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "Fern bot" });
  expect(await row.getByText("Not saved yet.").count()).toBe(0);
  expect(await row.getByLabel("When it answers: Fern bot").inputValue()).toBe("always");
  await row.getByLabel("Name of the bot: Fern bot").fill("Ask Fern");
  await page.reload();
  await page.getByRole("button", { name: "Change the bot Fern bot" }).click();
  expect(await row.getByLabel("Name of the bot: Fern bot").inputValue()).toBe("Ask Fern");
  await row.getByLabel("When it answers: Fern bot").selectOption("never");
  expect(await violationsOn(page, "settings_bot_change")).toEqual([]);
  await row.getByRole("button", { name: "Save" }).click();
  await page.getByRole("listitem").filter({ hasText: "Ask Fern" }).getByText("bot.example · Never by itself")
    .waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
    .toBe("Change the bot Ask Fern");
  const [changed] = await sql`select name, url, auto_respond from heddle.bots`;
  expect(changed).toEqual({
    name: "Ask Fern",
    url: "https://bot.example/answer?key=1",
    auto_respond: "never",
  });
  await page.getByRole("button", { name: "Remove the bot Ask Fern" }).click();
  expect(await page.getByText(bot?.secret).count()).toBe(0);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("There are no bots.").waitFor();
  expect(await sql`select from heddle.bots`).toHaveLength(0);
});

test("an owner of one site may change those only who answer for none but that one", async () => {
  const { sql, agent } = inbox.stack;
  await sql`
    insert into heddle.member_agents (org_id, user_id, agent_id)
    select org_id, user_id, ${agent.id} from heddle.members where name = 'Mira Holm'`;
  await sql`update heddle.members set every_agent = false where name = 'Mira Holm'`;
  const page = await visitSettings(mira(), "Team");
  await page.getByLabel("Role of Mira Holm").waitFor();
  const row = page.getByRole("region", { name: "Members" }).getByRole("listitem")
    .filter({ hasText: "Jonas Okafor" });
  await row.getByText("Operator").waitFor();
  expect(await row.getByRole("combobox").or(row.getByRole("button")).count()).toBe(0);
  await sql`
    with second as (
      insert into heddle.agents (org_id, name) select org_id, 'Second shop' from heddle.agents where id = ${agent.id}
      returning id, org_id
    )
    insert into heddle.member_agents (org_id, user_id, agent_id)
    select org_id, user_id, site from heddle.members join second using (org_id), unnest(array[${agent.id}::uuid, id]) site
    where name = 'Jonas Okafor'`;
  await sql`update heddle.members set every_agent = false where name = 'Jonas Okafor'`;
  await row.getByRole("button", { name: "Remove Jonas Okafor" }).click();
  await row.getByText("They stay in the team of the others.").waitFor();
  expect(await row.getByRole("combobox").count()).toBe(0);
  await row.getByRole("button", { name: "Remove", exact: true }).click();
  await row.waitFor({ state: "detached" });
  await sql`update heddle.members set every_agent = true where name = 'Jonas Okafor'`;
  await sql`delete from heddle.agents where name = 'Second shop'`;
  await sql`update heddle.members set every_agent = true where name = 'Mira Holm'`;
  await page.reload();
  await page.getByRole("button", { name: "Remove Jonas Okafor" }).waitFor();
});

test("a role counts at once in every open window, and who loses one asks for it and reads what became of the page", async () => {
  const { sql } = inbox.stack;
  const change = (name: string, role: string) =>
    sql`update heddle.members set role = ${role} where name like ${`${name}%`}`;
  const other = await visitSettings(jonas(), "Team");
  const page = await visitSettings(mira(), "Site");
  await expect.poll(inbox.listening).toBe(2);
  expect(await other.getByRole("link", { name: "Site", exact: true }).count()).toBe(0);
  await change("Jonas", "owner");
  await other.getByRole("link", { name: "Site", exact: true }).click();
  await other.getByRole("heading", { name: "Script tag" }).waitFor();
  await change("Mira", "operator");
  await page.getByText("“Site” is for owners, and you are an operator.").waitFor();
  await page.getByRole("heading", { name: "Members" }).waitFor();
  expect(await violationsOn(page, "settings_demoted")).toEqual([]);
  await change("Mira", "owner");
  await page.getByRole("heading", { name: "Script tag" }).waitFor();
  await other.getByRole("link", { name: "Team", exact: true }).click();
  await other.getByRole("button", { name: "Leave the team" }).click();
  await other.getByText("what you hold is free again").waitFor();
  await other.getByRole("button", { name: "Cancel" }).click();
  await other.getByLabel("Role of Jonas Okafor").selectOption("operator");
  await other.getByRole("button", { name: "Become an operator" }).click();
  await other.getByLabel("Role of Jonas Okafor").waitFor({ state: "hidden" });
});

test("an operator leaves the team by themselves", async () => {
  const { sql, agent } = inbox.stack;
  const page = await visitSettings(jonas(), "Team");
  const rows = page.getByRole("region", { name: "Members" }).getByRole("listitem");
  await rows.getByRole("button", { name: "Leave the team" }).click();
  expect(await rows.getByRole("button", { name: /Remove|Send again/ }).count()).toBe(0);
  expect(await violationsOn(page, "settings_leave")).toEqual([]);
  await rows.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByText("This account belongs to no team.").waitFor();
  await sql`
    select heddle_api.invite_member(${agent.id}, id, 'Jonas Okafor', email) from auth.users where email = ${jonas().email}`;
});

test("the last owner stays one, a name is everybody's own, and a removed member is out", async () => {
  const other = await inbox.visit();
  await other.signIn(jonas());
  await other.page.getByRole("heading", { name: "All open" }).waitFor();
  const page = await visitSettings(mira(), "Team");
  await page.getByText("From a terminal").click();
  await page.getByText(`npx heddle operator invite ${inbox.stack.agent.id}`).waitFor();
  await page.getByLabel("Role of Mira Holm").selectOption("operator");
  await page.getByText("another owner has to make you one again").waitFor();
  expect(await page.getByLabel("Role of Mira Holm").inputValue()).toBe("owner");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Cancel");
  expect(await violationsOn(page, "settings_step_down")).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByText("another owner has to make you one again").waitFor({ state: "hidden" });
  await page.getByLabel("Role of Mira Holm").selectOption("operator");
  await page.getByRole("button", { name: "Become an operator" }).click();
  await page.getByText("A team keeps at least one owner.").waitFor();
  expect(await page.getByLabel("Role of Mira Holm").inputValue()).toBe("owner");
  await page.getByRole("textbox", { name: "Your name" }).fill("Mira H.");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Mira H. (you)").waitFor();
  expect(await violationsOn(page, "settings_team")).toEqual([]);
  await page.getByRole("button", { name: "Remove Jonas Okafor" }).click();
  await page.getByText("Their account stays.").waitFor();
  expect(await violationsOn(page, "settings_remove")).toEqual([]);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await other.page.getByText("This account belongs to no team.").waitFor();
  await page.getByText("Jonas Okafor").first().waitFor({ state: "hidden" });
});

test("what is typed into the settings outlasts another section, Back and a reload, until it is discarded", async () => {
  const page = await visitSettings(mira(), "Saved replies");
  const sections = page.getByRole("navigation", { name: "Parts of the settings" });
  await page.getByLabel("Text").fill("It leaves the nursery on Monday.");
  await sections.getByRole("link", { name: "Saved replies Not saved yet." }).waitFor();
  await sections.getByRole("link", { name: "Labels" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Late");
  await page.goBack();
  await expect.poll(() => page.getByLabel("Text").inputValue()).toBe("It leaves the nursery on Monday.");
  expect(await violationsOn(page, "settings_unsaved")).toEqual([]);
  await page.reload();
  await expect.poll(() => page.getByLabel("Text").inputValue()).toBe("It leaves the nursery on Monday.");
  await page.getByRole("button", { name: "Discard" }).click();
  expect(await page.getByLabel("Text").inputValue()).toBe("");
  await sections.getByRole("link", { name: "Labels Not saved yet." }).click();
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Late");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.reload();
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
});

test("on a phone the settings are one column", async () => {
  const { page, signIn } = await inbox.visit({ viewport: { width: 390, height: 760 } });
  await signIn(mira());
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("textbox", { name: "Your name" }).waitFor();
  expect(await violationsOn(page, "phone_settings")).toEqual([]);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(390);
});
