/** The flags of `models`, as values. Types only. */
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { modelSorts, modelTypes } from '../../schemas/choices.ts';

export interface ModelsFlags extends CommonFlags {
  type?: (typeof modelTypes)[number];
  filter?: string;
  prices?: boolean;
  sort?: (typeof modelSorts)[number];
  limit?: number;
  refresh?: boolean;
  health?: boolean;
  providers?: boolean;
  rankings?: boolean;
}
