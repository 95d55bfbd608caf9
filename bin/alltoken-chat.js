#!/usr/bin/env node
'use strict';
require('./start.js')(['chat', ...process.argv.slice(2)]);
