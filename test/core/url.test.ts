import { expect, test } from "vitest";
import { urlProblem, urlWarnings } from "../../provider/src/core/url.js";

test.each([
  "https://example.com",
  "https://example.com:8443/a?b=c",
  "https://EXAMPLE.com/%20x",
  "https://[2001:db8::1]/hook",
  "https://example.com/@team/a@b?to=c@d",
  "https://undefined-hooks.example.com/nullable/NaNny",
  "https://example.com/é/漢?q=\\d",
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
  ["https://undefined/hook", 'has the host "undefined"'],
  ["https://NULL./", 'has the host "null"'],
  ["https://nan:8443/", 'has the host "nan"'],
  ["https://[object Object]/hook", "has [object …] in it"],
  ["https://example.com/[object Promise]", "has [object …] in it"],
  [
    "https://Calling [toString] on an [Output<T>] is not supported.\n\nTo get …",
    "is made of an Output: put it together with pulumi.interpolate",
  ],
  ["https:////u:hunter2@example.com", "no host stands right behind https://"],
  ["https:///example.com", "no host stands right behind https://"],
  ["https://\\example.com", "no host stands right behind https://"],
  ["https://?x", "no host stands right behind https://"],
  ["https://example.com\\hook", "it has a backslash in it"],
  ["https://example.com:0/", "names port 0"],
  ["https://example.com:00/", "names port 0"],
  ["https://.example.com/", "a part of its host .example.com is empty"],
  ["https://hooks..example.com/", "is empty"],
  ["https://example.com/\0", "has \\u{0} in it"],
  ["https://exam\u200bple.com/\u001b[31m", "has \\u{200b} and \\u{1b} in it, which cannot be seen"],
  ["https://example.com/a\tb", "has \\t in it"],
  ["https://example.com/\u202e", "has \\u{202e} in it"],
  ["https://example.com/\u00ad", "has \\u{ad} in it"],
  ["https://example.com/\u3164", "has \\u{3164} in it"],
  ["https://example.com/\u{e0001}", "has \\u{e0001} in it"],
])("%j cannot: %s", (url, rule) => {
  const problem = urlProblem(url) ?? "";
  expect(problem).toContain(rule);
  expect(problem).not.toContain("hunter2");
  expect(problem).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test.each([
  " https://u:hunter2@example.com",
  "http://u:hunter2@example.com",
  "https:////u:hunter2@example.com",
  "https:\\\\u:hunter2@example.com",
  "https//u:hunter2@example.com",
  "//u:hunter2@example.com",
  "u:hunter2@example.com",
  "https://u:p/hunter2@example.com",
  "https://u:p@hunter2@example.com:0",
  "https://u:\thunter2@example.com",
  "ht\ntps://u:hunter2@example.com",
])("what is wrong with %j is said without the password", (url) => {
  expect(urlProblem(url)).toContain("…@example.com");
  expect(urlProblem(url)).not.toContain("hunter2");
});

test.each([
  ["https://user:hunter2@example.com/", "credentials"],
  ["https://example.com/#part", "fragment"],
  ["https://undefined.example.com/hook", 'has "undefined" in it'],
  ["https://example.com/null/hook", 'has "null" in it'],
  ["https://example.com/?tenant=NaN", 'has "NaN" in it'],
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
