/** The list of what is measured; each section returns one table or several, and prints nothing. */
import { agents } from './sections/agents.mjs';
import { batch } from './sections/batch.mjs';
import { big, chat, firstByte, start } from './sections/chat.mjs';
import { lease } from './sections/lease.mjs';
import { ledger } from './sections/ledger.mjs';
import { library } from './sections/library.mjs';
import { local } from './sections/local.mjs';
import { markdown } from './sections/markdown.mjs';
import { image, video } from './sections/media.mjs';
import { memory } from './sections/memory.mjs';
import { npx } from './sections/npx.mjs';
import { prompt } from './sections/prompt.mjs';
import { serve } from './sections/serve.mjs';
import { wait } from './sections/wait.mjs';

/** By the name that --only takes, with how many runs each gets: as a rule, and with --quick. */
export const sections = {
  start: { measure: start, runs: 25, quickRuns: 15 },
  chat: { measure: chat, runs: 25, quickRuns: 15 },
  'first-byte': { measure: firstByte, runs: 25, quickRuns: 25 },
  big: { measure: big, runs: 15, quickRuns: 5 },
  memory: { measure: memory, runs: 5, quickRuns: 3 },
  markdown: { measure: markdown, runs: 5, quickRuns: 3 },
  image: { measure: image, runs: 5, quickRuns: 3 },
  video: { measure: video, runs: 5, quickRuns: 3 },
  ledger: { measure: ledger, runs: 5, quickRuns: 3 },
  batch: { measure: batch, runs: 3, quickRuns: 1 },
  lease: { measure: lease, runs: 5, quickRuns: 1 },
  serve: { measure: serve, runs: 5, quickRuns: 2 },
  library: { measure: library, runs: 25, quickRuns: 9 },
  agents: { measure: agents, runs: 25, quickRuns: 15 },
  npx: { measure: npx, runs: 5, quickRuns: 3 },
  prompt: { measure: prompt, runs: 25, quickRuns: 15 },
  local: { measure: local, runs: 25, quickRuns: 15 },
  wait: { measure: wait, runs: 1, quickRuns: 1 },
};
