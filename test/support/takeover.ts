import type { Resource } from "@pulumi/pulumi";
import { type Emulator, type EmulatorOptions, startEmulator } from "pulumi-kompliant/emulator";
import { expect } from "vitest";
import { type EngineStack, engineStack, kompliant, type Run } from "./engine.js";

/** What a program says of one endpoint. */
export interface Wanted {
  readonly url: string;
  readonly accountId?: string;
  readonly adoptExisting?: boolean;
  readonly import?: string;
  /** The endpoint goes by a provider of its own, and so is handled by another process. */
  readonly explicit?: boolean;
  /** Deployed only after the endpoint with this name, which is declared before. */
  readonly after?: string;
}

/** A stack, and the account that it is held against. */
export interface Scene {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  /** The program: name to what it says. */
  declared: Record<string, Wanted>;
  /** The account as it is: URL to id. */
  account(accountId?: string): Record<string, string>;
  /** The stack's state: name to id and URL. */
  state(): Promise<Record<string, readonly [id: string, url: string]>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const at = (path: number | string) => `https://example.com/${path}`;

export async function scene(declared: Record<string, Wanted>, options: EmulatorOptions = {}): Promise<Scene> {
  const emulator = await startEmulator(options);
  const { apiKey, secretKey, authToken } = emulator.credentials;
  const it: Scene = {
    emulator,
    declared,
    stack: await engineStack({
      env: emulator.env,
      program: async () => {
        const made = new Map<string, Resource>();
        let provider: InstanceType<typeof kompliant.Provider> | undefined;
        for (const [name, wanted] of Object.entries(it.declared)) {
          const { url, accountId, adoptExisting, after, explicit } = wanted;
          if (explicit) provider ??= new kompliant.Provider("eu", { apiKey, secretKey, authToken });
          const first = after === undefined ? undefined : made.get(after);
          const hook = new kompliant.WebhookConfig(
            name,
            { url, ...given({ accountId, adoptExisting }) },
            {
              ...given({ import: wanted.import, provider: explicit ? provider : undefined }),
              ...(first === undefined ? {} : { dependsOn: [first] }),
            },
          );
          made.set(name, hook);
        }
      },
    }),
    account: (accountId) =>
      Object.fromEntries(emulator.configs(accountId).map(({ config_id, url }) => [url, config_id])),
    state: async () =>
      Object.fromEntries(
        (await it.stack.resources()).map(({ urn, id = "", outputs }) => [
          urn.split("::").at(-1) ?? "",
          [id, String(outputs["url"])] as const,
        ]),
      ),
    [Symbol.asyncDispose]: async () => {
      await it.stack.dispose();
      await emulator.close();
    },
  };
  return it;
}

/** Without what is undefined, which is not the same as absent to every option. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** A run that has done what it was to do. */
export function succeeded(run: Run): Run {
  expect(run.ok, run.output).toBe(true);
  return run;
}

/** A run that has said why it could not, in words for its user. */
export function refused(run: Run, ...said: readonly string[]): Run {
  expect(run.ok, run.output).toBe(false);
  for (const part of said) expect(run.output).toContain(part);
  expect(run.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
  return run;
}

/** State and account say the same of every endpoint, and there are no others. */
export async function consistent(it: Scene): Promise<void> {
  const stated = Object.values(await it.state()).map(([id, url]) => [url, id] as const);
  expect(Object.fromEntries(stated)).toEqual(it.account());
  expect(stated).toHaveLength(Object.keys(it.account()).length);
}
