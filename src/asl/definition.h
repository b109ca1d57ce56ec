/*
 * definition.h - a state machine's definition as data: read-only once parsed, shared by all executions of a revision.
 *
 * Every States object (the machine's own, a Parallel's branches, a Map's ItemProcessor) is a block; blocks and states
 * are numbered over the whole definition in the order in which they stand, so that stored memory can name them.
 */
#ifndef WF_DEFINITION_H
#define WF_DEFINITION_H

#include <stdint.h>

#include "asl/choice.h"
#include "asl/distributed.h"
#include "asl/resource.h"
#include "asl/retry.h"
#include "asl/template.h"

typedef enum WfStateType
{
#define WF_STATE(identifier, word, terminal, retry) WF_##identifier,
#include "asl/states.def"
#undef WF_STATE
	WF_STATE_TYPE_COUNT
} WfStateType;

typedef enum WfQueryLanguage { WF_JSONPATH, WF_JSONATA } WfQueryLanguage;

typedef struct WfDefinition WfDefinition;
typedef struct WfBlock WfBlock;
typedef struct WfState WfState;

/* InputPath, OutputPath, ItemsPath: absent means `$`; null means `{}` (for ResultPath: the result is discarded). */
typedef struct WfDataPath
{
	bool		null;
	WfPath	   *path;			/* NULL (and not null): `$` */
} WfDataPath;

/* A field that is a number or, with the suffix Path, a reference path; in JSONata it may be a query. */
typedef struct WfNumber
{
	bool		given;
	int64_t		value;			/* where path and query are NULL */
	WfPath	   *path;
	WfQuery    *query;
	int64_t		low;			/* what a query may give */
	int64_t		high;
} WfNumber;

/* What a Map in DISTRIBUTED mode adds; children run in executions of their own. */
typedef struct WfDistributed
{
	bool		express;		/* ExecutionType of the children */
	const char *label;			/* NULL: none is given */
	WfNumber	tolerated_count;
	bool		percentage_given;
	double		tolerated_percentage;	/* where path and query are NULL */
	WfPath	   *tolerated_percentage_path;
	WfQuery    *tolerated_percentage_query;

	WfResource *reader;			/* ItemReader's Resource; NULL: the items are the state's own */
	WfTemplate *reader_parameters;	/* Parameters or Arguments */
	WfReaderConfig reader_config;
	WfResource *reader_files;	/* of a listing whose files are loaded; NULL: none */
	WfNumber	max_items;

	bool		batched;		/* has an ItemBatcher */
	WfNumber	batch_items;
	WfNumber	batch_bytes;
	WfTemplate *batch_input;

	WfResource *writer;			/* ResultWriter's Resource; NULL: the results are the state's */
	WfTemplate *writer_parameters;
	WfWriterConfig writer_config;
} WfDistributed;

typedef struct WfRule
{
	WfCondition *condition;		/* JSONPath */
	WfTemplate *query;			/* JSONata's Condition */
	WfTemplate *assign;			/* NULL: none */
	WfTemplate *output;			/* JSONata; NULL: none */
	const WfState *next;
} WfRule;

struct WfBlock
{
	int			id;				/* place in WfDefinition.blocks; 0 is the machine's own */
	const WfState *owner;		/* the Parallel or Map that it belongs to; NULL for block 0 */
	int			branch;			/* number among its owner's branches; 0 for a Map's processor */
	const WfState *start;
	int			n_states;
	WfState   **states;
};

struct WfState
{
	int			id;				/* place in WfDefinition.states */
	WfStateType type;
	const char *name;
	const WfBlock *block;
	WfQueryLanguage language;
	json_t	   *source;			/* its own JSON; borrowed from the definition */
	const WfState *next;		/* NULL: End, or a type that has no Next */

