'use strict';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= '1';

// Each stack by osls's own command, in a folder of its own: osls keeps its work beside its configuration file.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const { CloudFormationClient, DescribeStacksCommand, paginateDescribeStacks } = require('@aws-sdk/client-cloudformation');
const { S3Client } = require('@aws-sdk/client-s3');
const { SPINE, linkTree } = require('./compile');
const { readService } = require('./concerns');
const { root } = require('./paths');

const AT_ONCE = 3;

class Stage {
  constructor(tree, name, options) {
    Object.assign(this, { tree, name, options });
    const { service } = readService(tree);
    this.prefix = `${service}-${name}`;
    this.region = regionOf(options);
    this.cloudformation = new CloudFormationClient(this.region ? { region: this.region } : {});
  }

  stackName(stack) {
    return stack === SPINE ? this.prefix : `${this.prefix}-${stack}`;
  }

  // What the spine's outputs say to each concern, as osls takes it.
  async concernParams() {
    const outputs = await this.outputs(SPINE);
    if (!outputs.HttpApiId) throw new Error(`The stack ${this.prefix} has no spine's outputs. Deploy the whole stage first: make deploy STAGE=${this.name}`);
    const layers = Object.entries(outputs).flatMap(([key, arn]) => (key.endsWith(LAYER) ? [`${layerName(key)}=${arn}`] : []));
    return { bucket: outputs.ServerlessDeploymentBucketName, httpApi: outputs.HttpApiId, layers: layers.join(',') || 'none=none' };
  }

  async outputs(stack) {
    const StackName = this.stackName(stack);
    try {
      const { Stacks } = await this.cloudformation.send(new DescribeStacksCommand({ StackName }));
      return Object.fromEntries((Stacks[0].Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    } catch (failure) {
      if (!/does not exist/.test(failure.message)) throw failure;
      throw new Error(`There is no stack ${StackName}. Deploy the whole stage first: make deploy STAGE=${this.name}`);
    }
  }

  s3() {
    const endpoint = process.env.AWS_ENDPOINT_URL; // an emulator's buckets have no domains of their own
    return new S3Client({ ...(this.region && { region: this.region }), ...(endpoint && { forcePathStyle: true }) });
  }

  async exists(stack) {
    return (await this.deployedConcerns()).includes(stack);
  }

  // Names of the concerns that have a stack, whether they have a folder or not.
  async deployedConcerns() {
    const names = [];
    for await (const { Stacks } of paginateDescribeStacks({ client: this.cloudformation }, {})) names.push(...Stacks.map(({ StackName }) => StackName));
    return names.filter((name) => name.startsWith(`${this.prefix}-`)).map((name) => name.slice(this.prefix.length + 1)).filter((name) => /^[a-z]+$/.test(name));
  }

  // Runs `osls COMMAND` for a stack; what it says is shown with the stack's name before it. False where it failed.
  async osls(stack, command, params = {}) {
    const workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'dumbwaiter-'));
    try {
      linkTree(this.tree, workspace);
      const given = Object.entries(stack === SPINE ? {} : { concern: stack, ...params }).map(([name, value]) => `--param=${name}=${value}`);
      const config = stack === SPINE ? ['--config', 'spine.yml'] : [];
      return await run(stack, [...command, '--stage', this.name, ...config, ...given, ...this.options], workspace);
    } finally {
      fs.rmSync(workspace, { recursive: true, force: true });
    }
  }

  // Some at a time; the names of those that failed. The work of the others is not stopped.
  async each(stacks, work) {
    const waiting = [...stacks];
    const failed = [];
    const worker = async () => {
      for (let stack = waiting.shift(); stack; stack = waiting.shift()) if (!(await work(stack))) failed.push(stack);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return failed.sort();
  }
}

const LAYER = 'LambdaLayerQualifiedArn';
const layerName = (key) => key.slice(0, -LAYER.length).toLowerCase();

function regionOf(options) {
  const at = options.findIndex((option) => option === '--region' || option === '-r' || option.startsWith('--region='));
  if (at < 0) return undefined;
  return options[at].includes('=') ? options[at].split('=')[1] : options[at + 1];
}

const quiet = {
  SLS_SCHEMA_CACHE_BASE_DIR: path.join(root, 'node_modules/.cache/osls'), // its own choice is the home folder
};

function run(stack, args, cwd) {
  const child = spawn(path.join(root, 'node_modules/.bin/osls'), args, { cwd, env: { ...quiet, ...process.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const show = (chunk) => {
    for (const line of String(chunk).split('\n')) if (line.trim()) console.log(`${stack}: ${line}`);
  };
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0));
  });
}

module.exports = { Stage, SPINE };
