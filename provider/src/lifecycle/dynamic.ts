/**
 * The module that the constant text in every resource's state asks for, so the engine's way into this package. Its
 * path and the names it exports can never change.
 */
import { systemRuntime } from "../api/runtime.js";
import { exitWithEngine } from "./engineWatch.js";
import { createProcess } from "./session.js";
import { siblingsOf } from "./siblings.js";
import { createWebhookConfigProvider } from "./webhookConfig.js";
import { createWebhookConfigSetProvider } from "./webhookConfigSet.js";

exitWithEngine(process);
const kompliant = createProcess(systemRuntime, process.env, siblingsOf(process, process.env));

export const provider = createWebhookConfigProvider(kompliant);
export const setProvider = createWebhookConfigSetProvider(kompliant);
