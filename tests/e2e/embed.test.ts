import type { Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { useShop } from "./support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";

describe("the shop's page", () => {
  it("is not made to break its content security policy, and nothing is logged as an error", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await page.send("Thank you!");
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    await page.button("Back").click();
    await page.tab("Orders").click();
    await page.panel.getByText("Nothing here yet.").waitFor();
    await page.panel.press("Escape");

    expect(page.complaints).toEqual([]);
  });

  it("gets no chat while the agent does not allow its origin, and gets it without a reload when it does", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.newPage(shopper);
    await shop.stack.sql`update heddle.agents set allowed_origins = '{https://fern.example}'`;
    await page.load();

    await page.launcher().click();

    await page.page.getByRole("dialog").getByRole("alert").waitFor();
    expect(await page.page.getByRole("dialog").getByRole("button", { name: "Try again" }).count()).toBe(1);
    await shop.stack.sql`update heddle.agents set allowed_origins = ${[shop.stack.shopUrl]}`;
    await page.page.getByRole("dialog").getByRole("button", { name: "Try again" }).click();
    await page.row(SUBJECT).waitFor();
  });
});

it("a shopper whose sign-in has ended finds the way to the shop's own", async () => {
  const page = await shop.newPage(await shop.newShopper());
  await page.changeHtml((html) => html.replace(/data-user-token="[^"]*"/, 'data-user-token="ended"'));
  await page.page.route("**/account/chat-token", (route) => route.fulfill({ status: 401 }));
  await page.load();

  await page.launcher().click();
  await page.page.getByRole("dialog").getByRole("link", { name: "Sign in" }).click();
  await page.page.waitForURL(`${page.url}/sign-in`);
});

/** Of what measures a page, or guards it: each names a header that it may add to every request. */
const ADDED_HEADERS: Record<string, Record<string, string>> = {
  "W3C trace context, OpenTelemetry": {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "rojo=00f067aa0ba902b7",
    baggage: "userId=ada",
  },
  "Sentry": {
    "sentry-trace": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
    "baggage": "sentry-release=1",
  },
  "Datadog": {
    "x-datadog-trace-id": "1",
    "x-datadog-parent-id": "2",
    "x-datadog-origin": "rum",
    "x-datadog-sampling-priority": "1",
  },
  "New Relic": { newrelic: "eyJ2IjpbMCwxXX0=" },
  "Elastic APM": { "elastic-apm-traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  "Zipkin, Jaeger": {
    "b3": "1-2-1",
    "x-b3-traceid": "1",
    "x-b3-spanid": "2",
    "x-b3-sampled": "1",
    "uber-trace-id": "1:2:0:1",
  },
  "Application Insights": { "request-id": "|1.2.", "request-context": "appId=cid-v1:1" },
  "Dynatrace, Instana": { "x-dtpc": "1$2", "x-instana-t": "1", "x-instana-s": "2", "x-instana-l": "1" },
  "AWS X-Ray": { "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" },
  "CSRF tokens": { "x-csrf-token": "t", "x-xsrf-token": "t", "x-csrftoken": "t", "csrf-token": "t" },
  "AJAX marks and ids": {
    "x-requested-with": "XMLHttpRequest",
    "x-request-id": "page-1",
    "x-correlation-id": "1",
  },
  "versions and tenants": {
    "x-app-version": "1.2.3",
    "x-tenant": "shop",
    "x-inertia-version": "1",
    "turbo-frame": "f",
  },
};

it("a page whose own code adds headers to every fetch, of all kinds, gets the same widget", async () => {
  // If one is refused the console names it, and no widget comes.
  const added: Record<string, string> = Object.assign({}, ...Object.values(ADDED_HEADERS));
  const shopper = await shop.newShopper();
  await shop.newConversation(shopper);
  const page = await shop.newPage(shopper);
  await page.page.addInitScript((headers) => {
    const { fetch } = globalThis;
    globalThis.fetch = (input, init) => {
      const request = new Request(input, init);
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return fetch(request);
    };
  }, added);
  await page.load();
  await page.openThread(SUBJECT);
  await page.send("Thank you!");
  await page.panel.getByText("Sent", { exact: true }).waitFor();

  for (const name of ["validate-widget", "tab-fetch", "tab-action"]) {
    const request = page.requests.find((each) =>
      each.method() !== "OPTIONS" && each.url().includes(`/functions/v1/${name}`)
    );
    expect(await request?.allHeaders()).toMatchObject(added);
  }
  expect(page.complaints).toEqual([]);
});

describe("the script tag", () => {
  it("that is there twice makes one widget, with one session", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visitLive(shopper);
    const before = page.requests.length;

    await page.page.evaluate(async () => {
      const tag = document.querySelector<HTMLScriptElement>("script[data-agent]");
      const copy = document.createElement("script");
      Object.assign(copy.dataset, tag?.dataset);
      copy.src = tag?.src ?? "";
      const loaded = new Promise((resolve) => copy.addEventListener("load", resolve));
      document.body.append(copy);
      await loaded;
    });
    await page.isQuiet();

    expect(await page.page.locator("heddle-widget").count()).toBe(1);
    expect(await page.page.getByRole("button", { name: /^Open messages/ }).count()).toBe(1);
    expect(page.calls("any", before)).toEqual([]);
  });

  it("keeps its widget when a router swaps the body", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.launcher(1).waitFor();

    await page.page.evaluate(() => {
      const body = document.createElement("body");
      body.append(document.createElement("main"));
      document.body.replaceWith(body);
    });

    await page.openThread(SUBJECT);
    await page.message("For most of them it is.").waitFor();
    expect(await page.page.locator("heddle-widget").count()).toBe(1);
  });
});

