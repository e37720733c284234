'use strict';

const { dualStackSuffix, usesIpv6 } = require('./network');
const { overlaps, timerNames } = require('./timers');

const sub = (text) => ({ 'Fn::Sub': text });
const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });
const arn = (service, name) => sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}`);

// By its name: the topic is the spine's, and a stack that refers to another stack's outputs would lock them.
const topicArn = ({ prefix }) => arn('sns', `${prefix}-events`);

// Secrets Manager ends every ARN with six random characters.
const readSecret = (name) => allow(['secretsmanager:GetSecretValue'], arn('secretsmanager', `secret:${name}-??????`));

const writeLogs = ({ prefix, concern }) => allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('logs', `log-group:/aws/lambda/${prefix}-${concern}:*`));

// The function itself puts away a record that can never succeed, with the reason, and says when a failed one comes again.
const useQueues = ({ prefix, concern }) => [
  allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], arn('sqs', `${prefix}-${concern}_*`)),
  allow(['sqs:SendMessage'], { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }),
];

// EC2 has no resource for Describe*. Lambda names its interfaces itself. The code of a function may do none of it.
function reachSubnets({ prefix, concern }) {
  const look = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
  const change = ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'];
  return [
    allow(look, '*'),
    allow(change, sub('arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*')),
    {
      Effect: 'Deny', Action: [...look, ...change], Resource: '*',
      Condition: { ArnLike: { 'lambda:SourceFunctionArn': arn('lambda', `function:${prefix}-${concern}_*`) } },
    },
  ];
}

// Send over the WebSocket API's connections, and close them.
const manageConnections = allow(
  ['execute-api:ManageConnections'],
  sub('arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebsocketsApi}/*/@connections/*'),
);

// Code never removes an object, it can empty one; the bucket forgets it by its age.
const useBucket = (bucket, right) =>
  allow(right === 'write' ? ['s3:GetObject', 's3:PutObject'] : ['s3:GetObject'], sub(`arn:\${AWS::Partition}:s3:::\${${bucket}}/*`));

// Lists and metrics have no resource in IAM: SQS, EventBridge and CloudWatch in the Service Authorization Reference.
const watchStage = ({ prefix }) => [
  allow(['sqs:ListQueues', 'events:ListRules', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'], '*'),
  allow(['sqs:GetQueueAttributes', 'sqs:ListQueueTags'], arn('sqs', `${prefix}-*`)),
];

// Look at the timers of the stage, change their rules, run one, and read its lines in the log.
const manageTimers = (settings) => [
  allow(['events:ListRules'], '*'),
  allow(['events:PutRule'], arn('events', `rule/${settings.prefix}-*`)),
  allow(['lambda:InvokeFunction'], timerNames(settings).map((name) => arn('lambda', `function:${name}`))),
  allow(['logs:FilterLogEvents'], arn('logs', `log-group:/aws/lambda/${settings.prefix}-*`)),
];

// From the addresses that the account has verified.
const sendMail = () => [allow(['ses:SendEmail', 'ses:SendRawEmail'], arn('ses', 'identity/*'))];

const plainRights = { mail: sendMail };
const stageRights = { watch: watchStage, timers: manageTimers };

function statements(fn, settings) {
  return [
    writeLogs(settings),
    ...fn.rights.flatMap((right) => (stageRights[right] ?? plainRights[right])?.(settings) ?? [readSecret(settings.secrets[right])]),
    ...(fn.publishes ? [allow(['sns:Publish'], topicArn(settings))] : []),
    ...(fn.pushes ? [manageConnections] : []),
    ...(fn.models ? [useBucket('ModelsBucket', fn.models)] : []),
    ...(fn.exports ? [useBucket('ExportsBucket', fn.exports)] : []),
    ...(fn.drops ? [useBucket('DropsBucket', fn.drops)] : []),
    ...(fn.proofs ? [useBucket('ProofsBucket', fn.proofs)] : []),
    ...(fn.types ? useQueues(settings) : []),
    ...(fn.calls ? [allow(['lambda:InvokeFunction'], arn('lambda', `function:${settings.prefix}-${fn.calls}`))] : []),
    ...(settings.subnetIds && !fn.outside ? reachSubnets(settings) : []),
  ];
}

function variables(fn, settings) {
  const secrets = fn.rights.filter((right) => settings.secrets[right]);
  return {
    POWERTOOLS_SERVICE_NAME: fn.concern,
    ...(usesIpv6(settings) ? { AWS_DUAL_STACK_SUFFIX: dualStackSuffix } : {}),
    ...Object.fromEntries(secrets.map((right) => [`${right.toUpperCase()}_SECRET`, settings.secrets[right]])),
    ...(fn.publishes ? { EVENTS_TOPIC_ARN: topicArn(settings) } : {}),
    ...(fn.pushes ? { WEBSOCKET_API_ID: { Ref: 'WebsocketsApi' } } : {}),
    ...(fn.models ? { MODELS_BUCKET: { Ref: 'ModelsBucket' } } : {}),
    ...(fn.exports ? { EXPORTS_BUCKET: { Ref: 'ExportsBucket' } } : {}),
    ...(fn.drops ? { DROPS_BUCKET: { Ref: 'DropsBucket' } } : {}),
    ...(fn.proofs ? { PROOFS_BUCKET: { Ref: 'ProofsBucket' } } : {}),
    ...(fn.calls ? { CALLED_FUNCTION: `${settings.prefix}-${fn.calls}` } : {}),
    ...(fn.rights.some((right) => stageRights[right]) ? { WATCHED_PREFIX: `${settings.prefix}-` } : {}),
    ...(fn.kind === 'timer' && overlaps(fn.entry) ? { OVERLAPS: '1' } : {}),
    ...(fn.types ? { DEAD_LETTER_QUEUE_URL: { Ref: 'DeadLetters' }, MAX_RECEIVES: String(settings.queue.tries) } : {}),
  };
}

module.exports = { statements, topicArn, variables };
