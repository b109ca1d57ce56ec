"""Definitions and inputs out of a seed: valid, small, and as varied as the language in JSONPath allows.

A case is {"definition", "input", "functions"}; functions behave as test/unit/world_functions.h says.  Most cases are careful:
their paths lead to what is there, so that they come far.  The others take any path anywhere, and any value.

What is left out is what cannot be compared: random values, numbers that a double cannot hold, names that JavaScript treats
in a way of its own, and functions that count their calls where the order of calls is nobody's promise.
"""
import contextlib
import random

STRINGS = ('', 'a', 'b', 'ab', 'B', 'foo', 'foo-1.log', 'a*b', 'Zeta', 'x y', 'ä', 'x\ny', '2020-01-01T00:00:00Z')
TIMES = ('2020-01-01T00:00:00Z', '2020-01-01T00:00:00.5Z', '2020-01-01T01:00:00+01:00', '2019-12-31T19:00:00-05:00',
         '2020-06-15T12:30:45.123Z', '1999-12-31T23:59:59Z', '2020-01-01T00:00:00.500+00:00')
NO_TIMES = ('2020-01-01', '2020-01-01 00:00:00Z', '2020-01-01T00:00:00', '2020-13-01T00:00:00Z', '2020-01-01T25:00:00Z', '')
NUMBERS = (0, 1, 2, 3, 5, -1, -7, 10, 0.5, 1.5, 100)
PATTERNS = ('*', 'foo*', '*.log', 'foo-*.log', 'a*b', 'a\\*b', '*o*', 'ab', 'z*', '*a*b*', 'a?', '?', 'a[b]')
ERRORS = ('Alpha', 'Beta', 'Gamma', 'Custom.Error')
ORDERS = ('Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals')


