import * as pulumi from "@pulumi/pulumi";
import { PROVIDER_NAME_KEY } from "../core/api/providerConfig.js";
import { withoutFailures } from "./failures.js";
import { isKnown } from "./sdk.js";
import { configured, sharedSettings, stackConfig } from "./settings.js";

/**
 * Credentials and settings of an explicit provider. `accountId` and `baseUrl` come from the stack config and then from
 * the environment where they are left out; the other settings always do. The three credentials never do.
 */
export interface ProviderArgs {
  /** `sb_` (sandbox) or `lv_` (live) and 22 letters and digits. Kept encrypted in state. */
  readonly apiKey: pulumi.Input<string>;
  /** 33 bytes in standard Base64 (44 characters). Kept encrypted in state. */
  readonly secretKey: pulumi.Input<string>;
  /** Printable characters without blanks. Kept encrypted in state. */
  readonly authToken: pulumi.Input<string>;
  /** The account of resources that name none. Default: `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`. */
  readonly accountId?: pulumi.Input<string> | undefined;
  /** Default: `kompliant:baseUrl`, then `KOMPLIANT_BASE_URL`, then `https://api.kompliant.com`. */
  readonly baseUrl?: pulumi.Input<string> | undefined;
}

/**
 * A second set of credentials in one program. Resources that name it are handled by a provider process of their own.
 *
 * What is missing or malformed in it fails the preview of the first resource that uses it, never showing a value.
 *
 * @example
 * import * as pulumi from "@pulumi/pulumi";
 * import { Provider, WebhookConfig } from "pulumi-kompliant";
 *
 * const config = new pulumi.Config();
 * const eu = new Provider("eu", {
 *   apiKey: config.requireSecret("euApiKey"),
 *   secretKey: config.requireSecret("euSecretKey"),
 *   authToken: config.requireSecret("euAuthToken"),
 *   accountId: "lv_4K8mPxR9N2jL7hS5TdWfY1",
 * });
 * new WebhookConfig("orders-eu", { url: "https://eu.example.com/kompliant" }, { provider: eu });
 */
export class Provider extends pulumi.ProviderResource {
  /** The account of resources that name none. */
  readonly accountId: pulumi.Output<string | undefined>;

  /**
   * @param name the provider's name in the program, by which messages call it
   * @param args its credentials, and the settings that differ from those of the stack config
   * @param opts Pulumi's resource options
   */
  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    const { args: given, options, refused } = withoutFailures(args, opts ?? {});
    const { accountId, baseUrl } = given;
    const settings: Record<string, pulumi.Input<string>> = {
      ...sharedSettings(),
      [PROVIDER_NAME_KEY]: name,
      apiKey: pulumi.secret(given.apiKey),
      secretKey: pulumi.secret(given.secretKey),
      authToken: pulumi.secret(given.authToken),
      ...(accountId === undefined ? {} : { accountId }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    };
    const inputs = Object.entries(settings).map(([key, value]) => [`kompliant:${key}`, value]);
    // The engine checks nothing else of this provider itself, so this is where it can be made to refuse one.
    const version = refused.then((lines) => lines?.join("; "));
    super("pulumi-nodejs", name, { ...Object.fromEntries(inputs), version }, options);
    explicit.set(this, { settings: pulumi.output(settings), refused });
    this.accountId = pulumi.output<string | undefined>(accountId ?? defaultAccountId());
  }
}

type KnownSettings = Readonly<Record<string, string | undefined>>;

/** The settings of explicit providers, outside the objects themselves: those can be printed. */
const explicit = new WeakMap<
  Provider,
  {
    readonly settings: pulumi.Output<KnownSettings>;
    /** What of them has failed. */
    readonly refused: Promise<readonly string[] | undefined>;
  }
>();

/**
 * The settings that a provider was given, for what the program does itself with its credentials.
 *
 * @returns undefined if they are known only after the deployment
 * @throws pulumi.RunError if one of them has failed
 */
export async function settingsOf(provider: Provider | undefined): Promise<KnownSettings | undefined> {
  if (provider === undefined) return configured();
  const of = explicit.get(provider);
  if (of === undefined) return {};
  const refused = await of.refused;
  if (refused !== undefined) throw new pulumi.RunError(`the provider's ${refused.join("; ")}`);
  if (!(await isKnown(of.settings))) return undefined;
  return new Promise((resolve) => of.settings.apply(resolve));
}

/** The account of resources and providers that name none. */
function defaultAccountId(): string | undefined {
  return stackConfig().get("accountId") ?? process.env["KOMPLIANT_ACCOUNT_ID"];
}
