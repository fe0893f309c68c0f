import { byAge } from "../../core/account/configuration.js";
import { notFound } from "../../core/account/explain.js";
import { LIST } from "../../core/api/operation.js";
import { type Call, isGiven, type Props } from "../../core/call.js";
import { UserError } from "../../core/failures.js";
import { accountToRead } from "../../core/inputs.js";
import type { Run } from "../../core/run.js";
import { unknownIn } from "./config.js";
import schema from "./schema.json";

/** Answers a lookup of the program. @throws UserError */
export async function invoke(run: Run, call: Call, token: string, args: Props): Promise<Props> {
  const { inputs } = (schema.functions as Record<string, { inputs: { properties: object } }>)[token] ?? {};
  const [unknown] = inputs === undefined ? [] : unknownIn(inputs.properties, args);
  if (unknown !== undefined) throw new UserError(`\`${unknown.property}\`: ${unknown.reason}`);
  switch (token) {
    case "kompliant:index:getWebhookConfig":
      return getWebhookConfig(run, call, args);
    case "kompliant:index:listWebhookConfigs":
      return { configurations: (await listOf(run, call, args)).configurations };
    default:
      throw new UserError(`this version of the provider has no function ${token}`);
  }
}

async function getWebhookConfig(run: Run, call: Call, args: Props): Promise<Props> {
  const key = isGiven(args["id"]) ? "id" : "url";
  const value = args[key];
  if (typeof value !== "string" || value === "")
    throw new UserError("getWebhookConfig needs to know which one: pass `id` or `url`");
  const { accountId, configurations } = await listOf(run, call, args);
  const found = configurations.find((each) => each[key] === value);
  if (found !== undefined) return found;
  throw new UserError(notFound({ key, value }, accountId, configurations, run.runtime.date()));
}

async function listOf(run: Run, call: Call, args: Props) {
  const accountId = accountToRead(run, args["accountId"]);
  const op = run.operation(call, accountId, LIST);
  const listed = await run
    .account(accountId)
    .list(op)
    .catch((error) => {
      throw run.failure(error, op);
    });
  const configurations = [...listed.values()].sort(byAge).map((each) => ({ ...each, accountId }));
  return { accountId, configurations };
}
