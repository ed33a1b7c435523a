import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { newUser, signedIn } from "../integration/local/auth_client.ts";
import type { ShopPage } from "../support/shop_page.ts";
import { violationsOn } from "../support/axe.ts";
import { type Shopper, useShop } from "./support/shop.ts";

const shop = useShop({ storeTab: true });

type Answer = Record<string, unknown>;

/** Calls a function as a member of the team who has signed in. */
let operator: (name: string, args: Answer) => Promise<Answer>;

beforeAll(async () => {
  const { stack } = shop;
  const { id, email } = await newUser(stack);
  await stack.sql`select heddle_api.invite_member(${stack.agent.id}, ${id}, 'Olga', ${email})`;
  const client = await signedIn(stack, email);
  operator = async (name, args) => {
    const { data, error } = await client.schema("heddle_api").rpc(name, args);
    expect(error).toBeNull();
    return data as Answer;
  };
});

/** A visitor on the store tab who has sent a first message; and the conversation that it began. */
async function writeFirst(body: string): Promise<{ page: ShopPage; shopper: Shopper; id: string }> {
  const shopper = await shop.newShopper();
  const page = await shop.visit(shopper);
  await page.openChat();
  await page.tab("Chat with us").click();
  await page.panel.getByRole("button", { name: "Start a conversation" }).click();
  await page.send(body);
  await page.message(body).waitFor();
  await page.panel.getByText("Sent", { exact: true }).waitFor();
  const { rows } = await operator("inbox_list", { p_agent_id: shop.stack.agent.id }) as {
    rows: { id: string; psid: string }[];
  };
  return { page, shopper, id: rows.find(({ psid }) => psid === shopper.id)?.id ?? "" };
}

/** Resolves to the new message's number. */
async function reply(id: string, body: string): Promise<number> {
  const { message } = await operator("inbox_post", {
    p_conversation_id: id,
    p_client_id: randomUUID(),
    p_body: body,
  }) as { message: { id: string } };
  return Number(message.id);
}

it("shows what the team writes, changes and deletes, without a webhook and without a reload", async () => {
  const { page, id } = await writeFirst("Is anybody there?");
  const validations = page.calls("validate-widget").length;

  const seq = await reply(id, "Yes, good mornin");
  await page.message("Yes, good mornin").waitFor();
  await operator("inbox_edit", { p_conversation_id: id, p_seq: seq, p_body: "Yes, good morning" });
  await page.message("Yes, good morning").waitFor();
  expect(await page.messages()).toEqual(["Is anybody there?", "Yes, good morning"]);

  const second = await reply(id, "To be taken back");
  await page.message("To be taken back").waitFor();
  await operator("inbox_edit", { p_conversation_id: id, p_seq: second, p_body: null });
  await page.message("To be taken back").waitFor({ state: "detached" });
  expect(page.calls("validate-widget")).toHaveLength(validations);
  expect(page.complaints).toEqual([]);
});

it("shows the team what the visitor answers, and each side what the other has seen", async () => {
  const { page, id } = await writeFirst("Do you have tree ferns?");
  await operator("inbox_read", { p_conversation_id: id, p_seq: 1, p_seen: false });
  await page.panel.getByText("Delivered", { exact: true }).waitFor();
  await operator("inbox_read", { p_conversation_id: id, p_seq: 1 });
  await page.panel.getByText("Seen", { exact: true }).waitFor();

  const seq = await reply(id, "Two of them.");
  await page.message("Two of them.").waitFor();
  await expect.poll(() => operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
    row: { readSeqs: { visitor: seq } },
  });
  await page.send("I take both.");
  await expect.poll(() => operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
    messages: [{ text: "Do you have tree ferns?" }, { text: "Two of them." }, { text: "I take both." }],
  });
});

it("tells the team on which page a conversation began, without what its address asks for", async () => {
  const { id, page } = await writeFirst("Where am I?");
  const { visitor } = await operator("inbox_visitor", { p_conversation_id: id });
  expect((visitor as Answer).page).toEqual({
    title: await page.page.title(),
    url: `${shop.stack.shopUrl}/`,
    locale: await page.page.evaluate("navigator.language"),
    timeZone: await page.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone"),
  });
  await page.page.evaluate("document.title = 'Elsewhere'");
  await page.send("And now?");
  await expect.poll(async () => (await operator("inbox_visitor", { p_conversation_id: id })).visitor)
    .toMatchObject({ page: { title: "Elsewhere" } });
});

