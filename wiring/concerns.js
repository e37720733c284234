'use strict';

// Which concerns there are: each folder of functions/ with a functions.yml. No list names them.
const fs = require('fs');
const path = require('path');
const { osls } = require('./paths');
const yaml = require('js-yaml');

const load = (file) => yaml.load(fs.readFileSync(file, 'utf8'), { filename: file, schema: require(osls('lib/utils/serverless-utils/cloudformation-schema')) });
const fileOf = (tree, concern) => path.join(tree, 'functions', concern, 'functions.yml');

function findConcerns(tree) {
  const folders = fs.existsSync(path.join(tree, 'functions')) ? fs.readdirSync(path.join(tree, 'functions')) : [];
  return folders.filter((name) => fs.existsSync(fileOf(tree, name))).sort();
}

// [{ concern, connections, functions: {key: entry} }] of all concerns.
const readConcerns = (tree) => findConcerns(tree).map((concern) => ({ concern, functions: {}, ...load(fileOf(tree, concern)) }));

const readService = (tree, file = 'serverless.yml') => load(path.join(tree, file));
const layerNames = (tree) => Object.keys(readService(tree, 'spine.yml').layers ?? {});

module.exports = { findConcerns, readConcerns, readService, layerNames };
