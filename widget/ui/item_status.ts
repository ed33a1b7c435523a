import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Strings } from "../../kit/strings/en.ts";

/** A row's status as visitors read it: the owner's word, or of a conversation that Heddle keeps whether it is done. */
export function itemStatus({ source }: Tab, { status }: Item, strings: Strings): string | undefined {
  if (source === "webhook") return status;
  return status === "RESOLVED" ? strings.resolved : undefined;
}
