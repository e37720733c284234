'use strict';

function addLogGroup(resources, { prefix, concern, logDays }) {
  resources.LogGroup = {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: `/aws/lambda/${prefix}-${concern}`, RetentionInDays: logDays },
  };
}

module.exports = { addLogGroup };
