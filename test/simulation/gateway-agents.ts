/** What a gateway makes of the requests of agents: who asks, whether the history is valid, and which tools are called. */
import type { SoldCall } from './gateway-books.ts';
import type { Random } from './random.ts';

interface Message {
  role: string;
  content?: unknown;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

function messagesOf(asked: Record<string, unknown>): Message[] {
  return Array.isArray(asked.messages) ? (asked.messages as Message[]) : [];
}

/** The number of the process whose agent asks; null for every other request. */
export function runOfAgent(asked: Record<string, unknown>): number | null {
  const [first] = messagesOf(asked);
  const match = /^You are agent #(\d+)$/.exec(String(first?.content));
  return first?.role === 'system' && match !== null ? Number(match[1]) : null;
}

/** I1: each call has one result, right after the message with the calls; its arguments are an object. null: it is so. */
export function historyProblem(asked: Record<string, unknown>): string | null {
  let open = new Set<string>();
  for (const [index, message] of messagesOf(asked).entries()) {
    if (message.role === 'tool') {
      if (open.delete(message.tool_call_id ?? '')) continue;
      return `message ${index} is the result of no open call`;
    }
    if (open.size > 0) return `a call before message ${index} has no result`;
    const calls = message.tool_calls ?? [];
    open = new Set(calls.map(({ id }) => id));
    if (open.size < calls.length) return `message ${index} has an id twice`;
    if (calls.some((call) => !isObject(call.function.arguments)))
      return `message ${index} has arguments that are no object`;
  }
  return open.size > 0 ? 'the last calls have no result' : null;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The calls of an answer; none: it is a text. After six rounds it is a text always. */
export function callsFor(
  asked: Record<string, unknown>,
  run: number,
  requestId: string,
  random: Random,
): SoldCall[] {
  const tools = Array.isArray(asked.tools) ? asked.tools.length : 0;
  const rounds = messagesOf(asked).filter(({ role }) => role === 'assistant').length;
  if (tools === 0 || rounds >= 6 || random.chance(0.3)) return [];
  return Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) => {
    const id = `call_${requestId}_${index}`;
    const n = random.between(1, 40);
    if (random.chance(0.04)) return { id, name: 'no_such_tool', arguments: '{}', isValid: false };
    if (random.chance(0.12)) {
      const prompt = `draw ${requestId} ${index} #${run}`;
      const text = JSON.stringify({ prompt, size: '512x512' });
      return { id, name: 'generate_image', arguments: text, isValid: true };
    }
    const name = random.pick(['add', 'add', 'wait', 'throw', 'hang']);
    const bad = random.pick(['{"n":"one"}', '{"n":', '[1]', '{}', '{"n":1,"m":2}']);
    const isValid = !random.chance(0.1);
    return { id, name, arguments: isValid ? JSON.stringify({ n }) : bad, isValid };
  });
}
