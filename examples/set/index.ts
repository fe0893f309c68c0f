// All endpoints of an account as one resource. It removes before it adds, so that an account with 20 of 20 stays
// manageable, and hands an endpoint over when only its name changes.
import { WebhookConfigSet } from "pulumi-kompliant";

const prod = new WebhookConfigSet("prod", {
  urls: {
    orders: "https://example.com/kompliant/orders",
    payments: "https://example.com/kompliant/payments",
    refunds: "https://example.com/kompliant/refunds",
  },
  // What the account has besides is reported by `pulumi refresh` and left alone; "remove" would delete it.
  foreign: "keep",
});

export const ids = prod.ids; // { orders: "whc_…", payments: "whc_…", refunds: "whc_…" }
