// `node startup.cjs ENGINE MODULE`: prints how long MODULE takes to load, in milliseconds, in a process that has loaded
// what the SDK's provider process loads anyway.
const [, , , wanted = ""] = process.argv;
const { log } = console;
// The SDK's server prints its port and goes on to listen; what it prints is nothing to us.
console.log = () => {};
require("@pulumi/pulumi/cmd/dynamic-provider");
const started = process.hrtime.bigint();
require(wanted);
log(Number(process.hrtime.bigint() - started) / 1e6);
process.exit();
