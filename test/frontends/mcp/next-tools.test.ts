import { describe, expect, test } from 'vitest';
import { errorDocument } from '../../../src/base/error-document.ts';
import { CliError, type ErrorDetails, type ExitName } from '../../../src/base/errors.ts';
import type { NextStep, NextSteps } from '../../../src/base/next-step.ts';
import { runStep } from '../../../src/base/next-step.ts';
import { adviceOn } from '../../../src/frontends/mcp/advice.ts';
import { hintOf, nextOf } from '../../../src/frontends/mcp/next-tools.ts';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import type { ToolName } from '../../../src/schemas/tools.ts';

function toolOf(name: ToolName) {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(name);
  return tool;
}

function hint(name: ToolName, next: NextSteps, exit: ExitName = 'usage'): string | null {
  return hintOf(errorDocument(new CliError(exit, 'm', { next })), toolOf(name), {});
}

describe('the next steps in words of the tools', () => {
  const rows: [ToolName, NextStep, string | null][] = [
    ['alltoken_image', { do: 'resume', id: 'a' }, 'call alltoken_image_fetch with task_id "a"'],
    ['alltoken_chat', { do: 'retry', when: 'later' }, 'call again later'],
    [
      'alltoken_chat',
      { do: 'retry', afterMs: 1500, first: 'top up' },
      'top up, then wait 2 s, then call again',
    ],
    [
      'alltoken_chat',
      { do: 'use-model', model: 'x', command: 'video' },
      'call alltoken_video_submit with model "x"',
    ],
    [
      'alltoken_chat',
      { do: 'set-flag', flag: '--fallback', value: 'x,y' },
      'call again with fallback "x,y"',
    ],
    [
      'alltoken_chat',
      { do: 'set-flag', flag: '--max-tokens', value: '484', why: 'allow less' },
      'call again with max_tokens 484',
    ],
    ['alltoken_image', { do: 'set-flag', flag: '--fallback', value: 'x,y' }, null],
    ['alltoken_image', { do: 'leave-out', flag: '--seed' }, 'call again without seed'],
    [
      'alltoken_chat',
      runStep(['models', '--kind', 'image', '-g', 'g']),
      'call alltoken_models with type "image"',
    ],
    ['alltoken_chat', runStep(['models', 'x']), 'call alltoken_models with id "x"'],
    ['alltoken_cost', runStep(['cost', '--since', '7d']), 'call alltoken_cost with since "7d"'],
    [
      'alltoken_cost',
      runStep(['cost', 'x', '1', '2']),
      'call alltoken_cost with model and prompt_tokens and completion_tokens',
    ],
    [
      'alltoken_chat',
      runStep(['config', 'set', 'budget.day'], '<usd>'),
      'alltoken config set budget.day USD',
    ],
    ['alltoken_chat', runStep(['tasks', 'forget', 'a']), null],
    ['alltoken_chat', { do: 'run', argv: ['kill', '1'] }, null],
    ['alltoken_chat', { do: 'run', argv: ['chmod', '600', 'x'], for: 'user' }, 'chmod 600 x'],
    ['alltoken_chat', { do: 'say', words: 'w', for: 'shell' }, null],
    ['alltoken_chat', { do: 'say', words: 'w' }, 'w'],
  ];
  test.each(rows)('%s %j', (name, step, words) => {
    expect(hint(name, step)).toBe(words);
    expect(hint(name, [step, step])).toBe(words);
  });

  test('leave out of the data what no host can do', () => {
    const next: NextSteps = [{ do: 'retry' }, runStep(['tasks', 'forget', 'a'])];
    const error = errorDocument(new CliError('upstream', 'm', { next }));
    expect(nextOf(error, toolOf('alltoken_chat'), {})).toEqual([{ do: 'retry' }]);
  });
});

/** Words that would mislead whoever read them. */
const misleading =
  'stopped by SIGINT; alltoken tasks resume a --adopt b; --allow-paths; TLS failed';

describe('what a host is told to do', () => {
  const cases: [ExitName, ErrorDetails][] = [
    ['outcome_unknown', { next: [{ do: 'resume', id: 'job_1', adopt: 'vgen_1', why: 'W' }] }],
    ['usage', { code: 'path_outside', next: { do: 'say', words: 'W' } }],
    [
      'upstream',
      {
        next: [
          { do: 'retry', first: 'W' },
          { do: 'say', words: 'W' },
        ],
      },
    ],
    ['protocol', { billed: 'yes', taskId: 'vgen_1', next: { do: 'say', words: 'W' } }],
    ['budget', { code: 'max_cost', next: { do: 'say', words: 'W', for: 'user' } }],
    ['no_key', { next: runStep(['config', 'doctor']) }],
  ];
  test.each(cases)(
    '%s %j: the tools and the money are the same, whatever the words',
    (exit, details) => {
      for (const { name } of tools) {
        const tool = toolOf(name);
        const said = ['W', misleading].map((words) => {
          const text = JSON.stringify(details.next).replaceAll('"W"', JSON.stringify(words));
          const next = JSON.parse(text) as NextSteps;
          // The first line is the message itself, with its options as fields.
          const error = errorDocument(new CliError(exit, words, { ...details, next }));
          const outcome = { document: { error, job_id: 'job_1' }, outOfTime: false };
          const flags = { color: true, callTimeout: 50 };
          const { words: advice, call } = adviceOn(error, outcome, { tool, given: {} }, flags);
          return {
            advice: advice.replaceAll(words, 'W').split('\n').slice(1),
            call,
            kinds: nextOf(error, tool, {}).map((step) => step.do),
            money: [error.exit, error.billed, error.retryable],
          };
        });
        expect(said[1]).toEqual(said[0]);
      }
    },
  );
});
