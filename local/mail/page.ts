import type { CaughtMail, MailAddress, Mailbox } from "./mailbox.ts";

const RELOAD_SECONDS = 3;
const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: start; padding: .4rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
  tr.unread { font-weight: 600; }
  iframe { width: 100%; height: 24rem; border: 1px solid #8884; background: #fff; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dd { margin: 0; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }`;

/** The list of what was caught. */
export function listPage({ mails }: Mailbox): string {
  const rows = mails.map((mail) =>
    `<tr${mail.read ? "" : ' class="unread"'}><td>${escaped(written(mail.to))}</td>` +
    `<td><a href="/view/${mail.id}">${escaped(mail.subject) || "(no subject)"}</a></td>` +
    `<td><time datetime="${mail.received.toISOString()}">${
      mail.received.toLocaleTimeString("en-GB")
    }</time></td></tr>`
  );
  const table = rows.length === 0
    ? "<p>No mail yet. What the local stack sends is caught here and reaches nobody.</p>"
    : `<table><thead><tr><th>To</th><th>Subject</th><th>Received</th></tr></thead><tbody>${
      rows.join("\n")
    }</tbody></table>`;
  return document("Caught mail", `<h1>Caught mail</h1>${table}`, RELOAD_SECONDS);
}

/** One mail: its head, its text, and its HTML in a frame of its own. */
export function mailPage(mail: CaughtMail): string {
  const facts = { From: written([mail.from]), To: written(mail.to), Received: mail.received.toUTCString() };
  const list = Object.entries(facts).map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`);
  const html = mail.html
    ? `<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/view/${mail.id}.html"></iframe>`
    : "";
  return document(
    mail.subject,
    `<p><a href="/">All mail</a></p><h1>${escaped(mail.subject)}</h1><dl>${list.join("")}</dl>${html}` +
      `<h2>Text</h2><pre>${escaped(mail.text)}</pre>`,
  );
}

function document(title: string, body: string, reloadSeconds?: number): string {
  const reload = reloadSeconds ? `<meta http-equiv="refresh" content="${reloadSeconds}">` : "";
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">${reload}` +
    `<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>` +
    `<style>${STYLE}</style></head><body>${body}</body></html>`;
}

function written(list: MailAddress[]): string {
  return list.map(({ Name, Address }) => Name ? `${Name} <${Address}>` : Address).join(", ");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
