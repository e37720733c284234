'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { HeadObjectCommand, S3Client } = require('@aws-sdk/client-s3');

const builtIn = (serverless, name) => serverless.pluginManager.plugins.find((plugin) => plugin.constructor.name === name);

// What a function's zip holds: its concern's folder, shared/, and the files its entry names. osls would walk the whole tree,
// node_modules and .venv included, once per function.
function packFolders(serverless) {
  const { service, serviceDir } = serverless;
  builtIn(serverless, 'Package').resolveFilePathsFunction = async (key) => {
    const { handler, package: { patterns = [] } = {} } = service.getFunction(key);
    return [concernOf(handler), 'print_link', 'shared', 'functions/__init__.py', ...patterns].flatMap((part) => filesUnder(serviceDir, part));
  };
}

const concernOf = (handler) => handler.split('/').slice(0, 2).join('/');

function filesUnder(root, part) {
  const full = path.join(root, part);
  if (!fs.existsSync(full)) return [];
  if (fs.statSync(full).isFile()) return [part];
  return fs.readdirSync(full).filter((name) => name !== '__pycache__').flatMap((name) => filesUnder(root, path.join(part, name)));
}

// Every zip of the deploy, with the name its content gives it.
const archives = (serverless) => {
  const { service } = serverless;
  const { naming } = serverless.getProvider('aws');
  return [
    ...service.getAllFunctions().map((key) => ({ key, id: naming.getLambdaLogicalId(key), zip: service.getFunction(key).package.artifact })),
    ...service.getAllLayers().map((key) => ({ key, id: naming.getLambdaLayerLogicalId(key), zip: service.getLayer(key).package.artifact })),
  ].map((archive) => ({ ...archive, file: `${archive.key}-${sha256(archive.zip)}.zip` }));
};

const sha256 = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');

// osls names code by the time of the deploy, so that every deploy would replace every function. Named by its content, only
// what changed is replaced, and the template of an earlier deploy still finds its code.
function keyByContent(serverless, { Resources }) {
  for (const { id, file } of archives(serverless)) {
    const { Code, Content } = Resources[id].Properties;
    (Code ?? Content).S3Key = `${serverless.service.package.artifactsS3KeyDirname}/${file}`;
  }
}

// osls asks the account for the layer's last name, which its content gives already.
function forgetLastLayer(serverless) {
  builtIn(serverless, 'AwsCompileLayers').compareWithLastLayer = async (key) => {
    serverless.service.getLayer(key).artifactAlreadyUploaded = true;
  };
}

async function uploadByContent(serverless) {
  if (serverless.service.provider.shouldNotDeploy) return;
  const deploy = builtIn(serverless, 'AwsDeploy');
  const s3 = new S3Client(await deploy.provider.getAwsSdkV3Config());
  const s3KeyDirname = serverless.service.package.artifactsS3KeyDirname;
  await Promise.all(
    archives(serverless).map(({ zip, file }) =>
      s3.send(new HeadObjectCommand({ Bucket: deploy.bucketName, Key: `${s3KeyDirname}/${file}` }))
        .catch(() => deploy.uploadZipFile({ filename: zip, s3KeyDirname, basename: file }))
    )
  );
}

module.exports = { packFolders, forgetLastLayer, keyByContent, uploadByContent };
