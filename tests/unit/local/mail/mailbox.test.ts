import { expect, it } from "vitest";
import { search } from "../../../../local/mail/api.ts";
import { Mailbox, snippet } from "../../../../local/mail/mailbox.ts";
import { listPage, mailPage } from "../../../../local/mail/page.ts";

async function boxWith(...mails: string[]): Promise<Mailbox> {
  const mailbox = new Mailbox();
  for (const mail of mails) {
    await mailbox.keep(new TextEncoder().encode(mail), {
      from: "a@x.example",
      to: ["ada@x.example", "eve@x.example"],
    });
  }
  return mailbox;
}

const MAIL = (subject: string, to = "Ada <ada@x.example>") =>
  `From: Admin <admin@x.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nHello\r\n  there\r\n`;

it("a mail is kept with those whom only the envelope names", async () => {
  const { mails: [mail] } = await boxWith(MAIL("=?UTF-8?Q?H=C3=A9llo?="));
  expect(mail).toMatchObject({
    subject: "Héllo",
    from: { Name: "Admin", Address: "admin@x.example" },
    to: [{ Name: "Ada", Address: "ada@x.example" }],
    bcc: [{ Name: "", Address: "eve@x.example" }],
  });
  expect(mail && snippet(mail)).toBe("Hello there");
});

it("the newest 500 are kept, the newest first", async () => {
  const mailbox = await boxWith(...Array.from({ length: 502 }, (_, index) => MAIL(`number ${index}`)));
  expect([mailbox.mails.length, mailbox.mails[0]?.subject, mailbox.mails.at(-1)?.subject])
    .toEqual([500, "number 501", "number 2"]);
  expect(mailbox.find("latest")?.subject).toBe("number 501");
});

it("a search finds mails that hold every term", async () => {
  const { mails } = await boxWith(MAIL("Reset Your Password"), MAIL("Your Magic Link", "bob@x.example"));
  const found = (query: string) => search(mails, query).map(({ subject }) => subject);
  expect(found("to:bob@x.example")).toEqual(["Your Magic Link"]);
  expect(found('subject:"reset your" to:ada')).toEqual(["Reset Your Password"]);
  expect(found("hello your")).toHaveLength(2);
  expect(found("to:bob subject:reset")).toEqual([]);
});

it("the pages show what a mail says as text", async () => {
  const mailbox = await boxWith(MAIL("<script>alert(1)</script>", '"<b>" <ada@x.example>'));
  const [mail] = mailbox.mails;
  if (!mail) throw new Error("a mail");
  for (const page of [listPage(mailbox), mailPage(mail)]) {
    expect(page).not.toMatch(/<script|<b>/);
    expect(page).toContain("&#60;script&#62;");
  }
});