	/* the data flow of JSONPath, in this order; that of JSONata has parameters, assign and output alone */
	WfDataPath	input_path;
	WfTemplate *parameters;		/* Parameters or Arguments; for a Map the ItemSelector (or its deprecated Parameters); NULL: none */
	WfTemplate *result_selector;	/* NULL: none */
	WfDataPath	result_path;
	WfDataPath	output_path;
	WfTemplate *assign;			/* NULL: none */
	WfTemplate *output;			/* JSONata's Output; NULL: none */

	int			n_retriers;
	WfRetrier  *retriers;
	int			n_catchers;
	WfCatcher  *catchers;

	union
	{
		struct
		{
			json_t	   *result; /* NULL: none */
		}			pass;
		struct
		{
			WfResource	resource;
			WfNumber	timeout;	/* seconds */
			WfNumber	heartbeat;
			WfTemplate *credentials;
		}			task;
		struct
		{
			int			n_rules;
			WfRule	   *rules;
			const WfState *fallback;	/* Default; NULL: none */
		}			choice;
		struct
		{
			WfNumber	seconds;	/* Seconds, SecondsPath */
			bool		timestamp_given;
			int64_t		timestamp;	/* Timestamp: microseconds since 1970 */
			WfPath	   *timestamp_path;
			WfQuery    *timestamp_query;
		}			wait;
		struct
		{
			const char *error;	/* NULL: none, or computed */
			const char *cause;
			WfExpression *error_expression;	/* ErrorPath: a path or an intrinsic function; a query in Error; NULL: none */
			WfExpression *cause_expression;
		}			fail;
		struct
		{
			int			n_branches;
			const WfBlock **branches;
		}			parallel;
		struct
		{
			const WfBlock *processor;
			WfDataPath	items_path;
			WfTemplate *items;	/* JSONata's Items; NULL: none */
			WfNumber	max_concurrency;	/* 0 or not given: no limit of its own */
			WfDistributed *distributed; /* NULL: inline */
		}			map;
	};
};

struct WfDefinition
{
	json_t	   *source;
	WfQueryLanguage language;
	int64_t		timeout;		/* TimeoutSeconds; 0: none */
	bool		assigns;		/* somewhere in it stands an Assign */
	int			n_blocks;
	WfBlock   **blocks;
	int			n_states;
	WfState   **states;
};

extern const char *wf_state_type_word(WfStateType type);	/* "Pass" */

/* --- check.c: what is wrong with a definition --- */

typedef enum WfSeverity { WF_SEVERITY_ERROR, WF_SEVERITY_WARNING } WfSeverity;

typedef struct WfDiagnostic
{
	WfSeverity	severity;
	const char *code;			/* "SCHEMA_VALIDATION_FAILED": a static string */
	char	   *message;
	char	   *location;		/* "/States/A/Choices[0]/Next"; "/" for the whole; NULL: nowhere in particular */
	char	   *detail;			/* what the message, whose words are the service's, leaves out; NULL: nothing */
} WfDiagnostic;

typedef struct WfDiagnostics
{
	int			n;
	int			n_errors;
	WfDiagnostic *items;		/* in the order of the places in the definition */
} WfDiagnostics;

typedef enum WfMachineType { WF_STANDARD, WF_EXPRESS } WfMachineType;

/*
 * Looks a definition over and reports everything that is wrong with it, all at once.  False only without memory.
 * wf_diagnostics_free releases what it holds.
 */
extern bool wf_definition_check(const char *text, size_t length, WfMachineType type, WfDiagnostics *diagnostics);
extern void wf_diagnostics_free(WfDiagnostics *diagnostics);

/*
 * --- parse.c: JSON text → tree ---
 * New, or NULL: with *error (WF_INVALID_DEFINITION and the first error that wf_definition_check would report), or without
 * memory.  A definition that the check accepts is parsed.
 */
extern WfDefinition *wf_definition_parse(const char *text, size_t length, WfError *error);
extern void wf_definition_free(WfDefinition *definition);

#endif
