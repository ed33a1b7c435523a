import { useValue } from "../../kit/components/use_value.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import type { LastMessage, Row } from "../core/rows.ts";
import { InboxIcon } from "./icons.tsx";
import { memberNames } from "./names.ts";
import { useShell } from "./shell.ts";
import { kitStrings, words } from "./strings.ts";

/** Who reads a preview, and what the team's members are called, by id. */
export interface PreviewReader {
  userId: string;
  names: ReadonlyMap<string, string>;
}

export function usePreviewReader(): PreviewReader {
  const { desk, team } = useShell();
  return { userId: desk.userId, names: memberNames(useValue(team.agent).members) };
}

/** The last message as a list shows it: whose it is, unless it is the visitor's, and its beginning. */
export function previewOf({ lastMessage }: Row, reader: PreviewReader): string {
  if (!lastMessage) return "";
  const text = lastMessage.isDeleted ? kitStrings.deletedMessage : withoutOverrides(lastMessage.text);
  const author = authorOf(lastMessage, reader);
  return author === null ? text : words.by(author, text);
}

/** Who wrote it on this side; `null` for the visitor's. */
function authorOf({ role, authorId = "" }: LastMessage, { userId, names }: PreviewReader): string | null {
  if (role === "AGENT") return authorId === userId ? words.you : names.get(authorId) ?? words.team;
  if (role === "BOT") return words.bot;
  return role === "SYSTEM" ? words.system : null;
}

const ICONS = { AGENT: "reply", BOT: "bot", SYSTEM: "details" } as const;

/** The same with a sign before what is not the visitor's. */
export function Preview({ row }: { row: Row }) {
  const reader = usePreviewReader();
  const role = row.lastMessage?.role ?? "USER";
  return (
    <>
      {role !== "USER" && <InboxIcon name={ICONS[role]} />}
      {previewOf(row, reader)}
    </>
  );
}
