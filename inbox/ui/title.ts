import { useLayoutEffect } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import type { Desk } from "../core/desk.ts";
import { words } from "./strings.ts";

/** More are not worth counting in a browser's tab. */
const MOST = 99;

/** The page's title: what is shown, and how many open conversations are the operator's or nobody's, as the server counts them. */
export function useTitle(desk: Desk, shown: string): void {
  const { mine = 0, unassigned = 0 } = useValue(desk.lists.counts.state) ?? {};
  const waiting = mine + unassigned;
  useLayoutEffect(() => {
    const count = waiting > MOST ? `(${MOST}+) ` : waiting > 0 ? `(${waiting}) ` : "";
    document.title = `${count}${shown} · ${desk.agent.name}`;
    return () => void (document.title = words.inbox);
  }, [waiting, shown, desk]);
}
