// Where the package aws-local-stepfunctions 3.0.0 is wrong, what decides so, and the change that mends it as it is loaded.
//
// `decides`: "recorded" - runs of the service show it; "documented" - the service's documentation or the States Language's
// specification says so; "reported" - users of the service have shown what they got; "open" - none of these: what stands here
// is what we do, so that a change of it does not go unseen.
// A change is [what to find, what to put in its place].

const comparison = /return varValue (===|<|>|<=|>=) (choiceRule\.)?(string|number|numeric|boolean)(\w+);/gi;

function typed(_, order, rule = '', family, rest) {
    const type = family.toLowerCase().replace('numeric', 'number');
    const operand = rule + family + rest;
    return `return typeof varValue === "${type}" && typeof ${operand} === "${type}" && varValue ${order} ${operand};`;
}

export const corrections = [
    {
        rule: 'a Result may be null, false, 0 or empty',
        decides: 'documented: Result is any JSON value',
        change: [['if (this.stateDefinition.Result) {', 'if ("Result" in this.stateDefinition) {']],
    },
    {
        rule: 'a Pass with a Result looks neither at InputPath nor at Parameters',
        decides: 'recorded: test_state/state_scenarios-base_inspection_level_*-IO_RESULT_PASS_STATE shows neither as applied',
        change: [['let processedInput = input;',
                  'let processedInput = input;\n    if ("Result" in this.stateDefinition) return input;']],
    },
    {
        rule: 'ResultPath $ is the result alone, whatever the input; names may stand in brackets',
        decides: 'documented: the default is $, and it replaces the input',
        change: [['const sanitizedPath = path.replace("$.", "");',
                  'if (path === "$") return result;\n  const sanitizedPath = path.slice(1);']],
    },
    {
        rule: 'ResultPath makes objects where nothing is, and nowhere else',
        decides: 'documented: States.ResultPathMatchFailure; open: that null is not nothing',
        change: [['existing !== void 0 ? existing : null', 'existing'],
                 ['const o = typeof target === "object"',
                  'if (target !== void 0 && !isPlainObj(target)) throw new StatesResultPathMatchFailureError();\n' +
                  '    const o = typeof target === "object"']],
    },
    {
        rule: 'ResultPath puts nothing behind the end of a list, and no list where none is',
        decides: 'open',
        change: [['const arr = Array.isArray(target)',
                  'if (!Array.isArray(target) || head >= target.length) throw new StatesResultPathMatchFailureError();\n' +
                  '      const arr = Array.isArray(target)'],
                 ['arr[head] !== void 0 ? arr[head] : null', 'arr[head]']],
    },
    {
        rule: 'what the specification calls States.ResultPathMatchFailure is States.ReferencePathConflict, also for ItemsPath',
        decides: 'reported',
        change: [['this.name = "States.ResultPathMatchFailure"', 'this.name = "States.ReferencePathConflict"'],
                 ['items = jsonPathQuery(state.ItemsPath, input, context, {',
                  'if (jsonPathQuery(state.ItemsPath, input, context, { ignoreDefinedValueConstraint: true }) === void 0)\n' +
                  '        throw new StatesResultPathMatchFailureError();\n' +
                  '      items = jsonPathQuery(state.ItemsPath, input, context, {']],
    },
    {
        rule: 'a Map looks at MaxConcurrencyPath before ItemsPath',
        decides: 'open',
        change: [['let items = input;',
                  'if (state.MaxConcurrencyPath) jsonPathQuery(state.MaxConcurrencyPath, input, context,\n' +
                  '      { constraints: [IntegerConstraint.greaterThanOrEqual(0)] });\n' +
                  '    let items = input;']],
    },
    {
        rule: 'a Choice without a match is States.Runtime, which nothing catches',
        decides: 'reported',
        change: [['this.name = "States.NoChoiceMatched";',
                  'this.name = "States.Runtime";\n    this.retryable = this.catchable = false;']],
    },
    {
        rule: 'in a template null takes no path, and what lies behind the end of an array is null',
        decides: 'reported',
        change: [['resolvedValue = jsonPathQuery(value, json, context);', 'resolvedValue = findInTemplate(value, json, context);'],
                 ['function processPayloadTemplate(',
                  'function findInTemplate(path, json, context) {\n' +
                  '  const whole = path.startsWith("$$");\n' +
                  '  if (json === null && !whole) throw new StatesRuntimeError("null input");\n' +
                  '  const found = jsonPathQuery(path, json, context, { ignoreDefinedValueConstraint: true });\n' +
                  '  const above = found === void 0 && /^(.*)\\[\\d+\\]$/.exec(path);\n' +
                  '  if (above && Array.isArray(jsonPathQuery(above[1], json, context, { ignoreDefinedValueConstraint: true })))\n' +
                  '    return null;\n' +
                  '  return jsonPathQuery(path, json, context);\n}\n' +
                  'function processPayloadTemplate(']],
    },
    {
        rule: 'a Fail state without Error or Cause has none',
        decides: 'recorded: base/state_fail_empty',
        change: [['name = "FailStateError", message = "Execution failed because of a Fail state"', 'name = null, message = null'],
                 ['super(message);\n    this.name = name;', 'super();\n    this.name = name;\n    this.message = message;']],
    },
    {
        rule: 'a Choice rule compares values of its own type only',
        decides: 'recorded: choice_operators/*',
        change: [[comparison, typed],
                 ['return isMatch(varValue);', 'return typeof varValue === "string" && isMatch(varValue);']],
    },
    {
        rule: 'an operand of another type that a path finds is no match',
        decides: 'open: recorded for the variable, not for the operand',
        change: [[/(jsonPathQuery\(choiceRule\.\w+Path, input, context), \{\s*constraints: \[\w+\]\s*\}\)/g, '$1)']],
    },
    {
        rule: 'a Choice rule knows timestamps by their form',
        decides: 'recorded: choice_operators/is_timestamp-*, timestamp_equals-*',
        change: [[/new Date\(\s*(jsonPathQuery\(choiceRule\.\w+, input, context\b)/g, 'toTimestamp($1'],
                 ['function stringifyJSONValue(',
                  'function toTimestamp(value) {\n' +
                  '  return new Date(typeof value === "string" && isRFC3339Timestamp(value) ? value : NaN);\n}\n' +
                  'function stringifyJSONValue('],
                 ['  return regex.test(date);', '  return typeof date === "string" && regex.test(date);']],
    },
    {
        rule: 'Is… false means that it is not',
        decides: 'recorded: choice_operators/is_null-*, is_string-*',
        change: [[/return (Is\w+True|isNullTrue) && (.*);/g, 'return ($2) === $1;']],
    },
    {
        rule: 'only * is special in StringMatches',
        decides: 'documented',
        change: [['= wcmatch(choiceRule.StringMatches, { separator: false });', '= toMatcher(choiceRule.StringMatches);'],
                 ['function stringifyJSONValue(',
                  'function toMatcher(pattern) {\n' +
                  '  const source = pattern.replace(/\\\\([*\\\\])|([*])|[^]/g, (all, escaped, star) =>\n' +
                  '    star ? "[^]*" : (escaped ?? all).replace(/\\W/, "\\\\$&"));\n' +
                  '  return (text) => new RegExp(`^${source}$`).test(text);\n}\n' +
                  'function stringifyJSONValue(']],
    },
    {
        rule: 'States.TaskFailed meets every error but States.Timeout, on every state',
        decides: 'documented',
        change: [[' && this.stateDefinition.Type === "Task"', '']],
    },
    {
        rule: 'a path that may find several values finds a list; nothing is inside a string; any value is a document',
        decides: 'recorded: base/json_path_array_wildcard_or_slice_with_no_input-*',
        change: [['evaluation = jp({ path: pathExpression.slice(1), json: context ?? null, wrap: false });',
                  'evaluation = findAll(pathExpression.slice(1), context ?? null);'],
                 ['evaluation = jp({ path: pathExpression, json, wrap: false });', 'evaluation = findAll(pathExpression, json);'],
                 ['function jsonPathQuery(',
                  'function findAll(path, json) {\n' +
                  '  const found = (jp({ path: "$.json" + path.slice(1), json: { json }, resultType: "all" }) ?? [])\n' +
                  '    .filter(({ parent }) => typeof parent === "object").map(({ value }) => value);\n' +
                  '  return /[*?:,]|\\.\\./.test(path) ? found : found[0];\n}\n' +
                  'function jsonPathQuery(']],
    },
    {
        rule: 'the context object is the execution\'s, in branches and iterations, too, and has the state and the item',
        decides: 'recorded: context_object/*, scenarios/map_state_config_inline_*',
        change: [['Input: input,\n        StartTime: (/* @__PURE__ */ new Date()).toISOString()', ''],
                 ['options.eventLogger.dispatchStateEnteredEvent(currStateName',
                  'context.State = { Name: currStateName, EnteredTime: new Date().toISOString(),\n' +
                  '          ...(["Task", "Map", "Parallel"].includes(currState.Type) && { RetryCount: 0 }) };\n' +
                  '        options.eventLogger.dispatchStateEnteredEvent(currStateName'],
                 ['await sleep(waitTimeBeforeRetry, options.abortSignal);',
                  'await sleep(waitTimeBeforeRetry, options.abortSignal);\n        context.State.RetryCount++;'],
                 ['context["Map"] = {', 'context = { ...context };\n    context["Map"] = {'],
                 ['delete context["Map"];', ''],
                 ['stateMachine.run(paramValue ?? item, options.runOptions)',
                  'stateMachine.run(paramValue === void 0 ? item : paramValue, { ...options.runOptions, context })'],
                 ['stateMachine.run(input, options.runOptions)',
                  'stateMachine.run(input, { ...options.runOptions, context })']],
    },
    {
        rule: 'TimeoutSecondsPath is looked up before the task begins, in the input and not in the parameters',
        decides: 'recorded: scenarios/invalid_jsonpath-ST.INVALID_JSONPATH_IN_TIMEOUTSECONDSPATH (before); open: in what',
        change: [['const taskPromise = options.overrideFn',
                  'const timeoutMs = this.getTimeoutMs(options.effectiveInput, context);\n    const taskPromise = options.overrideFn'],
                 ['const timeoutMs = this.getTimeoutMs(input, context);', ''],
                 ['{ overrideFn, awsConfig }', '{ overrideFn, awsConfig, effectiveInput: this.effectiveInput }'],
                 ['if ("Parameters" in this.stateDefinition && this.stateDefinition.Type',
                  'this.stateHandlers.effectiveInput = processedInput;\n' +
                  '    if ("Parameters" in this.stateDefinition && this.stateDefinition.Type']],
    },
    {
        rule: 'a Map begins no further iteration after one has failed',
        decides: 'documented: the first failed iteration ends the others',
        change: [['limit(() => this.processItem(iteratorStateMachine, item, input, context, i, options))',
                  'limit(async () => {\n' +
                  '        if (this.failed) return;\n' +
                  '        try {\n' +
                  '          const result = await this.processItem(iteratorStateMachine, item, input, context, i, options);\n' +
                  '          tell("MapIterationSucceeded", this.stateName, i);\n' +
                  '          return result;\n' +
                  '        } catch (error) {\n' +
                  '          if (error instanceof ExecutionError && error.cause.name !== "States.Runtime")\n' +
                  '            tell("MapIterationFailed", this.stateName, i);\n' +
                  '          this.failed = true;\n' +
                  '          throw error;\n' +
                  '        }\n' +
                  '      })']],
    },

    // --- intrinsic functions ---

    {
        rule: 'States.JsonMerge leaves its arguments as they are',
        decides: 'documented',
        change: [['Object.assign(obj1, obj2)', 'Object.assign({}, obj1, obj2)']],
    },
    {
        rule: 'States.StringSplit: each character separates, empty parts are left out',
        decides: 'recorded: intrinsic_functions/string_split*',
        change: [['return str.split(separator);',
                  'let parts = [str];\n' +
                  '    for (const c of separator) parts = parts.flatMap((part) => part.split(c));\n' +
                  '    return parts.filter((part) => part !== "");']],
    },
    {
        rule: 'States.MathAdd rounds its arguments, halves upward',
        decides: 'recorded: intrinsic_functions/math_add*',
        change: [['return num1 + num2;', 'return Math.floor(num1 + 0.5) + Math.floor(num2 + 0.5);']],
    },
    {
        rule: 'States.ArrayGetItem of an item that is not there fails, but of an empty array',
        decides: 'documented; open: the empty array',
        change: [['return array[index] ?? null;',
                  'if (array.length > 0 && index >= array.length) throw new StatesRuntimeError("no such item");\n' +
                  '    return array[index] ?? null;']],
    },
    {
        rule: 'a result keeps its backslashes',
        decides: 'documented: they are escapes in the call only',
        change: [['result = result.replaceAll("\\\\", "");', '']],
    },
    {
        rule: 'an intrinsic function that cannot do its work fails with States.Runtime',
        decides: 'recorded: a path in a template that finds nothing does',
        change: [['return functions[funcName].call(input, context, ...splitArgs);',
                  'try {\n    return functions[funcName].call(input, context, ...splitArgs);\n' +
                  '  } catch (error) {\n    throw new StatesRuntimeError(error.message);\n  }']],
    },
];
