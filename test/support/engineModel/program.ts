import { runtime } from "@pulumi/pulumi";
import { shellUnderTest } from "../shellUnderTest.js";

export type Props = Readonly<Record<string, unknown>>;
export type TypeName = "WebhookConfig" | "WebhookConfigSet" | "WebhookKey" | "WebhookKeyActivation";

/** A resource as others of the program see it; in a preview some of it is unknown. */
export interface Known {
  readonly id: unknown;
  readonly outputs: Props;
}

/** An input that is made of another resource's output, which the program would write with `apply`. */
export interface Uses {
  /** The key of the other resource. */
  readonly of: string;
  readonly output: string;
  readonly as: (value: string) => string;
}
type Input<T> = T | Uses;

/** What a program says of one resource. */
export interface Declared {
  /** Default: `WebhookConfig`. */
  readonly type?: TypeName;
  /** Default: its key in the program. */
  readonly name?: string;
  readonly url?: Input<string>;
  readonly urls?: Input<Readonly<Record<string, string>>>;
  readonly accountId?: Input<string>;
  readonly foreign?: "keep" | "remove";
  readonly adoptExisting?: boolean;
  readonly keepers?: Readonly<Record<string, string>>;
  readonly keyId?: Input<string>;
  readonly import?: string;
  /** The name of an explicit provider, so of another process. */
  readonly provider?: string;
  readonly dependsOn?: readonly string[];
  readonly aliases?: readonly string[];
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  /** For configurations and sets, the class of the dynamic shell has it by itself. */
  readonly deleteBeforeReplace?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

/** Key to resource, in the order in which they are declared. */
export type Program = Readonly<Record<string, Declared>>;

/** What a preview passes for an input that it cannot know. */
export const UNKNOWN = runtime.unknownValue;

const INPUTS = ["url", "urls", "accountId", "foreign", "adoptExisting", "keepers", "keyId"] as const;

export function nameOf(key: string, { name = key }: Declared): string {
  return name;
}

/** What tells resources of one stack apart. */
export function urnOf(name: string, type: TypeName = "WebhookConfig"): string {
  return `${type}::${name}`;
}

function isUses(value: unknown): value is Uses {
  return typeof value === "object" && value !== null && "of" in value && "output" in value;
}

/** The keys of the resources of which each input is made. */
export function usesOf(declared: Declared): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INPUTS.flatMap((input) => {
      const value = declared[input];
      return isUses(value) ? [[input, value.of] as const] : [];
    }),
  );
}

/** The keys of all that must be there before. */
export function needsOf(declared: Declared): readonly string[] {
  return [...(declared.dependsOn ?? []), ...Object.values(usesOf(declared))];
}

/** What the class hands to the engine, but for the constant text. To the plugin, name and import are no inputs. */
export function inputsOf(
  key: string,
  declared: Declared,
  known: ReadonlyMap<string, Known>,
): Record<string, unknown> {
  const inputs = INPUTS.flatMap((input) => {
    const value = declared[input];
    if (value === undefined) return [];
    if (!isUses(value)) return [[input, value] as const];
    const used = known.get(value.of);
    if (used === undefined) throw new Error(`${key} is declared before ${value.of}`);
    const given = value.output === "id" ? used.id : used.outputs[value.output];
    return [[input, given === UNKNOWN ? UNKNOWN : value.as(String(given))] as const];
  });
  const { import: id } = declared;
  const ofDynamic = { ...(id === undefined ? {} : { import: id }), name: nameOf(key, declared) };
  return { ...Object.fromEntries(inputs), ...(shellUnderTest === "dynamic" ? ofDynamic : {}) };
}
