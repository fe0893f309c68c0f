import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../../support/calls.js";
import { plugins } from "../../support/plugin.js";
import { FIRST_MS, goProject, pythonProject } from "../../support/project.js";
import { at, refused, succeeded } from "../../support/takeover.js";

/** @param args what a class of a generated SDK would pass */
const python = (args: string) => `
import pulumi

class WebhookConfig(pulumi.CustomResource):
    url: pulumi.Output[str]
    createdAt: pulumi.Output[str]

    def __init__(self, name, **args):
        super().__init__("kompliant:index:WebhookConfig", name, {"createdAt": None, **args})

orders = WebhookConfig("orders", ${args})
pulumi.export("id", orders.id)
pulumi.export("url", orders.url)
pulumi.export("createdAt", orders.createdAt)
`;

const go = (url: string) => `
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

type WebhookConfig struct {
	pulumi.CustomResourceState
	Url pulumi.StringOutput \`pulumi:"url"\`
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		var orders WebhookConfig
		args := pulumi.Map{"url": pulumi.String("${url}")}
		err := ctx.RegisterResource("kompliant:index:WebhookConfig", "orders", args, &orders)
		if err != nil {
			return err
		}
		ctx.Export("id", orders.ID())
		ctx.Export("url", orders.Url)
		return nil
	})
}
`;

test(
  "from Python a misspelt input is refused; an endpoint is previewed, deployed, left alone, changed, put right after a drift, and destroyed",
  async () => {
    await using emulator = await startEmulator();
    await using project = await pythonProject({
      program: "",
      settings: plugins,
      env: emulator.env,
    });
    await project.setProgram(python(`url="${at("orders")}", adoptExisitng=True`));
    refused(
      await project.preview(),
      "adoptExisitng",
      "there is no such input: it has url, accountId, adoptExisting",
    );
    await project.setProgram(python(`url="${at("orders")}"`));
    expect(succeeded(await project.preview()).changes).toEqual({ create: 2 });
    succeeded(await project.up());
    const [{ config_id: id = "", created_at: createdAt } = {}] = emulator.configs();
    const expectOutputs = async (url: string) =>
      expect(await project.stack.outputs()).toMatchObject({
        id: { value: id },
        url: { value: url },
        createdAt: { value: createdAt },
      });
    await expectOutputs(at("orders"));

    emulator.clearRequests();
    expect(succeeded(await project.up()).changes).toEqual({ same: 2 });
    expect(emulator.requests).toEqual([]);
    await project.setProgram(python(`url="${at("moved")}"`));
    expect(succeeded(await project.up()).changes).toEqual({ same: 1, update: 1 });
    await expectOutputs(at("moved"));

    emulator.change(id, at("elsewhere"));
    expect(succeeded(await project.refresh()).changes).toEqual({ same: 1, update: 1 });
    expect(succeeded(await project.up()).changes).toEqual({ same: 1, update: 1 });
    expect(emulator.configs()).toMatchObject([{ config_id: id, url: at("moved") }]);
    expect(callsOf(emulator)).toMatchObject({ create: 0, delete: 0 });
    expect(succeeded(await project.destroy()).changes).toEqual({ delete: 2 });
    expect(emulator.configs()).toEqual([]);
  },
  FIRST_MS,
);

test(
  "from Go an endpoint is deployed and destroyed",
  async () => {
    await using emulator = await startEmulator();
    await using project = await goProject({
      program: go(at("orders")),
      settings: plugins,
      env: emulator.env,
    });
    succeeded(await project.up());
    const [{ config_id: id = "" } = {}] = emulator.configs();
    expect(await project.stack.outputs()).toMatchObject({ id: { value: id }, url: { value: at("orders") } });
    succeeded(await project.destroy());
    expect(emulator.configs()).toEqual([]);
  },
  FIRST_MS,
);
