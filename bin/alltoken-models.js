#!/usr/bin/env node
'use strict';
require('./start.js')(['models', ...process.argv.slice(2)]);
