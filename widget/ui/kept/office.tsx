import { useEffect, useState } from "preact/hooks";
import type { Office } from "../../../shared/tabs.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { ThreadRows } from "../../../kit/conversation/rows.tsx";
import { RichText } from "../../../kit/text/rich_text.tsx";
import { type Text, useText } from "../../../kit/text/text_context.ts";
import type { ThreadStore } from "../../core/thread.ts";
import { usePanel } from "../panel_context.ts";
import type { keptWords } from "../../../kit/strings/kept.ts";
import { useWords } from "./words.ts";

/** While nobody is there: how long somebody of the team may be online before the visitor is told so. */
const POLL_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** A longer text may have to be scrolled on a small screen, by the keyboard as well. */
const FITS_CHARACTERS = 200;
const ENGLISH_DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** In a new conversation, as a message of the agent's that was never sent. */
export function Greeting({ store }: { store: ThreadStore }) {
  const { item, entries } = useValue(store.state);
  const session = useValue(usePanel().core.session);
  const office = useToldOffice(store);
  if (item || entries.length > 0 || session.status !== "ready" || !office?.greeting) return null;
  const name = session.display.title || session.agentName;
  const greeting = {
    ...{ id: "greeting", body: office.greeting, attachments: [], fields: {} },
    author: { role: "operator" as const, name },
  };
  return (
    <div class="entries greeting" tabIndex={scrolls(office.greeting)}>
      <ThreadRows entries={[greeting]} viewer="visitor" resending={store} />
    </div>
  );
}

/** That nobody is there, and when somebody is again. */
export function AwayLine({ store }: { store: ThreadStore }) {
  const text = useText();
  const { office } = useWords();
  const away = useAway(store);
  const message = away?.awayMessage ?? office.away;
  return (
    <div class={away ? "away" : "hidden"} role="status" tabIndex={away ? scrolls(message) : undefined}>
      {away && (
        <>
          <p dir="auto">
            <RichText text={message} />
          </p>
          {away.changesAt && <p class="meta">{returnOf(away.changesAt, office, text)}</p>}
        </>
      )}
    </div>
  );
}

const scrolls = (text: string) => text.length > FITS_CHARACTERS ? 0 : undefined;

/** In the visitor's language and time zone: the time today, the weekday within a week, else the date. */
function returnOf(iso: string, words: typeof keptWords["office"], { formats, locale = "en" }: Text): string {
  const at = new Date(iso);
  const days = Math.round((new Date(iso).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY_MS);
  if (days < 1) return words.backAt(formats.time(iso));
  const day = days < WEEK_DAYS ? weekdayOf(at, locale) : formats.day(iso, new Date());
  return words.backOn(day, formats.time(iso));
}

/** English without Intl, whose first use holds a phone up. */
function weekdayOf(at: Date, locale: string): string {
  return (locale === "en" && ENGLISH_DAYS[at.getDay()]) || at.toLocaleDateString(locale, { weekday: "long" });
}

/** As the session has it. */
function useToldOffice({ tab }: ThreadStore): Office | undefined {
  const session = useValue(usePanel().core.session);
  return session.status === "ready" ? session.tabs.find(({ id }) => id === tab.id)?.office : undefined;
}

/**
 * What to say while nobody is there. The session may be old: it is asked again before anything is said, with every answer of the
 * team's, each minute that nobody is there, and when the hours begin or end.
 */
function useAway(store: ThreadStore): Office | null {
  const told = useToldOffice(store);
  const isVisible = useValue(usePanel().visible);
  const newest = useValue(store.state).entries.findLast(({ author }) => author.role === "operator")?.id;
  const [asked, setAsked] = useState<{ office: Office | null; told?: Office } | null>(null);
  const [turn, setTurn] = useState(0);
  const office = (asked?.told === told ? asked?.office : null) ?? told;
  const hasHours = Boolean(office && (office.away || office.changesAt));

  useEffect(() => {
    if (!hasHours || !isVisible || document.hidden) return;
    let isStale = false;
    void store.kept?.office().then((office) => isStale || setAsked({ office, told }));
    return () => void (isStale = true);
  }, [hasHours, isVisible, newest, turn, told]);

  useEffect(() => {
    if (!office || !hasHours || !isVisible) return;
    const left = Date.parse(office.changesAt ?? "") - Date.now();
    const wait = left > 0 && !(office.away && left > POLL_MS) ? left : POLL_MS;
    const timer = setTimeout(setTurn, wait, turn + 1);
    return () => clearTimeout(timer);
  }, [office, isVisible, turn]);

  const isOver = office?.changesAt !== undefined && Date.parse(office.changesAt) <= Date.now();
  return asked && office?.away && !isOver ? office : null;
}
