import { expect, test } from "vitest";
import { FIRST_MS, goProject, pythonProject, yamlProject } from "../support/project.js";

const python = (greeting: string) => `
import pulumi
config = pulumi.Config("kompliant")
pulumi.export("account", config.require("accountId"))
pulumi.export("key", config.require_secret("apiKey"))
pulumi.export("greeting", "${greeting}")
`;
const go = (greeting: string) => `
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		ctx.Export("account", pulumi.String(config.Require(ctx, "kompliant:accountId")))
		ctx.Export("key", config.RequireSecret(ctx, "kompliant:apiKey"))
		ctx.Export("greeting", pulumi.String("${greeting}"))
		return nil
	})
}
`;
const yaml = (greeting: string) => `
outputs:
  account: \${kompliant:accountId}
  key: \${kompliant:apiKey}
  greeting: ${greeting}
`;

test.each([
  ["YAML", yamlProject, yaml, "outputs: [it is, broken]", /outputs/],
  ["Python", pythonProject, python, "raise Exception('it is broken')", /it is broken/],
  ["Go", goProject, go, 'package main\n\nfunc main() { panic("it is broken") }', /it is broken/],
] as const)(
  "a program in %s is previewed, deployed, changed, refreshed and destroyed",
  async (_, start, program, broken, problem) => {
    await using project = await start({
      program: program("hello"),
      env: {},
      config: {
        "kompliant:accountId": { value: "lv_1" },
        "kompliant:apiKey": { value: "shh", secret: true },
      },
    });
    expect(await project.preview()).toMatchObject({ ok: true, changes: { create: 1 } });
    for (const greeting of ["hello", "goodbye"]) {
      await project.setProgram(program(greeting));
      const up = await project.up();
      expect(up.ok, up.output).toBe(true);
      expect(await project.stack.outputs()).toEqual({
        account: { value: "lv_1", secret: false },
        key: { value: "shh", secret: true },
        greeting: { value: greeting, secret: false },
      });
    }
    await project.setProgram(broken);
    expect(await project.preview()).toMatchObject({ ok: false, output: expect.stringMatching(problem) });
    expect(await project.refresh()).toMatchObject({ ok: true });
    expect(await project.destroy()).toMatchObject({ ok: true, changes: { delete: 1 } });
  },
  FIRST_MS,
);
