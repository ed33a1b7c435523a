import process from "node:process";
import { publish } from "../../../docs/examples/node/publish.mjs";
import { createUserToken } from "../../../docs/examples/node/user_token.mjs";

const [task, ...words] = process.argv.slice(2);
const [first = "", second = "", third = "{}"] = words;
if (task === "token") console.log(createUserToken(JSON.parse(second), first));
else await publish({ url: first, apiKey: second }, JSON.parse(third));
