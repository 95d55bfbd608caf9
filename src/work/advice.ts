/**
 * What to do about a failure: one table for every command. A step that the error already has is left alone. Otherwise the first that
 * has one wins: the job or the answer that can be resumed, the row of its code, the row of its exit name.
 * It decides by names and codes, never by a message, and formats nothing.
 */
import type { Deps } from '../base/deps.ts';
import { diskRemedy } from '../base/errno.ts';
import { type CliError, type ExitName, systemErrorCode } from '../base/errors.ts';
import { allowWriting } from '../base/host-sandbox.ts';
import { own } from '../base/json.ts';
import { isLoopback } from '../base/loopback.ts';
import {
  type Buying,
  type NextStep,
  type NextSteps,
  runStep,
  say,
  stepsOf,
} from '../base/next-step.ts';
import { loginStep } from '../config/login-step.ts';
import { findPlaces } from '../config/places.ts';
import { RUN_VARIABLE } from '../config/run-proxy.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';
import { listTasks, resumeStep, shownId, wayBack } from '../jobs/hints.ts';
import { NOT_FOUND } from '../jobs/missing.ts';
import { isOpen } from '../jobs/states.ts';
import { playGateway } from '../money/play.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { isTooLong } from '../transport/error-codes.ts';
import { leadsElsewhere, withAddress, withoutFault, withProxyToken } from './address-advice.ts';
import type { Ask, Situation } from './situation.ts';

/** Adds the steps, and the id of the task, to an error that has none. */
export function adviseOn(error: CliError, situation: Situation): CliError {
  const failure = writable(error, situation).with({
    taskId: situation.record?.task_id ?? undefined,
  });
  return withoutFault(advised(failure, situation), situation);
}

function advised(failure: CliError, situation: Situation): CliError {
  if (failure.details.next !== undefined)
    return orResumeTask(withAddress(failure, situation), situation);
  const next = resumeTask(failure, situation) ?? rowFor(failure, situation);
  return next === undefined ? failure : failure.with({ next: withFreeRetries(next, situation) });
}

/** Where our state cannot be written and an agent host runs us, its setting comes first. */
function writable(error: CliError, { machine }: Situation): CliError {
  const { inState, next } = error.details;
  if (inState !== true || machine === undefined) return error;
  const code = systemErrorCode(error.details.cause) ?? 'EROFS';
  const allow = allowWriting(machine.state, code, machine.env);
  return allow.length === 0 ? error : error.changed({ next: [...allow, ...stepsOf(next)] });
}

export type MachineDeps = Pick<Deps, 'env' | 'path'> & Parameters<typeof findPlaces>[0];

export function machineOf(deps: MachineDeps): NonNullable<Situation['machine']> {
  const state = deps.path.dirname(findPlaces(deps).tasks);
  return { env: deps.env, state, platform: deps.platform };
}

type Row = (situation: Situation, error: CliError) => NextSteps | undefined;

function rowFor(error: CliError, situation: Situation): NextSteps | undefined {
  const { code } = error.details;
  const special = code !== undefined && Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  return special?.(situation, error) ?? byExit[error.exit]?.(situation, error);
}

/** The step for a network failure says to run the same command again, which would buy a second task where one can be resumed. */
function orResumeTask(error: CliError, situation: Situation): CliError {
  const way = error.exit === 'network' ? resumeTask(error, situation) : undefined;
  if (way === undefined)
    return error.changed({ next: withFreeRetries(error.details.next ?? [], situation) });
  const settings = stepsOf(error.details.next).filter((step) => step.do === 'host-setting');
  return error.changed({
    next:
      settings.length === 0
        ? { ...way, first: 'allow network access' }
        : [...settings, { ...way, when: 'afterwards' }],
  });
}

/** Marks the retries of a command that buys nothing: "nothing was bought" would be no news after them. */
function withFreeRetries(next: NextSteps, { kind }: Situation): NextSteps {
  if (kind !== 'models' && kind !== 'config doctor') return next;
  return stepsOf(next).map((step) => (step.do === 'retry' ? { ...step, free: true } : step));
}

