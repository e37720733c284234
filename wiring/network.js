'use strict';

// In a VPC the functions reach AWS over IPv6, by names that have it: `dual-stack` in AWS's words.
const usesIpv6 = ({ subnetIds, ipv6 }) => Boolean(subnetIds) && String(ipv6) === 'true';

const SUFFIXES = { aws: { Suffix: 'api.aws' }, 'aws-cn': { Suffix: 'api.amazonwebservices.com.cn' } };
const dualStackSuffix = { 'Fn::FindInMap': ['DualStack', { Ref: 'AWS::Partition' }, 'Suffix'] };

// Print agents come over IPv4; the relay's functions push over IPv6.
function addDualStack(template) {
  template.Mappings = { ...template.Mappings, DualStack: SUFFIXES };
  if (template.Resources.WebsocketsApi) template.Resources.WebsocketsApi.Properties.IpAddressType = 'dualstack';
}

module.exports = { addDualStack, dualStackSuffix, usesIpv6 };
