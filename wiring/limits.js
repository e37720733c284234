'use strict';

// What CloudFormation or a service refuses at the deploy, although the emulator and cfn-lint take it.
const MOST_RESOURCES = 200; // CloudFormation takes 500; a concern that nears this is two concerns
const MOST_BYTES = 1_000_000;
const MOST_ROUTES = 300; // of an API, for routes and for integrations
const MOST_POLICY = 10_240; // characters of a role's inline policies
const MOST_ENVIRONMENT = 4_096; // bytes of a function's variables
const NAMES = { // the longest name, by type
  'AWS::Lambda::Function': ['FunctionName', 64],
  'AWS::SQS::Queue': ['QueueName', 80],
  'AWS::Events::Rule': ['Name', 64],
  'AWS::CloudWatch::Alarm': ['AlarmName', 255],
  'AWS::Logs::LogGroup': ['LogGroupName', 512],
};

function checkTemplates(stacks) {
  const resources = Object.entries(stacks).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, resource]) => ({ stack, id, ...resource, Properties: resource.Properties ?? {} }))
  );
  for (const [stack, template] of Object.entries(stacks)) checkStack(stack, template);
  for (const [Type, [property, most]] of Object.entries(NAMES)) checkNames(resources.filter((found) => found.Type === Type), property, most);
  for (const role of ofType(resources, 'IAM::Role')) checkPolicies(role);
  for (const fn of ofType(resources, 'Lambda::Function')) checkFunction(fn);
  for (const mapping of ofType(resources, 'Lambda::EventSourceMapping')) checkMapping(mapping);
  for (const kind of ['Route', 'Integration']) checkRoutes(kind, ofType(resources, `ApiGatewayV2::${kind}`));
}

const ofType = (resources, name) => resources.filter(({ Type }) => Type === `AWS::${name}`);

function refuse(where, why) {
  throw new Error(`${where}: ${why}`);
}

function checkStack(stack, template) {
  const count = Object.keys(template.Resources).length;
  const bytes = Buffer.byteLength(JSON.stringify(template));
  if (count > MOST_RESOURCES) refuse(stack, `${count} resources, more than ${MOST_RESOURCES}`);
  if (bytes > MOST_BYTES) refuse(stack, `the template has ${bytes} bytes, more than ${MOST_BYTES}`);
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    // CloudFormation refuses to change an export in use; the emulator lets it through.
    if (output.Export) refuse(stack, `the output ${name} is exported`);
  }
}

function checkNames(resources, property, most) {
  const owners = new Map();
  for (const { stack, id, Properties: { [property]: name } } of resources) {
    if (typeof name !== 'string') continue;
    if (name.length > most) refuse(stack, `the name ${name} has ${name.length} characters, more than ${most}`);
    if (owners.has(name)) refuse(stack, `${id} has the name ${name}, which ${owners.get(name)} has, too`);
    owners.set(name, `${stack}.${id}`);
  }
}

function checkPolicies({ stack, id, Properties: { Policies = [] } }) {
  const length = JSON.stringify(Policies.map(({ PolicyDocument }) => PolicyDocument)).length;
  if (length > MOST_POLICY) refuse(stack, `the policies of ${id} have ${length} characters, more than ${MOST_POLICY}`);
}

function checkFunction({ stack, id, Properties: { Environment: { Variables = {} } = {} } }) {
  const bytes = Buffer.byteLength(JSON.stringify(Variables));
  if (bytes > MOST_ENVIRONMENT) refuse(stack, `the variables of ${id} have ${bytes} bytes, more than ${MOST_ENVIRONMENT}`);
}

// Lambda's rules for queues: a batch of more than ten takes a window, and a concurrency begins at two.
function checkMapping({ stack, id, Properties: { BatchSize, MaximumBatchingWindowInSeconds, ScalingConfig, FilterCriteria } }) {
  if (BatchSize > 10 && !MaximumBatchingWindowInSeconds) refuse(stack, `${id} takes ${BatchSize} records without a window`);
  if (ScalingConfig?.MaximumConcurrency < 2) refuse(stack, `${id} has a MaximumConcurrency under 2`);
  for (const { Pattern } of FilterCriteria?.Filters ?? []) {
    if (Pattern.length > 4_096) refuse(stack, `the filter of ${id} has ${Pattern.length} characters, more than 4096`);
  }
}

function checkRoutes(kind, resources) {
  for (const [api, found] of byApi(resources)) {
    if (found.length > MOST_ROUTES) refuse(api, `${found.length} of ${kind}, more than ${MOST_ROUTES}`);
    if (kind === 'Route') checkRouteKeys(found);
  }
}

function byApi(resources) {
  const groups = new Map();
  for (const resource of resources) {
    const { ApiId } = resource.Properties;
    const api = typeof ApiId === 'string' ? ApiId : `${resource.stack}.${ApiId.Ref}`;
    groups.set(api, [...(groups.get(api) ?? []), resource]);
  }
  return groups;
}

// API Gateway refuses the second one; the emulator takes it.
function checkRouteKeys(routes) {
  const owners = new Map();
  for (const { stack, Properties: { RouteKey } } of routes) {
    const key = RouteKey.replace(/\{\w+(\+?)\}/g, '{$1}');
    if (owners.has(key)) refuse(stack, `the route ${RouteKey} belongs to ${owners.get(key)}, too`);
    owners.set(key, stack);
  }
}

module.exports = { checkTemplates };
