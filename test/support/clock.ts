/** A clock for an emulator whose configurations are to have an order: a second later each time that it is asked. */
export function secondsApart(year = 2026): () => Date {
  let seconds = 0;
  return () => new Date(Date.UTC(year, 0, 1, 0, 0, seconds++));
}
