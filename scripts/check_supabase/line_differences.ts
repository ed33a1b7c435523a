const SHOWN = 12;

/** Lines that only one of two texts has, `-` for the first and `+` for the second, the first dozen of them. */
export function lineDifferences(before: string, after: string): string {
  const [old, current] = [before.split("\n"), after.split("\n")];
  const [wasThere, isThere] = [new Set(old), new Set(current)];
  const differences = [
    ...old.filter((line) => !isThere.has(line)).map((line) => `- ${line.trim()}`),
    ...current.filter((line) => !wasThere.has(line)).map((line) => `+ ${line.trim()}`),
  ];
  const left = differences.length - SHOWN;
  return [...differences.slice(0, SHOWN), ...(left > 0 ? [`… and ${left} more`] : [])].join("\n");
}
