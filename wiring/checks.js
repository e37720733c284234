'use strict';

// What holds over the functions.yml of all concerns, and what AWS refuses although the emulator takes it.
const { readConcerns } = require('./concerns');

function checkTree(tree, settings) {
  const concerns = readConcerns(tree);
  checkConcernNames(concerns);
  checkRoutes(concerns);
  checkMessages(concerns);
  checkCalls(concerns);
  checkConnections(concerns, settings);
}

// The budget of one concern, for the functions as they are with all limits filled in.
function checkBudget(tree, functions, { concern }) {
  const { connections } = readConcerns(tree).find((found) => found.concern === concern);
  const most = functions.filter((fn) => fn.rights.includes('database')).reduce((sum, fn) => sum + fn.entry.reservedConcurrency, 0);
  if (most > connections) {
    throw new Error(`The functions of ${concern} may open ${most} connections: functions/${concern}/functions.yml has a budget of ${connections}`);
  }
}

const entriesOf = (concerns) => concerns.flatMap(({ functions }) => Object.entries(functions));
const eventsOf = (entry, kind) => (entry.events ?? []).flatMap((event) => (event[kind] ? [event[kind]] : []));

// A role of `orders` may use all queues whose names begin with orders_.
function checkConcernNames(concerns) {
  const wrong = concerns.map(({ concern }) => concern).find((name) => !/^[a-z]+$/.test(name));
  if (wrong) throw new Error(`functions/${wrong}: a concern's name has small letters only`);
}

// API Gateway refuses the second stack that claims a route. The names of a path's parameters make no other route.
function checkRoutes(concerns) {
  const owners = new Map();
  for (const [key, entry] of entriesOf(concerns)) {
    for (const route of eventsOf(entry, 'httpApi')) {
      const shape = route.replace(/\{\w+(\+?)\}/g, '{$1}');
      if (owners.has(shape)) throw new Error(`The route ${route} belongs to ${owners.get(shape)} and to ${key}: API Gateway takes it once`);
      owners.set(shape, key);
    }
  }
}

function checkMessages(concerns) {
  const announced = new Set(entriesOf(concerns).flatMap(([, { announces = [] }]) => announces));
  for (const [key, entry] of entriesOf(concerns)) {
    const missing = eventsOf(entry, 'message').flatMap(({ types = [] }) => types).find((type) => !announced.has(type));
    if (missing) throw new Error(`${key} waits for ${missing}, which no function announces`);
  }
}

// The right to call goes by the name of the function.
function checkCalls(concerns) {
  for (const { functions } of concerns) {
    for (const [key, { calls }] of Object.entries(functions)) {
      const callable = !calls || eventsOf(functions[calls] ?? {}, 'call').length;
      if (!callable) throw new Error(`${key} calls ${calls}, which is no function of its concern with the trigger call`);
    }
  }
}

// Lambda would start as many environments as it may, and the database would refuse connections to every store at once.
function checkConnections(concerns, { maxConnections, connectionsForPeople, connectionsForFunctionsToCome }) {
  const without = concerns.find(({ connections }) => !Number.isInteger(connections));
  if (without) throw new Error(`functions/${without.concern}/functions.yml needs \`connections\`: how many its functions may open at once`);
  const sum = concerns.reduce((total, { connections }) => total + connections, 0);
  const reserved = Number(connectionsForPeople) + Number(connectionsForFunctionsToCome);
  if (sum + reserved > Number(maxConnections)) {
    throw new Error(`The concerns may open ${sum} connections. With ${reserved} for people and functions to come that exceeds maxConnections (${maxConnections})`);
  }
}

module.exports = { checkTree, checkBudget };