/** A task that the gateway has, and that has not ended, is resumed. */
function resumeTask(
  error: CliError,
  { record = null, journaled }: Situation,
): NextStep | undefined {
  if (record === null || !isOpen(record.state) || record.status === NOT_FOUND) return undefined;
  // Some responses contain the result and no task.
  if (record.task_id === null && record.state !== 'received') return undefined;
  const step = resumeStep(record, journaled ? [] : wayBack(record));
  return { ...step, ...(error.exit === 'auth' && { first: 'fix the key' }) };
}

/** A row that returns undefined leaves the decision to the next. */
const byCode: Readonly<Record<string, Row>> = {
  // After a request was sent it is another exit.
  total_timeout: (_situation, { exit }) =>
    exit === 'timeout'
      ? [{ do: 'retry' }, { do: 'set-flag', flag: '--timeout', why: 'allow more' }]
      : undefined,
  clock_skew: (situation) => setClock(situation),
  // With a clock that is wrong by a year no certificate is valid, and no response arrives to compare the clock with.
  CERT_NOT_YET_VALID: (situation) => setClock(situation),
  CERT_HAS_EXPIRED: (situation) => setClock(situation, 'if the clock of this machine is wrong, '),
  old_node: (situation) => again(situation, 'install a later Node from https://nodejs.org'),
  ECONNREFUSED: (situation) => startServer(situation),
  page_not_found: (situation) => addVersion(situation),
  // Of a route; the code of a model has another name. An address that was typed is the likelier mistake.
  not_found: (situation) =>
    situation.gateway?.addressFrom === undefined ? undefined : addVersion(situation),
  proxy_token: (situation) => withProxyToken(situation, (first) => again(situation, first)),
  EMFILE: (situation, error) => onLimit(situation, error, 'allow more open files (ulimit -n)'),
  ENFILE: (situation, error) => onLimit(situation, error, 'close programs with many open files'),
  // Of a proxy: a higher limit would not let it through either.
  cost_unbounded: (situation, { details: { status } }) =>
    status === undefined ? undefined : again(situation, 'start the proxy without that limit'),
};

/** Codes of a content policy that name the sound of a video: OutputAudioSensitiveContentDetected. */
const isAboutAudio = /^(Output|Input)Audio/i;

