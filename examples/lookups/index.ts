// What an account has, whoever manages it. All lookups of a program in one account share one call to the API.
import {
  getWebhookConfig,
  getWebhookConfigOutput,
  listWebhookConfigs,
  WebhookConfig,
} from "pulumi-kompliant";

// By URL or by id; an error that lists what there is if the account has no such endpoint.
const theirs = getWebhookConfig({ url: "https://example.com/theirs" });
export const theirsId = theirs.then(({ id }) => id);

// All of them, oldest first.
export const before = listWebhookConfigs().then((all) => all.map(({ url }) => url));

// By something that is known only once it is deployed.
const orders = new WebhookConfig("orders", { url: "https://example.com/kompliant/orders" });
export const registeredAt = getWebhookConfigOutput({ id: orders.id }).createdAt;

// As a resource of the stack, which is read on every refresh and never changed or deleted.
const read = WebhookConfig.get("theirs", theirsId);
export const theirUrl = read.url;
