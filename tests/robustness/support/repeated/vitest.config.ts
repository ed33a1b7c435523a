import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["tests/robustness/support/repeated/*ed.ts"] } });
