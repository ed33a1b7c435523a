import { RealtimeError } from "../errors.ts";
import type { Authorizer } from "./policies.ts";

/** Calls `wake` after a check that found no partition: whoever comes next may find one. */
export function wakingAuthorizer(authorizer: Authorizer, wake: () => void): Authorizer {
  const waking = async <T>(check: Promise<T>): Promise<T> => {
    try {
      return await check;
    } catch (error) {
      if (error instanceof RealtimeError && error.code === "MissingPartition") wake();
      throw error;
    }
  };
  return {
    read: (context, asked) => waking(authorizer.read(context, asked)),
    write: (context, extension) => waking(authorizer.write(context, extension)),
  };
}
