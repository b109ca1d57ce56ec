// Expressions and documents out of a seed: the whole grammar and function library of JSONata, with a bias to what is tricky.
//
// A case is {expr, input, bindings}; without `input` there is no document.  Most expressions are careful: their paths lead to
// what is there, their functions get what they want; the others take anything anywhere.  Left out is what differs from run to
// run (the clock, the dice), what never ends, and names that JavaScript treats in a way of its own.

// --- dice ---

export class Dice {
    constructor(seed) {
        this.state = 0x811c9dc5;
        for (const c of String(seed)) this.state = Math.imul(this.state ^ c.codePointAt(0), 0x01000193);
        this.random();
    }

    random() {
        this.state = (this.state + 0x6D2B79F5) | 0;
        let t = Math.imul(this.state ^ this.state >>> 15, 1 | this.state);
        t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
        return ((t ^ t >>> 14) >>> 0) / 4294967296;
    }

    below(n) { return Math.floor(this.random() * n); }
    chance(percent) { return this.random() * 100 < percent; }
    one(list) { return list[this.below(list.length)]; }
    pick(...list) { return this.one(list); }
    list(most, make, least = 0) { return Array.from({ length: least + this.below(most - least + 1) }, make); }

    // One of [weight, function]s.
    weighed(choices) {
        let at = this.random() * choices.reduce((sum, [weight]) => sum + weight, 0);
        return choices.find(([weight]) => (at -= weight) < 0)[1]();
    }
}

// --- what expressions are made of ---

const NAMES = ['a', 'b', 'c', 'd'];
const ALL_NAMES = [...NAMES, 'a', 'b', 'e', 'n', 's', 'list', 'x y', 'ä', 'nothing', 'and', 'in', 'or', 'true'];
const NUMBERS = [0, 1, 2, 3, 4, 5, -1, -2, 10, 0.5, 1.5, 2.5, -0.5, 12, 100];
const EDGES = [1e21, 1e20, 123456789012345680000, 1e-7, 0.000001, 0.1, 0.2, 0.3, 9007199254740992, 9007199254740993, 1.7976931348623157e308,
    5e-324, 4294967296, 2147483648, 0.30000000000000004, 1.1, 100.5, 1e15, 123456789.12345679, 3.14159265358979];
const STRINGS = ['', 'a', 'b', 'ab', 'abc', 'B', 'a b', 'foo', 'bar', 'hello world', ' x  y ', 'é', 'ß', '😁', 'a😁b', '1', '-1.5', '0x1F', '1e3',
    'true', 'null', 'a,b,c', 'line\nbreak', 'quo"te', "it's", 'back\\slash', '\t', 'AbC', '2020-01-31', '2020-02-29T12:30:45.123Z', 'Ünïcödé', 'a.b'];
const REGEXES = ['/a/', '/b+/', '/[a-c]/', '/(a)(b)?/', '/\\s+/', '/^a/', '/o/i', '/l+(o)/', '/\\d+/', '/[^a]/', '/./', '/(x)|(b)/', '/b$/m', '/a|e|i|o/', '/,/', '/a*b/'];
const EMPTY_REGEXES = ['/a*/', '/(?:)/', '/x?/', '/b*?/'];
const MILLIS = [0, 1, 1000, 1580601600000, 1582979445123, -1000, -62135596800000, 951782400000, 1709164799999, 4102444800000];
const PICTURES = ['[Y0001]-[M01]-[D01]', '[D1o] [MNn] [Y]', '[FNn,3-3], [D#1]', '[H01]:[m01]:[s01].[f001]', '[h]:[m01] [PN]', '[Y]-W[W01]-[F1]',
    '[MNn,*-3] [dwo]', '[YI]/[Mi]', '[Z01:01]', '[z]', '[Y,2-2]', '[q]', '[Y', '', '[D] [MN] [Y]', '[Y]-[M]-[D] [h]:[m] [P]', '[Y]-[M]-[D] [h]:[m]:[s].[f1] [PN]', '[Y] [d]', '[DWwo] of [MNn] [Yw]',
    '[Y0001][M01][D01][H01][m01][s01]', '[D1o] [MNn,3-3] [Y] [Z0000]', '[Y]-[M]-[D] [H]:[m] [z]', '[X]-[W]', '[f] [s]'];
