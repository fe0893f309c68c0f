// From nothing to the first delivery: a webhook key, its secret where the receiver reads it, the activation of the key,
// and the endpoints. `pulumi config set rotated 2026-12` and `pulumi up` change the key.
import * as pulumi from "@pulumi/pulumi";
import { WebhookConfig, WebhookKey, WebhookKeyActivation } from "pulumi-kompliant";
import { ReceiverSecret } from "./receiverSecret";

const config = new pulumi.Config();

// Any change of a keeper makes a new key. It is inactive until it is activated below.
const key = new WebhookKey("main", { keepers: { rotated: config.require("rotated") } });

// By the key's id, which is in each delivery. The old secret stays: deliveries with the old key may be under way.
const stored = new ReceiverSecret(
  "main",
  { folder: config.require("receiverFolder"), keyId: key.id, secret: key.sharedSecret },
  { retainOnDelete: true },
);

// From here on Kompliant delivers with this key, so the receiver has to have its secret by now.
const active = new WebhookKeyActivation("main", { keyId: key.id }, { dependsOn: stored });

// Nothing is delivered to them with a key that the receiver does not know.
const orders = new WebhookConfig(
  "orders",
  { url: "https://example.com/kompliant/orders" },
  { dependsOn: active },
);
const payments = new WebhookConfig(
  "payments",
  { url: "https://example.com/kompliant/payments" },
  { dependsOn: active },
);

export const keyId = active.keyId;
export const ids = [orders.id, payments.id];
