/** What every failure of `chat` must keep to, whatever its cause: one line, one document, one code, honest books. */
import { expect } from 'vitest';
import * as z from 'zod/mini';
import { chatDocumentSchema } from '../../src/schemas/chat.ts';
import { failureSchema } from '../../src/schemas/common.ts';
import { type Asked, errLines } from './ask.ts';

/** A mistake on the command line is found before `chat` begins. */
const anyFailure = z.union([chatDocumentSchema, failureSchema]);

export interface ExpectedFailure {
  exit: number;
  name: string;
  /** The slug. */
  code: string | RegExp | null;
  message: RegExp;
  hint: RegExp | null;
  status?: number;
  requestId?: string;
  retryable?: boolean;
  billed: 'yes' | 'no' | 'unknown';
  /** Requests that reached the server. */
  requests: number;
  /** false: it failed before the books were opened. */
  inLedger: boolean;
}

/** One line on stderr, a hint at most, nothing on stdout but the answer. */
function expectFailureLine({ code, world }: Asked, expected: ExpectedFailure): void {
  expect(code, world.err()).toBe(expected.exit);
  const lines = errLines(world);
  const errors = lines.filter((line) => line.startsWith('alltoken: '));
  expect(errors, world.err()).toHaveLength(1);
  expect(errors[0]).toMatch(expected.message);
  expect(errors[0]).toMatch(/ \[[^\]]*\]$/);
  const facts = (errors[0] ?? '').slice((errors[0] ?? '').lastIndexOf('[') + 1, -1).split(' ');
  expect(facts[0]).toBe(expected.name);
  const slug = facts.find((fact) => fact.startsWith('code='))?.slice('code='.length) ?? null;
  expect(slug).toEqual(matching(expected.code));
  if (expected.requestId) expect(facts).toContain(`request_id=${expected.requestId}`);
  const hints = lines.filter((line) => line.startsWith('hint: '));
  if (expected.hint === null) expect(hints).toEqual([]);
  else {
    expect(hints, world.err()).toHaveLength(1);
    expect(hints[0]).toMatch(expected.hint);
    expect(lines.at(-1)).toBe(hints[0]);
  }
  expect(world.err()).not.toMatch(/undefined|\[object|NaN/);
}

/** One document that follows the schema and says the code that is returned. */
export function expectFailureDocument({ code, world }: Asked, expected: ExpectedFailure): void {
  expect(code, world.err()).toBe(expected.exit);
  const document = world.json();
  expect(anyFailure.safeParse(document).success).toBe(true);
  expect(document).toMatchObject({ ok: false, command: 'chat' });
  if ('exit' in document) expect(document.exit).toBe(expected.exit);
  expect(document.error).toMatchObject({
    exit: expected.exit,
    name: expected.name,
    code: matching(expected.code),
    message: expect.stringMatching(expected.message),
    hint: expected.hint === null ? null : expect.stringMatching(expected.hint),
    status: expected.status ?? null,
    request_id: expected.requestId ?? null,
    retryable: expected.retryable ?? false,
    billed: expected.billed,
  });
}

function matching(expected: string | RegExp | null): unknown {
  return expected instanceof RegExp ? expect.stringMatching(expected) : expected;
}

/** As many requests as allowed, and for each call an intent and an outcome that tell the same story. */
function expectBooks({ code, server, world }: Asked, expected: ExpectedFailure): void {
  expect(server.requests).toHaveLength(expected.requests);
  const lines = world.ledger();
  if (!expected.inLedger) {
    expect(lines).toEqual([]);
    return;
  }
  expect(lines.map(({ event }) => event)).toEqual(['intent', 'outcome']);
  expect(lines[1]).toMatchObject({
    call: lines[0]?.call,
    exit: code,
    billed: expected.billed,
  });
}

/** The same failure as text and as JSON; `run` gets the flags of the format. */
export async function expectFailure(
  run: (...format: string[]) => Promise<Asked>,
  expected: ExpectedFailure,
): Promise<void> {
  const text = await run();
  expectFailureLine(text, expected);
  expectBooks(text, expected);
  await expectJsonFailure(run, expected);
}

/** For a failure that takes a while: as JSON only, where the line stands on stderr too. */
export async function expectJsonFailure(
  run: (...format: string[]) => Promise<Asked>,
  expected: ExpectedFailure,
): Promise<void> {
  const json = await run('--json');
  expectFailureLine(json, expected);
  expectFailureDocument(json, expected);
  expectBooks(json, expected);
}
