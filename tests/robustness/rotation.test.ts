import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { type Shopper, useShop } from "../e2e/support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";
const LINES = ["Is a north window enough for a fern?", "For most of them it is."];
/** A session's longest life: a page that makes no calls renews it then. */
const SESSION = 15 * 60_000;
/** How often a page asks for channel names that are withheld. */
const POLL = 10_000;

/** The shop signs its visitors' tokens with the secret it was started with. */
afterEach(() =>
  shop.stack.sql`
    update heddle.agent_secrets set signing_current = ${shop.stack.agent.signingSecret},
      signing_previous = null, signing_previous_until = null, signing_hand_out_current_at = now(),
      signing_former = '{}', signing_former_until = '{}'`
);

describe("rotating the signing secret", () => {
  it("loses no message of an open thread, before, during and after, without a reload", async () => {
    const { shopper, id, page } = await reader();
    const loadedAt = await page.page.evaluate(() => performance.timeOrigin);
    const oldTopics = await shop.topicsOf(shopper, id);

    await shop.write(id, "Before.");
    await publish(await newKey(), shopper, id);
    await page.message("Before.").waitFor();

    await rotate();
    await shop.write(id, "While browsers still get the old names.");
    await publish(await newKey(), shopper, id);
    await page.message("While browsers still get the old names.").waitFor();
    expect(await shop.topicsOf(shopper, id)).toEqual(oldTopics);

    await handOutTheNewSecret();
    await shop.write(id, "While both are published to.");
    const newTopics = await publish(await newKey(), shopper, id);
    await page.message("While both are published to.").waitFor();
    expect(newTopics).not.toEqual(oldTopics);
    await eventually(async () => (await shop.topicsOf(shopper, id)).sort()).toEqual(newTopics.sort());

    await endTheOldSecret();
    await shop.write(id, "After.");
    await publish(await newKey(), shopper, id);
    await page.message("After.").waitFor();
    expect(await page.messages()).toEqual([
      ...LINES,
      "Before.",
      "While browsers still get the old names.",
      "While both are published to.",
      "After.",
    ]);
    expect(await page.page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
    expect(page.complaints).toEqual([]);
  });

  it("moves a page on which nothing happens to the new names when it validates next, at the latest", async () => {
    const { shopper, id, page } = await reader();
    await rotate();
    await handOutTheNewSecret();
    const newTopics = await publish(await newKey(), shopper, "unknown-conversation");

    await page.sleep(SESSION);

    await eventually(() => shop.topicsOf(shopper)).toEqual([newTopics[0]]);
    await shop.listening(shopper, id);
    await shop.write(id, "You hear me again.");
    await publish(await newKey(), shopper, id);
    await page.message("You hear me again.").waitFor();
  });
});

describe("ending a leaked signing secret at once", () => {
  it("moves an open page to the new names, with the first publish and without a reload", async () => {
    const { shopper, id, page } = await reader();
    const loadedAt = await page.page.evaluate(() => performance.timeOrigin);
    const secret = await endAtOnce();
    await page.page.route("**/account/chat-token", async (route) => {
      await route.fulfill({ json: { token: await tokenOf(shopper, secret) } });
    });

    await shop.write(id, "Nobody else can read this.");
    const newTopics = await publish(await newKey(), shopper, id);
    await page.message("Nobody else can read this.").waitFor();
    expect(await shop.topicsOf(shopper, id)).not.toEqual(expect.arrayContaining(newTopics));

    await handOutTheNewSecret();
    // A poll that began before is answered without names: the next one has them.
    await eventually(async () => {
      await page.sleep(POLL);
      return (await shop.topicsOf(shopper, id)).sort();
    }).toEqual(newTopics.sort());
    await shop.write(id, "You hear me on the new name.");
    await publish(await newKey(), shopper, id);
    await page.message("You hear me on the new name.").waitFor();
    expect(await page.page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
    expect(await page.panel.getByRole("alert").count()).toBe(0);
  });
});

describe("a session that the server no longer takes", () => {
  it("is renewed without the reader noticing", async () => {
    const { shopper, id, page } = await reader();
    await endAllSessions();

    await shop.reply(id, "Still here?");
    await page.message("Still here?").waitFor();
    await page.send("Of course.");
    await page.panel.getByText("Sent", { exact: true }).waitFor();

    expect(await shop.stored(id)).toEqual([...LINES, "Still here?", "Of course."]);
    await shop.listening(shopper, id);
    expect(await page.panel.getByRole("alert").count()).toBe(0);
  });

  it("is renewed on the next page, where the stored one is refused", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.launcher(1).waitFor();
    await endAllSessions();

    await page.load();

    await page.launcher(1).waitFor();
    await page.openChat();
    await page.row(SUBJECT).waitFor();
  });
});

it("a page that is older than its visitor's token asks the shop for another", async () => {
  const shopper = await shop.newShopper();
  await shop.newConversation(shopper);
  const page = await shop.newPage(shopper);
  const expired = await new SignJWT({ name: shopper.name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(shopper.id)
    .setExpirationTime("1 hour ago")
    .sign(new TextEncoder().encode(shop.stack.agent.signingSecret));
  await page.changeHtml((html) => html.replace(/data-user-token="[^"]*"/, `data-user-token="${expired}"`));

  await page.load();

  await page.launcher(1).waitFor();
  expect(page.requests.filter((request) => request.url().endsWith("/account/chat-token"))).toHaveLength(1);
});

async function reader(): Promise<{ shopper: Shopper; id: string; page: ShopPage }> {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  const page = await shop.visit(shopper);
  await page.openThread(SUBJECT);
  await shop.listening(shopper, id);
  return { shopper, id, page };
}

async function rotate(): Promise<void> {
  await shop.stack.sql`
    select heddle_api.rotate_signing_secret(${shop.stack.agent.id}, interval '1 hour', interval '10 minutes')`;
}

/** Returns the new secret. */
async function endAtOnce(): Promise<string> {
  const [row] = await shop.stack.sql<[{ secret: string }]>`
    select heddle_api.rotate_signing_secret(${shop.stack.agent.id}, interval '0') ->> 'secret' as secret`;
  return row.secret;
}

function tokenOf({ id, name }: Shopper, secret: string): Promise<string> {
  return new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(id)
    .setExpirationTime("1 hour")
    .sign(new TextEncoder().encode(secret));
}

/** The time until it is handed out passes. */
async function handOutTheNewSecret(): Promise<void> {
  await shop.stack.sql`update heddle.agent_secrets set signing_hand_out_current_at = now()`;
}

/** The hour passes. */
async function endTheOldSecret(): Promise<void> {
  await shop.stack.sql`update heddle.agent_secrets set signing_previous_until = now()`;
}

async function endAllSessions(): Promise<void> {
  await shop.stack.sql`update heddle.agents set session_version = session_version + 1`;
}

/** realtime-publish remembers a key's secrets for 30 s; with a key of its own a test need not wait for that. */
async function newKey(): Promise<string> {
  const key = `hdl_${randomUUID()}`;
  const hash = createHash("sha256").update(key).digest("hex");
  await shop.stack.sql`
    insert into heddle.api_keys (agent_id, name, key_hash) values (${shop.stack.agent.id}, 'test', ${hash})`;
  return key;
}

/** Returns the current names. */
async function publish(key: string, { id: endUserId }: Shopper, conversationId: string): Promise<string[]> {
  const answer = await fetch(`${shop.stack.apiUrl}/functions/v1/realtime-publish`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify({ endUserId, conversationId }),
  });
  const { ok, channels } = await answer.json();
  expect(ok).toBe(true);
  return channels;
}
