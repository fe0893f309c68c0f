import type { Fault } from "pulumi-kompliant/emulator";

/**
 * What a fault makes of each operation. A column is an operation and the call of it that is hit; a cell is the calls
 * that are then made, in their order (c create, u update, d delete, l list), as a regular expression, and how it ends:
 * well; `!` with an error (a preview: with a warning); `~` with an error that says that the create may have succeeded.
 *
 *   create  the create of a create              created  the list that a create is read back by
 *   update  the update of an update             updated  the list that an update is read back by
 *   delete  the delete of a delete              gone     the list after a delete of what is gone already
 *   read    the list of a refresh               check    the list of a preview of something new
 *                                               again    the list of an update that completes an earlier one
 *
 * done: whether the call takes effect all the same. next: what the error says is to be done.
 */
const table = `
fault                         done | create      update      delete  | created updated gone read check again | next
latency                       yes  | cl          ul          d       | cl      ul      dl   l    l     l     |
drop                          no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
drop                          yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
reset                         no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
reset                         yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
never                         no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
never                         yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
cut                           no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
cut                           yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
200 html                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
200 html                      yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
200 json                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
204 empty                     yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
408 html                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
500 html                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
500 json                      yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
502 json                      no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
503 empty                     no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
503 html after 1              no   | clcl        ulul        dd      | cll     ull     dll  ll   ll    ll    |
503 html after 3600           no   | clcl        ulul        d!      | cl!     ul!     dl!  l!   l!    l!    | later
504 html                      yes  | cl          ul          dd      | cll     ull     dll  ll   ll    ll    |
429 html                      no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 json                      no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 empty after 0             no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after 3              no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after imf-fixdate    no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after rfc850         no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after asctime        no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after yesterday      no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after -1             no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after soon           no   | ccl         uul         dd      | cll     ull     dll  ll   ll    ll    |
429 html after 3600           no   | c!          u!          d!      | cl!     ul!     dl!  l!   l!    l!    | later
302 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
400 json                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
401 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
403 empty                     no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
404 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
404 json                      yes  | cl          ul          d!      | cl!     ul!     dl!  l!   l!    l!    | address
413 html                      no   | cl!         ul!         d!      | cl!     ul!     dl!  l!   l!    l!    | address
stale                         no   | -           -           -       | cll     ull     dl!  l    l     l     | lag
all stale                     no   | -           -           -       | cl{4}!  ul{4}!  dl!  l    l     l     | lag
all drop                      no   | (cl)+c?l?~  (ul)+u?l?!  d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all drop                      yes  | cl          ul          d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all never                     no   | (cl)+c?l?~  (ul)+u?l?!  d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all never                     yes  | cl          ul          d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all cut                       no   | (cl)+c?l?~  (ul)+u?l?!  d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | again
all 200 html                  yes  | cl          ul          d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | address
all 200 html                  no   | (cl)+c?l?~  (ul)+u?l?!  d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | address
all 503 empty                 no   | (cl)+c?l?~  (ul)+u?l?!  d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 504 html                  yes  | cl          ul          d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 429 html                  no   | c+!         u+!         d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 429 html after 0          no   | c+!         u+!         d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
all 429 html after 1          no   | c+!         u+!         d+!     | cl+!    ul+!    dl+! l+!  l+!   l+!   | later
`;

export const scenes = [
  "create",
  "update",
  "delete",
  "created",
  "updated",
  "gone",
  "read",
  "check",
  "again",
] as const;
/** An operation and the call of it that is hit: a column of the table. */
export type Scene = (typeof scenes)[number];

/** What one fault makes of one operation. */
export interface Cell {
  readonly fault: string;
  /** The call that is hit takes effect. */
  readonly done: boolean;
  readonly scene: Scene;
  /** What the letters of all calls are like, in their order. */
  readonly calls: RegExp;
  readonly ends: "well" | "with an error" | "unsettled";
  readonly next: string;
}

