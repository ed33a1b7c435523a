import type { Chunks } from "./chunks.ts";
import type { LoaderConfig } from "./config.ts";
import { createHost } from "./host.ts";
import { whenIdle } from "./idle.ts";
import { createLauncher, type Launcher } from "./launcher.ts";
import launcherCss from "./launcher.css?inline";
import { createMemory } from "./memory.ts";
import type { Widget } from "./widget/widget.ts";

type Call = [command: string, ...details: unknown[]];

/** Before the script has loaded: the page's stub, which only collects calls. Afterwards: the widget. */
export interface HeddleFunction {
  (...call: Call): void;
  /** Calls made before the script had loaded. */
  q?: Iterable<unknown>[];
  /** What a second script tag calls: it changes who the visitor is. One for another agent has come too late. */
  adopt?: (config: LoaderConfig) => void;
}

declare global {
  var heddle: HeddleFunction | undefined;
}

/**
 * Shows the launcher and makes `globalThis.heddle` live. Calls wait until something needs the rest of the widget: a visitor
 * who opens it, who is identified, or whose unread messages may be waiting. Needs `document.body`.
 */
export function install(config: LoaderConfig, chunks: Chunks): void {
  const former = globalThis.heddle;
  if (former?.adopt) return former.adopt(config);
  const heddle = globalThis.heddle = createHeddle(config, chunks);
  for (const call of former?.q ?? []) heddle(...call as Call);
}

function createHeddle(config: LoaderConfig, chunks: Chunks): HeddleFunction {
  const ended = new AbortController();
  const host = createHost(config);
  const launcher = createLauncher(host.frame, config);
  const { button } = launcher;
  const waiting = createWaitingCalls(launcher);
  const memory = createMemory(config);
  const remembered = memory.recall();
  /** Somebody is known here, so there may be something unread. */
  let expected = config.userToken || remembered.visitor === "anonymous";
  let widget: Widget | undefined;

  host.addStyles(launcherCss);
  launcher.setDisplay(remembered);

  async function load() {
    try {
      const { createWidget } = await chunks.core();
      if (widget || ended.signal.aborted) return;
      widget = createWidget({ config, memory, host, launcher, loadPanel: chunks.ui });
      waiting.run(widget);
      if (expected) widget.start();
    } catch {
      waiting.fail();
    }
  }

  /** A head start only: opening reports what fails. */
  const loadAhead = () => Promise.all([chunks.core(), chunks.ui()]).catch(() => {});
  const loadWhenIdle = () => whenIdle(load, ended.signal);

  const heddle: HeddleFunction = (...call) => {
    const [command] = call;
    if (command === "show" || command === "hide") button.hidden = command === "hide";
    if (command === "shutdown") {
      shutdown();
      return memory.forgetVisitor();
    }
    if (widget) return widget.run(...call);
    waiting.add(call);
    if (opens(command)) {
      launcher.say("");
      button.ariaBusy = "true";
      load();
      loadAhead();
    } else if (command === "identify") loadWhenIdle();
    else if (command === "logout") {
      memory.forgetVisitor();
      // The core clears what it has stored, so it is needed even where nothing else would load it.
      if (expected || remembered.visitor) loadWhenIdle();
      expected = false;
    }
  };

  function shutdown() {
    ended.abort();
    widget?.shutdown();
    host.remove();
    globalThis.heddle = undefined;
    // A page that declared it with `var` has made it undeletable.
    Reflect.deleteProperty(globalThis, "heddle");
  }

  let tagToken = config.userToken;
  heddle.adopt = ({ agentId, userToken }) => {
    if (agentId !== config.agentId) sayTaken(config.agentId);
    else if (userToken !== tagToken) {
      tagToken = userToken;
      if (userToken) heddle("identify", userToken);
      else heddle("logout");
    }
  };
  button.onclick = () => {
    if (!button.ariaBusy) heddle("toggle");
  };
  button.onpointerenter = button.onfocus = loadAhead;
  if (expected) loadWhenIdle();
  return heddle;
}

/** A page has one agent: tells its developers that a tag for another one does nothing. */
export function sayTaken(agentId: string | undefined): void {
  console.error(`heddle: agent ${agentId} is here already.`);
}

/** What the page asked for before the rest of the widget was there. */
function createWaitingCalls({ button, notLoaded, say }: Launcher) {
  let calls: Call[] = [];
  return {
    add: (call: Call) => void calls.push(call),
    run(widget: Widget) {
      for (const call of calls) widget.run(...call);
    },
    /** Keeps all calls but those that open the panel: the visitor is asked to try again. */
    fail() {
      const problem = { code: "network", message: notLoaded };
      for (const [command, name, handler] of calls) {
        if (command === "on" && name === "error") (handler as (detail: typeof problem) => void)(problem);
      }
      calls = calls.filter(([command]) => !opens(command));
      if (button.ariaBusy) say(notLoaded);
      button.ariaBusy = null;
    },
  };
}

function opens(command: string): boolean {
  return command === "open" || command === "toggle";
}
