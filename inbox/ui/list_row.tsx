import type { ComponentChildren } from "preact";
import { Avatar, initials } from "../../kit/components/avatar.tsx";
import { Unread } from "../../kit/components/unread.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { isTime } from "../../kit/text/format.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { useText } from "../../kit/text/text_context.ts";
import type { Row } from "../core/rows.ts";
import { whenClipped } from "./clipped.ts";
import { InboxIcon } from "./icons.tsx";
import { isUnverified, memberNames, nameOf } from "./names.ts";
import { hrefOf } from "./place.ts";
import { Preview } from "./preview.tsx";
import { useShell } from "./shell.ts";
import { momentText } from "./snooze.tsx";
import { kitStrings, words } from "./strings.ts";

/** Of a row's labels, so many by their colours. */
const MOST_DOTS = 3;

/** Beside the name of a visitor who only says that it is theirs. */
export function Unverified({ row }: { row: Row }) {
  const { kind, customerName: name, customerEmail: email, identified } = row;
  return kind === "room" || !isUnverified({ name, email, identified }) ? null : <UnverifiedChip />;
}

export function UnverifiedChip() {
  return (
    <span class="chip unverified" title={words.claims}>
      {words.unverified}
      <span class="hidden">: {words.claims}</span>
    </span>
  );
}

interface ListRowProps {
  row: Row;
  /** What was found in it, in place of its last message. */
  found?: { messageId: string; at: string; preview: ComponentChildren; isNote: boolean };
}

export function ListRow({ row, found }: ListRowProps) {
  const { here, desk } = useShell();
  const isHanded = useIsHanded(row);
  const notSent = useValue(desk.notSent);
  const name = nameOf(row);
  const isNew = row.unread > 0 || row.snoozeEnded || isHanded;
  const chips: [className: string, text: string][] = [
    ...found?.isNote ? [["found-note", words.note] as [string, string]] : [],
    ...notSent.has(row.id) ? [["not-sent", kitStrings.notSent] as [string, string]] : [],
    ...row.needsHuman && here.view !== "needs_human"
      ? [["needs-human", words.needsHuman] as [string, string]]
      : [],
    ...isHanded ? [["handed", words.handedToYou] as [string, string]] : [],
    ...row.snoozeEnded ? [["snooze-ended", words.snoozeEnded] as [string, string]] : [],
  ];
  const isOpen = row.id === here.conversationId && (found?.messageId ?? here.messageId) === here.messageId;
  return (
    <a
      class="row"
      data-row={row.id}
      data-unread={isNew}
      href={hrefOf({ ...here, conversationId: row.id, messageId: found?.messageId ?? null })}
      aria-current={isOpen ? "true" : undefined}
    >
      <VisitorPicture name={name} id={row.psid} />
      <span class="row-text">
        <span class="row-line">
          <span class="row-title" data-new={isNew} dir="auto" {...whenClipped}>{name}</span>
          <Unverified row={row} />
          <LabelDots ids={row.labels} />
          {found ? <Moment at={found.at} /> : <RowTime row={row} />}
        </span>
        <span class="row-line">
          <span class="row-preview" data-new={isNew} dir="auto">
            {found ? found.preview : <Preview row={row} />}
          </span>
          <RowChips chips={chips} />
          {row.assignee && <Holder {...row.assignee} />}
          <Unread count={row.unread} />
        </span>
      </span>
    </a>
  );
}

/** The first of what a row is marked with, and how many more: they would leave no room for its words. */
function RowChips({ chips: [first, ...others] }: { chips: readonly [className: string, text: string][] }) {
  if (!first) return null;
  const [name, text] = first;
  const rest = others.map(([, text]) => text).join(", ");
  return (
    <>
      <span class={`chip ${name}`} {...whenClipped}>{text}</span>
      {rest && (
        <span class="chip chips-left" title={rest}>
          <span aria-hidden="true">+{others.length}</span>
          <span class="hidden">{rest}</span>
        </span>
      )}
    </>
  );
}

/** Somebody gave the operator this conversation, and they have not looked at it since. */
function useIsHanded({ id, assignee }: Row): boolean {
  const { desk } = useShell();
  const { handed } = useValue(desk.notifications.state);
  return assignee?.id === desk.userId && handed.some(({ conversationId }) => conversationId === id);
}

/** Who holds a conversation, by initials. */
function Holder({ id, name }: { id: string; name: string }) {
  const { team } = useShell();
  const text = words.heldBy(memberNames(useValue(team.agent).members).get(id) ?? withoutOverrides(name));
  return (
    <span class="holder" title={text}>
      <span aria-hidden="true">{initials(name)}</span>
      <span class="hidden">{text}</span>
    </span>
  );
}

/** What matters most of when: until when a conversation is snoozed, since when its visitor waits, or when something happened last. */
function RowTime({ row }: { row: Row }) {
  const { formats } = useText();
  const { status, snoozedUntil, waitingSince, activeAt } = row;
  const now = new Date();
  if (status === "SNOOZED" && isTime(snoozedUntil ?? undefined)) {
    const until = momentText(new Date(snoozedUntil ?? ""), now);
    return <time class="meta" dateTime={snoozedUntil ?? ""}>{words.untilTime(until)}</time>;
  }
  if (status === "OPEN" && isTime(waitingSince ?? undefined)) {
    const since = waitingSince ?? "";
    return (
      <time class="meta waiting" dateTime={since} title={`${words.waitingSince} ${formats.full(since)}`}>
        <InboxIcon name="clock" />
        <span>{words.waitingSince}</span> {formats.short(since, now)}
      </time>
    );
  }
  return <Moment at={activeAt} />;
}

function Moment({ at }: { at: string }) {
  const { formats } = useText();
  return isTime(at) ? <time class="meta" dateTime={at}>{formats.short(at, new Date())}</time> : null;
}

interface VisitorPictureProps {
  name: string;
  /** The visitor's; `null` until it is known. */
  id: string | null;
}

/** A visitor's picture, with a dot while they are there. */
export function VisitorPicture({ name, id }: VisitorPictureProps) {
  const { desk } = useShell();
  const present = useValue(desk.presence.here);
  return (
    <span class="with-presence">
      <Avatar name={name} />
      {id !== null && present.has(`${desk.agent.id}/${id}`) && (
        <>
          <span class="presence" data-state="online" aria-hidden="true" />
          <span class="hidden">{words.visitorHere}</span>
        </>
      )}
    </span>
  );
}

/** A conversation's labels by their colours. */
function LabelDots({ ids }: { ids: readonly number[] }) {
  const labels = useValue(useShell().team.agent).labels.filter(({ id }) => ids.includes(id));
  if (labels.length === 0) return null;
  const names = labels.map(({ name }) => name).join(", ");
  return (
    <span class="dots" title={names}>
      {labels.slice(0, MOST_DOTS).map(({ id, color }) => (
        <span key={id} class="dot" style={{ background: color }} />
      ))}
      {labels.length > MOST_DOTS && (
        <span class="more-dots" aria-hidden="true">+{labels.length - MOST_DOTS}</span>
      )}
      <span class="hidden">{words.labelled(names)}</span>
    </span>
  );
}
