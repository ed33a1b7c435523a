import { render } from "preact";
import type { ConversationEntry } from "../../../client/sync/conversation_setup.ts";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import type { Strings } from "../../../kit/strings/en.ts";
import type { Formats } from "../../../kit/text/format.ts";
import { TextContext, useText } from "../../../kit/text/text_context.ts";
import { type LineReader, lineText } from "../lines/words.ts";
import { nameOf } from "../names.ts";
import type { Shell } from "../shell.ts";
import { words } from "../strings.ts";
import "../styles/print.css";

const printWords = {
  title: (visitor: string) => `Conversation with ${visitor}`,
  printedAt: (time: string) => `Printed ${time}`,
  messages: (count: number) => count === 1 ? "1 message" : `${count} messages`,
  isPart: "Earlier messages of this conversation are not part of this print.",
  withNotes: "With internal notes: for the team, not to be handed out.",
  edited: "edited",
};

interface SheetProps {
  site: string;
  visitor: string;
  email: string | null;
  entries: readonly ConversationEntry[];
  /** There is more before the first of these. */
  isPart: boolean;
  /** With what only the team sees. */
  withNotes: boolean;
}

/** A conversation as it stands on paper: everything that was said, by whom and when, and nothing to press. */
function Sheet({ site, visitor, email, entries, isPart, withNotes }: SheetProps) {
  const { formats, strings } = useText();
  const shown = entries.filter((entry) => isStored(entry) && (withNotes || !isInternal(entry)));
  const messages = shown.filter((entry) => !isInternal(entry)).length;
  // On paper nobody is "you".
  const reader = { visitor, userId: "", full: formats.full };
  return (
    <article class="sheet-page">
      <header>
        <h1 dir="auto">{printWords.title(visitor)}</h1>
        <p>
          {[site, email && withoutOverrides(email), printWords.messages(messages)].filter(Boolean).join(
            " · ",
          )}
        </p>
        <p>{printWords.printedAt(formats.full(new Date().toISOString()))}</p>
        {isPart && <p class="sheet-note">{printWords.isPart}</p>}
        {withNotes && <p class="sheet-note">{printWords.withNotes}</p>}
      </header>
      {shown.map((entry) => <Said key={entry.id} {...{ entry, reader, strings, formats }} />)}
    </article>
  );
}

/** What is still on its way was not said yet. */
const isStored = ({ place }: ConversationEntry) => place !== undefined;
const isInternal = ({ noteId, change }: ConversationEntry) => noteId !== undefined || change !== undefined;

interface SaidProps {
  entry: ConversationEntry;
  reader: LineReader;
  strings: Strings;
  formats: Formats;
}

function Said({ entry, reader, strings, formats }: SaidProps) {
  const { createdAt = "", change, noteId, deletedAt, editedAt, body, attachments } = entry;
  const time = <time dateTime={createdAt}>{formats.full(createdAt)}</time>;
  if (change) return <p class="sheet-line" dir="auto">{lineText(entry, change, reader)} · {time}</p>;
  return (
    <section class="sheet-entry" data-note={noteId !== undefined}>
      <p class="sheet-head">
        <strong dir="auto">{authorOf(entry, reader.visitor, strings)}</strong>
        <em>{sideOf(entry, strings)}</em>
        {noteId !== undefined && <em>{words.internalNote}</em>}
        {time}
        {editedAt && !deletedAt && <em>{printWords.edited}</em>}
      </p>
      {deletedAt
        ? (
          <p class="sheet-body">
            <em>{strings.deletedMessage}</em>
          </p>
        )
        : body && <p class="sheet-body" dir="auto">{withoutOverrides(body)}</p>}
      {!deletedAt &&
        attachments.map(({ url, name }) => (
          <p class="sheet-file" key={url} dir="auto">
            {withoutOverrides(name ?? "") || strings.attachment}: {url}
          </p>
        ))}
    </section>
  );
}

function authorOf(
  { author: { role, name = "" } }: ConversationEntry,
  visitor: string,
  strings: Strings,
): string {
  if (role === "visitor") return visitor;
  return withoutOverrides(name) || (role === "bot" ? strings.assistant : strings.team);
}

/** Who speaks, whatever they call themselves. */
function sideOf({ author: { role } }: ConversationEntry, strings: Strings): string {
  if (role === "visitor") return words.visitor;
  return role === "bot" ? strings.assistant : strings.team;
}

/** What the print of a conversation says of it, beside its entries. */
export function aboutSheet({ desk, here: { conversationId } }: Shell) {
  const row = conversationId === null ? null : desk.open(conversationId).row.value;
  return {
    site: desk.agent.name,
    visitor: row ? nameOf(row) : words.visitor,
    email: row?.customerEmail ?? null,
  };
}

/** Puts the sheet beside the app, where only a printer sees it. Returns what takes it away. */
export function putSheet(props: SheetProps, text: ReturnType<typeof useText>): () => void {
  const place = document.body.appendChild(document.createElement("div"));
  place.className = "sheet";
  render(
    <TextContext.Provider value={text}>
      <Sheet {...props} />
    </TextContext.Provider>,
    place,
  );
  return () => {
    render(null, place);
    place.remove();
  };
}
