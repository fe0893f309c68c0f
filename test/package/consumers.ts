import { join } from "node:path";
import { expect } from "vitest";
import { findEngine } from "../../scripts/engine/engine.mjs";
import { type Project, runIn } from "../support/tarball.js";

/** The settings of `tsconfig.json` in Pulumi's own templates, as far as they matter here. */
export const PULUMI_TEMPLATE = ["--target", "es2020", "--module", "commonjs", "--moduleResolution", "node"];

/** Type-checks consumer.ts with the project's own compiler. */
export function acceptsTypes(project: Project, settings: readonly string[]): void {
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  const run = runIn(project, process.execPath, tsc, "--noEmit", "--strict", ...settings, "consumer.ts");
  expect(run).toEqual({ status: 0, stdout: "", stderr: "" });
}

/** Runs deploy.cjs with the real engine. */
export async function deploys(project: Project): Promise<void> {
  const { root } = await findEngine({ log: () => {} });
  const engine = root === undefined ? [] : [root];
  const { status, stdout, stderr } = runIn(project, process.execPath, "deploy.cjs", ...engine);
  expect([status, stderr]).toEqual([0, ""]);
  const { changes, ids, afterCreate, afterMove, drift, afterDestroy } = JSON.parse(stdout);
  expect(changes).toEqual([{ create: 2 }, { update: 1, same: 1 }, { same: 2 }, { delete: 2 }]);
  const [id] = ids;
  expect(id).toMatch(/^whc_\w{22}$/);
  expect(ids).toEqual([id, id]);
  expect(afterCreate).toEqual([{ config_id: id, url: "https://example.com/kompliant/orders" }]);
  expect(afterMove).toEqual([{ config_id: id, url: "https://example.com/kompliant/moved" }]);
  expect(drift).toEqual({
    out: expect.stringMatching(/^No drift in stack dev: 1 endpoint declared, /),
    err: "",
  });
  expect(afterDestroy).toEqual([]);
}
