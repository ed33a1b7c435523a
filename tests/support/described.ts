/** Holds what tests send and get to the descriptions that users read. */
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";

type Json = Record<string, unknown>;

interface Described {
  parameters: { name: string; in: "path" | "query" | "header"; required: boolean; schema: Json }[];
  requestBody?: { content: Content };
  responses: Record<string, { content: Content }>;
}
type Content = { "application/json": { schema: Json } };

const openapi = readDescription("openapi.json") as {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Json>; responses: { Error: { content: Content } } };
};
const validators = new Map<unknown, ValidateFunction>();

export interface RestExchange {
  method: string;
  /** Below the function's address, with its query. */
  path: string;
  body: unknown;
  headers: Record<string, string>;
  status: number;
  answer: unknown;
}

/** An answer with an error is one of those described; of any other the request is, too, and the answer holds nothing else. */
export function expectDescribedByOpenApi(
  { method, path, body, headers, status, answer }: RestExchange,
): void {
  const { components } = openapi;
  if (status >= 400) return expectValid(answer, schemaOf(components.responses.Error.content));
  const { pathname, searchParams } = new URL(path, "http://api");
  const [template, operation] = operationOf(method, pathname);
  const given = { path: parts(template, pathname), query: Object.fromEntries(searchParams), header: headers };
  for (const place of ["path", "query", "header"] as const) {
    expectParameters(operation, place, given[place]);
  }
  if (operation.requestBody) expectValid(body, schemaOf(operation.requestBody.content));
  else expect(body).toBeUndefined();
  const described = operation.responses[status];
  if (!described) throw new Error(`${method} ${template} is described without the status ${status}`);
  expectValid(answer, schemaOf(described.content));
}

function operationOf(method: string, pathname: string): [template: string, operation: Described] {
  for (const [template, operations] of Object.entries(openapi.paths)) {
    const operation = operations[method.toLowerCase()];
    if (operation && parts(template, pathname)) return [template, operation];
  }
  throw new Error(`${method} ${pathname} is not described`);
}

/** What stands in a path where the template has names; `null` where it is another one's. */
function parts(template: string, pathname: string): Record<string, string> | null {
  const pattern = template.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  const groups = new RegExp(`^${pattern}$`).exec(pathname)?.groups;
  if (groups === undefined) return new RegExp(`^${pattern}$`).test(pathname) ? {} : null;
  return Object.fromEntries(Object.entries(groups).map(([name, part]) => [name, decodeURIComponent(part)]));
}

function expectParameters(
  { parameters }: Described,
  place: string,
  given: Record<string, string> | null,
): void {
  const names = parameters.filter((each) => each.in === place);
  const values = Object.fromEntries(
    Object.entries(given ?? {}).map(([name, text]) => [name.toLowerCase(), text]),
  );
  for (const { name, required, schema } of names) {
    const text = values[name.toLowerCase()];
    if (text === undefined) expect({ name, required }).toEqual({ name, required: false });
    else expectValid(schema.type === "integer" ? Number(text) : text, schema);
  }
  if (place !== "header") {
    expect(names.map(({ name }) => name.toLowerCase())).toEqual(expect.arrayContaining(Object.keys(values)));
  }
}

function expectValid(value: unknown, schema: Json): void {
  const validate = validators.get(schema) ?? compiled(schema);
  validators.set(schema, validate);
  validate(value);
  expect({ value, errors: validate.errors }).toEqual({ value, errors: null });
}

function compiled(schema: Json): ValidateFunction {
  return validator().compile(closed({ ...schema, components: openapi.components }));
}

/** For schemas with formats, in JSON Schema 2020-12. */
export function validator(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv;
}

/** The same, with no field that is not described: a client may get more from a later release, a test of this one may not. */
export function closed<Schema>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(closed) as Schema;
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isOpen = inner.type === "object" && "properties" in inner && !("additionalProperties" in inner);
  return (isOpen ? { ...inner, additionalProperties: false } : inner) as Schema;
}

export function readDescription(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"));
}

function schemaOf(content: Content): Json {
  return content["application/json"].schema;
}

const asyncapi = readDescription("asyncapi.json") as {
  channels: Record<string, { messages: Record<string, { name: string; payload: Json }> }>;
  components: { schemas: Record<string, Json> };
};
/** One for each message of a channel, made when the first comes. */
const payloads = new Map<string, Map<string, ValidateFunction>>();

/** A frame or an event is one that its channel is described with, and holds nothing else. */
export function expectDescribedByAsyncApi(channel: string, frame: { type: string }): void {
  const known = payloads.get(channel) ?? payloadsOf(channel);
  payloads.set(channel, known);
  const validate = known.get(frame.type) ?? known.get("owner's event");
  if (!validate) throw new Error(`${channel} is described without ${frame.type}`);
  validate(frame);
  expect({ frame, errors: validate.errors }).toEqual({ frame, errors: null });
}

function payloadsOf(channel: string): Map<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const messages = Object.values(asyncapi.channels[channel]?.messages ?? {});
  return new Map(messages.map(({ name, payload }) => [
    name,
    ajv.compile(closed({ ...payload, components: asyncapi.components })),
  ]));
}