it("counts an answer in the list and on the launcher while the panel is closed", async () => {
  const { page, id } = await writeFirst("Are ferns poisonous?");
  await page.button("Close messages").last().click();
  await reply(id, "None that we sell.");
  await page.launcher(1).waitFor();
  await page.openChat();
  await page.message("None that we sell.").waitFor();
  await page.launcher(1).waitFor({ state: "detached" });
});

it("fetches nothing for what the team writes", async () => {
  const { page, id } = await writeFirst("How do I water them?");
  await reply(id, "From below.");
  await page.message("From below.").waitFor();
  const fetches = () => page.calls().filter((call) => call === "tab-fetch" || call === "item_clicked");
  // What the first message caused: the row's fetch, and a second look where that found nothing new.
  await page.isQuiet();
  const before = fetches().length;
  for (let number = 1; number <= 30; number++) await reply(id, `Tip ${number}.`);
  await page.message("Tip 30.").waitFor();
  expect(await page.messages()).toHaveLength(32);
  expect(fetches()).toHaveLength(before);
});

it("says of a conversation no more than that it is resolved", async () => {
  const { page, id } = await writeFirst("Thank you, all fine.");
  await reply(id, "Until next time!");
  await page.message("Until next time!").waitFor();
  await expect.poll(() => page.panel.getByText("OPEN", { exact: true }).count()).toBe(0);
  await operator("inbox_status", { p_conversation_id: id, p_status: "resolved" });
  await page.button("Back").click();
  await page.panel.getByText("Resolved", { exact: true }).waitFor();
});

it("lets a visitor change and delete their own messages by the keyboard, and the team sees it", async () => {
  const { page, id } = await writeFirst("Do you hav bonsai?");
  const options = page.panel.getByRole("button", { name: "Message options" });
  await options.focus();
  await page.page.keyboard.press("Enter");
  await page.page.keyboard.press("Enter");
  const field = page.panel.getByRole("textbox", { name: "Edit message" });
  await field.fill("Do you have bonsai?");
  await page.page.reload();
  await expect.poll(() => field.inputValue()).toBe("Do you have bonsai?");
  await field.press("Enter");
  await page.message("Do you have bonsai?").waitFor();
  await page.message("Edited").waitFor();
  expect(await operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
    messages: [{ text: "Do you have bonsai?", meta: { editedAt: expect.any(String) } }],
  });

  await page.page.keyboard.press("Enter");
  await page.page.keyboard.press("Tab");
  await page.page.keyboard.press("Enter");
  await page.panel.getByText("Delete this message?").waitFor();
  await page.page.keyboard.press("Tab");
  await page.page.keyboard.press("Enter");
  await page.message("This message was deleted.").waitFor();
  expect(await operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
    messages: [{ text: "", meta: { deletedAt: expect.any(String) } }],
  });
  await reply(id, "We still have some.");
  await page.message("We still have some.").waitFor();
  expect(await violationsOn(page, "store-deleted")).toEqual([]);
  expect(page.complaints).toEqual([]);
});

it("lets a visitor ask for a person, who takes over", async () => {
  const { page, id } = await writeFirst("Can I talk to a gardener?");
  const ask = page.panel.getByRole("button", { name: "Ask for a person" });
  const needed = async () => (await operator("inbox_thread", { p_conversation_id: id })).row;
  await ask.click();
  await page.panel.getByText("You asked for a person").waitFor();
  expect(await needed()).toMatchObject({ needsHuman: true });
  expect(await violationsOn(page, "store-person")).toEqual([]);
  await page.button("Take back").click();
  await page.panel.getByText("You asked for a person").waitFor({ state: "detached" });
  expect(await needed()).toMatchObject({ needsHuman: false });
  await ask.click();
  await page.panel.getByText("You asked for a person").waitFor();
  await operator("inbox_claim", { p_conversation_id: id });
  await page.panel.getByText("You asked for a person").waitFor({ state: "detached" });
});

