// The preview, as a marketer works with it.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { INFRA, openBrowser, startSillon } from './support.js';

async function startPreview(t) {
  const folder = await mkdtemp(join(tmpdir(), 'sillon-preview-'));
  await cp(join(INFRA, 'sillon.yaml'), join(folder, 'sillon.yaml'));
  await cp(join(INFRA, 'campaigns'), join(folder, 'campaigns'), { recursive: true });
  const base = await startSillon(t, ['preview', '--infra', folder], () => rm(folder, { recursive: true, force: true }));
  return { base, folder };
}

test('e-mail, language and lead are chosen, and both screens show them', async (t) => {
  const { base } = await startPreview(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await page.goto(base);
  await page.getByRole('navigation', { name: 'E-mails' }).getByRole('link', { name: 'bienvenue' }).first().click();
  await page.getByRole('navigation', { name: 'Language' }).getByRole('link', { name: 'en' }).click();
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /guide/i);
  assert.equal(await page.locator('iframe').count(), 2);
  const widths = await page.locator('iframe').evaluateAll((frames) => frames.map((frame) => frame.clientWidth));
  assert.deepEqual(widths, [640, 375]);
  for (const title of ['The e-mail on a desktop', 'The e-mail on a phone']) {
    const mail = page.frameLocator(`iframe[title="${title}"]`);
    await mail.getByRole('link', { name: 'Unsubscribe' }).waitFor();
    assert.equal(await mail.locator('html').getAttribute('lang'), 'en');
  }
  await page.getByRole('navigation', { name: 'Lead' }).getByRole('link', { name: 'housing: flat' }).click();
  await page.frameLocator('iframe[title="The e-mail on a phone"]').getByText('flat').first().waitFor();
});

test('the page follows the files, tells their faults, and recovers', async (t) => {
  const { base, folder } = await startPreview(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${base}/?campaign=guide-solaire&mail=bienvenue&language=fr`);
  const file = join(folder, 'campaigns/guide-solaire/emails/bienvenue.fr.md');
  const before = await readFile(file, 'utf8');

  await writeFile(file, before.replace('votre guide est là', 'VOICI VOTRE GUIDE SANS PLUS ATTENDRE'));
  await page.getByRole('heading', { level: 1, name: 'VOICI VOTRE GUIDE' }).waitFor();
  await page.getByText('it shouts').waitFor();

  await writeFile(file, before.replace('lead.first_name', 'lead.frst_name'));
  await page.getByText('unknown trait `frst_name`').waitFor();
  await page.getByText('bienvenue.fr.md:2:').waitFor();
  await page.getByText('write `first_name`').waitFor();

  await writeFile(file, before);
  await page.getByRole('heading', { level: 1, name: 'votre guide est là' }).waitFor();
});
