import { array } from "zod";
import { configuredActionSchema } from "../../../shared/management.ts";
import { FORM_FIELD_TYPES, type FormField, TAB_ACTIONS, type TabAction } from "../../../shared/tabs.ts";
import type { Command, Input } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { isLoopback } from "../../connection/http.ts";
import { START } from "../../installation/calls.ts";
import { id, label, oneOf, webhookUrl } from "../input.ts";
import { actionsTable, connectorWarnings } from "./actions.ts";

export const tabSetAction: Command = {
  name: "tab set-action",
  summary: "Sets the webhook that answers actions of a tab; what is not given stays unchanged",
  details: `Actions
  get_items     the list
  item_clicked  a thread, or a record's detail
  create_item   sends a message; without it a messaging tab has no composer
  update_item   marks a thread as read, or changes a record; without it threads stay unread
  delete_item   removes a record`,
  parameters: ["<tab-id>", "<action>…"],
  options: {
    webhook: { type: "string", value: "URL", help: "of your backend" },
    connector: {
      type: "string",
      value: "ID",
      help: "credential to call it with, see connector add; none removes it",
    },
    field: {
      type: "string",
      multiple: true,
      value: "KEY:TYPE:LABEL",
      help: `a field of update_item's form, repeatable; TYPE is ${FORM_FIELD_TYPES.join(", ")}`,
    },
    enable: { type: "boolean", help: "let visitors use the actions (new ones are enabled)" },
    disable: { type: "boolean", help: "don't let them; the widget hides the controls" },
  },
  examples: [
    "tab set-action b0000000-0000-4000-8000-000000000001 get_items item_clicked create_item update_item --webhook https://shop.example/heddle",
    `tab set-action b0000000-0000-4000-8000-000000000002 update_item --field "note:textarea:Delivery note"`,
  ],
  needs: "api",
  async run({ input, project, target }) {
    const [tabId, ...names] = input.positionals;
    const tab = id(tabId, "<tab-id>");
    const actions = names.map((name) => oneOf(name, TAB_ACTIONS, "An action"));
    const result = await project.call(array(configuredActionSchema), "set_tab_actions", {
      p_tab_id: tab,
      p_actions: actions,
      p_changes: changesOf(input, actions),
    });
    if (!result) throw notFound("tab", tab);
    const warnings = [...connectorWarnings(result), ...plainWarning(input.text("webhook"), target.local)];
    return {
      json: { tabId: tab, actions: result, warnings },
      text: [actionsTable(result), ...warnings].join("\n\n"),
    };
  },
};

function changesOf(input: Input, actions: TabAction[]): Record<string, unknown> {
  const [enable, disable] = [input.flag("enable"), input.flag("disable")];
  if (enable && disable) throw usageError("--enable and --disable can't be combined.");
  const [webhook, connector, fields] = [input.text("webhook"), input.text("connector"), input.texts("field")];
  if (fields.length > 0 && actions.some((action) => action !== "update_item")) {
    throw usageError("--field belongs to update_item alone.");
  }
  const changes = {
    ...(enable || disable ? { enabled: enable } : {}),
    ...(webhook === undefined ? {} : { url: webhookUrl(webhook) }),
    ...(connector === undefined
      ? {}
      : { connectorId: connector === "none" ? null : id(connector, "--connector") }),
    ...(fields.length > 0 ? { fields: fields.map(formField) } : {}),
  };
  if (Object.keys(changes).length === 0) {
    throw usageError("Nothing to set: give --webhook, --connector, --field, --enable or --disable.");
  }
  return changes;
}

function plainWarning(webhook: string | undefined, local: boolean): string[] {
  const url = webhook === undefined ? null : new URL(webhook);
  if (url?.protocol !== "http:" || (local && isLoopback(url))) return [];
  return [
    `Warning: this webhook is not an https URL: a hosted project does not call it (the local stack calls 127.0.0.1, and what HEDDLE_ALLOW_PRIVATE_WEBHOOKS=host:port ${START} names).`,
  ];
}

function formField(text: string): FormField {
  const [, key, type, shown] = /^([^:]+):([^:]+):(.+)$/.exec(text) ?? [];
  if (!key || !shown) throw usageError(`"${text}" is not a field such as note:textarea:Delivery note.`);
  return {
    key: label(key, "A field's key"),
    label: label(shown, "A field's label"),
    type: oneOf(type, FORM_FIELD_TYPES, "A field's type"),
  };
}
