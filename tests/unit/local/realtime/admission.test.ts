import { expect, test } from "vitest";
import { admit } from "../../../../local/realtime/admission.ts";
import { fakeServices } from "./fake_services.ts";

test("a connection without a key is refused, late by the back-off", async () => {
  const { services, sockets, clock } = fakeServices({ connectBackoffMs: 2000 });
  const order: string[] = [];
  const scheduled = new Promise<void>((resolve) => {
    const { after } = clock;
    clock.after = (ms, task) => {
      order.push(`waits ${ms} ms`);
      resolve();
      return after.call(clock, ms, task);
    };
  });
  const refused = admit(services, { token: null, sockets }).then((admission) => {
    order.push("refused");
    return admission;
  });
  await scheduled;
  clock.advance(2000);

  expect(await refused).toMatchObject({ refusal: { status: 401 } });
  expect(order).toEqual(["waits 2000 ms", "refused"]);
});
