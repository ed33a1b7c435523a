import { descriptions } from "./descriptions.ts";

for (const [file, text] of Object.entries(descriptions())) {
  Deno.writeTextFileSync(new URL(`../../${file}`, import.meta.url), text);
  console.log(`Wrote ${file}.`);
}
