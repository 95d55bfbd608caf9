/** Deliberate defects, as data: each is one change of the source that the simulator has to find. */

import { agentMutations } from './mutations-agents.ts';
import { batchMutations } from './mutations-batch.ts';
import { jobsMutations } from './mutations-jobs.ts';
import { moneyMutations } from './mutations-money.ts';
import { serveMutations } from './mutations-serve.ts';
import { wireMutations } from './mutations-wire.ts';

export interface Mutation {
  /** What is wrong then. */
  name: string;
  /** Below src. */
  file: string;
  /** Stands there exactly once. */
  find: string;
  replace: string;
  /** Where one place is not enough. */
  more?: readonly Omit<Mutation, 'name' | 'more'>[];
}

export const mutations: readonly Mutation[] = [
  ...wireMutations,
  ...moneyMutations,
  ...jobsMutations,
  ...agentMutations,
  ...batchMutations,
  ...serveMutations,
];
