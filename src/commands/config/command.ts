/** `alltoken config`: where the config is, what it contains, and whether it works. It never prints a key. */

import type { Command } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { flatten, getPath, setPath, unsetPath } from '../../config/edit.ts';
import { loadConfig } from '../../config/file.ts';
import { findPlaces } from '../../config/places.ts';
import { gatewayFlags, outputFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { amount, tagFlag } from '../../flags/money-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';

const examples: readonly Example[] = [
  'alltoken config set defaults.chat.model gpt-5.4',
  'alltoken config set aliases.fast gpt-5.4-nano',
  `alltoken config set gateways.mine \\
    '{"kind":"openai","base_url":"http://127.0.0.1:8080/v1"}'`,
  `alltoken config set gateways.alltoken.api_key_command \\
    '["pass","show","alltoken"]'`,
  'alltoken config gateways',
  'alltoken config doctor -g tokenhub',
  'alltoken config doctor --live --max-cost 0.05',
];

const liveFlags = flagGroup(
  'Live:',
  flag('--live', 'make small paid calls that show whether the gateway works as documented'),
  flag('--max-cost <usd>', 'the most that all of them may cost', { read: amount, usual: '0.05' }),
  flag('--report <file>', 'where the report goes; it must not be there', { names: 'file' }),
  tagFlag,
);

type Events = AsyncGenerator<OutputEvent, void, undefined>;

export const registerConfig: RegisterCommand = (program, context) => {
  const config = program
    .command('config')
    .helpCommand(false)
    .description('Show and change the config file, or check that everything works.');
  addHelp(config, examples);
  const { deps } = context;
  add(config, context, 'path', 'print where the config, the state and the cache are', [], () =>
    showPlaces(deps),
  );
  add(config, context, 'get', 'print one value', ['<name>'], ([name]) =>
    showValue(name ?? '', deps),
  );
  add(config, context, 'set', 'store one value', ['<name>', '<value>'], ([name, value]) =>
    storeValue(name ?? '', value ?? '', deps),
  );
  add(config, context, 'unset', 'remove one value', ['<name>'], ([name]) =>
    removeValue(name ?? '', deps),
  );
  add(config, context, 'list', 'print all values', [], () => listValues(deps), { isDefault: true });
  const gateways = config
    .command('gateways')
    .summary('list the gateways and what each can do')
    .description(
      'List the gateways: which one is the default, where each is, whether its key is there, and what it can do. It contacts none of them, and never prints a key.',
    );
  const ofGateways = flagGroup(
    null,
    flag('-g, --gateway <name>', 'mark this one as the default', { names: 'gateway' }),
  );
  takeFlags(gateways, [ofGateways, outputFlags], async (flags) => {
    const { listGateways } = await import('./gateways.ts');
    await context.execute('config gateways', flags, () => listGateways(flags, deps));
  });
  const doctor = config
    .command('doctor')
    .summary('check config, key, clock and connection')
    .description(
      'Check everything a call needs: versions, config, permissions, directories, key, connection, clock. It costs nothing, and caches the list of models for later calls. With --live it also makes a few small paid calls, under a cap, and writes a report without the key.',
    );
  takeFlags(doctor, [liveFlags, gatewayFlags, outputFlags], async (flags) => {
    const { runDoctor } = await import('./doctor/run.ts');
    await context.execute('config doctor', flags, () => runDoctor(flags, deps));
  });
};

const argumentHelp: Readonly<Record<string, string>> = {
  '<name>': 'with dots, like defaults.chat.model',
  '<value>': 'JSON; anything else is stored as text',
};

function add(
  parent: Command,
  context: Context,
  name: string,
  summary: string,
  words: readonly string[],
  events: (words: readonly string[]) => Events,
  options: { isDefault?: boolean } = {},
): void {
  const command = parent
    .command(name, options)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
  for (const word of words) command.argument(word, argumentHelp[word]);
  takeFlags(command, [outputFlags], async (flags) => {
    await context.execute(`config ${name}`, flags, () => events(command.args));
  });
}

function document(command: string, more: Readonly<Record<string, unknown>>): unknown {
  return {
    schema: 'alltoken.config.v1',
    ok: true,
    exit: EXIT_OK,
    command: `config ${command}`,
    ...more,
  };
}

async function* showPlaces(deps: Deps): Events {
  const { configFile, ...places } = findPlaces(deps);
  const named = { config: configFile, ...places };
  yield {
    type: 'output',
    content: { table: { head: ['what', 'where'], rows: Object.entries(named) } },
    document: document('path', { places: named }),
  };
}

async function* showValue(name: string, deps: Deps): Events {
  const value = getPath(await loadConfig(deps, findPlaces(deps)), name);
  if (value === undefined)
    throw new CliError('usage', `${name} is not set`, {
      code: 'not_set',
      next: runStep(['config', 'list']),
    });
  yield {
    type: 'output',
    content: { text: `${asLine(value)}\n` },
    document: document('get', { name, value }),
  };
}

async function* storeValue(name: string, text: string, deps: Deps): Events {
  const value = await setPath(deps, findPlaces(deps), name, text);
  yield {
    type: 'output',
    content: { text: `${name} = ${JSON.stringify(value)}\n` },
    document: document('set', { name, value }),
  };
}

async function* removeValue(name: string, deps: Deps): Events {
  const removed = await unsetPath(deps, findPlaces(deps), name);
  if (!removed)
    throw new CliError('usage', `${name} is not set`, {
      code: 'not_set',
      next: runStep(['config', 'list']),
    });
  yield {
    type: 'output',
    content: { text: `${name} is removed\n` },
    document: document('unset', { name }),
  };
}

async function* listValues(deps: Deps): Events {
  const values = flatten(await loadConfig(deps, findPlaces(deps)));
  const rows = values.map(([name, value]): [string, string] => [name, asLine(value)]);
  if (rows.length === 0) yield { type: 'status', message: 'the config is empty' };
  yield {
    type: 'output',
    content: { table: { head: ['name', 'value'], rows } },
    document: document('list', { values: Object.fromEntries(values) }),
  };
}

function asLine(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
