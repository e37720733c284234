'use strict';

// Everything in which the stack on one machine differs from the one in the cloud, beside the params of stage `local`.

function prepareLocal(service, settings) {
  // The emulator's workers import from the project's own environment.
  service.layers = {};
  delete service.provider.layers;
  for (const key of service.getAllFunctions()) delete service.getFunction(key).layers;
  Object.assign(settings, { subnetIds: '', securityGroupIds: '', snapStart: false });
}

function finishLocal({ Resources }) {
  // The same address after every `make up`.
  Resources.HttpApi.Properties.Tags = { 'ms-custom-id': 'dumbwaiter' };
  if (Resources.WebsocketsApi) Resources.WebsocketsApi.Properties.Tags = { 'ms-custom-id': 'dumbwaiter-print' };
  // The emulator does not know the type; its stages deploy by themselves.
  for (const [id, { Type }] of Object.entries(Resources)) {
    if (Type === 'AWS::ApiGatewayV2::Deployment') delete Resources[id];
  }
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::ApiGatewayV2::Stage') continue;
    delete Properties.DeploymentId;
    Properties.AutoDeploy = true;
  }
  pollSoonFirst(Resources);
}

// The emulator knows no batching window, and asks the queues one after the other, in the order in which their mappings
// were made. In the cloud whoever has no window is a second ahead of the others.
function pollSoonFirst(resources) {
  const mappings = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping');
  const isSoon = ([, { Properties }]) => Properties.MaximumBatchingWindowInSeconds === 0;
  const soon = mappings.filter(isSoon).map(([id]) => id);
  for (const [, mapping] of mappings.filter((each) => !isSoon(each))) mapping.DependsOn = soon;
}

module.exports = { prepareLocal, finishLocal };
