export type ShellName = "dynamic" | "plugin";

/** The shell that a test of both is about in this run: `vitest.config.mts` runs such tests once for each. */
export const shellUnderTest: ShellName = process.env["TEST_SHELL"] === "plugin" ? "plugin" : "dynamic";
