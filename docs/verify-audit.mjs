// Verifies an export of the audit log with nothing but Node. What it does stands in audit.md.
//   node verify-audit.mjs audit.jsonl [checkpoints.jsonl public-key.pem]
import { createHash, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';

const [exportFile, checkpointFile, keyFile] = process.argv.slice(2);
const findings = [];
const checkpoints = [];
for (const line of checkpointFile ? readFileSync(checkpointFile, 'utf8').split('\n') : []) {
  if (line === '') continue;
  const { signature } = JSON.parse(line);
  const text = `{${line.slice('{"signature":"",'.length + signature.length)}`;
  const genuine = verify(null, Buffer.from(text), readFileSync(keyFile), Buffer.from(signature, 'hex'));
  if (genuine) checkpoints.push(JSON.parse(line));
  else findings.push('a checkpoint is not signed by this key');
}

let last = { organization_id: null, seq: 0, hash: '0'.repeat(64) };
for await (const line of linesOf(exportFile)) {
  const entry = JSON.parse(line);
  const text = `{${line.slice('{"hash":"",'.length + entry.hash.length)}`;
  if (entry.seq !== last.seq + 1) findings.push(`entry ${last.seq + 1} does not come before ${entry.seq}`);
  else if (entry.previous_hash !== last.hash) findings.push(`entry ${entry.seq} does not follow ${last.seq}`);
  if (createHash('sha256').update(text).digest('hex') !== entry.hash)
    findings.push(`entry ${entry.seq} was changed`);
  for (const { organization_id, seq, hash } of checkpoints)
    if (organization_id === entry.organization_id && seq === entry.seq && hash !== entry.hash)
      findings.push(`entry ${seq} is not the one of a checkpoint`);
  last = entry;
}
for (const { organization_id, seq } of checkpoints)
  if (organization_id === (last.organization_id ?? organization_id) && seq > last.seq)
    findings.push(`the entries ${last.seq + 1} to ${seq} are missing`);

if (findings.length === 0) findings.push(`${last.seq} entries are as they were written`);
else process.exitCode = 1;
process.stdout.write(`${findings.join('\n')}\n`);

// LF alone ends a line: a text may hold U+2028, where other splitters break.
async function* linesOf(path) {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    yield* lines;
  }
}
