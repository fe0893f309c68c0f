/** A process of a run, for test/core/peers.test.ts: says what it is told to mean, and sends on what it hears. */
const { createPeers } = require("../../provider/dist/core/peers.js");

const [platform, engine = "", temporary] = process.argv.slice(2);
const words = new Map();
const own = {
  pid: process.pid,
  platform: /** @type {NodeJS.Platform} */ (platform),
  env: { TMPDIR: temporary },
};
const peers = createPeers(own, engine, (id) => words.get(id) ?? "nothing");

process.on("message", async (/** @type {any} */ message) => {
  if (message === "exit") process.exit();
  const { id, word } = message;
  words.set(id, word);
  process.send?.(await peers.ask(id));
});
// The first answer shows that it listens.
peers.ask("").then((word) => process.send?.(word));
