import { expect } from "vitest";
import { answerOf, isEndless, isPutOff, type Row } from "./faultCells.js";

const advice: Record<string, string> = {
  again: "Run the same command again; what the server did meanwhile is found out.",
  anew: "Run the same command again, which makes another key.",
  later: "Nothing is wrong with the program: run the same command again later.",
  address: "Check the base URL (kompliant:baseUrl or KOMPLIANT_BASE_URL, now ",
};

/** The call's last words, or a choice of them as a regular expression, end the message of a failure. */
export function expectCall(message: string, method: string): void {
  expect(message).toMatch(new RegExp(`\n {2}call: webhook\\.${method}(\n|$)`));
}

/**
 * Expects a message to say what the fault has answered, what is to be done, which call it was, and why there was no
 * other attempt where that is not plain from the answer.
 *
 * @param method the call's last words, or a choice of them as a regular expression
 * @returns how many attempts the message tells of
 */
export function expectAdvice(message: string, row: Row, baseUrl: string, method: string): number | undefined {
  expect(message).toContain(`${baseUrl} ${answerOf(row, method === "key.create")}`);
  expect(message).toContain(`\n  ${advice[row.next]}`);
  expectCall(message, method);
  const [, tried] = /after (\d+) attempts? over [\d.]+ s$/m.exec(message) ?? [];
  if (isPutOff(row))
    expect(message).toMatch(
      /it asks to be called again at \d{4}-\S+Z, which is later than this operation may/,
    );
  else if (isEndless(row))
    // Each create of a key may have made one.
    expect(message).toMatch(
      method === "key.create" ? /\n {2}(out of time|gave up) after / : /\n {2}out of time after /,
    );
  else expect(tried).toBeUndefined();
  return tried === undefined ? undefined : Number(tried);
}
