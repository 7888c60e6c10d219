import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { AskForNotice } from './interruption.ts';

/** `ec2`: Amazon's notices; anything else is a command that ends well when the machine is taken back in two minutes. */
export function noticeSource(named: string, environment: NodeJS.ProcessEnv): AskForNotice {
  if (named !== 'ec2') return askCommand(named);
  // Amazon's own name for where it is.
  const endpoint = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? 'http://169.254.169.254';
  return askInstanceMetadata(endpoint.replace(/\/$/, ''));
}

const usualNotice = 120_000;

function askCommand(command: string): AskForNotice {
  return async (signal) => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: 'ignore', signal });
    const [status] = await once(child, 'close');
    return status === 0 ? Date.now() + usualNotice : null;
  };
}

const instanceAction = z.object({ action: z.string(), time: z.iso.datetime() });

/** The second version of Amazon's instance metadata service: nothing is told without a token of its own. */
function askInstanceMetadata(endpoint: string): AskForNotice {
  const ask = async (path: string, request: RequestInit): Promise<string | null> => {
    const answer = await fetch(`${endpoint}/latest/${path}`, request);
    const text = await answer.text();
    if (answer.ok) return text;
    if (answer.status === 404) return null;
    throw new Error(`the instance metadata service answers ${answer.status} to ${path}`);
  };
  return async (signal) => {
    const lifetime = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
    const token = await ask('api/token', { method: 'PUT', headers: lifetime, signal });
    const headers = { 'x-aws-ec2-metadata-token': token ?? '' };
    const notice = await ask('meta-data/spot/instance-action', { headers, signal });
    return notice === null ? null : Date.parse(instanceAction.parse(JSON.parse(notice)).time);
  };
}
