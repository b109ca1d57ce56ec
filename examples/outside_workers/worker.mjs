#!/usr/bin/env node
// A worker of the activity `measure`, with pg (npm install pg).
//
//     worker.mjs NAME [CONNECTION STRING]
//
// See worker.py, which does the same in Python.
import pg from 'pg';

const [name, connectionString] = process.argv.slice(2);

async function work(picture) {
    return { width: 100 * picture.name.length };
}

const client = new pg.Client(connectionString ? { connectionString } : {});
await client.connect();
for (;;) {
    const { rows: [task] } = await client.query(
        "CALL workflow.get_activity_task('measure', $1, '60 s', NULL, NULL)", [name]);
    if (task.task_token === null) continue;     // nothing came within the minute
    let answer;
    try {
        answer = ['SELECT workflow.send_task_success($1, $2)', [task.task_token, JSON.stringify(await work(task.input))]];
    } catch (error) {
        answer = ['SELECT workflow.send_task_failure($1, $2, $3)', [task.task_token, error.name, error.message]];
    }
    try {
        await client.query(...answer);
    } catch (error) {
        if (!error.code?.startsWith('WF')) throw error;
        console.error(error.message);           // TaskTimedOut: somebody else has the task by now
    }
}
