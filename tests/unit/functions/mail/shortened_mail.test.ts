import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { readRawMail } from "../../../../supabase/functions/_shared/mail/inbound_mail.ts";
import { replyText } from "../../../../supabase/functions/_shared/mail/reply_text.ts";
import { shortened } from "../../../../supabase/functions/_shared/mail/shortened_mail.ts";

const MIB = 1024 * 1024;
const HEAD = "From: a@b.c\r\nTo: x@y.z\r\nMIME-Version: 1.0\r\n";
const PLAIN = "Content-Type: text/plain; charset=utf-8\r\n";
const HTML = "Content-Type: text/html\r\n";
const FILE = "Content-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n";
const QUOTED = "Content-Transfer-Encoding: quoted-printable\r\n";
const BASE64 = "Content-Transfer-Encoding: base64\r\n";
const INNER = "Content-Type: message/rfc822\r\n";

const bytesOf = (mail: string) => new Uint8Array(Buffer.from(mail, "latin1"));
/** Text as its bytes in UTF-8, a character each. */
const utf8 = (text: string) => Buffer.from(text).toString("latin1");
const wrapped = (text: string, width = 76) => text.replace(new RegExp(`.{${width}}`, "gs"), "$&\r\n");
const multipart = (type: string, parts: string[], boundary = "b") =>
  `Content-Type: multipart/${type}; boundary="${boundary}"\r\n\r\n` +
  `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("")}--${boundary}--\r\n`;
const short = (mail: string) => shortened(bytesOf(mail), { maxHeaders: 128 * 1024 });

async function readBy(mail: Uint8Array) {
  const { text, html, attachments } = await PostalMime.parse(mail, { maxRfc822NestingDepth: 1 });
  return { text, html, files: attachments.map(({ content: _, ...file }) => file) };
}

const LONG = wrapped("Wörter, viele. ".repeat(10_000));
const PICTURE = wrapped(Buffer.alloc(MIB / 2, 7).toString("base64"));
const FORWARDED = `From: c@d.e\r\nSubject: Old\r\n${
  multipart("mixed", [`${PLAIN}\r\nAbove.`, `${FILE}${BASE64}\r\nAAAA`], "i")
}`;

