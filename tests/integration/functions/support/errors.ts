import { expect } from "vitest";
import { ERROR_STATUS, type ErrorCode } from "../../../../shared/errors.ts";
import type { Answer } from "./visitor.ts";

/** Holds an answer to what every error has: its status, its JSON, an id, and no place in a cache. */
export function expectError(answer: Answer, code: ErrorCode): void {
  expect(answer.body).toMatchObject({ error: { code, message: expect.stringMatching(/\S.*\.$/) } });
  expect(answer.status).toBe(ERROR_STATUS[code]);
  expect(answer.headers.get("x-request-id")).toBeTruthy();
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
}
