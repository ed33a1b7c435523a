import { describe, expect, it } from "vitest";
import { automaticReason } from "../../../../supabase/functions/_shared/mail/automatic_mail.ts";

const mail = (headers: Record<string, string>, from = ["ada@home.example"]) => ({
  from,
  subject: "",
  headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
});

describe("nobody wrote", () => {
  it.each([
    [{ "auto-submitted": "auto-replied (vacation)" }, "auto-submitted"],
    [{ "x-autoreply": "yes" }, "auto-submitted"],
    [{ "x-auto-response-suppress": "DR, OOF, AutoReply" }, "auto-submitted"],
    [{ "x-auto-response-suppress": "All" }, "auto-submitted"],
    [{ "x-auto-reply": "yes" }, "auto-submitted"],
    [{ "x-autoresponder": "vacation" }, "auto-submitted"],
    [{ "x-mail-autoreply": "1" }, "auto-submitted"],
    [{ precedence: "auto-reply" }, "auto-submitted"],
    [{ precedence: "auto_reply" }, "auto-submitted"],
    [{ "x-failed-recipients": "ada@home.example" }, "bounce"],
    [{ precedence: "Bulk" }, "bulk"],
    [{ precedence: "junk" }, "bulk"],
    [{ "list-id": "<x.example>" }, "list"],
    [{ "return-path": "<>" }, "bounce"],
    [{ "content-type": 'multipart/report; report-type="delivery-status"' }, "bounce"],
  ])("what says so: %j", (headers, reason) => {
    expect(automaticReason(mail(headers))).toBe(reason);
  });

  it("what a mail server wrote", () => {
    expect(automaticReason(mail({}, ["mailer-daemon@x.example"]))).toBe("bounce");
  });

  it.each([
    "Automatic reply: Fern has answered you",
    "Out of Office: Re: Fern",
    "Out of the office",
    "AutoReply: Re: Fern",
    "Auto-Response: away",
    "Automatische Antwort: Fern",
    "Abwesenheitsnotiz: Fern",
    "Réponse automatique : Fern",
    "Respuesta automática: Fern",
    "Autosvar: Fern",
    "Automatisk svar: Fern",
    "Automatiskt svar: Fern",
    "自動応答: Fern",
  ])("what its subject says: %s", (subject) => {
    expect(automaticReason({ ...mail({}), subject })).toBe("auto-submitted");
  });

  it("what a mail server says in the subject", () => {
    expect(automaticReason({ ...mail({}), subject: "Undeliverable: Fern" })).toBe("bounce");
  });

  it.each([
    "Re: Automatic reply: Fern",
    "Out of office hours?",
    "Out of office chairs",
    "Automatic reply wanted",
    "Undeliverable parcel",
    "",
  ])("but a person's subject: %s", (subject) => {
    expect(automaticReason({ ...mail({ "x-auto-response-suppress": "DR, RN" }), subject })).toBe(null);
  });

  it("but a person's mail", () => {
    expect(automaticReason(mail({
      "auto-submitted": "no",
      "return-path": "<ada@home.example>",
      "precedence": "normal",
      "content-type": "text/plain",
    }))).toBe(null);
  });
});
