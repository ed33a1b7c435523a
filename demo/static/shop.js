// Commands that are given before Heddle's script has loaded wait in this queue.
globalThis.heddle = globalThis.heddle || ((...command) => {
  (globalThis.heddle.q = globalThis.heddle.q || []).push(command);
});

// The token in the page is short-lived. Heddle asks here for a new one; null means that nobody is signed in.
async function getUserToken() {
  const response = await fetch("/account/chat-token");
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The shop answered ${response.status}.`);
  return (await response.json()).token;
}

function identifyVisitor() {
  const { userToken } = document.querySelector("script[data-agent]").dataset;
  heddle("identify", userToken, { getUserToken });
}

// While the page is being parsed, the script tag may not be there yet.
if (document.readyState === "loading") addEventListener("DOMContentLoaded", identifyVisitor);
else identifyVisitor();

// Nothing of this shopper may be left in the browser for whoever signs in next.
document.querySelector("[data-sign-out]").addEventListener("submit", () => heddle("logout"));
