import { unseenIn } from "../messages/shown.js";

/**
 * Why a text cannot be the URL of a web server, to go behind the text itself; nothing if it can. A parser mends much of
 * what was mistyped, and what it makes of it is seldom what was meant.
 *
 * @example
 * webUrlProblem("https://undefined/hook"); // has the host "undefined": …
 */
export function webUrlProblem(url: string): string | undefined {
  if (/\[Output<T>\]/.test(url)) return "is made of an Output: put it together with pulumi.interpolate";
  const unseen = unseenIn(url);
  if (unseen.length > 0) return `has ${unseen.join(" and ")} in it, which cannot be seen`;
  if (url.includes("[object "))
    return "has [object …] in it: an object was put into it in the place of a text";
  if (!/^https?:\/\/[^\\/?#]/i.test(url)) return "is not a valid URL: no host stands right behind https://";
  if (!URL.canParse(url) || /\s/.test(url)) return "is not a valid URL";
  if (/^[^?#]*\\/.test(url)) return "is not a valid URL: it has a backslash in it";
  const { hostname, port } = new URL(url);
  if (port === "0") return "names port 0, on which nothing can listen";
  const host = hostname.replace(/\.$/, "");
  if (host.split(".").includes("")) return `is not a valid URL: a part of its host ${host} is empty`;
  if (/^(undefined|null|nan)$/.test(host))
    return `has the host "${host}": a value was missing where it was put together`;
  return undefined;
}

/** Parts of a URL that look like a value that was missing where it was put together. */
export function missingIn(url: string): readonly string[] {
  const parts = url.split(/[/.:?&=#@]/).filter((part) => /^(undefined|null|NaN)$/.test(part));
  return [...new Set(parts)];
}
