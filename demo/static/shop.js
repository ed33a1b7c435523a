// Commands that are given before Heddle's script has loaded wait in this queue.
globalThis.heddle ??= (...command) => {
  (globalThis.heddle.q ??= []).push(command);
};

// The token in the page is short-lived. Heddle asks here for a new one.
heddle("getUserToken", async () => {
  const response = await fetch("/account/chat-token");
  if (!response.ok) return null;
  return (await response.json()).token;
});

// Nothing of this shopper may be left in the browser for whoever signs in next.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => heddle("logout"));
