// Parses and evaluates each expression of jsonata.json, and of the collection if it is there, in the plain-C program and in
// the npm package jsonata, in turns, and prints the medians.  Each is first evaluated once by both: what comes out must be equal.
//
//   node jsonata.mjs PROGRAM FOLDER          FOLDER has the package in its node_modules
//
// Both are handed values under the name $states, no document, and give a value.  Both count the CPU time of the one thread
// that does the work, which is in the favour of the package: its garbage collector and compiler have threads of their own.
// What it gives is a
// promise; an `await` for each is part of what it costs.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const [program, folder] = process.argv.slice(2);
const jsonata = createRequire(`${folder}/`)('jsonata');
const runs = Number(process.env.RUNS ?? 5);
const seconds = Number(process.env.SECONDS_EACH ?? 0.3);
const read = (url) => JSON.parse(readFileSync(url, 'utf8'));

const context = { Execution: { Id: 'arn:aws:states:us-east-1:123456789012:execution:m:e' }, State: { Name: 'S' } };
const own = read(new URL('jsonata.json', import.meta.url));
const sets = [{ title: 'bench/jsonata.json', cases: own.cases, input: own.input }];
const collection = fileURLToPath(new URL('../../shared/corpora/jsonata/', import.meta.url));
if (existsSync(`${collection}bench-cases.json`))
    sets.push({ title: 'the collection', cases: read(`${collection}bench-cases.json`), input: read(`${collection}bench-input.json`) });

function ours(question, ...words) {
    const run = spawnSync(program, words, { encoding: 'utf8', input: JSON.stringify(question) });
    if (run.status !== 0) throw new Error(`${question.expr}: ${run.stderr}`);
    return JSON.parse(run.stdout);
}

async function measure(work, seconds) {
    const began = process.threadCpuUsage();
    let n = 0, batch = 1, passed;
    do {
        for (let i = 0; i < batch; i++) {
            const result = work();
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
const mean = (numbers) => Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
const count = (number) => Math.round(number).toLocaleString('en-US');
const columns = (...cells) => console.log(cells.map((cell, i) => (i ? String(cell).padStart(i % 3 ? 12 : 7) : cell.padEnd(30))).join(' '));

columns('per second of one core', 'parse: ours', 'theirs', 'ratio', 'eval.: ours', 'theirs', 'ratio');
for (const { title, cases, input } of sets) {
    console.log(title);
    const ratios = { parse: [], evaluate: [] };
    for (const { name, expr } of cases) {
        const bindings = { states: { input, context } };
        const expression = jsonata(expr);
        const theirs = { parse: () => jsonata(expr), evaluate: () => expression.evaluate(undefined, bindings) };
        const results = [ours({ expr, bindings }, 'evaluate'), JSON.parse(JSON.stringify(await theirs.evaluate()))];
        if (!isDeepStrictEqual(...results)) throw new Error(`${name}: ${results.map((result) => JSON.stringify(result)).join(' and ')}`);
        const cells = [];
        for (const kind of ['parse', 'evaluate']) {
            await measure(theirs[kind], seconds);
            const a = [], b = [];
            for (let run = 0; run < runs; run++) {
                a.push(ours({ expr, bindings }, kind, String(seconds)));
                b.push(await measure(theirs[kind], seconds));
            }
            ratios[kind].push(median(a) / median(b));
            cells.push(count(median(a)), count(median(b)), ratios[kind].at(-1).toFixed(1));
        }
        columns(`  ${name}`, ...cells);
    }
    columns('  geometric mean', '', '', mean(ratios.parse).toFixed(1), '', '', mean(ratios.evaluate).toFixed(1));
}
