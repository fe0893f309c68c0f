import * as pulumi from "@pulumi/pulumi";
import { PROVIDER_NAME_KEY } from "../api/settings.js";
import { sharedSettings, stackConfig } from "./settings.js";

/** Credentials and settings of an explicit provider. Settings that are left out come from the stack config. */
export interface ProviderArgs {
  /** `sb_` or `lv_` and 22 letters and digits. Kept encrypted in state. */
  readonly apiKey: pulumi.Input<string>;
  /** 33 bytes in standard Base64 (44 characters). Kept encrypted in state. */
  readonly secretKey: pulumi.Input<string>;
  /** Kept encrypted in state. */
  readonly authToken: pulumi.Input<string>;
  /** The account of resources that name none. Default: `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`. */
  readonly accountId?: pulumi.Input<string> | undefined;
  /** Default: `kompliant:baseUrl`, then `KOMPLIANT_BASE_URL`, then `https://api.kompliant.com`. */
  readonly baseUrl?: pulumi.Input<string> | undefined;
}

/**
 * A second set of credentials in one program. Resources that name it are handled by a provider process of their own.
 *
 * @example
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

  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    super(
      "pulumi-nodejs",
      name,
      {
        ...sharedSettings(),
        [`kompliant:${PROVIDER_NAME_KEY}`]: name,
        "kompliant:apiKey": pulumi.secret(args.apiKey),
        "kompliant:secretKey": pulumi.secret(args.secretKey),
        "kompliant:authToken": pulumi.secret(args.authToken),
        ...(args.accountId === undefined ? {} : { "kompliant:accountId": args.accountId }),
        ...(args.baseUrl === undefined ? {} : { "kompliant:baseUrl": args.baseUrl }),
      },
      opts,
    );
    this.accountId = pulumi.output<string | undefined>(args.accountId ?? defaultAccountId());
  }
}

/** The explicit provider that Pulumi will use for a resource with these options. */
export function providerOf(
  { provider, parent }: pulumi.CustomResourceOptions,
  type: string,
): pulumi.ProviderResource | undefined {
  return provider ?? parent?.getProvider(type) ?? pulumi.runtime.getStackResource()?.getProvider(type);
}

/** The account of resources that name none. */
export function accountOf(provider: pulumi.ProviderResource | undefined): pulumi.Input<string | undefined> {
  return provider instanceof Provider ? provider.accountId : defaultAccountId();
}

/** The account of resources and providers that name none. */
function defaultAccountId(): string | undefined {
  return stackConfig().get("accountId") ?? process.env["KOMPLIANT_ACCOUNT_ID"];
}
