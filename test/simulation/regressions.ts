/** Programs in which a law was broken once, shrunk. They are kept whole, since a seed means another program once the making of programs changes. */
import type { Program } from './program.ts';

export interface Regression {
  /** What went wrong in it. */
  what: string;
  program: Program;
}

export const regressions: readonly Regression[] = [
  {
    what: 'a power cut took the directory of the journal, and with it the record of a film that was bought',
    program: {
      seed: 450,
      startsAt: 1769558372329,
      manners: 'strict',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
          {
            argv: ['video', 'film a dog #RUN'],
            after: 50,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'cut power',
          run: 1020,
          step: 27,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'a power cut took the directory of the journal, and with it the record of a picture that was bought',
    program: {
      seed: 604,
      startsAt: 1796745325484,
      manners: 'strict',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', 'draw a cat #RUN'],
            after: 70000,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [
              'chat',
              '-m',
              'gpt-5.4-nano',
              '--max-tokens',
              '50',
              '--tag',
              'ci',
              '--max-cost',
              '0.004',
              'hello #RUN',
            ],
            after: 0,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'cut power',
          run: 1100,
          step: 23,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'a create request was sent again with no line of it in the ledger',
    program: {
      seed: 469,
      startsAt: 1779431026920,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['image', '--async', '--tag', 'ci', '--jsonl', 'draw a cat #RUN'],
            after: 70000,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'kill',
          run: 1000,
          step: 20,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'a refusal of a repeated create request was taken for an answer to the first, which had bought',
    program: {
      seed: 6735,
      startsAt: 1777004160798,
      manners: 'strict',
      config: {
        budget: {
          day: '0.0102',
        },
      },
      actors: [
        [
          {
            argv: ['image', '-n', '3', 'draw a cat #RUN'],
            after: 50,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/images/generations/async',
          nth: 2,
          fault: '500',
        },
      ],
      disasters: [
        {
          do: 'cut power',
          run: 1000,
          step: 50,
          share: 0.6739663311745971,
        },
      ],
    },
  },
  {
    what: 'a lock that could not be removed made a cancelled task a bug',
    program: {
      seed: 51446,
      startsAt: 1774518467508,
      manners: 'strict',
      config: null,
      actors: [
        [
          {
            argv: ['tasks', 'CANCEL'],
            after: 70000,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
          {
            argv: ['video', '--cancel-on-interrupt', 'film a dog #RUN'],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'remove lock',
          nth: 2,
          fault: 'EIO',
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a budget that could not be read was made anew, without the reservations of calls that ran',
    program: {
      seed: 80424,
      startsAt: 1777644527258,
      manners: 'journal',
      config: {
        budget: {
          day: '0.0050',
          month: '0.0153',
        },
      },
      actors: [
        [
          {
            argv: ['chat', '-m', 'gpt-5.4', '--max-tokens', '200', 'hello #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['chat', '-m', 'gpt-5.4', '--max-tokens', '200', 'hello #RUN'],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'read budget',
          nth: 2,
          fault: 'EIO',
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a process that was stopped took what had come meanwhile for silence, and the id of a task that was bought was lost',
    program: {
      seed: 21633,
      startsAt: 1769162133607,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['image', '-n', '2', '--async', '--json', 'draw a cat #RUN'],
            after: 0,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'stop',
          run: 1000,
          step: 24,
          milliseconds: 70000,
        },
      ],
    },
  },
  {
    what: 'the id of a task was lost with the file in which the response that named it was to be kept',
    program: {
      seed: 3539,
      startsAt: 1787880226207,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['image', '-g', 'tokenhub', 'draw a cat as a task #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'sync reply',
          nth: 1,
          fault: 'ENOSPC',
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'half a line of a process that found the disk full came between the look and the write of another, and took its line with it',
    program: {
      seed: 121144,
      startsAt: 1771966209330,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['chat', '-m', 'gpt-5.4', 'hello #RUN'],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['search', '--json', 'news of today #RUN'],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'append ledger',
          nth: 1,
          fault: 'ENOSPC',
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a list of models that failed with a 429 was asked for again at once',
    program: {
      seed: 1,
      startsAt: 1771966209330,
      manners: 'journal',
      config: null,
      actors: [[{ argv: ['models'], after: 0 }]],
      faults: [{ place: 'GET /api-account/models', nth: 1, fault: '429' }],
      disasters: [],
    },
  },
  {
    what: 'an image that was saved whole and could not be read back at once was asked for again, and so lost',
    program: {
      seed: 1,
      startsAt: 1771966209330,
      manners: 'journal',
      config: null,
      actors: [[{ argv: ['image', 'draw a cat #RUN'], after: 0 }]],
      faults: [{ place: 'openToRead reply', nth: 1, fault: 'EACCES' }],
      disasters: [],
    },
  },
  {
    what: 'a copy that could not be read for a moment was asked for again at the gateway, and called gone',
    program: {
      seed: 1016727,
      startsAt: 1795159773322,
      manners: 'strict',
      config: null,
      actors: [
        [
          { argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'], after: 0 },
          { argv: ['tasks', 'RESUME', '-o', 'other.png'], after: 0 },
        ],
      ],
      faults: [{ place: 'openToRead temporary', nth: 1, fault: 'EIO' }],
      disasters: [],
    },
  },
  {
    what: 'a request for an image was sent again without its line in the ledger, and nobody was told',
    program: {
      seed: 1015962,
      startsAt: 1791765389753,
      manners: 'strict',
      config: null,
      actors: [
        [{ argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'], after: 5000 }],
        [{ argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'], after: 5000 }],
      ],
      faults: [
        { place: 'POST /v1/images/generations/async', nth: 1, fault: '404' },
        { place: 'append ledger', nth: 3, fault: 'ENOSPC' },
      ],
      disasters: [{ do: 'kill', run: 1000, step: 19, share: 1 }],
    },
  },
  {
    what: 'two jobs of one process asked for the same list at the same time, and that was taken for a second try',
    program: {
      seed: 2032711,
      startsAt: 1794057382270,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['video', '--first-frame', '/home/user/in/photo.png', 'surely a dog #RUN'],
            after: 0,
          },
        ],
        [{ argv: ['video', 'film a dog #RUN'], after: 0 }],
      ],
      faults: [{ place: 'GET /v1/videos/generations', nth: 1, fault: '502 after it arrived' }],
      disasters: [
        { do: 'cut power', place: 'receive POST /v1/videos/generations', nth: 1, share: 1 },
      ],
    },
  },
  {
    what: 'a power cut after resume -o lost the name of a whole file that had been moved there, and the image, still in its saved response, was looked for at no address',
    program: {
      seed: 2054837,
      startsAt: 1777231782420,
      manners: 'strict',
      config: null,
      actors: [
        [
          { argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'], after: 0 },
          { argv: ['tasks', 'RESUME', '-o', 'other.png'], after: 0 },
        ],
        [{ argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'], after: 0 }],
        [],
      ],
      faults: [],
      disasters: [{ do: 'cut power', place: 'status temporary', nth: 1, share: 1 }],
    },
  },
  {
    what: 'a refused repetition of a request whose reply was cut is still of unknown outcome',
    program: {
      seed: 2055465,
      startsAt: 1790160561421,
      manners: 'journal',
      config: null,
      actors: [[{ argv: ['image', '--async', 'surely a cat #RUN'], after: 0 }]],
      faults: [
        { place: 'POST /v1/images/generations/async', nth: 1, fault: 'cut' },
        { place: 'POST /v1/images/generations/async', nth: 2, fault: '429 for long' },
      ],
      disasters: [],
    },
  },
  {
    what: 'an agent was aborted while it bought an image, and did not wait for the id of the task',
    program: {
      seed: 4234,
      startsAt: 1781625042638,
      manners: 'journal',
      config: null,
      actors: [
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [{ argv: ['agent', 'agent-0', '--model', 'gpt-5.4-nano', 'do it #RUN'], after: 0 }],
      ],
      faults: [],
      disasters: [{ do: 'signal', run: 1200, step: 47, name: 'SIGINT', again: null }],
    },
  },
  {
    what: 'a full disk took the output and the outcome line of a chat, and only the first was said',
    program: {
      seed: 2088988,
      startsAt: 1775767341972,
      manners: 'journal',
      ledger: [{ gateway: 'alltoken', days: 2, cost: '0.0272' }],
      config: null,
      actors: [
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [{ argv: ['chat', '-m', 'gpt-5.4', '--max-tokens', '200', 'hello #RUN'], after: 5000 }],
      ],
      faults: [
        { place: 'write stdout', nth: 1, fault: 'ENOSPC' },
        { place: 'append ledger', nth: 2, fault: 'ENOSPC' },
      ],
      disasters: [],
    },
  },
  {
    what: 'a pipe was closed on a document whose warning was that the ledger had not taken the outcome',
    program: {
      seed: 2155716,
      startsAt: 1769265858154,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['chat', '-m', 'gpt-5.4-nano', '--session', 'two', '--json', 'hello #RUN'],
            after: 3000,
          },
        ],
      ],
      faults: [
        { place: 'write stdout', nth: 1, fault: 'EPIPE' },
        { place: 'append ledger', nth: 2, fault: 'EROFS' },
      ],
      disasters: [],
    },
  },
  {
    what: 'a power cut left the copy of a finished picture beside it for ever',
    program: {
      seed: 2144997,
      startsAt: 1776358308742,
      manners: 'journal',
      config: null,
      actors: [
        [
          { argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'], after: 0 },
          { argv: ['tasks', 'RESUME', '-o', 'other.png'], after: 0 },
        ],
        [{ argv: [], after: 0 }],
        [
          { argv: [], after: 0 },
          { argv: [], after: 0 },
        ],
      ],
      faults: [],
      disasters: [{ do: 'cut power', run: 1010, step: 20, share: 1 }],
    },
  },
  {
    what: 'a process that had been stopped for longer than the gateway remembers its key sent the request again, and bought twice',
    program: {
      seed: 2139774,
      startsAt: 1794552716970,
      manners: 'journal',
      config: null,
      actors: [
        [{ argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'], after: 5000 }],
        [{ argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'], after: 5000 }],
      ],
      faults: [
        {
          place: 'POST /v1/images/generations/async',
          nth: 1,
          fault: '502 after it arrived',
          lasts: 4,
        },
        { place: 'append ledger', nth: 1, fault: 'ENOSPC' },
      ],
      disasters: [{ do: 'stop', run: 1100, step: 27, milliseconds: 700000 }],
    },
  },
  {
    what: 'a process that was killed while it copied a finished picture left the copy, which resume --all did not remove',
    program: {
      seed: 2223615,
      startsAt: 1790846575150,
      manners: 'journal',
      config: null,
      actors: [
        [
          { argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'], after: 0 },
          { argv: ['tasks', 'RESUME', '-o', 'other.png'], after: 0 },
        ],
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
      ],
      faults: [],
      disasters: [{ do: 'kill', run: 1010, step: 20, share: 0.29273637756705284 }],
    },
  },
  {
    what: 'a batch that was killed after the second try of a line booked the cost of both, or none',
    program: {
      seed: 3103,
      startsAt: 1792002356002,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          'question 1 @batch-0\nquestion 2 @batch-0\nquestion 3 @batch-0\nquestion 4 @batch-0\nquestion 5 @batch-0\nquestion 6 @batch-0\nquestion 7 @batch-0\nquestion 7 @batch-0\n',
      },
      actors: [
        [{ argv: [], after: 0 }],
        [
          { argv: ['image', '-n', '3', 'draw a cat #RUN'], after: 0 },
          { argv: [], after: 0 },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--text',
              '-m',
              'gpt-5.4-nano',
            ],
            after: 0,
          },
        ],
        [{ argv: [], after: 0 }],
      ],
      faults: [
        { place: 'POST /v1/chat/completions', nth: 4, fault: '404', lasts: 2 },
        { place: 'POST /v1/chat/completions', nth: 3, fault: 'reset after it arrived', lasts: 2 },
      ],
      disasters: [{ do: 'kill', place: 'append results', nth: 11, share: 1 }],
    },
  },
  {
    what: 'a line of a batch that waited for money was sent in the middle of a Retry-After',
    program: {
      seed: 7630,
      startsAt: 1783419399222,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"custom_id":"c-1","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-0"}]}}\n{"custom_id":"c-2","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-0"}]}}\n{"custom_id":"c-3","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}]}}\n{"custom_id":"c-4","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 4 @batch-0"}]}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-0"}],"max_tokens":50}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-0"}],"max_tokens":50}}\n{"custom_id":"c-7","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 7 @batch-0"}],"max_tokens":200}}\n{"custom_id":"c-8","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 8 @batch-0"}]}}\n{"custom_id":"c-9","prompt":"question 9 @batch-0"}\n{"custom_id":"c-10","messages":[{"role":"user","content":"question 10 @batch-0"}]}\n\n{"custom_id":"c-12","prompt":"question 8 @batch-0"}\n',
      },
      actors: [
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--max-cost',
              '0.02',
            ],
            after: 0,
          },
        ],
      ],
      faults: [{ place: 'POST /v1/chat/completions', nth: 1, fault: '429' }],
      disasters: [
        { do: 'disk', state: 'readonly', of: 'home', from: 0, until: 1980 },
        { do: 'kill', place: 'rename state', nth: 1, share: 0 },
      ],
    },
  },
  {
    what: 'a failed line of a batch that was not sent again was called skipped',
    program: {
      seed: 3730,
      startsAt: 1775298568491,
      manners: 'journal',
      ledger: [],
      config: { budget: { call: '0.0041', tags: { ci: { day: '0.0062' } } } },
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"custom_id":"c-1","messages":[{"role":"user","content":"question 1 @batch-0"}]}\n{"custom_id":"c-2","messages":[{"role":"user","content":"question 2 @batch-0"}]}\n{"custom_id":"c-3","model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 3 @batch-0"}]}\n{"custom_id":"c-4","prompt":"question 4 @batch-0"}\n',
      },
      actors: [
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [{ argv: [], after: 0 }],
        [
          {
            argv: [
              'batch',
              '-',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4',
              '--max-cost',
              '0.1',
              '--limit',
              '3',
              '--json',
            ],
            after: 0,
            input: {
              pieces: [
                {
                  after: 1,
                  text: '{"custom_id":"c-1","messages":[{"role":"user","content":"question 1 @batch-0"}]}\n{"custom_id":"c-2","messages":[{"role":"user","content":"question 2 @batch-0"',
                },
                {
                  after: 3000,
                  text: '}]}\n{"custom_id":"c-3","model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 3 @batch-0"}]}\n{"custom_id":"c-4","prompt":"question 4 @batch-0"}\n',
                },
              ],
              ends: true,
            },
          },
          {
            argv: [
              'batch',
              '-',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4',
              '--max-cost',
              '0.1',
              '--limit',
              '3',
              '--json',
              '--retry-failed',
              '--resend-unknown',
            ],
            after: 1000,
            input: {
              pieces: [
                {
                  after: 1,
                  text: '{"custom_id":"c-1","messages":[{"role":"user","content":"question 1 @batch-0"}]}\n{"custom_id":"c-2","messages":[{"role":"user","content":"question 2 @batch-0"',
                },
                {
                  after: 3000,
                  text: '}]}\n{"custom_id":"c-3","model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 3 @batch-0"}]}\n{"custom_id":"c-4","prompt":"question 4 @batch-0"}\n',
                },
              ],
              ends: true,
            },
          },
        ],
      ],
      faults: [],
      disasters: [],
    },
  },
  {
    what: 'a proxy waited two minutes after SIGTERM for a reply that did not come',
    program: {
      seed: 728,
      startsAt: 1785715192709,
      manners: 'strict',
      config: null,
      actors: [
        [
          { argv: [], after: 0 },
          { argv: [], after: 0 },
        ],
        [
          {
            argv: [
              'agent',
              'agent-0',
              '--model',
              'gpt-5.4-nano',
              '--max-cost',
              '0.01',
              'do it #RUN',
            ],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/chat/completions',
          nth: 5,
          fault: 'silence before it arrived',
          lasts: 3,
        },
      ],
      disasters: [],
      serve: {
        argv: ['serve'],
        clients: [
          [
            {
              after: 13616,
              isLibrary: false,
              key: 'key-7000',
              retries: 2,
              patience: 200000,
              leavesAt: 699,
              number: 7000,
              model: 'no-such-model',
              maxTokens: 50,
              isStream: false,
              headers: {
                'x-alltoken-max-cost': '0.00001',
                'x-alltoken-tag': 'ci',
                'x-alltoken-session': 'talk',
              },
            },
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 2,
              patience: 200000,
              leavesAt: null,
              number: 7001,
              model: 'gpt-5.4',
              maxTokens: null,
              isStream: false,
              headers: { 'x-alltoken-session': 'talk' },
            },
            {
              after: 0,
              isLibrary: true,
              key: 'key-7002',
              retries: 0,
              patience: 11541,
              leavesAt: null,
              number: 7002,
              model: 'gpt-5.4',
              maxTokens: null,
              isStream: false,
              headers: {},
            },
          ],
          [],
        ],
      },
    },
  },
  {
    what: 'a lost order of a film counted again each time that it was taken up',
    program: {
      seed: 1199,
      startsAt: 1773419416851,
      manners: 'journal',
      config: { budget: { day: '1' } },
      actors: [
        [{ argv: ['video', '-g', 'tokenhub', 'surely a dog #RUN'], after: 0 }],
        [
          { argv: [], after: 0 },
          { argv: [], after: 0 },
        ],
      ],
      faults: [{ place: 'POST /api/v1/videos/generations', nth: 1, fault: 'clean cut' }],
      disasters: [],
    },
  },
  {
    what: 'a proxy refused every call for an hour, since the price list could not be had once',
    program: {
      seed: 1796,
      startsAt: 1794960098536,
      manners: 'journal',
      ledger: [],
      config: null,
      actors: [[{ argv: [], after: 0 }]],
      faults: [
        { place: 'GET /api-account/models', nth: 1, fault: '502 before it arrived', lasts: 5 },
      ],
      disasters: [],
      serve: {
        argv: ['serve', '--max-cost', '0.0008'],
        clients: [
          [],
          [],
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 2,
              patience: 1106,
              leavesAt: null,
              number: 7011,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: false,
              headers: {},
            },
          ],
        ],
      },
    },
  },
  {
    what: 'a one-shot reply that was written whole and not synced was set aside as a half, and the image lost',
    program: {
      seed: 2594034,
      startsAt: 1786903818085,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
      ],
      faults: [
        {
          place: 'sync reply',
          nth: 1,
          fault: 'EIO',
        },
        {
          place: 'openToRead reply',
          nth: 1,
          fault: 'slow',
        },
      ],
      disasters: [],
    },
  },
  {
    what: "a power cut took a new ledger whole, and what had been begun in it was forgotten by the month's cap",
    program: {
      seed: 2593791,
      startsAt: 1793798960421,
      manners: 'strict',
      ledger: [],
      config: {
        budget: {
          day: '0.0037',
          month: '0.0008',
          tags: {
            ci: {
              day: '0.0077',
            },
          },
        },
      },
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-0"}],"max_tokens":50}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-0"}],"max_tokens":200}}\n{"messages":[{"role":"user","content":"question 3 @batch-0"}]}\n',
        '/home/user/batches/in-1.jsonl':
          '{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-1"}]}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-1"}],"max_tokens":50}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-1"}]}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 4 @batch-1"}],"max_tokens":200}}',
      },
      actors: [
        [
          {
            argv: ['chat', '-m', 'gpt-5.4-nano', '--max-tokens', '50', 'hello #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: ['tasks', 'CANCEL'],
            after: 50,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--max-cost',
              '0.02',
              '--max-errors',
              '2',
              '--json',
            ],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-1.jsonl',
              '-o',
              '/home/user/batches/out-1.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--max-cost',
              '0.005',
            ],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/chat/completions',
          nth: 4,
          fault: 'content filter',
        },
      ],
      disasters: [
        {
          do: 'cut power',
          place: 'write state',
          nth: 6,
          share: 0,
        },
      ],
    },
  },
  {
    what: 'a reservation was written, and its call refused since the lock could not be removed: it stayed reserved',
    program: {
      seed: 2457774,
      startsAt: 1787673765685,
      manners: 'strict',
      ledger: [
        {
          gateway: 'sandbox',
          days: 0,
          cost: '0.0447',
        },
      ],
      config: {
        budget: {
          call: '0.0022',
          month: '0.0025',
        },
      },
      actors: [
        [
          {
            argv: [
              'chat',
              '-m',
              'gpt-5.4-nano',
              '--max-tokens',
              '50',
              '--session',
              'one',
              'and then? #RUN',
            ],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'remove lock',
          nth: 3,
          fault: 'EROFS',
        },
        {
          place: 'GET /api-account/models',
          nth: 1,
          fault: '500',
          lasts: 3,
        },
      ],
      disasters: [],
      serve: {
        argv: ['serve', '--on-disconnect', 'cancel', '--tag', 'ci'],
        clients: [
          [
            {
              after: 0,
              isLibrary: true,
              key: 'key-7000',
              retries: 3,
              patience: null,
              leavesAt: null,
              number: 7000,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: true,
              headers: {
                'x-alltoken-max-cost': '0.01',
                'x-alltoken-session': 'talk',
              },
            },
          ],
          [
            {
              after: 0,
              isLibrary: false,
              key: 'key-7005',
              retries: 3,
              patience: 24404,
              leavesAt: null,
              number: 7005,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: true,
              headers: {},
            },
          ],
          [],
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 2,
              patience: 200000,
              leavesAt: null,
              number: 7001,
              model: 'gpt-5.4-nano',
              maxTokens: 50,
              isStream: false,
              headers: {
                'x-alltoken-tag': 'ci',
              },
            },
          ],
        ],
      },
    },
  },
  {
    what: 'a call that waited for money could not leave the line, and those behind it waited for ever',
    program: {
      seed: 2618777,
      startsAt: 1798055812643,
      manners: 'journal',
      config: {
        budget: {
          month: '0.0015',
        },
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['chat', '-m', 'gpt-5.4-nano', '--strict', '--no-save', 'hello #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'write budget',
          nth: 8,
          fault: 'ENOSPC',
          lasts: 4,
        },
      ],
      disasters: [],
      serve: {
        argv: ['serve', '--on-disconnect', 'drain', '--hold', '2'],
        clients: [
          [],
          [],
          [],
          [
            {
              after: 0,
              isLibrary: false,
              key: null,
              retries: 2,
              patience: 200000,
              leavesAt: 544,
              number: 7007,
              model: 'gpt-5.4',
              maxTokens: 50,
              isStream: true,
              headers: {
                'x-alltoken-tag': 'ci',
              },
            },
          ],
        ],
      },
    },
  },
  {
    what: 'a batch forgot what the first try of a line may have cost, once a second one was lost too, and went over --max-cost',
    program: {
      seed: 2806009,
      startsAt: 1797671825195,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-0"}],"max_tokens":50}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-0"}],"max_tokens":50}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}],"max_tokens":50}}\n',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4',
              '--concurrency',
              '8',
              '--max-cost',
              '0.005',
              '--limit',
              '3',
              '--retry-failed',
              '--resend-unknown',
            ],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/chat/completions',
          nth: 2,
          fault: 'silence after it arrived',
          lasts: 4,
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a one-shot reply whose sync failed was relied on before it was synced, and a power cut took it',
    program: {
      seed: 2620002,
      startsAt: 1778131543760,
      manners: 'strict',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
        [
          {
            argv: [
              'agent',
              'agent-0',
              '--model',
              'gpt-5.4-nano',
              '--max-cost',
              '0.01',
              '--again',
              'do it #RUN',
            ],
            after: 3000,
          },
        ],
      ],
      faults: [
        {
          place: 'sync reply',
          nth: 2,
          fault: 'EIO',
        },
      ],
      disasters: [
        {
          do: 'kill',
          run: 1400,
          step: 2,
          share: 0,
        },
        {
          do: 'cut power',
          run: 1401,
          step: 57,
          share: 0,
        },
      ],
    },
  },
  {
    what: 'a process was killed before the sync of a one-shot reply, the next one relied on it, and a power cut took it',
    program: {
      seed: 2487129,
      startsAt: 1778606551709,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['video', 'surely a dog #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'cut power',
          place: 'write temporary',
          nth: 1,
          share: 1,
        },
        {
          do: 'kill',
          run: 1100,
          step: 52,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'a price list that was cut was left out and the rest kept for an hour, and a proxy refused every capped call',
    program: {
      seed: 2493028,
      startsAt: 1780847510540,
      manners: 'strict',
      ledger: [],
      config: null,
      actors: [
        [
          {
            argv: ['models'],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'GET /api-account/models',
          nth: 1,
          fault: 'clean cut',
          lasts: 6,
        },
      ],
      disasters: [],
      serve: {
        argv: [
          'serve',
          '--max-cost',
          '0.02',
          '--hold',
          '30',
          '--fallback',
          'gpt-5.4-mini',
          '--json',
        ],
        clients: [[]],
      },
    },
  },
  {
    what: 'two jobs that resume --all finished at once fetched the price list each, without the pauses of one series of tries',
    program: {
      seed: 2655831,
      startsAt: 1769959079620,
      manners: 'journal',
      config: {
        budget: {
          day: '1',
        },
      },
      actors: [
        [
          {
            argv: ['image', '--async', 'surely a cat #RUN'],
            after: 0,
          },
          {
            argv: ['tasks', 'resume', '--all'],
            after: 9000,
          },
        ],
        [
          {
            argv: ['video', '-v', 'film a dog #RUN'],
            after: 50,
          },
          {
            argv: ['image', '-n', '2', 'draw a cat #RUN'],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'openToRead reply',
          nth: 2,
          fault: 'EACCES',
        },
        {
          place: 'POST /v1/videos/generations',
          nth: 1,
          fault: 'reset after it arrived',
        },
        {
          place: 'GET /api-account/models',
          nth: 1,
          fault: '500',
          lasts: 3,
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a price list whose address led elsewhere was left out and the rest kept for an hour, and a proxy refused every capped call',
    program: {
      seed: 2516191,
      startsAt: 1780435876735,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: ['models'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'GET /api-account/models',
          nth: 1,
          fault: 'redirect',
        },
      ],
      disasters: [],
      serve: {
        argv: ['serve', '--max-cost', '0.0008', '--json'],
        clients: [[]],
      },
    },
  },
  {
    what: 'the clock was set back by 90 s after a create reply was lost, so that a resume after the window of the Idempotency-Key bought twice',
    program: {
      seed: 3320488,
      startsAt: 1793804246285,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['image', '-n', '2', '--tag', 'ci', 'draw a cat #RUN'],
            after: 3000,
          },
        ],
      ],
      faults: [
        {
          place: 'write record',
          nth: 2,
          fault: 'slow',
        },
        {
          place: 'POST /v1/images/generations/async',
          nth: 2,
          fault: 'silence in the body',
        },
        {
          place: 'POST /v1/images/generations/async',
          nth: 1,
          fault: 'no name',
        },
      ],
      disasters: [
        {
          do: 'clock',
          at: 35469,
          by: -90000,
        },
      ],
    },
  },
  {
    what: 'Ctrl-C ends a batch that waits for another one, which writes results of lines that failed meanwhile',
    program: {
      seed: 2690564,
      startsAt: 1787774910898,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"model":"gpt-5.4-mini","prompt":"question 1 @batch-0"}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-0"}]}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}],"max_tokens":200}}\n{"prompt":"question 1 @batch-0"}\n{"prompt":"question 5 @batch-0"}\n\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 7 @batch-0"}]}}\n{"model":"gpt-5.4-mini","prompt":"question 8 @batch-0"}\n{"prompt":"question 9 @batch-0"}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 10 @batch-0"}]}}\n{"prompt":"question 11 @batch-0"}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 12 @batch-0"}]}}\n',
        '/home/user/batches/in-1.jsonl':
          'question 1 @batch-1\nquestion 2 @batch-1\nquestion 3 @batch-1\nquestion 4 @batch-1\nquestion 1 @batch-1\nquestion 1 @batch-1\n\nquestion 8 @batch-1\nquestion 9 @batch-1\nquestion 2 @batch-1\nquestion 11 @batch-1',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--jsonl',
            ],
            after: 1000,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--jsonl',
            ],
            after: 0,
          },
        ],
        [
          {
            argv: ['batch', '-', '-o', '/home/user/batches/out-1.jsonl', '--text', '--tag', 'ci'],
            after: 0,
            input: {
              pieces: [
                {
                  after: 1,
                  text: 'question 1 @batch-1\nquestion 2 @batch-1\nquestion 3 @batch-1\nquestion 4 @batch-1\nquestion 1 @batch-1\n',
                },
                {
                  after: 0,
                  text: 'question 1 @batch-1\n\nquestion 8 @batch-1\nquestion 9 @batch-1\nquestion 2 @batch-1\nquestion 11 @batch-1',
                },
              ],
              ends: true,
            },
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/chat/completions',
          nth: 7,
          fault: 'clean cut',
          lasts: 6,
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 8,
          fault: 'reset after it arrived',
          lasts: 8,
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 5,
          fault: 'refused',
          lasts: 5,
        },
      ],
      disasters: [
        {
          do: 'signal',
          run: 1101,
          step: 12,
          name: 'SIGINT',
          again: null,
        },
        {
          do: 'cut power',
          place: 'receive POST /v1/chat/completions',
          nth: 19,
          share: 0,
        },
      ],
    },
  },
  {
    what: 'a power cut takes the outcome of a line whose result a full disk had not taken',
    program: {
      seed: 2480664,
      startsAt: 1788314779201,
      manners: 'journal',
      ledger: [
        {
          gateway: 'alltoken',
          days: 2,
          cost: '0.0032',
        },
      ],
      config: {
        budget: {
          day: '0.0252',
        },
      },
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-0"}],"max_tokens":200}}\n\n{"custom_id":"c-3","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}]}}\n{"prompt":\n',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--concurrency',
              '2',
              '--max-cost',
              '0.005',
              '--retry-failed',
              '--resend-unknown',
            ],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'append results',
          nth: 3,
          fault: 'ENOSPC',
        },
      ],
      disasters: [
        {
          do: 'cut power',
          place: 'rename state',
          nth: 3,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'lines that the gateway refused waited for lines that waited for their money, in two parts for ever',
    program: {
      seed: 2681381,
      startsAt: 1793577581824,
      manners: 'strict',
      config: {
        budget: {
          day: '0.004',
        },
      },
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"model":"gpt-5.4-mini","prompt":"question 1 @batch-0"}\n\n{"prompt":"question 1 @batch-0"}\n{"model":"gpt-5.4-mini","prompt":"question 4 @batch-0"}\n{"model":"gpt-5.4-mini","prompt":"question 5 @batch-0"}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 6 @batch-0"}]}}\n{"prompt":"question 7 @batch-0"}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 8 @batch-0"}],"max_tokens":50}}\n\n{"messages":[{"role":"user","content":"question 10 @batch-0"}]}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 11 @batch-0"}],"max_tokens":50}}\n{"messages":[{"role":"user","content":"question 3 @batch-0"}]}\n',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--concurrency',
              '4',
              '--max-cost',
              '0.005',
              '--jsonl',
              '--shard',
              '0/2',
            ],
            after: 3000,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4-nano',
              '--concurrency',
              '4',
              '--max-cost',
              '0.005',
              '--jsonl',
              '--shard',
              '1/2',
            ],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'openToRead lines',
          nth: 2,
          fault: 'EACCES',
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 7,
          fault: '503',
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 5,
          fault: 'refused',
        },
      ],
      disasters: [],
      serve: {
        argv: ['serve', '--hold', '30', '--fallback', 'gpt-5.4-mini'],
        clients: [
          [],
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 3,
              patience: 2249,
              leavesAt: null,
              number: 7003,
              model: 'gpt-5.4',
              maxTokens: 50,
              isStream: true,
              headers: {
                'x-alltoken-max-cost': '1',
              },
            },
          ],
          [
            {
              after: 0,
              isLibrary: false,
              key: null,
              retries: 3,
              patience: 1556,
              leavesAt: null,
              number: 7005,
              model: 'no-such-model',
              maxTokens: 200,
              isStream: true,
              headers: {
                'x-alltoken-tag': 'ci',
              },
            },
            {
              after: 146,
              isLibrary: false,
              key: 'key-7006',
              retries: 3,
              patience: 200000,
              leavesAt: 320,
              number: 7006,
              model: 'gpt-5.4-nano',
              maxTokens: 50,
              isStream: true,
              headers: {
                'x-alltoken-max-cost': '0.0005',
                'x-alltoken-session': 'talk',
              },
            },
          ],
          [],
        ],
      },
    },
  },
  {
    what: 'a batch went on after a power cut that took only the line feed of an outcome in the ledger, and wrote that outcome once more',
    program: {
      seed: 3362798,
      startsAt: 1768629944781,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"custom_id":"c-1","model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 1 @batch-0"}]}\n{"custom_id":"c-2","messages":[{"role":"user","content":"question 1 @batch-0"}]}\n{"custom_id":"c-3","prompt":"question 3 @batch-0"}\n{"custom_id":"c-4","messages":[{"role":"user","content":"question 4 @batch-0"}]}\n{"custom_id":"c-5","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 5 @batch-0"}],"max_tokens":50}}\n{"custom_id":"c-6","prompt":"question 6 @batch-0"}\n{"custom_id":"c-7","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 7 @batch-0"}],"max_tokens":200}}\n{"custom_id":"c-8","model":"gpt-5.4-mini","prompt":"question 6 @batch-0"}\n{"custom_id":"c-9","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 9 @batch-0"}]}}\n{"custom_id":"c-10","messages":[{"role":"user","content":"question 10 @batch-0"}]}\n{"custom_id":"c-11","prompt":"question 11 @batch-0"}',
      },
      actors: [
        [
          {
            argv: ['models'],
            after: 0,
          },
          {
            argv: ['image', '-o', 'cat.png', '--jsonl', 'draw a cat #RUN'],
            after: 50,
          },
          {
            argv: ['models', '--prices', '--json'],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '-m',
              'gpt-5.4',
              '--concurrency',
              '2',
            ],
            after: 3000,
          },
        ],
      ],
      faults: [
        {
          place: 'status config',
          nth: 1,
          fault: 'EIO',
        },
        {
          place: 'open lock',
          nth: 1,
          fault: 'EROFS',
        },
      ],
      disasters: [
        {
          do: 'cut power',
          run: 1100,
          step: 87,
          share: 0.4407601631246507,
        },
      ],
    },
  },
  {
    what: 'an agent had no price list for its first call, and asked for it again for an image: the law took that for a fourth try',
    program: {
      seed: 3639914,
      startsAt: 1787907476200,
      manners: 'journal',
      ledger: [],
      config: {
        budget: {
          month: '0.0292',
          tags: {
            ci: {
              day: '0.0076',
            },
          },
        },
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['agent', 'agent-0', '--model', 'gpt-5.4-nano', 'do it #RUN'],
            after: 3000,
          },
        ],
      ],
      faults: [
        {
          place: 'GET /api-account/models',
          nth: 1,
          fault: 'connect time-out',
          lasts: 3,
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a lost order was not sent again, since a stopped proxy held what was left of the budget: the law took that for a fault',
    program: {
      seed: 4562606,
      startsAt: 1786527525306,
      manners: 'strict',
      config: {
        budget: {
          day: '0.004',
          call: '0.002',
          tags: {
            ci: {
              day: '0.0005',
            },
          },
        },
      },
      actors: [
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/images/generations/async',
          nth: 1,
          fault: 'clean cut',
          lasts: 6,
        },
      ],
      disasters: [
        {
          do: 'stop',
          run: 8000,
          step: 47,
          milliseconds: 40000,
        },
      ],
      serve: {
        argv: ['serve', '--hold', '2', '--tag', 'ci', '--json'],
        clients: [
          [],
          [
            {
              after: 4919,
              isLibrary: true,
              key: null,
              retries: 0,
              patience: 200000,
              leavesAt: null,
              number: 7000,
              model: 'gpt-5.4-nano',
              maxTokens: 50,
              isStream: false,
              headers: {},
            },
          ],
        ],
      },
    },
  },
  {
    what: 'a power cut took the copy of a finished picture whose record named no other file any more (tasks resume -o)',
    program: {
      seed: 4598025,
      startsAt: 1767419317747,
      manners: 'strict',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"messages":[{"role":"user","content":"question 1 @batch-0"}]}\n{"model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 2 @batch-0"}]}\n{"model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 3 @batch-0"}]}\n{"model":"gpt-5.4-mini","messages":[{"role":"user","content":"question 3 @batch-0"}]}\n{"messages":[{"role":"user","content":"question 5 @batch-0"}]}\n{"prompt":"question 6 @batch-0"}\n',
      },
      actors: [
        [
          {
            argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'],
            after: 0,
          },
          {
            argv: ['tasks', 'RESUME', '-o', 'other.png'],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'surely a cat #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'sync record',
          nth: 1,
          fault: 'EIO',
        },
      ],
      disasters: [
        {
          do: 'cut power',
          place: 'openToRead temporary',
          nth: 1,
          share: 0,
        },
      ],
    },
  },
  {
    what: 'a power cut tore the first line of the ledger, and the budget took it for another file: what was spent was forgotten',
    program: {
      seed: 4658883,
      startsAt: 1787515521833,
      manners: 'journal',
      config: {
        budget: {
          day: '0.004',
        },
      },
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"prompt":""}\n{"custom_id":"c-2","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-0"}]}}\n{"custom_id":"c-3","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}],"max_tokens":50}}\n',
        '/home/user/batches/in-1.jsonl':
          '{"custom_id":"c-1","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 1 @batch-1"}],"max_tokens":200}}\n{"custom_id":"c-2","messages":[{"role":"user","content":"question 2 @batch-1"}]}\n{"custom_id":"c-3","messages":[{"role":"user","content":"question 3 @batch-1"}]}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 4 @batch-1"}]}}\n',
      },
      actors: [
        [
          {
            argv: ['image', '--async', 'surely a cat #RUN'],
            after: 0,
          },
          {
            argv: ['tasks', 'resume', '--all'],
            after: 9000,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-1.jsonl',
              '-o',
              '/home/user/batches/out-1.jsonl',
              '-m',
              'gpt-5.4',
              '--concurrency',
              '2',
            ],
            after: 3000,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'cut power',
          place: 'reply GET /v1/images/generations/{id}',
          nth: 1,
          share: 1,
        },
      ],
      serve: {
        argv: ['serve'],
        clients: [[], [], [], []],
      },
    },
  },
  {
    what: 'a power cut took the ledger, and its first new line was the intent of an older job: what calls without an outcome hold was forgotten',
    program: {
      seed: 4219239,
      startsAt: 1791316410340,
      manners: 'strict',
      config: {
        budget: {
          day: '0.0006',
        },
      },
      inputs: {
        '/home/user/batches/in-0.jsonl':
          '{"model":"gpt-5.4-mini","prompt":"question 1 @batch-0"}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 2 @batch-0"}],"max_tokens":200}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}],"max_tokens":50}}\n{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5.4-nano","messages":[{"role":"user","content":"question 3 @batch-0"}],"max_tokens":50}}',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: ['image', '--tag', 'ci', '--json', 'draw a cat #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--concurrency',
              '2',
              '--json',
              '--shard',
              '0/2',
            ],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--concurrency',
              '2',
              '--json',
              '--shard',
              '1/2',
            ],
            after: 3000,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'cut power',
          place: 'sync state',
          nth: 7,
          share: 1,
        },
      ],
      serve: {
        argv: ['serve', '--hold', '0'],
        clients: [
          [],
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 0,
              patience: 1947,
              leavesAt: null,
              number: 7003,
              model: 'gpt-5.4-nano',
              maxTokens: 50,
              isStream: true,
              headers: {
                'x-alltoken-max-cost': '1',
                'x-alltoken-tag': 'ci',
              },
            },
          ],
          [],
        ],
      },
    },
  },
  {
    what: 'a repeated order was refused, behind a first try of unknown outcome, and rightly sent once more: the law took that for a fault',
    program: {
      seed: 4234250,
      startsAt: 1782660527416,
      manners: 'journal',
      ledger: [],
      config: null,
      actors: [
        [
          {
            argv: ['image', '--async', '--tag', 'ci', '--json', 'draw a cat #RUN'],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/images/generations/async',
          nth: 1,
          fault: '502 before it arrived',
        },
        {
          place: 'POST /v1/images/generations/async',
          nth: 2,
          fault: '402',
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a picture is fetched while neither its record nor its file can be written, and a resume finds it',
    program: {
      seed: 5509414,
      startsAt: 1793084227109,
      manners: 'strict',
      config: null,
      actors: [
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
      ],
      faults: [
        {
          place: 'write record',
          nth: 3,
          fault: 'ENOSPC',
        },
        {
          place: 'sync temporary',
          nth: 1,
          fault: 'EIO',
        },
        {
          place: 'sync record',
          nth: 5,
          fault: 'ENOSPC',
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a lease is given back when the disk takes it again',
    program: {
      seed: 5105528,
      startsAt: 1778268163687,
      manners: 'journal',
      config: {
        budget: {
          day: '0.0015',
          tags: {
            ci: {
              day: '0.002',
            },
          },
        },
      },
      serve: {
        argv: ['serve', '--max-cost', '0.003'],
        clients: [
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 2,
              patience: 3475,
              leavesAt: null,
              number: 7000,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: false,
              headers: {
                'x-alltoken-tag': 'ci',
              },
            },
            {
              after: 0,
              isLibrary: false,
              key: null,
              retries: 2,
              patience: null,
              leavesAt: 322,
              number: 7001,
              model: 'gpt-5.4-nano',
              maxTokens: 50,
              isStream: false,
              headers: {
                'x-alltoken-max-cost': '0.01',
                'x-alltoken-tag': 'ci',
              },
            },
          ],
        ],
      },
      actors: [
        [
          {
            argv: ['image', '-o', 'cat.png', 'draw a cat #RUN'],
            after: 5000,
          },
        ],
      ],
      faults: [
        {
          place: 'rename budget',
          nth: 5,
          fault: 'EIO',
          lasts: 4,
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a call that waited past the end of a month is in the file of the month in which it is sent',
    program: {
      seed: 5156138,
      startsAt: 1772323186506,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          'question 1 @batch-0\nquestion 2 @batch-0\nquestion 3 @batch-0\nquestion 4 @batch-0\n',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--text',
              '-m',
              'gpt-5.4-nano',
              '--max-cost',
              '0.02',
              '--jsonl',
            ],
            after: 3000,
          },
        ],
      ],
      faults: [
        {
          place: 'create state',
          nth: 3,
          fault: 'ENOSPC',
        },
      ],
      disasters: [
        {
          do: 'kill',
          run: 1100,
          step: 117,
          share: 0.3096275138668716,
        },
      ],
    },
  },
  {
    what: 'parts give the lock of what they share back many times: the law took that for the end of a run',
    program: {
      seed: 5551265,
      startsAt: 1771118795110,
      manners: 'journal',
      config: null,
      inputs: {
        '/home/user/batches/in-0.jsonl':
          'question 1 @batch-0\nquestion 1 @batch-0\nquestion 3 @batch-0\nquestion 1 @batch-0\nquestion 5 @batch-0\nquestion 6 @batch-0\nquestion 7 @batch-0\nquestion 8 @batch-0\n',
        '/home/user/batches/in-1.jsonl':
          'question 1 @batch-1\nquestion 2 @batch-1\nquestion 1 @batch-1\n',
      },
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--text',
              '--concurrency',
              '4',
              '--max-cost',
              '0.1',
              '--shard',
              '0/2',
            ],
            after: 1000,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-0.jsonl',
              '-o',
              '/home/user/batches/out-0.jsonl',
              '--text',
              '--concurrency',
              '4',
              '--max-cost',
              '0.1',
              '--shard',
              '1/2',
            ],
            after: 3000,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [
              'batch',
              '/home/user/batches/in-1.jsonl',
              '-o',
              '/home/user/batches/out-1.jsonl',
              '--text',
            ],
            after: 1000,
          },
        ],
      ],
      faults: [
        {
          place: 'openToRead results',
          nth: 6,
          fault: 'EACCES',
        },
        {
          place: 'openToRead lines',
          nth: 3,
          fault: 'EIO',
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 1,
          fault: '429 for long',
        },
        {
          place: 'open state',
          nth: 1,
          fault: 'ENOSPC',
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 11,
          fault: 'refused',
        },
        {
          place: 'POST /v1/chat/completions',
          nth: 2,
          fault: '402',
          lasts: 8,
        },
      ],
      disasters: [
        {
          do: 'stop',
          run: 1300,
          step: 28,
          milliseconds: 70000,
        },
        {
          do: 'kill',
          place: 'send POST /v1/chat/completions',
          nth: 10,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'an order was stopped between its record and its sending, and its key is taken for older than it is: the law took that for a fault',
    program: {
      seed: 5586790,
      startsAt: 1796285975566,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: ['chat', '-v', '-m', 'gpt-5.4-nano', '--json', 'hello #RUN'],
            after: 50,
          },
        ],
        [
          {
            argv: ['image', 'draw a cat #RUN'],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'stop',
          run: 1100,
          step: 18,
          milliseconds: 70000,
        },
        {
          do: 'kill',
          run: 1100,
          step: 25,
          share: 0.739753772970289,
        },
      ],
    },
  },
  {
    what: 'a resume makes the record durable before it sends the order again',
    program: {
      seed: 5636795,
      startsAt: 1773973040045,
      manners: 'strict',
      config: null,
      actors: [
        [
          {
            argv: ['image', 'surely a cat #RUN'],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'cut power',
          place: 'reply POST /v1/images/generations/async',
          nth: 1,
          share: 1,
        },
        {
          do: 'kill',
          run: 1000,
          step: 18,
          share: 0,
        },
      ],
    },
  },
  {
    what: 'a power cut takes the lines of the model that was fallen back to: the law took the refusal of the first for the last word',
    program: {
      seed: 5717342,
      startsAt: 1786409186010,
      manners: 'journal',
      ledger: [
        {
          gateway: 'sandbox',
          days: 0,
          cost: '0.0469',
        },
        {
          gateway: 'alltoken',
          days: 1,
          cost: '0.0139',
        },
      ],
      config: null,
      actors: [
        [
          {
            argv: ['tasks', 'resume', '--all', '--json'],
            after: 0,
          },
          {
            argv: [
              'chat',
              '--debug',
              '-m',
              'gpt-5.4-nano',
              '--max-tokens',
              '50',
              '--fallback',
              'gpt-5.4',
              '--jsonl',
              'hello #RUN',
            ],
            after: 50,
          },
        ],
        [
          {
            argv: [
              'chat',
              '-m',
              'gpt-5.4',
              '--max-tokens',
              '50',
              '--max-cost',
              '0.004',
              '--fallback',
              'gpt-5.4',
              '--json',
              'hello #RUN',
            ],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'POST /v1/chat/completions',
          nth: 2,
          fault: '429 for long',
        },
      ],
      disasters: [
        {
          do: 'cut power',
          run: 1100,
          step: 36,
          share: 1,
        },
      ],
    },
  },
  {
    what: 'a response stays until the record says that its files are saved',
    program: {
      seed: 5737730,
      startsAt: 1772903112574,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: ['image', '-g', 'tokenhub', 'draw a cat #RUN'],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [
        {
          place: 'create record',
          nth: 4,
          fault: 'ENOSPC',
          lasts: 4,
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a retry comes in the moment in which another client leaves, and buys its own: the law gave it the purchase of that client',
    program: {
      seed: 7200645,
      startsAt: 1776008683863,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: [],
            after: 0,
          },
        ],
        [
          {
            argv: [],
            after: 0,
          },
          {
            argv: [],
            after: 0,
          },
        ],
      ],
      faults: [],
      disasters: [
        {
          do: 'kill',
          run: 8000,
          step: 2,
          share: 0.7719347516540438,
        },
      ],
      serve: {
        argv: ['serve', '--hold', '30'],
        clients: [
          [],
          [],
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 3,
              patience: 319,
              leavesAt: null,
              number: 7000,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: true,
              headers: {
                'x-alltoken-max-cost': '0.01',
              },
            },
          ],
          [
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 3,
              patience: 1551,
              leavesAt: null,
              number: 7000,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: true,
              headers: {
                'x-alltoken-max-cost': '0.01',
              },
            },
          ],
        ],
      },
    },
  },
  {
    what: 'a disk was slow between the record of an order and the order, and a resume was careful',
    program: {
      seed: 8543982,
      startsAt: 1789062413274,
      manners: 'strict',
      config: null,
      actors: [[{ argv: ['image', '-n', '3', '--async', 'draw a cat #RUN'], after: 70000 }]],
      faults: [
        { place: 'rename record', nth: 1, fault: 'slow' },
        {
          place: 'POST /v1/images/generations/async',
          nth: 1,
          fault: 'silence before it arrived',
          lasts: 3,
        },
      ],
      disasters: [],
    },
  },
  {
    what: 'a proxy ended while its lease was being written, and kept what the call that ended meanwhile had reserved',
    program: {
      seed: 8739379,
      startsAt: 1791486932162,
      manners: 'journal',
      config: { budget: { day: '0.0015', call: '0.002' } },
      serve: {
        argv: ['serve', '--max-cost', '0.0008', '--on-disconnect', 'cancel', '--hold', '30', '-v'],
        clients: [
          [
            {
              after: 12369,
              isLibrary: true,
              key: null,
              retries: 3,
              patience: 10880,
              leavesAt: null,
              number: 7000,
              model: 'no-such-model',
              maxTokens: 50,
              isStream: false,
              headers: {},
            },
            {
              after: 0,
              isLibrary: true,
              key: null,
              retries: 0,
              patience: null,
              leavesAt: null,
              number: 7001,
              model: 'gpt-5.4-nano',
              maxTokens: 50,
              isStream: false,
              headers: {},
            },
          ],
          [
            {
              after: 0,
              isLibrary: false,
              key: null,
              retries: 2,
              patience: 200000,
              leavesAt: null,
              number: 7002,
              model: 'gpt-5.4-nano',
              maxTokens: 200,
              isStream: false,
              headers: { 'x-alltoken-max-cost': '0.0005' },
            },
            {
              after: 0,
              isLibrary: false,
              key: null,
              retries: 0,
              patience: 200000,
              leavesAt: null,
              number: 7003,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: true,
              headers: {},
            },
            {
              after: 271,
              isLibrary: true,
              key: 'key-7004',
              retries: 3,
              patience: null,
              leavesAt: null,
              number: 7004,
              model: 'gpt-5.4-nano',
              maxTokens: null,
              isStream: false,
              headers: {},
            },
          ],
        ],
      },
      actors: [
        [{ argv: ['chat', '-m', 'gpt-5.4', 'hello #RUN'], after: 0 }],
        [
          { argv: ['image', '-n', '3', '--tag', 'ci', '--json', 'draw a cat #RUN'], after: 50 },
          { argv: [], after: 0 },
        ],
      ],
      faults: [{ place: 'POST /v1/chat/completions', nth: 1, fault: 'clean cut' }],
      disasters: [],
    },
  },
  {
    what: 'the ledger did not take the intent of the model that was fallen back to, and the first call was taken for the last',
    program: {
      seed: 9104610,
      startsAt: 1771459192749,
      manners: 'journal',
      config: null,
      actors: [
        [
          {
            argv: [
              'chat',
              '-m',
              'gpt-5.4-mini',
              '--session',
              'one',
              '--fallback',
              'gpt-5.4-nano',
              'hello #RUN',
            ],
            after: 0,
          },
          { argv: [], after: 0 },
        ],
      ],
      faults: [
        { place: 'POST /v1/chat/completions', nth: 1, fault: '500' },
        { place: 'append ledger', nth: 3, fault: 'EIO' },
      ],
      disasters: [],
    },
  },
  {
    what: 'two orders of videos whose answers were lost are looked for by one process, the second just after a refusal of the first',
    program: {
      seed: 9477725,
      startsAt: 1796326952121,
      manners: 'strict',
      config: { budget: { day: '0.004' } },
      actors: [
        [
          {
            argv: ['video', '--first-frame', '/home/user/in/photo.png', 'surely a dog #RUN'],
            after: 0,
          },
        ],
        [{ argv: ['video', '--async', 'film a dog #RUN'], after: 0 }],
      ],
      faults: [{ place: 'GET /v1/videos/generations', nth: 1, fault: '500' }],
      disasters: [
        { do: 'cut power', place: 'reply POST /v1/videos/generations', nth: 1, share: 1 },
      ],
    },
  },
];
