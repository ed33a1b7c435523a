import { type Environment, readEnvironment } from "./read_environment.ts";

let cached: Environment | undefined;

/** The environment, read once per isolate. Throws, naming the variable, if one is missing or broken. */
export function environment(): Environment {
  cached ??= readEnvironment((name) => Deno.env.get(name));
  return cached;
}
