import { describe, expect, it } from "vitest";
import { isUnchanged, weakEtag } from "../../../../supabase/functions/_shared/http/etag.ts";

const tag = weakEtag(["a", "b"]);
const knows = (header: string) => new Request("http://x/", { headers: { "if-none-match": header } });

describe("a weak ETag", () => {
  it("is the same for the same parts, and another for others", () => {
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    expect(weakEtag(["a", "b"])).toBe(tag);
    expect(weakEtag(["ab", ""])).not.toBe(tag);
    expect(weakEtag(["b", "a"])).not.toBe(tag);
  });

  it.each([tag, tag.slice(2), `"other", ${tag}`, `${tag},"other"`, "*"])("matches %s", (header) => {
    expect(isUnchanged(knows(header), tag)).toBe(true);
  });

  it("matches nothing else", () => {
    expect(isUnchanged(knows('"other"'), tag)).toBe(false);
    expect(isUnchanged(new Request("http://x/"), tag)).toBe(false);
  });
});
