/**
 * Under which names the browser keeps an agent's session (session storage), its anonymous visitor, and, with
 * a tab's id behind it, whether that tab's owner echoes (local storage).
 */
export function storageKeys(
  agentId: string,
): { sessionKey: string; visitorKey: string; echoKey: string } {
  const prefix = `heddle:${agentId}:`;
  return { sessionKey: `${prefix}session`, visitorKey: `${prefix}visitor`, echoKey: `${prefix}echo:` };
}
