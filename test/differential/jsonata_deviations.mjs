// Where ours answers otherwise than the npm package jsonata 2.2.2, and why that is meant.
//
// The first rule that applies is the excuse; what none excuses is a difference.

const rules = [
    {
        why: 'the package has fallen over its own feet: an exception of JavaScript, which is no answer of the language',
        applies: (question, our, their) => their.died !== undefined && our.died === undefined,
    },
    {
        why: 'its limits of depth and time have codes of their own',
        applies: (question, our, their) => ['D1011', 'D1012'].includes(their.code) && /^(U|limit)/.test(our.code),
    },
];

export function deviation(question, our, their) {
    return rules.find((rule) => rule.applies(question, our, their))?.why;
}
