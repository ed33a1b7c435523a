import type { Environment } from "../../client/platform/environment.ts";
import { storageKeys } from "./session/storage_keys.ts";

/** Which tabs' owners echo `clientId`, so that sending twice stores once (docs/realtime.md, rule 7). */
export interface EchoSupport {
  expectedOf(tabId: string): boolean;
  seen(tabId: string): void;
  /** The owner accepted an entry and did not echo: until the next echo, the tab's owner is not known to. */
  missed(tabId: string): void;
}

/** It is the owner's habit and not the visitor's, so it outlives page and visit: an outage may meet a page that saw no echo yet. */
export function createEchoSupport(storage: Environment["storage"], agentId: string): EchoSupport {
  const { echoKey } = storageKeys(agentId);
  const expectedOf = (tabId: string) => storage.read("local", echoKey + tabId) !== null;
  return {
    expectedOf,
    seen(tabId) {
      if (!expectedOf(tabId)) storage.write("local", echoKey + tabId, "1");
    },
    missed: (tabId) => void storage.write("local", echoKey + tabId, null),
  };
}
