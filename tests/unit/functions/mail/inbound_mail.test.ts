import { describe, expect, it } from "vitest";
import {
  doubtOf,
  readApiMail,
  readRawMail,
  replyText,
} from "../../../../supabase/functions/_shared/mail/inbound_mail.ts";
import {
  inboundDomain,
  readInboundSettings,
} from "../../../../supabase/functions/_shared/mail/inbound_settings.ts";

const LINE = "-- Write your answer above this line --";
const QUOTE = `> ${LINE}\n>\n> Fern & Fable has answered you.\n>\n> Olga:\n> Yes, it is.`;

describe("of an answer", () => {
  it.each([
    ["Gmail", `Two, please.\n\nOn Sun, 29 Nov 2026 at 10:00, Shop <reply+x@r.example>\nwrote:\n\n${QUOTE}\n`],
    ["in German", `Two, please.\n\nAm 29.11.26 um 10:00 schrieb Shop:\n${QUOTE}\n`],
    ["in French", `Two, please.\n\nLe dim. 29 nov. 2026 à 10:00, Shop <a@b.example> a écrit :\n\n${QUOTE}\n`],
    [
      "Outlook",
      `Two, please.\r\n\r\n________________________________\r\nFrom: Shop <a@b.example>\r\nSent: Sunday\r\n` +
      `To: Ada\r\nSubject: Fern\r\n\r\n${LINE}\r\n\r\nOlga:\r\nYes.`,
    ],
    [
      "Outlook in German",
      `Two, please.\n\nVon: Shop <a@b.c>\nGesendet: Sonntag\nAn: Ada\nBetreff: Fern\n\n${LINE}\nhi`,
    ],
    [
      "a phone",
      `Two, please.\n\nSent from my iPhone\n\n> On 29. Nov 2026, at 10:00, Shop <a@b.c> wrote:\n>\n${QUOTE}`,
    ],
    [
      "with a signature",
      `Two, please.\n\n-- \nAda Lovelace\n+44 1\n\nOn Sunday Shop <a@b.c> wrote:\n${QUOTE}`,
    ],
    ["without any quote", "Two, please."],
  ])("the new words are taken: %s", (_, text) => {
    expect(replyText(text)).toBe("Two, please.");
  });

  it("paragraphs, lists and colons within stay", () => {
    const text = "I need:\n\n- a fern\n- a pot\n\nThank you!";
    expect(replyText(`${text}\n\nOn Sunday Shop <a@b.c> wrote:\n${QUOTE}`)).toBe(text);
  });

  it("nothing of what only quotes is taken", () => {
    expect(replyText(`On Sunday Shop <a@b.c> wrote:\n${QUOTE}`)).toBe("");
    expect(replyText("")).toBe("");
  });

  it("what is made to take long, or is too long, takes no second, and fits a message", () => {
    const from = Date.now();
    for (const part of ["On ", ">", "On \n", "-", "From: a\n", "é", "\0", "\ud800"]) {
      expect(new TextEncoder().encode(replyText(part.repeat(300_000))).length).toBeLessThan(65_536);
    }
    expect(Date.now() - from).toBeLessThan(10_000);
  });
});

const raw = (headers: string[], body: string) =>
  new TextEncoder().encode([...headers, "", body].join("\r\n"));

describe("a raw mail", () => {
  it("is read with its addresses, words and files", async () => {
    const mail = await readRawMail(raw(
      [
        "Delivered-To: Reply+ABC@reply.shop.example",
        'From: "Ada, L." <Ada@Home.example>',
        "To: Shop <chat@shop.example>, =?utf-8?q?Gr=C3=BC=C3=9Fe?= <other@shop.example>",
        "Message-ID: <1@home.example>",
        "Subject: =?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?=",
        'Content-Type: multipart/mixed; boundary="b"',
      ],
      "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n" +
        '--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\n\r\nx\r\n--b--',
    ));
    expect(mail).toMatchObject({
      from: ["ada@home.example"],
      subject: "Re: Grüße",
      messageId: "<1@home.example>",
      text: "Grüße\n",
      files: 1,
    });
    expect(mail.to).toEqual(
      expect.arrayContaining(["reply+abc@reply.shop.example", "chat@shop.example", "other@shop.example"]),
    );
  });

  it("that is HTML alone is read as words", async () => {
    const html = "<head><style>p{}</style></head><p>Two,&nbsp;please.<br>A &lt;b&gt; &amp; c</p>" +
      "<style>x</style><div>Thanks</div><blockquote><p>old <blockquote>older</blockquote></p></blockquote>";
    const { text } = await readRawMail(raw(["From: a@b.c", "Content-Type: text/html"], html));
    expect(replyText(text)).toBe("Two, please.\nA <b> & c\nThanks");
  });
});

