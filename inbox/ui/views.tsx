import { useLayoutEffect, useRef } from "preact/hooks";
import { Avatar } from "../../kit/components/avatar.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import type { ViewCounts } from "../core/view_counts.ts";
import { type View, VIEWS } from "../core/rows.ts";
import { AvailabilityChoice } from "./availability.tsx";
import { Bell } from "./bell.tsx";
import { whenClipped } from "./clipped.ts";
import { InboxIcon } from "./icons.tsx";
import { KEY_TARGETS } from "./keys.ts";
import { memberNames } from "./names.ts";
import { goTo, hrefOf } from "./place.ts";
import { useShell } from "./shell.ts";
import { Sites } from "./sites.tsx";
import { words } from "./strings.ts";

/** What there is to do, by kind and by label, who else answers, and who is signed in. */
export function Views() {
  const { desk, agents, here, openPalette } = useShell();
  return (
    <header class="views" data-sites={agents.length > 1}>
      {agents.length > 1 && <Sites />}
      <div class="views-top">
        {agents.length === 1 && <p class="agent" dir="auto" {...whenClipped}>{desk.agent.name}</p>}
        <button
          type="button"
          class="icon-button small"
          aria-label={words.search}
          aria-keyshortcuts="/"
          title={words.withKey(words.search, "/")}
          onClick={() => {
            if (here.query === null) goTo({ ...here, section: null, messageId: null, query: "" });
            else document.querySelector<HTMLElement>(KEY_TARGETS.search)?.focus();
          }}
        >
          <InboxIcon name="search" />
        </button>
        <Bell />
        <button
          type="button"
          class="icon-button small only-wide"
          aria-label={words.commands}
          title={words.withKey(words.commands, "Ctrl K")}
          onClick={openPalette}
        >
          <InboxIcon name="keyboard" />
        </button>
      </div>
      <ViewLinks />
      <Members />
      <Person />
    </header>
  );
}

/** Who of the team is here. */
function Members() {
  const { desk, team } = useShell();
  const { members } = useValue(team.agent);
  const present = useValue(desk.presence.here);
  const names = memberNames(members);
  return (
    <section class="members" aria-label={words.teamList}>
      <h2>{words.teamList}</h2>
      <ul>
        {members.map(({ id, invited }) => {
          const state = present.get(id) ?? "offline";
          return (
            <li key={id}>
              <span class="presence" data-state={invited ? "invited" : state} aria-hidden="true" />
              <span class="person-name" dir="auto" title={names.get(id)}>{names.get(id)}</span>
              {invited
                ? <span class="meta">{words.invited}</span>
                : <span class="hidden">{words.presence[state] ?? ""}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Who is signed in, whether they are there, and what is theirs to set. */
function Person() {
  const { desk, team, email, here, signOut } = useShell();
  const { members } = useValue(team.agent);
  const name = memberNames(members).get(desk.userId) || email;
  return (
    <div class="person">
      <Avatar name={name} />
      <div class="person-about">
        <p class="person-name" dir="auto" title={email}>{name}</p>
        <AvailabilityChoice presence={desk.presence} />
      </div>
      <a
        class="icon-button small"
        href={hrefOf({ section: "team" })}
        aria-current={here.section ? "page" : undefined}
        aria-label={words.settings}
        title={words.settings}
      >
        <InboxIcon name="settings" />
      </a>
      <button
        type="button"
        class="icon-button small"
        aria-label={words.signOut}
        title={words.signOut}
        onClick={signOut}
      >
        <InboxIcon name="leave" />
      </button>
    </div>
  );
}

function ViewLinks() {
  const { desk, team, here } = useShell();
  const counts = useValue(desk.lists.counts.state);
  const { labels } = useValue(team.agent);
  const nav = useRef<HTMLElement>(null);
  // Where views stand side by side, there may be no room for all.
  useLayoutEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [here.view, here.labelId, counts === null]);
  const current = (isHere: boolean) => isHere && !here.section && here.query === null ? "page" : undefined;
  return (
    <nav ref={nav} aria-label={words.viewList}>
      {VIEWS.map((each) => (
        <a
          key={each}
          class="view"
          href={hrefOf({ view: each })}
          aria-current={current(here.labelId === null && each === here.view)}
        >
          <span>{words.views[each]}</span>
          {counts && <Count count={countOf(counts, each)} cap={counts.cap} />}
        </a>
      ))}
      {labels.length > 0 && <h2>{words.labels}</h2>}
      {labels.map(({ id, name, color }) => (
        <a
          key={id}
          class="view view-label"
          href={hrefOf({ labelId: id })}
          aria-current={current(id === here.labelId)}
        >
          <span class="dot" style={{ background: color }} aria-hidden="true" />
          <span class="view-name" dir="auto">{name}</span>
        </a>
      ))}
    </nav>
  );
}

function Count({ count, cap }: { count: number | undefined; cap: number }) {
  if (!count) return null;
  return <span class="count">{count >= cap ? `${cap - 1}+` : count}</span>;
}

/** Nobody counts what is resolved: it only ever grows. */
export function countOf(counts: ViewCounts, view: View): number | undefined {
  const { needsHuman: needs_human, ...rest } = counts;
  const known: Partial<Record<View, number>> = { needs_human, ...rest };
  return known[view];
}
