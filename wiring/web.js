'use strict';

// The stack of the console's pages: web.yml, and what is in its bucket.
const fs = require('fs');
const path = require('path');
const { CreateStackCommand, UpdateStackCommand, waitUntilStackCreateComplete, waitUntilStackUpdateComplete } = require('@aws-sdk/client-cloudformation');
const { HeadObjectCommand, PutObjectCommand, DeleteObjectsCommand, paginateListObjectsV2 } = require('@aws-sdk/client-s3');
const { readService } = require('./concerns');
const { originSecret } = require('./origin');
const { filesUnder } = require('./packages');
const { buildPages } = require('./pages');

const WEB = 'web';
const TEMPLATE = 'web.yml';
// The pages by the first part of their addresses.
const PAGES = { console: 'build/web', work: 'build/work' };
const WAIT_SECONDS = 1800; // CloudFront takes some minutes
const KEPT_MILLISECONDS = 30 * 24 * 60 * 60 * 1000;
const FOREVER = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';
const MEDIA_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

const hasWeb = (tree) => fs.existsSync(path.join(tree, TEMPLATE));
// CloudFront of aws-cn has no functions and wants a registered domain: there the portal serves the pages.
const isInChina = (region) => (region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? '').startsWith('cn-');

async function deployWeb(stage) {
  buildPages(stage.tree);
  await putStack(stage);
  const { Bucket, Address } = await stage.outputs(WEB);
  const count = await uploadPages(stage, Bucket);
  console.log(`${WEB}: ${count} files uploaded`);
  return Address;
}

async function putStack(stage) {
  const StackName = stage.stackName(WEB);
  const call = { StackName, TemplateBody: fs.readFileSync(path.join(stage.tree, TEMPLATE), 'utf8'), Parameters: await parameters(stage) };
  const waiter = { client: stage.cloudformation, maxWaitTime: WAIT_SECONDS };
  if (!(await stage.exists(WEB))) {
    await stage.cloudformation.send(new CreateStackCommand(call));
    await waitUntilStackCreateComplete(waiter, { StackName });
    return;
  }
  try {
    await stage.cloudformation.send(new UpdateStackCommand(call));
    await waitUntilStackUpdateComplete(waiter, { StackName });
  } catch (failure) {
    if (!/No updates are to be performed/.test(failure.message)) throw failure;
  }
}

const hostOf = (address) => new URL(address).host;

async function parameters(stage) {
  const spine = await stage.outputs('spine');
  const console_ = await stage.outputs('console');
  const given = {
    Stage: stage.name,
    ApiDomain: hostOf(spine.HttpApiUrl),
    SocketDomain: hostOf(console_.ServiceEndpointWebsocket),
    ConsoleDomain: param(stage, 'consoleDomain'),
    CertificateArn: param(stage, 'consoleCertificateArn'),
    OriginSecret: await originSecret(stage),
  };
  return Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

// As osls reads it: --param=name=value, then the stage's in serverless.yml, then the default.
function param(stage, name) {
  const option = stage.options.find((text) => text.startsWith(`--param=${name}=`));
  const { params = {} } = readService(stage.tree);
  return option?.slice(`--param=${name}=`.length) ?? params[stage.name]?.[name] ?? params.default?.[name] ?? '';
}

// Files with a hash in their names first, the page last: no page asks for a file that is not there yet.
async function uploadPages(stage, Bucket) {
  const s3 = stage.s3();
  let count = 0;
  for (const [prefix, built] of Object.entries(PAGES)) {
    const folder = path.join(stage.tree, built);
    const files = filesUnder(folder, '.').filter((file) => path.extname(file) in MEDIA_TYPES).sort((one, other) => rank(one) - rank(other));
    for (const file of files) count += await upload(s3, Bucket, folder, file, `${prefix}/${file}`);
    await forgetOldAssets(s3, Bucket, prefix, new Set(files.map((file) => `${prefix}/${file}`)));
  }
  return count;
}

const isAsset = (file) => file.startsWith('assets/');
const rank = (file) => (isAsset(file) ? 0 : file.endsWith('.html') ? 2 : 1);

async function upload(s3, Bucket, folder, file, Key) {
  const isThere = isAsset(file) && (await s3.send(new HeadObjectCommand({ Bucket, Key })).then(() => true, () => false));
  if (isThere) return 0;
  const Body = fs.readFileSync(path.join(folder, file));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: MEDIA_TYPES[path.extname(file)], CacheControl: isAsset(file) ? FOREVER : REVALIDATE }));
  return 1;
}

// An open page of an earlier deploy still asks for its files.
async function forgetOldAssets(s3, Bucket, prefix, present) {
  const old = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: `${prefix}/assets/` })) {
    old.push(...Contents.filter(({ Key, LastModified }) => !present.has(Key) && Date.now() - LastModified.getTime() > KEPT_MILLISECONDS));
  }
  if (old.length) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: old.slice(0, 1000).map(({ Key }) => ({ Key })) } }));
}

module.exports = { WEB, TEMPLATE, deployWeb, hasWeb, isInChina };
