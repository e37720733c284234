'use strict';

// The pages of web/console and web/work, built into build/ of the tree before the zips are packed. A current build stays as it is.
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');
const { root } = require('./paths');

function buildPages(tree) {
  if (!fs.existsSync(path.join(tree, 'web/console'))) return;
  if (!fs.existsSync(path.join(root, 'node_modules/preact'))) throw new Error('node_modules is older than package-lock.json: `make` installs it, or `npm ci`.');
  const { status, stderr, stdout } = spawnSync(process.execPath, [path.join(root, 'web/build.mjs'), tree], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the pages do not build:\n${stdout}${stderr}`);
}

module.exports = { buildPages };
