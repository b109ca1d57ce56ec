#!/usr/bin/env python3
"""JSONata's test cases, through our implementation.

    jsonata.py [FILE] [--show N]

FILE has a case on each line: expr, data (or dataset: datasets/NAME.json beside the file), bindings, depth and timelimit, and
what is to come: result, undefinedResult, or the error's code (or error, an object of which code, message, token, position and
value are compared).  unordered: an array's order does not count.  Without FILE the collection is taken, if it is here.

What we answer otherwise, and why, is listed below; such cases are counted apart, and not as passed.  The last line is
`N passed, N failed`; the exit code is 1 if one fails for which there is no reason.
"""
import argparse, json, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = ROOT.parent / 'shared' / 'corpora' / 'jsonata' / 'cases.jsonl'
TOOL = ROOT / 'build' / 'jsonata_tool'

# Group and name of a case, and why ours is another answer.
OTHERWISE = {
}


def same(a, b, unordered=False):
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        if unordered:
            a, b = sorted(a, key=json.dumps), sorted(b, key=json.dumps)
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b


def agrees(case, answer):
    if 'result' in case:
        return 'result' in answer and same(case['result'], answer['result'], case.get('unordered', False))
    if case.get('undefinedResult'):
        return 'undefined' in answer or 'function' in answer
    error = answer.get('error')
    if error is None:
        return False
    if 'token' in case and case['token'] != error.get('token'):
        return False
    wanted = case.get('error', {'code': case.get('code')})
    return all(same(wanted[field], error.get(field)) for field in ('code', 'message', 'token', 'position', 'value')
               if field in wanted and not (field == 'value' and has_half_character(wanted[field])))


def has_half_character(value):
    """Halves of surrogate pairs, which no JSON of ours can hold."""
    return isinstance(value, str) and any('\ud800' <= c <= '\udfff' for c in value)


def read_cases(file):
    cases, datasets = [], {}
    for number, line in enumerate(file.read_text(encoding='utf-8').splitlines(), 1):
        if not line.strip():
            continue
        case = json.loads(line)
        if not isinstance(case, dict) or not isinstance(case.get('expr'), str):
            raise ValueError(f'line {number} is no case: it has no expr')
        name = case.get('dataset')
        if name:
            if name not in datasets:
                datasets[name] = json.loads((file.parent / 'datasets' / (name + '.json')).read_text(encoding='utf-8'))
            case['data'] = datasets[name]
        cases.append(case)
    return cases


def question(case):
    line = {'expr': case['expr'], 'depth': case.get('depth', 0), 'milliseconds': case.get('timelimit', 0) * 10,
            'bindings': case.get('bindings') or {}}
    if 'data' in case:
        line['input'] = case['data']
    # half characters are written as escapes of the language, which JSON's reader does not take
    text = json.dumps(line, ensure_ascii=False)
    return ''.join(f'\\\\u{ord(c):04x}' if '\ud800' <= c <= '\udfff' else c for c in text)


def ask(cases):
    subprocess.run(['make', '-s', '--no-print-directory', '-C', str(ROOT), 'build/jsonata_tool'], check=True)
    answers = subprocess.run([str(TOOL)], input='\n'.join(map(question, cases)), capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in answers.splitlines()]


def brief(value, length=200):
    text = value.encode('ascii', 'backslashreplace').decode() if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= length else text[:length] + '…'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('file', nargs='?', type=pathlib.Path)
    parser.add_argument('--show', type=int, default=1000, help='failures to show')
    arguments = parser.parse_args()
    file = arguments.file or COLLECTION
    if arguments.file is None and not file.is_file():
        print('skipped: the collection is not here\n0 passed, 0 failed')
        return 0
    try:
        cases = read_cases(file)
    except (OSError, ValueError) as problem:
        print(f'{file} cannot be read: {problem}', file=sys.stderr)
        return 2

    passed, otherwise, wrong = 0, 0, []
    for case, answer in zip(cases, ask(cases), strict=True):
        reason = OTHERWISE.get((case.get('group'), case.get('name')))
        if agrees(case, answer):
            passed += 1
        elif reason:
            otherwise += 1
            print(f"otherwise: {case['group']}/{case['name']} {brief(case['expr'])}: {reason}")
        else:
            wrong.append((case, answer))
    for case, answer in wrong[:arguments.show]:
        wanted = {key: case[key] for key in ('result', 'undefinedResult', 'code', 'error', 'token') if key in case}
        print(f"WRONG: {case.get('group')}/{case.get('name')} {brief(case['expr'], 400)}\n  data   {brief(case.get('data'))}\n"
              f"  wanted {brief(wanted)}\n  got    {brief(answer)}")
    print(f'{len(cases)} cases: {passed} as wanted, {otherwise} otherwise for the reasons above, {len(wrong)} wrong')
    print(f'{passed} passed, {len(cases) - passed} failed')
    return int(bool(wrong))


sys.exit(main())
