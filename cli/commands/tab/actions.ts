import { table } from "../../output/table.ts";

/** What may be done in a tab, as `heddle_api` tells it. */
export interface Action {
  action: string;
  enabled: boolean;
  host: string | null;
  connectorId: string | null;
  connectorHost: string | null;
  fields: { key: string; label: string; type: string }[];
}

export function actionsTable(actions: Action[]): string {
  const rows = actions.map(({ action, enabled, host, connectorId, fields }) => [
    action,
    stateOf(enabled, host),
    host ?? "no webhook",
    connectorId ?? "none",
    fields.map(({ key }) => key).join(" "),
  ]);
  return table(
    ["action", "state", "webhook", "connector", "fields"],
    rows,
    "No actions yet: see tab set-action.",
  );
}

/** One sentence for each connector that is bound to another host: its webhook is never called. */
export function connectorWarnings(actions: Action[]): string[] {
  return actions
    .filter(({ host, connectorHost }) => host !== null && connectorHost !== null && connectorHost !== host)
    .map(({ action, host, connectorHost }) =>
      `Warning: ${action} goes to ${host}, but its connector is bound to ${connectorHost}: that webhook is not called.`
    );
}

function stateOf(enabled: boolean, host: string | null): string {
  if (!enabled) return "disabled";
  return host === null ? "hidden" : "enabled";
}
