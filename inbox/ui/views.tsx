import { useLayoutEffect, useRef } from "preact/hooks";
import { Avatar } from "../../kit/components/avatar.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import type { ViewCounts } from "../core/lists.ts";
import { type View, VIEWS } from "../core/rows.ts";
import { AvailabilityChoice } from "./availability.tsx";
import { hrefOf } from "./place.ts";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

/** What there is to do, by kind and by label, who else answers, and who is signed in. */
export function Views() {
  const { inbox, desk, team, agents, email } = useShell();
  const name = desk.name || email;
  const { members } = useValue(team.agent);
  const present = useValue(desk.presence.here);
  return (
    <header class="views">
      <div class="views-top">
        {agents.length > 1
          ? (
            <select
              class="agent"
              aria-label={words.agent}
              value={desk.agent.id}
              onChange={(event) => inbox.choose(event.currentTarget.value)}
            >
              {agents.map((agent) => <option key={agent.id} value={agent.id}>{agent.name}</option>)}
            </select>
          )
          : <p class="agent" dir="auto">{desk.agent.name}</p>}
      </div>
      <ViewLinks />
      <section class="members" aria-label={words.teamList}>
        <h2>{words.teamList}</h2>
        <ul>
          {members.map(({ id, name }) => {
            const state = present.get(id) ?? "offline";
            return (
              <li key={id}>
                <span class="presence" data-state={state} aria-hidden="true" />
                <span class="person-name" dir="auto">{name}</span>
                <span class="hidden">{words.presence[state] ?? ""}</span>
              </li>
            );
          })}
        </ul>
      </section>
      <div class="person">
        <Avatar name={name} />
        <div class="person-about">
          <p class="person-name" dir="auto" title={email}>{name}</p>
          <AvailabilityChoice presence={desk.presence} />
        </div>
        <button type="button" class="link" onClick={() => void inbox.signOut()}>{words.signOut}</button>
      </div>
    </header>
  );
}

function ViewLinks() {
  const { desk, team, here } = useShell();
  const counts = useValue(desk.lists.counts.state);
  const { labels } = useValue(team.agent);
  const nav = useRef<HTMLElement>(null);
  // Where views stand side by side, there may be no room for all.
  useLayoutEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [here.view, here.labelId]);
  const current = (isHere: boolean) => isHere && !here.section ? "page" : undefined;
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
function countOf(counts: ViewCounts, view: View): number | undefined {
  const { needsHuman: needs_human, ...rest } = counts;
  const known: Partial<Record<View, number>> = { needs_human, ...rest };
  return known[view];
}
