import * as z from "zod";
import { idempotencyKey } from "../../shared/api/events.ts";
import { ERROR_STATUS, type ErrorCode } from "../../shared/errors.ts";
import { type Operation, OPERATIONS } from "../../shared/rest/operations.ts";
import { type JsonSchema, SchemaBook } from "./json_schema.ts";

const errorSchema = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional().describe(
      "Each field that broke the schema.",
    ),
  }),
}).meta({ id: "Error" });

const DESCRIPTION =
  "Conversations, messages, rooms, visitors and notifications of your agents, for your servers. What is changed here " +
  "is live in widgets, inboxes and subscriptions as any other change is. Times are ISO 8601, in UTC. Made by `npm run describe`.";

/** The REST API as OpenAPI 3.1 has it. */
export function openApi(): JsonSchema {
  const book = new SchemaBook("draft-2020-12");
  const paths: Record<string, JsonSchema> = {};
  for (const [name, operation] of Object.entries<Operation>(OPERATIONS)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: described(name, operation, book),
    };
  }
  const refusal = { description: "Not done.", content: jsonOf(book.answer(errorSchema)) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Heddle REST API",
      version: "1",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [
      { url: "http://127.0.0.1:54321/functions/v1/api", description: "Started with npm start." },
      {
        url: "https://{project}.supabase.co/functions/v1/api",
        description: "Your Supabase project.",
        variables: { project: { default: "project" } },
      },
    ],
    security: [{ key: [] }],
    tags: [...new Set(Object.values(OPERATIONS).map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: book.schemas,
      responses: { Error: refusal },
      securitySchemes: { key: { type: "apiKey", in: "header", name: "x-api-key" } },
    },
  };
}

function described(operationId: string, operation: Operation, book: SchemaBook): JsonSchema {
  const { method, scope, summary, status, body, answer } = operation;
  return {
    operationId,
    tags: [tagOf(operation)],
    summary,
    description: `The key needs the scope \`${scope}\`.`,
    parameters: [
      ...parametersOf(book.request(operation.params), "path"),
      ...parametersOf(book.query(operation.query), "query"),
      ...(method === "POST" ? [idempotency(book)] : []),
    ],
    ...(body === null ? {} : { requestBody: { required: true, content: jsonOf(book.request(body)) } }),
    responses: {
      [status]: { description: status === 201 ? "Made." : "Done.", content: jsonOf(book.answer(answer)) },
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

function parametersOf(schema: JsonSchema, place: "path" | "query"): JsonSchema[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...of }]) => ({
    name,
    in: place,
    // What has a default may be left out.
    required: place === "path" || required.includes(name) && !("default" in of),
    ...(description === undefined ? {} : { description }),
    schema: of,
  }));
}

function idempotency(book: SchemaBook): JsonSchema {
  return {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description:
      "The same again within 24 hours does nothing more, and is answered with what the first one made.",
    schema: book.request(idempotencyKey),
  };
}

function jsonOf(schema: JsonSchema): JsonSchema {
  return { "application/json": { schema } };
}

function tagOf({ path }: Operation): string {
  return path.split("/")[1] ?? "";
}
