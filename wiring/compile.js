'use strict';

// node wiring/compile.js FOLDER STAGE REGION [--only=CONCERN,…] [--tree=DIR] [param=value …]
// → FOLDER/<stack>.json, the CloudFormation template of each stack (spine and concerns), and FOLDER/zips. No account and no
// network. A stack whose sources are those of the last call stays as it is.
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { findConcerns, layerNames, readConcerns } = require('./concerns');
const { filesUnder, sourcesOf } = require('./packages');
const { buildPages } = require('./pages');
const { root } = require('./paths');

const SPINE = 'spine';
const TEMPLATE = 'cloudformation-template-update-stack.json';

async function compile(folder, stage, region, { only, tree = root, params = {} } = {}) {
  const stacks = only ?? [SPINE, ...findConcerns(tree)];
  buildPages(tree);
  fs.mkdirSync(path.join(folder, 'zips'), { recursive: true });
  const changed = stacks.filter((stack) => !isCurrent(folder, stack, fingerprint(tree, stack, stage, region, params)));
  if (changed.length) await inWorkspace(tree, async (workspace) => {
    for (const stack of changed) await compileOne(workspace, folder, stack, stage, region, params);
  });
  for (const stack of changed) fs.writeFileSync(noteOf(folder, stack), fingerprint(tree, stack, stage, region, params));
  forgetOldZips(folder);
  return changed;
}

const KEPT_MILLISECONDS = 60 * 60 * 1000;

// A deploy that began before may still upload what no template names any more.
function forgetOldZips(folder) {
  const templates = fs.readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
  for (const zip of fs.readdirSync(path.join(folder, 'zips'))) {
    const file = path.join(folder, 'zips', zip);
    const isOld = Date.now() - fs.statSync(file).mtimeMs > KEPT_MILLISECONDS;
    if (isOld && !templates.some((text) => text.includes(zip))) fs.rmSync(file, { force: true });
  }
}

async function compileOne(workspace, folder, stack, stage, region, params) {
  const { packageService } = require('./osls'); // half a second, which a call that compiles nothing saves
  const { bucket, ...outputs } = spineStandIns(workspace, stage, region);
  const given = stack === SPINE ? { layersFolder: 'layers', bucketName: bucket } : { bucket, ...outputs, concern: stack };
  const param = Object.entries({ ...given, ...params }).map(([name, value]) => `${name}=${value}`).filter((text) => !text.endsWith('='));
  try {
    await packageService(workspace, stack === SPINE ? 'spine.yml' : 'serverless.yml', { stage, region, param });
  } catch (failure) {
    failure.message = `${stack}: ${failure.message}`;
    throw failure;
  }
  const made = path.join(workspace, '.serverless');
  fs.mkdirSync(path.join(made, 'zips'), { recursive: true }); // a spine without layers packs nothing
  fs.copyFileSync(path.join(made, TEMPLATE), path.join(folder, `${stack}.json`));
  fs.cpSync(path.join(made, 'zips'), path.join(folder, 'zips'), { recursive: true });
}

// What the spine's outputs are in a deploy. The names are the stage's own, so that a template says what it is for.
function spineStandIns(tree, stage, region) {
  const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws';
  const arn = (layer) => `arn:${partition}:lambda:${region}:000000000000:layer:dumbwaiter-${stage}-${layer}:1`;
  return {
    bucket: `dumbwaiter-${stage}-code`,
    httpApi: 'dumbwaiter',
    layers: layerNames(tree).map((layer) => `${layer}=${arn(layer)}`).join(','),
  };
}

// osls keeps its work in .serverless beside the configuration file: each call has a folder of its own, with links to the tree.
async function inWorkspace(tree, work) {
  const workspace = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dumbwaiter-')));
  try {
    linkTree(tree, workspace);
    return await work(workspace);
  } finally {
    fs.rmSync(workspace, { recursive: true, force: true });
  }
}

const CONFIGURATION = ['serverless.yml', 'spine.yml'];
const LINKED = ['package.json', 'wiring', 'functions', 'print_link', 'shared', 'web', 'layers', 'build', 'node_modules'];

function linkTree(tree, workspace) {
  for (const file of CONFIGURATION) fs.copyFileSync(path.join(tree, file), path.join(workspace, file));
  for (const part of LINKED) {
    const [own, ours] = [path.join(tree, part), path.join(root, part)];
    const target = fs.existsSync(own) ? own : ours;
    if (fs.existsSync(target)) fs.symlinkSync(target, path.join(workspace, part));
  }
}

const noteOf = (folder, stack) => path.join(folder, `${stack}.fingerprint`);

function isCurrent(folder, stack, print) {
  const note = noteOf(folder, stack);
  return fs.existsSync(note) && fs.readFileSync(note, 'utf8') === print && fs.existsSync(path.join(folder, `${stack}.json`));
}

// Changes when anything changes that the stack's template or zips are made of.
function fingerprint(tree, stack, stage, region, params) {
  const digest = crypto.createHash('sha256').update(JSON.stringify([stack, stage, region, params]));
  for (const [base, file] of sources(tree, stack)) digest.update(`${file}\0`).update(fs.readFileSync(path.join(base, file)));
  return digest.digest('hex');
}

function sources(tree, stack) {
  const wiring = [...filesUnder(root, 'wiring'), 'package-lock.json'].filter((file) => fs.existsSync(path.join(root, file)));
  const common = wiring.map((file) => [root, file]);
  if (stack === SPINE) return [...common, ...['spine.yml', ...filesUnder(tree, 'layers')].map((file) => [tree, file])];
  const settings = ['serverless.yml', 'spine.yml', ...findConcerns(tree).map((concern) => `functions/${concern}/functions.yml`)];
  const { functions, folders } = readConcerns(tree).find(({ concern }) => concern === stack);
  const own = Object.values(functions).flatMap((entry) => sourcesOf(tree, { concern: stack, folders }, entry));
  return [...common, ...[...new Set([...settings, ...own])].map((file) => [tree, file])];
}

module.exports = { compile, linkTree, SPINE };

if (require.main === module) {
  const [folder, stage, region, ...rest] = process.argv.slice(2);
  const options = Object.fromEntries(rest.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
  const { '--only': only, '--tree': tree, ...params } = options;
  compile(path.resolve(folder), stage, region, { only: only?.split(','), tree: tree && path.resolve(tree), params }).then(
    (changed) => changed.length && console.log(`Compiled: ${changed.join(', ')}`),
    (failure) => {
      console.error(failure.message);
      process.exitCode = 1;
    }
  );
}
