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

/** German with "Sie", Spanish with "usted", French with "vous", Italian with "Lei", Dutch with "u", Portuguese with "você". */
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
    answered: "le ha respondido",
    written: "le ha escrito",
    newMessages: (count) => `${count} mensajes nuevos`,
    colon: ":",
    file: "(un archivo)",
    answerOnSite: "Responder en el sitio",
    openSite: "Abrir el sitio",
    replyLine: "Escriba su respuesta encima de esta línea",
    endLine: "No recibir más estos correos",
    reasons: {
      visitor: (site) => `Recibe este correo porque escribió a ${site} y dejó su dirección.`,
      site: (site) => `Recibe este correo porque escribió a ${site}, que le conoce por esta dirección.`,
      "nothing written": (site) =>
        `Recibe este correo porque ${site} le conoce por esta dirección y le ha escrito.`,
    },
    push: {
      answer: "Tiene una respuesta.",
      message: "Tiene un mensaje nuevo.",
      messages: (count) => `Tiene ${count} mensajes nuevos.`,
    },
    unsubscribe: {
      confirm:
        "Para no recibir más estos correos, añada &confirm=yes a la dirección de esta página y ábrala.",
      done: "No recibirá más estos correos.",
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
    answered: "Le ha risposto",
    written: "Le ha scritto",
    newMessages: (count) => `${count} nuovi messaggi`,
    colon: ":",
    file: "(un file)",
    answerOnSite: "Risponda sul sito",
    openSite: "Apra il sito",
    replyLine: "Scriva la Sua risposta sopra questa riga",
    endLine: "Non ricevere più queste e-mail",
    reasons: {
      visitor: (site) => `Riceve questa e-mail perché ha scritto a ${site} e ha lasciato il Suo indirizzo.`,
      site: (site) =>
        `Riceve questa e-mail perché ha scritto a ${site}, che La conosce con questo indirizzo.`,
      "nothing written": (site) =>
        `Riceve questa e-mail perché ${site} La conosce con questo indirizzo e Le ha scritto.`,
    },
    push: {
      answer: "Ha ricevuto una risposta.",
      message: "Ha un nuovo messaggio.",
      messages: (count) => `Ha ${count} nuovi messaggi.`,
    },
    unsubscribe: {
      confirm:
        "Per non ricevere più queste e-mail, aggiunga &confirm=yes all’indirizzo di questa pagina e la apra.",
      done: "Non riceverà più queste e-mail.",
    },
  },
  nl: {
    answered: "heeft u geantwoord",
    written: "heeft u geschreven",
    newMessages: (count) => `${count} nieuwe berichten`,
    colon: ":",
    file: "(een bestand)",
    answerOnSite: "Antwoorden op de site",
    openSite: "De site openen",
    replyLine: "Schrijf uw antwoord boven deze regel",
    endLine: "Deze e-mails niet meer ontvangen",
    reasons: {
      visitor: (site) =>
        `U ontvangt deze e-mail omdat u aan ${site} hebt geschreven en uw adres hebt achtergelaten.`,
      site: (site) =>
        `U ontvangt deze e-mail omdat u aan ${site} hebt geschreven en daar onder dit adres bekend bent.`,
      "nothing written": (site) =>
        `U ontvangt deze e-mail omdat u bij ${site} onder dit adres bekend bent en daarvandaan een bericht kreeg.`,
    },
    push: {
      answer: "U hebt een antwoord.",
      message: "U hebt een nieuw bericht.",
      messages: (count) => `U hebt ${count} nieuwe berichten.`,
    },
    unsubscribe: {
      confirm:
        "Als u deze e-mails niet meer wilt ontvangen, voeg dan &confirm=yes toe aan het adres van deze pagina en open het.",
      done: "U ontvangt deze e-mails niet meer.",
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
