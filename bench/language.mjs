// Runs every case of language.json in the plain-C program and in aws-local-stepfunctions (or, for a path alone, in the
// library that finds paths for it), in turns, and prints the medians.  A case is first run once in both: what comes out
// must be equal.
//
//   node language.mjs PROGRAM FOLDER          FOLDER has the package in its node_modules
//
// Both count the CPU time of the one thread that does the work.  That is in the package's favour: its garbage collector
// and compiler have threads of their own.  So is that in executions it is handed values and hands values back, where ours
// reads and writes text.  In ours' favour is that it parses a path once and the other library keeps it in a table.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const [program, folder] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { StateMachine } = require('aws-local-stepfunctions');
const { JSONPath } = require('jsonpath-plus');
const file = fileURLToPath(new URL('language.json', import.meta.url));
const runs = Number(process.env.RUNS ?? 5);
const seconds = Number(process.env.SECONDS_EACH ?? 0.3);

// What is measured, and how the package does it once; without `theirs`, it cannot be asked for that alone.
const execution = {
    open: (c) => ({ machine: new StateMachine(c.definition), input: c.input }),
    theirs: ({ machine, input }) => machine.run(input).result,
};
const kinds = {
    definition: {
        title: 'parse and check a definition',
        open: (c) => JSON.stringify(c.definition),
        theirs: (text) => new StateMachine(JSON.parse(text)),
        shown: () => true,
    },
    path: {
        title: 'evaluate a path',
        open: (c) => ({ path: c.path, json: c.input, wrap: false }),
        theirs: (options) => JSONPath(options),
    },
    template: { title: 'fill in a template' },
    choice: { title: 'find the rule of a Choice' },
    execution: { title: 'whole execution', ...execution },
    history: { title: 'the same, with its history packed for the store', ...execution },
};

function ours(c, kind, ...more) {
    const run = spawnSync(program, [file, c.name, kind, ...more], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${c.name}, ${kind}: ${run.stderr}`);
    return JSON.parse(run.stdout);
}

async function measure(kind, subject, seconds) {
    const began = process.threadCpuUsage();
    let n = 0, batch = 1, passed;
    do {
        for (let i = 0; i < batch; i++) {
            const result = kind.theirs(subject);
            if (result instanceof Promise) await result;
        }
        n += batch;
        const { user, system } = process.threadCpuUsage(began);
        passed = (user + system) / 1e6;
        if (passed < seconds / 16) batch *= 2;
    } while (passed < seconds);
    return n / passed;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const count = (number) => Math.round(number).toLocaleString('en-US');

function print(title, a, b, ratio) {
    console.log(`${title.padEnd(62)} ${a.padStart(12)} ${b.padStart(24)} ${ratio.padStart(7)}`);
}

print('per second of one core', 'workflow', 'aws-local-stepfunctions', 'ratio');
const cases = JSON.parse(readFileSync(file, 'utf8'));
for (const [name, kind] of Object.entries(kinds)) {
    console.log(kind.title);
    for (const c of cases.filter((c) => c.kinds.includes(name))) {
        const subject = kind.open?.(c);
        if (kind.theirs) {
            const result = await kind.theirs(subject);
            if (!isDeepStrictEqual(ours(c, name), kind.shown ? kind.shown(result) : result))
                throw new Error(`${c.name}, ${name}: ${JSON.stringify(ours(c, name))} and ${JSON.stringify(result)}`);
            await measure(kind, subject, 1);
        }
        const a = [], b = [];
        for (let run = 0; run < runs; run++) {
            a.push(ours(c, name, String(seconds)));
            if (kind.theirs) b.push(await measure(kind, subject, seconds));
        }
        print(`  ${c.name}`, count(median(a)), kind.theirs ? count(median(b)) : '',
              kind.theirs ? (median(a) / median(b)).toFixed(1) : '');
    }
}
