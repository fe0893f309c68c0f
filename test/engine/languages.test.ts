import { expect, test } from "vitest";
import { FIRST_MS, goProject, type Project, pythonProject, yamlProject } from "../support/project.js";
import { shellOf } from "../support/stackShell.js";

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
  ["YAML", yamlProject, yaml],
  ["Python", pythonProject, python],
  ["Go", goProject, go],
] as const)(
  "a program in %s is previewed, deployed, changed, refreshed and destroyed",
  async (_, start, program) => {
    await using project: Project = await start({
      program: program("hello"),
      env: {},
      config: {
        "kompliant:accountId": { value: "lv_1" },
        "kompliant:apiKey": { value: "shh", secret: true },
      },
    });
    expect(await project.preview()).toMatchObject({ ok: true, changes: { create: 1 } });
    const outputs = async (greeting: string) =>
      expect(await project.stack.outputs()).toEqual({
        account: { value: "lv_1", secret: false },
        key: { value: "shh", secret: true },
        greeting: { value: greeting, secret: false },
      });
    for (const greeting of ["hello", "goodbye"]) {
      await project.setProgram(program(greeting));
      const up = await project.up();
      expect(up.ok, up.output).toBe(true);
      await outputs(greeting);
    }
    expect(await project.refresh()).toMatchObject({ ok: true });
    expect(await project.destroy()).toMatchObject({ ok: true, changes: { delete: 1 } });
    const { pulumi } = await shellOf(project);
    expect(await pulumi("stack", "ls")).toMatchObject({ code: 0, out: expect.stringContaining("test*") });
  },
  FIRST_MS,
);
