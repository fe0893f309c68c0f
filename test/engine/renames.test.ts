import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shellIn } from "../support/shell.js";
import { at, consistent, scene, succeeded } from "../support/takeover.js";

const HANDED_OVER = "was handed over to another resource of this stack: it is not deleted";

test("what the preview of a `pulumi up` has seen does not stand in the way of the update after it", async () => {
  await using it = await scene({ old: { url: at("kept") } });
  succeeded(await it.stack.up());
  const id = it.account()[at("kept")];
  const { workspace, name } = it.stack.stack;
  const shell = await shellIn(workspace.workDir, workspace.envVars);
  const up = async (url: string) => {
    const program = `const { WebhookConfig } = require("pulumi-kompliant");
      new WebhookConfig("new", { url: ${JSON.stringify(url)}, adoptExisting: true });`;
    await writeFile(join(workspace.workDir, "index.js"), program);
    const { code, out, err } = await shell.pulumi("up", "--yes", "--stack", name);
    expect(code, out + err).toBe(0);
    expect(out).toContain("Previewing update");
    return out;
  };
  expect(await up(at("kept"))).toContain(HANDED_OVER);
  await up(at("moved"));
  expect(it.account()).toEqual({ [at("moved")]: id });
  await consistent(it);
});
