// Endpoints that exist already, registered by hand or by another program, become part of this one without being
// deleted or created again. For a whole account at once see `npx pulumi-kompliant import-file`.
import * as pulumi from "@pulumi/pulumi";
import { WebhookConfig } from "pulumi-kompliant";

const config = new pulumi.Config();

// You know its id: this very endpoint, or an error that lists the endpoints there are. If its URL differs from the
// one declared here, the preview warns, and the URL is changed.
const orders = new WebhookConfig(
  "orders",
  { url: "https://example.com/kompliant/orders" },
  { import: config.require("ordersId") },
);

// You know its URL: whichever endpoint has it, or a new one if none has.
const payments = new WebhookConfig("payments", {
  url: "https://example.com/kompliant/payments",
  adoptExisting: true,
});

// You have renamed the resource in the program: Pulumi's own `aliases` keeps it one and the same.
const refunds = new WebhookConfig(
  "refunds",
  { url: "https://example.com/kompliant/refunds" },
  { aliases: [{ name: "reimbursements" }] },
);

export const ids = [orders.id, payments.id, refunds.id];
