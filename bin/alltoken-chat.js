#!/usr/bin/env node
'use strict';
require('./start.js').start(['chat', ...process.argv.slice(2)]);