const NUMBER_PICTURES = ['0', '#,##0.00', '00', '#', '0.0e0', '#%', '#‰', '0;(0)', '##0.###', '0.0.0', '0#0', 'x', '', "'#'0", '000.000', '#.00'];
const INTEGER_PICTURES = ['1', '01', 'a', 'A', 'i', 'I', 'w', 'W', 'Ww', 'w;o', '1;o', '#,##0', '0,0', 'α', '٠'];
const SIGNATURES = ['n-n:n', 's-:s', 'n', 's?', 'x', 'a', 'a<n>', 'a<s>', '(sn)', 'j', 'o', 'f', 'f<n:n>', 'b', 'n-:n', 'ss?:s', 'a<n>n?:n', 'n+', '(ao)-', 'u', 'l', 's-', 'x+', 'nn',
    'sf', 'a<o>', 'n?n?', 'a<a<n>>', '(ns)n', 's+n', 'a<x>', 'a<j>', 'a<(ns)>', 'a<l>', 'a<ns>', 'a<>', 'a<b>', 'a<f>', 'a<o>+', 'n-s-', 'o-s?'];

const unsafe = (name) => !/^[a-z]\w*$/.test(name) || ['and', 'or', 'in', 'true'].includes(name);

export function quote(text, mark = '"') {
    const escaped = JSON.stringify(text).slice(1, -1);
    return mark === '"' ? `"${escaped}"` : `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\u0027")}'`;
}

// What each function takes, a letter an argument: n number, s string, S not too long a one, b boolean, a array, A array of
// numbers, T array of strings, O array of objects, o object, x anything, p pattern, k key, i small number, f and a digit a
// function of so many parameters, c comparator, and pictures and their like; behind | what may be left out.
const FUNCTIONS = {
    sum: 'A', count: 'a', max: 'A', min: 'A', average: 'A', number: 'x', abs: 'n', floor: 'n', ceil: 'n', round: 'n|i', power: 'ni', sqrt: 'n',
    formatNumber: 'nN', formatBase: 'n|r', formatInteger: 'nI', parseInteger: 'sI',
    string: 'x|b', length: 's', substring: 'si|i', substringBefore: 'ss', substringAfter: 'ss', lowercase: 's', uppercase: 's', trim: 's', pad: 'si|s',
    join: 'T|s', base64encode: 's', base64decode: 's', encodeUrlComponent: 's', encodeUrl: 's', decodeUrlComponent: 's', decodeUrl: 's',
    match: 'sp|i', contains: 'sp', replace: 'spR|i', split: 'sp|i',
    append: 'xx', reverse: 'a', distinct: 'a', zip: 'aa|a', sort: 'B|c',
    map: 'af', filter: 'af', single: 'a|f', reduce: 'ag|x', sift: 'o|f', each: 'of',
    keys: 'o', lookup: 'ok', spread: 'o', merge: 'O', clone: 'o',
    boolean: 'x', not: 'x', exists: 'x', type: 'x', error: 's', assert: 'bs', eval: 'e|x', toMillis: 't|P', fromMillis: 'm|PZ',
};
const FUNCTION_NAMES = Object.keys(FUNCTIONS);
const MAPPABLE = FUNCTION_NAMES.filter((name) => !['error', 'assert', 'eval'].includes(name));

class Case {
    constructor(seed) {
        this.dice = new Dice(seed);
        this.wild = this.dice.chance(25) ? 25 : 4;      // percent of places that get anything
        this.variables = ['v', 'w', 'l', 'o', 'u'];
        this.made = 0;
        this.bindings = { v: this.scalar(), w: this.number(), l: this.dice.list(3, () => this.value(1)), o: this.object(1) };
        this.input = this.dice.weighed([
            [50, () => this.object(0, 4)], [25, () => this.orders()], [12, () => this.dice.list(4, () => this.value(1))], [4, () => this.scalar()], [4, () => undefined],
            [8, () => ({ a: this.dice.list(3, () => this.object(1), 1), b: this.dice.list(3, () => this.number()), s: this.text(), n: this.number() })],
        ]);
        this.expr = this.dice.chance(35) ? this.path(4) : this.any(this.dice.pick(2, 3, 3, 4));
    }

