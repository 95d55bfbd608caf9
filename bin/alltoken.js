#!/usr/bin/env node
'use strict';
// CommonJS, and the two quick answers first: both are about starting fast.
require('./start.js').start(process.argv.slice(2));
