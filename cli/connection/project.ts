import type { ZodType } from "zod";
import { type Agent, agentSchema } from "../../shared/management.ts";
import { CliError, notFound, usageError } from "../errors.ts";
import { HEDDLE } from "../installation/calls.ts";
import { connectDatabase } from "./database.ts";
import { callByRest } from "./rest.ts";
import type { Target } from "./target.ts";

/** Calls functions of schema `heddle_api`, by whichever connection there is. */
export interface Project {
  /** What the function returns; `null` when it found nothing. Throws a `CliError` when the call failed. */
  call<T>(answer: ZodType<T>, name: string, args?: Record<string, unknown>): Promise<T | null>;
  close(): Promise<void>;
}

type Call = (name: string, args: Record<string, unknown>) => Promise<unknown>;

/**
 * Uses the Data API if the target has a secret key and does not put its database first, else SQL. Nothing is opened
 * before the first call.
 */
export function openProject(target: Target): Project {
  const { url, secretKey, databaseUrl, databaseFirst, local } = target;
  if (url && secretKey && !databaseFirst) {
    return project((name, args) => callByRest({ url, key: secretKey, local }, name, args));
  }
  if (!databaseUrl) {
    const error = usageError("A project needs both --url and --secret-key, or --database-url.");
    return project(() => Promise.reject(error));
  }
  const database = connectDatabase(databaseUrl);
  return project(database.call, database.close);
}

function project(call: Call, close = () => Promise.resolve()): Project {
  return {
    async call(answer, name, args = {}) {
      const parsed = answer.nullable().safeParse(await call(name, args));
      if (parsed.success) return parsed.data;
      throw new CliError(
        "unexpected_answer",
        `heddle_api.${name} does not answer as this version does: apply its migrations (${HEDDLE} install), or update Heddle.`,
      );
    },
    close,
  };
}

/** An agent's settings. Throws a `CliError` if the project has no such agent. */
export async function requireAgent(project: Project, id: string): Promise<Agent> {
  const agent = await project.call(agentSchema, "get_agent", { p_agent_id: id });
  if (agent) return agent;
  throw notFound("agent", id);
}
