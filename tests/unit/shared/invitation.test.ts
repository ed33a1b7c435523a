import { describe, expect, it } from "vitest";
import { type AuthAnswer, inviteAccount } from "../../../shared/invitation.ts";

const EMAIL = "ada@shop.example";
const TAKEN: AuthAnswer = { status: 422, json: { error_code: "email_exists", msg: "Taken" } };
const ok = (json: unknown): AuthAnswer => ({ status: 200, json });
const UNCONFIRMED = { id: "7", email_confirmed_at: null, identities: [{ provider: "email" }] };

/** A project's Auth that answers each request, by method and path, in this way, and what it was asked. */
function authWith(answers: Record<string, AuthAnswer>, found: string | null = "7") {
  const asked: string[] = [];
  return {
    asked,
    ask(method: string, path: string): Promise<AuthAnswer> {
      asked.push(`${method} ${path}`);
      const answer = answers[`${method} ${path.split("?")[0]}`];
      if (!answer) throw new Error(`${method} ${path} was not expected`);
      return Promise.resolve(answer);
    },
    find: () => Promise.resolve(found),
  };
}

const invite = (auth: ReturnType<typeof authWith>, to?: string) => inviteAccount(auth, EMAIL, to);
const refusal = async (...given: Parameters<typeof authWith>) => {
  const invitation = await invite(authWith(...given));
  return invitation.ok ? null : invitation.refusal;
};

describe("inviteAccount", () => {
  it("mails a new account, with the page that the link is to lead to", async () => {
    const auth = authWith({ "POST /admin/users": ok({ id: "7" }), "POST /invite": ok({ id: "7" }) });
    expect(await invite(auth, "https://inbox.shop.example/a b")).toEqual({
      ok: true,
      id: "7",
      invited: true,
    });
    expect(auth.asked.at(-1)).toBe("POST /invite?redirect_to=https%3A%2F%2Finbox.shop.example%2Fa+b");
  });

  it("changes nothing about a confirmed account, and mails it nothing", async () => {
    const auth = authWith({
      "POST /admin/users": TAKEN,
      "GET /admin/users/7": ok({ id: "7", email_confirmed_at: "2026-01-01T00:00:00Z" }),
    });
    expect(await invite(auth)).toEqual({ ok: true, id: "7", invited: false });
  });

  it("takes the password of an unconfirmed one before it mails", async () => {
    const auth = authWith({
      "POST /admin/users": TAKEN,
      "GET /admin/users/7": ok(UNCONFIRMED),
      "PUT /admin/users/7": ok(UNCONFIRMED),
      "POST /invite": ok({ id: "7" }),
    });
    expect(await invite(auth)).toEqual({ ok: true, id: "7", invited: true });
    expect(auth.asked.slice(-2)).toEqual(["PUT /admin/users/7", "POST /invite"]);
  });

  it("mails nothing where another provider signs in, or the password could not be taken", async () => {
    const known = { "POST /admin/users": TAKEN, "GET /admin/users/7": ok(UNCONFIRMED) };
    const other = { ...UNCONFIRMED, identities: [{ provider: "email" }, { provider: "github" }] };
    expect(await refusal({ ...known, "PUT /admin/users/7": ok(other) }))
      .toEqual({ code: "other_provider", provider: "github" });
    expect(await refusal({ ...known, "PUT /admin/users/7": { status: 500, json: { msg: "Down" } } }))
      .toEqual({ code: "rejected", status: 500, message: "Down" });
    expect(await refusal({ ...known, "PUT /admin/users/7": ok("<html>") }))
      .toEqual({ code: "unexpected_answer" });
  });

  it("is content where somebody was faster, and confirmed the address", async () => {
    const auth = authWith({ "POST /admin/users": ok({ id: "7" }), "POST /invite": TAKEN });
    expect(await invite(auth)).toEqual({ ok: true, id: "7", invited: false });
  });

  it("takes the account that was mailed, if it is that address's", async () => {
    const mailing = (json: unknown) => ({ "POST /admin/users": ok({ id: "7" }), "POST /invite": ok(json) });
    expect(await invite(authWith(mailing({ id: "8", email: "Ada@shop.example" }))))
      .toEqual({ ok: true, id: "8", invited: true });
    for (const json of [{ id: "8", email: "eve@shop.example" }, { id: "8" }, { email: EMAIL }, undefined]) {
      expect(await refusal(mailing(json))).toEqual({ code: "unexpected_answer" });
    }
  });

  it("says why Auth makes no account or sends no mail", async () => {
    const made = { "POST /admin/users": ok({ id: "7" }) };
    const refused = (status: number, json?: unknown) => ({ status, json });
    expect(await refusal({ "POST /admin/users": TAKEN }, null)).toEqual({ code: "not_found" });
    expect(await refusal({ "POST /admin/users": refused(401) })).toEqual({ code: "access_denied" });
    expect(await refusal({ "POST /admin/users": ok(undefined) })).toEqual({ code: "unexpected_answer" });
    expect(await refusal({ "POST /admin/users": refused(400, { msg: "No such domain" }) }))
      .toEqual({ code: "rejected", status: 400, message: "No such domain" });
    expect(
      await refusal({ ...made, "POST /invite": refused(429, { error_code: "over_email_send_rate_limit" }) }),
    )
      .toEqual({ code: "too_many_mails" });
    expect(await refusal({ ...made, "POST /invite": refused(502) }))
      .toEqual({ code: "rejected", status: 502, message: "" });
  });
});
