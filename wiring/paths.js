'use strict';

const path = require('path');

const root = path.join(__dirname, '..');
const osls = (part) => path.join(root, 'node_modules/osls', part);

module.exports = { root, osls };
