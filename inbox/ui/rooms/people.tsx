import { AUTO_RESPOND, type Participant } from "../../core/rooms.ts";
import { unnamed } from "../names.ts";
import { Certainly } from "../settings/parts.tsx";
import { settingWords } from "../settings/words.ts";
import { words } from "../strings.ts";
import { roomWords } from "./words.ts";
import type { Result } from "../../../client/http/problem.ts";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";

interface PeopleProps {
  people: readonly Participant[];
  /** When a bot answers is another one now. */
  onRespond(participant: Participant): void;
  /** Whether somebody may be taken out. */
  mayLeave?(participant: Participant): boolean;
  /** Without it nobody is in yet, and nothing is asked. */
  remove?(participant: Participant): Promise<Result<unknown>>;
  onDrop?(participant: Participant): void;
}

/** Who takes part in a room, to take out, and of bots when they answer. */
export function People({ people, onRespond, mayLeave, remove, onDrop }: PeopleProps) {
  return (
    <ul class="room-people">
      {people.map((each) => {
        const name = participantName(each);
        return (
          <li key={`${each.role} ${each.id}`} class="room-person">
            <span class="room-name">
              <span dir="auto" title={name}>{name}</span>
              <span class="meta">{roomWords.roles[each.role]}</span>
            </span>
            {each.role === "bot" && (
              <select
                class="field small"
                aria-label={roomWords.answers(name)}
                value={each.autoRespond ?? AUTO_RESPOND[0]}
                onChange={({ currentTarget }) => onRespond({ ...each, autoRespond: currentTarget.value })}
              >
                {AUTO_RESPOND.map((value) => (
                  <option key={value} value={value}>{settingWords.responds[value]}</option>
                ))}
              </select>
            )}
            {remove && (mayLeave?.(each) ?? true) && (
              <Certainly
                name={roomWords.remove}
                label={roomWords.removeOf(name)}
                question={roomWords.removeQuestion(name)}
                deed={() => remove(each)}
              />
            )}
            {onDrop && (
              <button
                type="button"
                class="button small"
                aria-label={roomWords.removeOf(name)}
                onClick={({ currentTarget }) => {
                  // What was pressed goes.
                  currentTarget.closest("form")?.querySelector<HTMLElement>("[type=search]")?.focus();
                  onDrop(each);
                }}
              >
                {roomWords.remove}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What somebody is called who takes part; who left the team has no name any more. */
export function participantName({ role, id, name }: Participant): string {
  const shown = withoutOverrides(name ?? "").trim();
  if (shown) return shown;
  return role === "visitor" ? unnamed(id) : role === "bot" ? words.bot : words.team;
}
