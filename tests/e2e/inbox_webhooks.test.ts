import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeOwner, ownerBytes, type OwnerRequest, startFakeOwner } from "../support/fake_owner.ts";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";
import { verifiedBody } from "../support/verify_webhook.ts";

let inbox: TestInbox;
let receiver: FakeOwner;
beforeAll(async () => {
  receiver = await startFakeOwner();
  inbox = await startInbox();
});
afterAll(async () => {
  await inbox?.stop();
  await receiver?.stop();
});

test("an owner adds a webhook for events, tests it, reads what failed, sends it again and removes it", async () => {
  const { stack: { sql }, operators: [mira = { email: "", password: "" }] } = inbox;
  const { page, signIn } = await inbox.visit();
  await signIn(mira);
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("navigation", { name: "Parts of the settings" }).getByRole("link", { name: "Site" })
    .click();
  const part = page.getByRole("region", { name: "Webhooks for events" });
  await part.getByText("There are no webhooks for events.").waitFor();

  await part.getByLabel("URL of the webhook").fill(`${receiver.url}/in?key=hidden`);
  await part.getByLabel("Topics; none: everything").fill("rooms");
  await part.getByRole("button", { name: "Add webhook" }).click();
  await part.getByRole("alert").getByRole("paragraph").waitFor();
  await part.getByLabel("Topics; none: everything").fill("rooms.*.*.* billing.*.*.*");
  await part.getByLabel("Format of what is sent").selectOption("CloudEvents 1.0");
  await part.getByRole("button", { name: "Add webhook" }).click();
  const { host } = new URL(receiver.url);
  const row = part.getByRole("listitem").filter({ hasText: host }).first();
  await row.getByText("rooms.*.*.* billing.*.*.* · CloudEvents 1.0 · on").waitFor();
  const [webhook] = await sql`select secret from heddle.webhooks`;
  await part.getByText(webhook?.secret, { exact: true }).waitFor();
  expect(await part.getByText("hidden").count()).toBe(0);

  const tops = await row.locator("> button").evaluateAll((buttons) =>
    buttons.map((button) => button.getBoundingClientRect().top)
  );
  expect([tops.length, new Set(tops).size]).toEqual([5, 1]);
  await row.getByText(`${host}/in`, { exact: true }).waitFor();

  receiver.answer(ownerBytes("out of paper", { status: 410 }));
  await row.getByRole("button", { name: "Send a test" }).click();
  await expect.poll(() => receiver.requests).toHaveLength(1);
  const { headers, body } = receiver.requests[0] as OwnerRequest;
  expect(verifiedBody({ headers, body }, { webhookSecret: webhook?.secret, id: "" }))
    .toMatchObject({ specversion: "1.0", type: "webhook.test" });
  await row.getByRole("button", { name: "What was sent" }).click();
  await expect.poll(async () => {
    await row.getByRole("button", { name: "Refresh" }).click();
    return await row.getByText("given up · 410").count();
  }).toBe(1);
  await row.getByText("out of paper").waitFor();
  const log = await row.getByRole("group", { name: "What was sent" }).boundingBox();
  expect(log?.y).toBeGreaterThan((tops[0] ?? 0) + 20);

  // By now the worker has said which hosts it calls.
  await part.getByLabel("URL of the webhook").fill("http://10.1.2.3/x");
  await part.getByRole("button", { name: "Add webhook" }).click();
  await part.getByText("The webhook URL must use https.", { exact: true }).waitFor();
  await part.getByRole("button", { name: "Discard" }).click();
  expect(await violationsOn(page, "settings_webhooks")).toEqual([]);

  // Whoever answers 410 gets nothing more until the owner wants it.
  await row.getByText("CloudEvents 1.0 · The webhook answered 410: it is gone.").waitFor();
  receiver.answer(ownerBytes("", { status: 204 }));
  await row.getByRole("button", { name: "Switch on" }).click();
  await row.getByText("CloudEvents 1.0 · on").waitFor();
  await row.getByRole("button", { name: "Send again: webhook.test" }).click();
  await expect.poll(() => receiver.requests).toHaveLength(2);
  expect(receiver.requests[1]?.headers["webhook-id"]).toBe(headers["webhook-id"]);

  await row.getByRole("button", { name: "Switch off" }).click();
  await row.getByText("rooms.*.*.* billing.*.*.* · CloudEvents 1.0 · off").waitFor();
  await part.getByRole("button", { name: `Remove the webhook ${host}/in` }).click();
  await part.getByRole("button", { name: "Remove", exact: true }).click();
  await part.getByText("There are no webhooks for events.").waitFor();
  expect([...await sql`select from heddle.webhooks`]).toEqual([]);
});

test("an owner finds what was given up and what is held, sends it again, adds it, dismisses it", async () => {
  const { stack: { sql, agent }, operators: [mira = { email: "", password: "" }] } = inbox;
  const conversationId = await inbox.visitorWrites("asking", null, "Is it in stock?", "Ada");
  const [member] = await sql`select org_id, user_id, email from heddle.members where email = ${mira.email}`;
  const lose = (rule: string) =>
    sql`insert into heddle.deliveries
      (org_id, agent_id, kind, target, content, status, attempts, last_error, due, ended_at)
      values (${member?.org_id}, ${agent.id}, 'email', ${member?.user_id},
        ${sql.json({ audience: "team", conversationId, rule })}, 'dead', 12, 'The mail server answered 550.',
        now() + interval '1 day', now())`;
  await lose("waiting");
  await sql`insert into heddle.held_mails
    (agent_id, conversation_id, client_id, audience, recipient, sender, subject, body, reason)
    select ${agent.id}, ${conversationId}, gen_random_uuid(), 'visitor', visitor_id::text, 'eve@evil.example',
      'Re: Fern', 'Two, please.', 'It came from another address than the mail that it answers went to.'
    from heddle.conversations where id = ${conversationId}`;
  const { page, signIn } = await inbox.visit();
  await signIn(mira);
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("navigation", { name: "Parts of the settings" })
    .getByRole("link", { name: "Notifications" }).click();
  const part = page.getByRole("region", { name: "Not delivered" });
  await part.getByText(`Mail to ${mira.email}: Waiting`).waitFor();
  await part.getByText(/12 tries · The mail server answered 550\./).waitFor();
  await part.getByText("Answer by mail from eve@evil.example: Re: Fern").waitFor();
  expect(await violationsOn(page, "settings_undelivered")).toEqual([]);

  await part.getByRole("button", { name: /^Add to the conversation/ }).click();
  await part.getByText("Two, please.").waitFor({ state: "detached" });
  expect((await inbox.stored(conversationId)).map(({ text }) => text)).toEqual([
    "Is it in stock?",
    "Two, please.",
  ]);
  await part.getByRole("button", { name: /^Send again/ }).click();
  await part.getByText("Everything has arrived.").waitFor();
  await lose("waiting");
  await lose("needs_human");
  await page.reload();
  await part.getByRole("button", { name: /^Dismiss: Mail to .*Needs human/ }).click();
  await part.getByRole("button", { name: /^Dismiss: Mail to .*Waiting/ }).click();
  await part.getByText("Everything has arrived.").waitFor();
});
