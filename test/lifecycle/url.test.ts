import { expect, test } from "vitest";
import { urlProblem, urlWarnings } from "../../provider/src/lifecycle/url.js";

test.each([
  "https://example.com",
  "https://example.com:8443/a?b=c",
  "https://EXAMPLE.com/%20x",
  "https://[2001:db8::1]/hook",
])("%s can be registered", (url) => {
  expect(urlProblem(url)).toBeUndefined();
  expect(urlWarnings(url)).toEqual([]);
});

test.each([
  ["", "not a URL"],
  [undefined, "not a URL"],
  [42, "not a URL"],
  ["http://example.com", "does not begin with https://"],
  ["HTTPS://example.com", "does not begin with https://"],
  ["example.com", "does not begin with https://"],
  [" https://example.com", "blanks around it"],
  ["https://example.com\n", "blanks around it"],
  ["https://", "not a valid URL"],
  ["https://exa mple.com", "not a valid URL"],
  ["https://example.com/a b", "not a valid URL"],
])("%j cannot: %s", (url, rule) => {
  expect(urlProblem(url)).toContain(rule);
});

test.each([
  ["https://user:hunter2@example.com/", "credentials"],
  ["https://example.com/#part", "fragment"],
  ["https://localhost/hook", "loopback or private"],
  ["https://127.0.0.2/", "loopback or private"],
  ["https://[::1]/", "loopback or private"],
  ["https://10.1.2.3/", "loopback or private"],
  ["https://172.20.0.1/", "loopback or private"],
  ["https://192.168.1.1/", "loopback or private"],
  ["https://169.254.1.1/", "loopback or private"],
  ["https://[fd00::1]/", "loopback or private"],
  ["https://[::]/", "loopback or private"],
  ["https://[feb0::1]/", "loopback or private"],
  ["https://[::ffff:127.0.0.1]/", "loopback or private"],
  ["https://[::ffff:10.0.0.1]/", "loopback or private"],
  ["https://0.0.0.0/", "loopback or private"],
  ["https://100.64.0.1/", "loopback or private"],
  ["https://100.127.255.255/", "loopback or private"],
  ["https://hooks.internal/", "loopback or private"],
  ["https://hooks.internal./", "loopback or private"],
  ["https://svc.local./", "loopback or private"],
  ["https://localhost./hook", "loopback or private"],
  ["https://hooks.localhost/", "loopback or private"],
])("%s gets a warning: %s", (url, warning) => {
  expect(urlWarnings(url).join()).toContain(warning);
  expect(urlWarnings(url).join()).not.toContain("hunter2");
});

test.each([
  "https://172.32.0.1/",
  "https://192.169.1.1/",
  "https://100.63.255.255/",
  "https://100.128.0.1/",
  "https://11.0.0.1/",
  "https://[::ffff:11.0.0.1]/",
  "https://[fec0::1]/",
  "https://local.example.com/",
  "https://notlocalhost/",
  "https://example.com./",
])("%s is public", (url) => {
  expect(urlWarnings(url)).toEqual([]);
});