    // --- documents ---

    number() { return this.dice.one(this.dice.chance(8) ? EDGES : NUMBERS); }
    text() { return this.dice.one(STRINGS); }
    scalar() { return this.dice.weighed([[5, () => this.number()], [5, () => this.text()], [1, () => true], [1, () => false], [1, () => null]]); }

    value(depth) {
        return this.dice.weighed([[6, () => this.scalar()],
            [depth < 4 ? 4 : 0, () => this.dice.list(3, () => this.value(depth + 1))], [depth < 4 ? 4 : 0, () => this.object(depth + 1)]]);
    }

    object(depth, most = 3) {
        return Object.fromEntries(this.dice.list(most, () => [this.dice.one(this.dice.chance(85) ? NAMES : ALL_NAMES), this.value(depth)]));
    }

    orders() {
        const d = this.dice;
        return {
            a: d.list(4, () => ({ a: this.number(), b: d.list(3, () => ({ c: d.pick('x', 'y', 'z'), d: this.number(), a: d.list(2, () => this.number()) })), c: d.pick('x', 'y') }), 1),
            b: { a: d.pick('x', 'y'), b: [{ a: 1, b: [1, 2] }, { a: 2, b: [3] }, { a: 3 }], c: [[1, 2], [3], []] },
            c: d.list(4, () => ({ a: d.pick('x', 'y', 'z'), b: this.number() })), s: this.text(), n: this.number(),
        };
    }

    // --- expressions: `depth` is how much may still be nested ---

    literal() {
        const d = this.dice;
        return d.weighed([[6, () => this.numeral()], [6, () => this.string()], [2, () => d.pick('true', 'false', 'null')]]);
    }

    numeral() {
        const number = this.number();
        return Object.is(number, -0) || number < 0 ? `(${number})`.slice(this.dice.chance(70) ? 1 : 0).replace(/^([^(].*)\)$/, '$1') : String(number).replace('+', '');
    }

    string() { return quote(this.text(), this.dice.pick('"', "'")); }
    name() {
        const name = this.dice.one(this.dice.chance(92) ? NAMES : ALL_NAMES);
        return unsafe(name) || this.dice.chance(2) ? (this.dice.chance(85) ? `\`${name}\`` : quote(name)) : name;
    }

    variable() { return `$${this.dice.one(this.variables)}`; }
    nothing() { return this.dice.pick('nothing', '$u', 'a.nothing', '$$.nothing', '()', '[1][5]'); }

    // A new name, known while `inside` is made.
    bound(names, inside) {
        const before = this.variables;
        this.variables = [...before, ...names, ...names];
        const text = inside();
        this.variables = before;
        return text;
    }

    fresh() { return this.dice.chance(90) ? `p${this.made++ % 7}` : this.dice.pick('v', 'sum', 'a', 'clone', 'string'); }

    any(depth) {
        const d = this.dice;
        if (depth <= 0) return d.weighed([[4, () => this.literal()], [6, () => this.name()], [3, () => this.variable()], [2, () => '$'], [1, () => this.nothing()], [1, () => '[]'], [1, () => '{}']]);
        return d.weighed([
            [14, () => this.path(depth)], [8, () => this.numeric(depth)], [8, () => this.stringy(depth)], [5, () => this.truth(depth)], [8, () => this.array(depth)],
            [5, () => this.constructed(depth)], [10, () => this.call(d.one(FUNCTION_NAMES), depth)], [5, () => this.block(depth)], [4, () => this.condition(depth)],
            [5, () => this.chain(depth)], [3, () => this.invoked(depth)], [3, () => this.transformed(depth)], [2, () => this.lambda(d.below(4), depth)], [2, () => this.recursive()],
            [2, () => `(${this.any(depth - 1)})`], [1, () => this.nothing()], [0.2, () => d.pick('-(1/0)', '"x" & 1/0', '$string(1/0)', '1/0 = 1/0', '1/0 > 1')], [2, () => this.partial(depth)], [1, () => this.regexUse(depth)], [3, () => this.any(0)],
        ]);
    }

    // Mostly what is wanted, sometimes anything.
    wanted(make, depth) { return this.dice.chance(this.wild) ? this.any(depth) : make(); }

