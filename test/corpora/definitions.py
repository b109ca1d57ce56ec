#!/usr/bin/env python3
"""Definitions that people wrote and collections of wrong ones, through the checker.

Valid definitions must be accepted and must parse; wrong ones must be refused, where the collection says a place at that
place, and those that the service itself was recorded to refuse with its code, words and place.  The collections lie beside
the repository (../shared); where they are absent this script says so and succeeds.  What is known to differ is listed here,
with the reason.
"""
import json, pathlib, re, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / 'shared'
TOOL = ROOT / 'build' / 'asl_tool'

# Engines with resources of their own: that alone does not make their definitions wrong.
OWN_RESOURCES = ('sb__', 'floe__', 'cb__', 'sl__', 'guy__')

# In the collection of valid ones, yet refused: by the service too, except where it says "here".
NOT_VALID = {
    'als__documenttaskvalidvariablesubstitution': 'a placeholder ${…} that a deployment tool replaces first',
    'val__valid-cfn-definition-substitutions': 'a placeholder ${…} that a deployment tool replaces first',
    'val__valid-task-intrisic-function': 'a placeholder {"Fn::GetAtt": …} that a deployment tool replaces first',
    'floe__readme-md': "an engine's own extension: ResultPath into the context object, Credentials without RoleArn",
    'floe__examples-everything': "an engine's own extensions; one state name stands twice",
    'floe__examples-set-credential': "an engine's own extension: Credentials without RoleArn",
    'sl__task-with-credentials': "Credentials with roleArn in place of RoleArn: the service was recorded to refuse such",
    'val__valid-task-credentials': 'Credentials without RoleArn: the service was recorded to refuse such',
    'ls__scenarios-map-state-label-too-long-fail': 'a recording of the refusal',
    'als__documenttaskjsonata': "a text for an editor's completion: $states.function, and the result in a Catcher",
    'als__stateleveljsonatadocument': 'the document itself, $, at the top level of an expression: the service was seen to refuse it',
    'val__valid-assign': 'a variable called top-level: no identifier, the service refuses it',
    'val__valid-map-with-item-batcher-jsonata': 'a JSONPath state in a JSONata machine: the service was recorded to refuse such',
    'val__valid-path-array-context': 'a script in brackets: Jayway has none',
}

# In the collection of wrong ones, yet accepted.
NOT_WRONG = {
    'val__invalid-math-add': 'the service looks at the arguments of intrinsic functions when they are called',
    'val__invalid-json-surround-syntax-extra-spaces': "blanks inside {% %}: one linter's taste",
    'val__invalid-jsonata-surround-syntax-no-spaces': "no blanks inside {% %}: one linter's taste",
}


def run(*arguments, stdin=None):
    return subprocess.run([str(TOOL), *map(str, arguments)], input=stdin, capture_output=True, text=True, check=True).stdout


def check(files, *flags):
    return [json.loads(line) for line in run('check', *files, *flags).splitlines()]


def errors(answer):
    return [d for d in answer['diagnostics'] if d['severity'] == 'ERROR']


def say(diagnostic):
    return f'{diagnostic["code"]}: {diagnostic["message"]} at {diagnostic["location"] or "null"}'


def stated_places(why):
    """The places that linters name: «/States/A/Choices/0/Next is invalid», spelled in the service's way."""
    return [re.sub(r'/(\d+)(?=/|$)', r'[\1]', place) for place in re.findall(r'^\w+: (/.*?) is invalid', '\n'.join(why), re.M)]


def overlap(a, b):
    """A place, or one around it; a name may itself have slashes."""
    return a == b or a.startswith(b.rstrip('/') + '/') or b.startswith(a.rstrip('/') + '/')


class Score:
    def __init__(self):
        self.passed = self.failed = 0

    def note(self, good, name, why):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f'FAILED {name}: {why}')


