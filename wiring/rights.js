'use strict';

const sub = (text) => ({ 'Fn::Sub': text });
const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });
const topic = { Ref: 'EventsTopic' };

// Secrets Manager ends every ARN with six random characters.
const readSecret = (name) =>
  allow(['secretsmanager:GetSecretValue'], sub(`arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}-??????`));

const writeLogs = (fn) =>
  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${fn.name}:*`));

// The function itself puts away what can never succeed, with the reason, and says when what failed comes again.
const useQueues = (fn) => [
  allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], { 'Fn::GetAtt': [fn.id('Queue'), 'Arn'] }),
  allow(['sqs:SendMessage'], { 'Fn::GetAtt': [fn.id('DeadLetters'), 'Arn'] }),
];

// EC2 has no resource for Describe*, and Lambda makes its interfaces under names nobody can know beforehand; the code itself may do none of it.
function reachSubnets(fn) {
  const look = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
  const change = ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'];
  const own = sub(`arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${fn.name}`);
  return [
    allow(look, '*'),
    allow(change, sub('arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*')),
    { Effect: 'Deny', Action: [...look, ...change], Resource: '*', Condition: { ArnEquals: { 'lambda:SourceFunctionArn': own } } },
  ];
}

// Send over the WebSocket API's connections, and close them.
const manageConnections = allow(
  ['execute-api:ManageConnections'],
  sub('arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebsocketsApi}/*/@connections/*'),
);

// Objects are never removed by code; the bucket forgets them by their age.
const useBucket = (bucket, right) =>
  allow(right === 'write' ? ['s3:GetObject', 's3:PutObject'] : ['s3:GetObject'], sub(`arn:\${AWS::Partition}:s3:::\${${bucket}}/*`));

function statements(fn, settings) {
  return [
    writeLogs(fn),
    ...fn.rights.map((right) => readSecret(settings.secrets[right])),
    ...(fn.publishes ? [allow(['sns:Publish'], topic)] : []),
    ...(fn.pushes ? [manageConnections] : []),
    ...(fn.models ? [useBucket('ModelsBucket', fn.models)] : []),
    ...(fn.exports ? [useBucket('ExportsBucket', fn.exports)] : []),
    ...(fn.types ? useQueues(fn) : []),
    ...(settings.subnetIds ? reachSubnets(fn) : []),
  ];
}

function variables(fn, settings) {
  return {
    POWERTOOLS_SERVICE_NAME: fn.concern,
    ...Object.fromEntries(fn.rights.map((right) => [`${right.toUpperCase()}_SECRET`, settings.secrets[right]])),
    ...(fn.publishes ? { EVENTS_TOPIC_ARN: topic } : {}),
    ...(fn.pushes ? { WEBSOCKET_API_ID: { Ref: 'WebsocketsApi' } } : {}),
    ...(fn.models ? { MODELS_BUCKET: { Ref: 'ModelsBucket' } } : {}),
    ...(fn.exports ? { EXPORTS_BUCKET: { Ref: 'ExportsBucket' } } : {}),
    ...(fn.types ? { DEAD_LETTER_QUEUE_URL: { Ref: fn.id('DeadLetters') }, MAX_RECEIVES: String(settings.queue.tries) } : {}),
  };
}

module.exports = { statements, variables };
