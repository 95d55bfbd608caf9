/** What the search flag does in the sandbox: by family, as observed on the real gateway. Nothing is ever searched. */
import { alltoken } from '../gateways/alltoken.ts';
import type { SearchRule } from '../gateways/types.ts';
import type { ChatRequest } from './request.ts';

type AskedFor = Pick<ChatRequest, 'messages' | 'model' | 'search'>;

const refusal = 'I cannot search the web.';

const words: Readonly<Record<SearchRule['effect'], string>> = {
  searches: 'No search ran: this is the sandbox.',
  ignored: refusal,
  unreliable: refusal,
  fails: '',
};

/** The last sentence of an answer that was to search; empty when no search was requested. */
export function searchWords(request: AskedFor): string {
  return request.search ? words[searchEffect(request.model)] : '';
}

/** The flag makes this model fail. */
export function failsToSearch(request: AskedFor): boolean {
  return request.search && searchEffect(request.model) === 'fails';
}

/**
 * The flag makes this model say nothing at all. An unreliable one does so when its messages have an even number of
 * characters (UTF-16 units), and refuses when it is odd: both can be had at will, from a fresh sandbox too.
 */
export function staysSilent(request: AskedFor): boolean {
  if (!request.search || searchEffect(request.model) !== 'unreliable') return false;
  const characters = request.messages.reduce((sum, { text }) => sum + text.length, 0);
  return characters % 2 === 0;
}

/** `ignored` when untested. */
function searchEffect(model: string): SearchRule['effect'] {
  const rule = alltoken.chat.search?.rules.find(({ prefix }) => model.startsWith(prefix));
  return rule?.effect ?? 'ignored';
}
