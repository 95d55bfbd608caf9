#!/usr/bin/env node
'use strict';
require('./start.js')(['image', ...process.argv.slice(2)]);
