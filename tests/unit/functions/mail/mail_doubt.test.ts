import { describe, expect, it } from "vitest";
import { doubtOf, isVouchedFor } from "../../../../supabase/functions/_shared/mail/mail_doubt.ts";

const verdicts = (...values: string[]) => ({
  from: ["ada@home.example"],
  headers: values.map((value) => ({ name: "authentication-results", value })),
});

describe("it is doubted who wrote", () => {
  it.each([
    ["mx.example; dmarc=fail header.from=home.example", false],
    ["mx.example; dkim=none; spf=fail", false],
    ["mx.example; dkim=none; spf=softfail smtp.mailfrom=ada@home.example", false],
    ["mx.example; dkim=none; spf=none; dmarc=none header.from=home.example", false],
    ["mx.example; dkim=fail header.d=home.example; spf=temperror", false],
    ["mx.example; dkim=fail; spf=pass", false],
    ["mx.example; dkim=none; spf=pass smtp.mailfrom=ada@home.example; dmarc=none", true],
    ["mx.example; dkim=none; spf=pass smtp.mailfrom=eve@evil.example; dmarc=none", false],
    ["mx.example; dkim=pass; spf=fail", false],
    ["mx.example; dkim=pass header.d=home.example; spf=fail", true],
    ["mx.example; dkim=pass header.d=mail.home.example", true],
    ["mx.example; dkim=pass header.i=@home.example header.s=a", true],
    ["mx.example; dkim=pass header.d=evil.example; spf=fail smtp.mailfrom=evil.example", false],
    ["mx.example; dkim=pass header.d=evilhome.example", false],
    ["mx.example; dkim=pass header.d=example", false],
    ["mx.example; dkim=fail header.d=evil.example; dkim=pass header.d=home.example", true],
    ["mx.example; dmarc=pass; dkim=fail; spf=fail", true],
    ["mx.example; dmarc=pass header.from=home.example; spf=fail", true],
    ["mx.example; dmarc=pass header.from=evil.example", false],
    ["mx.example 1; DMARC/1 = Pass (p=NONE) header.from = Home.example", true],
    ["spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=home.example; dmarc=bestguesspass", true],
    ["mx.example; none", true],
    ["", true],
  ])("by the receiving server's verdict: %s", (verdict, isGood) => {
    expect(doubtOf(verdicts(verdict)) === null).toBe(isGood);
  });

  it.each([
    'mx.example; spf=fail (domain of dmarc=pass@evil.example) smtp.mailfrom="dmarc=pass@evil.example"; dmarc=fail',
    "mx.example; dkim=pass header.d=evil.example header.s=dmarc=pass; dmarc=fail header.from=home.example",
    "mx.example (dmarc=pass); dmarc=fail header.from=home.example",
    "mx.example; spf=fail (x; dmarc=pass; y) smtp.mailfrom=evil.example",
    "mx.example; spf=fail (x \\) ; dmarc=pass; (y)) smtp.mailfrom=evil.example",
    'mx.example; spf=fail smtp.mailfrom="a; dmarc=pass; b"@evil.example',
    'mx.example; spf=fail smtp.mailfrom="a\\"; dmarc=pass; b"@evil.example',
    'mx.example; spf=fail smtp.mailfrom=x; "dmarc=pass"',
    "mx.example; spf=fail (a) b) smtp.mailfrom=x; dmarc=pass",
    "mx.example; dmarc=fail; dmarc=pass",
  ])("whatever its sender has put into the verdict: %s", (verdict) => {
    expect(doubtOf(verdicts(verdict))).not.toBe(null);
  });

  it("by the topmost verdict alone: those below may be the sender's own", () => {
    const pass = "mx.example; dmarc=pass header.from=home.example";
    expect(doubtOf(verdicts("mx.example; dmarc=fail", pass))).not.toBe(null);
    expect(doubtOf(verdicts("mx.example; dkim=none; spf=softfail", pass))).not.toBe(null);
    expect(doubtOf(verdicts("mx.example; x-tls=pass", pass))).toBe(null);
  });

  it("by each that says it is forged", () => {
    expect(doubtOf(verdicts("mx.example; dkim=pass header.d=home.example", "mx.example; dmarc=fail")))
      .toMatch(/DMARC/);
  });

  it("where a verdict can't be read", () => {
    expect(doubtOf(verdicts("mx.example; dmarc=pass (never ends"))).toMatch(/can't be read/);
  });

  it("not for a domain that the verdict writes as the DNS has it", () => {
    const { headers } = verdicts("mx.example; dmarc=pass header.from=xn--mnchen-3ya.example");
    expect(doubtOf({ from: ["ada@münchen.example"], headers })).toBe(null);
  });

  it("where it names several senders, or none", () => {
    expect(doubtOf({ from: ["ada@home.example", "eve@evil.example"], headers: [] })).not.toBe(null);
    expect(doubtOf({ from: [], headers: [] })).not.toBe(null);
  });
});

describe("the sender's domain vouches for a mail", () => {
  it.each([
    ["mx.example; dmarc=pass header.from=home.example", true],
    ["mx.example; dmarc=pass", true],
    ["mx.example; dmarc=pass header.from=evil.example", false],
    ["mx.example; dkim=pass header.d=home.example; spf=pass smtp.mailfrom=home.example", false],
    ["mx.example; dmarc=none header.from=home.example", false],
    ["mx.example; dmarc=pass (never ends", false],
    ["mx.example; none", false],
  ])("where its receiving server has found so by DMARC: %s", (verdict, isGood) => {
    expect(isVouchedFor(verdicts(verdict))).toBe(isGood);
  });

  it("by the topmost verdict alone", () => {
    const pass = "mx.example; dmarc=pass header.from=home.example";
    expect(isVouchedFor(verdicts("mx.example; dmarc=none", pass))).toBe(false);
    expect(isVouchedFor(verdicts("mx.example; (never ends", pass))).toBe(false);
    expect(isVouchedFor(verdicts())).toBe(false);
  });
});
