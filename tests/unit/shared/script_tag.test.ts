import { expect, it } from "vitest";
import { scriptTag } from "../../../shared/script_tag.mjs";

const AGENT = "a0000000-0000-4000-8000-000000000001";

it("a script tag names the agent and its accent, and where a user token goes if one is needed", () => {
  const widget = { apiUrl: "https://abc.supabase.co", agentId: AGENT };
  const src = "https://abc.supabase.co/storage/v1/object/public/heddle/heddle.js";
  expect(scriptTag({ ...widget, accent: "#7a3b2e", anonymousAllowed: true })).toBe(
    `<script async src="${src}" data-agent="${AGENT}" data-accent="#7a3b2e"></script>`,
  );
  expect(scriptTag({ ...widget, anonymousAllowed: false })).toBe(
    `<script async src="${src}" data-agent="${AGENT}" data-user-token="<JWT of the signed-in visitor>"></script>`,
  );
});
