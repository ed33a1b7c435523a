import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import type { Desk } from "../core/desk.ts";
import type { Row } from "../core/rows.ts";
import type { Place } from "./place.ts";
import { words } from "./strings.ts";

/** More are not worth counting in a browser's tab. */
const MOST = 99;

/** The page's title: what is shown, and how many conversations wait that are the operator's or nobody's. */
export function useTitle(desk: Desk, { view, labelId }: Place, shown: string): void {
  const unread = useUnread(desk, useValue(desk.lists.of(view, labelId).state).status === "ready");
  useLayoutEffect(() => {
    const count = unread > MOST ? `(${MOST}+) ` : unread > 0 ? `(${unread}) ` : "";
    document.title = `${count}${shown} · ${desk.agent.name}`;
    return () => void (document.title = words.inbox);
  }, [unread, shown, desk]);
}

/** Nothing is asked before `ready`: what is on the screen comes first. */
function useUnread(desk: Desk, ready: boolean): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!ready) return;
    const lists = [desk.lists.of("mine"), desk.lists.of("unassigned")];
    const isWaiting = ({ unread }: Row) => unread > 0;
    const add = () =>
      setCount(lists.reduce((sum, { state }) => sum + state.value.rows.filter(isWaiting).length, 0));
    const ends = lists.map(({ state }) => state.subscribe(add));
    return () => ends.forEach((end) => end());
  }, [desk, ready]);
  return count;
}
