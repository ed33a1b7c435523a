import { describe, expect, it } from "vitest";
import { createKeyTouches } from "../../../../supabase/functions/_shared/database/publish_context.ts";

describe("writing down that a key was used", () => {
  it("happens at most once a minute for each key", () => {
    const touched: string[] = [];
    let now = 0;
    const touch = createKeyTouches((keyId) => {
      touched.push(keyId);
      return Promise.resolve();
    }, () => now);

    touch("a");
    touch("b");
    now = 59_999;
    expect(touch("a")).toBeNull();
    now = 60_000;
    touch("a");
    expect(touched).toEqual(["a", "b", "a"]);
  });
});
