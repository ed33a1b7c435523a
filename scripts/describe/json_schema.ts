import * as z from "zod";

export type JsonSchema = Record<string, unknown>;

/** JSON schemas of a document, with what has an id once among `schemas`. */
export class SchemaBook {
  /** By id. */
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #target: "draft-2020-12" | "draft-7";

  constructor(target: "draft-2020-12" | "draft-7") {
    this.#target = target;
  }

  /** What may be sent: a text that becomes a number is still one. */
  request(schema: z.ZodType): JsonSchema {
    return this.#schemaOf(schema, "input");
  }

  /** What is read of a query, whose texts stand for numbers. */
  query(schema: z.ZodType): JsonSchema {
    return this.#schemaOf(schema, "output");
  }

  /** What is answered. A later release may add fields, so that no object is closed. */
  answer(schema: z.ZodType): JsonSchema {
    return this.#schemaOf(schema, "output", ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    });
  }

  #schemaOf(
    schema: z.ZodType,
    io: "input" | "output",
    override: (context: { jsonSchema: JsonSchema }) => void = () => {},
  ): JsonSchema {
    const { $schema: _, $defs, definitions, ...json } = z.toJSONSchema(schema, {
      io,
      target: this.#target,
      unrepresentable: "any",
      override(context) {
        shorten(context.jsonSchema);
        override(context);
      },
    }) as JsonSchema;
    for (
      const [id, definition] of Object.entries(($defs ?? definitions ?? {}) as Record<string, JsonSchema>)
    ) {
      const { id: _id, ...rest } = definition;
      this.schemas[id] = pointed(rest);
    }
    return pointed(json);
  }
}

/** A format says what a pattern of three lines would; the bounds of what JavaScript counts are nobody's contract. */
function shorten(json: JsonSchema): void {
  if (json.format === "date-time") delete json.pattern;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
}

function pointed(json: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(json).replace(/"#\/(?:\$defs|definitions)\//g, '"#/components/schemas/'));
}
