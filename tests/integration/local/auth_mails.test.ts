import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startStack, type TestStack } from "../../support/stack.ts";
import {
  ask,
  follow,
  fragmentOf,
  mailTo,
  newAddress,
  newUser,
  pageClient,
  PASSWORD,
  serverClient,
} from "./auth_client.ts";

/** Of supabase/config.toml. */
const SITE = "http://127.0.0.1:5174";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** As if the last mail to somebody was sent long ago. */
function age(email: string, seconds: number) {
  return stack.sql`
    update auth.users set
      recovery_sent_at = recovery_sent_at - ${seconds} * interval '1 second',
      confirmation_sent_at = confirmation_sent_at - ${seconds} * interval '1 second'
    where email = ${email}`;
}

describe("a magic link", () => {
  it("signs in once, on the page that asked for it", async () => {
    const { id, email } = await newUser(stack);
    const client = pageClient(stack);
    const options = { emailRedirectTo: `${SITE}/inbox?from=mail`, shouldCreateUser: false };
    expect((await client.auth.signInWithOtp({ email, options })).error).toBeNull();
    const { link, Subject, To } = await mailTo(stack, email);
    expect([Subject, To]).toEqual(["Your Magic Link", [{ Name: "", Address: email }]]);

    const page = await follow(link);
    expect(page.href).toMatch(`${SITE}/inbox?from=mail#`);
    const { access_token, refresh_token, type } = fragmentOf(page);
    expect(type).toBe("magiclink");
    const { data } = await client.auth.setSession({
      access_token: access_token ?? "",
      refresh_token: refresh_token ?? "",
    });
    expect(data.user?.id).toBe(id);

    const again = await follow(link);
    expect(fragmentOf(again)).toEqual({
      error: "access_denied",
      error_code: "otp_expired",
      error_description: "Email link is invalid or has expired",
    });
  });

  it("is too old after an hour, and so is its code", async () => {
    const { email } = await newUser(stack);
    const client = pageClient(stack);
    await client.auth.signInWithOtp({ email });
    const { link, code } = await mailTo(stack, email);
    await age(email, 3601);
    expect(fragmentOf(await follow(link))).toMatchObject({ error_code: "otp_expired" });
    const { error } = await client.auth.verifyOtp({ email, token: code, type: "email" });
    expect(error).toMatchObject({
      status: 403,
      code: "otp_expired",
      message: "Token has expired or is invalid",
    });
  });

  it("comes with a code, which signs in once and only its own address", async () => {
    const [one, other] = await Promise.all([newUser(stack), newUser(stack)]);
    const client = pageClient(stack);
    await client.auth.signInWithOtp({ email: one.email });
    const { code } = await mailTo(stack, one.email);
    expect(code).toMatch(/^\d{6}$/);
    const verify = (email: string, token: string) => client.auth.verifyOtp({ email, token, type: "email" });
    expect((await verify(other.email, code)).error).toMatchObject({ code: "otp_expired" });
    expect((await verify(one.email, String(Number(code) + 1).slice(-6))).error).toMatchObject({
      code: "otp_expired",
    });
    expect((await verify(one.email, code)).data.user?.id).toBe(one.id);
    expect((await verify(one.email, code)).error).toMatchObject({ code: "otp_expired" });
  });

  it("replaces the one before, a second later at the earliest", async () => {
    const { email } = await newUser(stack);
    const client = pageClient(stack);
    const send = () => client.auth.signInWithOtp({ email });
    const answers = await Promise.all([send(), send()]);
    expect(answers.map(({ error }) => error?.code).sort()).toEqual(["over_email_send_rate_limit", undefined]);
    expect(answers.find(({ error }) => error)?.error?.status).toBe(429);
    const first = await mailTo(stack, email);
    await age(email, 60);
    expect((await send()).error).toBeNull();
    expect(fragmentOf(await follow(first.link))).toMatchObject({ error_code: "otp_expired" });
    expect(fragmentOf(await follow((await mailTo(stack, email)).link))).toHaveProperty("access_token");
  });

  it("is not sent to strangers where the page wants no new users", async () => {
    const email = newAddress();
    const { error } = await pageClient(stack).auth.signInWithOtp({
      email,
      options: { shouldCreateUser: false },
    });
    expect(error).toMatchObject({ status: 422, code: "otp_disabled" });
    await expect(mailTo(stack, email)).rejects.toThrow("no mail");
  });

  it("confirms a new user's address", async () => {
    const email = newAddress();
    const client = pageClient(stack);
    await client.auth.signInWithOtp({ email, options: { data: { name: "Ada" } } });
    const { link, Subject } = await mailTo(stack, email);
    expect(Subject).toBe("Confirm Your Signup");
    const { access_token = "" } = fragmentOf(await follow(link));
    const { data } = await client.auth.getUser(access_token);
    expect(data.user).toMatchObject({
      email,
      email_confirmed_at: expect.any(String),
      user_metadata: { name: "Ada", email_verified: true },
    });
  });

  it("needs a type that fits", async () => {
    const { email } = await newUser(stack);
    await pageClient(stack).auth.signInWithOtp({ email });
    const { link } = await mailTo(stack, email);
    const as = async (type: string) =>
      fragmentOf(await follow(link.replace("type=magiclink", `type=${type}`)));
    expect(await as("invite")).toMatchObject({ error_code: "otp_expired" });
    expect(await as("constructor")).toMatchObject({
      error: "invalid_request",
      error_code: "validation_failed",
    });
    expect((await ask(stack, "/verify?type=magiclink")).status).toBe(400);
    expect((await ask(stack, "/verify?token=x")).status).toBe(400);
  });
});