describe("a mail of the API", () => {
  it("is read as a raw one", () => {
    expect(readApiMail({
      from: "Ada <Ada@home.example>",
      to: ["reply+abc@reply.shop.example"],
      cc: null,
      subject: "Re: Fern",
      message_id: "<1@home.example>",
      html: null,
      text: "Two, please.",
      headers: { "Auto-Submitted": "no", received: ["a", "b"] },
      attachments: [{ id: "1" }],
    })).toEqual({
      from: ["ada@home.example"],
      to: ["reply+abc@reply.shop.example"],
      subject: "Re: Fern",
      messageId: "<1@home.example>",
      text: "Two, please.",
      files: 1,
      headers: [
        { name: "auto-submitted", value: "no" },
        { name: "received", value: "a" },
        { name: "received", value: "b" },
      ],
    });
  });
});

const mail = (headers: Record<string, string>, from = ["ada@home.example"]) => ({
  from,
  to: [],
  subject: "",
  messageId: "",
  text: "",
  files: 0,
  headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
});

describe("it is doubted who wrote", () => {
  it.each([
    ["mx.example; dmarc=fail header.from=home.example", false],
    ["mx.example; dkim=none; spf=fail", false],
    ["mx.example; dkim=fail; spf=pass", false],
    ["mx.example; dkim=pass; spf=fail", true],
    ["mx.example; dmarc=pass; dkim=fail; spf=fail", true],
    ["mx.example; none", true],
    ["", true],
  ])("by the receiving server's verdict: %s", (verdict, isGood) => {
    expect(doubtOf(mail({ "authentication-results": verdict })) === null).toBe(isGood);
  });

  it("by the topmost verdict alone: those below may be the sender's own", () => {
    const doubted = mail({});
    doubted.headers.push(
      { name: "authentication-results", value: "mx.example; dmarc=fail" },
      { name: "authentication-results", value: "mx.example; dmarc=pass" },
    );
    expect(doubtOf(doubted)).not.toBe(null);
  });

  it("where it names several senders, or none", () => {
    expect(doubtOf(mail({}, ["ada@home.example", "eve@evil.example"]))).not.toBe(null);
    expect(doubtOf(mail({}, []))).not.toBe(null);
  });
});

it("inbound mail is set up by a domain and a secret, or not at all", () => {
  const read = (domain?: string, secret?: string) =>
    readInboundSettings((name) => ({ HEDDLE_INBOUND_DOMAIN: domain, HEDDLE_INBOUND_SECRET: secret })[name]);
  const secret = `whsec_${Buffer.alloc(32).toString("base64")}`;
  expect(read()).toBe(null);
  expect(read("Reply.Shop.example", `${secret}, ${secret}`)).toEqual({
    domain: "reply.shop.example",
    secrets: [secret, secret],
  });
  expect(() => read("reply.shop.example")).toThrow(/HEDDLE_INBOUND_SECRET must be/);
  expect(() => read(undefined, secret)).toThrow(/HEDDLE_INBOUND_DOMAIN must be/);
  expect(() => read("a b", secret)).toThrow(/HEDDLE_INBOUND_DOMAIN must be/);
  expect(() => read("reply.shop.example", "hunter2")).toThrow(/^(?!.*hunter2)/);
});

it("broken settings of inbound mail are told, and hold up no mail that goes out", () => {
  const problems: unknown[] = [];
  const domain = (secret: string) =>
    inboundDomain(
      (name) => ({ HEDDLE_INBOUND_DOMAIN: "reply.shop.example", HEDDLE_INBOUND_SECRET: secret })[name],
      (error) => problems.push(error),
    );
  expect(domain("hunter2")).toBe(null);
  expect(problems).toEqual([
    expect.objectContaining({ message: expect.stringContaining("HEDDLE_INBOUND_SECRET") }),
  ]);
  expect(domain(`whsec_${Buffer.alloc(32).toString("base64")}`)).toBe("reply.shop.example");
  expect(problems).toHaveLength(1);
});
