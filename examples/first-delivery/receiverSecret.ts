// A stand-in for the secret store that your receiver reads: a folder with a file for each webhook key, by the key's id.
// Put a resource of your own store in its place, such as a secret of your cloud or of Kubernetes.
import * as pulumi from "@pulumi/pulumi";

interface Inputs {
  readonly folder: string;
  readonly keyId: string;
  readonly secret: string;
}

const store: pulumi.dynamic.ResourceProvider = {
  // The secret of a key never changes, so it is not compared.
  diff: async (_id, olds: Inputs, news: Inputs) => {
    const replaces = (["folder", "keyId"] as const).filter((field) => olds[field] !== news[field]);
    return { changes: replaces.length > 0, replaces };
  },
  create: async ({ folder, keyId, secret }: Inputs) => {
    const { mkdirSync, writeFileSync } = await import("node:fs");
    const { join } = await import("node:path");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, keyId), secret, { mode: 0o600 });
    return { id: keyId, outs: { folder, keyId } };
  },
};

export class ReceiverSecret extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: { readonly [field in keyof Inputs]: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(store, name, args, opts);
  }
}