def valid(score):
    files = sorted((SHARED / 'corpora/asl/valid').glob('*.json'))
    for file, answer in zip(files, check(files)):
        wrong = errors(answer)
        if file.name.startswith(OWN_RESOURCES):
            wrong = [d for d in wrong if not ((d['location'] or '').endswith('/Resource') and 'resource ARN' in d['message'])]
        if file.stem in NOT_VALID:
            score.note(wrong, file.stem, f'accepted, though: {NOT_VALID[file.stem]}')
        else:
            score.note(not wrong, file.stem, wrong[:3])
        if not errors(answer):
            parsed = run('parse', file)
            score.note(parsed.startswith('ok '), file.stem, f'accepted but not parsed: {parsed}')


def wrong(score, scratch):
    files = sorted((SHARED / 'corpora/asl/invalid').glob('*.json'))
    for file in files:
        case = json.loads(file.read_text())
        target = scratch / file.name
        text = case['definition'] if isinstance(case['definition'], str) else json.dumps(case['definition'])
        target.write_text(text)
        answer = check([target])[0]
        found = errors(answer)
        if file.stem in NOT_WRONG:
            score.note(not found, file.stem, f'refused, though: {NOT_WRONG[file.stem]}: {found}')
            continue
        score.note(found, file.stem, f'accepted, though: {case["why"][:2]}')
        places = stated_places(case['why'])
        if found and places:
            score.note(any(overlap(place, d['location'] or '/') for place in places for d in found), file.stem,
                       f'{[d["location"] for d in found]} instead of {places}')
        if file.name.startswith('aws__') and found:
            # «CODE: message at /place», as the service said it
            said = [say(d) for d in found]
            score.note(case['why'][0] in said, file.stem, f'{said} instead of {case["why"][0]}')


def recorded(score, scratch):
    """What the service itself answered."""
    for file in sorted((SHARED / 'conformance/validation').glob('*.json')):
        case = json.loads(file.read_text())
        expect = case['expect']
        target = scratch / 'definition.json'
        definition = case['definition']
        target.write_text(definition if isinstance(definition, str) else json.dumps(definition, ensure_ascii=False))
        found = errors(check([target], *(['--express'] if case['type'] == 'EXPRESS' else []))[0])
        name = 'validation/' + file.stem
        if expect['valid']:
            score.note(not found, name, found)
        elif expect.get('diagnostics'):
            want = [(d['code'], d['message'], d.get('location')) for d in expect['diagnostics']]
            score.note([(d['code'], d['message'], d['location']) for d in found] == want, name, f'{found} instead of {want}')
        else:
            message = (expect.get('error') or {}).get('message')
            said = ', '.join(say(d) for d in found)
            if message is None:
                score.note(found, name, 'accepted')
            elif 'is not recognized' in message:
                score.note(True, name, '')  # any service's ARN may be mapped to local work
            else:
                score.note(message == f"Invalid State Machine Definition: '{said}'", name, f'{said} instead of {message}')
    for folder in ('cases', 'test_state'):
        for file in sorted((SHARED / 'conformance' / folder).rglob('*.json')):
            case = json.loads(file.read_text())
            definition = case.get('definition')
            if not isinstance(definition, dict) or 'States' not in definition:
                continue
            target = scratch / 'definition.json'
            target.write_text(json.dumps(definition, ensure_ascii=False))
            found = errors(check([target])[0])
            refusal = json.dumps(case.get('expect')).find('Invalid State Machine Definition') >= 0
            score.note(bool(found) == refusal, f'{folder}/{file.stem}', found[:3])


def main():
    if not (SHARED / 'corpora').is_dir():
        print('skipped: the collections are not here\n0 passed, 0 failed')
        return 0
    subprocess.run(['make', '-s', '--no-print-directory', '-C', str(ROOT), 'build/asl_tool'], check=True)
    scratch = ROOT / 'build' / 'corpora'
    scratch.mkdir(parents=True, exist_ok=True)
    score = Score()
    valid(score)
    wrong(score, scratch)
    recorded(score, scratch)
    print(f'{score.passed} passed, {score.failed} failed')
    return score.failed > 0


sys.exit(main())
