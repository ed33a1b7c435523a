import type { ThreadEntry } from "../../../client/sync/pending.ts";
import type { LineChange } from "../../../shared/events.ts";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";

/** What the lines of a thread say. `who` may be "You", `whom` "you". */
export const lineWords = {
  You: "You",
  you: "you",
  somebody: "somebody who left",
  bot: "The bot",
  api: "The API",
  more: (count: number) => count === 1 ? "1 earlier change" : `${count} earlier changes`,
  claimed: (who: string) => `${who} claimed this`,
  handed: (who: string, whom: string) => `${who} handed this to ${whom}`,
  wasHanded: (whom: string) => `This was handed to ${whom}`,
  tookOver: (who: string, whom: string) => `${who} took this over from ${whom}`,
  released: (who: string) => `${who} released this`,
  releasedFrom: (who: string, whom: string) => `${who} took this from ${whom}: nobody holds it`,
  wasReleased: (whom: string) => `This was released from ${whom}`,
  resolved: (who: string) => `${who} resolved this`,
  wasResolved: "This was resolved",
  reopened: (who: string) => `${who} reopened this`,
  wasReopened: "This was reopened",
  reopenedByMessage: (visitor: string) => `Reopened by a message of ${visitor}`,
  snoozed: (who: string, time: string) => `${who} snoozed this until ${time}`,
  wasSnoozed: (time: string) => `This was snoozed until ${time}`,
  ended: (who: string) => `${who} ended the snooze`,
  endedByMessage: (visitor: string) => `The snooze was ended by a message of ${visitor}`,
  wasEnded: "The snooze ended",
  asked: (who: string) => `${who} asked for a person`,
  /** A bot did, of itself or since it failed. */
  passedOn: (who: string) => `${who} passed this on to a person`,
  wasAsked: "A rule asked for a person",
  stillAsked: "A person is still asked for",
  signedIn: (visitor: string) => `${visitor} signed in. What stands above was written before`,
};

/** Who reads, and how times are written. */
export interface LineReader {
  userId: string;
  /** What the conversation's visitor is called. */
  visitor: string;
  full(iso: string): string;
}

/** What a line says, in a sentence for each thing that happened. */
export function lineText(entry: ThreadEntry, change: LineChange, reader: LineReader): string {
  const told = [
    handover(entry, change, reader),
    status(entry, change, reader),
    asked(entry, change, reader),
    change.signedIn && lineWords.signedIn(shown(reader.visitor)),
  ];
  return told.filter(Boolean).join(" · ");
}

/** What an operator, a bot or an API key is called; `null` where nobody is known to have made the change. */
function actor({ author }: ThreadEntry, { by }: LineChange, { userId }: LineReader): string | null {
  if (by === "AGENT") return author.id === userId ? lineWords.You : shown(author.name);
  if (by === "API") return shown(author.name, lineWords.api);
  return by === "BOT" ? shown(author.name, lineWords.bot) : null;
}

function handover(entry: ThreadEntry, change: LineChange, reader: LineReader): string | null {
  const { from, to } = change;
  const who = actor(entry, change, reader);
  const whom = (one: LineChange["to"]) => one?.id === reader.userId ? lineWords.you : shown(one?.name);
  const mine = (one: LineChange["to"]) => change.by === "AGENT" && one?.id === entry.author.id;
  if (to) {
    if (who === null) return lineWords.wasHanded(whom(to));
    if (!mine(to)) return lineWords.handed(who, whom(to));
    return from ? lineWords.tookOver(who, whom(from)) : lineWords.claimed(who);
  }
  if (!from) return null;
  if (who === null) return lineWords.wasReleased(whom(from));
  return mine(from) ? lineWords.released(who) : lineWords.releasedFrom(who, whom(from));
}

function status(entry: ThreadEntry, change: LineChange, reader: LineReader): string | null {
  const who = actor(entry, change, reader);
  const isMessage = change.by === "USER" && !change.needsHuman;
  switch (change.status) {
    case "RESOLVED":
      return who === null ? lineWords.wasResolved : lineWords.resolved(who);
    case "SNOOZED": {
      const time = reader.full(change.until ?? "");
      return who === null ? lineWords.wasSnoozed(time) : lineWords.snoozed(who, time);
    }
    case "OPEN":
      break;
    default:
      return null;
  }
  const visitor = shown(reader.visitor);
  if (change.was === "SNOOZED") {
    if (isMessage) return lineWords.endedByMessage(visitor);
    return who === null ? lineWords.wasEnded : lineWords.ended(who);
  }
  if (isMessage) return lineWords.reopenedByMessage(visitor);
  return who === null ? lineWords.wasReopened : lineWords.reopened(who);
}

function asked(entry: ThreadEntry, change: LineChange, reader: LineReader): string | null {
  if (!change.needsHuman) return null;
  if (change.again && change.by !== "USER" && change.by !== "BOT") return lineWords.stillAsked;
  const who = change.by === "USER" ? shown(reader.visitor) : actor(entry, change, reader);
  if (who === null) return lineWords.wasAsked;
  return change.by === "BOT" ? lineWords.passedOn(who) : lineWords.asked(who);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** A name within a sentence: one that is written from right to left leaves the order of the others' words as it is. */
function shown(name: string | undefined, otherwise = lineWords.somebody): string {
  const seen = withoutOverrides(name ?? "").trim() || otherwise;
  return RIGHT_TO_LEFT.test(seen) ? `\u2068${seen}\u2069` : seen;
}
