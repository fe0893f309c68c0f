/** Every random choice of the tests comes from this seed; set TEST_SEED to replay another one. */
export const seed = Number(process.env["TEST_SEED"] ?? 20_250_324);

export default function setup(): void {
  console.log(`TEST_SEED=${seed}`);
}

/** How many random cases to try: few before a commit, many in `npm run test:all`. */
export function cases(few: number, many: number): number {
  return process.env["TEST_CASES"] === "many" ? many : few;
}
