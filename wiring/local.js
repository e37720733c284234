'use strict';

// Everything in which the stacks on one machine differ from those in the cloud, beside the params of stage `local`.

function prepareLocal(service, settings) {
  // The emulator's workers import from the project's own environment.
  service.layers = {};
  Object.assign(settings, { subnetIds: '', securityGroupIds: '', snapStart: false });
}

function finishLocal({ Resources, Outputs }, { spine, concern, bucketName }) {
  // The same addresses after every `make up`; the concerns are compiled before the spine has outputs.
  if (spine) {
    delete Resources.HttpApi.Properties.IpAddressType;
    Resources.HttpApi.Properties.Tags = { 'ms-custom-id': 'dumbwaiter' };
    if (bucketName) Resources.ServerlessDeploymentBucket.Properties.BucketName = bucketName;
  }
  if (Resources.WebsocketsApi) Resources.WebsocketsApi.Properties.Tags = { 'ms-custom-id': `dumbwaiter-${concern}` };
  // The emulator does not know the type; its stages deploy by themselves.
  for (const [id, { Type }] of Object.entries(Resources)) {
    if (Type === 'AWS::ApiGatewayV2::Deployment') delete Resources[id];
  }
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::ApiGatewayV2::Stage') continue;
    delete Properties.DeploymentId;
    Properties.AutoDeploy = true;
  }
}

module.exports = { prepareLocal, finishLocal };
