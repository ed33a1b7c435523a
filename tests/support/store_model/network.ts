import { type Result, unreachable } from "../../../client/http/problem.ts";
import type { LiveSocket, OpenSocket, SocketEvents } from "../../../client/realtime/socket.ts";
import type { Envelope } from "../../../shared/envelope.ts";
import type { Generator } from "../generator.ts";
import type { ModelClock } from "./clock.ts";
import { NotFound } from "./server.ts";

/** Probabilities. */
export interface Weather {
  lostRequests: number;
  lostAnswers: number;
  swallowed: number;
  doubled: number;
  delayed: number;
}

export const STORM: Weather = {
  lostRequests: 0.03,
  lostAnswers: 0.03,
  swallowed: 0.02,
  doubled: 0.03,
  delayed: 0.05,
};
/** Requests arrive, broadcasts do not. */
export const SILENCE: Weather = { lostRequests: 0, lostAnswers: 0, swallowed: 1, doubled: 0, delayed: 0 };
export const CALM: Weather = { lostRequests: 0, lostAnswers: 0, swallowed: 0, doubled: 0, delayed: 0 };

/** One page's way to the server. */
export interface Line {
  call<Value>(run: () => Value): Promise<Result<Value>>;
  openSocket: OpenSocket;
  /** The sockets drop, and until `repair` no request and no socket gets through. */
  cut(): void;
  repair(): void;
  dropSocket(): void;
  /** The token of every channel ends; the page joins again some time later. */
  expireToken(): void;
  /** Nothing runs in the page until it thaws. */
  freeze(): void;
  thaw(): void;
  /** Runs it in the page: now, or when it thaws. */
  inPage(run: () => void): void;
  close(): void;
}

export class ModelNetwork {
  weather = STORM;
  readonly #clock: ModelClock;
  readonly #generator: Generator;
  readonly #sockets = new Set<ModelSocket>();

  constructor(clock: ModelClock, generator: Generator) {
    this.#clock = clock;
    this.#generator = generator;
  }

  /** Broadcasts to whoever listens now. */
  publish = (topic: string, envelope: Envelope): void => {
    for (const socket of this.#sockets) socket.publish(topic, envelope);
  };

  line(): Line {
    const { chance } = this.#generator;
    const clock = this.#clock;
    const delay = () => this.latency();
    const weather = () => this.weather;
    const sockets = new Set<ModelSocket>();
    const each = (run: (socket: ModelSocket) => void) => [...sockets].forEach(run);
    let isCut = false;
    let backlog: (() => void)[] | null = null;
    const inPage = (run: () => void) => void (backlog ? backlog.push(run) : run());

    return {
      call: (run) =>
        new Promise((resolve) => {
          const answer = (after: number, result: Parameters<typeof resolve>[0]) =>
            void clock.after(after, () => inPage(() => resolve(result)));
          clock.after(delay(), () => {
            if (isCut || chance(weather().lostRequests)) return answer(4000, unreachable());
            const result = answered(run);
            if (chance(weather().lostAnswers)) return answer(15_000, unreachable());
            clock.after(delay(), () => {
              if (isCut) answer(4000, unreachable());
              else inPage(() => resolve(result));
            });
          });
        }),
      openSocket: (_target, events) => {
        const socket = new ModelSocket(this, clock, this.#generator, events, inPage);
        sockets.add(socket);
        this.#sockets.add(socket);
        socket.onClose = () => {
          sockets.delete(socket);
          this.#sockets.delete(socket);
        };
        if (isCut) clock.after(1000, () => socket.drop());
        return socket;
      },
      cut() {
        isCut = true;
        each((socket) => socket.drop());
      },
      repair: () => void (isCut = false),
      dropSocket: () => each((socket) => socket.drop()),
      expireToken: () => each((socket) => socket.expire()),
      freeze: () => void (backlog ??= []),
      thaw() {
        const runs = backlog ?? [];
        backlog = null;
        for (const run of runs) run();
      },
      inPage,
      close: () => each((socket) => socket.close()),
    };
  }

  latency(): number {
    return 20 + this.#generator.below(380);
  }
}

/** Copied, as on the way over a wire. */
function answered<Value>(run: () => Value): Result<Value> {
  try {
    return { ok: true, value: structuredClone(run()) };
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return { ok: false, problem: { code: "item_not_found", message: "There is no such conversation." } };
  }
}

class ModelSocket implements LiveSocket {
  onClose = () => {};
  readonly #network: ModelNetwork;
  readonly #clock: ModelClock;
  readonly #generator: Generator;
  readonly #events: SocketEvents;
  readonly #inPage: (run: () => void) => void;
  /** On which frames come. */
  readonly #topics = new Set<string>();
  /** The join of each topic that was not left since. */
  readonly #joins = new Map<string, symbol>();
  #closed = false;
  /** Frames of one socket come in their order, but for those that the weather delays. */
  #lastArrival = 0;

  constructor(
    network: ModelNetwork,
    clock: ModelClock,
    generator: Generator,
    events: SocketEvents,
    inPage: (run: () => void) => void,
  ) {
    this.#network = network;
    this.#clock = clock;
    this.#generator = generator;
    this.#events = events;
    this.#inPage = inPage;
  }

  join(topic: string): void {
    const join = Symbol(topic);
    this.#joins.set(topic, join);
    const isCurrent = () => !this.#closed && this.#joins.get(topic) === join;
    this.#clock.after(this.#network.latency(), () => {
      if (!isCurrent()) return;
      this.#topics.add(topic);
      this.#arrive(() => isCurrent() && this.#events.joined(topic));
    });
  }

  leave(topic: string): void {
    this.#joins.delete(topic);
    this.#topics.delete(topic);
  }

  send(): void {}

  close(): void {
    this.#closed = true;
    this.#topics.clear();
    this.onClose();
  }

  drop(): void {
    if (this.#closed) return;
    this.close();
    this.#inPage(() => this.#events.lost());
  }

  expire(): void {
    this.#topics.clear();
    this.#clock.after(this.#generator.below(20_000), () => {
      if (!this.#closed) { for (const topic of [...this.#joins.keys()]) this.join(topic); }
    });
  }

  publish(topic: string, envelope: Envelope): void {
    if (!this.#topics.has(topic)) return;
    const { chance, below } = this.#generator;
    const { swallowed, doubled, delayed } = this.#network.weather;
    if (chance(swallowed)) return;
    const hear = () => {
      if (!this.#closed && this.#joins.has(topic)) this.#events.received(topic, envelope);
    };
    const copies = chance(doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (chance(delayed)) this.#clock.after(below(5000), () => this.#inPage(hear));
      else this.#arrive(hear);
    }
  }

  #arrive(run: () => void): void {
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.time + this.#network.latency());
    this.#clock.after(this.#lastArrival - this.#clock.time, () => this.#inPage(run));
  }
}
