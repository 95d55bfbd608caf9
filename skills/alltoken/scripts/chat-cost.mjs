// One streamed answer with its tokens and its exact cost. npm install alltoken-cli
//   node chat-cost.mjs [model] "prompt"
import { AllTokenError, createAgent } from 'alltoken-cli';

const words = process.argv.slice(2);
const prompt = words.pop() ?? 'Say hello in five words.';
const model = words.pop();

const agent = createAgent({ model, instructions: '', maxCost: '0.05' });
agent.on('stream:delta', (delta) => process.stdout.write(delta));
try {
  const { calls, cost, usage } = await agent.run(prompt);
  process.stdout.write('\n');
  // The model as it answered; a cost that the gateway does not report is null, which is not zero.
  console.error(JSON.stringify({ model: calls[0]?.model, usage, cost: cost.amount }));
} catch (error) {
  if (!(error instanceof AllTokenError)) throw error;
  console.error(`${error.code}: ${error.message}; billed: ${error.billed}`);
  process.exitCode = error.exit;
}
