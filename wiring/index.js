'use strict';

// An osls plugin: turns the short function entries of a concern into everything that they need in the cloud.
const { checkBudget, checkTree } = require('./checks');
const { callSchema, describe, functionSchema, messageSchema } = require('./entries');
const { addLogGroup } = require('./logs');
const { addQueues } = require('./queues');
const { addRoles, roleId } = require('./roles');
const { addDualStack, usesIpv6 } = require('./network');
const { variables } = require('./rights');
const { describeRules } = require('./timers');
const { addConcernAlarms, addStageAlarms } = require('./alarms');
const { forgetLastLayer, keyByContent, packFunctions, packLayers, uploadOnce } = require('./packages');
const { prepareLocal, finishLocal } = require('./local');

class Wiring {
  constructor(serverless) {
    this.serverless = serverless;
    serverless.configSchemaHandler.defineFunctionProperties('aws', functionSchema);
    serverless.configSchemaHandler.defineFunctionEvent('aws', 'message', messageSchema);
    serverless.configSchemaHandler.defineFunctionEvent('aws', 'call', callSchema);
    this.hooks = {
      initialize: () => this.expandEntries(),
      'before:package:createDeploymentArtifacts': () => this.pack(),
      'before:package:compileLayers': () => forgetLastLayer(serverless),
      'package:compileEvents': () => this.addResources(),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.finishTemplate(),
      'before:aws:deploy:deploy:uploadArtifacts': () => uploadOnce(serverless),
    };
  }

  get settings() {
    return this.serverless.service.custom.wiring;
  }

  expandEntries() {
    const { service } = this.serverless;
    this.settings.tree = this.serverless.serviceDir;
    if (this.settings.local) prepareLocal(service, this.settings);
    this.functions = service.getAllFunctions().map((key) => describe(this.serverless, this.settings, key));
    if (this.settings.spine) return;
    checkTree(this.serverless.serviceDir, this.settings);
    checkBudget(this.serverless.serviceDir, this.functions, this.settings);
    if (this.settings.subnetIds) service.provider.vpc = network(this.settings);
    for (const fn of this.functions) {
      const environment = { ...variables(fn, this.settings), ...fn.entry.environment };
      Object.assign(fn.entry, { role: roleId(fn), environment });
    }
  }

  async pack() {
    await packFunctions(this.serverless, this.functions);
    await packLayers(this.serverless);
  }

  addResources() {
    const { Resources } = this.template;
    if (this.settings.spine) {
      addStageAlarms(Resources, this.settings);
      return;
    }
    addLogGroup(Resources, this.settings);
    addRoles(Resources, this.functions, this.settings);
    addQueues(Resources, this.functions, this.settings);
    addConcernAlarms(Resources, this.functions, this.settings);
  }

  finishTemplate() {
    const { template } = this;
    // A value that another stack imports could not be changed any more.
    for (const output of Object.values(template.Outputs)) delete output.Export;
    describeRules(template, this.functions);
    if (usesIpv6(this.settings)) addDualStack(template);
    if (this.settings.local) finishLocal(template, this.settings);
    keyByContent(this.serverless, template);
  }

  get template() {
    return this.serverless.service.provider.compiledCloudFormationTemplate;
  }
}

const list = (commas) => commas.split(',').map((id) => id.trim());

// Over IPv6 the functions reach AWS without a NAT gateway; the database stays where it is, in IPv4.
const network = (settings) => ({
  subnetIds: list(settings.subnetIds),
  securityGroupIds: list(settings.securityGroupIds),
  ...(usesIpv6(settings) && { ipv6AllowedForDualStack: true }),
});

module.exports = Wiring;
