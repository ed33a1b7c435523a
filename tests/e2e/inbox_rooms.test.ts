import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.create_bot(${agent.id}, 'Fern bot', 'https://bot.example/answer', 'never')`;
});
beforeEach(() => inbox.stack.sql`delete from heddle.conversations where agent_id = ${inbox.stack.agent.id}`);
afterAll(() => inbox?.stop());

const WIDE = { viewport: { width: 1440, height: 900 } };
const [mira, jonas] = [0, 1].map((index) => () => inbox.operators[index] ?? { email: "", password: "" }) as [
  () => { email: string; password: string },
  () => { email: string; password: string },
];
const dialog = (page: Page) => page.getByRole("dialog", { name: "New room" });
const room = (page: Page) => page.getByRole("region", { name: "Room" });

async function participants(): Promise<string[]> {
  const rows = await inbox.stack.sql<{ said: string }[]>`
    select concat_ws(' ', seat.role, coalesce(visitor.end_user_id, split_part(member.name, ' ', 1), bot.name),
      case seat.role when 'bot' then seat.auto_respond end) as said
    from heddle.participants seat join heddle.conversations room on room.id = conversation_id and kind = 'room'
    left join heddle.visitors visitor on visitor.id = seat.visitor_id
    left join heddle.members member on member.user_id = seat.user_id
    left join heddle.bots bot on bot.id::text = seat.bot
    order by seat.id`;
  return rows.map(({ said }) => said);
}

test("an operator makes a room, and its details say who takes part, to add, change and take out", async () => {
  await inbox.visitorWrites("ada", null, "Hello", "Ada Park");
  await inbox.visitorWrites("bo", null, "Hello", "Bo Lind");
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await page.getByRole("button", { name: "New room" }).click();
  await dialog(page).getByRole("textbox", { name: "Name of the room" }).fill("Spring order");
  await dialog(page).getByRole("button", { name: "Add Jonas Okafor Team" }).click();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "New room" }).click();
  expect(await dialog(page).getByRole("textbox", { name: "Name of the room" }).inputValue()).toBe(
    "Spring order",
  );
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "New room" }).click();
  expect(await dialog(page).getByRole("textbox", { name: "Name of the room" }).inputValue()).toBe("");
  await dialog(page).getByRole("textbox", { name: "Name of the room" }).fill("Spring order");
  await dialog(page).getByRole("button", { name: "Add Jonas Okafor Team" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "New room" }).click();
  await dialog(page).getByRole("button", { name: "Create room" }).click();
  await dialog(page).getByText("At least one visitor takes part in a room.").waitFor();
  expect(await violationsOn(page, "new_room")).toEqual([]);
  const find = dialog(page).getByRole("searchbox", { name: "Find visitors, colleagues and bots" });
  await find.fill("ada@");
  await dialog(page).getByText("Nobody else of that name is known here.").waitFor();
  await find.fill("park");
  await dialog(page).getByRole("button", { name: "Add Ada Park Visitor" }).click();
  await find.fill("");
  await dialog(page).getByRole("button", { name: "Add Fern bot Bot" }).click();
  await dialog(page).getByRole("combobox", { name: "When Fern bot answers" }).selectOption("always");
  await dialog(page).getByRole("button", { name: "Create room" }).click();
  await page.getByRole("heading", { name: "Spring order" }).waitFor();
  expect(await participants()).toEqual(["visitor ada", "operator Jonas", "bot Fern bot always"]);

  await room(page).getByRole("textbox", { name: "Name of the room" }).fill("Autumn order");
  await room(page).getByRole("button", { name: "Rename" }).click();
  await page.getByRole("link", { name: "Autumn order" }).waitFor();
  expect(await room(page).getByRole("button", { name: "Remove Ada Park" }).count()).toBe(0);
  await room(page).getByRole("button", { name: "Add people" }).click();
  await room(page).getByRole("button", { name: "Add Bo Lind Visitor" }).click();
  await room(page).getByRole("button", { name: "Remove Bo Lind" }).waitFor();
  await room(page).getByRole("combobox", { name: "When Fern bot answers" }).selectOption("never");
  await expect.poll(participants)
    .toEqual(["visitor ada", "operator Jonas", "bot Fern bot never", "visitor bo"]);
  expect(await violationsOn(page, "room_details")).toEqual([]);
  await room(page).getByRole("button", { name: "Remove Jonas Okafor" }).click();
  await room(page).getByText("what they wrote stays").waitFor();
  await room(page).getByRole("button", { name: "Remove", exact: true }).click();
  await expect.poll(participants).toEqual(["visitor ada", "bot Fern bot never", "visitor bo"]);
  await room(page).getByRole("button", { name: "Delete room" }).click();
  await room(page).getByText("nobody can bring it back").waitFor();
  await room(page).getByRole("button", { name: "Delete room" }).click();
  await page.getByRole("link", { name: "Autumn order" }).waitFor({ state: "detached" });
  expect(await participants()).toEqual([]);
});

test("by keyboard alone a room is made from the palette, a colleague sees who comes, and only owners delete it", async () => {
  await inbox.visitorWrites("cy", null, "Hello", "Cy Moe");
  const [first, second] = [await inbox.visit(WIDE), await inbox.visit(WIDE)];
  await first.signIn(mira());
  await second.signIn(jonas());
  await expect.poll(inbox.listening).toBe(2);
  const { page } = first;
  await page.getByRole("link", { name: "Cy Moe" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "What do you want to do?" }).fill("new room");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("textbox", { name: "Name of the room" }).waitFor();
  await page.keyboard.type("Cacti");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Moe");
  const pick = dialog(page).getByRole("button", { name: "Add Cy Moe Visitor" });
  await pick.waitFor();
  await pick.focus();
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("button", { name: "Remove Cy Moe" }).waitFor();
  const field = dialog(page).getByRole("searchbox");
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  await dialog(page).getByRole("textbox", { name: "Name of the room" }).press("Enter");
  await page.getByRole("heading", { name: "Cacti" }).waitFor();

  await second.page.getByRole("link", { name: "Cacti" }).click();
  await room(second.page).getByText("Cy Moe").waitFor();
  expect(await room(second.page).getByRole("button", { name: "Delete room" }).count()).toBe(0);
  await room(page).getByRole("button", { name: "Add people" }).press("Enter");
  await room(page).getByRole("button", { name: "Add Jonas Okafor Team" }).press("Enter");
  await room(second.page).getByText("Jonas Okafor").waitFor();
});

test("on a phone a room is made and its people are read", async () => {
  await inbox.visitorWrites("di", null, "Hello", "Di Vale");
  const { page, signIn } = await inbox.visit({ viewport: { width: 390, height: 760 } });
  await signIn(mira());
  await page.getByRole("button", { name: "New room" }).click();
  await dialog(page).getByRole("textbox", { name: "Name of the room" }).fill("Herbs");
  await dialog(page).getByRole("button", { name: "Add Di Vale Visitor" }).click();
  expect(await violationsOn(page, "phone_new_room")).toEqual([]);
  await dialog(page).getByRole("button", { name: "Create room" }).click();
  await page.getByRole("heading", { name: "Herbs" }).waitFor();
  await page.getByRole("button", { name: "Details" }).click();
  await room(page).getByText("Di Vale").waitFor();
  expect(await violationsOn(page, "phone_room")).toEqual([]);
});