describe("the PKCE flow", () => {
  it("brings a code that only the page which asked can exchange, once", async () => {
    const { id, email } = await newUser(stack);
    const client = pageClient(stack, "pkce");
    await client.auth.signInWithOtp({ email, options: { emailRedirectTo: `${SITE}/?view=mine` } });
    const page = await follow((await mailTo(stack, email)).link);
    expect([page.searchParams.get("view"), page.hash]).toEqual(["mine", ""]);
    const code = page.searchParams.get("code") ?? "";

    const stolen = { auth_code: code, code_verifier: "a".repeat(43) };
    expect(await ask(stack, "/token?grant_type=pkce", { body: stolen })).toMatchObject({
      status: 400,
      body: { error_code: "bad_code_verifier" },
    });
    const { data, error } = await client.auth.exchangeCodeForSession(code);
    expect([error, data.user?.id]).toEqual([null, id]);
    expect(await ask(stack, "/token?grant_type=pkce", { body: stolen })).toMatchObject({
      status: 404,
      body: { error_code: "flow_state_not_found" },
    });
  });

  it("gives a code five minutes, and a link one use", async () => {
    const { email } = await newUser(stack);
    const client = pageClient(stack, "pkce");
    await client.auth.signInWithOtp({ email });
    const { link } = await mailTo(stack, email);
    const code = (await follow(link)).searchParams.get("code") ?? "";
    await stack.sql`
      update auth.flow_state set auth_code_issued_at = now() - interval '301 seconds' where auth_code = ${code}`;
    const { error } = await client.auth.exchangeCodeForSession(code);
    expect(error).toMatchObject({ status: 422, code: "flow_state_expired" });
    const again = await follow(link);
    expect(again.searchParams.get("error_code")).toBe("otp_expired");
    expect(fragmentOf(again)).toMatchObject({ error_code: "otp_expired" });
  });

  it("takes no code before its link was followed, and no challenge that is none", async () => {
    const { email } = await newUser(stack);
    await pageClient(stack, "pkce").auth.signInWithOtp({ email });
    const [flow] = await stack.sql`
      select auth_code from auth.flow_state f join auth.users u on u.id = f.user_id where u.email = ${email}`;
    const body = { auth_code: flow?.auth_code, code_verifier: "a".repeat(43) };
    expect((await ask(stack, "/token?grant_type=pkce", { body })).status).toBe(404);
    for (
      const half of [{ code_challenge: "a".repeat(43) }, {
        code_challenge: "x",
        code_challenge_method: "s256",
      }]
    ) {
      expect((await ask(stack, "/otp", { body: { email, ...half } })).status).toBe(400);
    }
  });
});

