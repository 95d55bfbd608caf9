#!/usr/bin/env node
'use strict';
require('./start.js')(['cost', ...process.argv.slice(2)]);
