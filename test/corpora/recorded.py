#!/usr/bin/env python3
"""Run recorded executions through the interpreter alone, without a server, and compare as the conformance runner does.

The recordings and their runner lie beside the repository (../shared/conformance); where they are absent this script says
so and succeeds.  It takes the cases that need no service but Lambda and use none of the features in --without, hands them
to test/unit/run_case.c (compiled here, unless --driver names a binary), and judges the answers with the runner's own
classes: what passes here can fail on a server only for reasons that lie outside the interpreter.

    recorded.py [--only GLOB] [--show N] [--case NAME] [--without LIST] [--sanitize]
"""
import argparse
import collections
import fnmatch
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / 'shared' / 'conformance'
FEATURES = 'Map:DISTRIBUTED'


def load_runner():
    """The conformance runner as a module; it has no suffix that Python would know."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader('conformance', str(SHARED / 'run'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('conformance', loader))
    loader.exec_module(module)
    return module


def build(sanitize):
    """Compile the driver; return its path."""
    driver = 'build/run_case' + ('_sanitized' if sanitize else '')
    subprocess.run(['make', '-s', '--no-print-directory', '-C', str(ROOT), driver], check=True)
    return ROOT / driver


def request(case, runner):
    """A case as the driver reads it."""
    machine = case.machine_name()
    name = case.data.get('execution_name', '00000000-0000-4000-8000-' + case.tag.rjust(12, '0'))
    given = {'definition': case.data['definition'],
             'functions': {runner.lambda_name(b): b for b in case.behaviours},
             'now': int(time.time() * 1000000),
             'horizon': 1000 * 86400,
             'facts': {'id': f'arn:aws:states:us-east-1:111111111111:execution:{machine}:{name}', 'name': name,
                       'role_arn': runner.ROLE_ARN,
                       'state_machine_id': f'arn:aws:states:us-east-1:111111111111:stateMachine:{machine}',
                       'state_machine_name': machine}}
    given['input'] = {} if case.data.get('input_omitted') else case.data['input']
    return given


def judge(case, answer, runner):
    """The runner's verdict on what came back."""
    result, matcher, expect = runner.Result(case), runner.Matcher(case), case.expect
    if 'problem' in answer or 'status' not in answer:
        runner.fail_all(result, answer.get('problem', 'no answer'))
    history = [runner.decode_event(e) for e in answer.get('history', [])]
    result.got = dict(answer, history=history)
    for key in ('status', 'output', 'error'):
        if key == 'output' and expect['status'] == 'RUNNING':
            continue
        result.level('outcome', matcher.diff(expect[key], answer.get(key), '/' + key))
    if expect['status'] != 'RUNNING':
        matcher.diff_cause(expect['cause'], answer.get('cause'), '/cause')
    if expect['history']:
        result.level('history', runner.diff_history(matcher, case, history))
    if matcher.causes or expect['status'] not in ('SUCCEEDED', 'RUNNING') or matcher.cause_differences:
        result.level('cause', next(iter(matcher.cause_differences), None))
    return result


def choose(options, runner):
    """The cases to run, and why the others are left out."""
    cases, skipped = [], collections.Counter()
    without = set(options.without.split(','))
    for n, path in enumerate(sorted((SHARED / 'cases').glob('**/*.json'))):
        name = str(path.relative_to(SHARED))[:-len('.json')]
        if options.case and options.case not in (name, name.partition('/')[2]):
            continue
        if options.only and not fnmatch.fnmatchcase(name.partition('/')[2], options.only):
            continue
        case = runner.Case(path, SHARED, f'rec{n:04d}')
        reason = case.why_skip({'none', 'lambda'}) or ','.join(sorted(without & case.features()))
        if case.data.get('during'):
            reason = reason or 'calls made while it runs'
        if reason:
            skipped[reason] += 1
        else:
            cases.append(case)
    return cases, skipped


def main():
    """Return 0 if all went well or there is nothing to run, 1 if a case failed."""
    parser = argparse.ArgumentParser(description='Run recorded executions through the interpreter alone.')
    parser.add_argument('--only', help='a glob of cases')
    parser.add_argument('--case', help='one case, printed in full')
    parser.add_argument('--show', type=int, default=10, help='print so many failures (default 10)')
    parser.add_argument('--without', default=FEATURES, help=f'features to leave out (default {FEATURES})')
    parser.add_argument('--driver', help='the compiled test/unit/run_case.c')
    parser.add_argument('--sanitize', action='store_true', help='compile it with ASan and UBSan')
    options = parser.parse_args()
    if not (SHARED / 'run').exists():
        print(f'skipped: no recordings at ../{SHARED.relative_to(ROOT.parent)}')
        return 0
    runner = load_runner()
    excludes = runner.load_excludes(SHARED / 'EXCLUDE.txt')
    cases, skipped = choose(options, runner)
    driver = options.driver or build(options.sanitize)
    lines = '\n'.join(json.dumps(request(c, runner), ensure_ascii=False) for c in cases) + '\n'
    done = subprocess.run([str(driver)], input=lines.encode(), stdout=subprocess.PIPE, check=False)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    answers += [{'problem': f'the driver ended with {done.returncode}'}] * (len(cases) - len(answers))
    results = []
    for case, answer in zip(cases, answers):
        result = judge(case, answer, runner)
        excluded = {level for pattern, level, _ in excludes if fnmatch.fnmatchcase(case.id, pattern)}
        for level in [x for x in result.levels if x in excluded or '*' in excluded]:
            del result.levels[level]
            result.differences = [d for d in result.differences if d[0] != level]
        result.state = 'passed' if all(result.levels.values()) else 'failed'
        results.append(result)
    for result in [r for r in results if r.state == 'failed'][:options.show]:
        runner.print_differences(result)
    if options.case and results:
        runner.print_case(results[0])
    for level in runner.LEVELS:
        held = [r.levels[level] for r in results if level in r.levels]
        if held:
            print(f'{level:9}{sum(held):5} of {len(held):5}  {100 * sum(held) / len(held):6.1f} %')
    states = collections.Counter(r.state for r in results)
    print(f"{states['passed']} passed, {states['failed']} failed, {sum(skipped.values())} left out")
    return 1 if states['failed'] or done.returncode else 0


if __name__ == '__main__':
    sys.exit(main())
