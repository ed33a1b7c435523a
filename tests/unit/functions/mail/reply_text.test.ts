import { describe, expect, it } from "vitest";
import { textOfHtml } from "../../../../supabase/functions/_shared/mail/html_text.ts";
import { replyText } from "../../../../supabase/functions/_shared/mail/reply_text.ts";
import { visitorWords } from "../../../../supabase/functions/_shared/mail/visitor_words.ts";

/** Of the processor's time: a busy machine takes longer. */
const MOST_MICROSECONDS = 3_000_000;
const LINE = "-- Write your answer above this line --";
const END = "No more of these mails: https://x.example/functions/v1/mail-unsubscribe?token=abc";
const OURS = `${LINE}\n\nFern & Fable has answered you.\n\nOlga:\nYes, it is.\n\n-- \nYou get this.\n${END}`;
const QUOTE = `> ${LINE}\n>\n> Fern & Fable has answered you.\n>\n> Olga:\n> Yes, it is.`;

/** As Gmail writes them, folded where it folds. */
const IN_LANGUAGES = [
  [
    "Hebrew",
    "\u202bבתאריך יום ב׳, 30 בנוב׳ 2026 ב-10:00 מאת \u202aFern\u202c\u200f <\u202ax@r.example\u202c\u200f>:\u202c",
  ],
  [
    "Hebrew, folded",
    "\u202bבתאריך יום ב׳, 30 בנוב׳ 2026 ב-10:00 מאת \u202aFern\u202c\u200f\n<\u202ax@r.example\u202c\u200f>:\u202c",
  ],
  ["Arabic", "في الاثنين، 30 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Fern\n<x@r.example>:"],
  ["Persian", "در تاریخ دوشنبه ۳۰ نوامبر ۲۰۲۶،‏ ۱۰:۰۰ Fern <\u200fx@r.example>\nنوشت:"],
  ["Thai", "ในวันที่ จ. 30 พ.ย. 2026 เวลา 10:00 Fern & Fable <x@r.example>\nเขียนว่า:"],
  ["Vietnamese", "Vào Th 2, 30 thg 11, 2026 vào lúc 10:00 Fern & Fable <x@r.example>\nđã viết:"],
  ["Indonesian", "Pada tanggal Sen, 30 Nov 2026 pukul 10.00 Fern & Fable <x@r.example>\nmenulis:"],
  ["Malay", "Pada Isn, 30 Nov 2026 pada 10:00 PG Fern & Fable <x@r.example> menulis:"],
  ["Greek", "Στις Δευ 30 Νοε 2026 στις 10:00 π.μ., ο χρήστης Fern & Fable <\nx@r.example> έγραψε:"],
  ["Hindi", "सोम, 30 नव॰ 2026 को 10:00 am बजे को Fern & Fable <x@r.example>\nने लिखा:"],
  ["Romanian", "În lun., 30 nov. 2026 la 10:00, Fern & Fable <x@r.example>\na scris:"],
  ["Bulgarian", "На пн, 30.11.2026 г. в 10:00 Fern & Fable <x@r.example>\nнаписа:"],
  ["Croatian", "pon, 30. stu 2026. u 10:00 Fern & Fable <x@r.example>\nnapisao je:"],
  ["Serbian", "пон, 30. нов 2026. у 10:00 Fern & Fable <x@r.example> је\nнаписао/ла:"],
  ["Slovenian", "V V pon., 30. nov. 2026 ob 10:00 je oseba Fern & Fable <x@r.example>\nnapisala:"],
  ["Catalan", "Missatge de Fern & Fable <x@r.example> del dia dl., 30 de nov. 2026\na les 10:00:"],
  ["Lithuanian", "2026-11-30, pr, 10:00 Fern & Fable <x@r.example> rašė:"],
  ["Latvian", "pirmd., 2026. g. 30. nov., plkst. 10:00 — lietotājs Fern & Fable (<\nx@r.example>) rakstīja:"],
  ["Estonian", "Kontakt Fern & Fable (<x@r.example>) kirjutas kuupäeval E, 30.\nnovember 2026 kell 10:00:"],
  ["Filipino", "Noong Lun, Nob 30, 2026 nang 10:00 AM, isinulat ni Fern & Fable <\nx@r.example>:"],
] as const;

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
    ...IN_LANGUAGES.map(([language, line]) => [
      `in ${language}`,
      `Two, please.\n\n${line}\n\n${QUOTE}\n`,
    ]),
  ])("the new words are taken: %s", (_, text) => {
    expect(replyText(text)).toBe("Two, please.");
  });

  it("paragraphs, lists and colons within stay", () => {
    const text = "I need:\n\n- a fern\n- a pot\n\nThank you!";
    expect(replyText(`${text}\n\nOn Sunday Shop <a@b.c> wrote:\n${QUOTE}`)).toBe(text);
  });

  it("nothing of what only quotes is taken", () => {
    expect(replyText(`On Sunday Shop <a@b.c> wrote:\n${QUOTE}`)).toBe("");
    expect(replyText(`${OURS}\n`)).toBe("");
    expect(replyText("")).toBe("");
  });

  it.each([
    ["a line right above an introduction", `Yes, please.\nOn Sunday Fern wrote:\n${QUOTE}`, "Yes, please."],
    [
      "fields that look like headers",
      `Here you are\nSize: XL\nColour: red\n\n${OURS}`,
      "Here you are\nSize: XL\nColour: red",
    ],
    [
      "a journey from and to",
      `From: London\nTo: Paris\nDate: Sunday\n\n${QUOTE}`,
      "From: London\nTo: Paris\nDate: Sunday",
    ],
    [
      "what ends in a colon",
      `Please ship it to the address below:\n${QUOTE}`,
      "Please ship it to the address below:",
    ],
    [
      "answers between pieces of our mail",
      `On Sunday Fern wrote:\n${QUOTE}\n> Which size?\n\nXL\n\n> Which colour?\n\nRed\n\n> -- \n> ${END}`,
      "XL\n\n> Which colour?\n\nRed",
    ],
    ["an answer below the quotation", `On Sunday Fern wrote:\n${QUOTE}\n\nXL, please.`, "XL, please."],
    ["an answer below our mail", `${OURS}\n\nXL, please.`, "XL, please."],
    ["an answer within what is left of our mail", `${LINE}\n\nWhich size?\nXL`, "Which size?\nXL"],
    ["what is quoted to be seen", "> Is it in stock?\nYes, it is.", "> Is it in stock?\nYes, it is."],
    ["a line that asks for more than so many", "How many?\n\n> 100", "How many?\n\n> 100"],
    [
      "what stands below a rule",
      "The address is below\n--\nMain Street 4",
      "The address is below\n--\nMain Street 4",
    ],
    ["a greeting and its name", "Two, please.\nCheers\nAda", "Two, please.\nCheers\nAda"],
    ...Object.values(visitorWords).map(({ replyLine }) => [
      `a sentence about "${replyLine}"`,
      `Why "${replyLine}"?\nI did.`,
      `Why "${replyLine}"?\nI did.`,
    ]),
    [
      "what was sent from somewhere",
      "When?\n\nSent from Berlin on Sunday",
      "When?\n\nSent from Berlin on Sunday",
    ],
  ])("nothing that a person wrote is lost: %s", (_, text, kept) => {
    expect(replyText(text)).toBe(kept);
  });

  it.each(Object.entries(visitorWords))("our mail is cut off whichever language it is in: %s", (_, words) => {
    const line = `-- ${words.replyLine} --`;
    const end =
      `${words.endLine}${words.colon} https://x.example/functions/v1/mail-unsubscribe?token=abc&language=x`;
    const ours = `${line}\n\nFern ${words.answered}.\n\nOlga${words.colon}\nYes.\n\n-- \nWhy.\n${end}`;
    const quote = ours.replaceAll(/^/gm, "> ");
    expect(replyText(`Two, please.\n\n${quote}\n`)).toBe("Two, please.");
    expect(replyText(`Two, please.\n\n${ours}\n`)).toBe("Two, please.");
    expect(replyText(`${ours}\n\nTwo, please.`)).toBe("Two, please.");
    expect(replyText(ours)).toBe("");
  });

  it("its author's link and address are not told where a line of our mail stays", () => {
    const address = `reply+${"a2".repeat(28)}@r.example`;
    const text = `Yes.\n> ${END}\n> by <mailto:${address}>\nThanks`;
    expect(replyText(text)).toBe("Yes.\n> No more of these mails: …\n> by <mailto:…>\nThanks");
  });

  it("no more than two empty lines follow each other", () => {
    expect(replyText("a\n\n\n\n \n\nb")).toBe("a\n\n\nb");
  });

  it.each([
    "On ",
    ">",
    "On \n",
    "-",
    "From: a\n",
    "é",
    "\0",
    "\ud800",
    "\n",
    "> \n",
    " ",
    "\ufffd",
    ":",
    "<a@",
    "_\n",
  ])(
    "what is made to take long, or is too long, stays quick, and fits a message: %j",
    (part) => {
      const from = process.cpuUsage();
      for (
        const text of [part.repeat(300_000), `${part.repeat(19_000)}x`, `x${part.repeat(19_000)}x\n${QUOTE}`]
      ) {
        expect(new TextEncoder().encode(replyText(text)).length).toBeLessThan(65_536);
      }
      expect(process.cpuUsage(from).user).toBeLessThan(MOST_MICROSECONDS);
    },
  );
});

