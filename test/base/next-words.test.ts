import { describe, expect, test } from 'vitest';
import { errorDocument } from '../../src/base/error-document.ts';
import { type Billed, CliError } from '../../src/base/errors.ts';
import type { NextSteps } from '../../src/base/next-step.ts';
import { nextWords } from '../../src/base/next-words.ts';
import { errorWithoutKey } from '../../src/work/redact-key.ts';

const id = 'job_1';

describe('the next steps in words', () => {
  const rows: [NextSteps, Billed, string | null][] = [
    [[], 'no', null],
    [{ do: 'retry' }, 'no', 'run the same command again; nothing was bought'],
    [{ do: 'retry', free: true }, 'no', 'run the same command again'],
    [{ do: 'retry', when: 'later' }, 'unknown', 'run the same command again later'],
    [
      [
        { do: 'retry', afterMs: 60_001 },
        { do: 'set-flag', flag: '--max-retry-wait', value: '61', why: 'let it wait' },
      ],
      'no',
      'wait 61 s, then run the same command again, or let it wait: --max-retry-wait 61; nothing was bought',
    ],
    [
      { do: 'resume', id, first: 'free disk space' },
      'yes',
      'free disk space, then: alltoken tasks resume job_1',
    ],
    [
      [
        { do: 'resume', id, adopt: 'vgen_1' },
        { do: 'run', argv: ['alltoken', 'tasks', 'forget', id], when: 'if_another' },
      ],
      'unknown',
      'alltoken tasks resume job_1 --adopt vgen_1, or, if that is another one: alltoken tasks forget job_1',
    ],
    [
      { do: 'check-usage', at: 'https://example.com' },
      'unknown',
      'it may have been billed; look at your usage at https://example.com (alltoken cost --calls) before you run it again',
    ],
    [
      { do: 'check-usage', first: 'free disk space', gateway: 'sandbox' },
      'unknown',
      'free disk space; it may have been billed; look at your usage (alltoken cost --calls -g sandbox) before you run it again',
    ],
    [
      { do: 'check-usage' },
      'no',
      'look at your usage (alltoken cost --calls) before you run it again',
    ],
    [{ do: 'run', argv: ['chmod', '600', "it's mine"] }, 'no', `chmod 600 'it'\\''s mine'`],
    [
      { do: 'use-model', model: 'x', command: 'chat', gateway: 'g', search: true },
      'no',
      'alltoken chat --search -g g -m x …',
    ],
    [
      { do: 'run', argv: ['x'], fill: '<other name> --y=<in.jsonl> <key.txt' },
      'no',
      'x OTHER_NAME --y=IN.JSONL <key.txt',
    ],
    [{ do: 'did-you-mean', values: ['a', 'b'] }, 'no', 'did you mean a, b?'],
    [{ do: 'leave-out', flag: '--ratio' }, 'no', 'leave out --ratio'],
  ];
  test.each(rows)('%j, billed %s', (next, billed, words) => {
    expect(nextWords(next, billed)).toBe(words);
  });

  test('stand in the document beside the data, without what is not said', () => {
    const next = { do: 'retry', afterMs: 2000, why: undefined } as const;
    expect(errorDocument(new CliError('rate_limited', 'slow', { next }))).toMatchObject({
      hint: 'wait 2 s, then run the same command again; nothing was bought',
      next: [{ do: 'retry', after_ms: 2000 }],
    });
    expect(errorDocument(new CliError('refused', 'no'))).toMatchObject({ hint: null, next: [] });
  });

  test('hold no key, wherever a server repeats it', () => {
    const next = [
      { do: 'run', argv: ['alltoken', 'models', 'the-key-of-mine'], why: 'the-key-of-mine' },
    ] as const;
    const clean = errorWithoutKey(new CliError('auth', 'no', { next }), 'the-key-of-mine');
    expect(JSON.stringify(errorDocument(clean))).not.toContain('the-key-of-mine');
  });
});
