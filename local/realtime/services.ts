import type { Authorizer } from "./auth/policies.ts";
import type { VerifyToken } from "./auth/token.ts";
import type { Presences } from "./channels/presences.ts";
import type { ChannelRegistry } from "./channels/registry.ts";
import type { Clock } from "./clock.ts";
import type { Replay } from "./database/replay.ts";
import type { Replication } from "./database/replication.ts";
import type { Faults } from "./faults/faults.ts";
import type { Limits } from "./limits/limits.ts";
import type { Settings } from "./settings.ts";

/** What sockets, channels and REST endpoints of one server share. */
export interface Services {
  registry: ChannelRegistry;
  presences: Presences;
  authorizer: Authorizer;
  verifyToken: VerifyToken;
  settings: Settings;
  clock: Clock;
  faults: Faults;
  replication: Replication;
  replay: Replay;
  limits: Limits;
  log(line: string): void;
}
