// An agent with a tool and a cap on its cost; its history is a file, so that it goes on where it was. npm install alltoken-cli
//   node agent.mjs "question" [history.jsonl]
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { AllTokenError, createAgent, tool } from 'alltoken-cli';

const [question = 'What is the weather in Rome?', file] = process.argv.slice(2);

const weather = tool({
  name: 'weather',
  description: 'The weather in a city now: degrees Celsius and a word',
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: ({ city }) => ({ city, celsius: 21, sky: 'clear' }), // ask a service here
});

const messages =
  file && existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
const agent = createAgent({
  instructions: 'You are brief.',
  tools: [weather],
  maxCost: '0.05', // for all runs of it, with what its tools buy
  messages,
});
if (file)
  agent.on('history:append', (message) => appendFileSync(file, `${JSON.stringify(message)}\n`));
agent.on('tool:call', (name, args) => console.error(`[${name}] ${JSON.stringify(args)}`));

try {
  const { ok, stop, text } = await agent.run(question);
  console.log(text);
  if (!ok) console.error(`stopped: ${stop}`);
  console.error(JSON.stringify(agent.cost())); // amount: decimal text, or null where it is unknown
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  if (!(error instanceof AllTokenError)) throw error;
  console.error(`${error.code}: ${error.message}; billed: ${error.billed}`);
  process.exitCode = error.exit;
}
