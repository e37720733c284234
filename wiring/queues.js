'use strict';

const DAY = 24 * 60 * 60;

function addQueue(resources, fn, { queue: { batch, window, tries, keepDays } }) {
  const arn = (part) => ({ 'Fn::GetAtt': [fn.id(part), 'Arn'] });
  const newQueue = (name, properties) => ({
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: name, SqsManagedSseEnabled: true, MessageRetentionPeriod: keepDays * DAY, ...properties },
  });

  resources[fn.id('DeadLetters')] = newQueue(`${fn.name}-dead`, {});
  resources[fn.id('Queue')] = newQueue(fn.name, {
    // The window counts too: Lambda may hold a message for as long before the function sees it.
    VisibilityTimeout: 6 * fn.entry.timeout + window,
    RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters'), maxReceiveCount: tries },
  });
  const queues = [{ Ref: fn.id('Queue') }, { Ref: fn.id('DeadLetters') }];
  resources.QueuesPolicy ??= letTopicSend();
  resources.QueuesPolicy.Properties.Queues.push(...queues);
  resources[fn.id('Subscription')] = {
    Type: 'AWS::SNS::Subscription',
    // Without the policy the first messages would be refused, and SNS gives those up only after days.
    DependsOn: ['QueuesPolicy'],
    Properties: {
      TopicArn: { Ref: 'EventsTopic' },
      Protocol: 'sqs',
      Endpoint: arn('Queue'),
      RawMessageDelivery: true,
      FilterPolicy: { type: fn.types },
      // What the queue would not take, for as long as SNS tries, would be gone.
      RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters') },
    },
  };
  resources[fn.id('QueueMapping')] = {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arn('Queue'),
      FunctionName: arn('LambdaFunction'),
      // Lambda takes no more than ten at a time without a window.
      BatchSize: fn.soon ? 10 : (fn.batch ?? batch),
      MaximumBatchingWindowInSeconds: fn.soon ? 0 : window,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...(fn.only && { FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ body: fn.only }) }] } }),
      // More pollers than environments would be throttled, and every throttle counts as a try.
      ScalingConfig: { MaximumConcurrency: fn.entry.reservedConcurrency },
    },
  };
}

// One for all queues: a template holds 500 resources. In a queue's own policy the star is that queue.
function letTopicSend() {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: '*',
    Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'EventsTopic' } } },
  };
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { Queues: [], PolicyDocument: { Version: '2012-10-17', Statement: [statement] } },
  };
}

module.exports = { addQueue };
