#!/usr/bin/env node
'use strict';
require('./start.js')(['video', ...process.argv.slice(2)]);
