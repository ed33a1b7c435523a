import { CONNECTOR_KINDS, createdSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { facts } from "../../output/text.ts";
import { credential, credentialHeader, host, id, label, oneOf, required } from "../input.ts";

export const connectorAdd: Command = {
  name: "connector add",
  summary: "Stores a credential for the webhooks of one host; it is sent to no other host",
  parameters: ["<agent-id>"],
  options: {
    name: { type: "string", value: "NAME", help: "your name for it" },
    host: { type: "string", value: "HOST", help: "host, or host:port where the webhooks' URL has a port" },
    value: {
      type: "string",
      value: "VALUE",
      help: "the token, or user:password; - reads it from standard input",
    },
    kind: {
      type: "string",
      value: "KIND",
      help: "bearer (a token, the default), basic (user:password) or header",
    },
    header: { type: "string", value: "NAME", help: "the header to send the value in: makes the kind header" },
  },
  examples: [
    "connector add a0000000-0000-4000-8000-000000000001 --name shop --host shop.example --value - < token.txt",
  ],
  needs: "api",
  async run({ input, project, terminal }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const name = label(required(input.text("name"), "--name"), "--name");
    const bound = host(input.text("host"));
    const named = input.text("header");
    const header = named === undefined ? undefined : credentialHeader(named);
    const kind = oneOf(input.text("kind") ?? (header ? "header" : "bearer"), CONNECTOR_KINDS, "--kind");
    if ((kind === "header") !== (header !== undefined)) {
      throw usageError("--kind header and --header NAME belong together.");
    }
    const value = await credential(required(input.text("value"), "--value"), terminal);
    const made = await project.call(createdSchema, "create_connector", {
      p_agent_id: agent,
      p_name: name,
      p_host: bound,
      p_value: value,
      p_kind: kind,
      p_header: header ?? null,
    });
    if (!made) throw notFound("agent", agent);
    const next = `${HEDDLE} tab set-action <tab-id> get_items … --connector ${made.id}`;
    return {
      json: { ...made, agentId: agent, name, host: bound, kind },
      text: `Stored the credential for ${bound}.\n\n${facts({ "connector id": made.id })}\n\nNext: ${next}`,
    };
  },
};
