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

/** A name, who takes part, and the room is made and open. */
export function NewRoom({ onClose }: { onClose: () => void }) {
  const { desk, team } = useShell();
  const [people, setPeople] = useState<readonly Participant[]>([]);
  const [lacksVisitor, setLacking] = useState(false);
  const { busy, problem, run } = useDeed();
  const without = ({ role, id }: Participant) =>
    people.filter((each) => each.role !== role || each.id !== id);

  async function create(name: string) {
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
    onClose();
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
          void create(String(new FormData(event.currentTarget).get("name")));
        }}
      >
        <input
          class="field"
          name="name"
          aria-label={roomWords.name}
          placeholder={roomWords.name}
          maxLength={200}
          autofocus
          required
        />
        <h3>{roomWords.people}</h3>
        {people.length === 0 && <p class="meta">{roomWords.nobody}</p>}
        <People
          people={people}
          onRespond={(changed) =>
            setPeople(
              people.map((each) => each.id === changed.id && each.role === changed.role ? changed : each),
            )}
          onDrop={(gone) => setPeople(without(gone))}
        />
        <Picker
          taken={people}
          onPick={(one) => {
            setLacking(false);
            setPeople([...people, one]);
          }}
        />
        <div role="alert">{lacksVisitor && <p class="problem">{roomWords.needsVisitor}</p>}</div>
        <Refusal problem={problem} />
        <div class="buttons">
          <button type="submit" class="button small accent">
            {busy ? roomWords.creating : roomWords.create}
          </button>
          <button type="button" class="button small" onClick={onClose}>{roomWords.cancel}</button>
        </div>
      </form>
    </Dialog>
  );
}
