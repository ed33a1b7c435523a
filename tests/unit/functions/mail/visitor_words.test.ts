import { describe, expect, it } from "vitest";
import { type LanguageCode, LANGUAGES } from "../../../../shared/languages.ts";
import { composeMail, type MailContent } from "../../../../supabase/functions/_shared/mail/compose_mail.ts";
import { subjectText } from "../../../../supabase/functions/_shared/mail/subject_text.ts";
import { visitorWords } from "../../../../supabase/functions/_shared/mail/visitor_words.ts";

const UNSUBSCRIBE = "https://project.example/functions/v1/mail-unsubscribe?token=t";

function mail(changes: Partial<MailContent> = {}) {
  const content: MailContent = {
    to: { name: "Ada", address: "ada@home.example" },
    audience: "visitor",
    agentId: "a0000000-0000-4000-8000-000000000001",
    site: "Fern & Fable",
    origins: ["https://shop.example"],
    conversationId: "d0000000-0000-4000-8000-000000000001",
    notices: [],
    messages: [{ author: "Olga", body: "Yes" }],
    count: 1,
    conversations: [],
    answers: true,
    addressFrom: "visitor",
    pageUrl: "https://shop.example/p",
    ...changes,
  };
  const links = { inboxUrl: null, unsubscribeUrl: UNSUBSCRIBE, replyTo: "reply+a@reply.example" };
  return composeMail(content, links, { deliveryId: "7", fromAddress: "chat@shop.example" });
}

/** Each text of it, with what it is written of. */
function textsOf(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] => {
    const at = path + key;
    if (typeof value === "string") return [[at, value]];
    return typeof value === "function" ? [[at, value("«7»")]] : textsOf(value, `${at}.`);
  });
}

describe("a mail to a visitor", () => {
  it.each<[LanguageCode, string, string[]]>([
    ["en", "Fern & Fable has answered you", [
      "-- Write your answer above this line --",
      "Fern & Fable has answered you: 3 new messages.",
      "Olga:",
      "Answer on the site: https://shop.example/p",
      "You get this because you wrote to Fern & Fable and left your address.",
      `No more of these mails: ${UNSUBSCRIBE}`,
    ]],
    ["de", "Fern & Fable hat Ihnen geantwortet", [
      "-- Bitte schreiben Sie Ihre Antwort über diese Zeile --",
      "Fern & Fable hat Ihnen geantwortet: 3 neue Nachrichten.",
      "Olga:",
      "Auf der Website antworten: https://shop.example/p",
      "Sie erhalten diese E-Mail, weil Sie an Fern & Fable geschrieben und Ihre Adresse hinterlassen haben.",
      `Keine weiteren E-Mails dieser Art: ${UNSUBSCRIBE}`,
    ]],
    ["es", "Fern & Fable te ha respondido", [
      "-- Escribe tu respuesta encima de esta línea --",
      "Fern & Fable te ha respondido: 3 mensajes nuevos.",
      "Responder en el sitio: https://shop.example/p",
      "Recibes este correo porque escribiste a Fern & Fable y dejaste tu dirección.",
    ]],
    ["fr", "Fern & Fable vous a répondu", [
      "-- Écrivez votre réponse au-dessus de cette ligne --",
      "Fern & Fable vous a répondu\u00a0: 3 nouveaux messages.",
      "Olga\u00a0:",
      "Répondre sur le site\u00a0: https://shop.example/p",
      `Ne plus recevoir ces e-mails\u00a0: ${UNSUBSCRIBE}`,
    ]],
    ["it", "Fern & Fable ti ha risposto", [
      "-- Scrivi la tua risposta sopra questa riga --",
      "Fern & Fable ti ha risposto: 3 nuovi messaggi.",
      "Ricevi questa e-mail perché hai scritto a Fern & Fable e hai lasciato il tuo indirizzo.",
    ]],
    ["nl", "Fern & Fable heeft je geantwoord", [
      "-- Schrijf je antwoord boven deze regel --",
      "Fern & Fable heeft je geantwoord: 3 nieuwe berichten.",
      "Je ontvangt deze e-mail omdat je aan Fern & Fable hebt geschreven en je adres hebt achtergelaten.",
    ]],
    ["pt", "Fern & Fable respondeu à sua mensagem", [
      "-- Escreva sua resposta acima desta linha --",
      "Fern & Fable respondeu à sua mensagem: 3 novas mensagens.",
      "Você recebe este e-mail porque escreveu para Fern & Fable e deixou seu endereço.",
    ]],
  ])("is in their language: %s", (language, subject, lines) => {
    const written = mail({ language, count: 3 });
    expect(written.subject).toBe(subject);
    expect(written.text.split("\n")).toEqual(expect.arrayContaining(lines));
  });

  it.each(LANGUAGES.filter((language) => language !== "en"))("has no English beside it: %s", (language) => {
    const english = textsOf(visitorWords.en).map(([, text]) => text).filter((text) => text !== ":");
    for (const answers of [true, false]) {
      for (const addressFrom of ["visitor", "site", "nothing written"] as const) {
        const files = [{ author: "Olga", body: "" }];
        const { subject, text, html } = mail({
          language,
          answers,
          addressFrom,
          messages: files,
          pageUrl: null,
        });
        const found = english.filter((words) => `${subject}\n${text}\n${html}`.includes(words));
        expect(found).toEqual([]);
        expect(text).not.toContain("You get");
        expect(subjectText(`Re: ${subject}`, "visitor")).toBe("");
      }
    }
  });

  it("the team's are in English", () => {
    const { subject, text } = mail({ audience: "team", notices: ["Ada needs a person."] });
    expect(subject).toBe("Ada needs a person");
    expect(text).toContain("You get this because you answer for Fern & Fable.\nNo more of these mails: ");
  });
});

describe.each(LANGUAGES)("the words of %s", (language) => {
  it("say all that English ones do, with what they are given", () => {
    const texts = textsOf(visitorWords[language]);
    const english = textsOf(visitorWords.en);
    expect(texts.map(([path]) => path)).toEqual(english.map(([path]) => path));
    const odd = texts.filter(([, text], at) =>
      !text.trim() || text.includes("«7»") !== english[at]?.[1].includes("«7»") ||
      text.includes("&confirm=yes") !== english[at]?.[1].includes("&confirm=yes")
    );
    expect(odd).toEqual([]);
  });

  it("begin and end a mail in lines that no mail program folds, and that are no other language's", () => {
    const { replyLine, endLine } = visitorWords[language];
    expect(`> > -- ${replyLine} --`.length).toBeLessThan(72);
    for (const other of LANGUAGES.filter((each) => each !== language)) {
      expect(replyLine).not.toContain(visitorWords[other].replyLine);
      expect(endLine).not.toContain(visitorWords[other].endLine);
    }
  });
});
