// Type-checked in a project of its own, under the settings that users have.
import * as pulumi from "@pulumi/pulumi";
import { Provider, WebhookConfig, type WebhookConfigArgs, WebhookConfigSet } from "pulumi-kompliant";
import { provider } from "pulumi-kompliant/dynamic";
import { type Emulator, type FaultPlan, startEmulator } from "pulumi-kompliant/emulator";

const args: WebhookConfigArgs = { url: pulumi.output("https://example.com/kompliant") };
const eu = new Provider("eu", { apiKey: pulumi.secret("a"), secretKey: "b", authToken: "c" });
const hook = new WebhookConfig("orders", args, { provider: eu });
const set = new WebhookConfigSet("prod", { urls: { orders: hook.url }, foreign: "remove" });
export const ids: pulumi.Output<Record<string, string>> = set.ids;
export const id: pulumi.Output<string> = hook.id;
export const readable: pulumi.dynamic.ResourceProvider = provider;
const faults: FaultPlan = [{ method: "create", effect: "drop", commit: true }];
export const emulator: Promise<Emulator> = startEmulator({ faults });

// If the types did not arrive and everything were `any`, these would be no errors.
// @ts-expect-error a configuration has a URL
new WebhookConfig("none", {});
// @ts-expect-error there is no such effect
export const wrong: FaultPlan = [{ method: "create", effect: "lost" }];
