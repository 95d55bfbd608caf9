// Loaded before the program with --require: no server may listen, as in the sandbox of an agent host.
const { Server } = require('node:net');

Server.prototype.listen = function listen() {
  const error = Object.assign(new Error('listen EPERM: operation not permitted'), {
    code: 'EPERM',
    syscall: 'listen',
  });
  process.nextTick(() => this.emit('error', error));
  return this;
};
