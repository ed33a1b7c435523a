import { createServer, type RequestListener } from "node:http";
import { expect, it } from "vitest";
import { callByRest } from "../../../cli/connection/rest.ts";
import { openManagementApi } from "../../../cli/deploy/management_api.ts";
import { openStorage } from "../../../cli/deploy/widget/storage.ts";
import { listen } from "../../support/listen.ts";

async function withServer<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const { url, stop } = await listen(createServer(listener));
  return await work(url).finally(stop);
}

const breaksOff: RequestListener = (_, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
  response.write("{", () => response.destroy());
};
const list = (url: string) => callByRest({ url, key: "sb_secret_x" }, "list_agents", {});

it.concurrent.each<[string, (url: string) => Promise<unknown>]>([
  ["the Data API", list],
  ["Storage", (url) => openStorage({ url, secretKey: "sb_secret_x" }).bucket()],
  ["the management API", async (baseUrl) => {
    const { array, object } = await import("zod");
    const api = openManagementApi({ baseUrl, ref: "abcdefghijklmnopqrst", token: "sbp_x" });
    await api.call(array(object({})), "GET", "/functions");
  }],
])("an answer of %s that breaks off is reported in a sentence", async (_, call) => {
  const error = await withServer(breaksOff, (url) => call(url).catch((error: unknown) => error));
  expect(error).toMatchObject({
    name: "CliError",
    code: "unreachable",
    message: expect.stringMatching(/^http:\S+ does not answer \(.*\)\. Check /),
  });
});

it("a page in place of the Data API's answer is reported in a sentence", async () => {
  const page: RequestListener = (_, response) => response.end("<html>Sign in to this network</html>");
  await withServer(
    page,
    (url) =>
      expect(list(url)).rejects.toThrow(
        /^http:\S+ answers, but not as a Supabase project does: check --url\.$/,
      ),
  );
});

it("no redirect takes the secret key to another server", async () => {
  const keys: unknown[] = [];
  const other: RequestListener = (request, response) => {
    keys.push(request.headers.apikey);
    response.end("[]");
  };
  await withServer(
    other,
    (location) =>
      withServer((_, response) => response.writeHead(307, { location }).end(), async (url) => {
        await expect(list(url)).rejects.toThrow(/does not answer/);
      }),
  );
  expect(keys).toEqual([]);
});
