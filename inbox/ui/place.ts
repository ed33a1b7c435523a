import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { type View, VIEWS } from "../core/rows.ts";

/** What the page's address names: a view, and a conversation beside it. */
export interface Place {
  view: View;
  conversationId: string | null;
}

const HASH = /^#\/([a-z-]+)(?:\/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}))?$/;
const DEFAULT: Place = { view: "open", conversationId: null };

/** Behind `#`, since a static host knows one page only. */
export function hrefOf({ view, conversationId }: Place): string {
  const path = view.replace("_", "-");
  return conversationId ? `#/${path}/${conversationId}` : `#/${path}`;
}

export function readPlace(hash: string): Place {
  const [, path = "", conversationId = null] = HASH.exec(hash) ?? [];
  const view = VIEWS.find((each) => each.replace("_", "-") === path);
  return view ? { view, conversationId } : DEFAULT;
}

/** Follows the address for as long as the page lives. */
export function followPlace(): ReadonlySignal<Place> {
  const place = signal(readPlace(location.hash));
  addEventListener("hashchange", () => (place.value = readPlace(location.hash)));
  return place;
}

export function goTo(place: Place): void {
  location.hash = hrefOf(place);
}
