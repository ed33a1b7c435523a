import { createServer, type IncomingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";
import PostalMime, { decodeWords } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { describe, expect, it, onTestFinished } from "vitest";
import { composeMail, type MailContent } from "../../../../supabase/functions/_shared/mail/compose_mail.ts";
import { readMailSettings } from "../../../../supabase/functions/_shared/mail/mail_settings.ts";
import {
  createSendMail,
  MailError,
  type SendMail,
} from "../../../../supabase/functions/_shared/mail/send_mail.ts";
import { subjectText } from "../../../../supabase/functions/_shared/mail/subject_text.ts";
import { listen } from "../../../support/listen.ts";

const CONVERSATION = "d0000000-0000-4000-8000-000000000001";
const LINKS = {
  inboxUrl: "https://inbox.shop.example/",
  unsubscribeUrl: "https://project.example/functions/v1/mail-unsubscribe?token=t",
  replyTo: null,
};
const IDS = { deliveryId: "7", fromAddress: "chat@shop.example" };

const content = (changes: Partial<MailContent> = {}): MailContent => ({
  to: { name: "Ada", address: "ada@home.example" },
  audience: "visitor",
  agentId: "a0000000-0000-4000-8000-000000000001",
  site: "Fern & Fable",
  origins: ["https://shop.example"],
  conversationId: CONVERSATION,
  notices: [],
  messages: [{ author: "Olga", body: "Yes,\n<b>it is</b>." }],
  count: 1,
  conversations: [],
  answers: true,
  addressFrom: "visitor",
  pageUrl: "https://shop.example/p",
  ...changes,
});
const ENCODED_NAMES = [
  "=?utf-8?q?Security_alert=3A_=E2=80=AE?=",
  "Zoë =?UTF-8?B?U2VjdXJpdHkgYWxlcnQ=?=",
  "=\u202e?utf-8?q?Security_alert=0D=0Ay?=",
  "==?utf-8?q?=?utf-8?q?Security_alert?=",
];
const mail = (changes: Partial<MailContent> = {}) => composeMail(content(changes), LINKS, IDS);

/** A mail server that answers what `refuse` says of a recipient, and what it took. */
async function startServer(refuse: (address: string) => string | null = () => null) {
  const taken: { raw: Buffer; to: string[] }[] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onRcptTo({ address }, _session, done) {
      const answer = refuse(address);
      if (answer === null) return done();
      done(Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) }));
    },
    onData(stream, { envelope }, done) {
      const to = envelope.rcptTo.map(({ address }) => address);
      buffer(stream).then((raw) => taken.push({ raw, to })).then(() => done(), done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  onTestFinished(() => server.close());
  const address = server.server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { taken, send: sender({ HEDDLE_SMTP_URL: `smtp://127.0.0.1:${port}` }) };
}

function sender(env: Record<string, string>): SendMail {
  const settings = readMailSettings((name) =>
    ({ HEDDLE_MAIL_FROM: "Shop <chat@shop.example>", ...env })[name]
  );
  if (!settings) throw new Error("nothing is set");
  return createSendMail(settings, { fetch });
}

const outcome = (sending: Promise<void>) =>
  sending.then(() => "sent", (error: unknown) => {
    if (!(error instanceof MailError)) throw error;
    return { permanent: error.permanent, retryAfter: error.retryAfter };
  });

describe("a mail by SMTP", () => {
  it("arrives as text and HTML, in its conversation's thread, with a way out", async () => {
    const { taken, send } = await startServer();
    await send(mail());
    const [{ raw, to } = { raw: Buffer.alloc(0), to: [] }] = taken;
    const parsed = await PostalMime.parse(raw);
    const header = (name: string) => parsed.headers.find(({ key }) => key === name)?.value;
    expect(to).toEqual(["ada@home.example"]);
    expect(parsed).toMatchObject({
      from: { name: "Fern & Fable", address: "chat@shop.example" },
      to: [{ name: "Ada", address: "ada@home.example" }],
      subject: "Fern & Fable has answered you",
      messageId: `<7.${CONVERSATION}@shop.example>`,
      references: `<conversation.${CONVERSATION}@shop.example>`,
      inReplyTo: `<conversation.${CONVERSATION}@shop.example>`,
    });
    expect(header("list-unsubscribe")).toBe(`<${LINKS.unsubscribeUrl}>`);
    expect(header("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
    expect(header("auto-submitted")).toBe("auto-generated");
    expect(parsed.text).toContain("Olga:\nYes,\n<b>it is</b>.");
    expect(parsed.text).toContain("Answer on the site: https://shop.example/p");
    expect(parsed.html).toContain("&#60;b&#62;it is&#60;/b&#62;.");
    expect(parsed.html).not.toContain("<b>it is");
  });

  it("has one recipient and one subject, whatever names hold", async () => {
    const { taken, send } = await startServer();
    const evil = 'x\r\nBcc: eve@evil.example\r\n\r\nbody, "<eve@evil.example>';
    await send(mail({ site: evil, to: { name: evil, address: "ada@home.example" } }));
    await send(mail({ audience: "team", notices: [`${evil} asks`] }));
    for (const { raw, to } of taken) {
      expect(to).toEqual(["ada@home.example"]);
      const parsed = await PostalMime.parse(raw);
      expect(parsed.bcc ?? []).toEqual([]);
      expect(parsed.to?.map(({ address }) => address)).toEqual(["ada@home.example"]);
      expect(parsed.headers.filter(({ key }) => key === "subject")).toHaveLength(1);
    }
    expect(taken).toHaveLength(2);
  });

  it("has names as they were written, also where they look like encoded words", async () => {
    const { taken, send } = await startServer();
    for (const name of ENCODED_NAMES) {
      await send(mail({ site: name, to: { name, address: "ada@home.example" } }));
      await send(mail({ audience: "team", notices: [`${name} asks`] }));
    }
    expect(taken).toHaveLength(2 * ENCODED_NAMES.length);
    for (const { raw } of taken) {
      const { subject = "", from, to } = await PostalMime.parse(raw);
      const read = [subject, from?.name ?? "", to?.[0]?.name ?? ""];
      // Once more, as some programs do.
      for (const text of [...read, ...read.map((each) => decodeWords(each))]) {
        expect(text).not.toMatch(/Security alert|[\u202e\p{Cc}]/u);
      }
      expect(read.join(" ").replaceAll("\u200b", "")).toMatch(/=\?utf-8\?[qb]\?/i);
    }
  });

  it("is given up when the server refuses it for good, and else tried again", async () => {
    const { send } = await startServer((address) =>
      address.startsWith("ada") ? "550 no such user" : "451 later"
    );
    expect(await outcome(send(mail()))).toEqual({ permanent: true, retryAfter: null });
    const later = mail({ to: { name: "", address: "bob@home.example" } });
    expect(await outcome(send(later))).toEqual({ permanent: false, retryAfter: null });
    expect(await outcome(sender({ HEDDLE_SMTP_URL: "smtp://127.0.0.1:9" })(mail())))
      .toEqual({ permanent: false, retryAfter: null });
  });
});

describe("a mail by an HTTP API", () => {
  async function startApi(status: number, headers: Record<string, string> = {}) {
    const requests: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = [];
    const server = createServer(async (request, response) => {
      requests.push({ headers: request.headers, body: JSON.parse((await buffer(request)).toString()) });
      response.writeHead(status, headers).end("{}");
    });
    const { url, stop } = await listen(server);
    onTestFinished(stop);
    return {
      requests,
      send: sender({ HEDDLE_MAIL_API_URL: `${url}/emails`, HEDDLE_MAIL_API_KEY: "re_1" }),
    };
  }

  it("says the same", async () => {
    const { requests, send } = await startApi(200);
    await send(mail({ site: 'A "quoted" site' }));
    expect(requests).toMatchObject([{
      headers: { authorization: "Bearer re_1", "idempotency-key": `7.${CONVERSATION}@shop.example` },
      body: {
        from: '"A \\"quoted\\" site" <chat@shop.example>',
        to: ['"Ada" <ada@home.example>'],
        headers: {
          "List-Unsubscribe": `<${LINKS.unsubscribeUrl}>`,
          "References": `<conversation.${CONVERSATION}@shop.example>`,
        },
      },
    }]);
  });

  it("holds no encoded word of a name's, which the API might take as it is", async () => {
    const { requests, send } = await startApi(200);
    for (const name of ENCODED_NAMES) {
      await send(mail({ site: name, to: { name, address: "ada@home.example" } }));
    }
    expect(requests).toHaveLength(ENCODED_NAMES.length);
    for (const { body: { from, to, subject } } of requests) {
      expect([from, to, subject].join(" ")).not.toContain("=?");
    }
  });

  it.each([
    [200, {}, "sent"],
    [422, {}, { permanent: true, retryAfter: null }],
    [401, {}, { permanent: false, retryAfter: null }],
    [429, { "retry-after": "30" }, { permanent: false, retryAfter: 30 }],
    [429, { "retry-after": "0.5" }, { permanent: false, retryAfter: null }],
    [503, { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" }, { permanent: false, retryAfter: 86_400 }],
    [500, {}, { permanent: false, retryAfter: null }],
    [302, { location: "http://127.0.0.1:9" }, { permanent: false, retryAfter: null }],
  ])("that is answered with %i %j: %j", async (status, headers, expected) => {
    const { send } = await startApi(status, headers);
    expect(await outcome(send(mail()))).toEqual(expected);
  });
});

describe("what a mail says", () => {
  it("to a member: what happened, what was written, where to answer", () => {
    const { subject, text } = mail({
      audience: "team",
      notices: ["Ada has written.", "Ada needs a person."],
      messages: [{ author: "Ada", body: "Hello?" }],
    });
    expect(subject).toBe("Ada needs a person");
    expect(text).toBe(
      "Ada needs a person.\nAda has written.\n\nAda:\nHello?\n\n" +
        `Open the conversation: https://inbox.shop.example/#/a0000000-0000-4000-8000-000000000001/open/${CONVERSATION}\n\n` +
        `-- \nYou get this because you answer for Fern & Fable.\nNo more of these mails: ${LINKS.unsubscribeUrl}\n`,
    );
  });

  it("to a member about several conversations: the first of them by name and link, and how many more", () => {
    const { subject, text, html, references } = mail({
      audience: "team",
      conversationId: null,
      notices: ["12 visitors need a person."],
      messages: [],
      count: 12,
      conversations: [
        { conversationId: CONVERSATION, notice: "<Ada> needs a person." },
        { conversationId: null, notice: "Backup is done." },
      ],
    });
    const url = `https://inbox.shop.example/#/a0000000-0000-4000-8000-000000000001/open/${CONVERSATION}`;
    expect(subject).toBe("12 visitors need a person");
    expect(text).toContain(
      `12 visitors need a person.\n\n<Ada> needs a person.\n${url}\n\nBackup is done.\n\n` +
        "And 10 more.\n\nOpen the inbox: https://inbox.shop.example/\n",
    );
    expect(html).toContain(`<a href="${url}">&#60;Ada&#62; needs a person.</a>`);
    expect(references).toBe("notices.a0000000-0000-4000-8000-000000000001@shop.example");
  });

  it("holds letters in the order in which they were written", () => {
    const body = "see \u202egnp.exe\u202c";
    const { subject, text, html } = mail({
      site: "Fern\u202e",
      messages: [{ author: "Eve\u202b", body }],
    });
    expect(subject).toBe("Fern has answered you");
    expect(text).toContain("Eve:\nsee gnp.exe\n");
    expect(text + html).not.toMatch(/[\u202a-\u202e]/);
  });

  it("to a visitor: how much is new, under a subject that stays the same", () => {
    const { subject, text } = mail({ count: 3 });
    expect(subject).toBe("Fern & Fable has answered you");
    expect(text).toContain("Fern & Fable has answered you: 3 new messages.\n");
  });

  it.each([true, false])(
    "to a visitor: a subject known as ours in answers, however long the site's name is",
    (answers) => {
      for (let length = 95; length <= 120; length++) {
        const { subject } = mail({ answers, site: "x".repeat(length) });
        expect(subject).toMatch(answers ? /^x+…? has answered you$/ : /^x+…? has written to you$/);
        expect([...subject].length).toBeLessThanOrEqual(120);
        expect(subjectText(`Re: ${subject}`, "visitor")).toBe("");
      }
    },
  );

  it.each(
    [
      [true, "visitor", "has answered you", "you wrote to Fern & Fable and left your address"],
      [true, "site", "has answered you", "you wrote to Fern & Fable, which knows you by this address"],
      [
        false,
        "nothing written",
        "has written to you",
        "Fern & Fable knows you by this address and has written to you",
      ],
    ] as const,
  )("to a visitor: why they get it, by what they wrote: %s, %s", (answers, addressFrom, what, why) => {
    const { subject, text, html } = mail({ answers, addressFrom });
    expect(subject).toBe(`Fern & Fable ${what}`);
    expect(text).toContain(`\nYou get this because ${why}.\n`);
    expect(html).toContain(`You get this because ${why.replace("&", "&#38;")}. <a`);
  });

  it("to a visitor: a link only to a page of the owner's, else to the site", () => {
    const origins = ["https://*.shop.example", "https://shop.example"];
    for (
      const pageUrl of [
        null,
        "javascript:alert(1)",
        "nonsense",
        "https://evil.example/",
        "https://shop.example.evil.example/",
      ]
    ) {
      const { html, text } = mail({ pageUrl, origins });
      expect(html + text).not.toMatch(/Answer on the site|evil/);
      expect(text).toContain("\nOpen the site: https://shop.example\n");
      expect(mail({ pageUrl, origins: ["https://*.shop.example"] }).text).not.toContain("Open the site");
    }
    const { html, text } = mail({
      pageUrl: "https://me:pw@shop.example/go?to=https://evil.example/&a=1#token",
    });
    expect(text).toContain("Answer on the site: https://shop.example/go\n");
    expect(html).toContain('<a href="https://shop.example/go">Answer on the site</a>');
  });
});

describe("settings", () => {
  const read = (env: Record<string, string>) => readMailSettings((name) => env[name]);
  const HEDDLE_SMTP_URL = "smtps://user:pass@mail.example:465";

  it("are none where nothing is set", () => expect(read({ HEDDLE_MAIL_FROM: "a@b.example" })).toBe(null));

  it.each([
    ["a@b.example", { name: "", address: "a@b.example" }],
    ["Fern & Fable <a@b.example>", { name: "Fern & Fable", address: "a@b.example" }],
  ])("name the sender as %s", (HEDDLE_MAIL_FROM, from) => {
    expect(read({ HEDDLE_SMTP_URL, HEDDLE_MAIL_FROM })?.from).toEqual(from);
  });

  it.each([
    [{ HEDDLE_SMTP_URL }, /HEDDLE_MAIL_FROM/],
    [{ HEDDLE_SMTP_URL, HEDDLE_MAIL_FROM: "a@b.example, c@d.example" }, /HEDDLE_MAIL_FROM/],
    [{ HEDDLE_SMTP_URL: "mail.example:465", HEDDLE_MAIL_FROM: "a@b.example" }, /HEDDLE_SMTP_URL/],
    [
      { HEDDLE_MAIL_API_KEY: "k", HEDDLE_MAIL_API_URL: "ftp://x", HEDDLE_MAIL_FROM: "a@b.example" },
      /HEDDLE_MAIL_API_URL/,
    ],
  ])("that are broken name themselves: %j", (env, message) => {
    expect(() => read(env as Record<string, string>)).toThrow(message);
  });
});

describe("a mail that is about no conversation", () => {
  it("leads to the inbox, and belongs with others of its agent", () => {
    const notice = mail({
      audience: "team",
      conversationId: null,
      notices: ["Import is done."],
      messages: [],
      pageUrl: null,
    });
    expect(notice).toMatchObject({
      subject: "Import is done",
      messageId: "7.notice@shop.example",
      references: "notices.a0000000-0000-4000-8000-000000000001@shop.example",
    });
    expect(notice.text).toContain("Open the inbox: https://inbox.shop.example/\n");
  });
});

describe("a mail that can be answered", () => {
  it("says where an answer goes and where it ends, by SMTP as through the API", async () => {
    const replyTo = "reply+abc@reply.shop.example";
    const answerable = composeMail(content(), { ...LINKS, replyTo }, IDS);
    const { taken, send } = await startServer();
    await send(answerable);
    const parsed = await PostalMime.parse(taken[0]?.raw ?? "");
    expect(parsed.replyTo).toEqual([{ name: "", address: replyTo }]);
    expect(parsed.text).toMatch(/^-- Write your answer above this line --\n/);
    expect(parsed.html).toContain("-- Write your answer above this line --");
    expect(mail()).not.toHaveProperty("replyTo");
  });
});
