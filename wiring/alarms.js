'use strict';

const MINUTE = 60;
const FAILURES = 'Failures';

// A line of ours at level ERROR, or the platform's report of a run that failed, timed out or was killed.
const FAILED = '{ ($.level = "ERROR") || ($.record.status = "error") || ($.record.status = "timeout") || ($.record.status = "failure") }';

function addConcernAlarms(resources, functions, settings) {
  const { prefix, concern } = settings;
  const add = addTo(resources, `${prefix}-${concern}`, settings);
  resources.FailuresFilter = {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: { Ref: 'LogGroup' },
      FilterPattern: FAILED,
      MetricTransformations: [{ MetricNamespace: settings.metrics, MetricName: `${FAILURES}-${concern}`, MetricValue: '1', Unit: 'Count' }],
    },
  };
  add('failures', { Namespace: settings.metrics, MetricName: `${FAILURES}-${concern}`, Statistic: 'Sum', Period: 5 * MINUTE, Threshold: 0 });
  if (resources.DeadLetters) {
    add('dead letters', {
      Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum', Period: MINUTE, Threshold: 0,
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['DeadLetters', 'QueueName'] } }],
    });
  }
  if (functions.some(({ rights }) => rights.includes('watch'))) {
    // Silence is bad news, too: then the watcher itself, or the way to its metrics, is broken.
    add('late work', {
      ...ofService(settings, concern, 'LateWork'), Period: 3 * MINUTE, Threshold: 0, TreatMissingData: 'breaching',
    });
  }
}

function addStageAlarms(resources, settings) {
  const add = addTo(resources, settings.prefix, settings);
  add('unsent messages', { ...ofService(settings, 'outbox', 'OldestUnsentSeconds'), Period: MINUTE, Threshold: settings.unsentSeconds });
  // An HTTP function answers its own bugs with a 500, so Lambda does not count them as errors.
  add('server errors', {
    Namespace: 'AWS/ApiGateway', MetricName: '5xx', Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }],
    Statistic: 'Sum', Period: 5 * MINUTE, Threshold: 0,
  });
}

const ofService = ({ metrics }, service, MetricName) => ({
  Namespace: metrics, MetricName, Dimensions: [{ Name: 'service', Value: service }], Statistic: 'Maximum',
});

const addTo = (resources, name, settings) => (heading, watch) => {
  resources[`Alarm${pascal(heading)}`] = alarm(heading, name, watch, settings);
};

// `heading` is also the name of the page that says what to do.
function alarm(heading, name, watch, { alarmTopicArn }) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${name}-${slug(heading)}`,
      AlarmDescription: `docs/operate/alarms/${slug(heading)}.md`,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      ...watch,
      ...(alarmTopicArn ? { AlarmActions: [alarmTopicArn], OKActions: [alarmTopicArn] } : {}),
    },
  };
}

const slug = (heading) => heading.replaceAll(' ', '-');
const pascal = (heading) => heading.replace(/(?:^| )(.)/g, (_, letter) => letter.toUpperCase());

module.exports = { addConcernAlarms, addStageAlarms };
