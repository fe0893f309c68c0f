import { describeFailure, KompliantError } from "../api/errors.js";
import type { Operation } from "../api/operation.js";
import { isTurnedAway } from "../api/retry.js";
import type { Settings } from "../api/settings.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../messages/nothingListed.js";
import { daysSince, oneLine, shownUrl } from "../messages/shown.js";
import type { Configuration } from "./configuration.js";
import { AccountConflict } from "./conflicts.js";

/** What a message needs to know besides the error. */
export interface Context {
  /** What was tried. */
  readonly op: Operation;
  readonly settings: Settings;
  /** The account's configurations, if they are known. */
  readonly active: ReadonlyMap<string, Configuration> | undefined;
  /** It is about an endpoint of a set, which has other ways out than a resource of its own. */
  readonly inSet?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Says what happened, to what, why, and what to do next: the text of a deployment failure. */
export function explain(error: unknown, context: Context): string {
  const cause = error instanceof AccountConflict ? error.cause : error;
  const [why, ...next] = reasons(error, context).flatMap((reason) => reason.split("\n"));
  const lines = [`cannot ${context.op.what}: ${why}`, ...next.map((line) => `  ${line}`)];
  if (cause instanceof KompliantError) {
    if (cause.gaveUp !== undefined) lines.push(`  ${cause.gaveUp}`);
    lines.push(`  call: ${cause.method}${cause.traceId === undefined ? "" : `, trace id: ${cause.traceId}`}`);
  }
  return lines.join("\n");
}

function reasons(error: unknown, context: Context): readonly string[] {
  if (error instanceof AccountConflict) return conflictReasons(error, context);
  if (!(error instanceof KompliantError)) return [error instanceof Error ? error.message : String(error)];
  const said = describeFailure(error.failure, error.baseUrl);
  if (error.failure.kind !== "refused") return [said, transportAdvice(error)];
  if (error.code?.startsWith("AUTH_")) return [said, authenticationAdvice(error.code, context.settings)];
  if (error.code === "ENTITY_NOT_FOUND") return [said, notFoundAdvice(error, context)];
  if (error.code === "UNKNOWN_VERSION")
    return [
      said,
      `The API does not know version ${context.settings.apiVersion}: correct kompliant:apiVersion or KOMPLIANT_API_VERSION.`,
    ];
  if (error.code === "BAD_REQUEST")
    return [
      said,
      `Correct in the program what these words name. A wrong path in the base URL (kompliant:baseUrl or KOMPLIANT_BASE_URL, now ${error.baseUrl}) is answered so too.`,
    ];
  return [
    said,
    `Correct what these words name. If nothing in the program or the account explains them, ask Kompliant's support${error.traceId === undefined ? "" : ", and quote the trace id"}.`,
  ];
}

function conflictReasons(error: AccountConflict, context: Context): readonly string[] {
  const { conflict, cause } = error;
  const said = cause === undefined ? undefined : describeFailure(cause.failure, cause.baseUrl);
  switch (conflict.kind) {
    case "url-taken":
      return [
        said ?? `another configuration has the URL ${conflict.url}`,
        ...urlTakenAdvice(conflict.url, conflict.holder, conflict.parallel, context),
      ];
    case "limit":
      return [
        said ?? "the account has as many active configurations as Kompliant allows",
        `These ${conflict.active.length} are active:`,
        ...conflict.active.map((configuration) => `  ${line(configuration, context.now)}`),
        context.inSet
          ? 'Remove some of them, or set `foreign: "remove"`.'
          : "Pulumi deletes last, after all creates, so a removal must be deployed first: remove one from the program, deploy that, then add the new one.",
      ];
    case "unsettled":
      return [
        `the answer to the create was lost, and the account could not be made to say whether it took effect${said === undefined ? "" : ` (${said})`}`,
        context.inSet
          ? `Run \`pulumi up\` again: if ${conflict.url} is in the account by then, the set takes it over; if it is not, the set creates it.`
          : `Look for ${conflict.url} in account ${context.op.accountId} (\`npx pulumi-kompliant list\`). If it is there, \`adoptExisting: true\` takes it over; if it is not, run \`pulumi up\` again.`,
      ];
    case "not-listed":
      return [
        `Kompliant has accepted ${conflict.configId} for ${conflict.url}, but the account does not list it so`,
        "Run `pulumi up` again: it completes this resource without creating anything.",
      ];
  }
}

function urlTakenAdvice(
  url: string,
  holder: string | undefined,
  parallel: number,
  { active, inSet }: Context,
): readonly string[] {
  if (holder === undefined)
    return [
      `No configuration of the account is listed with exactly ${url}; the API may compare URLs in another form. Use another URL, or look at \`npx pulumi-kompliant list\`.`,
    ];
  const since = active?.get(holder)?.createdAt;
  return [
    `${holder} has ${url}${since === undefined ? "" : `, since ${oneLine(since, 40)}`}, and nothing in this deployment has moved it away.`,
    "Ways out:",
    ...(inSet ? waysOutOfSet : waysOut(holder, parallel)),
    "- use another URL",
  ];
}

/** What a preview says of a URL that will be refused, unless whoever holds it leaves it after all. */
export function takenWarning(
  accountId: string,
  holder: string,
  { url, id, inSet }: { readonly url: string; readonly id?: string; readonly inSet?: boolean },
): string {
  const taken = `${holder} of account ${accountId} has ${url} already. Unless another resource of this program gives it up in this deployment,`;
  if (inSet)
    return `${taken} changing the URL of ${id} will fail: use another name in \`urls\`, with which the set takes ${holder} over, if no other stack manages it; or use another URL.`;
  if (id !== undefined)
    return `${taken} changing the URL of ${id} will fail: use another URL, or have ${holder} removed by whoever manages it, which may be another stack.`;
  return `${taken} creating it will fail: if no other stack manages it, take it over with the option \`import: "${holder}"\` or with \`adoptExisting: true\`; use \`aliases\` if the resource was renamed; or use another URL. Only if this resource is being replaced (\`--replace\`, \`--target-replace\`, \`pulumi state taint\`), ${holder} is its own, which goes first by the option \`deleteBeforeReplace\`.`;
}

const waysOutOfSet = [
  "- run `pulumi up` again: a name that has no configuration yet takes it over, unless another resource stands for it",
  "- a name that has a configuration keeps it: with another name in `urls` the set takes this one over, and removes that one",
  '- `foreign: "remove"` removes it, and whatever else the program does not declare',
];

function waysOut(holder: string, parallel: number): readonly string[] {
  return [
    '- the resource was renamed in the program: `aliases: [{ name: "OLD" }]` keeps it one and the same',
    "- another stack manages it: let that stack give it up first. Two stacks with one endpoint change and delete it for each other",
    `- nothing else manages it: take it over with the option \`import: "${holder}"\`, or with \`adoptExisting: true\``,
    "- this very resource is being replaced (`--replace`, `--target-replace`, `pulumi state taint`): with the option `deleteBeforeReplace: true` the old one goes first",
    "- another resource of this program holds it and is to be removed: deploy the removal first, Pulumi deletes last",
    `- another resource of this program moves away too: include it in the deployment (no \`--target\` without it), let the engine work on enough at a time (\`pulumi up --parallel ${parallel}\`), and have no \`dependsOn\` between the two, since one would wait for the other`,
  ];
}

function transportAdvice({ failure, baseUrl, method }: KompliantError): string {
  if (failure.kind === "unreadable" && isTurnedAway(failure.status))
    return "Nothing is wrong with the program: run the same command again later.";
  if (failure.kind === "incomplete")
    return "This version of the package reads whole lists only: look for a newer one. Nothing was concluded from this answer.";
  if (failure.kind === "unsent") return "Run the same command again.";
  if (failure.kind === "unanswered" && method === "webhook.key.create")
    return "Run the same command again, which makes another key.";
  if (failure.kind === "unanswered")
    return "Run the same command again; what the server did meanwhile is found out.";
  return `Check the base URL (kompliant:baseUrl or KOMPLIANT_BASE_URL, now ${baseUrl}) and any proxy between. Nothing was concluded from this answer.`;
}

/** The environment variables' and keys' names of the credential that an authentication error is about. */
function authenticationAdvice(code: string, { credentialSource }: Settings): string {
  const from = `taken from ${credentialSource}`;
  switch (code) {
    case "AUTH_INVALID_API_KEY":
      return `It is about the API key (kompliant:apiKey, KOMPLIANT_API_KEY), ${from}: correct it there.`;
    case "AUTH_INVALID_AUTH_TOKEN":
      return `It is about the auth token (kompliant:authToken, KOMPLIANT_AUTH_TOKEN), ${from}: correct it there.`;
    case "AUTH_SIGNATURE_MISMATCH":
      return `It is about the secret key (kompliant:secretKey, KOMPLIANT_SECRET_KEY), ${from}: it does not belong to the API key beside it.`;
    default:
      return `The API key, secret key and auth token were all sent, ${from}; a proxy may have removed or changed one of the headers.`;
  }
}

function notFoundAdvice({ method, call }: KompliantError, { op: { accountId }, settings }: Context): string {
  if (method === "webhook.config.update")
    return `${call.configId} was deleted outside Pulumi, or belongs to another account: \`pulumi refresh\` records that it is gone, and \`pulumi up\` then creates a new one.`;
  if (method === "webhook.key.activate")
    return `${call.keyId} is unknown to these credentials (from ${settings.credentialSource}): correct \`keyId\`, or use the credentials of the account that it was made in.`;
  if (call.keyId !== undefined)
    return `${call.keyId} is unknown to these credentials (from ${settings.credentialSource}): use those of the account that it was made in. Nothing was concluded from this answer. If Kompliant has the key no more, \`pulumi state delete\` removes it from state, and \`pulumi up\` makes another one.`;
  if (method !== "webhook.config.get" && method !== "webhook.config.delete")
    return `The account ${accountId} is unknown to these credentials (from ${settings.credentialSource}): correct kompliant:accountId, KOMPLIANT_ACCOUNT_ID or \`accountId\`, or use the credentials of that account.`;
  return `${call.configId} is unknown to account ${accountId} with the credentials from ${settings.credentialSource}.`;
}

/** What a lookup asks for. */
export interface Wanted {
  readonly key: "id" | "url";
  readonly value: string;
}

/** That an account does not have what a lookup asks for, and what it has. */
export function notFound(
  { key, value }: Wanted,
  accountId: string,
  present: readonly Configuration[],
  now: number,
): string {
  const lines = present.map((each) => `\n  ${line(each, now)}`).join("");
  const others = lines === "" ? `It has none at all. ${MAYBE_ANOTHER_ACCOUNT}` : `It has:${lines}`;
  return `account ${accountId} has no webhook configuration with the ${key === "id" ? "id" : "URL"} ${value}. ${others}`;
}

/** A configuration in one line: id, URL, age. */
export function line({ id, url, createdAt }: Configuration, now: number): string {
  return `${id}  ${shownUrl(url)}  (${age(createdAt, now)})`;
}

/** A configuration that may be anybody's, whose URL may be a secret: id, age. */
export function lineWithoutUrl({ id, createdAt }: Configuration, now: number): string {
  return `${id} (${age(createdAt, now)})`;
}

function age(createdAt: string, now: number): string {
  const days = daysSince(createdAt, now);
  return days === undefined ? `created ${oneLine(createdAt, 40)}` : `${days} day${days === 1 ? "" : "s"} old`;
}
