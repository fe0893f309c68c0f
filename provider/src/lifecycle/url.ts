import { isIP } from "node:net";
import { isLoopback } from "../api/settings.js";

/** Why a URL cannot be registered, or nothing if it can. */
export function urlProblem(url: unknown): string | undefined {
  const shown = JSON.stringify(url);
  if (typeof url !== "string" || url === "")
    return `${shown} is not a URL: it must be a string that begins with https://`;
  if (url.trim() !== url)
    return `${shown} has blanks around it: Kompliant compares URLs character by character`;
  if (!url.startsWith("https://"))
    return `${shown} does not begin with https://: Kompliant delivers to https endpoints only`;
  if (!URL.canParse(url) || /\s/.test(url)) return `${shown} is not a valid URL`;
  return undefined;
}

/** What is odd about a URL that can be registered all the same. */
export function urlWarnings(url: string): readonly string[] {
  const { username, password, hash, hostname } = new URL(url);
  const shown = shownUrl(url);
  const warnings = [];
  if (username !== "" || password !== "")
    warnings.push(`${shown} carries credentials: they are kept in state and shown in plain text`);
  if (hash !== "") warnings.push(`${shown} has a fragment: a server never sees it`);
  if (isLoopback(hostname) || isPrivate(hostname))
    warnings.push(`${shown} is a loopback or private address: Kompliant cannot reach it from outside`);
  return warnings;
}

/** A URL as messages show it: without the credentials that it may carry. */
export function shownUrl(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#]*@/, "$1…@");
}

/** RFC 1918, RFC 3927 and RFC 4193 addresses, and names that only resolve inside a network. */
function isPrivate(hostname: string): boolean {
  if (/\.(local|internal|lan|home\.arpa)$/.test(hostname)) return true;
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) === 4) return /^(0|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(address);
  return isIP(address) === 6 && /^(f[cd]|fe80:|::$|::1$)/.test(address);
}
