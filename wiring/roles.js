'use strict';

const { statements } = require('./rights');

const pascal = (word) => word.charAt(0).toUpperCase() + word.slice(1);

// A role for each set of rights that a function of the concern has.
const roleId = (fn) => ['Role', ...rightsOf(fn).map(pascal)].join('');

const rightsOf = (fn) => [
  ...[...fn.rights].sort(),
  ...(fn.publishes ? ['publish'] : []),
  ...(fn.pushes ? ['push'] : []),
  ...(fn.models ? [`${fn.models}Models`] : []),
  ...(fn.exports ? [`${fn.exports}Exports`] : []),
  ...(fn.types ? ['consume'] : []),
  ...(fn.calls ? ['call'] : []),
  ...(fn.outside ? ['outside'] : []),
];

function addRoles(resources, functions, settings) {
  for (const fn of functions) resources[roleId(fn)] ??= role(roleId(fn), statements(fn, settings));
}

const role = (PolicyName, Statement) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName, PolicyDocument: { Version: '2012-10-17', Statement } }],
  },
});

module.exports = { addRoles, roleId };
