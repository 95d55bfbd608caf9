#!/usr/bin/env node
'use strict';
require('./start.js')(['search', ...process.argv.slice(2)]);
