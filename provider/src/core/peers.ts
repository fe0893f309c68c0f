/** What a process of the run means to do with a configuration. */
export type Word = "keep" | "delete" | "nothing";
export interface Peers {
  ask(id: string): Promise<Word>;
  readonly isHeard: boolean;
}
export const alone: Peers = { ask: async () => "nothing", isHeard: true };
