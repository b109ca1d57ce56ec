#!/usr/bin/env python3
"""JSONPath's test cases, as answered by the library that the service uses, through our paths.

A case passes if the result is the same (numbers by value, order of arrays counting), or if both sides find nothing or an
error.  Where the library misses a property on the way of an indefinite path it raises an error; the service was recorded
to give [] then, and so do we: that counts as the same.  The rate must not fall below FLOOR: exactness is still to come.

    paths.py [--show N]
"""
import json, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / 'shared' / 'corpora' / 'jsonpath'
TOOL = ROOT / 'build' / 'asl_tool'
FLOOR = 0.95


def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or abs(a - b) < 1e-9
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b


def agrees(case, answer):
    if 'error' in case:
        if case['error'] == 'PathNotFoundException':
            return 'missing' in answer or 'error' in answer or (not case.get('definite', True) and answer.get('result') == [])
        return 'error' in answer or 'missing' in answer
    return 'result' in answer and same(case.get('result'), answer['result'])


def main():
    show = int(sys.argv[2]) if sys.argv[1:2] == ['--show'] else 0
    if not CORPUS.is_dir():
        print('skipped: the collection is not here\n0 passed, 0 failed')
        return 0
    subprocess.run(['make', '-s', '--no-print-directory', '-C', str(ROOT), 'build/asl_tool'], check=True)
    cases, lines = [], []
    for line in (CORPUS / 'cases.jsonl').read_text().splitlines():
        case = json.loads(line)
        if 'documentRef' in case:
            case['document'] = json.loads((CORPUS / 'documents' / (case['documentRef'] + '.json')).read_text())
        cases.append(case)
        # the library puts `$.` before a path without a root; the language wants it written
        path = case['path'] if case['path'][:1] in ('$', '@', '') else '$.' + case['path'].lstrip('.')
        lines.append(json.dumps({'path': path, 'document': case['document']}))
    answers = subprocess.run([str(TOOL), 'path'], input='\n'.join(lines), capture_output=True, text=True, check=True).stdout
    passed, wrong = 0, []
    for case, answer in zip(cases, map(json.loads, answers.splitlines()), strict=True):
        if agrees(case, answer):
            passed += 1
        else:
            wrong.append((case, answer))
    for case, answer in wrong[:show]:
        print(case['path'], json.dumps(case['document'])[:160], '\n   wants', str(case.get('error', case.get('result')))[:160],
              case.get('message', '')[:100], '\n   got  ', json.dumps(answer)[:200])
    rate = passed / len(cases)
    print(f'{passed} of {len(cases)} cases agree ({rate:.1%})')
    print(f'{int(rate >= FLOOR)} passed, {int(rate < FLOOR)} failed')
    return rate < FLOOR


sys.exit(main())
