/** The public schemas as JSON Schema. Named imports only: a namespace of zod would bring its sixty languages along. */
import { type core, strictObject, toJSONSchema } from 'zod/mini';
import { batchDocumentSchema, batchEventSchema, batchOutputSchema } from './batch.ts';
import { budgetDocumentSchema } from './budget.ts';
import { chatDocumentSchema, chatEventSchema } from './chat.ts';
import type { schemaNames } from './choices.ts';
import { commandsDocumentSchema } from './commands.ts';
import { failureSchema } from './common.ts';
import { configSchemaOf } from './config.ts';
import { costDocumentSchema } from './cost.ts';
import { initDocumentSchema } from './init.ts';
import { loginDocumentSchema, logoutDocumentSchema } from './login.ts';
import { mcpInstallDocumentSchema } from './mcp-install.ts';
import {
  imageDocumentSchema,
  imageEventSchema,
  tasksDocumentSchema,
  tasksEventSchema,
  videoDocumentSchema,
  videoEventSchema,
} from './media.ts';
import { modelsDocumentSchema } from './models-document.ts';
import { serveDocumentSchema } from './serve.ts';
import { sessionsDocumentSchema } from './sessions.ts';
import { skillsDocumentSchema } from './skills.ts';
import { slashDocumentSchema } from './slash.ts';
import { toolInputs } from './tools.ts';

/** Documents and events are open: fields are only ever added, and a reader of today must take tomorrow's output. */
function print(schema: core.$ZodType, id: string, title: string): unknown {
  return { $id: id, title, ...(toJSONSchema(schema, { io: 'input' }) as object) };
}

/** By the name that `alltoken schema` takes; `event` is null where a command has no --jsonl. */
export const jsonSchemas = {
  chat: {
    document: () => print(chatDocumentSchema, 'alltoken.chat.v1', 'alltoken chat --json'),
    event: () =>
      print(chatEventSchema, 'alltoken.chat.event.v1', 'One line of alltoken chat --jsonl'),
  },
  search: {
    document: () => print(chatDocumentSchema, 'alltoken.search.v1', 'alltoken search --json'),
    event: () =>
      print(chatEventSchema, 'alltoken.search.event.v1', 'One line of alltoken search --jsonl'),
  },
  image: {
    document: () => print(imageDocumentSchema, 'alltoken.image.v1', 'alltoken image --json'),
    event: () =>
      print(imageEventSchema, 'alltoken.image.event.v1', 'One line of alltoken image --jsonl'),
  },
  video: {
    document: () => print(videoDocumentSchema, 'alltoken.video.v1', 'alltoken video --json'),
    event: () =>
      print(videoEventSchema, 'alltoken.video.event.v1', 'One line of alltoken video --jsonl'),
  },
  models: {
    document: () => print(modelsDocumentSchema, 'alltoken.models.v1', 'alltoken models --json'),
    event: null,
  },
  cost: {
    document: () => print(costDocumentSchema, 'alltoken.cost.v1', 'alltoken cost --json'),
    event: null,
  },
  batch: {
    document: () => print(batchDocumentSchema, 'alltoken.batch.v1', 'alltoken batch --json'),
    event: () =>
      print(batchEventSchema, 'alltoken.batch.event.v1', 'One line of alltoken batch --jsonl'),
  },
  'batch-output': {
    document: () =>
      print(
        batchOutputSchema,
        'alltoken.batch-output.v1',
        'One line of the output of alltoken batch',
      ),
    event: null,
  },
  serve: {
    document: () => print(serveDocumentSchema, 'alltoken.serve.v1', 'alltoken serve --json'),
    event: null,
  },
  budget: {
    document: () => print(budgetDocumentSchema, 'alltoken.budget.v1', 'alltoken budget --json'),
    event: null,
  },
  slash: {
    document: () =>
      print(slashDocumentSchema, 'alltoken.slash.v1', 'alltoken slash --explain --json'),
    event: null,
  },
  tasks: {
    document: () => print(tasksDocumentSchema, 'alltoken.tasks.v1', 'alltoken tasks --json'),
    event: () =>
      print(
        tasksEventSchema,
        'alltoken.tasks.event.v1',
        'One line of alltoken tasks resume --jsonl',
      ),
  },
  sessions: {
    document: () =>
      print(sessionsDocumentSchema, 'alltoken.sessions.v1', 'alltoken sessions --json'),
    event: null,
  },
  login: {
    document: () => print(loginDocumentSchema, 'alltoken.login.v1', 'alltoken login --json'),
    event: null,
  },
  logout: {
    document: () => print(logoutDocumentSchema, 'alltoken.logout.v1', 'alltoken logout --json'),
    event: null,
  },
  init: {
    document: () => print(initDocumentSchema, 'alltoken.init.v1', 'alltoken init --json'),
    event: null,
  },
  commands: {
    document: () => print(commandsDocumentSchema, 'alltoken.commands.v1', 'alltoken --help --json'),
    event: null,
  },
  skills: {
    document: () => print(skillsDocumentSchema, 'alltoken.skills.v1', 'alltoken skills --json'),
    event: null,
  },
  'mcp-install': {
    document: () =>
      print(mcpInstallDocumentSchema, 'alltoken.mcp-install.v1', 'alltoken mcp install --json'),
    event: null,
  },
  mcp: {
    document: () =>
      print(
        strictObject(toolInputs(45)),
        'alltoken.mcp.v1',
        'The inputs of the tools of alltoken mcp',
      ),
    event: null,
  },
  config: {
    /** `kinds`: those of the gateways that a config may name. */
    document: (kinds: readonly string[]) =>
      print(configSchemaOf(kinds), 'alltoken.config-file.v1', 'The config file of alltoken'),
    event: null,
  },
  error: {
    document: () => print(failureSchema, 'alltoken.error.v1', 'A failure of any other command'),
    event: null,
  },
} as const satisfies Record<(typeof schemaNames)[number], unknown>;
