/** A problem of the config, before it is worded as an error. Types only. */
import type { NextSteps } from '../base/next-step.ts';

/** What is wrong at one place of the config. */
export interface Problem {
  /** From the root; [] for the config itself. */
  keys: readonly string[];
  /** A phrase without the place, and without any value that could be a secret. */
  message: string;
  next?: NextSteps | undefined;
}
