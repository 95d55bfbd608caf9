import { describe, test } from 'vitest';
import { expectRow, type Row, rows } from '../helpers/contract-rows.ts';

const byGateway = new Map<string, Row[]>();
for (const row of rows) byGateway.set(row.gateway, [...(byGateway.get(row.gateway) ?? []), row]);

describe.each([...byGateway])('%s', (_gateway, its) => {
  test.each(its.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    await expectRow(row);
  });
});
