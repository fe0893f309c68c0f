import type { Rival } from "../memory.js";

/** Why a resource cannot take a configuration over. */
export function hasAnother(id: string, rival: Rival): string {
  const does = rival.how === "stands" ? "stands for it already" : "takes it over too";
  return `cannot take over ${id}: another resource of this program${withUrl(rival)} ${does}.\n  Remove one of the two, or use \`aliases\` if the resource was renamed.`;
}

/** The same, seen from the resource that stands for it. */
export function standsAlready(id: string, url: string, rival: Rival): string {
  const does = rival.how === "stands" ? "stands for it too" : "is to take it over";
  return `${id} belongs to the resource with ${url}, and another resource of this program${withUrl(rival)} ${does}.\n  Remove one of the two from the program: the other one keeps ${id}.`;
}

function withUrl({ url }: Rival): string {
  return url === undefined ? "" : ` with ${url}`;
}
