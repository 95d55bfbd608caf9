/** What a run needs, in one piece: it is loaded when the first one begins. */
import { tokenCounts } from '../money/token-counts.ts';
import { errorWithoutKey } from '../work/redact-key.ts';
import { ask } from './ask.ts';
import { runLoop, say, settleOpen, takeBackRefused } from './loop.ts';
import { openWorld, spentBefore } from './world.ts';

export const engine = {
  ...{ ask, runLoop, say, settleOpen, takeBackRefused, openWorld, spentBefore },
  ...{ errorWithoutKey, tokenCounts },
};
