import { type Clock, delay } from "../clock.ts";
import type { Channel } from "../channels/channel.ts";
import { Gate } from "../channels/order.ts";

/** A socket as faults see it. */
export interface FaultySocket {
  readonly channels: Iterable<Channel>;
  close(code: number): void;
  drop(): void;
}

/** Thrown into a join that a test wants refused. */
export class InjectedRefusal extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = "InjectedRefusal";
    this.reason = reason;
  }
}

const RESTARTING = 1012;
const SERVER_REQUEST = { extension: "system", status: "ok", message: "Server requested disconnect" };

/** A refusal that wears off after so many times. */
interface Countdown<T> {
  value: T;
  times: number;
}

export interface UpgradeRefusal {
  status: number;
  message: string;
}

/** What can go wrong on purpose. Standing faults last until `clear()` or until their `times` are used up. */
export class Faults {
  /** Closed during a stall: frames in both directions wait. */
  readonly stall = new Gate();
  /** Closed while joins are held: they wait for their answer, and their sockets with them. */
  readonly joins = new Gate();
  readonly #sockets: ReadonlySet<FaultySocket>;
  readonly #clock: Clock;
  #joinRefusal: Countdown<{ reason: string; topic: string | null }> | null = null;
  #upgradeRefusal: Countdown<UpgradeRefusal> | null = null;
  #joinDelayMs = 0;
  #isDown = false;

  constructor(sockets: ReadonlySet<FaultySocket>, clock: Clock) {
    this.#sockets = sockets;
    this.#clock = clock;
  }

  /** Ends every connection so that clients see close code 1006. */
  drop(): void {
    for (const socket of [...this.#sockets]) socket.drop();
  }

  /** Ends every connection and answers nobody but with 503, until `clear()`. */
  goDown(): void {
    this.#isDown = true;
    this.drop();
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** Closes every connection; 1012 is what a deploy of Realtime sends. */
  close(code: number): void {
    for (const socket of [...this.#sockets]) socket.close(code);
  }

  /** Tells every channel that the server wants it so, and closes every connection: a project's settings have changed. */
  disconnect(): void {
    this.#eachChannel(null, (channel) => channel.announce("system", SERVER_REQUEST));
    this.close(RESTARTING);
  }

  /** Refuses the next joins, of one topic or of all. */
  refuseJoins(reason: string, { times = Infinity, topic = null }: { times?: number; topic?: string | null }) {
    this.#joinRefusal = { value: { reason, topic }, times };
  }

  /** Answers every join so many milliseconds later. */
  delayJoins(ms: number): void {
    this.#joinDelayMs = ms;
  }

  /** Refuses the next upgrades. */
  refuseUpgrades(refusal: UpgradeRefusal, times = Infinity): void {
    this.#upgradeRefusal = { value: refusal, times };
  }

  /** Sends `phx_close` to the members of one topic, or of all. Returns how many there were. */
  closeChannels(topic: string | null): number {
    return this.#eachChannel(topic, (channel) => channel.close());
  }

  /** Sends `phx_error` to the members of one topic, or of all. Returns how many there were. */
  crashChannels(topic: string | null): number {
    return this.#eachChannel(topic, (channel) => channel.crash("injected fault"));
  }

  /** Ends all standing faults; what waited goes on. */
  clear(): void {
    this.#joinRefusal = null;
    this.#upgradeRefusal = null;
    this.#joinDelayMs = 0;
    this.#isDown = false;
    this.stall.open();
    this.joins.open();
  }

  /** Called before a join is decided; rejects with `InjectedRefusal` when it is to be refused. */
  async beforeJoin(topic: string): Promise<void> {
    if (!this.joins.isOpen) await this.joins.passed();
    if (this.#joinDelayMs > 0) await delay(this.#clock, this.#joinDelayMs);
    const refusal = this.#joinRefusal;
    if (!refusal || (refusal.value.topic ?? topic) !== topic) return;
    if (--refusal.times <= 0) this.#joinRefusal = null;
    throw new InjectedRefusal(refusal.value.reason);
  }

  /** Called before an upgrade is accepted. */
  beforeUpgrade(): UpgradeRefusal | null {
    const refusal = this.#upgradeRefusal;
    if (!refusal) return null;
    if (--refusal.times <= 0) this.#upgradeRefusal = null;
    return refusal.value;
  }

  #eachChannel(topic: string | null, act: (channel: Channel) => void): number {
    const channels = [...this.#sockets].flatMap((socket) => [...socket.channels])
      .filter((channel) => topic === null || channel.address.topic === topic);
    for (const channel of channels) act(channel);
    return channels.length;
  }
}
