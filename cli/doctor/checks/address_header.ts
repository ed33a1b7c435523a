import type postgres from "postgres";
import { advice, type Finding, OK, unchecked } from "../../checks.ts";
import { codeOf } from "../../connection/http.ts";
import { type Check, lacking, type Subject } from "../subject.ts";
import { askForNobody } from "./functions.ts";

const SETTING = "HEDDLE_ADDRESS_HEADER";
const FIX =
  `Set ${SETTING} to a header that holds the visitor's address and that visitors can't set themselves (docs/deploy.md).`;

/** The functions don't reveal their settings: this looks at what they do, or at the names of the project's secrets. */
export const addressHeader: Check = {
  id: "address-header",
  title: "Validations and tab calls are limited by address",
  async run(subject) {
    const { url, sql, secretNames } = subject;
    if (!url) return lacking(subject, "--url");
    if (sql) return await byBuckets(url, sql);
    if (secretNames) return await byName(secretNames);
    return unchecked("needs --database-url, or SUPABASE_ACCESS_TOKEN for a hosted project");
  },
};

/** A validation takes a token from its address's bucket, if there is an address, even for an agent that does not exist. */
async function byBuckets(url: string, sql: postgres.Sql): Promise<Finding> {
  // One that was charged a moment ago is not full yet.
  const [before] = await sql<{ at: string; buckets: string[] }[]>`
    select clock_timestamp()::text as at, array(
      select bucket::text from heddle.rate_buckets bucket where subject = 'address' and full_at > clock_timestamp()
    ) as buckets`;
  const answer = await askForNobody(url);
  if (!["agent_not_found", "rate_limited"].includes(codeOf(answer))) {
    return unchecked("validate-widget did not get that far");
  }
  // A concurrent call of somebody else proves as well that addresses are known.
  const [charged] = await sql`
    select from heddle.rate_buckets bucket
    where subject = 'address' and full_at > ${before?.at ?? "infinity"}::timestamptz
      and bucket::text <> all (${before?.buckets ?? []}::text[]) limit 1`;
  return charged
    ? OK
    : advice(`the functions know no addresses: ${SETTING} is not set, or calls lack that header`, FIX);
}

async function byName(secretNames: NonNullable<Subject["secretNames"]>): Promise<Finding> {
  const names = await secretNames().catch(() => null);
  if (names === null) return unchecked("the names of the project's secrets could not be read");
  return names.includes(SETTING) ? OK : advice(`${SETTING} is not set`, FIX);
}
