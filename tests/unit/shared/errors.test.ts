import { describe, expect, it } from "vitest";
import { ERROR_STATUS, HeddleError } from "../../../shared/errors.ts";

describe("the error codes", () => {
  it("have the statuses that callers rely on", () => {
    expect(ERROR_STATUS).toEqual({
      invalid_json: 400,
      invalid_request: 400,
      missing_api_key: 401,
      invalid_api_key: 401,
      missing_session: 401,
      invalid_session: 401,
      expired_session: 401,
      invalid_user_token: 401,
      origin_not_allowed: 403,
      action_not_enabled: 403,
      anonymous_not_allowed: 403,
      forbidden: 403,
      agent_not_found: 404,
      tab_not_found: 404,
      item_not_found: 404,
      method_not_allowed: 405,
      conflict: 409,
      cursor_expired: 410,
      payload_too_large: 413,
      unsupported_media_type: 415,
      source_rejected: 422,
      rate_limited: 429,
      too_many_connections: 429,
      internal: 500,
      source_failed: 502,
      source_invalid: 502,
      realtime_unavailable: 503,
      unavailable: 503,
      source_timeout: 504,
    });
  });
});

describe("an error's body", () => {
  it("is its code and its message", () => {
    const error = new HeddleError("conflict", "Somebody was faster.", { cause: new Error("secret") });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      error: { code: "conflict", message: "Somebody was faster." },
    });
  });

  it("names each field that broke the schema", () => {
    const issues = [{ path: "endUserIds.3", message: "must not be empty" }];
    expect(new HeddleError("invalid_request", "Not so.", { issues }).toJSON().error.issues).toEqual(issues);
  });
});
