#!/usr/bin/env node
import { Command } from "commander";
import { driftCommand } from "./driftCommand.js";
import { emulatorCommand } from "./emulator.js";
import { importFileCommand } from "./importFileCommand.js";
import { listCommand } from "./listCommand.js";
import { pluginCommand } from "./pluginCommand.js";
import { printBeside } from "./terminal.js";

const { version } = require("../../package.json") as { readonly version: string };

const program = new Command("pulumi-kompliant")
  .version(version)
  .description("tools around Kompliant webhook configurations in Pulumi programs")
  .showHelpAfterError("(--help shows what there is)")
  .addCommand(listCommand())
  .addCommand(importFileCommand())
  .addCommand(driftCommand())
  .addCommand(emulatorCommand())
  .addCommand(pluginCommand());

// What was typed wrongly is repeated, and may have come from elsewhere.
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
  command.configureOutput({ writeErr: (text) => printBeside(text.trimEnd()) });

program.parseAsync().catch((error: unknown) => {
  printBeside(`pulumi-kompliant: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
