/** The methods of the Kompliant API that the provider uses. */
export type Method =
  | "webhook.config.create"
  | "webhook.config.get"
  | "webhook.config.list"
  | "webhook.config.update"
  | "webhook.config.delete"
  | "webhook.key.create"
  | "webhook.key.activate"
  | "webhook.key.get";
