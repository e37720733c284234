'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { HeadObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { readConcerns } = require('./concerns');

const builtIn = (serverless, name) => serverless.pluginManager.plugins.find((plugin) => plugin.constructor.name === name);
const sha256 = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
const zipsOf = ({ serviceDir }) => path.join(serviceDir, '.serverless/zips');

// What a function's zip holds: its concern's folder, shared/, the folders that the concern names, and the files that its
// entry names.
const sourcesOf = (tree, { concern, folders = [] }, { package: { patterns = [] } = {} }) =>
  [`functions/${concern}`, 'shared', 'functions/__init__.py', ...folders, ...patterns].flatMap((part) => filesUnder(tree, part));

function filesUnder(tree, part) {
  const full = path.join(tree, part);
  if (!fs.existsSync(full)) return [];
  if (fs.statSync(full).isFile()) return [part];
  return fs.readdirSync(full).filter((name) => name !== '__pycache__').sort().flatMap((name) => filesUnder(tree, path.join(part, name)));
}

// One zip for each set of files, named by its content: functions that need the same files share it. A deploy replaces
// only what has changed, and the template of an earlier deploy still finds its code.
async function packFunctions(serverless, functions) {
  const zips = new Map();
  const concern = readConcerns(serverless.serviceDir).find((found) => found.concern === serverless.service.custom.wiring.concern);
  for (const fn of functions) {
    const files = sourcesOf(serverless.serviceDir, concern, fn.entry).filter((file) => !file.endsWith('functions.yml'));
    const set = files.join('\n');
    if (!zips.has(set)) zips.set(set, await pack(serverless, fn.concern, files));
    fn.entry.package = { ...fn.entry.package, artifact: zips.get(set) };
  }
}

async function pack(serverless, name, files) {
  return byContent(serverless, name, await builtIn(serverless, 'Package').zipFiles(files, `${name}.zip`));
}

async function packLayers(serverless) {
  const { service } = serverless;
  for (const name of service.getAllLayers()) {
    const zip = await builtIn(serverless, 'Package').packageLayer(name);
    service.getLayer(name).package = { artifact: byContent(serverless, name, zip) };
  }
}

function byContent(serverless, name, zip) {
  const target = path.join(zipsOf(serverless), `${name}-${sha256(zip)}.zip`);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.renameSync(zip, target);
  return target;
}

// osls puts code into a folder with the time of the deploy in its name, so that every deploy would replace every function.
function keyByContent(serverless, { Resources }) {
  for (const { Properties } of Object.values(Resources)) {
    const code = Properties?.Code ?? Properties?.Content;
    if (code?.S3Key) code.S3Key = `${serverless.service.package.artifactsS3KeyDirname}/${path.basename(code.S3Key)}`;
  }
}

// osls asks the account for the layer's last name, which its content gives already.
function forgetLastLayer(serverless) {
  builtIn(serverless, 'AwsCompileLayers').compareWithLastLayer = async (key) => {
    serverless.service.getLayer(key).artifactAlreadyUploaded = true;
  };
}

async function uploadByContent(serverless) {
  const { service } = serverless;
  const deploy = builtIn(serverless, 'AwsDeploy');
  const { bucketName: Bucket } = deploy;
  const s3 = new S3Client(await deploy.provider.getAwsSdkV3Config());
  const s3KeyDirname = service.package.artifactsS3KeyDirname;
  const entries = [...service.getAllFunctions().map((key) => service.getFunction(key)), ...service.getAllLayers().map((key) => service.getLayer(key))];
  await Promise.all(
    [...new Set(entries.map((entry) => entry.package.artifact))].map((filename) =>
      s3.send(new HeadObjectCommand({ Bucket, Key: `${s3KeyDirname}/${path.basename(filename)}` }))
        .catch(() => deploy.uploadZipFile({ filename, s3KeyDirname }))
    )
  );
}

// In place of osls's own upload, which would send each zip once more under the time of the deploy.
function uploadOnce(serverless) {
  builtIn(serverless, 'AwsDeploy').uploadFunctionsAndLayers = () => uploadByContent(serverless);
}

module.exports = { filesUnder, sourcesOf, packFunctions, packLayers, forgetLastLayer, keyByContent, uploadOnce };
