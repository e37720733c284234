'use strict';

// osls as a library: several services are compiled in one process, where the command would start one for each.
const path = require('path');
const { osls, root } = require('./paths');

process.env.SLS_SCHEMA_CACHE_BASE_DIR ??= path.join(root, 'node_modules/.cache/osls'); // its own choice is the home folder
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= '1';

const Serverless = require(osls('lib/serverless'));
const readConfiguration = require(osls('lib/configuration/read'));
const resolveMeta = require(osls('lib/configuration/variables/resolve-meta'));
const resolveVariables = require(osls('lib/configuration/variables/resolve'));
const reportErrors = require(osls('lib/configuration/variables/eventually-report-resolution-errors'));
const source = (name) => require(osls(`lib/configuration/variables/sources/${name}`));

// `osls package` of one configuration file in `tree`; what it makes lies in .serverless there.
async function packageService(tree, file, options) {
  const configurationPath = path.join(tree, file);
  const configuration = await readConfiguration(configurationPath);
  const variablesMeta = resolveMeta(configuration);
  const variables = {
    serviceDir: tree,
    configuration,
    variablesMeta,
    sources: Object.fromEntries(['env', 'file', 'opt', 'self'].map((name) => [name, source(name)])),
    options,
    fulfilledSources: new Set(['env', 'file', 'opt', 'self']),
    isPropertyDeferred: () => false,
  };
  const serverless = new Serverless({
    configuration, serviceDir: tree, configurationFilename: file, commands: ['package'], options, variablesMeta,
  });
  variables.sources.sls = source('instance-dependent/get-sls')(serverless);
  variables.sources.param = source('instance-dependent/param')(serverless);
  variables.fulfilledSources.add('sls').add('param');
  await resolveVariables(variables);
  reportErrors(configurationPath, configuration, variablesMeta);
  if (variablesMeta.size) throw new Error(`${file}: cannot resolve ${[...variablesMeta.keys()].join(', ').replaceAll('\0', '.')}`);
  await serverless.init();
  await serverless.run();
}

module.exports = { packageService };