const MAILS: Record<string, string> = {
  "no MIME": "From: a@b.c\r\n\r\nTwo, please.\r\n-- \r\nAda",
  "nothing": "",
  "headers alone": "From: a@b.c",
  "a long text and a picture": HEAD + multipart("mixed", [
    `${PLAIN}\r\n${utf8(LONG)}`,
    `${FILE}${BASE64}\r\n${PICTURE}`,
  ]),
  "texts above and below files": HEAD + multipart("mixed", [
    `${PLAIN}\r\nOne.\r\n--\r\nand`,
    `${FILE}${BASE64}\r\n${PICTURE.slice(0, 10_000)}`,
    `${PLAIN}${QUOTED}\r\nTw=C3=B6=\r\n, =ZZ =3=\r\nD=\r\n`,
    `Content-Type: text/csv\r\n\r\na,b`,
    `${HTML}\r\n<p>Three.</p>`,
  ]),
  "two forms of a text, and pictures in one": HEAD + multipart("alternative", [
    `${PLAIN}${BASE64}\r\n${wrapped(Buffer.from("Grüße, und so fort.".repeat(20)).toString("base64"))}`,
    multipart("related", [
      `${HTML}\r\n<p>Gr&uuml;&szlig;e</p><img src="cid:1">`,
      `Content-Type: image/png\r\nContent-ID: <1>\r\n${BASE64}\r\nAAAA`,
    ], "r"),
  ]),
  "padding in each line of base64": `${HEAD}${PLAIN}${BASE64}\r\nVHdv\r\nLA==\r\nIHA=bGVhc2Uu\r\nQ!!Q=\r\nQ`,
  "a flowed text":
    `${HEAD}Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nTwo, \r\n please \r\n\r\n-- \r\nA`,
  "another charset": `${HEAD}Content-Type: text/plain; charset=iso-8859-1\r\n${QUOTED}\r\nGr=FC=DFe\r\n`,
  "bare LF and stray CR": `${HEAD}${PLAIN}\r\nOne\r\r\nTwo\n\rThree\r`.replace("1.0\r\n", "1.0\n"),
  "a mail within": HEAD + multipart("mixed", [`${PLAIN}\r\nSee below.`, `${INNER}\r\n${FORWARDED}`]),
  "a mail within, as a file": HEAD + multipart("mixed", [
    `${INNER}Content-Disposition: attachment\r\n\r\n${FORWARDED}`,
  ]),
  "a mail within, encoded": HEAD + multipart("mixed", [
    `${INNER}${BASE64}\r\n${wrapped(Buffer.from(FORWARDED).toString("base64"))}`,
  ]),
  "a mail in a mail within": HEAD + multipart("mixed", [
    `${INNER}\r\nSubject: 1\r\n${multipart("mixed", [`${INNER}\r\nSubject: 2\r\n\r\nx`], "n")}`,
  ]),
  "a digest": HEAD + multipart("digest", ["\r\nSubject: 1\r\n\r\nOne.", "\r\nSubject: 2\r\n\r\nTwo."]),
  "a report": HEAD + multipart("report", [
    `${PLAIN}\r\nNot delivered.`,
    "Content-Type: message/delivery-status\r\n\r\nAction: failed",
    `${INNER}\r\n${FORWARDED}`,
  ]),
  "words around its parts": `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n` +
    `MIME!\r\n--c\r\n--b \t\r\n${PLAIN}\r\nIn.\r\n--b\r\n--b--\t\r\nOut.\r\n--b\r\n\r\nOut.`,
  "no end": `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${PLAIN}\r\nIn.`,
  "an outer delimiter within an inner multipart":
    `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n` +
    `--bb\r\n\r\nOne.\r\n--b\r\n\r\nTwo.\r\n--bb\r\nThree.\r\n--b--`,
  "headers that are folded, doubled and oddly written":
    `${HEAD}content-TYPE :\r\n MULTIPART/Mixed;\r\n\tBoundary = "b (1); \\"x"; charset=x\r\nContent-Type: text/html\r\n\r\n` +
    `--b (1); "x\r\nContent-Type: Text/PLAIN (words); format=fixed\r\nContent-Transfer-Encoding: (a) Quoted-Printable\r\n\r\n=41\r\n` +
    `--b (1); "x--`,
  "a boundary behind a comment, with another behind it":
    `${HEAD}Content-Type: multipart/mixed (words); boundary=b (more); boundary=c\r\n\r\n--b\r\n\r\nIn.\r\n--b--`,
  "a divided boundary":
    `${HEAD}Content-Type: multipart/mixed; boundary*0="b-"; boundary*1="c"\r\n\r\n--b-c\r\n\r\nIn.\r\n--b-c--`,
  "what is no type": `${HEAD}Content-Type: (\r\n\r\nx`,
  "nine hundred files": HEAD + multipart("mixed", Array.from({ length: 900 }, () => `${FILE}\r\nx`)),
};

describe.each(Object.entries(MAILS))("a mail with %s", (_, mail) => {
  it("is read as it was", async () => {
    expect(await readBy(short(mail))).toEqual(await readBy(bytesOf(mail)));
  });
});

