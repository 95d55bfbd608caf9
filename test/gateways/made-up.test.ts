import { Command } from 'commander';
import { expect, test } from 'vitest';
import { nameGateways } from '../../src/cli/gateway-help.ts';
import { environmentVariables } from '../../src/cli/help-environment.ts';
import { gatewayFlags } from '../../src/flags/common-flags.ts';
import { takeFlags } from '../../src/flags/declare-flags.ts';
import { builtInGateways, gatewaysWith, kindsOf } from '../../src/gateways/index.ts';
import { openai } from '../../src/gateways/openai.ts';
import type { Gateway } from '../../src/gateways/types.ts';
import { configSchemaOf } from '../../src/schemas/config.ts';
import { gatewayNames } from '../../src/work/known-names.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

const made: Gateway = {
  ...openai,
  id: 'made-up',
  label: 'Made Up',
  baseUrl: 'https://made-up.example/inference/v1',
  keyVariable: 'MADE_UP_API_KEY',
  keyRequired: true,
};
const gateways: ReadonlyMap<string, Gateway> = new Map([...builtInGateways, [made.id, made]]);

test('the help of -g names it, in a command and below', () => {
  const program = new Command();
  takeFlags(program.command('tasks').command('list'), [gatewayFlags], async () => {});
  nameGateways(program, gateways);
  expect(program.commands[0]?.commands[0]?.helpInformation().replace(/\s+/g, ' ')).toContain(
    'lmstudio, made-up or one from the config',
  );
});

test('so does every way to ask for help', async () => {
  const all = [...builtInGateways.keys()].join(', ');
  for (const argv of [
    ['chat', '-h'],
    ['chat', '-qh'],
    ['help', 'chat'],
    ['tasks', 'list', '--help'],
  ]) {
    const world = fakeDeps();
    expect(await world.run(...argv)).toBe(0);
    expect(world.out().replace(/\s+/g, ' '), argv.join(' ')).toContain(`${all} or one`);
  }
  const tree = fakeDeps();
  expect(await tree.run('help', '--json')).toBe(0);
  expect(tree.out()).toContain(`${all} or one`);
});

test('the variable of its key is in the environment', () => {
  expect(environmentVariables(gateways)).toContainEqual({
    name: 'MADE_UP_API_KEY',
    what: 'the key for Made Up',
  });
});

test('it is among those that can do what it can', () => {
  expect(gatewaysWith('chat', gateways)).toContain('made-up');
  expect(gatewaysWith('video', gateways)).not.toContain('made-up');
});

test('it is completed, and may be the kind of a gateway of the config', async () => {
  const { deps } = fakeDeps();
  expect(await gatewayNames(deps, gateways)).toContain('made-up');
  const schema = configSchemaOf(kindsOf(gateways));
  const mine = { kind: 'made-up', base_url: 'https://other.example/v1' };
  expect(schema.safeParse({ gateways: { mine } }).success).toBe(true);
  expect(configSchemaOf(kindsOf()).safeParse({ gateways: { mine } }).success).toBe(false);
});
