import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { descriptions } from "../../../scripts/describe/descriptions.ts";
import { readDescription, validator } from "../../support/described.ts";
import asyncApi from "@asyncapi/specs/schemas/3.0.0-without-$id.json" with { type: "json" };
import { Ajv } from "ajv";

const ROOT = join(import.meta.dirname, "../../..");

describe("a description", () => {
  it.each(Object.entries(descriptions()))(
    "%s is the one of these schemas: npm run describe writes it anew",
    (file, text) => {
      expect(readFileSync(join(ROOT, file), "utf8") === text).toBe(true);
    },
  );
});

describe("docs/openapi.json", () => {
  const document = readDescription("openapi.json") as {
    paths: Record<
      string,
      Record<string, { operationId: string; parameters: { name: string; in: string }[] }>
    >;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation }))
  );

  it("gives each operation a name of its own, and each part of a path its parameter", () => {
    expect(operations.length).toBeGreaterThan(20);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters } of operations) {
      const named = parameters.filter((each) => each.in === "path").map(({ name }) => name);
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it("points only to what it holds, with schemas of JSON Schema 2020-12", () => {
    const ajv = validator();
    ajv.addSchema(document, "openapi.json");
    const pointers = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to),
    );
    expect(pointers.size).toBeGreaterThan(5);
    for (const pointer of pointers) expect(ajv.getSchema(`openapi.json${pointer}`)).toBeTypeOf("function");
  });
});

describe("docs/asyncapi.json", () => {
  it("is a document of AsyncAPI 3.0", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(asyncApi);
    validate(readDescription("asyncapi.json"));
    expect(validate.errors).toBeNull();
    expect(validate({ asyncapi: "3.0.0" })).toBe(false);
  });

  it("points only to what it holds", () => {
    const document = readDescription("asyncapi.json");
    const pointers = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, to]) => to),
    );
    expect(pointers.size).toBeGreaterThan(50);
    for (const pointer of pointers) {
      const target = pointer?.split("/").reduce<unknown>((at, part) => Object(at)[part], document);
      expect({ pointer, target }).toEqual({ pointer, target: expect.anything() });
    }
  });
});
