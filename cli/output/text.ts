/** What a terminal would obey instead of showing it, and what turns the direction of the text around it. */
const CONTROLS = /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu;

export function visible(text: string): string {
  return text.replace(CONTROLS, "\u{FFFD}");
}

/** A value as JSON that a terminal can show too: signs that it would obey are escaped, so that whoever parses it gets them all. */
export function json(value: unknown): string {
  const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(CONTROLS, escaped);
}

/** The same on one line. */
export function oneLine(text: string): string {
  return visible(text.replaceAll("\n", " "));
}

/** Rows as aligned columns under their titles; `empty` when there are none. */
export function table(titles: string[], rows: (string | number)[][], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = [titles, ...rows].map((row) => row.map((cell) => oneLine(String(cell))));
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => [...row[column] ?? ""].length)));
  return cells
    .map((row) => row.map((cell, column) => padded(cell, widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n");
}

/** By characters: `padEnd` counts an emoji as two. */
function padded(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - [...cell].length));
}

/** Names and values as two columns. */
export function facts(pairs: Record<string, string>): string {
  const width = Math.max(...Object.keys(pairs).map((name) => name.length));
  return Object.entries(pairs).map(([name, value]) => `  ${name.padEnd(width)}  ${oneLine(value)}`).join(
    "\n",
  );
}

/** A moment to the minute, in UTC; `never` for none. */
export function moment(time: string | null): string {
  return time === null ? "never" : `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
