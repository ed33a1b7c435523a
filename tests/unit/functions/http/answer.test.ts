import { expect, it } from "vitest";
import { rateLimited } from "../../../../supabase/functions/_shared/http/answer.ts";

it.each([[0, "1"], [0.2, "1"], [1, "1"], [1.2, "2"], [59, "59"]])(
  "a wait of %f s is told as Retry-After: %s, whole seconds that are long enough",
  (seconds, expected) => {
    expect(rateLimited(seconds)).toMatchObject({
      code: "rate_limited",
      headers: { "retry-after": expected },
    });
  },
);
