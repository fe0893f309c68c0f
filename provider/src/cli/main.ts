#!/usr/bin/env node
import { Command } from "commander";
import { emulatorCommand } from "./emulator.js";

const program = new Command("pulumi-kompliant")
  .description("tools around Kompliant webhook configurations in Pulumi programs")
  .addCommand(emulatorCommand());

program.parseAsync().catch((error: unknown) => {
  console.error(`pulumi-kompliant: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
