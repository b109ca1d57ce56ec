#!/usr/bin/env python3
"""A worker of the activity `caption`, with psycopg 3 (Debian: python3-psycopg).

    worker.py NAME [CONNECTION STRING]

It takes one task after the other until it is stopped.  Between tasks it waits in the server, without a transaction and without
polling.  If it is killed in the middle of a task, nothing is lost: its heartbeats stop, and the state's Retry offers the work
to another worker.
"""
import sys
import time

import psycopg


def work(connection, token, picture):
    """Whatever takes long, in pieces: between them the server is told that we are alive."""
    words = ['A', 'fine', 'view', 'of', picture['name']]
    caption = []
    for word in words:
        time.sleep(0.05)
        caption.append(word)
        connection.execute('SELECT workflow.send_task_heartbeat(%s)', (token,))
    return {'caption': ' '.join(caption), 'worker': sys.argv[1]}


def main():
    # Autocommit: what was taken counts when CALL returns, and a procedure that waits holds no transaction open.
    with psycopg.connect(sys.argv[2] if len(sys.argv) > 2 else '', autocommit=True) as connection:
        while True:
            token, picture = connection.execute(
                "CALL workflow.get_activity_task('caption', %s, '60 s', NULL, NULL)", (sys.argv[1],)).fetchone()
            if token is None:
                continue            # nothing came within the minute
            try:
                result = work(connection, token, picture)
                connection.execute('SELECT workflow.send_task_success(%s, %s)', (token, psycopg.types.json.Jsonb(result)))
            except psycopg.errors.DatabaseError as error:
                # TaskTimedOut: it took us too long, and somebody else has the task by now.
                print(error, file=sys.stderr)
            except Exception as error:
                connection.execute('SELECT workflow.send_task_failure(%s, %s, %s)',
                                   (token, type(error).__name__, str(error)))


if __name__ == '__main__':
    main()
