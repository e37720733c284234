'use strict';

// node wiring/deploy.js deploy|list|rollback STAGE [--only=CONCERN,…] [--to=TIMESTAMP] [--tree=DIR] [options of osls]
//   deploy    the spine, then the concerns, three at a time, then the console's pages (web); --only: these alone
//   list      the last deploys of each stack, with their timestamps
//   rollback  the stack of one concern as it was at a timestamp; the other stacks stay as they are
const path = require('path');
const { findConcerns } = require('./concerns');
const { buildPages } = require('./pages');
const { originSecret } = require('./origin');
const { root } = require('./paths');
const { SPINE, Stage } = require('./stacks');
const { WEB, deployWeb, hasWeb, isInChina } = require('./web');

const COMMANDS = { deploy, list, rollback };

async function deploy(stage, only) {
  buildPages(stage.tree);
  if (!only || only.includes(SPINE)) await deploySpine(stage);
  const concerns = (only ?? findConcerns(stage.tree)).filter((stack) => stack !== SPINE && stack !== WEB);
  if (concerns.length) {
    const secret = hasCdn(stage) ? { originSecret: await originSecret(stage) } : {};
    const params = { ...(await stage.concernParams()), ...secret };
    const failed = await stage.each(concerns, (stack) => stage.osls(stack, ['deploy'], params));
    if (failed.length) throw new Error(`Failed: ${failed.join(', ')}. The other stacks are as this deploy made them.`);
  }
  if (!only) await nameLeftovers(stage);
  console.log(`Deployed: ${[...(only ?? [SPINE, ...concerns])].join(', ')}`);
  console.log(`Address: ${(await stage.outputs(SPINE)).HttpApiUrl}`);
  if (wantsWeb(stage, only)) console.log(`Console: ${await deployWeb(stage)}`);
}

// The pages come last: they ask for operations that the concerns have since this deploy.
const hasCdn = ({ tree, region }) => hasWeb(tree) && !isInChina(region);
const wantsWeb = (stage, only) => hasCdn(stage) && (!only || only.includes(WEB));

async function deploySpine(stage) {
  if (!(await stage.osls(SPINE, ['deploy']))) throw new Error('The spine failed. No concern was deployed.');
}

// A stack whose folder is gone still takes messages. It may hold data, so that a person deletes it.
async function nameLeftovers(stage) {
  const concerns = [...findConcerns(stage.tree), WEB];
  for (const stack of (await stage.deployedConcerns()).filter((name) => !concerns.includes(name))) {
    console.error(`The stack ${stage.stackName(stack)} has no folder functions/${stack}. Delete it: aws cloudformation delete-stack --stack-name ${stage.stackName(stack)}`);
  }
}

async function list(stage, only) {
  await stage.outputs(SPINE);
  const params = await stage.concernParams();
  const failed = await stage.each(only ?? [SPINE, ...findConcerns(stage.tree)], (stack) => stage.osls(stack, ['deploy', 'list'], params));
  if (failed.length) throw new Error(`Cannot list: ${failed.join(', ')}`);
}

async function rollback(stage, only, to) {
  if (only?.length !== 1) throw new Error('Which stack? make rollback STAGE=staging ONLY=members TO=TIMESTAMP');
  if (!/^\d+$/.test(to ?? '')) throw new Error(`Which deploy? make deployments STAGE=${stage.name} ONLY=${only[0]} shows the timestamps; TO= takes one`);
  if (!(await stage.osls(only[0], ['rollback', '--timestamp', to], await stage.concernParams()))) throw new Error(`${only[0]} was not rolled back.`);
}

function checkOnly(tree, only) {
  const concerns = findConcerns(tree);
  const unknown = (only ?? []).filter((stack) => stack !== SPINE && !(stack === WEB && hasWeb(tree)) && !concerns.includes(stack));
  if (unknown.length) throw new Error(`There is no functions/${unknown[0]}/functions.yml. There are: ${[SPINE, ...concerns].join(', ')}`);
  if (!concerns.length) throw new Error(`${path.join(tree, 'functions')} has no concern: no folder with a functions.yml`);
}

async function main([command, name, ...rest]) {
  if (!COMMANDS[command]) throw new Error(`What? ${Object.keys(COMMANDS).join(', ')}`);
  if (!/^[a-z][a-z0-9-]*$/.test(name ?? '')) throw new Error('Which stage? make deploy STAGE=staging');
  const value = (option) => rest.find((text) => text.startsWith(`--${option}=`))?.slice(option.length + 3);
  const options = rest.filter((text) => !/^--(only|to|tree)=/.test(text));
  const tree = path.resolve(value('tree') ?? root);
  const only = value('only')?.split(',').filter(Boolean);
  checkOnly(tree, only);
  await COMMANDS[command](new Stage(tree, name, options), only?.length ? only : undefined, value('to'));
}

main(process.argv.slice(2)).catch((failure) => {
  console.error(failure.message);
  process.exitCode = 1;
});
