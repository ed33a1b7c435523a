import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readToml, type TomlValue } from "../toml.ts";

export interface AuthSettings {
  /** Where links of mails lead unless they name another page. */
  siteUrl: string;
  /** Patterns of other pages that they may lead to. */
  redirectUrls: string[];
  accessTokenSeconds: number;
  rotatesRefreshTokens: boolean;
  /** How long a refresh token works after its first use. */
  reuseSeconds: number;
  signUps: boolean;
  /** New users confirm their address first. */
  confirmations: boolean;
  minimumPasswordLength: number;
  /** Between two mails to one address. */
  mailIntervalMs: number;
  otpLength: number;
  otpSeconds: number;
  /** Requests of one address in five minutes. */
  limits: { token: number; mail: number; verify: number };
}

/** What the CLI starts Auth with where config.toml is silent. Source: supabase/cli, pkg/config/templates/config.toml. */
const DEFAULTS: AuthSettings = {
  siteUrl: "http://127.0.0.1:3000",
  redirectUrls: ["https://127.0.0.1:3000"],
  accessTokenSeconds: 3600,
  rotatesRefreshTokens: true,
  reuseSeconds: 10,
  signUps: true,
  confirmations: false,
  minimumPasswordLength: 6,
  mailIntervalMs: 1000,
  otpLength: 6,
  otpSeconds: 3600,
  limits: { token: 150, mail: 30, verify: 30 },
};

const DURATION = /^(?:(?<hours>\d+)h)?(?:(?<minutes>\d+)m)?(?:(?<seconds>\d+)s)?$/;

/** The settings of `[auth]` in a Supabase folder's config.toml. Throws for a value of another type. */
export async function readAuthSettings(supabaseDir: string): Promise<AuthSettings> {
  const settings = readToml(await readFile(join(supabaseDir, "config.toml"), "utf8"));
  const get = <T extends TomlValue>(name: string, fallback: T): T => {
    const value = settings.get(`auth.${name}`) ?? fallback;
    if (typeof value === typeof fallback && Array.isArray(value) === Array.isArray(fallback)) {
      return value as T;
    }
    throw new Error(`config.toml: auth.${name} must be of the type of ${JSON.stringify(fallback)}`);
  };
  const { limits } = DEFAULTS;
  return {
    siteUrl: get("site_url", DEFAULTS.siteUrl),
    redirectUrls: get("additional_redirect_urls", DEFAULTS.redirectUrls).map(String),
    accessTokenSeconds: get("jwt_expiry", DEFAULTS.accessTokenSeconds),
    rotatesRefreshTokens: get("enable_refresh_token_rotation", DEFAULTS.rotatesRefreshTokens),
    reuseSeconds: get("refresh_token_reuse_interval", DEFAULTS.reuseSeconds),
    signUps: get("enable_signup", DEFAULTS.signUps) && get("email.enable_signup", true),
    confirmations: get("email.enable_confirmations", DEFAULTS.confirmations),
    minimumPasswordLength: get("minimum_password_length", DEFAULTS.minimumPasswordLength),
    mailIntervalMs: milliseconds(get("email.max_frequency", "1s")) ?? DEFAULTS.mailIntervalMs,
    otpLength: get("email.otp_length", DEFAULTS.otpLength),
    otpSeconds: get("email.otp_expiry", DEFAULTS.otpSeconds),
    limits: {
      token: get("rate_limit.token_refresh", limits.token),
      mail: get("rate_limit.sign_in_sign_ups", limits.mail),
      verify: get("rate_limit.token_verifications", limits.verify),
    },
  };
}

/** A duration as Go writes it, such as `1h30m`; `undefined` for anything else. */
export function milliseconds(duration: string): number | undefined {
  const { hours = 0, minutes = 0, seconds = 0 } = (duration && DURATION.exec(duration)?.groups) || {};
  const total = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return duration && DURATION.test(duration) ? total : undefined;
}
