import { useValue } from "../../../kit/components/use_value.ts";
import type { Strings } from "../../../kit/strings/en.ts";
import { useText } from "../../../kit/text/text_context.ts";
import type { BulkReport } from "../../core/bulk.ts";
import { KEY_TARGETS } from "../keys.ts";
import { nameOf } from "../names.ts";
import { reasonText } from "../refused.tsx";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { bulkWords } from "./words.ts";

/** Conversations that are named with one reason. */
const MOST_NAMED = 5;

/** Which of several conversations were refused, and why: until they are selected again, or it is dismissed. */
export function BulkReports() {
  const { strings } = useText();
  const { desk, selection, here } = useShell();
  const reports = useValue(desk.bulk.reports);
  const { rows } = useValue(desk.lists.of(here.view, here.labelId).state);

  /** Ids of those that the list has. */
  function listed({ refused }: BulkReport): string[] {
    const ids = new Set(refused.map(({ row }) => row.id));
    return rows.map(({ id }) => id).filter((id) => ids.has(id));
  }

  function selectAgain(report: BulkReport) {
    const ids = listed(report);
    selection.end();
    for (const id of ids) selection.toggle(id);
    focusRow(`="${ids[0]}"`);
    desk.bulk.dismiss(report);
  }

  return (
    <div role="alert">
      {reports.map((report, index) => (
        <div key={index} class="strip bulk-report">
          <p>{bulkWords.refused(report.refused.length, report.rows.length, report.action)}</p>
          <ul>
            {reasonsOf(report, strings).map(([reason, names]) => (
              <li key={reason} dir="auto">
                {words.by(bulkWords.named(names.slice(0, MOST_NAMED), names.length - MOST_NAMED), reason)}
              </li>
            ))}
          </ul>
          {listed(report).length > 0 && (
            <button
              type="button"
              class="link"
              onClick={() => selectAgain(report)}
            >
              {bulkWords.selectThem}
            </button>
          )}
          <button
            type="button"
            class="link"
            onClick={() => {
              focusRow();
              desk.bulk.dismiss(report);
            }}
          >
            {words.dismiss}
          </button>
        </div>
      ))}
    </div>
  );
}

/** The first, or the one whose id is said as selectors have it. */
function focusRow(whose = ""): void {
  document.querySelector<HTMLElement>(`[${KEY_TARGETS.row}${whose}]`)?.focus();
}

/** What the conversations are called that were refused for each reason. */
function reasonsOf({ action, refused }: BulkReport, strings: Strings): [reason: string, names: string[]][] {
  const reasons = new Map<string, string[]>();
  for (const { row, problem } of refused) {
    const reason = reasonText(action, problem, strings);
    reasons.set(reason, [...reasons.get(reason) ?? [], nameOf(row)]);
  }
  return [...reasons];
}
