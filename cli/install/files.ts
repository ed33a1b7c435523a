import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

const FOLDER = new URL("../../supabase/migrations/", import.meta.url);
/** `<version>_<name>.sql`, as the Supabase CLI names them. */
const FILE_NAME = /^(\d+)_(.*)\.sql$/;

export interface MigrationFile {
  version: string;
  name: string;
  script: string;
  /** SHA-256, lowercase hex. */
  checksum: string;
}

/** This checkout's migrations in their order. */
export async function migrationFiles(): Promise<MigrationFile[]> {
  const names = (await readdir(FOLDER)).filter((name) => FILE_NAME.test(name)).sort();
  return await Promise.all(names.map(async (file) => {
    const [, version = "", name = ""] = FILE_NAME.exec(file) ?? [];
    const script = await readFile(new URL(file, FOLDER), "utf8");
    return { version, name, script, checksum: createHash("sha256").update(script).digest("hex") };
  }));
}
