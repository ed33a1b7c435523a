import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { readRawMail } from "../../../../supabase/functions/_shared/mail/inbound_mail.ts";

async function textOf(type: string, bytes: Buffer, encoding = "8bit") {
  const head = `From: a@b.c\r\n${type}Content-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const mail = await readRawMail(Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n")]));
  return (await mail.content()).text.trim();
}
const said = (charset: string) => `Content-Type: text/plain; charset=${charset}\r\n`;

it.each([
  ["unknown-8bit", "c3bc", "ü"],
  ["us-ascii", "c3bc", "ü"],
  ['"utf-8;"', "c3bc", "ü"],
  ["x-unknown", "c3bc", "ü"],
  ["us-ascii", "fc", "ü"],
  ["unknown-8bit", "fc", "ü"],
  ["utf8", "c3bc", "ü"],
  ["iso-8859-1", "c3bc", "Ã¼"],
  ["cp1252", "fc", "ü"],
  ["koi8-r", "e4c1", "Да"],
  ["iso-8859-8-i", "f9ec", "של"],
  ["ks_c_5601-1987", "b0a8bbe7", "감사"],
  ["x-sjis", "82b182f1", "こん"],
  ["cp932", "82b182f1", "こん"],
  ["iso-2022-jp-1", "1b2442244b1b2842", "に"],
  ["gb18030", "c4e3", "你"],
])("a text is read though its character set is said so: %s %s", async (charset, hex, text) => {
  expect(await textOf(said(charset), Buffer.from(hex, "hex"))).toBe(text);
});

it("a text that does not say its character set is UTF-8, or else Windows' and Latin 1", async () => {
  for (const type of ["", "Content-Type: text/plain\r\n"]) {
    expect(await textOf(type, Buffer.from("Grüße – „ja“"))).toBe("Grüße – „ja“");
    expect(await textOf(type, Buffer.from("Gr\xfc\xdfe", "latin1"))).toBe("Grüße");
  }
  expect(await textOf("", Buffer.from("Gr=C3=BC=C3=9Fe"), "quoted-printable")).toBe("Grüße");
  expect(await textOf("", Buffer.from(Buffer.from("Grüße").toString("base64")), "base64")).toBe("Grüße");
});

it("a broken character in a text that says UTF-8 leaves the others as they are", async () => {
  expect(await textOf(said("utf-8"), Buffer.from("47c3bc20c3", "hex"))).toBe("Gü \ufffd");
});

it("HTML that does not say its character set is read so as well", async () => {
  expect(await textOf("Content-Type: text/html\r\n", Buffer.from("<p>Gr\xfc\xdfe</p>", "latin1"))).toBe(
    "Grüße",
  );
});

it("a subject that was written as it is, in UTF-8 or in Latin 1, is read", async () => {
  for (const encoding of ["utf8", "latin1"] as const) {
    const mail = await readRawMail(Buffer.from("From: a@b.c\r\nSubject: Grüße\r\n\r\nx", encoding));
    expect(mail).toMatchObject({ from: ["a@b.c"], subject: "Grüße" });
  }
});
