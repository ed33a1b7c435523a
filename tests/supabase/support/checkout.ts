import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Report {
  ok: boolean;
  passed: number;
  failed: number;
  checks: { id: string; status: "passed" | "failed" | "unchecked"; found?: string; fix?: string }[];
}

/** What a checkout has that `check:supabase` looks at, to be broken at will. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "heddle-checkout-"));

  constructor() {
    for (const part of ["supabase", "shared", "docs", "README.md"]) {
      cpSync(join(ROOT, part), join(this.folder, part), { recursive: true });
    }
  }

  write(path: string, content: string): void {
    writeFileSync(join(this.folder, path), content);
  }

  /** Throws if there is nothing to replace. */
  replace(path: string, before: string, after: string): void {
    const content = readFileSync(join(this.folder, path), "utf8");
    if (!content.includes(before)) throw new Error(`${path} holds no ${before}`);
    this.write(path, content.replace(before, () => after));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export interface Examined {
  code: number;
  stdout: string;
  stderr: string;
}

/** `npm run check:supabase -- <words>` on a checkout. */
export async function checkSupabase(
  checkout: Checkout,
  words: string[] = [],
  env: Record<string, string> = {},
): Promise<Examined> {
  const program = join(ROOT, "scripts/check_supabase.mjs");
  const child = spawn(process.execPath, [program, "--project", checkout.folder, ...words], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

/** What is planted, then what the check reports of it. */
export async function reportOn(plant: (checkout: Checkout) => void): Promise<Report> {
  const checkout = new Checkout();
  try {
    plant(checkout);
    const { stdout, stderr } = await checkSupabase(checkout, ["--json"]);
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    checkout.remove();
  }
}

/** What was found, by check; only of checks that failed. */
export function foundIn({ checks }: Report): Record<string, string> {
  return Object.fromEntries(
    checks.flatMap(({ id, status, found = "" }) => status === "failed" ? [[id, found]] : []),
  );
}
