import { describe, expect, test } from 'vitest';
import {
  type Ability,
  abilities,
  builtInGateways,
  gatewayTemplates,
} from '../../src/gateways/index.ts';
import { rows } from '../helpers/contract-rows.ts';
import { foldersWithRows } from '../helpers/gateways.ts';

/** Those of -g, and the kind `openai` of the config. */
const gateways = [...new Map([...builtInGateways, ...gatewayTemplates])];

const names = Object.keys(abilities) as Ability[];

describe('the contract', () => {
  test.each(gateways)('has a folder for %s', (id) => {
    expect(foldersWithRows(), `write test/fixtures/${id}/rows.json`).toContain(id);
  });

  test.each(gateways)('has a row for each thing that %s can do', (id, gateway) => {
    const can = names.filter((ability) => abilities[ability](gateway));
    const shown = new Set(rows.filter((row) => row.gateway === id).flatMap(({ shows }) => shows));
    const what = `"shows" of all rows in test/fixtures/${id}/rows.json (-), the abilities of ${id} (+)`;
    expect(can.sort(), what).toEqual([...shown].sort());
  });

  test('shows success only where it says what the row shows', () => {
    expect(rows.filter(({ shows, exit }) => shows.length > 0 && exit !== 0)).toEqual([]);
  });

  test('compares what is sent and something that is told, in every row', () => {
    for (const { gateway, name, out, err, json } of rows)
      expect(out ?? err ?? json, `${gateway}: ${name}`).toBeDefined();
  });
});
