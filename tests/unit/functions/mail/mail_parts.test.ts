import { describe, expect, it } from "vitest";
import { readApiMail, readRawMail } from "../../../../supabase/functions/_shared/mail/inbound_mail.ts";

const part = (headers: string[], body: string) => `--b\r\n${headers.join("\r\n")}\r\n\r\n${body}\r\n`;
async function contentOf(kind: string, ...parts: string[]) {
  const head = `From: a@b.c\r\nContent-Type: multipart/${kind}; boundary="b"\r\n\r\n`;
  const mail = await readRawMail(new TextEncoder().encode(`${head}${parts.join("")}--b--\r\n`));
  return await mail.content();
}
const text = (type = "text/plain", body = "Two, please.") => part([`Content-Type: ${type}`], body);
const picture = (...headers: string[]) =>
  part(
    ["Content-Type: image/png; name=logo.png", "Content-Transfer-Encoding: base64", ...headers],
    "iVBORw0KGgo=",
  );
const INLINE = "Content-Disposition: inline; filename=logo.png";
const HTML = '<p>Two, please.</p><img src="cid:logo@x">';

describe("a picture within a text is no file", () => {
  it.each([
    ["one that HTML shows", "related", [text("text/html", HTML), picture("Content-ID: <logo@x>")]],
    ["one beside the HTML that shows it", "mixed", [
      text("text/html", HTML),
      picture(INLINE, "Content-ID: <logo@x>"),
    ]],
    ["one beside HTML with Outlook's signs", "mixed", [
      text("text/html", HTML.replace("logo@x", "image001.png%4001D9")),
      picture("Content-Disposition: attachment; filename=a.png", "Content-ID: <image001.png@01D9>"),
    ]],
    ["one beside a text without HTML", "mixed", [text(), picture(INLINE, "Content-ID: <logo@x>")]],
  ])("%s", async (_, kind, parts) => {
    expect(await contentOf(kind, ...parts)).toEqual({
      text: expect.stringMatching(/^Two, please\.\s*$/),
      files: 0,
    });
  });

  it("as the API says it", async () => {
    const { content } = readApiMail({
      from: "a@b.c",
      text: "Two, please.",
      html: HTML,
      attachments: [{ content_type: "image/png", content_disposition: "inline", content_id: "<logo@x>" }],
    });
    expect(await content()).toEqual({ text: "Two, please.", files: 0 });
  });
});

describe("what somebody has sent is a file", () => {
  it.each([
    ["a picture that was attached", [text(), picture("Content-Disposition: attachment; filename=a.png")]],
    ["a phone's, which shows it below the text", [text(), picture(INLINE)]],
    ["one that the HTML beside it does not show", [
      text("text/html", HTML),
      picture(INLINE, "Content-ID: <y@x>"),
    ]],
    ["a document with an id", [
      text("text/html", HTML),
      part(["Content-Type: application/pdf", "Content-ID: <logo@x>", "Content-Disposition: inline"], "x"),
    ]],
    ["an invitation", [text(), part(["Content-Type: text/calendar; method=REQUEST"], "BEGIN:VCALENDAR")]],
  ])("%s", async (_, parts) => {
    expect(await contentOf("mixed", ...parts)).toMatchObject({ files: 1 });
  });
});

it("who comes to an appointment sends no file", async () => {
  const reply = part(["Content-Type: text/calendar; method=REPLY; charset=utf-8"], "BEGIN:VCALENDAR");
  expect(await contentOf("alternative", text("text/plain", ""), reply)).toMatchObject({ files: 0 });
  const file = part(
    ["Content-Type: application/ics; name=invite.ics", "Content-Disposition: attachment"],
    "BEGIN:VCALENDAR",
  );
  expect(await contentOf("mixed", text(), reply, file)).toMatchObject({ files: 0 });
  const attachments = [{ content_type: 'text/calendar; charset="utf-8"; method=REPLY' }];
  expect(await readApiMail({ from: "a@b.c", text: "", attachments }).content()).toEqual({
    text: "",
    files: 0,
  });
});

it("a sign that somebody put to our mail is known as one", async () => {
  const type = "text/vnd.google.email-reaction+json";
  const sign = part([`Content-Type: ${type}; charset="UTF-8"`], '{"emoji":"👍","version":1}');
  expect(await contentOf("alternative", text("text/plain", "👍"), sign)).toMatchObject({
    automatic: "reaction",
    files: 0,
  });
  const { content } = readApiMail({ from: "a@b.c", text: "👍", attachments: [{ content_type: type }] });
  expect(await content()).toMatchObject({ automatic: "reaction" });
});
