import { useLayoutEffect } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import type { Desk } from "../core/desk.ts";
import { shortCount } from "./short_count.ts";
import { words } from "./strings.ts";

/**
 * The page's title: what is shown, and how many open conversations of all their sites are the operator's or nobody's, as the server
 * counts them.
 */
export function useTitle(desk: Desk, shown: string): void {
  const { mine = 0, unassigned = 0 } = useValue(desk.lists.counts.state) ?? {};
  const elsewhere = useValue(desk.others.state).reduce((sum, { toDo }) => sum + toDo, 0);
  const count = shortCount(mine + unassigned + elsewhere);
  useLayoutEffect(() => {
    document.title = `${count && `(${count}) `}${shown} · ${desk.agent.name}`;
    return () => void (document.title = words.inbox);
  }, [count, shown, desk]);
}
