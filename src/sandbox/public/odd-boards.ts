/** Boards of unexpected shapes: valid JSON and nothing more. For testing that clients accept any. */

/** By board, each odd in a way of its own. */
export const oddBoards = {
  summary: [99.97, 'sandbox', null, true],
  routes: { data: [['sandbox', [1, [2, [3]]]], [], null, 'down'] },
  providers: { data: ['sandbox-east', 7, false, null, { '': { name: ['sandbox', 'west'] } }] },
  stats: { data: 'all is well in the sandbox' },
  rankings: {
    data: { usage: { week: { best: [{ of: { all: [{ model: 'sandbox' }] } }] } }, benchmark: 0.5 },
    throughput: [],
    category_leaders: null,
  },
} as const;
