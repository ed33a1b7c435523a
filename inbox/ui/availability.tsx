import { useValue } from "../../kit/components/use_value.ts";
import { AVAILABILITIES, type Availability, type Presence } from "../core/presence.ts";
import { words } from "./strings.ts";

/** What the team sees of the operator. */
export function AvailabilityChoice({ presence }: { presence: Presence }) {
  const chosen = useValue(presence.availability);
  return (
    <label class="availability">
      <span class="presence" data-state={chosen} aria-hidden="true" />
      <select
        aria-label={words.availability}
        value={chosen}
        onChange={(event) => presence.choose(event.currentTarget.value as Availability)}
      >
        {AVAILABILITIES.map((each) => <option key={each} value={each}>{words.availabilities[each]}</option>)}
      </select>
    </label>
  );
}
