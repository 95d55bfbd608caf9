/** A problem of the config, before it becomes an error. Types only. */
import type { NextSteps } from '../base/next-step.ts';

/** What is wrong at one path of the config. */
export interface Problem {
  /** From the root; [] for the config itself. */
  keys: readonly string[];
  /** A phrase without the path, and without any value that could be a secret. */
  message: string;
  next?: NextSteps | undefined;
  /** The known key that was probably meant, with dots. */
  near?: string | undefined;
}
