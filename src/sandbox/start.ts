/** The door of the sandbox: the one file that is loaded when somebody needs it. */
export { faultNames } from './fault-names.ts';
export { parseFault } from './faults.ts';
export { startSandbox } from './server.ts';
