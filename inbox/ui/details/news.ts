import { useEffect, useRef } from "preact/hooks";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Desk } from "../../core/desk.ts";
import type { Row } from "../../core/rows.ts";

/** Milliseconds in which what is told of the same people leads to one question. */
const TOGETHER = 200;

/** What a row says beside its people, what was written and how far that was read: reading is told without a row. */
const ELSE: readonly (keyof Row)[] = [
  "status",
  "snoozedUntil",
  "snoozeEnded",
  "needsHuman",
  "assignee",
  "labels",
  "edited",
  "waitingSince",
];

/**
 * Whether a conversation's newer row may tell that its people are others, or called otherwise: what the site says of a visitor,
 * and who takes part in a room, a row does not hold, so it is one in which nothing else is new.
 */
export function isAboutPeople(former: Row, row: Row): boolean {
  if (row.rev <= former.rev) return false;
  if (isNamedOtherwise(former, row)) return true;
  if (row.lastMessageAt !== former.lastMessageAt) return false;
  return row.kind === "room" || ELSE.every((key) => JSON.stringify(row[key]) === JSON.stringify(former[key]));
}

function isNamedOtherwise(former: Row, row: Row): boolean {
  return row.customerName !== former.customerName || row.customerEmail !== former.customerEmail;
}

/** Asks again who a conversation is with whenever that may have changed. */
export function usePeopleNews(desk: Desk, conversationId: string, ask: () => void): void {
  const latest = useRef(ask);
  latest.current = ask;
  useOnceLiveAgain(desk, ask);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current();
      }, TOGETHER);
    };
    const { row } = desk.open(conversationId);
    let last = row.value ?? desk.lists.find(conversationId);
    const stops = [
      desk.told.subscribe((rows) => {
        const told = rows.find(({ id }) => id === conversationId);
        if (!told) return;
        if (last && isAboutPeople(last, told)) askSoon();
        if (!last || last.rev < told.rev) last = told;
      }),
      // What no broadcast told is fetched with the conversation.
      row.subscribe((now) => {
        if (!now) return;
        if (last && last.rev < now.rev && isNamedOtherwise(last, now)) {
          askSoon();
          last = now;
        }
        last ??= now;
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [desk, conversationId]);
}

/** What was broadcast while nobody listened is not told again. */
function useOnceLiveAgain({ live }: Desk, ask: () => void): void {
  const state = useValue(live);
  const [wasLive, wasLost] = [useRef(false), useRef(false)];
  useEffect(() => {
    const isLive = state === "live";
    if (isLive && wasLost.current) ask();
    wasLost.current = !isLive && wasLive.current;
    wasLive.current ||= isLive;
  }, [state]);
}
