/** Reads .env, if there is one. Import it before anything that asks for a key; a variable that is set already wins. */
import { existsSync } from 'node:fs';

if (existsSync('.env')) process.loadEnvFile('.env');
