import { expect, test } from "vitest";
import { sign } from "../../../provider/src/core/api/signature.js";

// The sample of Kompliant's documentation; not live credentials.
const apiKey = "sb_3eY9UJuj09636NVPlgmhfa";
const secretKey = "xBeain5pFnPyQkl98qzA+BG+Cjzskpqq9fGKDbDoXNP5";

test("gives the published signature", () => {
  expect(sign(apiKey, secretKey)).toBe("iWEh4jjK9wfjTXd/3GzImPLL1swTZiCPpDbj62vFo2Q=");
});

test.each([
  ["a newline after the key", `${apiKey}\n`, "/r2dYT89X22SBheoMCRT3cflfEW/b+yN9uVXJe2u2Lg="],
  ["a label before the key", `API-Key:${apiKey}`, "As/3MofDX6f0HWjF0CcsT1qLUDvbWKF9OEwlukOCcQI="],
  ["a semicolon after the key", `${apiKey};`, "v12ANnfxor2670EP5j/lPECjkOYgONuaDBAhbOJOsHo="],
])("does not sign with %s", (_, message, wrong) => {
  expect(sign(message, secretKey)).toBe(wrong);
  expect(sign(apiKey, secretKey)).not.toBe(wrong);
});

test("does not use the secret key undecoded", () => {
  const wrong = "eYYBQCgmWNJZWklRwP/PODJH04MeNfBSgJRGSj2JXnE=";
  expect(sign(apiKey, Buffer.from(secretKey, "utf8").toString("base64"))).toBe(wrong);
  expect(sign(apiKey, secretKey)).not.toBe(wrong);
});
