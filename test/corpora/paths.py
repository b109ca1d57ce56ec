#!/usr/bin/env python3
"""JSONPath's test cases, as answered by the library that the service uses, through our paths.

    paths.py [FILE] [--show N]

FILE has a case on each line: path, document (or documentRef: documents/NAME.json beside the file), and result (or error,
the class of the library's exception, with its message).  Without FILE the collection is taken, if it is here.

A case passes if our answer is the library's: the same result (numbers by value, order counting), nothing found where it
finds nothing, or a path refused that it refuses.  Where the language or the service is not the library, a rule below says
what must be answered instead; such a case is listed with its rule.  It counts as failed where a FILE is given, for it is not
as the file wants it, and as passed in the test suite, for it is as it shall be.  How many messages are the same is told at
the end.  The last line is `N passed, N failed`; the exit code is 1 if any case is wrong, with no rule for it.
"""
import json, re, sys

from collection import ask, brief, read, same


def agrees(case, answer):
    if case.get('error') == 'PathNotFoundException':
        # the service gives [] there, where the path is indefinite (recorded: json_path_array_wildcard_or_slice_with_no_input)
        return 'missing' in answer and ('result' not in answer or (case.get('definite') is False and answer['result'] == []))
    if 'error' in case:
        return 'error' in answer
    return 'result' in answer and 'missing' not in answer and same(case.get('result'), answer['result'])


# What the language or the service has otherwise than the library: is it such a case, is the answer what must be answered
# then, and why.
RULES = [
    (lambda case: 'error' in case and re.match(r'\$(\$|[^\W\d_]\w*)($|[.\[])', case['path']),
     lambda answer: 'missing' in answer or 'error' in answer,
     '`$$` is the context object and `$name` a variable in the language; there is none here'),
    (lambda case: re.search(r'(^|\.)[^.\[(\'"\s/]*\\', case['path']),
     lambda answer: 'error' not in answer,
     'a backslash in a name in dot notation takes the next character as it is, by the specification of the language'),
    (lambda case: re.search(r"""\['[^']*\\"|\["[^"]*\\'""", case['path']),
     lambda answer: 'error' not in answer,
     'in a name in quotes, a backslash before the other kind of quote is a character (recorded: escape_sequence_parsing)'),
    (lambda case: re.search(r'\\u(0000|[dD][89a-fA-F])', case['path']) or re.search('[\x00\ud800-\udfff]', case['path']),
     lambda answer: 'error' in answer or 'unreadable' in answer,
     'NUL and halves of surrogate pairs are in no text that PostgreSQL could hold'),
    (lambda case: re.search(r'/.*\[[^\]]*(\[|&&).*/', case['path']),
     lambda answer: 'error' in answer,
     'a class within a class in a regular expression is refused'),
    (lambda case: 'error' in case and re.search(r"""(==|!=|<|>|=)\s*[^\W\d][\w.-]*\s*(\)|&&|\|\|)""", case['path']),
     lambda answer: 'error' not in answer,
     'a text without quotes on the right of a comparison is taken: definitions published for the service have it'),
    (lambda case: re.search(r'\.\w*\(.*\)', case['path']) and case.get('result') == 'NaN',
     lambda answer: 'error' in answer,
     'a function whose result is no number is an error'),
]


def rooted(path):
    """The path as the language wants it: with the root that the library supplies, and `$` also where it takes `@` for it."""
    if path.strip(' ')[:1] == '@':
        return '$' + path.strip(' ')[1:]
    return path if path.strip(' ')[:1] == '$' or path == '' else '$.' + path


def question(case):
    return json.dumps({'path': rooted(case['path']), 'document': case.get('document')})


def message_agrees(case, answer):
    """The collection has cut the messages off after 160 characters."""
    text, wanted = message(case, answer), case['message']
    return text == wanted or (len(wanted) >= 160 and text.startswith(wanted))


def message(case, answer):
    text = answer.get('missing', answer.get('error', ''))
    prefix = f"Invalid path '{rooted(case['path'])}' : "
    return text[len(prefix):] if text.startswith(prefix) else text


def main():
    cases, arguments = read('jsonpath', 'path', 'document', ('documentRef', 'documents'))
    like_library, by_rule, wrong, with_message, other_message = 0, 0, [], 0, []
    for case, answer in zip(cases, ask('asl_tool', ['path'], map(question, cases)), strict=True):
        if agrees(case, answer):
            like_library += 1
            if 'message' in case:
                with_message += 1
                if not message_agrees(case, answer):
                    other_message.append((case, answer))
            continue
        reason = next((reason for applies, demands, reason in RULES if applies(case) and demands(answer)), None)
        by_rule += reason is not None
        if reason is not None:
            print(f"otherwise: {brief(case['path'])}: {reason}")
        else:
            wrong.append((case, answer))

    for case, answer in other_message[:arguments.show]:
        print(f"message: {brief(case['path'])}\n  theirs {brief(case['message'])}\n  ours   {brief(message(case, answer))}")
    for case, answer in wrong[:arguments.show]:
        wanted = case.get('error', case.get('result'))
        print(f"WRONG: {case['path']} in {brief(case.get('document'))}\n  wanted {brief(wanted)} {brief(case.get('message', ''))}\n  got    {brief(answer)}")
    print(f'{len(cases)} cases: {like_library} as the library, {by_rule} otherwise for the reasons above, {len(wrong)} wrong')
    print(f'messages: {with_message - len(other_message)} of {with_message} are the same')
    passed = like_library + (by_rule if arguments.file is None else 0)
    print(f'{passed} passed, {len(cases) - passed} failed')
    return int(bool(wrong))


sys.exit(main())