    numeric(depth) {
        const d = this.dice;
        if (depth <= 0) return d.weighed([[6, () => this.numeral()], [2, () => d.pick('$w', 'n', 'a', 'b')], [1, () => '$']]);
        const inner = () => this.wanted(() => this.numeric(depth - 1), depth - 1);
        return d.weighed([
            [10, () => `${inner()}${d.pick(' ', '')}${d.pick('+', '-', '*', '/', '%')} ${inner()}`], [2, () => `-${inner()}`], [2, () => `-(${inner()})`], [3, () => this.numeric(0)],
            [5, () => this.call(d.pick('sum', 'count', 'max', 'min', 'average', 'abs', 'floor', 'ceil', 'round', 'power', 'sqrt', 'number', 'length', 'toMillis', 'parseInteger'), depth)],
            [2, () => `(${inner()} ${d.pick('+', '*')} ${inner()})`], [2, () => this.path(depth)],
        ]);
    }

    stringy(depth) {
        const d = this.dice;
        if (depth <= 0) return d.weighed([[6, () => this.string()], [2, () => d.pick('s', '$v', 'c')]]);
        const inner = () => this.wanted(() => this.stringy(depth - 1), depth - 1);
        return d.weighed([
            [6, () => `${inner()} & ${d.chance(50) ? inner() : this.any(depth - 1)}`], [3, () => this.stringy(0)],
            [8, () => this.call(d.pick('string', 'substring', 'substringBefore', 'substringAfter', 'lowercase', 'uppercase', 'trim', 'pad', 'join', 'replace', 'base64encode',
                'encodeUrlComponent', 'encodeUrl', 'decodeUrl', 'formatNumber', 'formatBase', 'formatInteger', 'fromMillis', 'type'), depth)],
        ]);
    }

    truth(depth) {
        const d = this.dice;
        if (depth <= 0) return d.pick('true', 'false', 'a', 'b = 1', '$v', 'a > 1');
        const inner = () => this.wanted(() => this.truth(depth - 1), depth - 1);
        const order = (make) => `${make()} ${d.pick('<', '<=', '>', '>=', '=', '!=')} ${make()}`;
        return d.weighed([
            [5, () => order(() => this.wanted(() => this.numeric(depth - 1), depth - 1))], [4, () => order(() => this.wanted(() => this.stringy(depth - 1), depth - 1))],
            [3, () => `${this.any(depth - 1)} ${d.pick('=', '!=')} ${this.any(depth - 1)}`], [4, () => `${inner()} ${d.pick('and', 'or')} ${inner()}`],
            [3, () => `${this.any(depth - 1)} in ${this.wanted(() => this.array(depth - 1), depth - 1)}`],
            [3, () => this.call(d.pick('not', 'boolean', 'exists', 'contains'), depth)],
        ]);
    }

    array(depth) {
        const d = this.dice;
        if (depth <= 0) return d.pick('[]', '[1, 2, 3]', '[1..3]', '["a", "b"]', '[[1, 2], [3]]', '$l', 'a', '[{"a": 1}, {"a": 2, "b": [1]}]', '[1, "a", null]', '[3, 1, 2]');
        return d.weighed([
            [6, () => `[${d.list(3, () => this.any(depth - 1)).join(', ')}]`], [3, () => this.array(0)],
            [2, () => `[${this.small()}..${this.small()}]`], [1, () => `[${this.any(depth - 1)}, ${this.small()}..${this.small()}]`], [4, () => this.path(depth)],
            [1, () => `[${this.wanted(() => this.numeric(0), depth - 1)}..${this.small()}]`],
            [5, () => this.call(d.pick('append', 'reverse', 'distinct', 'zip', 'sort', 'map', 'filter', 'each', 'keys', 'spread', 'match', 'split'), depth)],
        ]);
    }

    small() { return String(this.dice.pick(0, 1, 2, 3, 4, 5, -1, -2, 1.5)); }

    numbers(depth) { return this.dice.pick('[1, 2, 3]', '[1..4]', '[]', 'b', 'a.b', '[3, 1.5, -2]', `[${this.numeric(depth)}, ${this.numeric(0)}]`, this.numeric(depth), 'a.a'); }
    strings(depth) { return this.dice.pick('["a", "b"]', '["b", "a", "B"]', '[]', 'c.a', `[${this.stringy(depth)}, ${this.stringy(0)}]`, this.stringy(depth)); }

