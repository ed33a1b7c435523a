import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "supabase",
    globalSetup: ["tests/support/environment.ts"],
    include: ["tests/supabase/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
