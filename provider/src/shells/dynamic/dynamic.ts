/**
 * The module that the constant text in every resource's state asks for, so the engine's way into this package. Its
 * path and the names it exports can never change.
 */
import { cancellable, systemRuntime } from "../../core/api/runtime.js";
import { alone, createPeers } from "../../core/peers.js";
import { exitWithEngine } from "../engineWatch.js";
import { engineOf } from "./engineAddress.js";
import { cancelSignal } from "./engineCancel.js";
import { createDynamicShell } from "./shell.js";

const engine = engineOf(process);
// A process that was asked for nothing has not loaded this package, so nothing here can end that one.
if (engine !== undefined) exitWithEngine(process, engine);

export const { provider, setProvider, keyProvider, keyActivationProvider } = createDynamicShell(
  cancellable(systemRuntime, cancelSignal(process)),
  process.env,
  (wordOf) => (engine === undefined ? alone : createPeers(process, engine, wordOf)),
);
