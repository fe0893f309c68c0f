#!/usr/bin/env node
// npm links a command at install only if its file is there, and `dist` is not until the first build.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const main = join(__dirname, "..", "dist", "cli", "main.js");
if (existsSync(main)) require(main);
else {
  console.error("pulumi-kompliant: not built yet; `npm run build` in the repository's root builds it");
  process.exitCode = 1;
}