    constructed(depth) {
        const d = this.dice;
        if (depth <= 0) return d.pick('{}', '$o', '{"a": 1}', '$', '{"a": 1, "b": [1, 2], "c": {"d": null}}', 'b', 'a[0]');
        const key = () => d.weighed([[0.1, () => d.pick('"_jsonata_lambda"', '"_jsonata_function"', '"_jsonata_"')], [8, () => quote(d.one(NAMES))], [2, () => this.wanted(() => this.stringy(depth - 1), depth - 1)]]);
        return d.weighed([
            [8, () => `{${d.list(3, () => `${key()}: ${this.any(depth - 1)}`).join(', ')}}`], [3, () => this.constructed(0)],
            [3, () => this.call(d.pick('merge', 'sift', 'clone'), depth)], [2, () => this.path(depth)],
        ]);
    }

    // --- paths ---

    path(depth) {
        const d = this.dice;
        const known = this.variables;
        const first = d.weighed([
            [10, () => this.name()], [2, () => '$'], [2, () => '$$'], [3, () => this.variable()], [2, () => '*'], [1, () => '**'], [2, () => `(${this.any(depth - 1)})`],
            [2, () => this.array(Math.min(depth - 1, 1))], [1, () => this.constructed(depth - 1)], [1, () => this.call(d.one(FUNCTION_NAMES), depth - 1)],
        ]);
        let text = first + this.behind(depth - 1);
        for (let n = d.pick(0, 1, 1, 2, 2, 3, 4), i = 0; i < n; i++) {
            text += '.' + d.weighed([
                [14, () => this.name()], [2, () => '*'], [1, () => '**'], [3, () => '%'], [1, () => '%.%'], [3, () => `(${this.any(depth - 1)})`], [3, () => `[${d.list(2, () => this.any(depth - 1), 1).join(', ')}]`],
                [2, () => `{${quote(d.one(NAMES))}: ${this.any(depth - 1)}}`], [2, () => this.call(d.one(MAPPABLE), depth - 1)], [2, () => '$'], [1, () => this.variable()],
                [1, () => `$${d.one(FUNCTION_NAMES)}()`],
            ]);
            text += this.behind(depth - 1);
        }
        if (d.chance(9)) text += `{${d.list(2, () => `${d.pick('a', 'c', '$string(a)', '"k"', 'b.a', '$string($)')}: ${this.any(depth - 1)}`, 1).join(', ')}}`;
        if (d.chance(4)) text += this.predicate(depth - 1);
        this.variables = known;
        return text;
    }

    // What may stand behind a step.
    behind(depth) {
        const d = this.dice;
        let text = '';
        if (d.chance(5)) text += `@${this.binds()}`;
        if (d.chance(5)) text += `#${this.binds()}`;
        while (d.chance(24)) text += this.predicate(depth);
        if (d.chance(6)) text += `^(${d.list(2, () => d.pick('', '<', '>') + this.wanted(() => d.pick('a', 'b', 'd', 'c', '$', '-a', '$count(b)', 'a.b[0]'), depth), 1).join(', ')})`;
        if (d.chance(3)) text += '[]';
        return text;
    }

    binds() {
        const name = this.fresh();
        this.variables = [...this.variables, name, name];
        return `$${name}`;
    }

    predicate(depth) {
        const d = this.dice;
        return `[${d.weighed([
            [8, () => d.pick('0', '1', '-1', '2', '-2', '0.9', '-0.5', '1.5', '5', '-5', '$w')], [3, () => ''], [6, () => this.wanted(() => this.truth(Math.min(depth, 1)), depth)],
            [2, () => d.pick('[0, 1]', '[0..1]', '[1, 0, -1]', '[0, 0]', '[]', '[-1, 5]', '["a"]')], [1, () => this.any(depth)], [3, () => d.pick('a', 'b', 'a = 1', 'b > 1', 'c = "x"', '%.a = 1', '$ > 1', 'a and b')],
            [1, () => d.pick('true', 'false', '$$', '$', '"a"', 'null')],
        ])}]`;
    }

    // --- functions ---

