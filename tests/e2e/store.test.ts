import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { newUser, signedIn } from "../integration/local/auth_client.ts";
import type { ShopPage } from "../support/shop_page.ts";
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
  const before = fetches().length;
  for (let number = 1; number <= 100; number++) await reply(id, `Tip ${number}.`);
  await page.message("Tip 100.").waitFor();
  expect(await page.messages()).toHaveLength(102);
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
