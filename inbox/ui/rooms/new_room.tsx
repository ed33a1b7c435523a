import { useState } from "preact/hooks";
import { Icon } from "../../../kit/components/icon.tsx";
import type { Participant } from "../../core/rooms.ts";
import { useDeed } from "../answer.ts";
import { Dialog } from "../palette/dialog.tsx";
import { goTo } from "../place.ts";
import { Refusal } from "../settings/parts.tsx";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { People } from "./people.tsx";
import { Picker } from "./picker.tsx";
import { roomWords } from "./words.ts";
import "../styles/rooms.css";

interface Begun {
  name: string;
  people: readonly Participant[];
}

const NOTHING: Begun = { name: "", people: [] };

/** By operator and agent, for as long as the page lives: Escape, or a press beside the dialog, may be an accident. */
const begunBy = new Map<string, Begun>();

function useBegun(whose: string) {
  const [begun, setBegun] = useState(begunBy.get(whose) ?? NOTHING);
  const change = (changed: Partial<Begun>) => {
    const next = { ...begun, ...changed };
    begunBy.set(whose, next);
    setBegun(next);
  };
  const isOther = ({ role, id }: Participant) => (each: Participant) => each.role !== role || each.id !== id;
  return {
    ...begun,
    rename: (name: string) => change({ name }),
    add: (one: Participant) => change({ people: [...begun.people, one] }),
    drop: (gone: Participant) => change({ people: begun.people.filter(isOther(gone)) }),
    replace: (changed: Participant) =>
      change({ people: begun.people.map((each) => isOther(changed)(each) ? each : changed) }),
    forget: () => void begunBy.delete(whose),
  };
}

/** A name, who takes part, and the room is made and open. What was begun is there again until it is made or cancelled. */
export function NewRoom({ onClose }: { onClose: () => void }) {
  const { desk, team } = useShell();
  const begun = useBegun(`${desk.userId} ${desk.agent.id}`);
  const { name, people } = begun;
  const [lacksVisitor, setLacking] = useState(false);
  const { busy, problem, run } = useDeed();

  function end() {
    begun.forget();
    onClose();
  }

  async function create() {
    const isLacking = people.every(({ role }) => role !== "visitor");
    setLacking(isLacking);
    if (isLacking) return;
    let made = "";
    const done = await run(async () => {
      const result = await team.rooms.create(name, people);
      if (result.ok) made = result.value.id;
      return result;
    });
    if (!done) return;
    end();
    goTo({ conversationId: made, agentId: desk.agent.id });
  }

  return (
    <Dialog label={words.newRoom} class="new-room" onClose={onClose}>
      <header>
        <h2>{words.newRoom}</h2>
        <button type="button" class="icon-button small" aria-label={roomWords.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <input
          class="field"
          name="name"
          aria-label={roomWords.name}
          placeholder={roomWords.name}
          value={name}
          onInput={({ currentTarget }) => begun.rename(currentTarget.value)}
          maxLength={200}
          autofocus
          required
        />
        <h3>{roomWords.people}</h3>
        {people.length === 0 && <p class="meta">{roomWords.nobody}</p>}
        <People people={people} onRespond={begun.replace} onDrop={begun.drop} />
        <Picker
          taken={people}
          onPick={(one) => {
            setLacking(false);
            begun.add(one);
          }}
        />
        <div role="alert">{lacksVisitor && <p class="problem">{roomWords.needsVisitor}</p>}</div>
        <Refusal problem={problem} />
        <div class="buttons">
          <button type="submit" class="button small accent">
            {busy ? roomWords.creating : roomWords.create}
          </button>
          <button type="button" class="button small" onClick={end}>{roomWords.cancel}</button>
        </div>
      </form>
    </Dialog>
  );
}
