"""What the checks of collections of cases, a line each, have in common: reading them, asking a tool, comparing answers."""
import argparse, json, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(name, key, value, shared):
    """The cases of the FILE that the command line names, or of the collection, and the command line's arguments.

    Each case has a text under `key`.  What it is asked about stands under `value`, or in a file that `shared` names: the field
    with that file's name, and the folder beside FILE where it lies.  Without a collection, or where FILE cannot be read, the
    program ends here."""
    parser = argparse.ArgumentParser()
    parser.add_argument('file', nargs='?', type=pathlib.Path)
    parser.add_argument('--show', type=int, default=1000, help='failures, and messages that differ, to show')
    arguments = parser.parse_args()
    file = arguments.file or ROOT.parent / 'shared' / 'corpora' / name / 'cases.jsonl'
    if arguments.file is None and not file.is_file():
        print('skipped: the collection is not here\n0 passed, 0 failed')
        sys.exit(0)
    try:
        return read_cases(file, key, value, *shared), arguments
    except (OSError, ValueError) as problem:
        print(f'{file} cannot be read: {problem}', file=sys.stderr)
        sys.exit(2)


def read_cases(file, key, value, reference, folder):
    cases, files = [], {}
    for number, line in enumerate(file.read_text(encoding='utf-8').splitlines(), 1):
        if not line.strip():
            continue
        case = json.loads(line)
        if not isinstance(case, dict) or not isinstance(case.get(key), str):
            raise ValueError(f'line {number} is no case: it has no {key}')
        name = case.get(reference)
        if name:
            if name not in files:
                files[name] = json.loads((file.parent / folder / (name + '.json')).read_text(encoding='utf-8'))
            case[value] = files[name]
        cases.append(case)
    return cases


def ask(tool, arguments, lines):
    """The answers of a program of ours, which is built first, to lines of JSON."""
    subprocess.run(['make', '-s', '--no-print-directory', '-C', str(ROOT), f'build/{tool}'], check=True)
    answers = subprocess.run([str(ROOT / 'build' / tool), *arguments], input='\n'.join(lines), capture_output=True, text=True,
                             check=True).stdout
    return [json.loads(line) for line in answers.splitlines()]


def same(a, b):
    """Equal as JSON: numbers by value, but for what the last digits of a sum may differ in."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b


def brief(value, length=200):
    text = value.encode('ascii', 'backslashreplace').decode() if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= length else text[:length] + '…'
