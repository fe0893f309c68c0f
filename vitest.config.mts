import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/printedCheck.ts"],
    globalSetup: ["test/support/seed.ts"],
    // The package under test is used as it is published, CommonJS from dist; vite must not transform it.
    server: { deps: { external: [/\/provider\/dist\//, /node_modules/] } },
    // A run of the engine takes 2 to 3 seconds on an idle machine, and some tests need a dozen of them.
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
