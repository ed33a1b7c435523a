import type { Upload, Uploads } from "./management_api.ts";

/** A function as `heddle deploy` uploads it. */
interface Source {
  name: string;
  entrypoint: string;
  importMap: string;
  files: { path: string; content: Uint8Array }[];
}

/** A sentence for everything that `heddle deploy` uploads otherwise than the CLI. */
export function uploadDifferences(sources: Source[], uploads: Uploads): string[] {
  const names = new Set([...sources.map(({ name }) => name), ...uploads.keys()]);
  return [...names].sort().flatMap((name) => {
    const [source, upload] = [sources.find((source) => source.name === name), uploads.get(name)];
    if (!source) return [`${name} is uploaded by the CLI alone.`];
    if (!upload) return [`${name} is uploaded by heddle alone.`];
    return differencesOf(source, upload).map((difference) => `${name}: ${difference}`);
  });
}

function differencesOf(source: Source, { metadata, files }: Upload): string[] {
  const own = new Map(source.files.map(({ path, content }) => [path, content]));
  const paths = [...new Set([...own.keys(), ...files.keys()])].sort();
  return [
    ...(source.entrypoint === metadata.entrypoint_path
      ? []
      : [`the entry is ${metadata.entrypoint_path} to the CLI.`]),
    ...(source.importMap === metadata.import_map_path
      ? []
      : [`the import map is ${metadata.import_map_path} to the CLI.`]),
    ...paths.flatMap((path) => {
      const [mine, theirs] = [own.get(path), files.get(path)];
      if (!mine) return [`${path} is uploaded by the CLI alone.`];
      if (!theirs) return [`${path} is uploaded by heddle alone.`];
      return isSame(mine, theirs) ? [] : [`${path} differs.`];
    }),
  ];
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
