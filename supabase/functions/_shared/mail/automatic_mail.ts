import type { InboundMail } from "./inbound_mail.ts";

const AUTOMATIC_HEADERS = [
  "x-autoreply",
  "x-auto-reply",
  "x-autorespond",
  "x-autoresponder",
  "x-mail-autoreply",
];

/** How mail programs begin the subject of a notice of absence. A person's answer to one begins with Re: or the like. */
const ABSENCE_SUBJECT = new RegExp(
  `^(?:${
    [
      "auto(?:matic)?[ -]?(?:reply|response)",
      "out of (?:the )?office(?: auto[ -]?reply)?",
      "automatische (?:antwort|abwesenheitsnotiz)",
      "abwesenheits(?:notiz|nachricht|meldung)",
      "r[eé]ponse automatique",
      "respuesta autom[aá]tica",
      "risposta automatica",
      "resposta autom[aá]tica",
      "automatisch(?:e)? (?:antwoord|reactie)",
      "automatiskt? svar|autosvar",
      "automaattinen vastaus",
      "automatyczna odpowied[zź]",
      "автоответ|автоматический ответ",
      "自動応答|自动(?:回复|答复)|自動回覆",
    ].join("|")
  })\\s*(?:[:：]|$)`,
  "i",
);
const BOUNCE_SUBJECT =
  /^(?:undeliverable:|undelivered mail returned to sender|mail delivery (?:failed|failure)\b|delivery status notification \()/i;

/**
 * Why nobody wrote it: a notice of absence, a bounce, a list. `null` for a person's.
 * Source: RFC 3834, 5; programs that predate it or don't follow it say so in headers and subjects of their own.
 */
export function automaticReason(
  { headers, from, subject }: Pick<InboundMail, "from" | "headers" | "subject">,
): string | null {
  const values = (name: string) =>
    headers.filter((header) => header.name === name).map(({ value }) => value.trim().toLowerCase());
  if (values("auto-submitted").some((value) => !value.startsWith("no"))) return "auto-submitted";
  if (AUTOMATIC_HEADERS.some((name) => values(name).some((value) => value !== "no"))) return "auto-submitted";
  // Which answers its sender wants none of: who lists receipts alone (DR, RN …) is a person.
  const unwanted = values("x-auto-response-suppress").flatMap((value) => value.split(/[\s,;]+/));
  if (unwanted.some((kind) => ["all", "oof", "autoreply"].includes(kind))) return "auto-submitted";
  const precedence = values("precedence");
  if (precedence.some((value) => /^auto[-_]reply\b/.test(value))) return "auto-submitted";
  if (precedence.some((value) => /^(bulk|list|junk)\b/.test(value))) return "bulk";
  if (values("list-id").length > 0) return "list";
  if (values("return-path").some((value) => value === "<>" || value === "")) return "bounce";
  if (values("content-type").some((value) => value.startsWith("multipart/report"))) return "bounce";
  if (values("x-failed-recipients").length > 0 || BOUNCE_SUBJECT.test(subject.trim())) return "bounce";
  if (from.some((address) => /^(mailer-daemon|postmaster)@/.test(address))) return "bounce";
  return ABSENCE_SUBJECT.test(subject.trim()) ? "auto-submitted" : null;
}
