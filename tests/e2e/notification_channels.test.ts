import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";
import { type Browser, startPushService } from "../support/push_service.ts";

let inbox: TestInbox;
let service: Awaited<ReturnType<typeof startPushService>>;
beforeAll(async () => {
  service = await startPushService();
  inbox = await startInbox();
  await service.allowedBy(inbox.stack.sql);
  const [keys] = await inbox.stack.sql`select public_key from heddle.push_keys`;
  service.expectKey(keys?.public_key);
});
afterAll(async () => {
  await inbox?.stop();
  await service?.stop();
});

const wanted = () => inbox.stack.sql`select email, push from heddle.notification_preferences`;
const devices = () => inbox.stack.sql`select endpoint from heddle.push_subscriptions`;

/** The browser of these tests has neither a push service nor anybody to ask for permission: these stand for them. */
async function standIn(page: Page, browser: Browser) {
  await page.addInitScript(({ endpoint, keys }) => {
    const KEY = "subscribed";
    const bytesOf = (base64url: string) =>
      Uint8Array.from(
        atob(base64url.replaceAll("-", "+").replaceAll("_", "/")),
        (character) => character.charCodeAt(0),
      );
    const subscription = () => {
      const now = { endpoint: endpoint + (sessionStorage.getItem("moved") ?? ""), keys };
      return {
        endpoint: now.endpoint,
        options: { applicationServerKey: bytesOf(sessionStorage.getItem(KEY) ?? "").buffer },
        toJSON: () => now,
        unsubscribe: () => Promise.resolve(sessionStorage.removeItem(KEY)),
      };
    };
    const ASKED = "asked";
    Object.defineProperty(Notification, "permission", {
      get: () => sessionStorage.getItem(ASKED) ? "granted" : "default",
    });
    Notification.requestPermission = () => {
      sessionStorage.setItem(ASKED, `${sessionStorage.getItem(ASKED) ?? ""}yes`);
      return Promise.resolve("granted");
    };
    Object.assign(PushManager.prototype, {
      subscribe({ applicationServerKey }: { applicationServerKey: string }) {
        sessionStorage.setItem(KEY, applicationServerKey);
        return Promise.resolve(subscription());
      },
      getSubscription: () => Promise.resolve(sessionStorage.getItem(KEY) ? subscription() : null),
    });
  }, browser);
}

it("an operator switches mails off and push on, is told there, and leaves nothing behind on signing out", async () => {
  const { sql, agent } = inbox.stack;
  const visit = await inbox.visit();
  const { page } = visit;
  const browser = service.subscribe();
  await standIn(page, browser);
  await page.reload();
  await visit.signIn(inbox.operators[0] ?? { email: "", password: "" });
  await page.getByRole("button", { name: /^Notifications/ }).click();
  const centre = page.getByRole("dialog", { name: "Notifications" });
  await centre.getByRole("button", { name: "How you are told" }).click();
  await centre.getByRole("checkbox", { name: /^By e-mail to / }).uncheck();
  await expect.poll(async () => [...await wanted()]).toEqual([{ email: false, push: true }]);
  expect(await page.evaluate(() => sessionStorage.getItem("asked"))).toBe(null);
  await centre.getByRole("checkbox", { name: /^In this browser/ }).check();
  await expect.poll(async () => (await devices()).length).toBe(1);
  expect(await violationsOn(page, "notification_preferences")).toEqual([]);

  await sql`select heddle_api.set_rule(${agent.id}, 'needs_human', true)`;
  const id = await inbox.visitorWrites("visitor Ada", null, "A person, please", "Ada");
  await sql`update heddle.conversations set needs_human = true where id = ${id}`;
  await sql`select heddle_api.notify(${agent.id})`;
  await expect.poll(() => service.received.map(({ message }) => message)).toMatchObject([
    { body: "Ada needs a person.", agentId: agent.id, conversationId: id },
  ]);

  await page.evaluate(() => sessionStorage.setItem("moved", "/moved"));
  await page.reload();
  await expect.poll(async () => [...await devices()]).toEqual([{ endpoint: `${browser.endpoint}/moved` }]);
  await page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) {
      await registration.unregister();
    }
    sessionStorage.setItem("moved", "/again");
  });
  await page.reload();
  await expect.poll(async () => [...await devices()]).toEqual([{ endpoint: `${browser.endpoint}/again` }]);
  expect(await page.evaluate(() => sessionStorage.getItem("asked"))).toBe("yes");

  // What the service worker says after a click.
  await page.evaluate(async (hash) => {
    const { active } = await navigator.serviceWorker.ready;
    if (!active) throw new Error("no worker");
    navigator.serviceWorker.dispatchEvent(
      new MessageEvent("message", { data: { type: "heddle:open", hash } }),
    );
  }, `#/${agent.id}/open/${id}`);
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password").waitFor();
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("subscribed"))).toBe(null);
});

it("an owner sets by which channels a rule tells, and its quiet hours", async () => {
  const visit = await inbox.visit();
  await visit.signIn(inbox.operators[0] ?? { email: "", password: "" });
  const { page } = visit;
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("link", { name: "Notifications" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "a visitor waits for an answer" });
  await row.getByRole("checkbox", { name: "a visitor waits for an answer" }).check();
  await row.getByRole("checkbox", { name: "By push" }).uncheck();
  await row.getByLabel("Minutes before a mail leaves").fill("20");
  await row.getByRole("checkbox", { name: "Quiet hours" }).check();
  await row.getByLabel("Quiet until").fill("06:30");
  await row.getByLabel("Quiet until").blur();
  const { sql, agent } = inbox.stack;
  await expect.poll(async () => {
    const [found] = await sql`select heddle_api.list_rules(${agent.id}) as rules`;
    return found?.rules.find(({ rule }: { rule: string }) => rule === "waiting");
  }).toMatchObject({
    on: true,
    channels: ["email"],
    delay: 20,
    quiet: { from: "22:00", to: "06:30", zone: expect.stringMatching(/\w/) },
  });
  expect(await violationsOn(page, "rule_settings")).toEqual([]);
});
