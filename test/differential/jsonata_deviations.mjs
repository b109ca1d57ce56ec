// Where ours answers otherwise than the npm package jsonata 2.2.2, and why that is meant.
//
// The first rule that applies excuses the difference.  A rule says as closely as it can what it is about, so that it does not
// hide what it does not mean.
import { tokens } from './jsonata_generate.mjs';

const closing = { '(': ')', '[': ']', '{': '}' };

// True if both places lie in one array's or object's constructor (or what looks like one), in different members of it.
function inDifferentMembers(text, a, b) {
    const open = [];
    let at = 0;
    const where = [[], []];
    for (const token of tokens(text)) {
        at += token.length;
        if (closing[token]) open.push({ mark: token, place: at, member: 0 });
        else if (Object.values(closing).includes(token)) open.pop();
        else if ((token === ',' || token === ':') && open.length) open.at(-1).member++;
        for (const [i, place] of [a, b].entries()) if (where[i].length === 0 && at >= place) where[i] = open.map((group) => ({ ...group }));
    }
    const [first, second] = where;
    return first.some((group, i) => group.mark !== '(' && second[i]?.place === group.place && second[i].member !== group.member);
}

// What a string says is no part of the expression.
const withoutStrings = (text) => tokens(text).map((token) => (/^["']/.test(token) ? '""' : token)).join('');

// The same but for the digits that 15 of them do not show, and functions that have become texts.
function nearly(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-14 * Math.abs(a);
    if (b === '' && a === undefined) return true;
    if (typeof a === 'string' && typeof b === 'string') return a.replaceAll(/\d{15,}/g, '') === b.replaceAll(/\d{15,}/g, '');
    if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
    const keys = Object.keys(b);
    return Array.isArray(a) === Array.isArray(b) && keys.length >= Object.keys(a).length && keys.every((key) => nearly(a[key], b[key]));
}

const rules = [
    {
        why: 'the package has fallen over its own feet: an exception of JavaScript, which is no answer of the language',
        applies: (question, our, their) => their.died !== undefined && our.died === undefined,
    },
    {
        why: 'the package has limits of its own for depth and time, and codes for them',
        applies: (question, our, their) => ['D1011', 'D1012'].includes(their.code) && /^(U|limit)/.test(our.code),
    },
    {
        why: 'the package evaluates the members of a constructor side by side: it tells the error that comes first in time, ours the one that comes first in the text',
        applies: ({ expr }, our, their) => our.code && their.code && !/^S/.test(our.code + their.code) && our.position >= 0 && their.position >= 0 &&
            our.position !== their.position && (inDifferentMembers(expr, our.position, their.position) || /[[{][^]*~>/.test(expr)),	// the place of a ~> is not told
    },
    {
        why: 'behind an opening bracket or a sign the package takes the / of a regular expression for a division',
        applies: (question, our, their) => their.code === 'S0211' && their.message.includes('"/"'),
    },
    {
        why: 'behind [], an order-by, a transform, a signature and a place left open the package takes a division for a regular expression',
        applies: ({ expr }, our, their) => /(\[\s*\]|\^.*\)|\|.*\||>|\?)[^]*\//.test(expr) && /^S/.test(their.code ?? ''),
    },
    {
        why: 'the package does not look for a % in a transform and on the left of ~>, and then evaluates it to nothing',
        applies: ({ expr }, our, their) => our.code === 'S0217' && their.code !== 'S0217' && /%[^]*~>|~>[^]*%|\|[^]*%[^]*\|/.test(expr),
    },
    {
        why: 'the package tries a predicate on nothing, too, and so makes an item of it, or an error',
        applies: ({ expr }, our, their) => our.nothing === true && /[\w)\]}"`$*%]\s*\[/.test(withoutStrings(expr)),
    },
    {
        why: 'an array with @ at the beginning of a path: the package loses either the array or the context',
        applies: ({ expr }, our, their) => /^[^]*\](\[[^\]]*\])?@\$/.test(expr),
    },
    {
        why: 'behind the @ of what is no name and begins a path, the package tries a predicate before it binds',
        applies: ({ expr }) => /(\*|\)|\$\w*)\s*@\$\w+\s*\[/.test(expr),
    },
    {
        why: 'nothing, as what a text is replaced by, is written "undefined" by the package',
        applies: ({ expr }, our, their) => expr.includes('$replace(') && /undefined/.test(JSON.stringify(their.value)),
    },
    {
        why: 'the package writes the source of a function that is to replace a text',
        applies: ({ expr }, our, their) => our.code === 'D3012' && their.code === undefined && expr.includes('$replace('),
    },
    {
        why: 'infinite numbers have no picture: what the package writes for them means nothing',
        applies: ({ expr }, our) => our.code === 'D1001' && /\$format(Number|Integer)/.test(expr),
    },
    {
        why: 'pow() of the C library and of JavaScript differ in the last digit',
        applies: ({ expr }, our, their) => expr.includes('$power') && typeof our.value === 'number' && Math.abs(our.value / their.value - 1) < 1e-14,
    },
    {
        why: 'the package writes {} for a regular expression that it did not expect',
        applies: (question, our, their) => our.code === 'S0202' && their.message?.endsWith('got {}'),
    },
    {
        why: 'what is missing, an array and an object are no text to a regular expression',
        applies: ({ expr }, our, their) => our.nothing === true && /\/.*\//.test(expr) && JSON.stringify(their.value)?.includes('"match"'),
    },
    {
        why: 'a function is no object in a transform, and no text to a regular expression',
        applies: ({ expr }, our, their) => (our.code === 'T2011' && /\|/.test(expr)) || (our.code === 'D3139' && their.function === true),
    },
    {
        why: 'the package may forget a [] behind the name of an index',
        applies: ({ expr }, our, their) => /#\$[^]*\[\]/.test(expr) && JSON.stringify(our.value) === `[${JSON.stringify(their.value)}]`,
    },
    {
        why: '$ and $$ are the names of no variables',
        applies: ({ expr }, our) => our.code === 'S0214' && /[@#]\s*\$\$?(?![\w$])/.test(expr),
    },
    {
        why: 'the package clones by way of JSON text with 15 digits, and so spoils longer numbers, and functions, in $clone and transforms',
        applies: ({ expr }, our, their) => /\$clone|\|/.test(expr) && our.value !== undefined && their.value !== undefined && nearly(our.value, their.value) && JSON.stringify(our.value) !== JSON.stringify(their.value),
    },
    {
        why: 'a regular expression of the package takes a character beyond U+FFFF for two',
        applies: (question, our, their) => /[\u{10000}-\u{10FFFF}]/u.test(JSON.stringify(question)) && /\/.*\//.test(question.expr),
    },
    {
        why: 'a path that begins with an array and its predicate leads nowhere in the package',
        applies: ({ expr }, our, their) => /\]\s*\[[^\]]+\][^]*\./.test(expr) && their.nothing === true,
    },
    {
        why: 'rounding to a number of places that is not whole is NaN in the package, of 0, too',
        applies: ({ expr }, our, their) => expr.includes('$round(') && our.value === 0 && their.value === 'NaN',
    },
    {
        why: 'of a text that is no Base64 something is taken, or nothing',
        applies: ({ expr }, our, their) => expr.includes('$base64decode') && typeof our.value === 'string' && typeof their.value === 'string',
    },
    {
        why: '$string cannot be applied in part by the package',
        applies: (question, our, their) => their.code === 'S0208' && their.message.startsWith('Parameter 2 ') && question.expr.includes('$string('),
    },
    {
        why: 'what is left open of a function of the language is taken by the package without a look at its type',
        applies: ({ expr }, our, their) => ['T0410', 'T0411', 'T0412'].includes(our.code) && their.code !== our.code && /[(,]\s*\?\s*[,)]/.test(expr),
    },
];

export function deviation(question, our, their) {
    return rules.find((rule) => rule.applies(question, our, their))?.why;
}
