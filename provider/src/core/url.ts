import { BlockList, isIPv6 } from "node:net";
import { missingIn, webUrlProblem } from "./api/webUrl.js";
import { shownUrl, shownValue } from "./messages/shown.js";

/** Why a URL cannot be registered, or nothing if it can. */
export function urlProblem(url: unknown): string | undefined {
  if (typeof url !== "string" || url === "")
    return `${shownValue(url)} is not a URL: it must be a string that begins with https://`;
  const shown = `"${shownUrl(url)}"`;
  if (url.trim() !== url)
    return `${shown} has blanks around it: Kompliant compares URLs character by character`;
  if (!url.startsWith("https://"))
    return `${shown} does not begin with https://: Kompliant delivers to https endpoints only`;
  const problem = webUrlProblem(url);
  return problem === undefined ? undefined : `${shown} ${problem}`;
}

/** What is odd about a URL that can be registered all the same. */
export function urlWarnings(url: string): readonly string[] {
  const { username, password, hash, hostname } = new URL(url);
  const shown = shownUrl(url);
  const warnings = [];
  if (username !== "" || password !== "")
    warnings.push(
      `${shown} carries credentials: unless it is a secret, state and Pulumi's output have them in plain text`,
    );
  if (hash !== "") warnings.push(`${shown} has a fragment: a server never sees it`);
  for (const part of missingIn(url))
    warnings.push(`${shown} has "${part}" in it: a value may have been missing where it was put together`);
  if (isInternal(hostname))
    warnings.push(`${shown} is a loopback or private address: Kompliant cannot reach it from outside`);
  return warnings;
}

/** RFC 6761, RFC 6762, RFC 8375, and what is in use besides: names that resolve on a machine or in a network only. */
const INTERNAL = /(^|\.)(localhost|local|home\.arpa|internal|lan)\.?$/;

/** @see https://www.iana.org/assignments/iana-ipv4-special-registry and its sister for IPv6 */
const unreachable = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  unreachable.addSubnet(network, prefix, "ipv4");
unreachable.addSubnet("::", 127, "ipv6");
unreachable.addSubnet("fc00::", 7, "ipv6");
unreachable.addSubnet("fe80::", 10, "ipv6");

function isInternal(hostname: string): boolean {
  if (INTERNAL.test(hostname)) return true;
  const address = hostname.replace(/^\[|\]$/g, "");
  return unreachable.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
