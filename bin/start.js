'use strict';
// Starts the bundle, but for the version, which need not wait for it.
const { writeSync } = require('node:fs');

module.exports = (argv) => {
  const isVersion = argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V');
  if (isVersion && printVersion()) return;
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
