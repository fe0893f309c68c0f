import type { Fault } from "pulumi-kompliant/emulator";

/** A fault, as a table of faults names it. */
export interface Row {
  readonly fault: string;
  /** The call that is hit takes effect. */
  readonly done: boolean;
  /** What the error says is to be done. */
  readonly next: string;
}

/** What one fault makes of one operation. */
export interface Cell<Scene extends string> extends Row {
  readonly scene: Scene;
  /** What the letters of all calls are like, in their order. */
  readonly calls: RegExp;
  readonly ends: "well" | "with an error" | "unsettled";
}

/**
 * Reads a table: a line of headings, then `fault done | cells … | next` a line, where `|` may also stand between the
 * cells. A cell is a regular expression and `!` or `~`, or `-` where there is no such case.
 */
export function cellsOf<Scene extends string>(
  table: string,
  scenes: readonly Scene[],
): readonly Cell<Scene>[] {
  return table
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((row): Cell<Scene>[] => {
      const [head = "", ...parts] = row.split("|");
      const next = parts.pop()?.trim() ?? "";
      const [, fault = "", done] = /^(.*?) +(yes|no) *$/.exec(head) ?? [];
      const columns = parts.join(" ").trim().split(/ +/);
      if (columns.length !== scenes.length) throw new Error(`a row with other columns: ${row}`);
      return scenes.flatMap((scene, i): Cell<Scene>[] => {
        const [, calls = "", mark = ""] = /^(.*?)([!~]?)$/.exec(columns[i] ?? "") ?? [];
        if (calls === "-") return [];
        const ends = mark === "!" ? "with an error" : mark === "~" ? "unsettled" : "well";
        const like = new RegExp(`^${calls}$`);
        return [{ fault, done: done === "yes", scene, calls: like, ends, next }];
      });
    });
}

/** The fault of a cell as the emulator takes it. @param now milliseconds since the epoch */
export function faultOf({ fault, done: commit }: Row, method: Fault["method"], now: number): Fault {
  const { all, effect, body, after } = partsOf(fault);
  const calls = { method, times: all ? ("all" as const) : 1 };
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
  const header = after === undefined ? {} : { retryAfter: dates[after]?.(now) ?? after };
  return { ...calls, effect: "status", status: Number(effect), body, commit, ...header };
}

const types = { html: "text/html", json: "application/json", empty: "no content type" };

/**
 * What a message says of the fault's answer, after the base URL.
 *
 * @param isHidden the answer's words may hold a secret
 */
export function answerOf({ fault }: Row, isHidden = false): string {
  const { effect, body } = partsOf(fault);
  if (!/^\d/.test(effect)) return "did not answer: ";
  if (isHidden)
    return `answered with HTTP ${effect}, ${types[body]}, and a body that is not shown since it may`;
  const said = {
    html: `text/html, beginning "<html><body><h1>${effect}</h1>`,
    json: `application/json, beginning "{"message":`,
    empty: "no content type, and an empty body, which is not an answer of the Kompliant API",
  };
  return `answered with HTTP ${effect}, ${said[body]}`;
}

/** Whether the fault makes an operation wait so long, on any machine, that a line about it is due. */
export function isSlow({ fault }: Row): boolean {
  const { after = "" } = partsOf(fault);
  return after === "3" || after in announcedDates;
}

/** Whether it ends because the fault's `Retry-After` is later than the operation may last. */
export function isPutOff({ fault }: Row): boolean {
  const { all, after } = partsOf(fault);
  return after === "3600" || (all && after === "1");
}

export function isEndless({ fault }: Row): boolean {
  return partsOf(fault).all;
}

function partsOf(fault: string) {
  const [, all, effect = "", body = "html", after] =
    /^(all )?(\w+)(?: (html|json|empty))?(?: after (.+))?$/.exec(fault) ?? [];
  return { all: all !== undefined, effect, body: body as "html" | "json" | "empty", after };
}

/**
 * Three to four seconds from now: a date has whole seconds, and of a wait of more than two, which is worth a line, a
 * call that comes a second late leaves enough.
 */
function soon(now: number): Record<"imf" | "day" | "date" | "month" | "year" | "time", string> {
  const imf = new Date(Math.ceil(now / 1_000 + 3) * 1_000).toUTCString();
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
const announcedDates: Record<string, (now: number) => string> = {
  "imf-fixdate": (now) => soon(now).imf,
  rfc850: (now) => {
    const { day, date, month, year, time } = soon(now);
    const name = dayNames.find((each) => each.startsWith(day));
    return `${name}, ${date}-${month}-${year.slice(2)} ${time} GMT`;
  },
  asctime: (now) => {
    const { day, date, month, year, time } = soon(now);
    return `${day} ${month} ${date.replace(/^0/, " ")} ${time} ${year}`;
  },
};
const dates: Record<string, (now: number) => string> = {
  ...announcedDates,
  yesterday: (now) => new Date(now - 86_400_000).toUTCString(),
};
