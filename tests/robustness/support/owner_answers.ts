import { createHash } from "node:crypto";
import type { OwnerAnswer } from "../../support/fake_owner.ts";
import { createGenerator } from "../../support/generator.ts";

const STATUSES = [201, 204, 302, 400, 401, 404, 409, 422, 429, 500, 503];
const NO_JSON = ["", "<html>", "{", "\ufeff[]", '{"items": [', "[".repeat(100_000), "null", "NaN"];
const HALF = "half of it";

/** An owner who answers the same request in the same way, well or badly. */
export const moodyOwner: OwnerAnswer = (request, response) => {
  const { target, body, headers } = request;
  // What differs from run to run stays out, such as the address.
  const asked = `${headers["x-request-id"]} ${target.split("?")[1]} ${body}`;
  const seed = createHash("sha256").update(asked).digest().readUInt32LE();
  const { below, chance, pick, json } = createGenerator(seed);
  if (chance(0.7)) return goodOwner(request, response);
  switch (below(6)) {
    case 0:
      return void response.destroy();
    case 1:
      return void response.writeHead(200, { "content-length": 1000 }).write(HALF, () => response.destroy());
    case 2:
      return void response.writeHead(200).end(pick(NO_JSON));
    case 3:
      return void response.writeHead(200).end(Buffer.from(Array.from({ length: 50 }, () => below(256))));
    case 4: {
      const status = pick(STATUSES);
      const text = status === 204
        ? undefined
        : JSON.stringify({ message: pick(["no", 7, "x".repeat(400), null]) });
      return void response.writeHead(status, status === 302 ? { location: "http://169.254.169.254/" } : {})
        .end(text);
    }
    default:
      return void response.writeHead(200).end(JSON.stringify(json(4)));
  }
};

/** An owner who answers what was asked for. */
export const goodOwner: OwnerAnswer = ({ query, body }, response) => {
  const { itemId = query.get("itemId") } = JSON.parse(body || "{}");
  const messages = [{ id: 1, body: "x", created_at: 1_700_000_000 }];
  const answer = query.get("action") === "get_items"
    ? { items: [{ id: 7, title: "x", unread: 2 }], nextCursor: "more" }
    : { item: { id: itemId ?? "new", title: "x" }, messages };
  response.writeHead(200).end(JSON.stringify(answer));
};
