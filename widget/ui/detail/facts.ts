import type { Item } from "../../../shared/items.ts";
import { isoTime } from "../../../shared/times.ts";
import type { detailWords } from "../../../kit/strings/detail.ts";
import type { Formats } from "../../../kit/text/format.ts";

export interface Fact {
  key: string;
  label: string;
  value: string;
}

/** An item's fields as lines of label and value, in the owner's order. Empty ones are left out. */
export function itemFacts(item: Item, words: typeof detailWords, formats: Formats): Fact[] {
  const facts: Fact[] = [];
  const add = (key: string, label: string, value: string) => {
    if (value !== "") facts.push({ key, label, value });
  };
  add("status", words.status, item.status ?? "");
  add("timestamp", words.date, item.timestamp ? formats.full(item.timestamp) : "");
  for (const [key, value] of Object.entries(item.fields)) add(`fields.${key}`, labelOf(key), show(value));
  return facts;

  function show(value: unknown): string {
    if (value === null || value === undefined) return "";
    if (typeof value === "boolean") return value ? words.yes : words.no;
    // What a number means is not known: a year and a postcode have no separators, a price its own decimals.
    if (typeof value === "number") return String(value);
    if (typeof value === "string") return timeIn(value) || value;
    if (Array.isArray(value)) return value.map(show).filter(Boolean).join(", ");
    return Object.entries(value).map(([key, inner]) => `${labelOf(key)}: ${show(inner)}`).join("\n");
  }

  /** Eight digits may be anything, so a date has its hyphens. */
  function timeIn(text: string): string {
    const time = text[4] === "-" && isoTime(text);
    return time ? formats.full(time) : "";
  }
}

/** `delivery_note` and `deliveryNote` read as "Delivery note". */
export function labelOf(key: string): string {
  const words = key.replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2").replace(/[_-]+/g, " ").trim().toLowerCase();
  const [first = ""] = words; // a whole character
  return first.toUpperCase() + words.slice(first.length);
}
