import type { ConfiguredAction } from "../../../shared/management.ts";
import { table } from "../../output/text.ts";

export function actionsTable(actions: ConfiguredAction[]): string {
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
export function connectorWarnings(actions: ConfiguredAction[]): string[] {
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
