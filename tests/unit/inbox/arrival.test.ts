import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { readArrival } from "../../../inbox/core/arrival.ts";
import { createInbox } from "../../../inbox/core/inbox.ts";
import { createProject } from "../../../inbox/core/project.ts";
import { OperatorPage } from "./support/operator_page.ts";
import { MIRA, URL_OF_PROJECT } from "./support/project.ts";

const EVE = { id: "10000000-0000-4000-8000-00000000000e", email: "eve@example.com" };

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

/** A page of the inbox that a link led to, after it has asked who the link would sign in. */
async function arrived(link: (server: OperatorPage["server"]) => string) {
  const tab = new OperatorPage();
  await tab.pass();
  tab.inbox.shutdown();
  const config = { url: URL_OF_PROJECT, publishableKey: "sb_publishable_test" };
  const { environment } = tab.page;
  const inbox = createInbox(
    environment,
    createProject(config, environment),
    readArrival(link(tab.server)),
  );
  await tab.pass();
  return { tab, inbox };
}

test("an address is read as a mail's link only where Auth has written into it", () => {
  for (const other of ["", "#/open", "#/open?q=access_token", "#/settings/team"]) {
    expect(readArrival(other)).toBe(null);
  }
  const session = { accessToken: "a", refreshToken: "r", wantsPassword: false };
  const tokens = "#access_token=a&refresh_token=r&token_type=bearer";
  expect(readArrival(`${tokens}&type=magiclink`)).toEqual({ session });
  for (const type of ["invite", "recovery"]) {
    expect(readArrival(`${tokens}&type=${type}`)).toEqual({ session: { ...session, wantsPassword: true } });
  }
  expect(readArrival("#error=access_denied&error_code=otp_expired")).toEqual({ problem: "used_link" });
  for (const broken of ["#error=server_error", "#access_token=a", "#refresh_token=r", `${tokens}&error=x`]) {
    expect(readArrival(broken)).toEqual({ problem: "other" });
  }
});

test("a link signs nobody in before they have said that it is them", async () => {
  const { tab, inbox } = await arrived((server) => server.link(MIRA));
  expect(inbox.state.value).toMatchObject({ status: "offered", offer: { email: MIRA.email } });
  expect(tab.server.calls).toEqual([]);
  await inbox.answer(true);
  await tab.pass();
  expect(inbox.state.value).toMatchObject({ status: "open", email: MIRA.email });
  expect(inbox.passwordDue.value).toBe(false);
  inbox.shutdown();
});

test("a link that is declined leaves nobody signed in, and no session behind", async () => {
  const { tab, inbox } = await arrived((server) => server.link(EVE));
  await inbox.answer(false);
  await tab.pass();
  expect(inbox.state.value).toEqual({ status: "signed_out", problem: undefined });
  expect([...tab.page.page.stored.keys()].filter((key) => key.includes("session"))).toEqual([]);
  inbox.shutdown();
});

test("a link never takes the place of who is signed in, and a broken one signs nobody out", async () => {
  const tab = new OperatorPage();
  await tab.signIn();
  for (const link of [tab.server.link(EVE), "#access_token=x&refresh_token=y", "#error_code=otp_expired"]) {
    const arrival = readArrival(link);
    if (!arrival) throw new Error("no arrival");
    await tab.inbox.arrive(arrival);
    await tab.pass();
    expect(tab.inbox.state.value).toMatchObject({ status: "open", email: MIRA.email });
  }
  const session = tab.page.page.stored.get("local heddle.inbox.session") ?? "";
  expect(JSON.parse(session)).toMatchObject({ user: { id: MIRA.id } });
  tab.inbox.shutdown();
});

test("an offer is void once somebody has signed in elsewhere in the browser", async () => {
  const { tab, inbox } = await arrived((server) => server.link(EVE));
  const other = createInbox(
    tab.page.environment,
    createProject({ url: URL_OF_PROJECT, publishableKey: "sb_publishable_test" }, tab.page.environment),
  );
  await tab.pass();
  await other.signIn(MIRA.email, MIRA.password);
  await tab.pass();
  await inbox.answer(true);
  await tab.pass();
  const session = tab.page.page.stored.get("local heddle.inbox.session") ?? "";
  expect(JSON.parse(session)).toMatchObject({ user: { id: MIRA.id } });
  other.shutdown();
  inbox.shutdown();
});

test("what is wrong with a link is told", async () => {
  const used = await arrived(() => "#error=access_denied&error_code=otp_expired");
  expect(used.inbox.state.value).toEqual({ status: "signed_out", problem: "used_link" });
  const forged = await arrived(() => "#access_token=a.b.c&refresh_token=r&type=magiclink");
  expect(forged.inbox.state.value).toEqual({ status: "signed_out", problem: "used_link" });
  used.inbox.shutdown();
  forged.inbox.shutdown();
});

test("who was invited is asked for a password, which may wait", async () => {
  const { tab, inbox } = await arrived((server) => server.link(MIRA, "invite"));
  await inbox.answer(true);
  await tab.pass();
  expect(inbox.passwordDue.value).toBe(true);
  expect(await inbox.changePassword("short")).toBe("weak");
  expect(inbox.passwordDue.value).toBe(true);
  expect(await inbox.changePassword("long enough")).toBe(null);
  expect(tab.server.chosenPassword).toBe("long enough");
  expect(inbox.passwordDue.value).toBe(false);
  inbox.shutdown();

  const second = await arrived((server) => server.link(MIRA, "invite"));
  await second.inbox.answer(true);
  await second.tab.pass();
  second.inbox.skipPassword();
  expect(second.inbox.passwordDue.value).toBe(false);
  second.inbox.shutdown();
});
