/**
 * A text whose commands (`npm start`, `npm run status`, `npm run heddle -- key list …`, and those of the npm package) mean the
 * `npm start` of a data folder.
 * @param {string} text
 * @param {string} dataDir as it is to be typed
 * @param {readonly string[]} heddleCommands names of the `heddle` commands that take the option
 */
export function inDataDir(text, dataDir, heddleCommands = []) {
  const option = `--data-dir ${quoted(dataDir)}`;
  const named = text.replace(
    /npm (?:start|run (?:-s )?status)\b(?: --(?= ))?/g,
    (command) => `${command.replace(/ --$/, "")} -- ${option}`,
  );
  const names = [...heddleCommands, "start", "status"].join("|");
  const heddle = new RegExp(`(?:npm run (?:-s )?heddle --|npx heddle) (?:${names})\\b`, "g");
  return named.replace(heddle, (command) => `${command} ${option}`);
}

/**
 * A text with the commands of the npm packages in place of a checkout's: `npx heddle start --fresh` for `npm start -- --fresh`.
 * @param {string} text
 */
export function asInstalled(text) {
  return text.replace(
    /npm (?:run (?:-s )?)?(start|status)\b(?: --(?= )| (\[)-- )?/g,
    (_, name, bracket) => `npx heddle ${name}${bracket ? " [" : ""}`,
  );
}

/**
 * As a shell takes it for one word.
 * @param {string} word
 */
function quoted(word) {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
