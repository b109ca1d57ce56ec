/*
 * check.h - the checker, as the parser and its own files see it.
 *
 * The texts are the service's own, as far as they are known; so are the places.
 *
 * check.c walks over blocks and states: names, targets, what can be reached.  check_fields.c applies the table of
 * fields.def to an object: which fields it has.  check_values.c looks at single values, one function for each kind;
 * check_template.c at templates and expressions; check_query.c at JSONata; check_choice.c at the rules of a Choice.
 */
#ifndef WF_CHECK_H
#define WF_CHECK_H

#include "asl/definition.h"
#include "asl/intrinsic.h"
#include "asl/place.h"

/* How deep branches and processors may be nested. */
#define WF_MAX_BLOCK_NESTING 50

/* More errors or warnings than this are not kept, each. */
#define WF_MAX_DIAGNOSTICS 500

/* Checks a definition that is JSON.  False only without memory. */
extern bool wf_check_source(json_t *source, WfMachineType type, WfDiagnostics *diagnostics);

/* --- within the checker --- */

/* What fields belong to: state types and parts of states, as bits. */
typedef unsigned WfOwner;

enum
{
#define WF_STATE(identifier, word, terminal, retry) WF_OWNER_##identifier = 1 << WF_##identifier,
#include "asl/states.def"
#undef WF_STATE
	WF_OWNER_MACHINE = 1 << 8,
	WF_OWNER_BRANCH = 1 << 9,
	WF_OWNER_PROCESSOR = 1 << 10,
	WF_OWNER_PROCESSOR_CONFIG = 1 << 11,
	WF_OWNER_RETRIER = 1 << 12,
	WF_OWNER_CATCHER = 1 << 13,
	WF_OWNER_RULE = 1 << 14,
	WF_OWNER_CONDITION = 1 << 15,
	WF_OWNER_READER = 1 << 16,
	WF_OWNER_READER_CONFIG = 1 << 17,
	WF_OWNER_BATCHER = 1 << 18,
	WF_OWNER_WRITER = 1 << 19,
	WF_OWNER_WRITER_CONFIG = 1 << 20
};

typedef struct WfCheckedTransitions WfCheckedTransitions;

/* A block in which a Parallel or Map stands: what is set when that is entered, blocks inside may read but not assign. */
typedef struct WfCheckedScope
{
	struct WfCheckedScope *outer;
	json_t	   *states;			/* the block's */
	const char *state;			/* the Parallel or Map */
	WfCheckedTransitions *transitions;	/* made when somebody asks */
} WfCheckedScope;

/* The block at hand. */
typedef struct WfCheckedBlock
{
	const struct WfCheckedBlock *outer;
	WfMachineType type;
	json_t	   *states;			/* its States; NULL if it has none */
	json_t	   *targets;		/* names that something other than the state itself refers to */
	const char *state;			/* name of the state at hand; NULL: none */
	bool		terminal;		/* a state ends it */
	bool		unsure;			/* StartAt or a Type is missing: what is reached cannot be said */
} WfCheckedBlock;

typedef struct WfChecker
{
	WfDiagnostics *diagnostics;
	int			capacity;
	int			n_warnings;
	bool		no_memory;
	WfMachineType type;			/* of the machine */
	WfQueryLanguage machine_language;
	WfQueryLanguage language;	/* of the state at hand */
	WfOwner		owner;			/* the object at hand */
	bool		after_work;		/* the field at hand is its Output or Assign: computed when its work is done */
	bool		downgraded;		/* JSONPath in a JSONata machine: not told again for each of the state's fields */
	json_t	   *names;			/* of all states so far */
	json_t	   *labels;
	int			nesting;
	WfCheckedBlock *block;
	WfCheckedScope *scope;		/* of the blocks around the block at hand */
	WfCheckedScope *inner;		/* the same and the block at hand: what blocks inside it see around them */
} WfChecker;

typedef struct WfField WfField;

typedef void (*WfCheckValue) (WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place);

struct WfField
{
	WfOwner		owners;
	const char *name;
	unsigned	languages;
	bool		required;
	WfCheckValue check;
	double		low;
	double		high;
	const char *words;
};

#define WF_SCHEMA "SCHEMA_VALIDATION_FAILED"

/* For what stands nowhere in particular: a diagnostic without a location.  (NULL is the whole, "/".) */
extern const WfPlace wf_check_nowhere;

extern void wf_check_report(WfChecker *checker, WfSeverity severity, const char *code, const WfPlace *place,
							const char *format, ...) __attribute__((format(printf, 5, 6)));

/* An expression of JSONata that cannot be read; takes the problem's detail over. */
extern void wf_check_report_query(WfChecker *checker, const WfPlace *place, WfError *problem);
extern void wf_check_no_memory(WfChecker *checker);

/* Takes a problem of a parser: reports it as `prefix: cause`, or notes that memory is out.  Empties it. */
extern void wf_check_take(WfChecker *checker, const WfPlace *place, const char *prefix, WfError *problem);

/* check_fields.c: all fields of an object, by the table. */
extern void wf_check_fields(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place);

/* The bounds of a field that is a number. */
extern void wf_check_bounds(WfOwner owner, const char *field, int64_t *low, int64_t *high);

/* True, after a report, if the value is of another type. */
extern bool wf_check_type(WfChecker *checker, json_t *value, json_type type, const WfPlace *place);

/* The same for an array; one that is empty is reported, too. */
extern bool wf_check_list(WfChecker *checker, json_t *value, const WfPlace *place);

/* check.c: a block of states: the machine, a branch, a processor. */
extern void wf_check_block(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place);

/* check_scope.c: true if the variable may be set when the scope's state is entered. */
extern bool wf_check_may_be_set(WfChecker *checker, WfCheckedScope *scope, const char *variable, size_t length);
extern void wf_check_transitions_free(WfCheckedTransitions *transitions);

/* check_query.c: a string in JSONata, which may be a query. */
extern void wf_check_jsonata_text(WfChecker *checker, const char *text, const WfPlace *place);

/* check_template.c */
extern bool wf_check_looks_like_path(const char *text);
extern void wf_check_intrinsic(WfChecker *checker, const WfIntrinsic *intrinsic, const WfPlace *place, const char *field);

#endif
