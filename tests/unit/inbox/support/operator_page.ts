import type { Desk } from "../../../../inbox/core/desk.ts";
import { createInbox, type Inbox } from "../../../../inbox/core/inbox.ts";
import { createProject } from "../../../../inbox/core/project.ts";
import { settle } from "../../client/support/clock.ts";
import { createSurroundings } from "../../client/support/environment.ts";
import { AGENT_ID, FakeProject, MIRA, URL_OF_PROJECT } from "./project.ts";

const CHANNEL = `agent-${AGENT_ID}-inbox-1`;

/** The inbox of one operator, her browser tab and the owner's project. */
export class OperatorPage {
  readonly server = new FakeProject();
  readonly page = createSurroundings(this.server.fetch);
  readonly inbox: Inbox = createInbox(
    this.page.environment,
    createProject({ url: URL_OF_PROJECT, publishableKey: "sb_publishable_test" }, this.page.environment),
  );

  /** Lets what is due happen. */
  async pass(milliseconds = 0): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await settle();
    await this.page.clock.advance(milliseconds);
    for (let turn = 0; turn < 4; turn++) await settle();
  }

  async signIn(): Promise<Desk> {
    await this.pass();
    await this.inbox.signIn(MIRA.email, MIRA.password);
    await this.pass();
    const { value } = this.inbox.state;
    if (value.status !== "open") throw new Error(`The inbox is ${value.status}.`);
    return value.desk;
  }

  /** The team's channel carries events. */
  publish(events: object[]): void {
    this.page.realtime.socket.publish(CHANNEL, "events", { events });
  }
}
