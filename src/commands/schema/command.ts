/** `alltoken schema`: prints the JSON Schemas of the public JSON, made from the same definitions that type the code. */
import { Argument } from 'commander';
import { CliError } from '../../base/errors.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';

const names = [
  'chat',
  'search',
  'image',
  'video',
  'models',
  'cost',
  'slash',
  'tasks',
  'skills',
  'commands',
  'mcp',
  'config',
  'error',
] as const;

export const registerSchema: RegisterCommand = (program, context) => {
  const command = program
    .command('schema')
    .description(
      'Print the JSON Schema of a document: of --json, of one --jsonl line, or of the config file.',
    )
    .addArgument(nameArgument());
  addHelp(command, [
    'alltoken schema chat',
    'alltoken schema chat --jsonl',
    'alltoken schema config',
  ]);
  const flags = flagGroup(null, flag('--jsonl', 'the schema of one line of --jsonl'));
  takeFlags(command, [flags], async ({ jsonl }, name: string) => {
    // --jsonl chooses the schema here, not the format.
    await context.execute('schema', { color: true }, () => printSchema(name, jsonl === true));
  });
};

/** Its choices are for the Tab key; what is wrong with another name is ours to say. */
function nameArgument(): Argument {
  const argument = new Argument('<name>', names.join(', '));
  argument.argChoices = [...names];
  return argument;
}

async function* printSchema(
  name: string,
  lines: boolean,
): AsyncGenerator<OutputEvent, void, undefined> {
  const schema = await findSchema(name, lines);
  yield {
    type: 'output',
    content: { text: `${JSON.stringify(schema, null, 2)}\n` },
    document: schema,
  };
}

async function findSchema(name: string, lines: boolean): Promise<unknown> {
  const { jsonSchemas } = await import('../../schemas/json-schema.ts');
  const entry = Object.hasOwn(jsonSchemas, name)
    ? jsonSchemas[name as keyof typeof jsonSchemas]
    : undefined;
  if (entry === undefined)
    throw new CliError('usage', `no schema named ${JSON.stringify(name)}`, {
      code: 'unknown_schema',
      hint: `one of: ${names.join(', ')}`,
    });
  if (!lines) return entry.document();
  if (entry.event === null && name === 'slash')
    throw new CliError('usage', '--jsonl of slash is that of the command it runs', {
      code: 'unsupported',
      hint: 'alltoken schema chat --jsonl',
    });
  if (entry.event === null)
    throw new CliError('usage', `${name} prints no --jsonl`, { code: 'unsupported' });
  return entry.event();
}
