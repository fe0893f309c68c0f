import type * as pulumi from "@pulumi/pulumi";
import type { RunOptions } from "../support/engine.js";
import { classes } from "../support/plugin.js";
import { shellUnderTest } from "../support/shellUnderTest.js";
import type { Recorder } from "./recorder.js";

/** The classes of the shell that is recorded. */
export const { endpoint, set, provider: explicit } = classes[shellUnderTest];

/** The engine's default depends on the machine: 4 for each core. */
export const parallel = 16;
export const at = (path: string) => `https://example.com/${path}`;

export interface Hook {
  url: string;
  accountId?: string;
  adoptExisting?: boolean;
  options?: pulumi.CustomResourceOptions;
}

/** Sets a program that declares these, in this order, as they are when it runs. */
export function declares({ setProgram }: Recorder, hooks: object): void {
  setProgram((inTurn) => {
    for (const [name, { options = {}, url, ...args }] of Object.entries<Hook>(hooks as Record<string, Hook>))
      inTurn(name, (when) => endpoint(name, { ...args, url: when(url) }, options));
  });
}

export function three(): { a: Hook; b: Hook; c?: Hook } {
  return { a: { url: at("a") }, b: { url: at("b") }, c: { url: at("c") } };
}

/** The commands as a user types them. */
export function commandsOf({ stack, record }: Recorder) {
  const shown = ({ parallel: asked, target, targetReplace, refresh, runProgram }: RunOptions) =>
    [
      ...(asked === undefined ? [] : ["--parallel", asked]),
      ...(refresh === true ? ["--refresh"] : []),
      ...(runProgram === true ? ["--run-program"] : []),
      ...(target ?? []).map((urn) => `--target ${urn.split("::").at(-1)}`),
      ...(targetReplace ?? []).map((urn) => `--target-replace ${urn.split("::").at(-1)}`),
    ]
      .map((word) => ` ${word}`)
      .join("");
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => ({ ok: true }),
      () => ({ ok: false }),
    );
  type Faults = Parameters<Recorder["record"]>[2];
  const all = (options: RunOptions) => ({ parallel, ...options });
  return {
    up: (what: string, options: RunOptions = {}, faults?: Faults) =>
      record(`up${shown(options)}: ${what}`, () => stack.up(all(options)), faults),
    preview: (what: string, options: RunOptions = {}) =>
      record(`preview${shown(options)}: ${what}`, () => stack.preview(all(options))),
    refresh: (what: string, options: RunOptions = {}) =>
      record(`refresh${shown(options)}: ${what}`, () => stack.refresh(all(options))),
    destroy: (what: string, options: RunOptions = {}) =>
      record(`destroy${shown(options)}: ${what}`, () => stack.destroy(all(options))),
    previewRefresh: (what: string) =>
      record(`refresh --preview-only: ${what}`, () => outcome(stack.stack.previewRefresh({ parallel }))),
    previewDestroy: (what: string) =>
      record(`destroy --preview-only: ${what}`, () => outcome(stack.stack.previewDestroy({ parallel }))),
  };
}

export async function urnOf({ stack }: Recorder, name: string): Promise<string> {
  const found = (await stack.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no ${name} in state`);
  return found.urn;
}

/** The id of what has a URL. */
export function idAt({ emulator }: Recorder, url: string): string {
  return emulator.configs().find((config) => config.url === url)?.config_id ?? "";
}
