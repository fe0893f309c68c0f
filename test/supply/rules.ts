import { parseDocument, visit } from "yaml";
import * as z from "zod";

const step = z.looseObject({
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.unknown()).optional(),
});
type Step = z.infer<typeof step>;
const permissions = z.union([z.string(), z.record(z.string(), z.string())]).optional();
const job = z.looseObject({
  permissions,
  environment: z.unknown().optional(),
  "timeout-minutes": z.number().optional(),
  steps: z.array(step).default([]),
});
type Job = z.infer<typeof job>;
const workflowSchema = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions,
  jobs: z.record(z.string(), job),
});

const CREDENTIAL = /\bsecrets\b|\bgithub\.token\b|\bgithub\s*\[/;
// What runs scripts of packages that come from a registry.
const INSTALLS = /\b(npm (ci|i|install|add|exec|update|rebuild)|pnpm|yarn|bun)\b/;

/**
 * What a workflow of GitHub Actions does that a workflow with credentials must not.
 *
 * @param text the file
 * @returns one line for each fault, with the place first
 */
export function faults(text: string): string[] {
  const document = parseDocument(text);
  const { on, jobs, permissions: granted, ...around } = workflowSchema.parse(document.toJS());
  return [
    ...pins(document),
    ...triggers(on),
    ...(granted === undefined ? ["the workflow names no permissions"] : []),
    ...(writes(granted) ? ["the workflow gives every job the right to write"] : []),
    ...credentials(around, "the workflow"),
    ...Object.entries(jobs).flatMap(([name, each]) => jobFaults(each).map((fault) => `${name}: ${fault}`)),
  ];
}

/** A tag can be moved to other code, a commit cannot. The tag in the comment tells people which one it is. */
function pins(document: ReturnType<typeof parseDocument>): string[] {
  const found: string[] = [];
  visit(document, {
    Pair(_, { key, value }) {
      if (String(key) !== "uses") return;
      const { value: action, comment } = value as { value: string; comment?: string };
      if (!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action)) found.push(`${action} is not pinned by a commit`);
      else if (!/^ v\d+\.\d+\.\d+$/.test(comment ?? "")) found.push(`${action} has no tag in a comment`);
    },
  });
  return found;
}

/** Both run with the repository's secrets for code that a stranger proposes. */
function triggers(on: z.infer<typeof workflowSchema>["on"]): string[] {
  const names = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on);
  return names
    .filter((name) => ["pull_request_target", "workflow_run"].includes(name))
    .map((name) => `${name} starts the workflow`);
}

function jobFaults({ steps, ...around }: Job): string[] {
  const found = steps.flatMap(stepFaults);
  if (around["timeout-minutes"] === undefined) found.push("no timeout-minutes");
  // These rules see neither what another workflow does, nor what is in an image.
  for (const key of ["uses", "container", "services"])
    if (key in around) found.push(`\`${key}\` is not allowed`);
  found.push(...credentials(around, "the job"));
  if (writes(around.permissions)) {
    if (around.environment === undefined) found.push("may write, but no environment asks a person");
    for (const { uses, run } of steps)
      if (uses?.startsWith("actions/checkout@") || INSTALLS.test(run ?? ""))
        found.push("may write, and takes in code that could use it");
  }
  return found;
}

function stepFaults({ uses, run, env, ...around }: Step): string[] {
  const found = credentials({ ...around, run, env: uses === undefined ? undefined : env }, uses ?? "a step");
  // Before the shell sees a script, GitHub puts a text into it, which may come from the title of a pull request.
  if (run?.includes("${{")) found.push(`an expression inside \`run: ${run.trim()}\``);
  if (credentials(env, "").length > 0 && INSTALLS.test(run ?? ""))
    found.push(`\`${run?.trim()}\` runs code of packages with a credential`);
  if (uses?.startsWith("actions/checkout@") && around.with?.["persist-credentials"] !== false)
    found.push("checkout leaves its token to the steps that follow");
  return found;
}

/** A credential belongs in the environment of the one `run` step that needs it. */
function credentials(value: unknown, place: string): string[] {
  return CREDENTIAL.test(JSON.stringify(value) ?? "") ? [`${place} is given a credential`] : [];
}

function writes(granted: z.infer<typeof permissions>): boolean {
  if (typeof granted === "string") return granted !== "read-all";
  return Object.values(granted ?? {}).some((right) => right !== "read" && right !== "none");
}
