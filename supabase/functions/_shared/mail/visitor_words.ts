import type { LanguageCode } from "../../../../shared/languages.ts";

/** What visitors are written outside the widget: in mails, in push messages, and on the page behind a mail's last link. */
export interface VisitorWords {
  /** Behind the site's name: it has answered, or has written where nobody had asked. */
  answered: string;
  written: string;
  /** Of two or more. */
  newMessages(count: number): string;
  /** A colon as the language sets it. */
  colon: string;
  /** In place of a message that holds files alone. */
  file: string;
  answerOnSite: string;
  openSite: string;
  /** What mails begin with where they can be answered; what stands below it in an answer is ours. */
  replyLine: string;
  /** What the last line of mails begins with, or ends. */
  endLine: string;
  /** Why a visitor gets a mail: by who gave the address that they wrote with; or they have written nothing. */
  reasons: Record<"visitor" | "site" | "nothing written", (site: string) => string>;
  push: { answer: string; message: string; messages(count: number): string };
  /** The page behind the last link: before and after it was confirmed. */
  unsubscribe: { confirm: string; done: string };
}

/** German with "Sie", Spanish with "tú", French with "vous", Italian with "tu", Dutch with "je", Portuguese with "você", as in kit/strings. */
export const visitorWords: Readonly<Record<LanguageCode, VisitorWords>> = {
  en: {
    answered: "has answered you",
    written: "has written to you",
    newMessages: (count) => `${count} new messages`,
    colon: ":",
    file: "(a file)",
    answerOnSite: "Answer on the site",
    openSite: "Open the site",
    replyLine: "Write your answer above this line",
    endLine: "No more of these mails",
    reasons: {
      visitor: (site) => `You get this because you wrote to ${site} and left your address.`,
      site: (site) => `You get this because you wrote to ${site}, which knows you by this address.`,
      "nothing written": (site) =>
        `You get this because ${site} knows you by this address and has written to you.`,
    },
    push: {
      answer: "You have an answer.",
      message: "You have a new message.",
      messages: (count) => `You have ${count} new messages.`,
    },
    unsubscribe: {
      confirm: "To get no more of these mails, add &confirm=yes to this page's address and open it.",
      done: "You will get no more of these mails.",
    },
  },
  de: {
    answered: "hat Ihnen geantwortet",
    written: "hat Ihnen geschrieben",
    newMessages: (count) => `${count} neue Nachrichten`,
    colon: ":",
    file: "(eine Datei)",
    answerOnSite: "Auf der Website antworten",
    openSite: "Website öffnen",
    replyLine: "Bitte schreiben Sie Ihre Antwort über diese Zeile",
    endLine: "Keine weiteren E-Mails dieser Art",
    reasons: {
      visitor: (site) =>
        `Sie erhalten diese E-Mail, weil Sie an ${site} geschrieben und Ihre Adresse hinterlassen haben.`,
      site: (site) =>
        `Sie erhalten diese E-Mail, weil Sie an ${site} geschrieben haben und dort unter dieser Adresse bekannt sind.`,
      "nothing written": (site) =>
        `Sie erhalten diese E-Mail, weil Sie bei ${site} unter dieser Adresse bekannt sind und von dort angeschrieben wurden.`,
    },
    push: {
      answer: "Sie haben eine Antwort.",
      message: "Sie haben eine neue Nachricht.",
      messages: (count) => `Sie haben ${count} neue Nachrichten.`,
    },
    unsubscribe: {
      confirm:
        "Um keine weiteren E-Mails dieser Art zu erhalten, fügen Sie der Adresse dieser Seite &confirm=yes hinzu und öffnen Sie sie.",
      done: "Sie erhalten keine weiteren E-Mails dieser Art.",
    },
  },
  es: {
    answered: "te ha respondido",
    written: "te ha escrito",
    newMessages: (count) => `${count} mensajes nuevos`,
    colon: ":",
    file: "(un archivo)",
    answerOnSite: "Responder en el sitio",
    openSite: "Abrir el sitio",
    replyLine: "Escribe tu respuesta encima de esta línea",
    endLine: "No recibir más estos correos",
    reasons: {
      visitor: (site) => `Recibes este correo porque escribiste a ${site} y dejaste tu dirección.`,
      site: (site) => `Recibes este correo porque escribiste a ${site}, que te conoce por esta dirección.`,
      "nothing written": (site) =>
        `Recibes este correo porque ${site} te conoce por esta dirección y te ha escrito.`,
    },
    push: {
      answer: "Tienes una respuesta.",
      message: "Tienes un mensaje nuevo.",
      messages: (count) => `Tienes ${count} mensajes nuevos.`,
    },
    unsubscribe: {
      confirm:
        "Para no recibir más estos correos, añade &confirm=yes a la dirección de esta página y ábrela.",
      done: "No recibirás más estos correos.",
    },
  },
  fr: {
    answered: "vous a répondu",
    written: "vous a écrit",
    newMessages: (count) => `${count} nouveaux messages`,
    colon: "\u00a0:",
    file: "(un fichier)",
    answerOnSite: "Répondre sur le site",
    openSite: "Ouvrir le site",
    replyLine: "Écrivez votre réponse au-dessus de cette ligne",
    endLine: "Ne plus recevoir ces e-mails",
    reasons: {
      visitor: (site) =>
        `Vous recevez cet e-mail parce que vous avez écrit à ${site} en laissant votre adresse.`,
      site: (site) =>
        `Vous recevez cet e-mail parce que vous avez écrit à ${site}, qui vous connaît sous cette adresse.`,
      "nothing written": (site) =>
        `Vous recevez cet e-mail parce que ${site} vous connaît sous cette adresse et vous a écrit.`,
    },
    push: {
      answer: "Vous avez une réponse.",
      message: "Vous avez un nouveau message.",
      messages: (count) => `Vous avez ${count} nouveaux messages.`,
    },
    unsubscribe: {
      confirm:
        "Pour ne plus recevoir ces e-mails, ajoutez &confirm=yes à l’adresse de cette page et ouvrez-la.",
      done: "Vous ne recevrez plus ces e-mails.",
    },
  },
  it: {
    answered: "ti ha risposto",
    written: "ti ha scritto",
    newMessages: (count) => `${count} nuovi messaggi`,
    colon: ":",
    file: "(un file)",
    answerOnSite: "Rispondi sul sito",
    openSite: "Apri il sito",
    replyLine: "Scrivi la tua risposta sopra questa riga",
    endLine: "Non ricevere più queste e-mail",
    reasons: {
      visitor: (site) => `Ricevi questa e-mail perché hai scritto a ${site} e hai lasciato il tuo indirizzo.`,
      site: (site) =>
        `Ricevi questa e-mail perché hai scritto a ${site}, che ti conosce con questo indirizzo.`,
      "nothing written": (site) =>
        `Ricevi questa e-mail perché ${site} ti conosce con questo indirizzo e ti ha scritto.`,
    },
    push: {
      answer: "Hai ricevuto una risposta.",
      message: "Hai un nuovo messaggio.",
      messages: (count) => `Hai ${count} nuovi messaggi.`,
    },
    unsubscribe: {
      confirm:
        "Per non ricevere più queste e-mail, aggiungi &confirm=yes all’indirizzo di questa pagina e aprila.",
      done: "Non riceverai più queste e-mail.",
    },
  },
  nl: {
    answered: "heeft je geantwoord",
    written: "heeft je geschreven",
    newMessages: (count) => `${count} nieuwe berichten`,
    colon: ":",
    file: "(een bestand)",
    answerOnSite: "Antwoorden op de site",
    openSite: "De site openen",
    replyLine: "Schrijf je antwoord boven deze regel",
    endLine: "Deze e-mails niet meer ontvangen",
    reasons: {
      visitor: (site) =>
        `Je ontvangt deze e-mail omdat je aan ${site} hebt geschreven en je adres hebt achtergelaten.`,
      site: (site) =>
        `Je ontvangt deze e-mail omdat je aan ${site} hebt geschreven en daar onder dit adres bekend bent.`,
      "nothing written": (site) =>
        `Je ontvangt deze e-mail omdat je bij ${site} onder dit adres bekend bent en daarvandaan een bericht kreeg.`,
    },
    push: {
      answer: "Je hebt een antwoord.",
      message: "Je hebt een nieuw bericht.",
      messages: (count) => `Je hebt ${count} nieuwe berichten.`,
    },
    unsubscribe: {
      confirm:
        "Als je deze e-mails niet meer wilt ontvangen, voeg dan &confirm=yes toe aan het adres van deze pagina en open het.",
      done: "Je ontvangt deze e-mails niet meer.",
    },
  },
  pt: {
    answered: "respondeu à sua mensagem",
    written: "escreveu para você",
    newMessages: (count) => `${count} novas mensagens`,
    colon: ":",
    file: "(um arquivo)",
    answerOnSite: "Responder no site",
    openSite: "Abrir o site",
    replyLine: "Escreva sua resposta acima desta linha",
    endLine: "Não receber mais estes e-mails",
    reasons: {
      visitor: (site) => `Você recebe este e-mail porque escreveu para ${site} e deixou seu endereço.`,
      site: (site) =>
        `Você recebe este e-mail porque escreveu para ${site}, que conhece você por este endereço.`,
      "nothing written": (site) =>
        `Você recebe este e-mail porque ${site} conhece você por este endereço e escreveu para você.`,
    },
    push: {
      answer: "Você tem uma resposta.",
      message: "Você tem uma nova mensagem.",
      messages: (count) => `Você tem ${count} novas mensagens.`,
    },
    unsubscribe: {
      confirm:
        "Para não receber mais estes e-mails, adicione &confirm=yes ao endereço desta página e abra-o.",
      done: "Você não receberá mais estes e-mails.",
    },
  },
};

/** In whichever language something was sent: an answer may come long after its reader has changed theirs. */
export const allVisitorWords: readonly VisitorWords[] = Object.values(visitorWords);
