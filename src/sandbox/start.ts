/** The entry of the sandbox: the one file that is loaded when it is needed. */
export { faultNames } from './fault-names.ts';
export { parseFault } from './faults.ts';
export { scripted } from './script.ts';
export { startSandbox } from './server.ts';