export const cells: readonly Cell[] = table
  .trim()
  .split("\n")
  .slice(1)
  .flatMap((row): Cell[] => {
    const [head = "", writes = "", lists = "", next = ""] = row.split("|");
    const [, fault = "", done] = /^(.*?) +(yes|no) *$/.exec(head) ?? [];
    const columns = `${writes} ${lists}`.trim().split(/ +/);
    if (columns.length !== scenes.length) throw new Error(`a row with other columns: ${row}`);
    return scenes.flatMap((scene, i): Cell[] => {
      const [, calls = "", mark = ""] = /^(.*?)([!~]?)$/.exec(columns[i] ?? "") ?? [];
      if (calls === "-") return [];
      const ends = mark === "!" ? "with an error" : mark === "~" ? "unsettled" : "well";
      const like = new RegExp(`^${calls}$`);
      return [{ fault, done: done === "yes", scene, calls: like, ends, next: next.trim() }];
    });
  });

/** The call that a column is about. */
const hit: Record<Scene, Fault["method"]> = {
  create: "create",
  update: "update",
  delete: "delete",
  created: "list",
  updated: "list",
  gone: "list",
  read: "list",
  check: "list",
  again: "list",
};

/** The fault of a cell as the emulator takes it. */
export function faultOf({ fault, done: commit, scene }: Cell): Fault {
  const { all, effect, body, after } = partsOf(fault);
  const calls = { method: hit[scene], times: all ? ("all" as const) : 1 };
  switch (effect) {
    case "latency":
      return { ...calls, effect, ms: 50 };
    case "stale":
      return { ...calls, effect };
    case "drop":
    case "reset":
    case "never":
    case "cut":
      return { ...calls, effect, commit };
  }
  const header = after === undefined ? {} : { retryAfter: dates[after]?.() ?? after };
  return { ...calls, effect: "status", status: Number(effect), body, commit, ...header };
}

/** What a message says of the fault's answer, after the base URL. */
export function answerOf({ fault }: Cell): string {
  const { effect, body } = partsOf(fault);
  if (!/^\d/.test(effect)) return "did not answer: ";
  const said = {
    html: `text/html, beginning "<html><body><h1>${effect}</h1>`,
    json: `application/json, beginning "{"message":`,
    empty: "no content type, and an empty body, which is not an answer of the Kompliant API",
  };
  return `answered with HTTP ${effect}, ${said[body]}`;
}

/** Whether the fault makes an operation wait so long, on any machine, that a line about it is due. */
export function isSlow({ fault }: Cell): boolean {
  const { after = "" } = partsOf(fault);
  return after === "3" || after in announcedDates;
}

/** Whether it ends because the fault's `Retry-After` is later than the operation may last. */
export function isPutOff({ fault }: Cell): boolean {
  const { all, after } = partsOf(fault);
  return after === "3600" || (all && after === "1");
}

export function isEndless({ fault }: Cell): boolean {
  return partsOf(fault).all;
}

function partsOf(fault: string) {
  const [, all, effect = "", body = "html", after] =
    /^(all )?(\w+)(?: (html|json|empty))?(?: after (.+))?$/.exec(fault) ?? [];
  return { all: all !== undefined, effect, body: body as "html" | "json" | "empty", after };
}

/** Two to three seconds from now: a date has whole seconds, and a wait of more than two is worth a line. */
function soon(): { imf: string; day: string; date: string; month: string; year: string; time: string } {
  const imf = new Date(Math.ceil(Date.now() / 1_000 + 2) * 1_000).toUTCString();
  const [, day = "", date = "", month = "", year = "", time = ""] =
    /^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/.exec(imf) ?? [];
  return { imf, day, date, month, year, time };
}

const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/**
 * The forms of a date.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
const announcedDates: Record<string, () => string> = {
  "imf-fixdate": () => soon().imf,
  rfc850: () => {
    const { day, date, month, year, time } = soon();
    const name = dayNames.find((each) => each.startsWith(day));
    return `${name}, ${date}-${month}-${year.slice(2)} ${time} GMT`;
  },
  asctime: () => {
    const { day, date, month, year, time } = soon();
    return `${day} ${month} ${date.replace(/^0/, " ")} ${time} ${year}`;
  },
};
const dates: Record<string, () => string> = {
  ...announcedDates,
  yesterday: () => new Date(Date.now() - 86_400_000).toUTCString(),
};
