const $ = (id) => document.getElementById(id);
let conversations = [];
let openId = location.hash.slice(1);

async function call(path, body) {
  const response = await fetch(
    `/operator/${path}`,
    body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

async function refresh() {
  conversations = await call("conversations");
  showConversations();
  await showThread();
}

function showConversations() {
  $("conversations").replaceChildren(...conversations.map((conversation) => {
    const link = element("a", { href: `#${conversation.id}` });
    if (conversation.id === openId) link.setAttribute("aria-current", "true");
    if (conversation.unread > 0) link.className = "unread";
    link.append(
      element("b", {}, conversation.visitorName),
      element("time", {}, shortTime(conversation.at)),
      element("span", { className: "subject" }, conversation.subject),
      element("span", { className: "preview" }, conversation.preview),
    );
    if (conversation.status === "resolved") link.append(element("i", {}, "resolved"));
    const row = element("li");
    row.append(link);
    return row;
  }));
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
  $("messages").replaceChildren(...messages.map(messageElement));
  $("messages").scrollTop = $("messages").scrollHeight;
  if (conversation.unread > 0 && document.visibilityState === "visible") await call("read", { id });
}

function messageElement({ author, body, createdAt, readAt }) {
  const item = element("li", { className: author });
  const seen = author === "operator" && readAt ? " · read" : "";
  item.append(element("p", { dir: "auto" }, body), element("small", {}, shortTime(createdAt) + seen));
  return item;
}

function showPublished({ ok, status, ms, channels, problem }) {
  $("published").textContent = ok
    ? `Published in ${ms} ms to ${channels.join(" and ")}`
    : `Saved, but not published: ${problem ?? status}`;
  $("published").className = ok ? "" : "failed";
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
  if (body.trim() === "") return;
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    const result = await call("reply", { id: openId, body });
    $("reply").value = "";
    showPublished(result);
  } catch (error) {
    showPublished({ ok: false, problem: error.message });
  } finally {
    button.disabled = false;
  }
});

$("reply").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});

$("status").addEventListener("click", async () => {
  const { status } = conversations.find(({ id }) => id === openId);
  showPublished(await call("status", { id: openId, status: status === "open" ? "resolved" : "open" }));
});

$("back").addEventListener("click", () => (location.hash = ""));
addEventListener("hashchange", () => {
  openId = location.hash.slice(1);
  $("published").textContent = "";
  refresh();
});
document.addEventListener("visibilitychange", refresh);

const changes = new EventSource("/operator/changes");
changes.onopen = refresh; // also after a reconnect: what changed meanwhile was not told
changes.onmessage = refresh;
