// node jsonata_functions.mjs FOLDER DRIVER [SEED] [COUNT] [FUNCTION …]: call the functions of JSONata's library with
// generated arguments, here and in the npm package jsonata, and compare.
//
// FOLDER is where the package is installed; DRIVER is build/unit/jsonata_functions_tool (test/unit/jsonata_functions_tool.c).
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [folder, driver, seed = '1', count = '2000', ...only] = process.argv.slice(2);
const jsonata = createRequire(resolve(folder) + '/')('jsonata');

// --- generating ---

let state = Number(seed) * 2654435761 % 4294967296;
function random() {
  state = (state + 0x6D2B79F5) | 0;
  let t = Math.imul(state ^ state >>> 15, 1 | state);
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
  return ((t ^ t >>> 14) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];
const some = (most, make) => Array.from({ length: below(most + 1) }, make).join('');
const maybe = (make) => (random() < 0.5 ? make() : undefined);

const characters = [...'abcABC012 \t\n\r\f', 'ß', 'é', 'Σ', 'σ', 'İ', 'ı', 'ŉ', 'ﬁ', 'ǆ', 'ǅ', '\u00A0', '\u0301', "'", '.', '😁', '𐐨',
  '\uFF5E', '\uE000', 'ᾳ', '١', '%', '/', '+', '=', '-', '_', '?', '#', '~', '"', '\\'];
const text = () => some(8, () => (random() < 0.1 ? String.fromCodePoint(1 + below(0xD7FF)) : one(characters)));
const whole = () => one([0, 1, 2, 3, -1, -2, -3, 5, 10, -10, 1.5, -1.5, 2.5, 0.4, below(100), -below(100)]);
function real() {
  const bits = new DataView(new ArrayBuffer(8));
  switch (below(8)) {
    case 0:
      bits.setUint32(0, random() * 2 ** 32);
      bits.setUint32(4, random() * 2 ** 32);
      return Number.isFinite(bits.getFloat64(0)) ? bits.getFloat64(0) : 0;
    case 1: return below(1000000) / one([10, 100, 1000, 8, 16, 64]);
    case 2: return 2 ** (below(2098) - 1074);
    case 3: return Math.round((random() - 0.5) * 2 ** 60);
    case 4: return Number((random() * 1000 - 500).toFixed(below(7)));
    case 5: return (random() - 0.5) * 10 ** (below(40) - 20);
    case 6: return Math.floor(random() * 1e14 * 32) / 32;
    default: return whole();
  }
}
const integer = () => one([below(10), below(100), below(4000), below(1000000), Math.floor(random() * 1e12), below(1e9) * 1000,
  Math.floor(random() * 1e20), one([0, 1, 10, 11, 12, 13, 20, 21, 100, 101, 111, 999, 1000, 1001, 1e6, 1e9, 1e12, 1e15, 26, 27, 702, 703])]) *
  (random() < 0.1 ? -1 : 1);

const numerals = () => one([() => some(6, () => one([...'0123456789.eE+-x'])), () => `0${one([...'xXbBoO'])}` +
  some(20, () => one([...'0123456789abcdefABCDEFg'])), () => `0b${some(70, () => one(['0', '1']))}`, () => String(real()),
() => `${below(100)}.${some(25, () => String(below(10)))}`])();

const pictures = () => one([
  () => some(8, () => one([...'##00,,.%‰;e9 -+'])),
  () => some(4, () => one(['#', ','])) + some(4, () => one(['0', '0', ','])) + maybe(() => '.' + some(3, () => one(['0', '0', ','])) +
    some(3, () => one(['#', ',']))) + maybe(() => 'e' + some(2, () => '0')),
  () => `${some(2, () => one(['$', '(', 'x', ' ']))}${one(['#,##0', '0', '#', '000', '#,##,##0', '##,##,##', '#,###,##', '0,000'])}` +
    `${one(['', '.', '.0', '.00', '.##', '.0#', '.00,00', '.##,#', '.0#########'])}${one(['', '', '', '%', '‰', 'e0', 'e00', ')', ' kg'])}` +
    one(['', '', ';(0)', ';-#', ';#,##0.0%']),
])().replaceAll('undefined', '');
const options = () => maybe(() => one([{}, { 'decimal-separator': ',', 'grouping-separator': '.' }, { 'zero-digit': '٠' },
  { 'minus-sign': '~' }, { percent: 'pc' }, { 'per-mille': 'pm' }, { digit: 'd' }, { 'exponent-separator': 'E' }, { 'pattern-separator': '|' },
  { 'zero-digit': '０', percent: '！' }, { 'grouping-separator': ' ' }]));

const integer_pictures = () => one([
  () => one(['a', 'A', 'i', 'I', 'w', 'W', 'Ww', 'α', '#', 'α', 'Ww;o', 'w;o', 'W;o', 'Ww;o(-er)', 'w;c', '1;o', 'I;o', 'a;o', 'w;x', 'w;']),
  () => some(6, () => one([...'##0019,.-'])) + one(['', '', '0', '1']) + one(['', '', ';o', ';c', ';', ';x']),
  () => one(['#,##0', '000,000', '#,##,##0', '0,0,0', '##,###,00', '#-##0', '٠', '#٬##٠', '０００', '0٠', '#,##0.00', '1.23', '0😁000', '#a#0', '#0#'])
    + one(['', ';o']),
])();
const words = () => one([
  () => some(6, () => one(['one', 'two', 'ten', 'twelve', 'thirteen', 'twenty', 'ninety', 'hundred', 'thousand', 'million', 'billion', 'trillion',
    'zero', 'first', 'third', 'and', ' ', ' ', ' and ', ', ', '-', 'twentieth', 'thousandth', 'Five'])),
  () => some(6, () => one([...'ivxlcdmIVXLCDM'])), () => some(4, () => one([...'abyzABYZ'])), () => some(8, () => one([...'0123456789,.-'])),
])();

const component = () => one(['Y', 'M', 'D', 'd', 'F', 'W', 'w', 'X', 'x', 'H', 'h', 'P', 'm', 's', 'f', 'Z', 'z', 'C', 'E', 'Y', 'M', 'D', 'H', 'm']);
const modifier = () => one(['', '', '1', '01', '001', '0001', 'I', 'i', 'w', 'W', 'Ww', 'N', 'n', 'Nn', '1o', '#1', 'a', 'A', '0000', '9,999', '01:01',
  '0101', '0101t', '00:00', 'wo', 'Wwo', 'i', 'q', '٠١', 't']) + one(['', '', '', '', ',2', ',*-2', ',3-3', ',2-4', ',*', ',4-*', ',1-1', ',*-3', ', 2 - 2']);
const moments = () => some(5, () => one([() => `[${component()}${modifier()}]`, () => one([' ', '-', ':', 'T', '.', '/', ', ', ']]', '[[', 'x', ' of ']),
  () => `[${component()}${modifier()}]`])()) + one(['', '', '', '', '', ']', '[', '[q]', '[]']);
const round_trip = () => one(['[Y0001]-[M01]-[D01]', '[Y]-[M]-[D]', '[D1o] [MNn] [Y0001]', '[FNn], [D1o] [MNn,*-3] [Y]', '[Y0001]-[d001]', '[Yi] [Mw] [DWwo]',
  '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]', '[h]:[m01][P]', '[h#1]:[m01] [Pn] [D]/[M]/[Y,2-2]', '[Y0001][M01][D01][H01][m01][s01]',
  '[Y] [M] [D] [H] [m] [s] [f001] [z]', '[M01]/[D01]/[Y0001] [h01]:[m01] [PN]', '[Yw] [MNn] [Dwo]', '[X0001]-W[W01]-[F1]', '[Ya] [Ma] [Da]', '[YI][MI][DI]',
  '[Y0001]-[M01]-[D01] [H01]:[m01]:[s01] [Z0101]', '[Y0001]-[M01]-[D01] [H01]:[m01] [z]', '[DWwo] [MNn] [YWw]', '[H]:[m]', '[D] [MN] [Y]', '[D1o] [Mn,3-3] [Y]', '[FN,3-3] [D] [MNn] [Y]', '[Y]-[M]-[D] [h]:[m] [PNn]', '[Y]-[M]-[D] [h]:[m]:[s] [Pn]',
  '[Y] [D] [M] [Z0001]', '[Y] [D] [M] [Z0]', '[Y] [D] [M] [z0001]', '[X]-[x]-[w]-[F]', '[Y]-[d]', '[Y0001][d001] [H01][m01]', '[D]. [MNn,*-4] [Y]', '[H01]:[m01]:[s01]', '[Y#0,000]', '[Y9;999]']);
const timezones = () => one(['+0100', '-0500', '+0530', '+1400', '-1200', '+0000', 'Z', '+01:00', '0100', '+100', '', '-0130']);
const millis = () => one([() => below(4e9) * 1000 + below(1000), () => Math.floor((random() - 0.3) * 1e14), () => -below(1e12), () => Date.UTC(1970 + below(80), below(12), 1 + below(31)),
  () => Date.UTC(2000 + below(30), one([0, 11]), one([1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31])), () => below(1e6)])();
const iso = () => one([
  () => new Date(millis()).toISOString(),
  () => `${below(2)}${below(10)}${below(10)}${below(10)}` + some(1, () => `-${one(['01', '12', '13', '00', '2', '06'])}` + some(1, () => `-${one(['01', '31', '30', '32', '00', '7', '29'])}` +
    some(1, () => `T${one(['00', '23', '24', '25', '12'])}:${one(['00', '59', '60'])}` + some(1, () => `:${one(['00', '59', '60'])}` + some(1, () => `.${below(10000)}`)) +
      one(['', 'Z', '+01:00', '-0500', '+0100', '+14:00', '+25:00', 'z'])))),
  () => some(12, () => one([...'0123456789-:TZ.+'])),
])();

const atoms = () => one(['a', 'b', 'c', '.', '\\d', '\\w', '\\s', '\\S', '\\W', '\\D', '[abc]', '[^a]', '[a-c0-2]', '\\b', '\\B', '^', '$', '(a)', '(b|c)', '(?:ab)', '(?=a)', '(?!b)',
  '(?<=a)', '(?<!b)', '(?<x>c)', '\\1', '\\u0061', '\\x62', '[]', '[^]', '\\.', '\\/', 'é', '[é-ü]', '[\\d\\s]', '\\t', '[\\b]', '\\cA', '\\0', 'Σ', '[Α-Ω]', '\\-', '{', '}', ']', 'x{2', 'a{,2}',
  '\\k<x>', '(', ')', '[', '*', '\\p', '\\a', '\\z', '\\Q', '\\8', '(?>a)', '(?i)', '[[:alpha:]]', '\\h', '\\R', '[a&&b]', '\\u{61}', '[\\w-c]', '\\2', '\\A', '\\G', '\\K', '\\X', '\\N', '\\e', '(?#a)', '\\E']);
const expression = () => some(4, () => atoms() + one(['', '', '', '', '+', '*', '?', '{2}', '{1,2}', '+?', '*?', '{1,}'])) + one(['', '', '', '|' + atoms()]);
const replacement = () => some(5, () => one(['$', '$$', '$0', '$1', '$2', '$12', '$x', 'y', '1', '$<x>', '$&', '0', '\\1']));

// name: how to call the package, and with what
const functions = {
  $uppercase: () => [text()], $lowercase: () => [text()], $trim: () => [text()], $length: () => [text()],
  $base64encode: () => [text()], $base64decode: () => [some(12, () => one([...'abcXYZ019+/=-_ ']))],
  $encodeUrl: () => [text()], $encodeUrlComponent: () => [text()],
  $decodeUrl: () => [some(6, () => one([text, () => encodeURIComponent(one(characters)), () => `%${one([...'0123456789ABCDEFabcdefg'])}${below(10)}`])())],
  $decodeUrlComponent: () => [some(6, () => one([text, () => encodeURIComponent(one(characters)), () => `%${one(['C3', 'A9', 'ED', 'A0', '80', 'F4', '8f', 'zz', 'E0'])}`])())],
  $substringBefore: () => [text(), some(2, () => one(characters))], $substringAfter: () => [text(), some(2, () => one(characters))],
  $substring: () => [text(), whole(), maybe(whole)], $pad: () => [text(), whole(), maybe(() => some(3, () => one(characters)))],
  '<': () => [text(), text()],
  $number: () => [numerals()], $string: () => [real()], $round: () => [real(), maybe(() => one([0, 1, 2, 3, 5, -1, -2, 10]))],
  $formatBase: () => [real(), maybe(() => one([2, 3, 7, 8, 16, 36, 10, 1, 37, 2.5]))],
  $formatNumber: () => [one([integer, real, whole])(), pictures(), options()],
  $formatInteger: () => [one([integer, integer, real])(), integer_pictures()],
  $parseInteger: () => [words(), integer_pictures()],
  $fromMillis: () => [millis(), maybe(() => one([moments, round_trip])()), maybe(timezones)],
  $toMillis: () => [iso()],
  '$toMillis by picture': () => ['', one([round_trip, round_trip, moments, () => one(['[Y]-[D]', '[YN]', '[Y', '[C]', '[E]', '[Y] [q]', '[X] [W]', '[H]:[s]', '[M]-[D]', '[D]', '[m]:[s]', '[d]', 'x', '[h] [P]', '[Y]]]'])])()],
  '/': () => [some(8, () => one([...'aabbcc012 \nAB', 'é', 'É', 'Σ', 'σ', 'ς', '😁', '_', '\u2028', '\r', '\u017F', '\u212A', 'k', 's'])), expression(), one(['', '', 'i', 'm', 'im']), replacement()],
};

// --- both sides ---

const compiled = new Map();
function compile(source) {
  if (!compiled.has(source)) compiled.set(source, jsonata(source));
  return compiled.get(source);
}

async function theirs([name, ...values]) {
  try {
    let result;
    if (name === '/') {
      const [string, source, flags, replace] = values;
      if (/\n|^\*|^$/.test(source)) return { skip: true };
      const regex = `/${source}/${flags}`;
      jsonata(regex);
      const [matches, replaced] = [await jsonata(`[$match(s, ${regex})]`).evaluate({ s: string }), await jsonata(`$replace(s, ${regex}, r)`).evaluate({ s: string, r: replace })];
      result = [matches.map((m) => [m.match, m.index, [...m.groups].map((g) => g ?? null)]), replaced];
    } else {
      const names = values.map((_, i) => `a${i}`);
      const source = name === '<' ? 'a0 < a1' : `${name.split(' ')[0]}(${names.join(', ')})`;
      result = await compile(source).evaluate(Object.fromEntries(values.map((v, i) => [names[i], v])));
    }
    return result === undefined ? {} : { value: typeof result === 'number' && !Number.isFinite(result) ? null : result };
  } catch (e) {
    return { code: e.code ?? `${e.name}: ${e.message}` };
  }
}

// What a picture has made of a moment, or a little else, is to be read back by it.
async function fill(call) {
  if (call[0] !== '$toMillis by picture') return call;
  const made = await theirs(['$fromMillis', millis(), call[2]]);
  let string = typeof made.value === 'string' ? made.value : text();
  if (random() < 0.1) string = one([string.toUpperCase(), string.toLowerCase()]);
  if (random() < 0.1) string = string.replace(/\d+/g, (digits) => one([digits, String(below(70)), '0', `0${digits}`]));
  if (random() < 0.3) {
    const at = below(string.length + 1);
    string = string.slice(0, at) + one(['', '1', 'x', ' ', '-', 'a']) + string.slice(at + below(2));
  }
  return [call[0], string, call[2]];
}

const RealDate = Date;
const now = RealDate.now();

async function compare(name, n) {
  const calls = [];
  for (let i = 0; i < n; i++) {
    const call = await fill([name, ...functions[name]()]);
    while (call.at(-1) === undefined) call.pop();
    if (call.slice(1).every((v) => v !== undefined && !(typeof v === 'string' && (!v.isWellFormed() || v.includes('\0'))))) calls.push(call);
  }
  const asked = calls.map((call) => JSON.stringify(name === '$toMillis by picture' ? ['$toMillis', call[1], call[2], now] : call));
  const ours = execFileSync(driver, { input: asked.join('\n') + '\n', maxBuffer: 1 << 30 }).toString().split('\n');
  let failed = 0, errors = 0;
  for (const [i, call] of calls.entries()) {
    const their = await theirs(call);
    if (their.skip) continue;
    const our = JSON.parse(ours[i] || '{"code": "died"}');
    const [a, b] = [JSON.stringify(our.value ?? our.code ?? null), JSON.stringify(their.value ?? their.code ?? null)];
    errors += their.code !== undefined;
    if (JSON.stringify(sorted(our)) === JSON.stringify(sorted(their)) || excused(call, our, their)) continue;
    if (++failed <= 12) console.log(`    ${JSON.stringify(call)}: ours ${a.slice(0, 200)}, theirs ${b.slice(0, 200)}`);
  }
  console.log(`${name}: ${calls.length - failed} as the package (${errors} errors), ${failed} otherwise`);
  return [calls.length - failed, failed];
}
const sorted = (value) => value && (value.code !== undefined ? value.code : value.value === -0 ? 0 : value.value);

// Where the package is wrong, or fails with an error of JavaScript's own.
function excused([name, ...values], our, their) {
  if (typeof their.code === 'string' && !/^[A-Z]\d{4}$/.test(their.code)) return true;
  if (name === '/' && their.code === 'S0302') return true;	// the lexer's, which looks for the end of the expression by its brackets
  if (name === '/' && /[\u{10000}-\u{10FFFF}]/u.test(values[0])) return true;	// it takes an emoji for two characters
  if (name === '$formatInteger' && /^-?\P{Nd}/u.test(their.value)) return true;	// a separator where no digits are left takes others' place
  if (name === '$formatInteger' && Math.abs(values[0]) >= 1e21) return true;	// 1e+21 in a script's digits
  if (name === '$parseInteger' && /^[aA](;|$)/.test(values[1]) && Math.abs(our.value / their.value - 1) < 1e-14) return true;	// Math.pow
  if (name === '$formatNumber') {
    // It looks for the exponent behind a prefix, and for separators in the fraction, at wrong places; sets separators where
    // no digits are, a point before an exponent; lets a # stand behind a digit if another does before it; and writes no number
    // of 22 digits out.
    const separator = values[2]?.['grouping-separator'] ?? ',';
    const bare = (value) => String(value).replaceAll(separator, '').replace(/[.,](?=e|E|$)/, '');
    const exponent = values[2]?.['exponent-separator'] ?? 'e';
    return Math.abs(values[0]) >= 1e18 || ['D3090', 'D3091'].includes(our.code) || bare(our.value) === bare(their.value) || values[1].includes(exponent) && (our.code === 'D3093' || their.code === 'D3093' || !/^-?(\p{Nd}|\.\p{Nd})/u.test(our.value)) ||
      (typeof their.value === 'string' && new RegExp(`(?<!\\p{Nd})[${separator}]|[${separator}](?!\\p{Nd})`, 'u').test(their.value));
  }
  if (name === '$fromMillis' && values[2] !== undefined && !/^(\+?\d{1,4}|-\d\d00|-00\d\d)$/.test(values[2])) return true;	// hours are rounded down, colons end them
  if (name.startsWith('$toMillis') && their.value === null) return true;	// not a number: where it reads a zone of Z, digits of another script, or what is no date
  if (name === '$toMillis' && /^\d{4}(\.|.*-13)/.test(values[0])) return true;	// it takes them for something else
  if (name === '$toMillis by picture' && /\[d|Z0101\]|\[\w[wWI]/.test(values[1])) return true;	// days beyond a year's, zones of five digits, numbers that are none
  if (name === '$toMillis by picture' && /[٠١]/.test(values[1])) return true;	// it looks for 0 to 9, and then takes them for others
  if (name === '$toMillis by picture' && Math.abs(our.value - their.value) < 600000) return true;	// now
  if (name === '$number') return their.value === null && our.code === 'D3030';	// 0x1.5, -0b1: not a number is none
  return false;
}

let passed = 0, failed = 0;
for (const name of only.length ? only : Object.keys(functions)) {
  const [p, f] = await compare(name, Number(count));
  passed += p;
  failed += f;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
