/** Settings as the engine hands them over: those of the environment are not among them. */
export interface Config {
  /** @param key without `kompliant:` */
  get(key: string): string | undefined;
  /** The explicit provider whose settings they are; absent for those of the stack config. */
  readonly provider?: ExplicitProvider | undefined;
}

/** A provider that the program declares. */
export interface ExplicitProvider {
  readonly name: string;
  /** How messages call the place in the program where it is given its settings. */
  readonly declaration: string;
  /** Otherwise it uses those of the environment. */
  readonly hasCredentials: boolean;
  /** Settings that it was not given are in it as the stack config has them. */
  readonly copiesStackConfig: boolean;
}

/** The input key by which a `Provider` of the TypeScript package makes itself known; its value is its name. */
export const PROVIDER_NAME_KEY = "provider";

/** @param get settings as the classes of the TypeScript package leave them */
export function configOf(get: Config["get"]): Config {
  const name = get(PROVIDER_NAME_KEY);
  if (name === undefined) return { get };
  const declaration = `new Provider("${name}", …)`;
  return { get, provider: { name, declaration, hasCredentials: true, copiesStackConfig: true } };
}