    parameters(n) { return Array.from({ length: n }, () => this.fresh()); }

    lambda(n, depth, body) {
        const d = this.dice;
        const names = this.parameters(n);
        const signature = d.chance(12) ? `<${d.one(SIGNATURES)}${d.chance(30) ? ':' + d.pick('n', 's', 'x', 'a<n>') : ''}>`.replace(/:(\w+):/, ':$1') : '';
        const inside = this.bound(names, () => (body ? body(names.map((name) => `$${name}`)) : this.any(depth - 1)));
        return `${d.chance(85) ? 'function' : 'λ'}(${names.map((name) => `$${name}`).join(', ')})${signature}{${d.chance(10) ? `(${inside})` : inside}}`;
    }

    // A function of n parameters as a value.
    function(n, depth) {
        const d = this.dice;
        return d.weighed([
            [9, () => this.lambda(d.chance(75) ? n : d.below(5), depth)], [3, () => `$${d.one(MAPPABLE)}`], [2, () => this.partial(depth)], [1, () => `$${d.one(MAPPABLE)} ~> $${d.one(MAPPABLE)}`],
            [3, () => this.lambda(n, depth, ([a = '1', b = '1']) => d.pick(`${a}`, `${b}`, `${a} & ${b}`, `${a} = ${b}`, `[${a}, ${b}]`, `{"k": ${a}}`, `${a}.a`, `${a} > 1`, `$count(${a})`))],
            [1, () => d.one(REGEXES)],
        ]);
    }

    argument(letter, depth) {
        const d = this.dice;
        if (d.chance(this.wild)) return d.chance(30) ? this.nothing() : this.any(depth);
        switch (letter) {
            case 'n': return this.numeric(depth);
            case 's': return this.stringy(depth);
            case 'b': return this.truth(depth);
            case 'a': return this.array(depth);
            case 'A': return this.numbers(depth);
            case 'B': return d.chance(50) ? this.numbers(depth) : this.strings(depth);
            case 'T': return this.strings(depth);
            case 'O': return d.pick('[{"a": 1}, {"b": 2}]', `[${this.constructed(depth)}, ${this.constructed(0)}]`, 'a', this.constructed(depth));
            case 'o': return this.constructed(depth);
            case 'i': return d.chance(80) ? this.small() : this.numeral();
            case 'p': return d.weighed([[6, () => d.one(REGEXES)], [4, () => this.string()], [1, () => d.one(EMPTY_REGEXES)], [1, () => this.lambda(2, depth)]]);
            case 'R': return d.weighed([[4, () => this.string()], [2, () => d.pick('"$0$1"', '"$$"', '"<$1>"', '"$2$12"', '"$x"')], [2, () => this.lambda(1, depth, ([m]) => d.pick(`${m}.match & "!"`, `$uppercase(${m}.match)`, `${m}.groups[0]`, `${m}.index`))]]);
            case 'k': return quote(d.one(NAMES));
            case 'r': return d.pick('2', '8', '16', '36', '10', '1', '37', '2.5');
            case 'N': return quote(d.one(NUMBER_PICTURES)) + (d.chance(10) ? ', {"minus-sign": "~", "zero-digit": "٠"}' : '');
            case 'I': return quote(d.one(INTEGER_PICTURES));
            case 'P': return quote(this.picture && d.chance(80) ? this.picture : d.one(PICTURES));
            case 'Z': return d.pick('"+0100"', '"-0500"', '"+1400"', '"0000"');
            case 't':
                if (d.chance(40)) return `$fromMillis(${d.one(MILLIS)}, ${quote(this.picture = d.one(PICTURES))})`;
                return d.pick('"2020-02-29T12:30:45.123Z"', '"2020"', '"2020-01-31"', '"x"', '"2020-01-01T00:00:00+01:00"', this.string());
            case 'm': return String(d.one(MILLIS));
            case 'f': return this.function(d.pick(1, 1, 1, 2, 3), depth);
            case 'g': return this.function(d.pick(2, 2, 2, 3, 4, 1), depth);
            case 'c': return this.lambda(2, depth, ([a, b]) => d.pick(`${a} > ${b}`, `${a} < ${b}`, `$string(${a}) > $string(${b})`, `${a}.a > ${b}.a`, 'true', 'false', `${b}`));
            case 'e': return d.chance(70) ? quote(this.any(Math.min(depth, 1))) : this.string();
            default: return this.any(depth);
        }
    }

