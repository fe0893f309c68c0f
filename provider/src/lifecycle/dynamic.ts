/**
 * The module that the constant text in every resource's state asks for, so the engine's way into this package. Its
 * path and the names it exports can never change.
 */
import { systemRuntime } from "../api/runtime.js";
import { createProcess } from "./session.js";
import { createWebhookConfigProvider } from "./webhookConfig.js";

export const provider = createWebhookConfigProvider(createProcess(systemRuntime, process.env));
