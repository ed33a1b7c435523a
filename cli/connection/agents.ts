import { noSuch } from "../errors.ts";
import type { Project } from "./project.ts";

/** An agent's settings, as the project tells them. Throws a `Failure` if it has no such agent. */
export async function requireAgent<T>(project: Project, id: string): Promise<T> {
  const agent = await project.call<T>("get_agent", { p_agent_id: id });
  if (agent) return agent;
  throw noSuch("agent", id);
}
