'use strict';
// Starts the bundle. It knows two things that must not wait for it: the version, and that chat will use the network.
const { writeSync } = require('node:fs');

exports.start = (argv) => {
  const [first] = argv;
  if (argv.length === 1 && (first === '--version' || first === '-V') && printVersion()) return;
  // Loads the runtime's fetch now: its HTTP parser then compiles on another thread while our code loads.
  if (first === 'chat' && !argv.includes('--help') && !argv.includes('-h')) void globalThis.Headers;
  require('../dist/main.cjs').main(argv);
};

function printVersion() {
  try {
    writeSync(1, `${require('../package.json').version}\n`);
    return true;
  } catch {
    return false; // a full disk or a busy pipe: the program says it with the right code
  }
}
