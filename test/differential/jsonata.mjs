// Compares JSONata expressions, one after the other, here and in the npm package jsonata.
//
//   node jsonata.mjs BUILD [SEED] [COUNT] [option …]
//
//   --syntax         only whether a text is an expression: soup of tokens, and expressions that have been spoilt
//   --show N         examples of each kind of difference (default 1), made as small as they still differ
//   --case SEED/N    one case, as a difference shows it, in full
//   --expr TEXT      one expression, without a document
//   --file FILE      the expressions of a file instead (jsonata_written.txt says how they stand in it); compares errors in full
//   --all            count what jsonata_deviations.mjs excuses as differences, too
//   --whole          show the cases as they were generated
//   --tool FILE      another program than build/unit/jsonata_tool, which is the one under the sanitizers
//
// Compared are values, in all depth and with the order of their keys, or the codes of errors; of errors of syntax also where
// they are and what they say.  Every difference that is left is news, and fails the run.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { deviation } from './jsonata_deviations.mjs';
import { generate, scramble, tokens } from './jsonata_generate.mjs';

const { values: options, positionals: [build, seed = '1', count = '3000'] } = parseArgs({
    allowPositionals: true,
    options: { syntax: { type: 'boolean' }, show: { type: 'string', default: '1' }, case: { type: 'string' }, expr: { type: 'string' }, file: { type: 'string' }, all: { type: 'boolean' },
               whole: { type: 'boolean' }, tool: { type: 'string' } },
});
const jsonata = createRequire(resolve(build, 'differential') + '/')('jsonata');
const tool = options.tool ?? resolve(build, 'unit/jsonata_tool');
const collection = resolve(build, '../../shared/corpora/jsonata/cases.jsonl');

// An answer is {value}, {nothing}, {function}, {code, position}, or {died} with what was said.

// How long an evaluation may take; what is made smaller often never ends.
let patience = 5000;

// --- theirs ---

const isFunction = (value) => typeof value === 'function' || (value !== null && typeof value === 'object' && (value._jsonata_function === true || value._jsonata_lambda === true));

// As JSON has it: nothing and functions are left out of objects, and null in arrays; numbers that it cannot hold have names.
function plain(value) {
    if (value === null || value === undefined || isFunction(value)) return null;
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (Array.isArray(value)) return Array.from(value, plain);
    if (typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined && !isFunction(v)).map(([k, v]) => [k, plain(v)]));
}

async function theirs(question) {
    const { expr, input, bindings } = structuredClone(question);
    try {
        const expression = jsonata(expr, { timeout: patience, stack: 2000 });
        if (options.syntax) return { nothing: true };
        const value = await expression.evaluate(input, bindings);
        return value === undefined ? { nothing: true } : isFunction(value) ? { function: true } : { value: plain(value) };
    } catch (error) {
        return typeof error?.code === 'string' ? { code: error.code, position: error.position ?? -1, message: error.message } : { died: String(error) };
    }
}

// --- ours ---

const line = (question) => JSON.stringify({ ...question, milliseconds: 2 * patience });

