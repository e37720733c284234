'use strict';

const fs = require('fs');
const path = require('path');

const RIGHTS = ['database', 'keyring'];
const typeName = { type: 'string', pattern: '^[a-z_]+\\.[a-z_]+$' };

const functionSchema = {
  properties: {
    rights: { type: 'array', items: { enum: RIGHTS }, uniqueItems: true },
    announces: { type: 'array', items: typeName, uniqueItems: true },
    publishes: { type: 'boolean' },
    pushes: { type: 'boolean' },
    models: { enum: ['read', 'write'] },
    exports: { enum: ['read', 'write'] },
  },
};

const messageSchema = {
  type: 'object',
  properties: {
    types: { type: 'array', items: typeName, minItems: 1, uniqueItems: true },
    batch: { type: 'integer', minimum: 1 }, // of records at once, where settings.queue's would not fit the time
    only: { type: 'object' }, // what the message's JSON must match, by Lambda's event filtering
    soon: { type: 'boolean' }, // nothing waits for a batch to fill: somebody stands there and waits
  },
  required: ['types'],
  additionalProperties: false,
};

// One function as the other modules of this folder see it; fills in the limits of its kind of trigger.
function describe(serverless, settings, key) {
  const entry = serverless.service.getFunction(key);
  const kind = kindOf(entry);
  Object.assign(entry, { ...settings.limits[kind], ...entry });
  entry.description ??= firstDocstringLine(path.join(serverless.serviceDir, modulePath(entry)));
  if (kind === 'http' && String(settings.snapStart) === 'true') entry.snapStart = true;
  const logicalName = serverless.getProvider('aws').naming.getNormalizedFunctionName(key);
  return {
    key,
    entry,
    kind,
    name: entry.name,
    concern: entry.handler.split('/')[1],
    rights: entry.rights ?? [],
    publishes: Boolean(entry.publishes || entry.announces?.length),
    pushes: Boolean(entry.pushes),
    models: entry.models,
    exports: entry.exports,
    types: entry.events.find((event) => event.message)?.message.types,
    batch: entry.events.find((event) => event.message)?.message.batch,
    only: entry.events.find((event) => event.message)?.message.only,
    soon: Boolean(entry.events.find((event) => event.message)?.message.soon),
    schedule: entry.events.find((event) => event.schedule)?.schedule,
    id: (part) => `${logicalName}${part}`,
  };
}

const KINDS = { httpApi: 'http', message: 'message', schedule: 'timer', websocket: 'socket' };

function kindOf(entry) {
  const kinds = new Set(entry.events.map((event) => KINDS[Object.keys(event)[0]]));
  if (kinds.size !== 1) throw new Error(`${entry.name} needs one kind of trigger, not ${[...kinds].join(' and ') || 'none'}`);
  return [...kinds][0];
}

const modulePath = (entry) => entry.handler.replace(/\.handler$/, '.py');

function firstDocstringLine(file) {
  const found = /^\s*"""(.+?)(?:"""|\n)/.exec(fs.readFileSync(file, 'utf8'));
  if (!found) throw new Error(`${file} must open with a docstring: trigger → effect`);
  return found[1].trim();
}

module.exports = { describe, functionSchema, messageSchema };
