import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isPortFree, choosePort, freePort } from './free-port.ts';
import { infraDirectory } from './infra-directory.ts';
import { kafkaJars } from './kafka-jars.ts';
import { requireJava } from './require-java.ts';
import { requireMaven } from './require-maven.ts';
import { closedParent } from './traversable.ts';
import { requireSpace, requireWritable } from './writable-directory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-requirements-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): NodeJS.ProcessEnv {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin` };
}

describe('requireJava', () => {
  it('says what to install, or which variable to set, when there is no Java', () => {
    expect(() => requireJava({ PATH: folder })).toThrow(expect.objectContaining({ code: 'JAVA_MISSING', hint: expect.stringMatching(/JDK 17.*KAFKA_BROKERS/) }));
    expect(() => requireJava({ PATH: process.env['PATH'], JAVA_HOME: folder })).toThrow(expect.objectContaining({ code: 'JAVA_MISSING', message: expect.stringContaining('JAVA_HOME') }));
  });

  it('refuses an old one and takes a new one, also behind a line about picked up options', () => {
    expect(() => requireJava(program('java', `echo 'openjdk version "11.0.2" 2019-01-15' >&2`))).toThrow(expect.objectContaining({ code: 'JAVA_MISSING', message: expect.stringContaining('11.0.2') }));
    expect(requireJava(program('java', `echo 'Picked up JAVA_TOOL_OPTIONS: -Dx' >&2; echo 'openjdk version "25" 2025-09-16' >&2`))).toEqual({
      command: 'java',
      version: 'openjdk version "25" 2025-09-16',
      major: 25,
    });
  });
});

describe('requireMaven', () => {
  it('says what to install, or which variable to set', () => {
    expect(() => requireMaven({ PATH: folder })).toThrow(expect.objectContaining({ code: 'MAVEN_MISSING', hint: expect.stringMatching(/maven.*KAFKA_BROKERS/) }));
    expect(() => requireMaven(program('mvn', 'echo JAVA_HOME is not set; exit 1'))).toThrow(expect.objectContaining({ code: 'MAVEN_MISSING', message: expect.stringContaining('JAVA_HOME is not set') }));
  });
});

describe('kafkaJars', () => {
  it('asks Maven once per content of the pom', async () => {
    const pom = path.join(folder, 'pom.xml');
    const calls = path.join(folder, 'calls');
    const fake = `for a in "$@"; do case "$a" in -DoutputDirectory=*) touch "\${a#-DoutputDirectory=}/b.jar" "\${a#-DoutputDirectory=}/a.jar"; echo copied >> ${calls};; esac; done`;
    const environment = program('mvn', fake);
    writeFileSync(pom, '<kafka.version>1.2.3</kafka.version>');
    const lines: string[] = [];
    const first = await kafkaJars(pom, folder, (line) => lines.push(line), environment);
    expect(first.classPath.split(':').map((jar) => path.relative(folder, jar))).toEqual(['kafka/1.2.3/a.jar', 'kafka/1.2.3/b.jar']);
    expect(await kafkaJars(pom, folder, (line) => lines.push(line), environment)).toEqual(first);
    expect(lines).toHaveLength(1);
    writeFileSync(pom, '<kafka.version>1.2.3</kafka.version><!-- another log4j -->');
    expect((await kafkaJars(pom, folder, (line) => lines.push(line), environment)).hash).not.toBe(first.hash);
    expect(lines).toHaveLength(2);
  });

  it("passes on Maven's reason, and tries again the next time", async () => {
    const pom = path.join(infraDirectory(), 'kafka', 'pom.xml');
    const attempt = (complaint: string): Promise<unknown> =>
      kafkaJars(pom, folder, () => undefined, program('mvn', `[ "$1" = --version ] || { echo "${complaint}"; exit 1; }`));
    await expect(attempt('[ERROR] Could not transfer artifact')).rejects.toMatchObject({
      code: 'MAVEN_FAILED',
      retriable: true,
      message: expect.stringContaining('Could not transfer artifact'),
    });
    await expect(attempt('java.io.IOException: No space left on device')).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readdirSync(path.join(folder, 'kafka'))).toEqual([]);
  });
});

describe('folders', () => {
  it('that cannot be used are named', () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    expect(() => requireWritable(path.join(file, 'data'))).toThrow(expect.objectContaining({ code: 'DIRECTORY_UNREADABLE', message: expect.stringContaining(file), hint: expect.stringContaining('--data-dir') }));
    requireWritable(path.join(folder, 'new', 'deep'));
  });

  it('on a disk with too little space are refused', () => {
    expect(() => requireSpace(folder, Number.MAX_SAFE_INTEGER)).toThrow(expect.objectContaining({ code: 'DISK_FULL', hint: expect.stringContaining('npm run clean') }));
    requireSpace(folder, 1);
  });

  it('closed to another user are found, however deep below them one asks', () => {
    const deep = path.join(folder, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    chmodSync(folder, 0o755);
    expect(closedParent(deep, 12_345)).toBeUndefined();
    chmodSync(path.join(folder, 'a'), 0o750);
    expect(closedParent(deep, 12_345)).toBe(path.join(folder, 'a'));
    expect(closedParent(deep, process.getuid?.() ?? 0)).toBeUndefined();
  });
});

describe('ports', () => {
  it('lie below those that systems take for outgoing connections', async () => {
    const port = await freePort();
    expect(port).toBeLessThan(32_768);
    expect(await isPortFree(port)).toBe(true);
    expect(await choosePort(undefined, port, 'x')).toBe(port);
  });
});
