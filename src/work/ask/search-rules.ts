/** What is known of a model and the search flag, before the call and after it. The gateway itself never reports whether a search ran. */

import { CliError } from '../../base/errors.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import type { Gateway, SearchRule } from '../../gateways/types.ts';
import type { AskOptions } from './options.ts';

const words: Readonly<Record<Exclude<SearchRule['effect'], 'searches'>, string>> = {
  ignored: 'silently ignores',
  unreliable: 'answers with nothing or a refusal to',
  fails: 'fails with',
};

/** Throws `CliError` usage for a model that is known not to search, unless --force is set. Returns a warning or null. */
export function checkSearch(
  model: string,
  options: Pick<AskOptions, 'search' | 'force' | 'command'>,
  gateway: Gateway,
): string | null {
  if (!options.search) return null;
  const { search } = gateway.chat;
  if (search === null) return null;
  const id = model.toLowerCase();
  const rule = search.rules.find(({ prefix }) => id.startsWith(prefix));
  if (rule === undefined)
    return `it is unknown whether ${model} can search; its answer will not show it`;
  if (rule.effect === 'searches') return null;
  const what = `${model} ${words[rule.effect]} the search flag (tested on ${search.probed})`;
  if (options.force) return `${what}; sent anyway`;
  const families = search.rules.flatMap(({ prefix, effect }) =>
    effect === 'searches' ? [`${prefix}*`] : [],
  );
  throw new CliError(
    'usage',
    `${what}; nothing was sent. Models that search: ${families.join(', ')}`,
    {
      code: 'search_unsupported',
      next: otherWays(options, gateway),
    },
  );
}

/** A model that searches; in a chat also this model with a tool that asks one. */
function otherWays(options: Pick<AskOptions, 'command'>, gateway: Gateway): NextStep[] {
  const other = withSearchingModel(options, gateway);
  if (other === undefined) return [];
  const tool: NextStep = {
    do: 'set-flag',
    flag: '--tool',
    value: 'web_search',
    why: 'keep the model, and in place of --search',
  };
  return options.command === 'chat' ? [other, tool] : [other];
}

/** The same prompt to a model that searches; undefined if none is known. */
function withSearchingModel(
  options: Pick<AskOptions, 'command'>,
  gateway: Gateway,
): NextStep | undefined {
  const model = gateway.defaultModels.search;
  if (model === null) return undefined;
  const search = options.command === 'search' ? {} : { search: true };
  return { do: 'use-model', model, command: options.command, gateway: gateway.id, ...search };
}

/** The gateway has no search at all, whatever the key. */
export function noSearch({ command }: AskOptions, gateway: Gateway): CliError {
  return new CliError(
    'usage',
    `${gateway.label} has no ${command === 'search' ? 'search' : '--search'}; nothing was sent`,
    {
      code: 'unsupported',
      next:
        command === 'search'
          ? runStep(['search', '-g', 'alltoken'], '…')
          : [
              { do: 'leave-out', flag: '--search' },
              {
                do: 'set-flag',
                flag: '--param',
                fill: '<flag>=true',
                why: 'pass a parameter that the server supports',
              },
            ],
    },
  );
}

/** The subject of a refusal: only the model itself counts. */
const I = String.raw`\bI(?:['’]m|\s+(?:am|was))?\s+(?:\w+\s+){0,2}?`;
const web = String.raw`(?:web\b|internet|online|real[- ]time|live (?:data|information|results|search))`;

/** How models say that they have no search, in the languages of their families. Each pattern is bounded in length. */
const refusals: readonly RegExp[] = [
  // I cannot browse; I was unable to perform a web search; I did not search the web
  new RegExp(
    String.raw`${I}(?:can(?:not|['’]t| not)|could(?:n['’]t| not)|unable to|(?:not|wasn['’]t) able to|did(?:n['’]t| not)|have(?:n['’]t| not))\s+(?:\w+\s+){0,2}?(?:brows|(?:search|access|perform|run|use|connect|look|reach|retrieve|fetch)\w*\b[^.!?\n]{0,50}?${web})`,
    'i',
  ),
  // I have no internet access; I lack the ability to browse
  new RegExp(
    String.raw`${I}(?:do(?:n['’]t| not)\s+(?:\w+\s+){0,2}?have|have no|lack)\b[^.!?\n]{0,30}?(?:(?:${web}|brows\w+|search)[^.!?\n]{0,15}?(?:access|search|connection|capabilit|abilit|tool|function)|(?:access|abilit|capabilit|way|connection)\w*\b[^.!?\n]{0,40}?(?:${web}|brows))`,
    'i',
  ),
  /\b(?:search(?:ing)?|browsing)(?: tool| function| feature)?(?: the web)? (?:(?:is|was)(?:n['’]t| not)(?: currently)? (?:available|enabled|supported|something I can)|(?:is|was)(?: currently)? (?:unavailable|disabled))/i,
  /\bno (?:web |internet |online )?search (?:ran|was (?:run|performed|done|made))\b/i,
  /\b(?:model|assistant|AI)\b[^.!?\n]{0,20}without (?:internet|web|real[- ]time)|\bwithout (?:web|internet) access, I\b/i,
  /我[^。！？，,\n]{0,6}(?:无法|不能|不支持|不具备|没有)[^。！？，,\n]{0,4}(?:联网|上网|浏览|访问(?:互联网|网络)|获取实时|网络搜索|搜索网络|实时搜索|搜索(?:功能|能力))/,
  /(?:由于|因为)我?(?:无法|不能)联网|(?:没有|未)(?:进行|执行)?(?:联网|网络)搜索/,
];

/** 'unlikely' if the answer itself says so; otherwise 'unknown'. Only its beginning counts: later text may be about anything. */
export function judgeSearch(answer: string): 'unlikely' | 'unknown' {
  const beginning = answer.slice(0, 2000);
  return refusals.some((refusal) => refusal.test(beginning)) ? 'unlikely' : 'unknown';
}