const byExit: Partial<Record<ExitName, Row>> = {
  no_key: (situation, { details }) => {
    const { configFile = null, kind } = situation;
    if (kind !== 'config doctor') return doctor(situation);
    const what = details.code === 'bad_config' && configFile !== null ? configFile : 'it';
    return again(situation, `fix ${what}`);
  },
  auth: (situation) => {
    const { keySource, gateway, kind } = situation;
    // It takes no key, so that only a fault of its own refuses one.
    if (gateway?.embedded)
      return again(situation, `start the sandbox at ${gateway.baseUrl} without this fault`);
    // Ours is the token, and the proxy has taken it: the key that is refused is the one behind it.
    if (gateway?.addressFrom?.[0] === RUN_VARIABLE)
      return {
        ...loginStep(gateway),
        why: `the proxy in ${RUN_VARIABLE} sends no key that the gateway takes; store one, and start the proxy again`,
      };
    if (keySource === null && gateway !== null && !gateway.keyRequired)
      return { ...loginStep(gateway), why: 'this server needs a key' };
    const check = `check the key in ${keySource ?? 'the environment'}`;
    if (kind !== 'config doctor') return doctor(situation, check);
    const renewed = gateway?.website ? `, or get a new one at ${gateway.website}` : '';
    return again(situation, `${check}${renewed}`);
  },
  balance: (situation) => again(situation, `top up${at(situation)}`),
  // Ours says itself what would let the call through; that of a proxy comes with a status.
  budget: (situation, { details: { status } }) =>
    status === undefined ? undefined : again(situation, 'raise the limit of the proxy'),
  forbidden: (situation) =>
    situation.kind === 'config doctor'
      ? userSays(`check the permissions of the key in ${situation.keySource ?? 'the environment'}`)
      : doctor(situation, 'check what the key is allowed to do'),
  not_found: (situation) => {
    const { kind, gateway, record } = situation;
    if (record?.status === NOT_FOUND) return forgetMissing(record);
    if (kind === 'tasks resume' && gateway !== null) return listTasks(gateway.id);
    return asksModel(situation) ? otherModel(situation) : checkBaseUrl(situation);
  },
  rejected: ({ kind, gateway, ask }, { details }) => {
    const { code, type, refusedField, badField = '' } = details;
    const without =
      refusedField === undefined || !isBuying(kind) ? undefined : withoutField(refusedField);
    if (without !== undefined) return without;
    const flag = isBuying(kind) ? own(flagOfField[kind], badField) : undefined;
    const other: NextStep | null =
      flag === undefined ? null : { do: 'set-flag', flag, why: 'try another value' };
    if (ask === undefined) return other ?? say('fix what the message names');
    if (isTooLong([code ?? '', type ?? '']))
      return say('shorten the prompt or the conversation, or use a model with a larger context');
    if (ask.spelling !== undefined)
      return { ...useModel(ask.spelling, kind, gateway), why: 'this id may be the one you meant' };
    if (other !== null) return other;
    const look: NextStep = { do: 'set-flag', flag: '--dry-run', why: 'see what would be sent' };
    // Where no field of the error says what is refused, only its words may, and those are for the reader.
    return code === undefined ? [look, leaveOutAny] : look;
  },
  refused: ({ kind }, { details }) => {
    const change = say('change the prompt; the same one will be refused again');
    if (kind !== 'video' || !isAboutAudio.test(details.code ?? '')) return change;
    return [{ do: 'set-flag', flag: '--no-audio', why: 'leave out what was refused' }, change];
  },
  rate_limited: ({ maxRetryWaitMs }, { details }) => {
    const afterMs = details.retryAfterMs;
    if (!afterMs) return { do: 'retry', first: 'wait a moment' };
    const seconds = String(Math.ceil(afterMs / 1000));
    const patience: NextStep = {
      do: 'set-flag',
      flag: '--max-retry-wait',
      value: seconds,
      why: 'allow the wait',
    };
    const isTooLong = afterMs > (maxRetryWaitMs ?? afterMs);
    return [{ do: 'retry', afterMs }, ...(isTooLong ? [patience] : [])];
  },
  upstream: (situation) => {
    const { ask, gateway } = situation;
    if (ask?.search && gateway !== null) return withoutSearch(situation, ask);
    const others = ask?.related.slice(0, 3) ?? [];
    const now: NextStep = {
      do: 'set-flag',
      flag: '--fallback',
      value: others.join(','),
      why: 'run it now',
    };
    return [{ do: 'retry', when: 'later' }, ...(others.length === 0 ? [] : [now])];
  },
  network: (situation) => {
    const { kind, gateway } = situation;
    const start = startServer(situation) ?? leadsElsewhere(situation);
    if (start !== undefined) return start;
    const check = 'check the connection (a sandboxed agent may need network access)';
    return kind === 'config doctor'
      ? userSays(`${check} and the base URL ${gateway?.baseUrl ?? ''}`)
      : doctor(situation, check);
  },
  timeout: () => [
    { do: 'retry' },
    { do: 'set-flag', flag: '--connect-timeout', value: '60', why: 'allow more' },
  ],
  partial: goOn,
  sigint: goOn,
  sigterm: goOn,
  sighup: goOn,
  protocol: (situation, error) => {
    if (situation.kind === 'config doctor') return checkBaseUrl(situation);
    if (error.billed === 'no') return { do: 'retry', when: 'later' };
    const look = checkUsage(situation);
    return situation.ask === undefined
      ? look
      : [...look, { do: 'set-flag', flag: '--debug', why: 'show the response' }];
  },
  task_failed: ({ gateway }) => ({ do: 'check-usage', gateway: gateway?.id }),
  outcome_unknown: (situation) => checkUsage(situation),
  local_io: (situation, error) => onDisk(situation, error, diskRemedy(error.details.code)),
};

