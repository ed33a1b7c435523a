import { useLayoutEffect, useState } from "preact/hooks";
import { Icon } from "../../../kit/components/icon.tsx";
import { composes } from "../../../kit/components/keys.ts";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import { isTime } from "../../../kit/text/format.ts";
import { mailtoOf } from "../../../kit/text/linkify.ts";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import type { Details, Visitor } from "../../core/records.ts";
import type { Row } from "../../core/rows.ts";
import { useAnswer } from "../answer.ts";
import { Late, latePart } from "../late.tsx";
import { firstVisible, isUnverified, unnamed } from "../names.ts";
import { previewOf, usePreviewReader } from "../preview.tsx";
import { goTo, hrefOf } from "../place.ts";
import { hasDetailsColumn, useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { Labels } from "./labels.tsx";
import { usePeopleNews } from "./news.ts";
import { PersonalData } from "./personal_data.tsx";
import { Fact, Whereabouts } from "./whereabouts.tsx";
import { detailWords } from "./words.ts";

const SKELETON_ROWS = 4;
const BY_NAME = new Intl.Collator(undefined, { numeric: true });

/** Who the open conversation is with. */
export function DetailsPane({ conversationId }: { conversationId: string }) {
  const { desk, team, here, toggleDetails, askPrint } = useShell();
  const elsewhere = useValue(desk.open(conversationId).elsewhere);
  const [answer, again] = useAnswer<Details>(
    conversationId,
    () => team.records.details(conversationId),
  );
  usePeopleNews(desk, conversationId, again);
  if (elsewhere !== null) return null;
  return (
    <aside
      class="details"
      aria-labelledby="details"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !composes(event) && !hasDetailsColumn()) toggleDetails();
      }}
    >
      <header class="details-header">
        <h2 id="details">{detailWords.details}</h2>
        <button
          type="button"
          class="icon-button small"
          aria-label={detailWords.close}
          onClick={toggleDetails}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="scroll">
        {answer.status === "failed" && <Failure problem={answer.problem} onRetry={again} />}
        {answer.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
        {answer.status === "ready" && (
          <>
            {answer.value.room && (
              <Late
                of={lateRoom}
                props={{ room: answer.value.room, madeWith: answer.value.visitor.id, onChanged: again }}
              />
            )}
            {peopleOf(answer.value).map((visitor) => <About key={visitor.id} visitor={visitor} />)}
            <Labels conversationId={conversationId} />
            <Others told={answer.value} conversationId={conversationId} />
            <section class="details-part">
              <button type="button" class="button small" onClick={askPrint}>{detailWords.print}</button>
            </section>
            {peopleOf(answer.value).map((visitor, _, { length }) => (
              <PersonalData
                key={visitor.id}
                conversationId={conversationId}
                visitor={visitor}
                isOneOfSeveral={length > 1}
                onErased={() => length > 1 ? again() : goTo({ ...here, conversationId: null })}
              />
            ))}
          </>
        )}
      </div>
    </aside>
  );
}

const lateRoom = latePart(async () => (await import("../rooms/room_details.tsx")).RoomDetails);

/** All visitors of a room, of a conversation its one. */
function peopleOf({ visitor, participants = [] }: Details): readonly Visitor[] {
  return participants.length > 0 ? participants : [visitor];
}

function About({ visitor }: { visitor: Visitor }) {
  const { formats } = useText();
  const { desk } = useShell();
  const key = `${desk.agent.id}/${visitor.id}`;
  const online = useValue(desk.presence.here).has(key);
  const left = useValue(desk.presence.left).get(key);
  const { page, firstSeenAt } = visitor;
  const lastSeenAt = left && Date.parse(left) > Date.parse(visitor.lastSeenAt) ? left : visitor.lastSeenAt;
  const name = firstVisible(visitor.name, visitor.email) ?? unnamed(visitor.id);
  return (
    <section class="details-part" aria-label={name}>
      <h3 dir="auto">
        <span class="presence" data-state={online ? "online" : "offline"} aria-hidden="true" />
        {name}
      </h3>
      {isUnverified(visitor) && <p class="meta">{words.unverified}. {words.claims}.</p>}
      <dl>
        <Fact term={detailWords.email}>
          {visitor.email && <MailAddress address={visitor.email} />}
        </Fact>
      </dl>
      <Said of={visitor} />
      <dl>
        <Whereabouts page={page} />
        <Fact term={detailWords.firstSeen}>{isTime(firstSeenAt) && formats.full(firstSeenAt)}</Fact>
        <Fact term={detailWords.lastSeen}>
          {online ? detailWords.hereNow : isTime(lastSeenAt) && formats.full(lastSeenAt)}
        </Fact>
        <Fact term={detailWords.id}>
          <span class="details-id">{visitor.id}</span>
        </Fact>
      </dl>
    </section>
  );
}

/** What the site says of a visitor beside name and address: it has no order, so by its names. */
function Said({ of: { attributes = {} } }: { of: Visitor }) {
  const said = Object.entries(attributes).sort(([first], [second]) => BY_NAME.compare(first, second));
  if (said.length === 0) return null;
  return (
    <div class="details-said">
      <h4>{detailWords.said}</h4>
      <dl>
        {said.map(([name, value]) => <Fact key={name} term={withoutOverrides(name)}>{saidText(value)}</Fact>)}
      </dl>
    </div>
  );
}

function saidText(value: string | number | boolean): string {
  return typeof value === "boolean" ? detailWords.answers[`${value}`] : withoutOverrides(String(value));
}

/** A link only if it is one address: visitors say it themselves, and more recipients or a text could follow. */
function MailAddress({ address }: { address: string }) {
  const href = mailtoOf(address);
  return href ? <a href={href} dir="ltr">{address}</a> : <>{withoutOverrides(address)}</>;
}

interface OthersProps {
  told: Details;
  conversationId: string;
}

/** The visitor's other conversations, newest first, as they were told and as broadcasts have changed them since. */
function useOthers({ told, conversationId }: OthersProps): readonly Row[] {
  const { desk } = useShell();
  const [rows, setRows] = useState(told.rows);
  useLayoutEffect(() => {
    const isOne = ({ id, psid }: Row) => psid === told.visitor.id && id !== conversationId;
    setRows(told.rows);
    return desk.told.subscribe((news) => {
      const others = news.filter(isOne);
      if (others.length > 0) setRows((former) => others.reduce(withRow, former));
    });
  }, [told, conversationId, desk]);
  return rows;
}

export function withRow(rows: readonly Row[], row: Row): Row[] {
  const former = rows.find(({ id }) => id === row.id);
  if (former && former.rev >= row.rev) return [...rows];
  return [row, ...rows.filter(({ id }) => id !== row.id)]
    .sort((a, b) => a.lastMessageAt < b.lastMessageAt ? 1 : a.lastMessageAt > b.lastMessageAt ? -1 : 0);
}

function Others(props: OthersProps) {
  const { formats } = useText();
  const { here } = useShell();
  const rows = useOthers(props);
  const reader = usePreviewReader();
  return (
    <section class="details-part" aria-labelledby="others">
      <h3 id="others">{detailWords.earlier}</h3>
      {rows.length === 0 && <p class="meta">{detailWords.noEarlier}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <a class="other" href={hrefOf({ ...here, conversationId: row.id, messageId: null })}>
              <span class="other-text" dir="auto">
                {previewOf(row, reader) || withoutOverrides(row.name ?? "") || detailWords.noMessage}
              </span>
              <span class="meta">
                {words.statuses[row.status] ?? row.status} · {formats.short(row.lastMessageAt, new Date())}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
