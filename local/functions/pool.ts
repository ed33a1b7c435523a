import { join } from "node:path";
import { forward, UNSENDABLE_METHODS } from "./forward.ts";
import { startWorker, type WorkerProcess } from "./worker_process.ts";

interface PoolOptions {
  /** `supabase/functions`. */
  directory: string;
  env: Record<string, string>;
  log(line: string): void;
}

/** Deno takes no TypeScript below node_modules, where the package heddle-local has JavaScript. */
const ENTRY = import.meta.url.endsWith(".ts") ? "index.ts" : "index.js";
const ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** The deployed functions, each in a process of its own: booted once, again after a crash or a change. */
export class FunctionPool {
  readonly #options: PoolOptions;
  readonly #workers = new Map<string, Promise<WorkerProcess>>();
  #slugs: ReadonlySet<string>;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#slugs = functionNames(options.directory);
  }

  /** Boots every function; what does not boot answers BOOT_ERROR later. Throws where none boots: then it is no function's fault. */
  async warm(): Promise<void> {
    await Promise.any([...this.#slugs].map((slug) => this.#worker(slug))).catch(({ errors: [first] }) => {
      throw new Error(`No function starts: ${messageOf(first)}`);
    });
    await Promise.allSettled(this.#workers.values());
  }

  /** Retires all workers after a change: each next request boots the new code. */
  async reload(): Promise<void> {
    const former = [...this.#workers.values()];
    this.#workers.clear();
    this.#slugs = functionNames(this.#options.directory);
    await Promise.allSettled(former.map(async (worker) => (await worker).stop()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.reload();
  }

  /** Answers as the edge runtime does: the function sees `/<slug>/…` and who called. */
  async handle(request: Request, path: string, clientAddress: string): Promise<Response> {
    const slug = path.split("/")[1] ?? "";
    if (!this.#slugs.has(slug)) {
      return failure(404, "NOT_FOUND", "Requested function was not found");
    }
    if (UNSENDABLE_METHODS.has(request.method)) {
      return failure(405, "METHOD_NOT_ALLOWED", "No function can be asked with this method", {
        allow: ALLOWED,
      });
    }
    let worker: WorkerProcess;
    try {
      worker = await this.#worker(slug);
    } catch (error) {
      return failure(503, "BOOT_ERROR", `Function failed to start: ${messageOf(error)}`);
    }
    try {
      return await forward(request, worker.origin + path, clientAddress);
    } catch (error) {
      this.#options.log(`${slug}: ${messageOf(error)}`);
      return failure(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
    }
  }

  #worker(slug: string): Promise<WorkerProcess> {
    const running = this.#workers.get(slug);
    if (running) return running;
    if (this.#closed) return Promise.reject(new Error("the stack is stopping"));
    const { directory, env, log } = this.#options;
    const booting = startWorker({ entry: join(directory, slug, ENTRY), env, log });
    this.#workers.set(slug, booting);
    const forget = () => {
      if (this.#workers.get(slug) === booting) this.#workers.delete(slug);
    };
    booting.then((worker) => worker.exited).then(forget, forget);
    return booting;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Folders that do not begin with an underscore. */
function functionNames(directory: string): Set<string> {
  const folders = [...Deno.readDirSync(directory)].filter((entry) => entry.isDirectory);
  return new Set(folders.map(({ name }) => name).filter((name) => !name.startsWith("_")));
}

function failure(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ code, message }, {
    status,
    headers: { "access-control-allow-origin": "*", ...headers },
  });
}