it("asks an anonymous visitor once who they are, after their first message", async () => {
  const page = await shop.newPage(null);
  await page.page.context().addCookies([{ name: "shop_session", value: "none", url: shop.stack.shopUrl }]);
  await page.load();
  await page.openChat();
  await page.tab("Chat with us").click();
  await page.panel.getByRole("button", { name: "Start a conversation" }).click();
  const form = page.panel.getByRole("form", { name: "Who are you?" });
  expect(await form.count()).toBe(0);
  await page.send("Do you deliver to Leer?");
  await form.waitFor();
  expect(await violationsOn(page, "store-introduction")).toEqual([]);
  await page.send("And to Emden?");

  const line = page.button("Who are you?");
  await line.waitFor();
  expect(await line.evaluate((button) => button.parentElement?.offsetHeight)).toBeLessThan(50);
  expect(await violationsOn(page, "store-introduction-folded")).toEqual([]);
  await line.click();
  await form.getByRole("textbox", { name: "Name" }).fill("Ada");
  await form.getByRole("textbox", { name: "Email" }).fill("ada@example.com");
  await form.getByRole("button", { name: "Save" }).click();
  await page.panel.getByText("Thank you.").waitFor();
  const { rows } = await operator("inbox_list", { p_agent_id: shop.stack.agent.id });
  expect(rows).toContainEqual(
    expect.objectContaining({ customerName: "Ada", customerEmail: "ada@example.com" }),
  );

  await page.heddle("close");
  await page.load();
  await page.openChat();
  await page.tab("Chat with us").click();
  await page.panel.getByRole("listitem").getByRole("button").click();
  await page.message("Do you deliver to Leer?").waitFor();
  await page.button("Ask for a person").waitFor();
  expect(await form.count()).toBe(0);
});

it("goes on with what was written before signing in, and the next one there sees nothing of it", async () => {
  await shop.stack.sql`update heddle.agents set anonymous_allowed = true where id = ${shop.stack.agent.id}`;
  const page = await shop.newPage(null);
  await page.page.context().addCookies([{ name: "shop_session", value: "none", url: shop.stack.shopUrl }]);
  await page.load();
  await page.openChat();
  await page.tab("Chat with us").click();
  await page.panel.getByRole("button", { name: "Start a conversation" }).click();
  await page.send("Who may I ask?");
  await page.panel.getByText("Sent", { exact: true }).waitFor();
  const tokenOf = async (shopper: Shopper) =>
    (await shop.visit(shopper)).page.evaluate(() =>
      document.querySelector<HTMLScriptElement>("script[data-agent]")?.dataset.userToken
    );
  const [ada, bob] = [await shop.newShopper(), await shop.newShopper()];

  await page.heddle("identify", await tokenOf(ada));
  await page.tab("Chat with us").click();
  await page.row("Who may I ask?").click();
  await page.send("Now you know me.");
  await page.message("Now you know me.").waitFor();
  const { rows } = await operator("inbox_list", { p_agent_id: shop.stack.agent.id }) as {
    rows: { id: string; psid: string }[];
  };
  const id = rows.find(({ psid }) => psid === ada.id)?.id;
  await expect.poll(() => operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
    messages: [{ text: "Who may I ask?" }, { text: "Now you know me." }],
    notes: [{ afterSeq: 1, change: { signedIn: true } }],
  });

  await page.heddle("identify", await tokenOf(bob));
  await page.tab("Chat with us").click();
  await page.panel.getByRole("button", { name: "Start a conversation" }).waitFor();
  expect(await page.row("Who may I ask?").count()).toBe(0);
  expect(page.complaints).toEqual([]);
});

it("goes on with a conversation that was just begun after a reload", async () => {
  const { page, shopper, id } = await writeFirst("My first question.");
  await page.page.reload();
  await page.message("My first question.").waitFor();
  await page.send("And another.");
  await expect.poll(() => operator("inbox_thread", { p_conversation_id: id })).toMatchObject({
    messages: [{ text: "My first question." }, { text: "And another." }],
  });
  const { rows } = await operator("inbox_list", { p_agent_id: shop.stack.agent.id }) as {
    rows: { psid: string }[];
  };
  expect(rows.filter(({ psid }) => psid === shopper.id)).toHaveLength(1);
});
