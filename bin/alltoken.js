#!/usr/bin/env node
'use strict';
// CommonJS: an ES module would take 8 ms longer to start on Node 20.
require('./start.js')(process.argv.slice(2));