describe("of HTML", () => {
  it.each([
    [
      "<head><title>t</title><style>p{}</style></head><p>Two,&nbsp;please.<br>A &lt;b&gt; &amp; c</p>" +
      "<style>x</style><!-- > --><div>Thanks</div><script>y</script>",
      "Two, please.\nA <b> & c\nThanks",
    ],
    [
      "<blockquote>Which size?</blockquote><p>XL please</p><blockquote>Which colour?</blockquote><p>Red</p>",
      "> Which size?\nXL please\n> Which colour?\nRed",
    ],
    [
      "<div>a<blockquote><p>old <blockquote>older</blockquote></p></blockquote>b</div>",
      "a\n> old\n> older\nb",
    ],
    ["<header>My answer</header><p>second line</p>", "My answer\nsecond line"],
    ["<p>a <styled-x>b</styled-x> <script-x>c</p>d", "a b c\nd"],
    ["<p>a < b and c > d, <3</p>e", "a < b and c > d, <3\ne"],
    ["Yes<div>please</div><div><br></div><div>İ</div>", "Yes\nplease\n\nİ"],
    ["<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"],
    ["<pre>a\n  b</pre>c", "a\n  b\nc"],
    ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"],
    ["a<style>b", "ab"],
    ["a<!-- b", "a<!-- b"],
    ["&#233;&#xe9;&#0;&#99999999;&unknown;", "éé&#99999999;&unknown;"],
  ])("the words are taken: %j", (html, text) => {
    expect(textOfHtml(html)).toBe(text);
  });

  it("our mail is left out where it is quoted", () => {
    const mail =
      `<p><small>${LINE}</small></p><p>Fern has answered you.</p><blockquote>Which size?</blockquote>` +
      `<p><small>You get this. <a href="https://x.example">No more of these mails</a></small></p>`;
    expect(
      replyText(textOfHtml(`<div>XL.</div><div>On Sunday Fern wrote:</div><blockquote>${mail}</blockquote>`)),
    )
      .toBe("XL.");
    expect(replyText(textOfHtml(
      `<p>XL.</p><hr><div><b>From:</b> Fern &lt;a@b.c&gt;<br><b>Sent:</b> Sunday<br><b>To:</b> Ada</div>${mail}`,
    ))).toBe("XL.");
  });

  it.each([
    "<> ",
    "<style>",
    "<br ",
    "&#",
    "<",
    "<!--",
    "<blockquote>",
    "<b>a",
    "</style",
    "<a",
    "a ",
    "<pre>\n",
    "</style>",
  ])(
    "what is made to take long stays quick: %j",
    (part) => {
      const from = process.cpuUsage();
      for (
        const html of [part.repeat(100_000), `<style>${part.repeat(100_000)}`, `<${part.repeat(100_000)}`]
      ) {
        expect(replyText(textOfHtml(html)).length).toBeLessThan(65_536);
      }
      expect(process.cpuUsage(from).user).toBeLessThan(MOST_MICROSECONDS);
    },
  );
});
