/** Every random choice of the tests comes from this seed; set TEST_SEED to replay another one. */
export const seed = Number(process.env["TEST_SEED"] ?? 20_250_324);

export default function setup(): void {
  console.log(`TEST_SEED=${seed}`);
}
