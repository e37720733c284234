'use strict';

// cfn-lint and our own checks on what the stacks become in a region of each partition.
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');
const { compile } = require('./compile');
const { checkTemplates } = require('./limits');
const { root } = require('./paths');
const { TEMPLATE } = require('./web');

const network = { subnetIds: 'subnet-00000000,subnet-11111111', securityGroupIds: 'sg-00000000' };
const regions = {
  'us-east-1': { alarmTopicArn: 'arn:aws:sns:us-east-1:000000000000:alarms' },
  'cn-north-1': { alarmTopicArn: 'arn:aws-cn:sns:cn-north-1:000000000000:alarms', snapStart: 'false' },
};
const own = path.join(root, '.venv/bin/cfn-lint');
const cfnLint = fs.existsSync(own) ? own : 'cfn-lint';

async function lint() {
  for (const [region, params] of Object.entries(regions)) {
    const folder = path.join(root, 'build/template', region);
    await compile(folder, 'prod', region, { params: { ...network, ...params } });
    const files = fs.readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => path.join(folder, name));
    checkTemplates(Object.fromEntries(files.map((file) => [path.basename(file, '.json'), JSON.parse(fs.readFileSync(file))])));
    if (!region.startsWith('cn-')) files.push(path.join(root, TEMPLATE)); // aws-cn has no such stack
    const { error, status, stdout, stderr } = spawnSync(cfnLint, ['--regions', region, '--template', ...files], { encoding: 'utf8' });
    if (error) throw error;
    if (status !== 0) throw new Error(stdout + stderr);
    console.log(`${files.length} stacks are right for ${region}`);
  }
}

lint().catch((failure) => {
  console.error(failure.code === 'ENOENT' ? `${failure.path} is missing: \`make lint\` installs it` : failure.message);
  process.exitCode = 1;
});
