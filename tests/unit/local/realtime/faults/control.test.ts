import { expect, test } from "vitest";
import { createControl } from "../../../../../local/realtime/faults/control.ts";
import { fakeServices, openSocket } from "../fake_services.ts";

const URL = "http://local/_local/realtime";

const nothing = () => Promise.resolve();

function controlled() {
  const world = fakeServices({ joinBackoffMs: 0 });
  const control = createControl({
    faults: world.services.faults,
    registry: world.services.registry,
    sockets: world.sockets,
    limits: world.services.limits,
    settings: world.services.settings,
    database: { dropPartitions: nothing, sleep: nothing, restore: nothing },
    replication: { hold: () => undefined, release: () => undefined },
  });
  return {
    ...openSocket(world),
    world,
    control,
    post: (command: unknown) => control(new Request(URL, { method: "POST", body: JSON.stringify(command) })),
  };
}

test("a look tells sockets and joined topics", async () => {
  const { control, join } = controlled();
  await join("a");
  expect(await (await control(new Request(URL))).json()).toEqual({
    sockets: 1,
    topics: [{ topic: "a", private: true, members: 1 }],
  });
});

test("a look can wait for a topic's members", async () => {
  const { control, join } = controlled();
  const look = control(new Request(`${URL}?topic=a&members=1`));
  await join("a");
  expect(await (await look).json()).toMatchObject({ topics: [{ topic: "a", members: 1 }] });
});

test.each([[{ fault: "drop" }, ["dropped"]], [{ fault: "close" }, [1012]], [{ fault: "close", code: 4001 }, [
  4001,
]]])(
  "%j ends every socket",
  async (command, how) => {
    const { post, ended } = controlled();
    expect(await (await post(command)).json()).toEqual({ ok: true });
    expect(ended).toEqual(how);
  },
);

test.each([["phx_close", {}], ["phx_error", { reason: "channel_crash" }]])(
  "%s goes to the members of its topic only",
  async (fault, payload) => {
    const { post, join, received } = controlled();
    await join("a", "1");
    await join("b", "2");
    expect(await (await post({ fault, topic: "b" })).json()).toEqual({ ok: true, channels: 1 });
    expect(await received.next()).toEqual(["2", "2", "realtime:b", fault, payload]);
    expect(await (await post({ fault })).json()).toEqual({ ok: true, channels: 1 });
    expect(await received.next()).toEqual(["1", "1", "realtime:a", fault, payload]);
  },
);

test("a refusal wears off after its times", async () => {
  const { post, join } = controlled();
  await post({ fault: "refuse_joins", reason: "Code: why", times: 2 });
  const refused = { status: "error", response: { reason: "Code: why" } };
  expect((await join("a", "1"))[4]).toEqual(refused);
  expect((await join("a", "2"))[4]).toEqual(refused);
  expect((await join("a", "3"))[4]).toMatchObject({ status: "ok" });
});

test("held joins go on once they are released, and clear ends what stands", async () => {
  const { post, join, world } = controlled();
  await post({ fault: "hold_joins" });
  const held = join("a");
  await post({ fault: "refuse_upgrades" });
  await post({ fault: "stall" });
  await post({ fault: "clear" });
  expect((await held)[4]).toMatchObject({ status: "ok" });
  expect(world.services.faults.beforeUpgrade()).toBeNull();
});

test.each([{}, { fault: "earthquake" }, { fault: "drop", more: 1 }, { fault: "delay_joins" }])(
  "%j is refused",
  async (command) => expect((await controlled().post(command)).status).toBe(400),
);
