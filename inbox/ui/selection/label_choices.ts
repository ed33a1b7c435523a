import type { Row } from "../../core/rows.ts";
import type { Label } from "../../core/team.ts";
import type { Shell } from "../shell.ts";
import { bulkWords } from "./words.ts";

interface LabelChoice extends Label {
  /** Gives it to those that lack it; where all have it, takes it from them. */
  run(): void;
}

/** What can be done to these conversations with each label, by what it does. */
export function labelChoices(
  { desk, team }: Pick<Shell, "desk" | "team">,
  rows: readonly Row[],
): LabelChoice[] {
  return team.agent.value.labels.map(({ id, name, color }) => {
    const lacking = rows.filter(({ labels }) => !labels.includes(id));
    const isAdded = lacking.length > 0;
    return {
      id,
      color,
      name: isAdded ? bulkWords.addLabel(name) : bulkWords.removeLabel(name),
      run: () =>
        void desk.bulk.label(isAdded ? lacking : rows, (each) => team.records.label(each, id, isAdded)),
    };
  });
}
