import { officeAt, type OfficeHours } from "../../../../../shared/office_hours.ts";
import type { Office } from "../../../../../shared/tabs.ts";
import type { KeptOffice } from "../../database/widget_context.ts";

/** What a visitor is told of it at `now`, in ms since the epoch. */
export function officeOf(
  { greeting, hours, awayMessage, isSomebodyOnline }: KeptOffice,
  now: number,
): Office {
  const { isOpen, changesAt } = stateAt(hours, now);
  const away = !isOpen && !isSomebodyOnline;
  return {
    greeting: greeting ?? undefined,
    away,
    awayMessage: away ? awayMessage ?? undefined : undefined,
    changesAt: changesAt === null ? undefined : new Date(changesAt).toISOString(),
  };
}

const ALWAYS_OPEN = { isOpen: true, changesAt: null };

function stateAt(hours: OfficeHours | null, now: number) {
  if (!hours) return ALWAYS_OPEN;
  try {
    return officeAt(hours, now);
  } catch {
    // A time zone that the database knows and this runtime does not: no visitor is told anything wrong.
    return ALWAYS_OPEN;
  }
}
