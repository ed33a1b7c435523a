import { describe, expect, it } from "vitest";
import { formsOf } from "../../../../supabase/functions/_shared/mail/address_forms.ts";
import { readApiMail, readRawMail } from "../../../../supabase/functions/_shared/mail/inbound_mail.ts";
import {
  inboundDomain,
  readInboundSettings,
} from "../../../../supabase/functions/_shared/mail/inbound_settings.ts";

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
    });
    expect(await mail.content()).toEqual({ text: "Grüße\n", files: 1 });
    expect(mail.to).toEqual(
      expect.arrayContaining(["reply+abc@reply.shop.example", "chat@shop.example", "other@shop.example"]),
    );
  });

  it("that is HTML alone is read as words", async () => {
    const mail = await readRawMail(
      raw(["From: a@b.c", "Content-Type: text/html"], "<p>Two,&nbsp;please.</p>"),
    );
    expect(await mail.content()).toEqual({ text: "Two, please.", files: 0 });
  });

  it("whose text is blank beside its HTML is read as the HTML's words, and its signature is no file", async () => {
    const part = (type: string, body: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
    const signature =
      'application/pkcs7-signature; name="smime.p7s"\r\nContent-Disposition: attachment; filename="smime.p7s"';
    const mail = await readRawMail(raw(
      ["From: a@b.c", 'Content-Type: multipart/mixed; boundary="b"'],
      `--b\r\nContent-Type: multipart/alternative; boundary="a"\r\n\r\n${
        (part("text/plain", " \u00a0\r\n ") + part("text/html", "<p>Two, please.</p>")).replaceAll(
          "--b",
          "--a",
        )
      }--a--\r\n${part(signature, "x")}--b--`,
    ));
    expect(await mail.content()).toEqual({ text: "Two, please.", files: 0 });
  });

  it("is read as far as a message may be made of it: a MiB of text, a thousand parts", async () => {
    const part = "--b\r\nContent-Type: image/png\r\n\r\nx\r\n";
    const mail = await readRawMail(raw(
      ["From: a@b.c", 'Content-Type: multipart/mixed; boundary="b"'],
      `--b\r\n\r\n${"a \r\n".repeat(600_000)}${part.repeat(1500)}`,
    ));
    const { text, files } = await mail.content();
    expect(text).toHaveLength(1024 * 1024);
    expect(files).toBe(998);
  });

  it("tells whom it is from and to before anything else of it is read", async () => {
    const broken = `--b\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n`.repeat(100);
    const mail = await readRawMail(
      raw(["From: a@b.c", "To: d@e.f", 'Content-Type: multipart/mixed; boundary="b"'], broken),
    );
    expect(mail).toMatchObject({ from: ["a@b.c"], to: ["d@e.f"] });
    await expect(mail.content()).rejects.toThrow(/nest/i);
  });
});

describe("a mail of the API", () => {
  it("is read as a raw one", async () => {
    const { content, ...head } = readApiMail({
      from: "Ada <Ada@home.example>",
      to: ["reply+abc@reply.shop.example"],
      cc: null,
      subject: "Re: Fern",
      message_id: "<1@home.example>",
      html: null,
      text: "Two, please.",
      headers: { "Auto-Submitted": "no", received: ["a", "b"] },
      attachments: [{ id: "1" }],
    });
    expect(head).toEqual({
      from: ["ada@home.example"],
      to: ["reply+abc@reply.shop.example"],
      subject: "Re: Fern",
      messageId: "<1@home.example>",
      headers: [
        { name: "auto-submitted", value: "no" },
        { name: "received", value: "a" },
        { name: "received", value: "b" },
      ],
    });
    expect(await content()).toEqual({ text: "Two, please.", files: 1 });
  });
});

it("a mail of the API has no longer headers than a raw one", () => {
  const mail = { from: "a@b.c", to: Array.from({ length: 20_000 }, () => "a@b.c") };
  expect(() => readApiMail(mail)).toThrow(/headers/);
  expect(() => readApiMail({ from: "a@b.c", headers: { "x-a": "b".repeat(200_000) } })).toThrow(/headers/);
});

it("a mail of the API with a blank text is read as its HTML's words", async () => {
  const attachments = [{ content_type: "application/pgp-signature" }, { id: "1" }];
  const { content } = readApiMail({ from: "a@b.c", text: " \n", html: "<p>Two, please.</p>", attachments });
  expect(await content()).toEqual({ text: "Two, please.", files: 1 });
});

it.each([
  ["ada@müller.example", ["ada@müller.example", "ada@xn--mller-kva.example"]],
  ["ada@xn--mller-kva.example", ["ada@xn--mller-kva.example", "ada@müller.example"]],
  ["ada@home.example", ["ada@home.example"]],
  ["ada@a b", ["ada@a b"]],
  ["nobody", ["nobody"]],
])("an address is the same in each of its forms: %s", (address, forms) => {
  expect(formsOf(address)).toEqual(forms);
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