function ours(questions) {
    const answers = [];
    while (answers.length < questions.length) {
        const run = spawnSync(tool, options.syntax ? ['references'] : [], { input: questions.slice(answers.length).map(line).join('\n') + '\n', maxBuffer: 1 << 30, encoding: 'utf8',
            env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=1' } });
        const lines = run.stdout.split('\n').slice(0, -1);
        for (const text of lines) {
            const { result, error, ...rest } = JSON.parse(text);
            answers.push(error ? { code: error.code ?? `limit ${error.kind}`, position: error.position, message: error.message } : rest.function ? { function: true } :
                rest.undefined || rest.references ? { nothing: true } : result === undefined ? { died: text } : { value: result });
        }
        if (lines.length === 0 || answers.length < questions.length) {
            const said = /^.*(?:ERROR|runtime error).*$|^ +#\d .*(?:src|test)\/.*$/gm;
            answers.push({ died: (run.stderr.match(said) ?? [run.signal ?? `exit ${run.status}`]).slice(0, 4).join(' ') });
        } else if (run.status !== 0) {
            leaks.push(run.stderr.slice(0, 3000));
        }
    }
    return answers.slice(0, questions.length);
}
const leaks = [];

// --- comparing ---

function same(a, b) {
    if (a === b || (typeof a === 'number' && typeof b === 'number' && a === b)) return true;
    if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || Array.isArray(a) !== Array.isArray(b)) return false;
    const [x, y] = [Object.keys(a), Object.keys(b)];
    return x.length === y.length && x.every((key, i) => key === y[i] && same(a[key], b[key]));
}

const kind = (answer) => answer.code ?? Object.keys(answer)[0];

// Whether, and how, two answers differ: {signature}, or {excuse}.
function difference(question, our, their) {
    const found = compare(our, their);
    const excuse = found && !options.all && deviation(question, our, their);
    return excuse ? { excuse } : { signature: found };
}

function compare(our, their) {
    if (kind(our) !== kind(their)) return `${kind(our)} | ${kind(their)}`;
    if ('value' in our && !same(our.value, their.value)) {
        const shape = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
        return `value: ${shape(our.value)} | ${shape(their.value)}`;
    }
    if (our.code?.startsWith('S') && our.position !== their.position) return `position of ${our.code}`;
    if ((options.file || our.code?.startsWith('S')) && our.code !== 'S0303' && our.message !== their.message) return `message of ${our.code}`;
    return undefined;
}

async function judge(questions) {
    const our = ours(questions);
    const found = [];
    for (const [i, question] of questions.entries()) {
        const their = await theirs(question);
        found.push({ question, our: our[i], their, ...difference(question, our[i], their) });
    }
    return found;
}

// --- making a case small ---

function* smallerValues(value) {
    if (Array.isArray(value)) {
        yield* value;
        for (let i = 0; i < value.length; i++) {
            yield value.toSpliced(i, 1);
            for (const small of smallerValues(value[i])) yield value.with(i, small);
        }
    } else if (value !== null && typeof value === 'object') {
        for (const key of Object.keys(value)) {
            const { [key]: member, ...rest } = value;
            yield rest;
            yield member;
            for (const small of smallerValues(member)) yield { ...value, [key]: small };
        }
    } else if (value !== 1 && value !== null) {
        yield 1;
    }
}

function* smallerTexts(text) {
    const parts = tokens(text);
    const closing = { '(': ')', '[': ']', '{': '}' };
    for (let i = 0; i < parts.length; i++) {
        if (closing[parts[i]] === undefined) continue;
        let depth = 0;
        const end = parts.findIndex((part, j) => j >= i && ((depth += (part in closing) - ([')', ']', '}'].includes(part))) === 0));
        if (end > i) {
            yield parts.slice(i + 1, end).join('');
            yield parts.toSpliced(i, end - i + 1).join('');
            yield parts.toSpliced(end, 1).toSpliced(i, 1).join('');
            yield parts.toSpliced(i, end - i + 1, '1').join('');
        }
    }
    for (let length = parts.length >> 1; length > 0; length = length > 8 ? length >> 1 : length - 1)
        for (let i = 0; i + length <= parts.length; i++) yield parts.toSpliced(i, length).join('');
    for (let i = 0; i < parts.length; i++)
        for (const small of ['1', 'a', '$']) if (/\w\w|"..|'/.test(parts[i])) yield parts.with(i, small).join('');
}

function* smaller({ expr, input, bindings }) {
    for (const text of smallerTexts(expr)) yield { expr: text, input, bindings };
    if (options.syntax) return;
    if (bindings !== undefined && Object.keys(bindings).length) yield { expr, input, bindings: {} };
    if (input !== undefined) yield { expr, input: undefined, bindings };
    for (const value of smallerValues(input)) yield { expr, input: value, bindings };
    for (const value of smallerValues(bindings)) if (value !== null && typeof value === 'object' && !Array.isArray(value)) yield { expr, input, bindings: value };
}

async function shrink(finding) {
    patience = 200;
    for (let round = 0; round < 60; round++) {
        const size = JSON.stringify(finding.question).length;
        const candidates = [...smaller(finding.question)].filter((question) => JSON.stringify(question).length < size).sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
        let better;
        for (let i = 0; i < candidates.length && !better; i += 100)
            better = (await judge(candidates.slice(i, i + 100))).find((other) => other.signature === finding.signature);
        if (!better) break;
        finding = better;
    }
    return finding;
}

// --- the run ---

// The expressions of a file: a line each.  A line that begins with two hyphens gives the document of those behind it, as JSON or as
// the name of one beside the collection; one that begins with two equals signs, a group; one that begins with two colons, bindings.
function readWritten(file) {
    const questions = [];
    let input, bindings, known = true;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
        const [mark, rest] = [line.slice(0, 2), line.slice(2).trim()];
        if (line.trim() === '' || mark === '# ') continue;
        if (mark === '==') [input, bindings, known] = [undefined, undefined, true];
        else if (mark === '::') bindings = rest ? JSON.parse(rest) : undefined;
        else if (mark === '--') {
            const data = /^\w+$/.test(rest) && resolve(collection, `../datasets/${rest}.json`);
            known = !data || existsSync(data);
            input = !known || rest === '' ? undefined : JSON.parse(data ? readFileSync(data, 'utf8') : rest);
        } else if (known) questions.push({ expr: line, input, bindings });
    }
    return questions;
}

const texts = existsSync(collection) ? readFileSync(collection, 'utf8').split('\n').filter(Boolean).map((text) => JSON.parse(text).expr).filter((text) => typeof text === 'string' && text.isWellFormed()) : [];
const written = options.file ? readWritten(options.file) : [];
const make = (at) => (options.file ? written[at.split('/')[1]] : options.syntax ? { expr: scramble(at, texts) } : generate(at));
const brief = (value) => { const text = JSON.stringify(value) ?? 'none'; return text.length > 500 ? text.slice(0, 500) + '…' : text; };

function show({ at, question, our, their }) {
    console.log(`    ${at}: ${question.expr.replaceAll('\n', '\\n')}`);
    if (!options.syntax) console.log(`        data ${brief(question.input)} bindings ${brief(question.bindings)}`);
    console.log(`        ours ${brief(our)}\n        theirs ${brief(their)}`);
}

const single = options.expr !== undefined ? { expr: options.expr } : options.case && make(options.case);
if (single) {
    const [found] = await judge([single]);
    console.log(found.signature ?? (found.excuse ? `excused: ${found.excuse}` : 'agrees'));
    show({ at: options.case, ...found });
    if (found.signature) show({ at: 'smaller', ...await shrink(found) });
    process.exit(found.signature ? 1 : 0);
}
const groups = new Map();
const excuses = new Map();
const kinds = { value: 0, nothing: 0, function: 0, error: 0 };
const asked = options.file ? written.length : Number(count);
let failed = 0, total = 0;
for (let n = 0; n < asked; n += 500) {
    const places = Array.from({ length: Math.min(500, asked - n) }, (_, i) => `${seed}/${n + i}`);
    const questions = places.map((at) => make(at));
    for (const [i, found] of (await judge(questions)).entries()) {
        total++;
        kinds[found.their.code || found.their.died ? 'error' : kind(found.their)]++;
        if (found.excuse) excuses.set(found.excuse, (excuses.get(found.excuse) ?? 0) + 1);
        if (!found.signature) continue;
        failed++;
        groups.set(found.signature, [...groups.get(found.signature) ?? [], { at: places[i], ...found }]);
    }
}
for (const [signature, members] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`DIFFERENCE ${signature} (ours | theirs): ${members.length}`);
    const shown = new Set();
    for (const finding of members.slice(0, Number(options.show))) {
        const small = options.whole ? finding : { at: finding.at, ...await shrink(finding) };
        if (!shown.has(small.question.expr)) show(small);
        shown.add(small.question.expr);
    }
}
for (const text of leaks.slice(0, 2)) console.log(`LEAK or a late end: ${text}`);
for (const [excuse, times] of excuses) console.log(`excused ${times}: ${excuse}`);
console.log(`theirs: ${Object.entries(kinds).map(([what, times]) => `${what} ${times}`).join(', ')}`);
failed += leaks.length;
console.log(`${total - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