describe("an invitation", () => {
  it("creates a user who comes in by a link and then chooses a password", async () => {
    const email = newAddress();
    const options = { redirectTo: `${SITE}/welcome`, data: { name: "Grace" } };
    const { data, error } = await serverClient(stack).auth.admin.inviteUserByEmail(email, options);
    expect([error, data.user?.email]).toEqual([null, email]);
    expect(data.user).toMatchObject({ invited_at: expect.any(String), user_metadata: { name: "Grace" } });
    expect(data.user?.email_confirmed_at).toBeUndefined();

    const { link, Subject } = await mailTo(stack, email);
    expect(Subject).toBe("You have been invited");
    const page = await follow(link);
    expect(page.href).toMatch(`${SITE}/welcome#`);
    const { access_token = "", refresh_token = "", type } = fragmentOf(page);
    expect(type).toBe("invite");
    const client = pageClient(stack);
    await client.auth.setSession({ access_token, refresh_token });
    expect((await client.auth.updateUser({ password: PASSWORD })).error).toBeNull();
    expect((await pageClient(stack).auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull();
    expect(fragmentOf(await follow(link))).toMatchObject({ error_code: "otp_expired" });
  });

  it("can be sent again until it is accepted, not to users", async () => {
    const { email: known } = await newUser(stack);
    const { admin } = serverClient(stack).auth;
    expect((await admin.inviteUserByEmail(known)).error).toMatchObject({ status: 422, code: "email_exists" });
    const email = newAddress();
    const { data: first } = await admin.inviteUserByEmail(email);
    const { link } = await mailTo(stack, email);
    const { data: second } = await admin.inviteUserByEmail(email);
    expect(second.user?.id).toBe(first.user?.id);
    expect(fragmentOf(await follow(link))).toMatchObject({ error_code: "otp_expired" });
    expect(fragmentOf(await follow((await mailTo(stack, email)).link))).toHaveProperty("access_token");
  });

  it("ends when somebody signs up with its address, who gets nothing by that, and can be sent again", async () => {
    const email = newAddress();
    const { admin } = serverClient(stack).auth;
    await admin.inviteUserByEmail(email);
    const { link } = await mailTo(stack, email);
    const stranger = { email, password: "a stranger's password" };
    await vi.waitFor(async () => expect((await pageClient(stack).auth.signUp(stranger)).error).toBeNull(), {
      timeout: 20_000,
      interval: 250, // until Auth sends the next mail to one address
    });
    expect(fragmentOf(await follow(link))).toMatchObject({ error_code: "otp_expired" });

    await admin.inviteUserByEmail(email);
    const again = await mailTo(stack, email);
    expect(again.Subject).toBe("You have been invited");
    expect(fragmentOf(await follow(again.link))).toHaveProperty("access_token");
    expect((await pageClient(stack).auth.signInWithPassword(stranger)).error?.code).toBe(
      "invalid_credentials",
    );
  });
});

describe("a new password", () => {
  it("can be chosen by a link, without telling who exists", async () => {
    const { email } = await newUser(stack);
    const client = pageClient(stack);
    const [known, unknown] = await Promise.all(
      [email, newAddress()].map((address) => ask(stack, "/recover", { body: { email: address } })),
    );
    expect([known?.status, known?.body]).toEqual([unknown?.status, unknown?.body]);
    const { link, Subject } = await mailTo(stack, email);
    expect(Subject).toBe("Reset Your Password");
    const { access_token = "", refresh_token = "" } = fragmentOf(await follow(link));
    await client.auth.setSession({ access_token, refresh_token });
    expect((await client.auth.updateUser({ password: "a new one" })).error).toBeNull();
  });
});

describe("a sign-up", () => {
  it("is confirmed by mail and then signs in", async () => {
    const email = newAddress();
    const client = pageClient(stack);
    const { data, error } = await client.auth.signUp({ email, password: PASSWORD });
    expect([error, data.session, data.user?.email]).toEqual([null, null, email]);
    const login = () => client.auth.signInWithPassword({ email, password: PASSWORD });
    expect((await login()).error).toMatchObject({ code: "email_not_confirmed" });
    expect(fragmentOf(await follow((await mailTo(stack, email)).link))).toMatchObject({ type: "signup" });
    expect((await login()).error).toBeNull();
  });

  it("with a taken address looks like any other, and changes nothing", async () => {
    const { id, email } = await newUser(stack);
    const { data, error } = await pageClient(stack).auth.signUp({ email, password: "another password" });
    expect([error, data.session, data.user?.identities]).toEqual([null, null, []]);
    expect(data.user?.id).not.toBe(id);
    await expect(mailTo(stack, email)).rejects.toThrow("no mail");
    expect((await pageClient(stack).auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull();
  });
});

describe("a mail", () => {
  it("never leads to a page that is not allowed, whatever asks for it", async () => {
    const { email } = await newUser(stack);
    for (
      const page of [
        "https://evil.example/",
        `${SITE}@evil.example/`,
        "//evil.example",
        "javascript:alert(1)",
      ]
    ) {
      await age(email, 60);
      await pageClient(stack).auth.signInWithOtp({ email, options: { emailRedirectTo: page } });
      const { link } = await mailTo(stack, email);
      expect(new URL(link).searchParams.get("redirect_to")).toBe(SITE);
    }
    const { link } = await mailTo(stack, email);
    const changed = new URL(link);
    changed.searchParams.set("redirect_to", "https://evil.example/");
    expect((await follow(changed.href)).href).toMatch(`${SITE}/#access_token=`);
  });

  it("goes to one address, whatever stands in the request", async () => {
    const { email } = await newUser(stack);
    const injected = [
      `${email}\r\nBcc: eve@example.com`,
      `${email},eve@example.com`,
      `"${email}" <eve@example.com>`,
    ];
    for (const address of injected) {
      expect(await ask(stack, "/otp", { body: { email: address } }))
        .toMatchObject({ status: 400, body: { error_code: "validation_failed" } });
    }
    const redirect = encodeURIComponent(`${SITE}/?x=\r\nBcc: eve@example.com\r\n\r\n<b>`);
    await ask(stack, `/otp?redirect_to=${redirect}`, {
      body: { email, data: { name: "x\r\nBcc: eve@example.com" } },
    });
    const mail = await mailTo(stack, email);
    expect([mail.To, mail.Bcc]).toEqual([[{ Name: "", Address: email }], []]);
    expect(new URL(mail.link).searchParams.get("redirect_to")).toBe(SITE);
    await expect(mailTo(stack, "eve@example.com")).rejects.toThrow("no mail");
  });

  it("shows its link in HTML as text that no quote ends", async () => {
    const { email } = await newUser(stack);
    const emailRedirectTo = `${SITE}/?x="><script>alert(1)</script>&y='`;
    await pageClient(stack).auth.signInWithOtp({ email, options: { emailRedirectTo } });
    const { HTML, link } = await mailTo(stack, email);
    expect(HTML).not.toMatch(/<script|x="/);
    expect(new URL(link).searchParams.get("redirect_to")).toBe(emailRedirectTo);
  });
});

describe("the catcher", () => {
  it("lists, finds, shows and removes mails as Mailpit does", async () => {
    const [one, other] = await Promise.all([newUser(stack), newUser(stack)]);
    for (const { email } of [one, other]) await pageClient(stack).auth.signInWithOtp({ email });
    const api = `${stack.mailUrl}/api/v1`;
    const list = await (await fetch(`${api}/messages?limit=1`)).json();
    expect(list).toMatchObject({
      start: 0,
      count: 1,
      total: list.messages_count,
      unread: expect.any(Number),
    });
    const [newest] = list.messages;
    expect(newest).toMatchObject({
      From: { Name: "Admin", Address: "admin@email.com" },
      To: [{ Name: "", Address: other.email }],
      Subject: "Your Magic Link",
      Read: false,
      Attachments: 0,
      Snippet: expect.stringMatching(/^Magic Link Follow this link to login: http/),
    });
    const latest = await (await fetch(`${api}/message/latest`)).json();
    expect([latest.ID, latest.Size]).toEqual([newest.ID, newest.Size]);
    expect(await (await fetch(`${api}/message/latest/raw`)).text()).toContain(`To: ${other.email}\r\n`);
    expect(await (await fetch(`${api}/message/latest/headers`)).json()).toMatchObject({
      Subject: ["Your Magic Link"],
    });
    await fetch(`${api}/messages`, { method: "DELETE", body: JSON.stringify({ IDs: [newest.ID] }) });
    await expect(mailTo(stack, other.email)).rejects.toThrow("no mail");
    expect((await fetch(`${api}/message/${newest.ID}`)).status).toBe(404);
    expect(await mailTo(stack, one.email)).toHaveProperty("Subject", "Your Magic Link");
  });

  it("is not there for a page whose name merely resolves to this machine", async () => {
    const answer = (host: string) =>
      new Promise<number | undefined>((resolve, reject) =>
        get(`${stack.mailUrl}/api/v1/messages`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject)
      );
    expect(await answer("rebound.example:54324")).toBe(404);
    expect(await answer("localhost:54324")).toBe(200);
  });

  it("has a page, where a mail's own HTML can run nothing and load nothing", async () => {
    const { email } = await newUser(stack);
    await pageClient(stack).auth.signInWithOtp({ email });
    const { ID } = await mailTo(stack, email);
    const page = await fetch(`${stack.mailUrl}/`);
    expect(await page.text()).toContain(`<a href="/view/${ID}">Your Magic Link</a>`);
    const shown = await fetch(`${stack.mailUrl}/view/${ID}`);
    expect(await shown.text()).toContain(`sandbox="allow-popups`);
    const plain = await fetch(`${stack.mailUrl}/view/${ID}.txt`);
    for (const { headers } of [page, shown, plain]) {
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
    const html = await fetch(`${stack.mailUrl}/view/${ID}.html`);
    expect(html.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'.*frame-ancestors 'self'.*sandbox/,
    );
    expect(html.headers.get("access-control-allow-origin")).toBeNull();
  });
});
