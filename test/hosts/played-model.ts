/** A model that plays a script over the wires that hosts speak: chat completions, responses, messages, generateContent. It calls the tools that a request offers, by the end of their names. */
import { createServer, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export type Step =
  | { say: string }
  /** `tool`: the name as its server or host has it; `args` may use what was said before. */
  | { tool: string; args: Record<string, unknown> | ((seen: string) => Record<string, unknown>) };

export interface PlayedModel {
  /** Ends with /v1. */
  baseUrl: string;
  /** The bodies of the requests that played a step, as text. */
  requests: string[];
}

interface Offered {
  name: string;
  namespace?: string;
}

export async function playModel(steps: readonly Step[]): Promise<PlayedModel> {
  const requests: string[] = [];
  const searched = new Set<string>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? '';
    const send = wires.find(([pattern]) => pattern.test(path))?.[1];
    if (request.method !== 'POST' || send === undefined) {
      response.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
      return;
    }
    const body = JSON.parse(text) as { tools?: unknown[]; model?: string };
    const offered = offeredIn(body.tools ?? []);
    // Hosts also ask for titles and summaries, which offer no tools.
    const isPlay = offered.length > 1;
    const step = isPlay ? steps[requests.length] : undefined;
    // Some hosts offer the tools of servers only to who has searched for them, by the words of their hints.
    const search = offered.find(({ name }) => /^tool_?search$/i.test(name));
    const isHidden = step !== undefined && 'tool' in step && !offered.some(isNamed(step.tool));
    if (isHidden && search !== undefined && !searched.has(step.tool)) {
      searched.add(step.tool);
      response.setHeader('content-type', 'text/event-stream');
      const args = JSON.stringify({ query: `select:mcp__alltoken__${step.tool}` });
      send(response, requests.length + 1000, { ...search, args });
      return;
    }
    if (isPlay) requests.push(text);
    const answer = step ?? { say: 'Done.' };
    response.setHeader('content-type', 'text/event-stream');
    if ('say' in answer) send(response, requests.length, { say: answer.say });
    else {
      const args = typeof answer.args === 'function' ? answer.args(text) : answer.args;
      const tool = offered.find(isNamed(answer.tool));
      if (tool === undefined) send(response, requests.length, { say: `No tool ${answer.tool}.` });
      else send(response, requests.length, { ...tool, args: JSON.stringify(args) });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, requests };
}

/** By its own name, or behind that of its server. */
function isNamed(tool: string): (offered: Offered) => boolean {
  return ({ name }) => name === tool || name.endsWith(`_${tool}`);
}

interface ToolEntry {
  type?: string;
  name?: string;
  function?: { name?: string };
  tools?: ToolEntry[];
  functionDeclarations?: ToolEntry[];
}

function offeredIn(tools: readonly unknown[]): Offered[] {
  return (tools as ToolEntry[]).flatMap((tool) => {
    if (tool.type === 'namespace' && tool.name !== undefined)
      return (tool.tools ?? []).flatMap(({ name }) =>
        name === undefined ? [] : [{ name, namespace: tool.name ?? '' }],
      );
    if (tool.functionDeclarations !== undefined) return offeredIn(tool.functionDeclarations);
    const name = tool.function?.name ?? tool.name;
    return name === undefined ? [] : [{ name }];
  });
}

type Answer = { say: string } | (Offered & { args: string });

const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };

function sendChat(response: ServerResponse, at: number, answer: Answer): void {
  const delta =
    'say' in answer
      ? { role: 'assistant', content: answer.say }
      : {
          role: 'assistant',
          tool_calls: [
            {
              index: 0,
              id: `call_${at}`,
              type: 'function',
              function: { name: answer.name, arguments: answer.args },
            },
          ],
        };
  const head = {
    id: `chatcmpl-${at}`,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'played',
  };
  const finish_reason = 'say' in answer ? 'stop' : 'tool_calls';
  const tokens = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const chunks = [
    { ...head, choices: [{ index: 0, delta, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason }] },
    { ...head, choices: [], usage: tokens },
  ];
  response.end(
    `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`,
  );
}

function sendResponses(response: ServerResponse, at: number, answer: Answer): void {
  const id = `resp_${at}`;
  const item =
    'say' in answer
      ? {
          type: 'message',
          id: `msg_${at}`,
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: answer.say, annotations: [] }],
        }
      : {
          type: 'function_call',
          id: `fc_${at}`,
          call_id: `call_${at}`,
          name: answer.name,
          arguments: answer.args,
          status: 'completed',
          ...(answer.namespace !== undefined && { namespace: answer.namespace }),
        };
  const events = [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id, status: 'completed', output: [item], usage } },
  ];
  response.end(
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );
}

function sendMessages(response: ServerResponse, at: number, answer: Answer): void {
  const isText = 'say' in answer;
  const block = isText
    ? { type: 'text', text: '' }
    : { type: 'tool_use', id: `toolu_${at}`, name: answer.name, input: {} };
  const delta = isText
    ? { type: 'text_delta', text: answer.say }
    : { type: 'input_json_delta', partial_json: answer.args };
  const stop_reason = isText ? 'end_turn' : 'tool_use';
  const message = {
    id: `msg_${at}`,
    type: 'message',
    role: 'assistant',
    model: 'played',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 1 },
  };
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence: null },
      usage: { output_tokens: 5 },
    },
    { type: 'message_stop' },
  ];
  response.end(
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );
}

function sendContent(response: ServerResponse, _at: number, answer: Answer): void {
  const part =
    'say' in answer
      ? { text: answer.say }
      : { functionCall: { name: answer.name, args: JSON.parse(answer.args) as unknown } };
  const chunk = {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
  };
  response.end(`data: ${JSON.stringify(chunk)}\n\n`);
}

/** By the path of a request. */
const wires: readonly [RegExp, (response: ServerResponse, at: number, answer: Answer) => void][] = [
  [/\/chat\/completions$/, sendChat],
  [/\/responses$/, sendResponses],
  [/\/messages(\?|$)/, sendMessages],
  [/:streamGenerateContent/, sendContent],
];