const asked = { temperature: '--temperature', max_tokens: '--max-tokens' };

/** By command, the flag that sets a field of its request, where people choose the value. */
const flagOfField: Readonly<Record<Buying, Readonly<Record<string, string>>>> = {
  chat: { ...asked, top_p: '--top-p', seed: '--seed' },
  search: asked,
  image: {
    ...{ size: '--size', quality: '--quality', n: '--count', seed: '--seed' },
    output_format: '--format',
  },
  video: {
    ...{ duration: '--duration', resolution: '--resolution', seed: '--seed' },
    ...{ ratio: '--ratio', aspect_ratio: '--ratio' },
  },
};

const leaveOutAny: NextStep = {
  do: 'set-flag',
  flag: '--param',
  fill: '<name>=null',
  why: 'leave out a field that the server refuses',
};

/** Not to be left out of a request. */
const needed: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'n', 'enable_search'],
  ...['prompt', 'content', 'image_upload_id', 'mask_upload_id'],
]);

/** The same call without this field of the request, or with what the server takes in its place. */
function withoutField(path: string): NextSteps | undefined {
  const field = path.split(/[.[]/)[0] ?? '';
  if (field === 'stream')
    return { do: 'set-flag', flag: '--no-stream', why: 'get the answer in one piece' };
  if (field === 'max_tokens')
    return {
      do: 'set-flag',
      flag: '--param',
      fill: 'max_completion_tokens=<number>',
      first: 'add --param max_tokens=null',
    };
  if (needed.has(field) || !/^\w{1,64}$/.test(field)) return undefined;
  return {
    do: 'set-flag',
    flag: '--param',
    value: `${field}=null`,
    why: `leave out ${field}`,
  };
}

/** After an answer that was cut off: the text received is saved in the conversation, unless that is switched off. */
function goOn(situation: Situation, { billed }: CliError): NextSteps | undefined {
  const { ask, gateway } = situation;
  if (ask === undefined || ask.came === 'whole' || ask.came === 'nothing' || billed === 'no')
    return undefined;
  return ask.came === 'saved text'
    ? { do: 'continue-chat', session: ask.session, gateway: gateway?.id }
    : checkUsage(situation);
}

function checkUsage({ gateway, record = null }: Situation): NextStep[] {
  const look: NextStep = {
    do: 'check-usage',
    at: gateway?.website ?? undefined,
    gateway: gateway?.id,
  };
  if (record === null) return [look];
  const forget = runStep(['tasks', 'forget', record.task_id ?? record.id]);
  return [look, { ...forget, when: 'afterwards' }];
}

/** It may have been billed, but for the sandbox, which charges nothing. */
function forgetMissing(record: TaskRecord): NextStep[] {
  const forget: NextStep = {
    ...runStep(['tasks', 'forget', shownId(record)]),
    why: 'the gateway has no such task any more; take it out of the list',
  };
  const { gateway } = record;
  return gateway === playGateway ? [forget] : [forget, { do: 'check-usage', gateway }];
}

/** For failures on this machine; a job reports for itself what is saved. */
function onDisk(situation: Situation, { exit }: CliError, first: string): NextSteps | undefined {
  if (exit !== 'local_io' || situation.record !== undefined) return undefined;
  return again(situation, first);
}

/** A connection is a file, too. */
function onLimit(situation: Situation, error: CliError, first: string): NextSteps | undefined {
  if (error.exit === 'network') return again(situation, first);
  return onDisk(situation, error, first);
}

function otherModel({ kind, gateway, ask, record = null }: Situation): NextSteps {
  const known = kind === 'video' ? gateway?.media.video : gateway?.media.image;
  const other =
    ask === undefined
      ? known?.knownModels.find((id) => id !== record?.model)
      : (ask.related[0] ?? ask.usual ?? undefined);
  if (other === undefined) return say('check how the gateway spells the model id');
  const use = useModel(other, kind, gateway);
  if (ask !== undefined || gateway === null) return use;
  const asked = record?.model ?? '';
  const isChat = gateway.knownModels.includes(asked) && known?.knownModels.includes(asked) !== true;
  const list = runStep(['models', '--type', kind === 'video' ? kind : 'image', '-g', gateway.id]);
  return [{ ...use, ...(isChat && { why: `${asked} is a chat model` }) }, list];
}

/** The search flag makes some models fail. */
function withoutSearch({ kind, gateway }: Situation, { model, search }: Ask): NextSteps {
  const without: NextStep = {
    ...useModel(model, 'chat', gateway),
    why: 'without the search flag (enable_search), which may be why',
  };
  const other = search?.model ?? null;
  if (other === null || other === model) return without;
  return [
    without,
    {
      ...useModel(other, kind, gateway),
      ...(kind === 'chat' && { search: true }),
      why: 'a model that searches',
    },
  ];
}

function useModel(
  model: string,
  kind: Situation['kind'],
  gateway: Gateway | null,
): NextStep & { do: 'use-model' } {
  const command = isBuying(kind) ? kind : 'chat';
  return { do: 'use-model', model, command, gateway: gateway?.id };
}

function isBuying(kind: Situation['kind']): kind is Buying {
  return kind === 'chat' || kind === 'search' || kind === 'image' || kind === 'video';
}

function asksModel({ kind }: Situation): boolean {
  return kind !== 'models' && kind !== 'config doctor';
}

/** Run the same command again once that is done; for the doctor, the doctor. */
function again({ kind }: Situation, first: string): NextStep {
  return kind === 'config doctor'
    ? { ...runStep(['config', 'doctor']), first }
    : { do: 'retry', first };
}

/** Never for the doctor itself, which has just failed. */
function doctor({ gateway }: Situation, why?: string): NextStep {
  const flags = gateway === null ? [] : ['-g', gateway.id];
  return { ...runStep(['config', 'doctor', ...flags]), ...(why !== undefined && { why }) };
}

function checkBaseUrl({ gateway }: Situation): NextStep {
  return userSays(
    `check the base URL ${gateway?.baseUrl ?? ''}: it may belong to another service, or lack a part such as /v1`,
  );
}

/** A 404 that is not JSON is a server without such a route, and most servers have theirs below `/v1`. */
function addVersion({ kind, gateway }: Situation): NextStep | undefined {
  if (gateway === null || kind === 'tasks resume') return undefined;
  const base = gateway.baseUrl.replace(/\/+$/, '');
  if (/\/v\d/.test(new URL(base).pathname)) return undefined;
  return {
    do: 'set-flag',
    flag: '--base-url',
    value: `${base}/v1`,
    why: `the base URL ${base} lacks /v1`,
  };
}

const clockCommands: Readonly<Record<string, string>> = {
  linux: 'sudo timedatectl set-ntp true',
  darwin: 'sudo sntp -sS time.apple.com',
  win32: 'w32tm /resync',
};

function setClock(situation: Situation, condition = ''): NextStep {
  const { platform = '' } = situation.machine ?? {};
  const command = Object.hasOwn(clockCommands, platform) ? ` (${clockCommands[platform]})` : '';
  return again(situation, `${condition}set the clock of this machine${command}`);
}

/** For a server on this machine, which is probably not running. */
function startServer(situation: Situation): NextStep | undefined {
  const { gateway } = situation;
  if (gateway === null || gateway.startHint === null) return undefined;
  if (!isLoopback(new URL(gateway.baseUrl).hostname)) return undefined;
  const isElsewhere = builtInGateways.get(gateway.id)?.baseUrl !== gateway.baseUrl;
  const where = isElsewhere ? ` (to listen at ${gateway.baseUrl})` : '';
  return again(situation, `start it: ${gateway.startHint}${where}`);
}

function at({ gateway }: Situation): string {
  return gateway?.website ? ` at ${gateway.website}` : '';
}

function userSays(words: string): NextStep {
  return { do: 'say', words, for: 'user' };
}