class Case:
    """One machine in the making."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.functions = {}
        self.names = 0
        self.wild = self.chance(30)
        self.may_fail = True        # of what runs beside something else nothing fails: who fails first is a matter of time
        self.input = self.make_input()
        self.known = list(self.paths_of(self.input))    # paths into what the state at hand gets
        self.item_paths = []
        self.definition = self.block(self.dice.choice((1, 2, 2, 3, 3, 4, 5)), 0)
        if self.chance(8):
            self.definition['TimeoutSeconds'] = self.pick(2, 8, 20)

    # --- dice ---

    def chance(self, percent):
        return self.dice.random() * 100 < percent

    def pick(self, *choices):
        return self.dice.choice(choices)

    # --- values ---

    def value(self, depth=0):
        kind = self.dice.randrange(9 if depth < 2 else 6)
        if kind == 0:
            return self.pick(None, True, False)
        if kind in (1, 2):
            return self.dice.choice(NUMBERS)
        if kind in (3, 4):
            return self.dice.choice(STRINGS)
        if kind == 5:
            return self.dice.choice(TIMES)
        if kind == 6:
            return [self.value(depth + 1) for _ in range(self.dice.randrange(4))]
        return {self.pick('a', 'b', 'c', 'x', 'y z'): self.value(depth + 1) for _ in range(self.dice.randrange(4))}

    def make_input(self):
        if self.chance(4):
            return self.pick(None, [], [1, 2], 'text', 7, {})
        return {'n': self.dice.choice(NUMBERS), 'm': self.dice.choice(NUMBERS), 's': self.dice.choice(STRINGS),
                't': self.dice.choice(TIMES + NO_TIMES), 'u': self.dice.choice(TIMES), 'f': self.pick(True, False),
                'z': None, 'zero': 0, 'two': 2, 'o': {'a': self.value(1), 'b': self.value(1)}, 'v': self.value(),
                'l': [self.value(1) for _ in range(self.dice.randrange(4))],
                'r': [{'a': i, 'b': self.value(2)} for i in range(self.dice.randrange(4))]}

    def paths_of(self, value, path='$', depth=0):
        yield path
        if depth < 3 and isinstance(value, dict):
            for key, child in value.items():
                yield from self.paths_of(child, path + ('.' + key if key.isalnum() else f"['{key}']"), depth + 1)
        elif depth < 3 and isinstance(value, list):
            for index, child in enumerate(value[:3]):
                yield from self.paths_of(child, f'{path}[{index}]', depth + 1)

    # --- paths and templates ---

    @contextlib.contextmanager
    def seeing(self, known):
        """For what is made inside, these are the paths to what is there."""
        before, self.known = self.known, self.known if self.wild else known
        yield
        self.known = before

    def one_of(self, *wanted):
        """One of these paths, or in a careful case another one that is there."""
        there = [p for p in wanted if self.wild or p in self.known]
        return self.dice.choice(there) if there else self.path()

    def path(self):
        """A reference path, as a rule to something."""
        if self.chance(6 if self.wild else 0.7):
            return self.pick('$.none', '$.o.none', '$.l[9]', '$.n.none', '$.none.none')
        if self.chance(8):
            return self.pick('$$.Execution.Input', '$$.Execution.Name', '$$.State.Name', '$$.StateMachine.Name',
                             '$$.Execution.Input.n', '$$.Execution.Id', '$$.Execution.StartTime', '$$.State.EnteredTime')
        if self.item_paths and self.chance(15):
            return self.dice.choice(self.item_paths)
        return self.dice.choice(self.known)

    def wide_path(self):
        """A path that may find several values."""
        return self.pick('$.l[*]', '$.r[*].a', '$.r[0:2]', '$.r[?(@.a > 0)]', '$.r[?(@.a == 1)].b', '$..a', '$.none[*]',
                         '$.l[0,1]')

    def input_path(self):
        return None if self.chance(8) else self.path() if self.chance(92) else self.wide_path()

    def result_path(self, last=False):
        if not self.wild and len(self.known) == 1:
            return self.pick(None, '$')
        if not self.wild and not last:
            return self.pick(None, '$.res', '$.res', '$.o.res' if '$.o' in self.known else '$.res.o', '$.new.res', "$['res']")
        return self.pick(None, '$', '$.res', '$.res', '$.o.res', '$.new.res', "$['res']", '$.res.deep', '$.n', '$.l[0]',
                         '$.r[1].new', '$.l[3]', '$.o[0]', '$.z.res')

    def text(self):
        return "'" + self.pick('', 'a', 'b c', 'x,y') + "'"

    def intrinsic(self, depth=0):
        """A call: mostly with arguments of the right kind, which literals are, and what a careful case finds."""
        there = [p for p in self.known if p in ('$.n', '$.m', '$.s', '$.u', '$.f', '$.two')]
        scalar = self.pick('1', "'a'", 'true', '0.5', *there)
        number = self.pick('1', '-7', '0.5', '1.5', '-1.5', *(['$.two', '$.n'] if there else []))
        array = self.pick(*(['$.l', '$.r'] if there else ["States.Array(1, 'a', null)"]), "States.Array(1, 2, 3)",
                          *([self.path()] if self.wild else []))
        if depth < 2 and self.chance(15):
            return f'States.Array({self.intrinsic(depth + 1)}, {self.text()})'
        return self.pick(lambda: f"States.Format('x{{}}y{{}}', {scalar}, {self.pick('1', self.text())})",
                         lambda: f'States.Array({scalar}, {self.path()})',
                         lambda: f'States.ArrayLength({array})',
                         lambda: f'States.ArrayLength(States.ArrayUnique({array}))',
                         lambda: f'States.ArrayContains({array}, {scalar})',
                         lambda: f'States.ArrayPartition({array}, {self.pick("1", "2", "7")})',
                         lambda: f'States.ArrayRange({self.pick("0", "1")}, {self.pick("3", "7", "-2")}, {self.pick("1", "2", "-1")})',
                         lambda: f'States.ArrayGetItem({array}, {self.pick("0", "1", "5")})',
                         lambda: f'States.MathAdd({number}, {number})',
                         lambda: f'States.Base64Encode({self.text()})',
                         lambda: "States.Base64Decode('" + self.pick('YQ==', 'YWJj') + "')",
                         lambda: f"States.Hash({self.text()}, '" + self.pick('MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512') + "')",
                         lambda: "States.StringSplit('a-b,,c', '" + self.pick(',', '-', ',-', 'x') + "')",
                         lambda: "States.StringToJson('" + self.pick('1', '[1,2]', 'null', 'x') + "')",
                         lambda: f'States.JsonToString({scalar})',
                         lambda: f'States.JsonMerge({self.pick("$.o", self.path())}, {self.pick("$.o", self.path())}, false)')()

    def template(self, depth=0):
        result = {}
        for i in range(self.dice.randrange(1, 4)):
            key = self.pick('a', 'b', 'k', 'n', 's') + str(i)
            kind = self.dice.randrange(8)
            if kind < 4:
                result[key + '.$'] = self.path()
            elif kind == 4:
                result[key + '.$'] = self.intrinsic() if self.chance(70) else self.wide_path()
            elif kind == 5 and depth < 2:
                result[key] = self.template(depth + 1)
            elif kind == 6 and depth < 2:
                result[key] = [self.value(1), self.template(depth + 1)]
            else:
                result[key] = self.value(1)
        return result

    # --- states ---

    def name(self, letter):
        self.names += 1
        return f'{letter}{self.names}'

    def data_flow(self, state, last, *fields):
        """The fields that lead data through a state, without changing too much of it where more is to come."""
        keep = not self.wild and not last
        inside = self.known
        for field in fields:
            if field == 'ResultPath' and keep:
                state[field] = self.result_path()
            elif not self.chance(25) or (field == 'OutputPath' and keep):
                continue
            elif field == 'InputPath':
                state[field] = self.input_path()
                inside = ['$']
            elif field == 'ResultPath':
                state[field] = self.result_path(last)
            elif field == 'OutputPath':
                with self.seeing(['$']):
                    state[field] = self.input_path()
            else:
                with self.seeing(['$'] if field == 'ResultSelector' else inside):
                    state[field] = self.template()
                inside = ['$'] + ['$.' + k.removesuffix('.$') for k in state[field]]
        return inside

    def function(self):
        """The name of a new function; what it does is chosen here."""
        name = f'f{len(self.functions)}'
        error = self.dice.choice(ERRORS)
        simple = ('echo', 'echo', 'const:{"a":1,"b":[1,2]}', 'const:5', 'const:null', 'const:"text"', 'const:[]',
                  'sleep:4 then echo', 'sleep:7 then const:{"late":true}')
        if not self.may_fail or self.chance(50):
            self.functions[name] = self.dice.choice(simple)
        elif self.chance(40):
            self.functions[name] = f'fail:{error}:some cause'
        else:
            self.functions[name] = [f'fail:{self.dice.choice(ERRORS)}:cause {i}' if self.chance(85) else
                                    'sleep:9 then echo' for i in range(self.dice.randrange(1, 6))] + ['echo']
        return name

    def error_names(self, all_too):
        names = self.dice.sample(ERRORS + ('States.TaskFailed', 'States.Timeout', 'States.Runtime'), self.dice.randrange(1, 3))
        return ['States.ALL'] if all_too and self.chance(50) else names

    def handlers(self, state, targets):
        if self.chance(60):
            n = self.dice.randrange(1, 4)
            state['Retry'] = []
            for i in range(n):
                retrier = {'ErrorEquals': self.error_names(i == n - 1)}
                if self.chance(60):
                    retrier['MaxAttempts'] = self.dice.randrange(4)
                if self.chance(50):
                    retrier['IntervalSeconds'] = self.dice.randrange(1, 5)
                if self.chance(40):
                    retrier['BackoffRate'] = self.pick(1, 1.5, 2, 3)
                if self.chance(30):
                    retrier['MaxDelaySeconds'] = retrier.get('IntervalSeconds', 1) + self.dice.randrange(1, 5)
                state['Retry'].append(retrier)
        if targets and self.chance(60):
            n = self.dice.randrange(1, 3)
            state['Catch'] = []
            for i in range(n):
                catcher = {'ErrorEquals': self.error_names(i == n - 1), 'Next': self.dice.choice(targets)}
                if self.chance(60):
                    catcher['ResultPath'] = self.result_path()
                state['Catch'].append(catcher)

    def make_pass(self, state, last):
        if self.chance(40):
            state['Result'] = self.value()
        self.data_flow(state, last, 'InputPath', 'Parameters', 'ResultPath', 'OutputPath')

    def make_task(self, state, targets):
        state['Resource'] = f'arn:aws:lambda:us-east-1:111111111111:function:{self.function()}'
        if self.chance(20):
            state['TimeoutSeconds'] = self.pick(2, 5, 30)
        elif self.chance(10):
            state['TimeoutSecondsPath'] = self.pick('$.two', '$.two', '$.n', '$.zero', '$.none', '$.s')
        self.data_flow(state, not targets, 'InputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'OutputPath')
        self.handlers(state, targets)

    def make_wait(self, state, last):
        paths = ({'SecondsPath': '$.two'}, {'SecondsPath': '$.zero'}, {'TimestampPath': '$.u'})
        wild = ({'SecondsPath': self.path()}, {'TimestampPath': '$.t'}, {'TimestampPath': self.path()})
        state.update(self.dice.choice(({'Seconds': 0}, {'Seconds': 3}, {'Timestamp': '2020-01-01T00:00:00Z'},
                                       {'Timestamp': '2026-01-01T00:01:00Z'}) + paths * ('$.two' in self.known) +
                                      wild * self.wild))
        fields = ('InputPath', 'OutputPath') if self.wild or not any(k.endswith('Path') for k in state) else ('OutputPath',)
        if last or self.wild:
            self.data_flow(state, last, *fields)

    def test(self):
        kind = self.dice.randrange(7)
        rule = {'Variable': self.path()}
        if kind == 0:
            rule[self.pick('IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp')] = self.pick(True, False)
        elif kind == 1:
            rule.update(Variable=self.one_of('$.s', '$.s', '$.t'), StringMatches=self.dice.choice(PATTERNS))
        elif kind == 2:
            rule['BooleanEquals'] = self.pick(True, False)
        elif kind == 3 and self.chance(50):
            rule['BooleanEqualsPath'] = self.one_of('$.f')
        else:
            family, values, known = self.pick(('String', STRINGS, ('$.s', '$.t')), ('Numeric', NUMBERS, ('$.n', '$.m', '$.two')),
                                              ('Timestamp', TIMES, ('$.u', '$.t')))
            if self.chance(70):
                rule['Variable'] = self.one_of(*known)
            order = family + self.dice.choice(ORDERS)
            if self.chance(35):
                rule[order + 'Path'] = self.path() if self.chance(30) else self.one_of(*known)
            else:
                rule[order] = self.dice.choice(values)
        return rule

    def rule(self, depth=0):
        if depth < 2 and self.chance(25):
            return {self.pick('And', 'Or'): [self.rule(depth + 1) for _ in range(self.dice.randrange(1, 4))]}
        if depth < 2 and self.chance(12):
            return {'Not': self.rule(depth + 1)}
        return self.test()

    def make_choice(self, state, targets):
        state['Choices'] = [dict(self.rule(), Next=self.dice.choice(targets)) for _ in range(self.dice.randrange(1, 4))]
        # the next state in the row must be reachable: it is nowhere else named for sure
        if self.chance(80):
            state['Default'] = targets[0]
        else:
            state['Choices'][0]['Next'] = targets[0]
        if self.wild:
            self.data_flow(state, False, 'InputPath', 'OutputPath')

    def make_fail(self, state):
        for field in ('Error', 'Cause'):
            if self.chance(30):
                state[field + 'Path'] = self.path()
            elif self.chance(85):
                state[field] = self.dice.choice(ERRORS) if field == 'Error' else 'given up'

    def inner(self, depth, alone, known, paths=()):
        """A block that runs below another; beside others unless alone."""
        before, self.may_fail = self.may_fail, self.may_fail and alone
        items, self.item_paths = self.item_paths, self.item_paths + list(paths)
        with self.seeing(known):
            block = self.block(self.dice.choice((1, 1, 2, 3)), depth + 1)
        self.may_fail, self.item_paths = before, items
        return block

    def make_parallel(self, state, targets, depth):
        n = self.dice.choice((1, 1, 2, 3))
        known = self.data_flow(state, not targets, 'InputPath', 'Parameters')
        state['Branches'] = [self.inner(depth, n == 1, known) for _ in range(n)]
        self.data_flow(state, not targets, 'ResultSelector', 'ResultPath', 'OutputPath')
        self.handlers(state, targets)

    def make_map(self, state, targets, depth):
        alone = self.chance(60)
        if alone:
            state['MaxConcurrency'] = 1
        elif self.chance(30) and (self.wild or '$.two' in self.known):
            state['MaxConcurrencyPath'] = self.pick('$.two', '$.zero', '$.n', '$.none') if self.wild else '$.two'
        elif self.chance(50):
            state['MaxConcurrency'] = self.pick(0, 2, 3)
        if '$.l' in self.known:
            state['ItemsPath'] = self.one_of('$.l', '$.r')
        if self.wild:
            self.data_flow(state, not targets, 'InputPath')
            state.update({'ItemsPath': self.path()} if self.chance(30) else {})
        item = ('$$.Map.Item.Index', '$$.Map.Item.Value')
        known = ['$']
        if self.chance(50):
            field = self.pick('ItemSelector', 'Parameters')
            items, self.item_paths = self.item_paths, self.item_paths + list(item)
            state[field] = self.template()
            self.item_paths = items
            known = ['$'] + ['$.' + k.removesuffix('.$') for k in state[field]]
        state[self.pick('ItemProcessor', 'Iterator')] = self.inner(depth, alone, known, item)
        self.data_flow(state, not targets, 'ResultSelector', 'ResultPath', 'OutputPath')
        self.handlers(state, targets)

    def block(self, n, depth):
        """States in a row; Choices and Catchers jump forward only, so that every run ends."""
        if not self.wild and '$.l' not in self.known:
            depth = max(depth, 2 if self.known == ['$'] and self.chance(70) else depth)
        kinds = ['Pass', 'Pass', 'Task', 'Task', 'Task', 'Wait', 'Choice'] + ['Map', 'Parallel'] * (depth < 2)
        types = [self.dice.choice(kinds) for _ in range(n)]
        types.append(self.pick('Pass', 'Succeed', 'Task', 'Pass', *(['Fail'] if self.may_fail else [])))
        names = [self.name(t[0] if t != 'Pass' else 'Q') for t in types]
        block = {'StartAt': names[0], 'States': {}}
        for i, (name, kind) in enumerate(zip(names, types)):
            state, targets = {'Type': kind}, names[i + 1:]
            if kind == 'Pass':
                self.make_pass(state, not targets)
            elif kind == 'Task':
                self.make_task(state, targets)
            elif kind == 'Wait':
                self.make_wait(state, not targets)
            elif kind == 'Choice':
                self.make_choice(state, targets)
            elif kind == 'Map':
                self.make_map(state, targets, depth)
            elif kind == 'Parallel':
                self.make_parallel(state, targets, depth)
            elif kind == 'Fail':
                self.make_fail(state)
            else:
                self.data_flow(state, True, 'InputPath', 'OutputPath')
            if kind not in ('Choice', 'Succeed', 'Fail'):
                state.update({'Next': targets[0]} if targets else {'End': True})
            block['States'][name] = state
        return block


def generate(seed):
    """The case of a seed, the same on every machine."""
    case = Case(seed)
    return {'definition': case.definition, 'input': case.input, 'functions': case.functions}
