import { useLayoutEffect, useRef } from "preact/hooks";
import { Avatar } from "../../kit/components/avatar.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import type { Agent, Desk } from "../core/desk.ts";
import type { Inbox } from "../core/inbox.ts";
import type { ViewCounts } from "../core/lists.ts";
import { type View, VIEWS } from "../core/rows.ts";
import { hrefOf } from "./place.ts";
import { words } from "./strings.ts";

interface ViewsProps {
  inbox: Inbox;
  desk: Desk;
  agents: readonly Agent[];
  email: string;
  view: View;
}

/** What there is to do, by kind, and who is signed in. */
export function Views({ inbox, desk, agents, email, view }: ViewsProps) {
  const counts = useValue(desk.lists.counts.state);
  const name = desk.name || email;
  const nav = useRef<HTMLElement>(null);
  // Where views stand side by side, there may be no room for all.
  useLayoutEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [view]);
  return (
    <header class="views">
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
      <nav ref={nav} aria-label={words.viewList}>
        {VIEWS.map((each) => (
          <a
            key={each}
            class="view"
            href={hrefOf({ view: each, conversationId: null })}
            aria-current={each === view ? "page" : undefined}
          >
            <span>{words.views[each]}</span>
            {counts && <Count count={countOf(counts, each)} cap={counts.cap} />}
          </a>
        ))}
      </nav>
      <div class="person">
        <Avatar name={name} />
        <span class="person-name" dir="auto" title={email}>{name}</span>
        <button type="button" class="link" onClick={() => void inbox.signOut()}>{words.signOut}</button>
      </div>
    </header>
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
