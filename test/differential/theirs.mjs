// Runs cases in aws-local-stepfunctions: a line of JSON in, a line of JSON out.
//
//   node theirs.mjs FOLDER [RULE …]         FOLDER has the package in its node_modules; rules are not corrected
//
// The package is loaded with the corrections of corrections.mjs.  It lives in a time of its own: its timers fire as soon as
// nothing else is left to do, the earliest first, and its clock stands still in between, as does that of test/unit/world.h.
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { corrections } from './corrections.mjs';

const [folder, ...uncorrected] = process.argv.slice(2);
const START = Date.UTC(2026, 0, 1);

// --- time ---

const idle = () => new Promise((resolve) => setImmediate(resolve));
const RealDate = Date;
let now = START;
let timers = new Map(), noted = 0;

globalThis.Date = class extends RealDate {
    constructor(...given) { super(...(given.length ? given : [now])); }
    static now() { return now; }
};
globalThis.setTimeout = (call, delay = 0) => {
    timers.set(++noted, { at: now + Math.max(0, delay), call });
    return noted;
};
globalThis.clearTimeout = (id) => timers.delete(id);

function fireNext() {
    let first;
    for (const [id, timer] of timers) if (first === undefined || timer.at < timers.get(first).at) first = id;
    if (first === undefined) return false;
    const { at, call } = timers.get(first);
    timers.delete(first);
    now = at;
    call();
    return true;
}

// --- the package, corrected ---

// Its own log tells of what happens inside other states late, or not at all: it is told here where it happens.
const told = [
    ['dispatchStateEnteredEvent(stateName, stateType, input) {', 'tell(stateType + "StateEntered", stateName, input);'],
    ['dispatchStateExitedEvent(stateName, stateType, input, output) {', 'tell(stateType + "StateExited", stateName, output);'],
    ['const execution = stateMachine.run(paramValue', 'tell("MapIterationStarted", this.stateName, index);', true],
];
let events;
globalThis.tell = (...event) => events.push(structuredClone(event));

async function load() {
    let text = readFileSync(join(folder, 'node_modules/aws-local-stepfunctions/build/main.node.esm.js'), 'utf8');
    for (const { rule, change } of corrections) {
        if (uncorrected.includes(rule)) continue;
        for (const [from, to] of change) {
            const corrected = text.replaceAll(from, typeof from === 'string' ? () => to : to);
            if (corrected === text) throw new Error(`the package has changed: the correction of "${rule}" finds nothing`);
            text = corrected;
        }
    }
    for (const [place, statement, before] of told)
        text = text.replace(place, before ? `${statement}\n    ${place}` : `${place}\n    ${statement}`);
    const file = join(folder, `corrected-${process.pid}.mjs`);
    writeFileSync(file, text);
    return [await import(pathToFileURL(file)), file];
}

// --- functions: as test/unit/world_functions.h ---

function behave(behaviour, input) {
    const sleep = /^sleep:(\d+) then (.*)$/s.exec(behaviour);
    if (sleep) return new Promise((resolve) => setTimeout(resolve, sleep[1] * 1000)).then(() => behave(sleep[2], input));
    if (behaviour === 'echo') return structuredClone(input);
    if (behaviour.startsWith('const:')) return JSON.parse(behaviour.slice(6));
    const [, name, message] = /^fail:([^:]*):(.*)$/s.exec(behaviour);
    throw Object.assign(new Error(message), { name });
}

function handlers(block, functions, calls, found = {}) {
    for (const [name, state] of Object.entries(block.States)) {
        if (state.Type === 'Task') {
            const called = state.Resource.split(':').pop();
            let n = 0;
            found[name] = async (input) => {
                const behaviour = functions[called];
                calls.push([called, structuredClone(input)]);
                return behave(Array.isArray(behaviour) ? behaviour[Math.min(n++, behaviour.length - 1)] : behaviour, input);
            };
        }
        for (const inner of [...(state.Branches ?? []), state.ItemProcessor ?? state.Iterator].filter(Boolean))
            handlers(inner, functions, calls, found);
    }
    return found;
}

// --- one case ---

async function run({ StateMachine }, { definition, input, functions }) {
    const calls = [];
    const context = {
        Execution: {
            Id: 'arn:aws:states:us-east-1:111111111111:execution:machine:run', Name: 'run',
            RoleArn: 'arn:aws:iam::111111111111:role/sfn-role', RedriveCount: 0, Input: structuredClone(input),
            StartTime: new Date(START).toISOString(),
        },
        StateMachine: { Id: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine', Name: 'machine' },
    };
    let answer;
    now = START;
    timers = new Map();
    events = [];
    const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
    const { result } = machine.run(input, {
        context, overrides: { taskResourceLocalHandlers: handlers(definition, functions, calls) },
    });
    result.then((output) => { answer = { status: 'SUCCEEDED', output }; },
                ({ name, cause: error }) => {
                    answer = name === 'ExecutionTimeoutError' ? { status: 'TIMED_OUT' } :
                        { status: 'FAILED', error: error.name, cause: error.message };
                });
    do await idle(); while (!answer && fireNext());
    if (!answer) return { problem: 'nothing happens any more' };
    return { ...answer, seconds: (now - START) / 1000, calls, events };
}

process.on('unhandledRejection', () => {});
const [library, file] = await load();
unlinkSync(file);
for await (const line of createInterface({ input: process.stdin })) {
    const answer = await run(library, JSON.parse(line)).catch((error) => ({ problem: String(error.stack) }));
    process.stdout.write(JSON.stringify(answer) + '\n');
}
