import { createGenerator, type Generator } from "../generator.ts";
import { ModelClock } from "./clock.ts";
import { ModelNetwork } from "./network.ts";
import { ModelPage, type World } from "./page.ts";
import { type Author, ModelServer, type Row } from "./server.ts";

const ADA: Author = { side: "visitor", name: "Ada" };
export const CAROL: Author = { side: "team", name: "Carol" };
export const CONVERSATIONS = ["c1", "c2", "c3", "c4"];

export interface Model {
  clock: ModelClock;
  generator: Generator;
  network: ModelNetwork;
  server: ModelServer;
  pages: ModelPage[];
  /** Each text that somebody sent, and where. */
  written: { text: string; author: Author; id: string | null }[];
  erased: Set<string>;
  calls: Record<string, number>;
  faults: string[];
}

export function createModel(seed: number): Model {
  const generator = createGenerator(seed);
  const clock = new ModelClock();
  const network = new ModelNetwork(clock, generator);
  const server = new ModelServer(clock.now, network.publish);
  const calls: Record<string, number> = {};
  let uuids = 0;
  const world: World = {
    clock,
    generator,
    server,
    count: (call) => void (calls[call] = (calls[call] ?? 0) + 1),
    nextUuid: () => `uuid-${++uuids}`,
  };
  for (const id of CONVERSATIONS) server.post(ADA, id, world.nextUuid(), `${id} begins`);
  for (let old = 0; old < 30; old++) server.post(ADA, `old-${old}`, world.nextUuid(), "an old one");
  const pages = [ADA, ADA, { side: "team", name: "Alice" }, { side: "team", name: "Bob" }]
    .map((author) => new ModelPage(world, author as Author, network.line()));
  const views: ((row: Row) => boolean)[] = [
    ({ status }) => status === "OPEN",
    ({ assignee }) => assignee === "Bob",
  ];
  for (const [index, page] of pages.entries()) {
    page.open("c1");
    const view = views[index - 2];
    if (view) page.showList(view);
  }
  return { clock, generator, network, server, pages, written: [], erased: new Set(), calls, faults: [] };
}
