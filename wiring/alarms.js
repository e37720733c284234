'use strict';

const MINUTE = 60;
const ofFunction = (fn) => ({ Namespace: 'AWS/Lambda', Dimensions: [{ Name: 'FunctionName', Value: fn.name }] });
const ofQueue = (fn, part) => ({
  Namespace: 'AWS/SQS',
  Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [fn.id(part), 'QueueName'] } }],
});

function addAlarms(resources, fn, settings) {
  const add = (heading, watch) => {
    resources[fn.id(`Alarm${pascal(heading)}`)] = alarm(heading, fn.name, watch, settings);
  };

  add('function errors', { ...ofFunction(fn), MetricName: 'Errors', Statistic: 'Sum', Period: 5 * MINUTE, Threshold: 0 });
  add('throttles', { ...ofFunction(fn), MetricName: 'Throttles', Statistic: 'Sum', Period: MINUTE, Threshold: 0, EvaluationPeriods: 3 });
  if (fn.types) {
    add('dead letters', { ...ofQueue(fn, 'DeadLetters'), MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum', Period: MINUTE, Threshold: 0 });
    add('queue age', { ...ofQueue(fn, 'Queue'), MetricName: 'ApproximateAgeOfOldestMessage', Statistic: 'Maximum', Period: MINUTE, Threshold: oldest(fn, settings) });
  }
  if (fn.schedule) {
    add('missed timer', {
      ...ofFunction(fn), MetricName: 'Invocations', Statistic: 'Sum', Period: threeRuns(fn.schedule),
      ComparisonOperator: 'LessThanThreshold', Threshold: 1, TreatMissingData: 'breaching',
    });
  }
}

// Who takes a record at a time, and minutes for each, has others wait: that is no trouble yet.
const oldest = (fn, settings) => (fn.batch ? 4 * fn.entry.timeout : settings.queue.oldestSeconds);

function addStackAlarms(resources, settings) {
  resources.AlarmUnsentMessages = alarm('unsent messages', settings.stack, {
    Namespace: settings.metrics, MetricName: 'OldestUnsentSeconds', Dimensions: [{ Name: 'service', Value: 'outbox' }],
    Statistic: 'Maximum', Period: MINUTE, Threshold: settings.unsentSeconds,
  }, settings);
  // An HTTP function answers its own bugs with a 500, so Lambda does not count them as errors.
  resources.AlarmServerErrors = alarm('server errors', settings.stack, {
    Namespace: 'AWS/ApiGateway', MetricName: '5xx', Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }],
    Statistic: 'Sum', Period: 5 * MINUTE, Threshold: 0,
  }, settings);
}

// The page of docs/operate/alarms named like `heading` states the meaning of the alarm and the steps to take.
function alarm(heading, name, watch, { alarmTopicArn }) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${name}-${slug(heading)}`,
      AlarmDescription: `docs/operate/alarms/${slug(heading).replace('function-errors', 'failures')}.md`,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      ...watch,
      ...(alarmTopicArn ? { AlarmActions: [alarmTopicArn], OKActions: [alarmTopicArn] } : {}),
    },
  };
}

const SECONDS = { minute: MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE };

// CloudWatch sums over a day at most; what runs by the calendar runs daily here.
function threeRuns(schedule) {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule.rate?.[0] ?? schedule);
  return rate ? Math.min(3 * rate[1] * SECONDS[rate[2]], SECONDS.day) : SECONDS.day;
}

const slug = (heading) => heading.replaceAll(' ', '-');
const pascal = (heading) => heading.replace(/(?:^| )(.)/g, (_, letter) => letter.toUpperCase());

module.exports = { addAlarms, addStackAlarms };