    call(name, depth) {
        const d = this.dice;
        const [must, may = ''] = FUNCTIONS[name].split('|');
        let letters = [...must, ...[...may].slice(0, d.below(may.length + 1))];
        if (d.chance(10)) letters = letters.slice(d.chance(50) ? 1 : 0, d.chance(50) ? -1 : undefined);
        if (d.chance(2)) letters.push('x');
        const text = letters.map((letter) => this.argument(letter, depth - 1)).join(', ');

        // The package writes a number's thousands as as many M.
        return `$${name}(${name === 'formatInteger' ? text.replaceAll(/[\d.]{8,}(e\d+)?|\de\d+/g, '12') : text})`;
    }

    partial(depth) {
        const d = this.dice;
        const name = d.one(MAPPABLE);
        const letters = [...FUNCTIONS[name].replace('|', '')];
        const open = d.below(letters.length);
        return `$${name}(${letters.map((letter, i) => (i === open || d.chance(20) ? '?' : this.argument(letter, depth - 1))).join(', ')})`;
    }

    invoked(depth) {
        const d = this.dice;
        const n = d.below(4);
        return d.chance(50)
            ? `${this.lambda(n, depth)}(${d.list(4, () => this.any(depth - 1)).join(', ')})`
            : `(${this.function(n, depth)})(${d.list(3, () => this.any(depth - 1)).join(', ')})`;
    }

    chain(depth) {
        const d = this.dice;
        let text = d.chance(75) ? this.any(depth - 1) : this.function(1, depth - 1);
        for (let i = d.pick(1, 1, 2, 3); i > 0; i--) {
            text += ' ~> ' + d.weighed([[4, () => `$${d.one(MAPPABLE)}`], [4, () => { const name = d.one(MAPPABLE); return `$${name}(${[...FUNCTIONS[name].replace('|', '')].slice(1, 1 + d.below(3)).map((l) => this.argument(l, depth - 1)).join(', ')})`; }],
                [2, () => this.function(1, depth - 1)], [2, () => this.transform(depth - 1)], [1, () => this.any(0)]]);
        }
        return text;
    }

    transform(depth) {
        const d = this.dice;
        return `|${d.pick('a', '$', 'b', 'a.b', '**', 'a[0]', '*', this.path(Math.max(depth - 1, 0)))}|${d.chance(80) ? this.constructed(Math.max(depth - 1, 1)) : this.any(depth - 1)}${d.chance(40) ? ', ' + d.pick('"a"', '["a", "b"]', 'a', '[]', this.any(0)) : ''}|`;
    }

    transformed(depth) { return `${this.dice.pick('$', '$$', '$o', 'a', this.constructed(depth - 1))} ~> ${this.transform(depth)}`; }

    regexUse(depth) {
        const d = this.dice;
        return d.pick(`${d.one(REGEXES)}(${this.stringy(depth - 1)})`, `${d.one(REGEXES)}(${this.string()}).next()`, `${this.string()} ~> ${d.one(REGEXES)}`, `${d.one(REGEXES)}(${this.string()}).(match & start & "-" & end)`);
    }

    condition(depth) {
        const d = this.dice;
        return d.weighed([[6, () => `${this.truth(depth - 1)} ? ${this.any(depth - 1)} : ${this.any(depth - 1)}`], [2, () => `${this.truth(depth - 1)} ? ${this.any(depth - 1)}`],
            [2, () => `${this.any(depth - 1)} ?: ${this.any(depth - 1)}`], [2, () => `${this.any(depth - 1)} ?? ${this.any(depth - 1)}`]]);
    }

    block(depth) {
        const d = this.dice;
        const names = [];
        const statements = d.list(3, () => {
            const name = this.fresh();
            const text = this.bound(names, () => d.weighed([[6, () => this.any(depth - 1)], [2, () => this.function(d.below(3), depth - 1)]]));
            names.push(name);
            return `$${name} := ${text}`;
        }, 1);
        const end = this.bound(names, () => d.weighed([[5, () => this.any(depth - 1)], [2, () => `$${d.one(names)}(${d.list(2, () => this.any(0)).join(', ')})`], [2, () => `$${d.one(names)}${this.behind(depth - 1)}`]]));
        return `(${statements.join('; ')}; ${end}${d.chance(5) ? ';' : ''})`;
    }

