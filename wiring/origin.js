'use strict';

// The secret by which the API knows a request that came through the CDN, and then the viewer's address. A deploy makes it once
// for a stage. It is in the CDN's configuration and in the environment of functions that count by address.
const crypto = require('crypto');
const { SSMClient, GetParameterCommand, PutParameterCommand } = require('@aws-sdk/client-ssm');

const DESCRIPTION = 'Which requests came through the CDN: a header that the CDN adds';

async function originSecret({ name, region }) {
  const ssm = new SSMClient(region ? { region } : {});
  const Name = `/dumbwaiter/${name}/origin`;
  const known = await read(ssm, Name);
  if (known) return known;
  const Value = crypto.randomBytes(32).toString('base64url');
  try {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Description: DESCRIPTION }));
    return Value;
  } catch (failure) {
    if (failure.name !== 'ParameterAlreadyExists') throw failure;
    return read(ssm, Name); // of another deploy at the same moment
  }
}

async function read(ssm, Name) {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    return Parameter.Value;
  } catch (failure) {
    if (failure.name !== 'ParameterNotFound') throw failure;
    return undefined;
  }
}

module.exports = { originSecret };
