/** Under which names the browser keeps an agent's session (session storage) and anonymous visitor (local storage). */
export function storageKeys(agentId: string): { sessionKey: string; visitorKey: string } {
  return { sessionKey: `heddle:${agentId}:session`, visitorKey: `heddle:${agentId}:visitor` };
}
