import { afterEach, beforeEach } from "vitest";
import { ACCESS_TOKEN, type FakeManagementApi, REF, startFakeManagementApi } from "./fake_management_api.ts";
import { type FakeStorage, SECRET_KEY, startFakeStorage } from "./fake_storage.ts";
import { heddle, heddleJson, type Run } from "./run.ts";

export interface FakeSite {
  readonly api: FakeManagementApi;
  readonly storage: FakeStorage;
  /** What names the project, its database aside. */
  credentials(): Record<"HEDDLE_URL" | "HEDDLE_SECRET_KEY", string>;
  deploy(words?: string[], env?: Record<string, string>): Promise<Run>;
  deployJson(words: string[]): Promise<Record<string, Record<string, unknown>>>;
}

/** A hosted project to deploy to, a new one for each test. */
export function useFakeSite(): FakeSite {
  let api: FakeManagementApi;
  let storage: FakeStorage;
  beforeEach(async () => {
    [api, storage] = await Promise.all([startFakeManagementApi(), startFakeStorage()]);
  });
  afterEach(() => Promise.all([api.stop(), storage.stop()]));

  const credentials = () => ({
    HEDDLE_URL: storage.url,
    HEDDLE_SECRET_KEY: SECRET_KEY,
    HEDDLE_PROJECT_REF: REF,
    HEDDLE_MANAGEMENT_URL: api.url,
    SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN,
  });
  return {
    get api() {
      return api;
    },
    get storage() {
      return storage;
    },
    credentials,
    deploy: (words = [], env = {}) => heddle(["deploy", ...words], { env: { ...credentials(), ...env } }),
    deployJson: (words) => heddleJson(["deploy", ...words], credentials()),
  };
}

/** What changes something, in order, without what comes before the project's path. */
export const changes = (asked: { request: string }[]) =>
  asked.map(({ request }) => request.replace(/ \/(?:v1\/projects\/\w+|storage\/v1)/, " "))
    .filter((request) => !/^GET |object\/list/.test(request));
