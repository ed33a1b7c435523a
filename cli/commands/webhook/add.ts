import { createdWebhookSchema } from "../../../shared/management.ts";
import { readWebhookTopic, type TopicFilter } from "../../../shared/topics.ts";
import type { Command } from "../../command.ts";
import { isLoopback } from "../../connection/http.ts";
import { wakeWorker } from "../../connection/worker.ts";
import { notFound, usageError } from "../../errors.ts";
import { facts } from "../../output/text.ts";
import { id, required, webhookUrl } from "../input.ts";

export const webhookAdd: Command = {
  name: "webhook add",
  summary: "Has the events of an agent's organisation sent to a URL of yours as they happen",
  parameters: ["<agent-id>"],
  options: {
    "webhook": { type: "string", value: "URL", help: "of your server, which answers 2xx within ten seconds" },
    "topic": {
      type: "string",
      multiple: true,
      value: "TOPIC",
      help: "only these: source.resource.event.id, each of them or *; may be given several times",
    },
    "cloudevents": { type: "boolean", help: "send CloudEvents 1.0 instead of Heddle's own envelope" },
  },
  examples: [
    `webhook add a0000000-0000-4000-8000-000000000001 --webhook https://shop.example/heddle --topic 'conversations.*.*.*'`,
  ],
  needs: "api",
  async run({ input, project, target }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const url = webhookUrl(required(input.text("webhook"), "--webhook"));
    const topics = input.texts("topic").map(topicOf);
    // So that the database knows which hosts the worker may call, and refuses any other at once.
    await wakeWorker(target);
    const made = await project.call(createdWebhookSchema, "create_webhook", {
      p_agent_id: agent,
      p_url: url,
      p_topics: topics.length > 0 ? topics : null,
      p_format: input.flag("cloudevents") ? "cloudevents" : "heddle",
    });
    if (!made) throw notFound("agent", agent);
    const isCalled = url.startsWith("https:") || (target.local && isLoopback(new URL(url)));
    const warning = isCalled ? "" : "\nWarning: a hosted project calls https only.";
    return {
      json: { ...made, agentId: agent, url, topics: topics.length > 0 ? topics : null },
      text: `${
        facts({ "webhook id": made.id, "webhook secret": made.secret, "organisation": made.orgId })
      }\n\nPut the secret into your server's settings now: it is not shown again. What is sent is signed with it.${warning}`,
    };
  },
};

function topicOf(text: string): TopicFilter {
  const topic = readWebhookTopic(text);
  if (typeof topic === "string") throw usageError(`--topic ${topic}.`);
  return topic;
}
