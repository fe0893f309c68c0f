/**
 * The module that the constant text in every resource's state asks for, so the engine's way into this package. Its
 * path and the names it exports can never change.
 */
import { cancellable, systemRuntime } from "../../core/api/runtime.js";
import { alone, createPeers } from "../../core/peers.js";
import { engineOf, exitWithEngine } from "../engineWatch.js";
import { cancelSignal } from "./engineCancel.js";
import { createDynamicShell } from "./shell.js";

exitWithEngine(process);
const engine = engineOf(process);

export const { provider, setProvider } = createDynamicShell(
  cancellable(systemRuntime, cancelSignal(process)),
  process.env,
  (wordOf) => (engine === undefined ? alone : createPeers(process, engine, wordOf)),
);
