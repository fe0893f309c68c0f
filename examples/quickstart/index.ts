// Three webhook endpoints of one Kompliant account. `pulumi up` creates what is missing, updates a changed URL in
// place, and deletes what is no longer declared here.
import { WebhookConfig } from "pulumi-kompliant";

const orders = new WebhookConfig("orders", { url: "https://example.com/kompliant/orders" });
const payments = new WebhookConfig("payments", { url: "https://example.com/kompliant/payments" });
const refunds = new WebhookConfig("refunds", { url: "https://example.com/kompliant/refunds" });

// The ids that Kompliant has given them; they stay when a URL changes.
export const ordersId = orders.id;
export const paymentsId = payments.id;
export const refundsId = refunds.id;
