/** Where a project's Storage, or the local stack, serves the widget. */
const SCRIPT_PATH = "/storage/v1/object/public/heddle/heddle.js";

/**
 * The script tag that puts an agent's widget into a page. With the accent in it the launcher has its colour before anything is
 * fetched; where an agent allows no anonymous visitors, a placeholder stands for the user token.
 * @param {{ apiUrl: string, agentId: string, accent?: string | null, anonymousAllowed: boolean }} widget
 */
export function scriptTag({ apiUrl, agentId, accent, anonymousAllowed }) {
  const attributes = [
    `src="${apiUrl}${SCRIPT_PATH}"`,
    `data-agent="${agentId}"`,
    ...(accent ? [`data-accent="${accent}"`] : []),
    ...(anonymousAllowed ? [] : ['data-user-token="<JWT of the signed-in visitor>"']),
  ];
  return `<script async ${attributes.join(" ")}></script>`;
}
