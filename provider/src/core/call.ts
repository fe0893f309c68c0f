import type { Log } from "./api/runtime.js";

/** What a shell says of one call of the engine. */
export interface Call {
  /** Which resource it is about: the same text in all calls of a run, and no other resource's. Nothing is read from it. */
  readonly key: string;
  /** How messages call the resource, where its name is known. */
  readonly label: string | undefined;
  /** Nothing may be changed: say what would be done, and what stands in its way. */
  readonly isPreview: boolean;
  /** How long it may last, in milliseconds. Default: `operationTimeoutSeconds` of the settings. */
  readonly timeoutMs?: number;
  /** Where messages about the resource go. */
  readonly log: Log;
}

/**
 * What the engine sends in place of a value that a preview cannot know.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go: UnknownStringValue
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** False for what a preview cannot know. */
export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}

/** Whether the program passes a value; one that is absent may arrive as null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Properties of a resource as they come from the engine. */
export type Props = Readonly<Record<string, unknown>>;

/** What is wrong with an input, and with which; with none in particular where `property` is empty. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface Checked {
  /** What state is to keep. */
  readonly inputs: Props;
  readonly failures: readonly CheckFailure[];
}

export interface Difference {
  readonly hasChanges: boolean;
  /** The inputs that are not what they were. */
  readonly changed: readonly string[];
  /** The properties that can only be had by a new resource. */
  readonly replaces: readonly string[];
}

/** What the engine asks of one type of resources, said by a shell. */
export interface ResourceType<I, O extends I> {
  /** Whether the old one goes first where a resource is replaced, since both cannot be there at the same time. */
  readonly deleteBeforeReplace: boolean;
  check(call: Call, olds: Partial<I> | undefined, news: Props): Promise<Checked>;
  diff(call: Call, id: string, olds: O, news: I): Promise<Difference>;
  /** @returns in a preview nothing, or what would be taken over @throws UserError, PartialFailure */
  create(call: Call, inputs: I): Promise<{ readonly id: string; readonly outputs: O } | undefined>;
  /** @returns nothing if it is gone @throws UserError */
  read(
    call: Call,
    id: string,
    props: Partial<O>,
  ): Promise<{ readonly id: string; readonly inputs: I; readonly outputs: O } | undefined>;
  /** @returns nothing in a preview @throws UserError, PartialFailure */
  update(call: Call, id: string, olds: O, news: I): Promise<O | undefined>;
  /** @throws UserError */
  delete(call: Call, id: string, props: O): Promise<void>;
}