describe("a browser that is too old", () => {
  it("gets nothing but a line in its console, and commands do nothing", async () => {
    const page = await shop.newPage(await shop.newShopper());
    const warnings: string[] = [];
    page.page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await page.page.addInitScript(() => {
      const supports = (property: string, value: string) => known.call(CSS, property, value);
      const known: (property: string, value: string) => boolean = CSS.supports;
      CSS.supports = (...[property, value = ""]: string[]) =>
        !/light-dark/.test(value) && supports(property ?? "", value);
    });
    await page.load();
    await page.passTime(10_000);
    for (const command of ["open", "identify", "on", "logout", "shutdown"]) await page.heddle(command);

    expect(warnings).toEqual(["heddle: this browser is too old."]);
    expect(page.complaints).toEqual([]);
    expect(await page.page.locator("heddle-widget").count()).toBe(0);
    expect(page.requests.filter((request) => request.url().startsWith(shop.stack.apiUrl))).toHaveLength(1);
  });
});

describe('heddle("shutdown")', () => {
  it("leaves no node, global, listener or socket behind", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const bare = await shop.newPage(shopper);
    await bare.page.route("**/heddle.js", (route) => route.abort());
    await bare.load();
    const page = await shop.newPage(shopper);
    const open = new Set<unknown>();
    page.page.on("websocket", (socket) => {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    });
    await page.load();
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    expect(open.size).toBe(1);

    await page.heddle("shutdown");
    const before = page.requests.length;

    await eventually(() => open.size).toBe(0);
    await page.passTime(60_000);
    expect(page.calls("any", before)).toEqual([]);
    expect(await page.page.locator("heddle-widget").count()).toBe(0);
    expect(await globals(page)).toEqual((await globals(bare)).filter((name) => name !== "heddle"));
    expect(await listeners(page)).toEqual(await listeners(bare));
    expect(await page.page.title()).toBe(await bare.page.title());
  });

  it("is not undone by a page that comes into view, or online, again", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visitLive(shopper);
    await page.heddle("shutdown");
    const before = page.requests.length;

    await page.setVisible(false);
    await page.setVisible(true);
    await page.page.evaluate(() => dispatchEvent(new Event("online")));
    await page.isQuiet();

    expect(page.calls("any", before)).toEqual([]);
    expect(await shop.topicsOf(shopper)).toEqual([]);
  });
});

describe("a page view", () => {
  it("of somebody unknown costs the script and stores nothing", async () => {
    const page = await shop.newPage(await shop.newShopper());
    await page.changeHtml((html) =>
      html.replace(/data-user-token="[^"]*"/, "").replace(/<script src="\/static.*/, "")
    );

    await page.load();
    await page.launcher().waitFor();
    await page.passTime(120_000);

    const requests = page.requests.map((request) => request.url())
      .filter((url) => url.startsWith(shop.stack.apiUrl));
    expect(requests).toEqual([`${shop.stack.apiUrl}/storage/v1/object/public/heddle/heddle.js`]);
    expect(await page.page.evaluate(() => ({ ...localStorage, ...sessionStorage }))).toEqual({});
    expect((await page.page.context().cookies()).map(({ name }) => name)).toEqual(["shop_session"]);
    expect(page.complaints).toEqual([]);
  });

  it("of a known visitor, after the first, costs one list and no session", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visitLive(shopper);
    expect(page.calls("validate-widget")).toHaveLength(1);
    const before = page.requests.length;

    await page.load();
    await page.launcher(1).waitFor();

    expect(page.calls("any", before)).toEqual(["tab-fetch"]);
  });

  it("that ends before anybody looked at it opens no socket", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.newPage(shopper);
    let sockets = 0;
    page.page.on("websocket", () => sockets++);
    await page.load();
    await page.launcher(1).waitFor();
    expect(sockets).toBe(0);

    await page.passTimeUntil(() => sockets > 0);
    await shop.listening(shopper);
  });

  it("loads nothing of the widget before the page itself has loaded", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.newPage(shopper);
    const held: Route[] = [];
    await page.page.route("**/scene.svg", (route) => void held.push(route));
    const ofWidget = () =>
      page.requests.map((request) => request.url()).filter((url) =>
        /\/heddle\/assets\/|\/functions\//.test(url)
      );

    await page.page.goto(page.url, { waitUntil: "commit" });
    await page.launcher().waitFor();
    await page.passTime(10_000);
    expect(held).toHaveLength(1);
    expect(ofWidget()).toEqual([]);

    await held[0]?.continue();
    await page.launcher(1).waitFor();
    expect(ofWidget()).not.toEqual([]);
  });
});

async function globals(page: ShopPage): Promise<string[]> {
  return await page.page.evaluate(() =>
    Object.getOwnPropertyNames(globalThis).filter((name) => !/^\d+$/.test(name)).sort()
  );
}

/** How many listeners the window, the document and its body have, by event. */
async function listeners(page: ShopPage): Promise<Record<string, number>> {
  const devtools = await page.page.context().newCDPSession(page.page);
  const counts: Record<string, number> = {};
  for (
    const target of ["window", "document", "document.documentElement", "document.body", "visualViewport"]
  ) {
    const { result } = await devtools.send("Runtime.evaluate", { expression: target });
    const { listeners } = await devtools.send("DOMDebugger.getEventListeners", {
      objectId: result.objectId ?? "",
    });
    for (const { type } of listeners) counts[`${target} ${type}`] = (counts[`${target} ${type}`] ?? 0) + 1;
  }
  return counts;
}
