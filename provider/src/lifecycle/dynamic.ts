/**
 * The module that the constant text in every resource's state asks for, so the engine's way into this package. Its
 * path and the names it exports can never change.
 */
import { systemRuntime } from "../api/runtime.js";
import { exitWithEngine } from "./engineWatch.js";
import { presentable } from "./presentable.js";
import { createProcess, type Process } from "./session.js";
import { siblingsOf } from "./siblings.js";
import { createWebhookConfigProvider } from "./webhookConfig.js";
import { createWebhookConfigSetProvider } from "./webhookConfigSet.js";

const shared = createProcess(systemRuntime, process.env, siblingsOf(process, process.env));
const kompliant: Process = {
  ...shared,
  configure: async (config) => {
    exitWithEngine(process);
    await shared.configure(config);
  },
};

export const provider = presentable(createWebhookConfigProvider(kompliant), kompliant.shown);
export const setProvider = presentable(createWebhookConfigSetProvider(kompliant), kompliant.shown);
