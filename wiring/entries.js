'use strict';

const fs = require('fs');
const path = require('path');

const { checkTimer, timerSchema } = require('./timers');

const RIGHTS = ['database', 'keyring', 'watch', 'timers', 'mail'];
const typeName = { type: 'string', pattern: '^[a-z_]+\\.[a-z_]+$' };

const functionSchema = {
  properties: {
    rights: { type: 'array', items: { enum: RIGHTS }, uniqueItems: true },
    packages: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, uniqueItems: true }, // layers beside `base`
    announces: { type: 'array', items: typeName, uniqueItems: true },
    publishes: { type: 'boolean' },
    pushes: { type: 'boolean' },
    models: { enum: ['read', 'write'] },
    exports: { enum: ['read', 'write'] },
    drops: { enum: ['read', 'write'] }, // files that outside systems drop
    proofs: { enum: ['read', 'write'] }, // photos and signatures of deliveries
    calls: { type: 'string', pattern: '^[a-z_]+$' }, // the key of a function of the concern that it calls and waits for
    timer: timerSchema, // what people may change of a timer
    outside: { type: 'boolean' }, // not in the private network: it reaches the internet over IPv4, and no database
  },
};

const messageSchema = {
  type: 'object',
  properties: {
    types: { type: 'array', items: typeName, minItems: 1, uniqueItems: true },
    batch: { type: 'integer', minimum: 1 }, // of records at once, where settings.queue's would not fit the time
    only: { type: 'object' }, // what the message's JSON must match, by Lambda's event filtering
    soon: { type: 'boolean' }, // no waiting for a batch to fill: a guest and a cook wait
  },
  required: ['types'],
  additionalProperties: false,
};

// The function is woken by another function of its concern.
const callSchema = { const: 'invoke' };

// One function as the other modules of this folder see it; fills in the limits of its kind of trigger.
function describe(serverless, settings, key) {
  const entry = serverless.service.getFunction(key);
  const kind = kindOf(entry);
  const { concern, local, snapStart } = settings;
  checkName(key, entry, concern);
  Object.assign(entry, { ...settings.limits[kind], ...entry, disableLogs: true, logs: logging(settings) });
  entry.description ??= firstDocstringLine(path.join(serverless.serviceDir, modulePath(entry)));
  if (entry.outside) leaveNetwork(key, entry);
  checkTimer(key, entry);
  if (!local) entry.layers = layerArns(['base', ...(entry.packages ?? [])], settings);
  if (String(snapStart) === 'false') delete entry.snapStart;
  const logicalName = serverless.getProvider('aws').naming.getNormalizedFunctionName(key);
  const message = entry.events.find((event) => event.message)?.message;
  return {
    key,
    entry,
    kind,
    concern,
    name: entry.name,
    rights: entry.rights ?? [],
    publishes: Boolean(entry.publishes || entry.announces?.length),
    pushes: Boolean(entry.pushes),
    models: entry.models,
    exports: entry.exports,
    drops: entry.drops,
    proofs: entry.proofs,
    calls: entry.calls,
    outside: Boolean(entry.outside),
    ...message,
    schedule: entry.events.find((event) => event.schedule)?.schedule,
    id: (part) => `${logicalName}${part}`,
  };
}

const KINDS = { httpApi: 'http', message: 'message', schedule: 'timer', websocket: 'socket', call: 'call' };

function kindOf(entry) {
  const kinds = new Set(entry.events.map((event) => KINDS[Object.keys(event)[0]]));
  if (kinds.size !== 1) throw new Error(`${entry.name} needs one kind of trigger, not ${[...kinds].join(' and ') || 'none'}`);
  return [...kinds][0];
}

// Rights on queues go by the first part of their names.
function checkName(key, entry, concern) {
  if (!key.startsWith(`${concern}_`) || entry.handler.split('/')[1] !== concern) {
    throw new Error(`${key}: key and handler of a function in functions/${concern} begin with the concern: ${concern}_…, functions/${concern}/…`);
  }
}

// What strangers can name the address of must reach neither the database nor a secret.
function leaveNetwork(key, entry) {
  if (entry.rights?.length) throw new Error(`${key}: a function outside of the private network has no rights`);
  entry.vpc = null;
}

// All functions of a concern write into one log group. The platform adds a line only where a run failed.
const logging = ({ prefix, concern, logLevel }) => ({
  logGroup: `/aws/lambda/${prefix}-${concern}`, logFormat: 'JSON', systemLogLevel: 'WARN', applicationLogLevel: logLevel,
});

function layerArns(names, { layers }) {
  const arns = Object.fromEntries(layers.split(',').map((pair) => pair.split('=')));
  return names.map((name) => {
    if (!arns[name]) throw new Error(`spine.yml has no layer ${name}: it has ${Object.keys(arns).join(', ')}`);
    return arns[name];
  });
}

const modulePath = (entry) => entry.handler.replace(/\.handler$/, '.py');

function firstDocstringLine(file) {
  const found = /^\s*"""(.+?)(?:"""|\n)/.exec(fs.readFileSync(file, 'utf8'));
  if (!found) throw new Error(`${file} must open with a docstring: trigger → effect`);
  return found[1].trim();
}

module.exports = { callSchema, describe, functionSchema, messageSchema };
