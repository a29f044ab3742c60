import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileBlock, readDocument } from './markdown.ts';

/** A call that a publisher's server received, as the samples see it. */
export interface Call {
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/** How the sample of one language is run: the command, and the driver that gives it calls and prints its verdicts. */
interface Language {
  readonly file: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly driver: { readonly file: string; readonly text: string };
}

const languages: Readonly<Record<string, Language>> = {
  'Node.js': {
    file: 'verify.mjs',
    command: process.execPath,
    args: ['driver.mjs'],
    driver: {
      file: 'driver.mjs',
      text: `import { isGenuine } from './verify.mjs';
const calls = JSON.parse(process.argv[2]);
console.log(JSON.stringify(calls.map(({ secret, headers, payload }) => isGenuine(secret, headers, payload))));`,
    },
  },
  Python: {
    file: 'verify.py',
    command: 'python3',
    args: ['-B', 'driver.py'],
    driver: {
      file: 'driver.py',
      text: `import json, sys
from verify import is_genuine
print(json.dumps([is_genuine(call["secret"], call["headers"], call["payload"]) for call in json.loads(sys.argv[1])]))`,
    },
  },
  PHP: {
    file: 'verify.php',
    command: 'php',
    args: ['driver.php'],
    driver: {
      file: 'driver.php',
      text: `<?php
require __DIR__ . '/verify.php';
$verdicts = [];
foreach (json_decode($argv[1], true) as $call) {
    $server = [];
    foreach ($call['headers'] as $name => $value) { $server['HTTP_' . strtoupper(strtr($name, '-', '_'))] = $value; }
    $verdicts[] = is_genuine($call['secret'], $server, $call['payload']);
}
echo json_encode($verdicts);`,
    },
  },
  Go: {
    file: 'verify.go',
    command: 'go',
    args: ['run', 'verify.go', 'driver.go'],
    driver: {
      file: 'driver.go',
      text: `package main

import (
	"encoding/json"
	"net/http"
	"os"
)

func main() {
	var calls []struct {
		Secret  string
		Headers map[string]string
		Payload string
	}
	if err := json.Unmarshal([]byte(os.Args[1]), &calls); err != nil {
		panic(err)
	}
	verdicts := []bool{}
	for _, call := range calls {
		header := http.Header{}
		for name, value := range call.Headers {
			header.Set(name, value)
		}
		verdicts = append(verdicts, IsGenuine(call.Secret, header, call.Payload))
	}
	_ = json.NewEncoder(os.Stdout).Encode(verdicts)
}`,
    },
  },
};

export const sampleLanguages = Object.keys(languages);

/** Whether the language is installed on this machine. */
export function isAvailable(language: string): boolean {
  const command = languages[language]?.command ?? '';
  try {
    execFileSync(command, [command === 'go' ? 'version' : '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Makes a folder with samples of the publishers' document in it. */
export class SampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'postback-samples-'));

  constructor(files: readonly string[]) {
    const document = readDocument('docs/partners/publishers.md');
    for (const file of files) writeFileSync(join(this.path, file), fileBlock(document, file).replace(/^package \w+$/m, 'package main'));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The verdicts of the document's verification code in this language about the calls. */
export async function verdicts(language: string, calls: readonly Call[]): Promise<readonly boolean[]> {
  const known = languages[language];
  if (known === undefined) throw new Error(`no sample in ${language}`);
  const folder = new SampleFolder([known.file]);
  try {
    folder.write(known.driver.file, known.driver.text);
    const { stdout } = await promisify(execFile)(known.command, [...known.args, JSON.stringify(calls)], { cwd: folder.path });
    return JSON.parse(stdout);
  } finally {
    folder.remove();
  }
}
