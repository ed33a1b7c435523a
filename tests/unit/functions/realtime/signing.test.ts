import { describe, expect, it } from "vitest";
import {
  acceptedSecrets,
  formerSecrets,
  handedOutSecret,
  type Signing,
} from "../../../../supabase/functions/_shared/realtime/signing.ts";

const ROTATED_AT = Date.parse("2026-01-01T00:00:00Z");
const rotated: Signing = {
  current: "new",
  previous: "old",
  handOutCurrentAt: "2026-01-01T00:01:00Z",
  previousUntil: "2026-01-02T00:00:00Z",
  former: [],
  version: "2",
};
/** The old secret was ended at once, while an older one was in its time of grace. */
const ended: Signing = {
  current: "new",
  previous: null,
  handOutCurrentAt: "2026-01-01T00:00:30Z",
  previousUntil: null,
  former: [{ secret: "old", until: "2026-01-01T00:15:00Z" }, {
    secret: "older",
    until: "2026-01-01T00:10:00Z",
  }],
  version: "2",
};
const settled: Signing = {
  current: "only",
  previous: null,
  handOutCurrentAt: "2026-01-01T00:00:00Z",
  previousUntil: null,
  former: [],
  version: "1",
};

describe("signing secrets in a rotation", () => {
  it("hand out the previous one until every isolate knows the current one", () => {
    expect(handedOutSecret(rotated, ROTATED_AT)).toBe("old");
    expect(handedOutSecret(rotated, ROTATED_AT + 59_999)).toBe("old");
    expect(handedOutSecret(rotated, ROTATED_AT + 60_000)).toBe("new");
  });

  it("publish to both from the first moment to the end of the grace time", () => {
    expect(acceptedSecrets(rotated, ROTATED_AT)).toEqual(["new", "old"]);
    expect(acceptedSecrets(rotated, ROTATED_AT + 86_399_999)).toEqual(["new", "old"]);
    expect(acceptedSecrets(rotated, ROTATED_AT + 86_400_000)).toEqual(["new"]);
  });

  it("are one secret when nothing was ever rotated", () => {
    expect(handedOutSecret(settled, ROTATED_AT)).toBe("only");
    expect(acceptedSecrets(settled, ROTATED_AT)).toEqual(["only"]);
    expect(formerSecrets(settled, ROTATED_AT)).toEqual([]);
  });

  it("hand out only what is published to, at every moment", () => {
    for (let second = 0; second < 90_000; second += 30) {
      const now = ROTATED_AT + second * 1000;
      expect(acceptedSecrets(rotated, now)).toContain(handedOutSecret(rotated, now));
    }
  });
});

describe("signing secrets that were ended at once", () => {
  it("leave browsers without a name until every isolate knows the current one", () => {
    expect(handedOutSecret(ended, ROTATED_AT)).toBeNull();
    expect(handedOutSecret(ended, ROTATED_AT + 29_999)).toBeNull();
    expect(handedOutSecret(ended, ROTATED_AT + 30_000)).toBe("new");
  });

  it("sign nothing any more", () => {
    expect(acceptedSecrets(ended, ROTATED_AT)).toEqual(["new"]);
  });

  it("name the channels of pages that have not noticed, each until its own time is over", () => {
    expect(formerSecrets(ended, ROTATED_AT)).toEqual(["old", "older"]);
    expect(formerSecrets(ended, ROTATED_AT + 10 * 60_000 - 1)).toEqual(["old", "older"]);
    expect(formerSecrets(ended, ROTATED_AT + 10 * 60_000)).toEqual(["old"]);
    expect(formerSecrets(ended, ROTATED_AT + 15 * 60_000 - 1)).toEqual(["old"]);
    expect(formerSecrets(ended, ROTATED_AT + 15 * 60_000)).toEqual([]);
  });
});
