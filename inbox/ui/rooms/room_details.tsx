import { useRef, useState } from "preact/hooks";
import type { Result } from "../../../client/http/problem.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Participant, Room } from "../../core/rooms.ts";
import { useDeed } from "../answer.ts";
import { goTo } from "../place.ts";
import { Certainly, Refusal } from "../settings/parts.tsx";
import { useShell } from "../shell.ts";
import { People } from "./people.tsx";
import { Picker } from "./picker.tsx";
import { roomWords } from "./words.ts";
import "../styles/rooms.css";

interface RoomDetailsProps {
  room: Room;
  /** Id of the visitor whom it was made with, who stays. */
  madeWith: string;
  onChanged(): void;
}

/** A room's name, who takes part in it, and its end. */
export function RoomDetails({ room, madeWith, onChanged }: RoomDetailsProps) {
  const { team: { rooms, agent }, here } = useShell();
  const { rights } = useValue(agent);
  const [isAdding, setAdding] = useState(false);
  const adder = useRef<HTMLButtonElement>(null);
  const { problem, run } = useDeed();

  /** What the room is then is asked for: a colleague may have changed it as well. */
  async function changed<Value>(deed: Promise<Result<Value>>): Promise<Result<Value>> {
    const result = await deed;
    if (result.ok) onChanged();
    return result;
  }
  const seat = (participant: Participant) => void run(() => changed(rooms.seat(room.id, participant)));

  return (
    <section class="details-part" aria-label={roomWords.room}>
      <h3>{roomWords.room}</h3>
      <Name room={room} onChanged={onChanged} />
      <h3 class="room-heading">{roomWords.people}</h3>
      <People
        people={room.participants}
        onRespond={seat}
        mayLeave={({ role, id }) => role !== "visitor" || id !== madeWith}
        remove={async (participant) => {
          const result = await changed(rooms.unseat(room.id, participant));
          // What was pressed goes with them.
          if (result.ok) adder.current?.focus();
          return result;
        }}
      />
      <button
        type="button"
        class="button small"
        ref={adder}
        aria-expanded={isAdding}
        onClick={() => setAdding(!isAdding)}
      >
        {isAdding ? roomWords.done : roomWords.addPeople}
      </button>
      {isAdding && <Picker taken={room.participants} onPick={seat} />}
      <Refusal problem={problem} />
      {rights.includes("settings") && (
        <Certainly
          name={roomWords.delete}
          label={roomWords.delete}
          question={roomWords.deleteQuestion(room.name)}
          deed={async () => {
            const result = await rooms.remove(room.id);
            if (result.ok) goTo({ ...here, conversationId: null, messageId: null });
            return result;
          }}
        />
      )}
    </section>
  );
}

function Name({ room, onChanged }: Pick<RoomDetailsProps, "room" | "onChanged">) {
  const { team: { rooms } } = useShell();
  const { busy, problem, run } = useDeed();
  const [told, setTold] = useState("");

  async function rename(name: string) {
    setTold("");
    if (!await run(() => rooms.rename(room.id, name))) return;
    setTold(roomWords.saved);
    onChanged();
  }

  return (
    <form
      class="room-line"
      onSubmit={(event) => {
        event.preventDefault();
        void rename(String(new FormData(event.currentTarget).get("name")));
      }}
    >
      <input
        class="field small"
        name="name"
        aria-label={roomWords.name}
        defaultValue={room.name}
        maxLength={200}
        required
      />
      <button type="submit" class="button small" aria-disabled={busy}>{roomWords.rename}</button>
      <p class="meta" role="status">{told}</p>
      <Refusal problem={problem} />
    </form>
  );
}
