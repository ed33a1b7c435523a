import { domainToASCII, domainToUnicode } from "node:url";

/**
 * An address and how else programs write the same one: its domain as it reads, or in ASCII (RFC 5890, 2.3.2.1). Of a domain that
 * is none there is one form.
 */
export function formsOf(address: string): string[] {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  const forms = [domain, domainToASCII(domain), domainToUnicode(domain)].filter((form) => form !== "");
  return at < 0 ? [address] : [...new Set(forms)].map((form) => `${address.slice(0, at)}@${form}`);
}
