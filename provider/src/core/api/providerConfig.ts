/** A provider's settings as the engine hands them over: those of the environment are not among them. */
export interface ProviderConfig {
  /** @param key without `kompliant:` */
  get(key: string): string | undefined;
  /** Absent where the settings are those of the stack config. */
  readonly provider?: ExplicitProvider | undefined;
}

/** A provider that the program declares. */
export interface ExplicitProvider {
  readonly name: string;
  /** What messages call its declaration in the program. */
  readonly declaration: string;
  /** Its own credentials count, complete or not; otherwise those of the environment. */
  readonly hasCredentials: boolean;
  /** What the program does not pass to it, it copies from the stack config. */
  readonly copiesStackConfig: boolean;
}

/** The input key by which a `Provider` of the TypeScript package makes itself known; its value is its name. */
export const PROVIDER_NAME_KEY = "provider";

/** @param get settings as the classes of the TypeScript package leave them */
export function dynamicConfig(get: ProviderConfig["get"]): ProviderConfig {
  const name = get(PROVIDER_NAME_KEY);
  if (name === undefined) return { get };
  const declaration = `new Provider("${name}", …)`;
  return { get, provider: { name, declaration, hasCredentials: true, copiesStackConfig: true } };
}
