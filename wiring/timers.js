'use strict';

// A timer's rule says all that the page of timers shows: its description is a JSON document. So a timer appears there as
// soon as its stack is deployed, and no second list names it.
const { readConcerns } = require('./concerns');

const SCHEDULE = /^(rate\(\d+ (minute|hour|day)s?\)|cron\(\d+ \d+ \* \* \? \*\))$/;
const MOST_DESCRIPTION = 512; // characters; PutRule refuses more

// `pausable: false`: the stage does not work without it. `slowest`: how rarely a person may let it run.
const timerSchema = {
  type: 'object',
  properties: { pausable: { type: 'boolean' }, slowest: { type: 'string', pattern: '^rate\\(' } },
  additionalProperties: false,
};

const scheduleOf = (entry) => (entry.events ?? []).find((event) => event.schedule)?.schedule;

function checkTimer(key, entry) {
  const schedule = scheduleOf(entry);
  if (entry.timer && !schedule) throw new Error(`${key} has \`timer\` and no schedule`);
  if (schedule && !SCHEDULE.test(schedule)) throw new Error(`${key}: ${schedule} is no schedule of a timer: write rate(1 minute) or a daily cron(30 3 * * ? *)`);
}

// The rule has the name of its function: that is how the watcher knows which timer it has to expect.
function describeRules({ Resources }, functions) {
  for (const fn of functions.filter(({ schedule }) => schedule)) {
    Object.assign(Resources[fn.id('EventsRuleSchedule1')].Properties, { Name: fn.name, Description: describe(fn) });
  }
}

function describe({ key, entry, schedule }) {
  const { pausable = true, slowest } = entry.timer ?? {};
  const document = {
    schedule, seconds: entry.timeout, overlaps: overlaps(entry), pausable, ...(slowest ? { slowest } : {}), does: entry.description,
  };
  const text = JSON.stringify(document);
  if (text.length > MOST_DESCRIPTION) throw new Error(`${key}: the first line of its docstring is too long for the description of its rule`);
  return text;
}

const overlaps = ({ reservedConcurrency }) => reservedConcurrency > 1;

// The names of all timers of the stage: the function that runs one at a person's wish may call no other function.
const timerNames = ({ tree, prefix }) =>
  readConcerns(tree).flatMap(({ functions }) =>
    Object.entries(functions).filter(([, entry]) => scheduleOf(entry)).map(([key]) => `${prefix}-${key}`)
  );

module.exports = { checkTimer, describeRules, overlaps, timerNames, timerSchema };
