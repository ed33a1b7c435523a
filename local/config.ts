/** Ports of `supabase start`, so that either stack can take the other's place. */
export const API_PORT = 54321;
export const DATABASE_PORT = 54322;
export const MAIL_PORT = 54324;

/** The Supabase CLI's well-known local keys: publicly known, for this machine only. */
export const LOCAL_PUBLISHABLE_KEY = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH";
export const LOCAL_SECRET_KEY = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
export const LOCAL_JWT_SECRET = "super-secret-jwt-token-with-at-least-32-characters-long";