it("a text as long as one is read is whole in every encoding, beside a file of eight MiB", async () => {
  const text = "今".repeat(256 * 1024 - 1);
  const quoted = utf8(text).replace(/./gs, (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  const bodies = [
    utf8(text),
    `${BASE64}\r\n${wrapped(Buffer.from(text).toString("base64"))}`,
    `${QUOTED}\r\n${quoted.replace(/.{75}/g, "$&=\r\n")}`,
  ];
  for (const [index, body] of bodies.entries()) {
    const file = `${FILE}\r\n${"x".repeat(8 * MIB - body.length)}`;
    const mail = HEAD + multipart("mixed", [`${PLAIN}${index === 0 ? "\r\n" : ""}${body}`, file]);
    expect(mail.length).toBeLessThan(10 * MIB);
    const content = await (await readRawMail(bytesOf(mail))).content();
    expect(content.text.slice(0, text.length) === text).toBe(true);
    expect(content.files).toBe(1);
    expect(replyText(content.text)).toMatch(/^今{20000}…$/);
  }
});

it("a text that is cut is still read as UTF-8 where it does not say its character set", async () => {
  for (const start of ["", "a", "ab"]) {
    const text = utf8(start + "今".repeat(500_000));
    for (
      const mail of [
        `${HEAD}\r\n${text}`,
        `${HEAD}${BASE64}\r\n${Buffer.from(text, "latin1").toString("base64")}`,
      ]
    ) {
      const content = await (await readRawMail(bytesOf(mail))).content();
      expect(content.text).toMatch(/^[ab]{0,2}今{300000,}$/);
    }
  }
});

describe("a mail that is made to be slow to read", () => {
  const filled = (piece: string) => piece.repeat(Math.floor(9.9 * MIB / piece.length));
  const mixed = `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n`;
  const cc = `Cc: ${"a@b.c,".repeat(15_000)}\r\n`;

  it.each([
    ["short lines", `${HEAD}Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n${filled("a \r\n")}`],
    ["empty lines", `${HEAD}\r\n${filled("\n")}`],
    ["lines that go on", `${HEAD}${QUOTED}\r\n${filled("=\r\n")}`],
    ["pieces of base64", `${HEAD}${BASE64}\r\n${filled("QQ==\r\n")}`],
    ["empty parts", mixed + filled("--b\r\n\r\nx\r\n")],
    ["parts of headers", mixed + filled("--b\r\n")],
    [
      "texts of each type",
      mixed + filled(`--b\r\n${PLAIN}\r\n${"a\n".repeat(5000)}--b\r\n${HTML}\r\n${"<\n".repeat(5000)}`),
    ],
    ["lines like delimiters", mixed + filled("--c\r\n")],
    ["lines of a file", `${mixed}--b\r\n${FILE}\r\n${filled("\n")}`],
    ["lines above its parts", mixed + filled("\n")],
    ["lines below its parts", `${mixed}--b\r\n\r\n--b--\r\n${filled("\n")}`],
    ["lines of a mail within", `${mixed}--b\r\n${INNER}\r\n\r\n${filled("\n")}`],
    ["an encoded mail within", `${mixed}--b\r\n${INNER}${QUOTED}\r\n${filled("=0A")}`],
    ["mails within", mixed + filled(`--b\r\n${INNER}\r\n\r\nx\r\n`)],
    ["mails with long headers within", mixed + filled(`--b\r\n${INNER}\r\n${cc}\r\nx\r\n`)],
  ])("has few lines and no more text than is read: %s", async (_, mail) => {
    const left = short(mail);
    expect(left.length).toBeLessThan(4 * MIB);
    // A part has a delimiter, some headers, an empty line and its text.
    expect(left.filter((byte) => byte === 10).length).toBeLessThan(8000);
    await expect(PostalMime.parse(left)).resolves.toMatchObject({ attachments: expect.any(Array) });
  });

  it("has the headers of all mails within it counted together", async () => {
    const { attachments } = await PostalMime.parse(
      short(mixed + `--b\r\n${INNER}\r\n${cc}\r\nx\r\n`.repeat(50)),
    );
    expect(attachments).toHaveLength(49);
  });

  it("is refused where its headers are too long", () => {
    expect(() => short(`${HEAD}${cc.repeat(2)}\r\nx`)).toThrow(/headers/);
    expect(() => short(mixed + `--b\r\nX: ${"y".repeat(1000)}\r\n\r\nx\r\n`.repeat(200))).toThrow(/headers/);
  });
});
