/** Fern & Fable, a shop for plants and books that uses Heddle. Prints `{"listening": port}` once it serves. */
import { readConfig } from "./config.ts";
import { openDatabase } from "./database/open.ts";
import { createShop } from "./shop.ts";

const config = readConfig((name) => Deno.env.get(name));
const sql = await openDatabase(config.databaseUrl);
const shop = createShop(config, sql);

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: config.port,
  onListen: ({ port }) => console.log(JSON.stringify({ listening: port })),
}, shop.handle);

async function stop() {
  shop.close();
  await server.shutdown();
  await sql.end();
  Deno.exit();
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
