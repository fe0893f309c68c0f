/**
 * The module that the constant text in every resource's state asks for, so the engine's way into this package. Its
 * path and the names it exports can never change.
 */
import { cancellable, systemRuntime } from "../api/runtime.js";
import { cancelSignal } from "./engineCancel.js";
import { exitWithEngine } from "./engineWatch.js";
import { presentable } from "./presentable.js";
import { createProcess } from "./session.js";
import { siblingsOf } from "./siblings.js";
import { createWebhookConfigProvider } from "./webhookConfig.js";
import { createWebhookConfigSetProvider } from "./webhookConfigSet.js";

exitWithEngine(process);
const kompliant = createProcess(
  cancellable(systemRuntime, cancelSignal(process)),
  process.env,
  siblingsOf(process),
);

export const provider = presentable(createWebhookConfigProvider(kompliant), kompliant.shown);
export const setProvider = presentable(createWebhookConfigSetProvider(kompliant), kompliant.shown);
