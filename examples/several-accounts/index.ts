// Two accounts with credentials of their own in one program. A URL has to be unique only within its account, and each
// account has its own limit of 20.
import * as pulumi from "@pulumi/pulumi";
import { Provider, WebhookConfig } from "pulumi-kompliant";

const config = new pulumi.Config();

// The default: the credentials and the account of the stack config (`kompliant:apiKey`, …) or of the environment.
const us = new WebhookConfig("orders-us", { url: "https://us.example.com/kompliant" });

// A second set of credentials. Without `accountId`, resources would go to the default account.
const eu = new Provider("eu", {
  apiKey: config.requireSecret("euApiKey"),
  secretKey: config.requireSecret("euSecretKey"),
  authToken: config.requireSecret("euAuthToken"),
  accountId: config.require("euAccountId"),
});
const orders = new WebhookConfig("orders-eu", { url: "https://eu.example.com/kompliant" }, { provider: eu });
const mirror = new WebhookConfig("mirror-eu", { url: "https://us.example.com/kompliant" }, { provider: eu });

export const usId = us.id;
export const euIds = [orders.id, mirror.id];