    // Recursion that ends.
    recursive() {
        const d = this.dice;
        const n = d.pick(0, 1, 3, 5, 10, 30);
        return d.pick(
            `($f := function($n){$n <= 1 ? 1 : $n * $f($n - 1)}; $f(${n}))`,
            `($f := function($n, $t){$n = 0 ? $t : $f($n - 1, $t + $n)}; $f(${n * 50}, ${this.numeral()}))`,
            `($e := function($n){$n = 0 ? true : $o($n - 1)}; $o := function($n){$n = 0 ? false : $e($n - 1)}; $e(${n * 20}))`,
            `($f := function($x){$type($x) = "array" ? $map($x, $f) : $type($x) = "object" ? $each($x, function($y, $k){$k & $string($f($y))}) : $x}; $f(${this.any(0)}))`,
            `($y := function($g){function($x){$x($x)}(function($x){$g(function($n){$x($x)($n)})})}; $y(function($s){function($n){$n < 2 ? $n : $s($n - 1) + $s($n - 2)}})(${n % 9}))`,
            `$reduce([1..${n}], function($a, $b){$a & $b})`,
            `($c := function($f, $g){function($x){$g($f($x))}}; $h := $c($string, $length); $h(${this.any(0)}))`,
        );
    }
}

export function generate(seed) {
    const { expr, input, bindings } = new Case(seed);
    return { expr, input, bindings };
}

// --- syntax alone ---

// Strings, regular expressions and comments are a token each; so it is taken apart and put together again.
export const tokens = (text) => text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\/\*[^]*?\*\/|\/(?=[^*\s])(?:[^/\\\n]|\\.)+\/[im]*(?![\w ])|\$*[\p{L}_\d$]+(?:\.\d+)?|:=|~>|\.\.|!=|<=|>=|\*\*|\?\?|\?:|\s+|[^]/gu) ?? [];

const SOUP = ['a', 'b', '$x', '$', '$$', '%', '*', '**', '.', '.', '..', '[', ']', '(', ')', '{', '}', '@', '#', '^', '<', '>', '=', '!=', '<=', '>=', '~>', ':=', ':', ';', ',', '?', '?:', '??', '|', '&',
    '+', '-', '/', '!', '~', '"s"', "'t'", '`q`', '1', '0', '1.5', '1e3', '1.', '.5', '00', '1e400', 'and', 'or', 'in', 'true', 'false', 'null', 'function', 'λ', 'function($x)', '<n:n>', '/a/', '/a/i', '/a', '//', '/*c*/', '/*',
    '"', "'", '`', '\\', '"\\q"', '"\\u12"', '"\\u0041"', ' ', '\n', '#$i', '@$v', '^(a)', '[0]', '[]', '{"a":', '}', '$f(', '?)', 'é', '😁', '$sum', '^(<a)', '^(>b,', '|a|{}|', '-1', 'function(', '){', '\t', 'in b', '.%', '_', '$_1', '1..2', '[1..'];

// A text that may or may not be an expression.
export function scramble(seed, collection) {
    const d = new Dice(seed);
    if (d.chance(40)) return d.list(d.pick(3, 5, 9), () => d.one(SOUP) + (d.chance(30) ? ' ' : ''), 1).join('');
    const parts = tokens(d.chance(50) && collection.length ? d.one(collection) : generate(seed).expr);
    for (let i = d.pick(1, 1, 2, 3); i > 0 && parts.length; i--) {
        const at = d.below(parts.length);
        d.weighed([[4, () => parts.splice(at, 1)], [2, () => parts.splice(at, d.below(5))], [3, () => parts.splice(at, 0, d.one(SOUP))], [3, () => parts.splice(at, 1, d.one(SOUP))],
            [1, () => parts.splice(at, 0, parts[d.below(parts.length)])], [1, () => parts.splice(at)], [1, () => { parts[at] = [...parts[at]].slice(0, -1).join(''); }]]);
    }
    return parts.join('');
}
