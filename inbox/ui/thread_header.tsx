import { Icon } from "../../kit/components/icon.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { useText } from "../../kit/text/text_context.ts";
import type { Desk } from "../core/desk.ts";
import type { Row } from "../core/rows.ts";
import { whenClipped } from "./clipped.ts";
import { DetailsToggle } from "./details_toggle.tsx";
import { HandOverMenu } from "./hand_over.tsx";
import { Unverified, VisitorPicture } from "./list_row.tsx";
import { memberNames } from "./names.ts";
import { hrefOf, type Place } from "./place.ts";
import { Refused } from "./refused.tsx";
import { useShell } from "./shell.ts";
import { SnoozeMenu } from "./snooze.tsx";
import { words } from "./strings.ts";
import { UndoLine } from "./undo_line.tsx";

interface ThreadHeaderProps {
  desk: Desk;
  row: Row | null;
  name: string;
  place: Place;
}

/** Whose conversation it is, how it stands, and what can be done with it. */
export function ThreadHeader({ desk, row, name, place }: ThreadHeaderProps) {
  const { strings } = useText();
  const names = memberNames(useValue(useShell().team.agent).members);
  const about = row ? aboutRow(row, desk, names) : "";
  return (
    <>
      <header class="thread-header">
        <a
          class="icon-button back"
          href={hrefOf({ ...place, conversationId: null })}
          aria-label={strings.back}
        >
          <Icon name="back" />
        </a>
        <VisitorPicture name={name} id={row?.psid ?? null} />
        <div class="thread-title">
          <div class="thread-line">
            <h1 dir="auto" {...whenClipped}>{name}</h1>
            {row && <Unverified row={row} />}
          </div>
          <div class="thread-line">
            {row?.needsHuman && <span class="chip needs-human">{words.needsHuman}</span>}
            {row && row.status !== "OPEN" && <StatusChip row={row} />}
            <p class="meta" dir="auto" {...whenClipped}>{about}</p>
          </div>
        </div>
        {row && <Tools desk={desk} row={row} />}
        <DetailsToggle />
      </header>
      <Refused desk={desk} row={row} conversationId={place.conversationId} />
      <UndoLine inThread />
    </>
  );
}

function aboutRow(row: Row, { userId }: Desk, names: ReadonlyMap<string, string>): string {
  const { customerName, customerEmail, pageName, assignee, status } = row;
  const holder = assignee && (names.get(assignee.id) ?? withoutOverrides(assignee.name));
  const known = [
    holder && words.heldBy(assignee?.id === userId ? words.me(holder) : holder),
    customerName ? customerEmail : null,
    pageName && words.page(pageName),
  ].filter(Boolean);
  return known.join(" · ") || (words.statuses[status] ?? status);
}

function StatusChip({ row: { status, snoozedUntil } }: { row: Row }) {
  const { formats } = useText();
  const text = status === "SNOOZED" && snoozedUntil
    ? words.snoozedUntil(formats.full(snoozedUntil))
    : words.statuses[status] ?? status;
  return <span class="chip" {...whenClipped}>{text}</span>;
}

/**
 * A button that becomes its opposite stays the same element, so that it keeps the focus; the second press of a double click
 * does not undo the first.
 */
function Tools({ desk, row }: { desk: Desk; row: Row }) {
  const { actions, userId } = desk;
  const me = { id: userId, name: desk.name };
  const { id, assignee, status } = row;
  const isOpen = status === "OPEN";
  const tool = (label: string, key: string | undefined, run: (id: string) => void) => (
    <button
      type="button"
      class="tool"
      aria-keyshortcuts={key}
      onClick={({ detail }) => detail < 2 && run(id)}
    >
      {label}
    </button>
  );
  return (
    <div class="tools" role="group" aria-label={words.actions}>
      {!assignee
        ? tool(words.claim, "c", actions.claim)
        : assignee.id === userId
        ? tool(words.release, undefined, actions.release)
        : tool(words.takeOver, undefined, (id) => actions.handOver(id, me))}
      <HandOverMenu holderId={assignee?.id} onChoose={(member) => actions.handOver(id, member)} />
      {isOpen && <SnoozeMenu onSnooze={(until) => actions.snooze(id, until)} />}
      {tool(isOpen ? words.resolve : words.reopen, "e", isOpen ? actions.resolve : actions.reopen)}
    </div>
  );
}
