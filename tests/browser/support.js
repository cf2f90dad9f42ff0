// What every browser test needs: a browser, and `sillon dev` to look at. Both end with the test that asked for them.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The campaigns of this repository. */
export const INFRA = new URL('../../infra', import.meta.url).pathname;

function told(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set: run the tests with \`tests/run\``);
  return value;
}

/** A browser that nothing but the test's pages makes talk to anybody. */
export async function openBrowser(t) {
  const { chromium } = createRequire(`${told('SILLON_TEST_BROWSER_TOOLS')}/`)('playwright-core');
  const browser = await chromium.launch({
    executablePath: told('SILLON_TEST_CHROMIUM'),
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** `sillon dev` over a folder of campaigns. Answers where it is, such as `http://127.0.0.1:40123`. */
export async function startDev(t, infra = INFRA, ...more) {
  const data = await mkdtemp(join(tmpdir(), 'sillon-browser-'));
  return startSillon(t, ['dev', '--data', data, '--infra', infra, ...more], () => rm(data, { recursive: true, force: true }));
}

/** Runs a verb of `sillon` that serves pages, on a free port, and waits for its line `Sillon is at http://…/`. */
export async function startSillon(t, args, afterwards = () => {}) {
  const program = spawn(join(told('SILLON_TEST_FUNCTIONS'), 'sillon'), [...args, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => program.once('exit', resolve));
  t.after(async () => {
    program.kill('SIGKILL');
    await ended;
    await afterwards();
  });
  for await (const line of createInterface({ input: program.stdout })) {
    const address = line.match(/^Sillon is at (http:\S+?)\/?$/);
    if (address) return address[1];
  }
  throw new Error(`sillon ${args[0]} ended before it said where it is`);
}
