/**
 * What `npm start` prints once everything answers.
 * @param {{ shopUrl: string, apiUrl: string, dbUrl: string, mailUrl: string, inboxUrl: string, gatewayUrl: string, operators: { email: string, password: string }[], agent: { apiKey: string } }} status
 * @param {{ took: string, log: string, tag: string }} details
 */
export function readyTable(
  { shopUrl, apiUrl, dbUrl, mailUrl, inboxUrl, gatewayUrl, operators, agent },
  { took, log, tag },
) {
  const curl = [
    `curl -X POST ${apiUrl}/functions/v1/realtime-publish`,
    `-H 'x-api-key: ${agent.apiKey}'`,
    "-H 'content-type: application/json'",
    `-d '{"endUserId":"ada"}'`,
  ].join(" ");
  return `
Heddle is up (${took})

  Shop page       ${shopUrl}/
  Operator page   ${shopUrl}/operator
  Inbox           ${inboxUrl}/
${operators.map(({ email, password }) => `  Sign in         ${email} / ${password}`).join("\n")}
  API             ${apiUrl}
  Gateway         ${gatewayUrl}
  Postgres        ${dbUrl}
  Caught mail     ${mailUrl}/
  Log             ${log}
  Publish         ${curl}
  Script tag      ${tag}
  Stop            Ctrl-C
`;
}
