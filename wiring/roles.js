'use strict';

function addRole(resources, fn, statements) {
  resources[fn.id('Role')] = {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: fn.key, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}

module.exports = { addRole };
