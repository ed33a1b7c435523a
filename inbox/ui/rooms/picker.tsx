import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { FoundPerson, Participant } from "../../core/rooms.ts";
import { firstVisible, memberNames, nameOf, unnamed } from "../names.ts";
import { useShell } from "../shell.ts";
import { roomWords } from "./words.ts";

/** After the last key, in milliseconds. */
const SEARCH_DELAY = 200;
/** Of visitors who wrote last, before anything is typed. */
const MOST_RECENT = 8;

interface PickerProps {
  /** Who takes part already. */
  taken: readonly Participant[];
  onPick(participant: Participant): void;
}

/** Finds who may take part: a field, and below it a button for each visitor, colleague and bot. */
export function Picker({ taken, onPick }: PickerProps) {
  const { strings } = useText();
  const [text, setText] = useState("");
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  const { visitors, problem } = useVisitors(text);
  const others = useOthers(text);
  const isTaken = ({ role, id }: Participant) => taken.some((each) => each.role === role && each.id === id);
  const offered = [...visitors, ...others].filter((each) => !isTaken(each));
  return (
    <div class="picker">
      <input
        class="field"
        ref={field}
        type="search"
        aria-label={roomWords.find}
        aria-controls={list}
        placeholder={roomWords.find}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        // The form around it is not sent by it.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      />
      <ul id={list} class="picks">
        {offered.map((each) => (
          <li key={`${each.role} ${each.id}`}>
            <button
              type="button"
              class="pick"
              onClick={() => {
                // What was pressed goes.
                field.current?.focus();
                onPick(each);
              }}
            >
              <span class="pick-name">
                <span class="hidden">{roomWords.add}</span>
                <span dir="auto">{each.name ?? each.id}</span>
              </span>{" "}
              <span class="meta">{roomWords.roles[each.role]}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="meta" role="status">
        {problem
          ? `${roomWords.notFound} ${problemText(problem, strings)}`
          : offered.length === 0 && roomWords.none}
      </p>
    </div>
  );
}

/** Colleagues and bots of that name. */
function useOthers(text: string): Participant[] {
  const { team } = useShell();
  const { members, bots = [] } = useValue(team.agent);
  const names = memberNames(members);
  const all: Participant[] = [
    ...members.map(({ id, name }) => ({ role: "operator" as const, id, name: names.get(id) ?? name })),
    ...bots.map(({ id, name }) => ({ role: "bot" as const, id, name })),
  ];
  const sought = text.trim().toLowerCase();
  return all.filter(({ name = "" }) => name.toLowerCase().includes(sought));
}

/** Visitors of that name or address, as the server finds them; before anything is typed, who wrote last. */
function useVisitors(text: string): { visitors: Participant[]; problem: Problem | null } {
  const { desk, team } = useShell();
  const [found, setFound] = useState<{ people: FoundPerson[]; problem: Problem | null } | null>(null);
  const { rows } = useValue(desk.lists.of("open").state);
  const sought = text.trim();
  useEffect(() => {
    if (sought === "") return setFound(null);
    let isStale = false;
    const timer = setTimeout(async () => {
      const result = await team.rooms.people(sought);
      if (isStale) return;
      setFound(result.ok ? { people: result.value, problem: null } : { people: [], problem: result.problem });
    }, SEARCH_DELAY);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [sought, team]);

  if (found) {
    const visitors = found.people.map(({ id, name, email }) => ({
      role: "visitor" as const,
      id,
      name: firstVisible(name, email) ?? unnamed(id),
    }));
    return { visitors, problem: found.problem };
  }
  const recent = new Map(
    rows.filter(({ kind }) => kind !== "room").map((row) => [row.psid, nameOf(row)] as const),
  );
  const visitors = [...recent].slice(0, MOST_RECENT).map(([id, name]) => ({
    role: "visitor" as const,
    id,
    name,
  }));
  return { visitors, problem: null };
}
