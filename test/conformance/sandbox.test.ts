import { expect, test } from "vitest";
import { mayActivateKeys, sandboxOf } from "./sandbox.js";

const whole = {
  KOMPLIANT_ACCOUNT_ID: "lv_one",
  KOMPLIANT_API_KEY: "sb_3eY9UJuj09636NVPlgmhfa",
  KOMPLIANT_SECRET_KEY: "secret",
  KOMPLIANT_AUTH_TOKEN: "token",
};

test("without account and credentials there is no sandbox", () => {
  expect(sandboxOf({ KOMPLIANT_BASE_URL: "https://example.com", PATH: "/bin" })).toBeUndefined();
});

test("with all of them there is, at Kompliant's address or another", () => {
  expect(sandboxOf(whole)).toEqual({ ...whole, KOMPLIANT_BASE_URL: "https://api.kompliant.com" });
  const elsewhere = { ...whole, KOMPLIANT_BASE_URL: "http://127.0.0.1:1" };
  expect(sandboxOf(elsewhere)).toEqual(elsewhere);
});

test("some of them are an error that names the missing ones, never their values", () => {
  expect(() => sandboxOf({ ...whole, KOMPLIANT_AUTH_TOKEN: "" })).toThrow(/^KOMPLIANT_AUTH_TOKEN not set\./);
});

test("a live account is never touched", () => {
  expect(() => sandboxOf({ ...whole, KOMPLIANT_API_KEY: "lv_3eY9UJuj09636NVPlgmhfa" })).toThrow(
    /not that of a sandbox/,
  );
});

test("a sandbox keeps its active key unless the environment gives it away; the emulator has none to lose", () => {
  expect(mayActivateKeys({})).toBe(true);
  expect(mayActivateKeys(whole)).toBe(false);
  expect(mayActivateKeys({ ...whole, TEST_ACTIVATES_KEYS: "" })).toBe(false);
  expect(mayActivateKeys({ ...whole, TEST_ACTIVATES_KEYS: "yes" })).toBe(true);
});
