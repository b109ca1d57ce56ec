#!/usr/bin/env python3
"""JSONata's test cases, through our implementation.

    jsonata.py [FILE] [--show N]

FILE has a case on each line: expr, data (or dataset: datasets/NAME.json beside the file), bindings, depth and timelimit, and
what is to come: result, undefinedResult, or the error's code (or error, an object of which code, message, token, position and
value are compared).  unordered: an array's order does not count.  Without FILE the collection is taken, if it is here.

What we answer otherwise, and why, is listed below; such cases are counted apart, and not as passed.  The last line is
`N passed, N failed`; the exit code is 1 if one fails for which there is no reason.
"""
import json, sys

from collection import ask, brief, read, same

# Group and name of a case, and why ours is another answer.
OTHERWISE = {
}


def agrees(case, answer):
    if 'result' in case:
        return 'result' in answer and same(in_order(case, case['result']), in_order(case, answer['result']))
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


def in_order(case, result):
    return sorted(result, key=json.dumps) if case.get('unordered') and isinstance(result, list) else result


def has_half_character(value):
    """Halves of surrogate pairs, which no JSON of ours can hold."""
    return isinstance(value, str) and any('\ud800' <= c <= '\udfff' for c in value)


def question(case):
    line = {'expr': case['expr'], 'depth': case.get('depth', 0), 'milliseconds': case.get('timelimit', 0) * 10,
            'bindings': case.get('bindings') or {}}
    if 'data' in case:
        line['input'] = case['data']
    # half characters are written as escapes of the language, which JSON's reader does not take
    text = json.dumps(line, ensure_ascii=False)
    return ''.join(f'\\\\u{ord(c):04x}' if '\ud800' <= c <= '\udfff' else c for c in text)


def main():
    cases, arguments = read('jsonata', 'expr', 'data', ('dataset', 'datasets'))
    passed, otherwise, wrong = 0, 0, []
    for case, answer in zip(cases, ask('jsonata_tool', [], map(question, cases)), strict=True):
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
