/** What a run needs, in one piece: it is loaded when the first one begins. */

export { tokenCounts } from '../money/token-counts.ts';
export { errorWithoutKey } from '../work/redact-key.ts';
export { ask } from './ask.ts';
export { runLoop, say, settleOpen } from './loop.ts';
export { openWorld, spentBefore } from './world.ts';
