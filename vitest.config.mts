import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The package under test is used as it is published, CommonJS from dist; vite must not transform it.
    server: { deps: { external: [/\/provider\/dist\//, /node_modules/] } },
  },
});
