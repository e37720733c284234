'use strict';

const { topicArn } = require('./rights');

const DAY = 24 * 60 * 60;
const arn = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });

// A queue for each consumer, and one for the dead letters of all consumers of the concern.
function addQueues(resources, functions, settings) {
  const consumers = functions.filter((fn) => fn.types);
  if (!consumers.length) return;
  resources.DeadLetters = newQueue(`${settings.prefix}-${settings.concern}-dead`, settings, {});
  for (const fn of consumers) addQueue(resources, fn, settings);
  resources.QueuesPolicy = letTopicSend([...consumers.map((fn) => fn.id('Queue')), 'DeadLetters'], settings);
}

const newQueue = (QueueName, { queue: { keepDays } }, properties) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, SqsManagedSseEnabled: true, MessageRetentionPeriod: keepDays * DAY, ...properties },
});

function addQueue(resources, fn, settings) {
  const { batch, window, receives } = settings.queue;
  resources[fn.id('Queue')] = newQueue(fn.name, settings, {
    // The window counts too: Lambda may hold a message for as long before the function sees it.
    VisibilityTimeout: 6 * fn.entry.timeout + window,
    RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters'), maxReceiveCount: receives },
    Tags: [{ Key: 'oldest-seconds', Value: String(oldestSeconds(fn, settings)) }],
  });
  resources[fn.id('Subscription')] = {
    Type: 'AWS::SNS::Subscription',
    // Without the policy the first messages would be refused, and SNS gives those up only after days.
    DependsOn: ['QueuesPolicy'],
    Properties: {
      TopicArn: topicArn(settings),
      Protocol: 'sqs',
      Endpoint: arn(fn.id('Queue')),
      RawMessageDelivery: true,
      FilterPolicy: { type: fn.types },
      // SNS would drop a message that the queue refuses for as long as SNS tries.
      RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters') },
    },
  };
  resources[fn.id('QueueMapping')] = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arn(fn.id('Queue')),
      FunctionName: arn(fn.id('LambdaFunction')),
      // Lambda takes no more than ten at a time without a window.
      BatchSize: fn.soon ? 10 : (fn.batch ?? batch),
      MaximumBatchingWindowInSeconds: fn.soon ? 0 : window,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...(fn.only && { FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ body: fn.only }) }] } }),
      ...scaling(fn),
    },
  };
}

// Where a throttled delivery would come back late: paper, and batches that take minutes. Everywhere else the setting would
// keep five pollers busy with an empty queue, where Lambda falls to two by itself; `receives` bears the throttled tries.
const scaling = ({ soon, batch, entry }) => (soon || batch ? { ScalingConfig: { MaximumConcurrency: entry.reservedConcurrency } } : {});

// The watcher rings when a message is older. A consumer that takes minutes a record lets other records wait.
const oldestSeconds = (fn, settings) => (fn.batch ? 4 * fn.entry.timeout : settings.queue.oldestSeconds);

// One for all queues. In a queue's own policy the star is that queue.
function letTopicSend(queueIds, settings) {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: '*',
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn(settings) } },
  };
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { Queues: queueIds.map((id) => ({ Ref: id })), PolicyDocument: { Version: '2012-10-17', Statement: [statement] } },
  };
}

module.exports = { addQueues };
