const $ = (id) => document.getElementById(id);
let conversations = [];
let openId = openIdOfPage();
let shownId = "";
let isRefreshing = false;
let isStale = false;

function openIdOfPage() {
  return decodeURIComponent(location.hash.slice(1));
}

async function call(path, body) {
  const response = await fetch(
    `/operator/${path}`,
    body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

/** One at a time: what changes meanwhile causes one more. */
async function refresh() {
  isStale = true;
  if (isRefreshing) return;
  isRefreshing = true;
  try {
    while (isStale) {
      isStale = false;
      conversations = await call("conversations");
      showConversations();
      await showThread();
    }
  } catch (error) {
    say(`The inbox could not be loaded: ${error.message}`, true);
  } finally {
    isRefreshing = false;
  }
}

function showConversations() {
  const focused = document.activeElement?.closest("#conversations a")?.hash;
  $("conversations").replaceChildren(...conversations.map((conversation) => {
    const link = element("a", { href: `#${encodeURIComponent(conversation.id)}` });
    if (conversation.id === openId) link.setAttribute("aria-current", "true");
    if (conversation.unread > 0) link.className = "unread";
    link.append(
      element("b", {}, conversation.visitorName),
      element("time", { dateTime: conversation.at }, shortTime(conversation.at)),
      element("span", { className: "subject" }, conversation.subject),
      element("span", { className: "preview" }, conversation.preview),
    );
    if (conversation.status === "resolved") link.append(element("i", {}, "resolved"));
    const row = element("li");
    row.append(link);
    return row;
  }));
  const links = [...$("conversations").querySelectorAll("a")];
  if (focused) links.find(({ hash }) => hash === focused)?.focus();
}

async function showThread() {
  const id = openId;
  const conversation = conversations.find((candidate) => candidate.id === id);
  $("thread").hidden = !conversation;
  $("nothing").hidden = Boolean(conversation);
  document.body.classList.toggle("in-thread", Boolean(conversation));
  if (!conversation) return;

  const messages = await call(`thread?id=${encodeURIComponent(id)}`);
  if (id !== openId) return; // another one was opened meanwhile
  $("subject").textContent = conversation.subject;
  $("visitor").textContent = `${conversation.visitorName} · ${conversation.visitorId}`;
  $("status").textContent = conversation.status === "open" ? "Resolve" : "Reopen";
  showMessages(messages, id);
  if (conversation.unread > 0 && document.visibilityState === "visible") await call("read", { id });
}

/** Adds what is new, so that a screen reader announces only that and the reader's place stays. */
function showMessages(messages, id) {
  const list = $("messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  if (shownId !== id) list.replaceChildren();
  for (const [index, message] of messages.entries()) {
    const item = list.children[index] ?? list.appendChild(messageElement(message));
    item.querySelector("small").textContent = shortTime(message.createdAt) +
      (message.author === "operator" && message.readAt ? " · read" : "");
  }
  if (isAtEnd || shownId !== id) list.scrollTop = list.scrollHeight;
  shownId = id;
}

function messageElement({ author, body }) {
  const item = element("div", { className: author });
  item.append(element("p", { dir: "auto" }, body), element("small"));
  return item;
}

function showPublished({ ok, ms, channels, problem }) {
  if (ok) say(`Published in ${ms} ms to ${channels.join(" and ")}`);
  else say(`Saved, but not published: ${problem}`, true);
}

function say(text, isFailure = false) {
  $("published").textContent = text;
  $("published").className = isFailure ? "failed" : "";
}

function element(name, properties = {}, text = "") {
  return Object.assign(document.createElement(name), properties, text && { textContent: text });
}

function shortTime(iso) {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return at.toLocaleString([], isToday ? { timeStyle: "short" } : { day: "numeric", month: "short" });
}

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = $("reply").value;
  const send = event.target.querySelector("button");
  if (body.trim() === "" || send.ariaDisabled) return;
  // Disabled it would lose the focus.
  send.ariaDisabled = "true";
  try {
    const result = await call("reply", { id: openId, body });
    $("reply").value = "";
    showPublished(result);
  } catch (error) {
    say(`The reply was not saved: ${error.message}`, true);
  } finally {
    send.ariaDisabled = null;
  }
});

$("reply").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});

$("status").addEventListener("click", async () => {
  const isOpen = conversations.find(({ id }) => id === openId)?.status === "open";
  try {
    showPublished(await call("status", { id: openId, status: isOpen ? "resolved" : "open" }));
  } catch (error) {
    say(`The status was not changed: ${error.message}`, true);
  }
});

$("back").addEventListener("click", () => {
  location.hash = "";
});

addEventListener("hashchange", () => {
  openId = openIdOfPage();
  say("");
  refresh();
});
document.addEventListener("visibilitychange", refresh);

const changes = new EventSource("/operator/changes");
changes.onopen = refresh; // also after a reconnect: what changed meanwhile was not told
changes.onmessage = refresh;
