/** Comments and quotes, in which a semicolon does not end a statement. */
const QUOTED = new RegExp(
  [
    /--[^\n]*/, // to the end of the line
    /'(?:[^']|'')*'/,
    /"(?:[^"]|"")*"/,
    /(?<![\w$])\$(\w*)\$[\s\S]*?\$\1\$/, // dollar quotes, with or without a tag
  ].map(({ source }) => source).join("|"),
  "y",
);
const BLOCK_COMMENT_EDGE = /\/\*|\*\//g;
const LEADING_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

/**
 * Splits a script into its statements, without the semicolons, comments kept: what the Supabase CLI records of a
 * migration. Bodies of functions must be quoted; `begin atomic` is not understood.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let at = 0;
  while (at < script.length) {
    if (script[at] === ";") {
      statements.push(script.slice(start, at));
      start = at + 1;
    }
    at = afterQuoted(script, at);
  }
  statements.push(script.slice(start));
  return statements.map((statement) => statement.trim()).filter((statement) => withoutComments(statement));
}

/** A statement from its first word on. */
export function withoutComments(statement: string): string {
  return statement.replace(LEADING_COMMENTS, "");
}

function afterQuoted(script: string, at: number): number {
  if (script.startsWith("/*", at)) return afterBlockComment(script, at);
  QUOTED.lastIndex = at;
  return QUOTED.test(script) ? QUOTED.lastIndex : at + 1;
}

/** Block comments nest in Postgres. */
function afterBlockComment(script: string, at: number): number {
  let depth = 0;
  BLOCK_COMMENT_EDGE.lastIndex = at;
  for (let edge = BLOCK_COMMENT_EDGE.exec(script); edge; edge = BLOCK_COMMENT_EDGE.exec(script)) {
    depth += edge[0] === "/*" ? 1 : -1;
    if (depth === 0) return BLOCK_COMMENT_EDGE.lastIndex;
  }
  return script.length;
}
