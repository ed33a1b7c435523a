import { describe, expect, it } from "vitest";
import { isPublicAddress, subscriberPart } from "../../../../supabase/functions/_shared/net/addresses.ts";

const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:81b::200e",
  "2001:4860:4860::8888",
];

const NOT_PUBLIC = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.127.255.255",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.255.255",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.8",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:0:8.8.8.8",
  "0:0:0:0:0:ffff:7f00:1",
  "64:ff9b::8.8.8.8",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:10::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fec0::1",
  "ff02::1",
  "not an address",
  "",
  "1.2.3",
  "256.1.1.1",
  "1.2.3.4.5",
];

describe("public addresses", () => {
  it.each(PUBLIC)("include %s", (address) => expect(isPublicAddress(address)).toBe(true));
  it.each(NOT_PUBLIC)("do not include %s", (address) => expect(isPublicAddress(address)).toBe(false));
});

describe("what one subscriber has of an address", () => {
  it("is an IPv4 address, or the first half of an IPv6 one", () => {
    expect(subscriberPart("1.2.3.4")).not.toBe(subscriberPart("1.2.3.5"));
    expect(subscriberPart("1.2.3.4")).toBe(subscriberPart("::ffff:1.2.3.4"));
    expect(subscriberPart("2a00:1450:4001:81b::1")).toBe(subscriberPart("2a00:1450:4001:81b:ffff::2"));
    expect(subscriberPart("2a00:1450:4001:81b::1")).not.toBe(subscriberPart("2a00:1450:4001:81c::1"));
    expect(subscriberPart("::ffff:1.2.3.4")).not.toBe(subscriberPart("::ffff:1.2.3.5"));
    expect(subscriberPart("unknown")).toBeNull();
  });
});
