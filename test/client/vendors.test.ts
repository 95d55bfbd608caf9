/** Streams in the shapes that vendors document, or that were reported of them, and what is read from each. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ask, stream } from '../helpers/ask.ts';

interface Fixture {
  vendor: string;
  /** The public page or thread that shows the shape. */
  source: string;
  /** What is special about it. */
  special: string;
  /** A chunk, or a line as it is on the wire. */
  stream: (object | string)[];
  exit: number;
  /** Of the document; `files` is how many. */
  expect: Record<string, unknown>;
}

const folder = new URL('./vendors/', import.meta.url);
const fixtures = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture,
);

function wire(parts: Fixture['stream']): string {
  const line = (part: object | string): string =>
    typeof part === 'string' ? part : `data: ${JSON.stringify(part)}`;
  return parts.map((part) => `${line(part)}\n\n`).join('');
}

describe('the stream of', () => {
  test('every vendor has its source', () => {
    expect(fixtures.length).toBeGreaterThan(20);
    for (const { source } of fixtures) expect(source).toMatch(/^https:\/\//);
  });

  test.each(fixtures)('$vendor: $special', async (fixture) => {
    const { code, world } = await ask(stream(wire(fixture.stream)), ['--json', 'Hi']);
    const document = world.json();
    const { files = 0, ...fields } = fixture.expect;
    expect([code, document.files]).toEqual([fixture.exit, expect.any(Array)]);
    expect(document.files).toHaveLength(Number(files));
    for (const [name, value] of Object.entries(fields)) expect(document[name], name).toEqual(value);
  });
});
