'use strict';

// cfn-lint on what serverless.yml becomes in a region of each partition.
const fs = require('fs');
const path = require('path');
const { compile, run, root } = require('./compile');

const network = ['subnetIds=subnet-00000000,subnet-11111111', 'securityGroupIds=sg-00000000'];
const regions = {
  'us-east-1': ['alarmTopicArn=arn:aws:sns:us-east-1:000000000000:alarms'],
  'cn-north-1': ['alarmTopicArn=arn:aws-cn:sns:cn-north-1:000000000000:alarms', 'snapStart=false'],
};
const own = path.join(root, '.venv/bin/cfn-lint');
const cfnLint = fs.existsSync(own) ? own : 'cfn-lint';

try {
  for (const [region, params] of Object.entries(regions)) {
    const folder = path.join(root, 'build/template', region);
    compile(folder, 'prod', region, [...network, ...params]);
    run(cfnLint, ['--regions', region, '--template', path.join(folder, 'cloudformation-template-update-stack.json')]);
    console.log(`The template is right for ${region}`);
  }
} catch (failure) {
  console.error(failure.code === 'ENOENT' ? `${failure.path} is missing: \`make lint\` installs it` : failure.message);
  process.exit(1);
}
