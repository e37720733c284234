'use strict';

// node wiring/compile.js FOLDER STAGE REGION [param=value ...] → FOLDER holds the CloudFormation template and the zips.
// No account and no network; in a copy of the tree, because a deploy that runs meanwhile has .serverless to itself.
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const root = path.join(__dirname, '..');
const parts = ['serverless.yml', 'package.json', 'wiring', 'functions', 'print_link', 'shared', 'web', 'layers'];

function compile(folder, stage, region, params) {
  const tree = fs.mkdtempSync(path.join(os.tmpdir(), 'dumbwaiter-'));
  try {
    for (const part of parts) fs.cpSync(path.join(root, part), path.join(tree, part), { recursive: true });
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
    // The folder of a layer's pins stands for the layer: the template is the same, and nothing need be built first.
    const given = ['layers=layers', ...params].map((value) => `--param=${value}`);
    run('node_modules/.bin/osls', ['package', `--stage=${stage}`, `--region=${region}`, ...given], tree);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.cpSync(path.join(tree, '.serverless'), folder, { recursive: true });
  } finally {
    fs.rmSync(tree, { recursive: true, force: true });
  }
}

const quiet = {
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: '1',
  SLS_SCHEMA_CACHE_BASE_DIR: path.join(root, 'node_modules/.cache/osls'), // its own choice is the home folder
};

function run(program, args, cwd = root) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, ...quiet } });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(program)} ${args.join(' ')}\n${stdout}${stderr}`);
}

module.exports = { compile, run, root };

if (require.main === module) {
  const [folder, stage, region, ...params] = process.argv.slice(2);
  compile(path.resolve(folder), stage, region, params);
}
