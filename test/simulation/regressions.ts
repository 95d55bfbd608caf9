/** Worlds in which a law was broken once. Each is played again in every run of the tests. */

export interface Regression {
  seed: number;
  /** What went wrong in it. */
  what: string;
}

export const regressions: readonly Regression[] = [
  { seed: 450, what: 'a power cut took the directory of the journal with a film that was bought' },
  {
    seed: 604,
    what: 'a power cut took the directory of the journal with a picture that was bought',
  },
  { seed: 469, what: 'a create request was sent again with no line of it in the ledger' },
];
