'use strict';

// An osls plugin: turns the short function entries of serverless.yml into everything a function needs in the cloud.
const { describe, functionSchema, messageSchema } = require('./entries');
const { statements, variables } = require('./rights');
const { addRole } = require('./roles');
const { addQueue } = require('./queues');
const { addAlarms, addStackAlarms } = require('./alarms');
const { packFolders, forgetLastLayer, keyByContent, uploadByContent } = require('./packages');
const { prepareLocal, finishLocal } = require('./local');

class Wiring {
  constructor(serverless) {
    this.serverless = serverless;
    serverless.configSchemaHandler.defineFunctionProperties('aws', functionSchema);
    serverless.configSchemaHandler.defineFunctionEvent('aws', 'message', messageSchema);
    this.hooks = {
      initialize: () => this.expandEntries(),
      'before:package:createDeploymentArtifacts': () => packFolders(serverless),
      'before:package:compileLayers': () => forgetLastLayer(serverless),
      'package:compileEvents': () => this.addResources(),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.finishTemplate(),
      'after:aws:deploy:deploy:uploadArtifacts': () => uploadByContent(serverless),
    };
  }

  get settings() {
    return this.serverless.service.custom.wiring;
  }

  expandEntries() {
    const { service } = this.serverless;
    if (this.settings.local) prepareLocal(service, this.settings);
    if (this.settings.subnetIds) {
      service.provider.vpc = { subnetIds: list(this.settings.subnetIds), securityGroupIds: list(this.settings.securityGroupIds) };
    }
    this.functions = service.getAllFunctions().map((key) => describe(this.serverless, this.settings, key));
    for (const fn of this.functions) {
      Object.assign(fn.entry, {
        role: fn.id('Role'),
        environment: { ...variables(fn, this.settings), ...fn.entry.environment },
      });
    }
    checkConnections(this.functions, this.settings);
  }

  addResources() {
    const { Resources } = this.template;
    for (const fn of this.functions) {
      if (fn.types) addQueue(Resources, fn, this.settings);
      addRole(Resources, fn, statements(fn, this.settings));
      addAlarms(Resources, fn, this.settings);
    }
    addStackAlarms(Resources, this.settings);
  }

  finishTemplate() {
    if (this.settings.local) finishLocal(this.template);
    keyByContent(this.serverless, this.template);
  }

  get template() {
    return this.serverless.service.provider.compiledCloudFormationTemplate;
  }
}

const list = (commas) => commas.split(',').map((id) => id.trim());

// Lambda would start as many environments as it may, and the database would refuse them for every store at once.
function checkConnections(functions, { maxConnections, connectionsForPeople, connectionsPerEnvironment }) {
  const users = functions.filter((fn) => fn.rights.includes('database'));
  const most = users.reduce((sum, fn) => sum + fn.entry.reservedConcurrency * connectionsPerEnvironment, 0);
  if (most + Number(connectionsForPeople) >= Number(maxConnections)) {
    throw new Error(`The functions may open ${most} connections: with ${connectionsForPeople} kept for people and migrations that reaches maxConnections (${maxConnections})`);
  }
}

module.exports = Wiring;
