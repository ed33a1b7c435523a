import { render } from "preact";
import { browserEnvironment } from "../../client/platform/browser_environment.ts";
import { openAuthorizedSocket } from "../../client/realtime/authorized_transport.ts";
import { easeLongTexts } from "../../kit/components/long_texts.ts";
import { pickLocale } from "../../kit/strings/locale.ts";
import { createFormats } from "../../kit/text/intl_formats.ts";
import { TextContext } from "../../kit/text/text_context.ts";
import { accentText, DEFAULT_ACCENT, readableOn } from "../../kit/theme/contrast.ts";
import { type Arrival, readArrival } from "../core/arrival.ts";
import type { Desk } from "../core/desk.ts";
import { createInbox } from "../core/inbox.ts";
import { type Config, configOf, createProject } from "../core/project.ts";
import { App } from "./app.tsx";
import { followPlace } from "./place.ts";
import { followPushes, forgetPush, renewPush } from "./push.ts";
import { kitStrings } from "./strings.ts";
import "../../kit/styles/parts.css";
import "../../kit/styles/confirm.css";
import "../../kit/styles/thread.css";
import "../../kit/styles/growing.css";
import "./styles/frame.css";
import "./styles/details.css";
import "./styles/list.css";
import "./styles/search.css";
import "./styles/views.css";
import "./styles/sign_in.css";
import "./styles/thread.css";

/** Which project it is stands beside the page: one build serves every owner. */
async function readConfig(): Promise<Config> {
  const answer = await fetch(new URL("config.json", document.baseURI), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json answered with status ${answer.status}.`);
  return configOf(await answer.json());
}

/** What a link of a mail led here with. It goes from the address at once, so that Back never shows a session. */
function takeArrival(): Arrival | null {
  const arrival = readArrival(location.hash);
  if (arrival) history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  return arrival;
}

/** A browser tells the other windows of what is written, not the one that wrote. */
function followStorage(key: string, onChange: () => void): () => void {
  const ending = new AbortController();
  addEventListener("storage", (event) => {
    if (event.storageArea === localStorage && (event.key === key || event.key === null)) onChange();
  }, { signal: ending.signal });
  return () => ending.abort();
}

async function start(root: HTMLElement): Promise<void> {
  const arrival = takeArrival();
  const environment = browserEnvironment();
  const project = createProject(await readConfig(), environment);
  const openSocket = openAuthorizedSocket(project.accessToken);
  const inbox = createInbox({ ...environment, openSocket, followStorage }, project, arrival);
  // A link that is opened in this tab changes the fragment alone. Before the place is followed, which is not to see it.
  addEventListener("hashchange", () => {
    const arrival = takeArrival();
    if (arrival) void inbox.arrive(arrival);
  });
  followPushes();
  easeLongTexts(root);
  let desk: Desk | null = null;
  inbox.state.subscribe((now) => {
    // Of whoever has left, this browser tells no more. Offline it stays, and is the next one's who switches it on.
    if (now.status === "signed_out") forgetPush().catch(() => undefined);
    if (now.status !== "open" || now.desk === desk) return;
    desk = now.desk;
    // Else the next time.
    renewPush(desk).catch(() => undefined);
  });
  const { style } = document.documentElement;
  style.setProperty("--accent", DEFAULT_ACCENT);
  style.setProperty("--on-accent", readableOn(DEFAULT_ACCENT));
  style.setProperty("--accent-text", accentText(DEFAULT_ACCENT));
  const text = { strings: kitStrings, formats: createFormats(pickLocale(navigator.language)) };
  render(
    <TextContext.Provider value={text}>
      <App inbox={inbox} place={followPlace()} />
    </TextContext.Provider>,
    root,
  );
}

const root = document.getElementById("inbox");
if (root) {
  start(root).catch((error: unknown) => {
    root.textContent =
      "The inbox could not start: its config.json is missing, says something else or holds a secret key.";
    throw error;
  });
}
