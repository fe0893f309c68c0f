import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { print } from "./terminal.js";

const { version } = require("../../package.json") as { readonly version: string };
const folder = join(__dirname, "..", "plugin");

/** `pulumi-kompliant plugin`: the provider plugin that this package brings, for programs in every language. */
export function pluginCommand(): Command {
  return new Command("plugin")
    .description("install the provider plugin, or print its schema")
    .addCommand(
      new Command("install")
        .description(`install the plugin of this version (${version}) where Pulumi looks for plugins`)
        .option("--reinstall", "put it in place of one of the same version that is installed already")
        .action(install),
    )
    .addCommand(
      new Command("schema")
        .description("print the schema that SDKs are generated from")
        .action(() => print(readFileSync(join(folder, "schema.json"), "utf8").trimEnd())),
    );
}

function install({ reinstall }: { readonly reinstall?: boolean }): void {
  const home = process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  const place = join(home, "plugins", `resource-kompliant-v${version}`);
  const was = existsSync(place);
  // Without `--exact`, a newer one that is installed would do.
  const args = ["plugin", "install", "resource", "kompliant", version, "--file", folder, "--exact"];
  const { status, error, stderr } = spawnSync("pulumi", reinstall ? [...args, "--reinstall"] : args, {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (error !== undefined)
    throw new Error(
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "plugin install needs Pulumi's command `pulumi`: it is not on the PATH"
        : `pulumi cannot be run: ${error.message}`,
    );
  if (status !== 0) throw new Error(`pulumi does not install the plugin: ${stderr.trim()}`);
  if (!existsSync(place))
    throw new Error(`pulumi has said that the plugin is installed, but not in ${place}`);
  print(
    was && !reinstall
      ? `the plugin kompliant ${version} is installed already in ${place}; --reinstall puts this package's in its place`
      : `the plugin kompliant ${version} is installed in ${place}`,
  );
}
