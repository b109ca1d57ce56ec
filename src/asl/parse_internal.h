/*
 * parse_internal.h - what the files share that make a definition's tree of its JSON.
 *
 * parse_fields.c reads single fields, parse_distributed.c what a distributed Map has of its own, parse.c states and blocks.
 * All return false with the parser's error set; a field that is not there is none.
 */
#ifndef WF_PARSE_INTERNAL_H
#define WF_PARSE_INTERNAL_H

#include "asl/check.h"

typedef struct WfParser
{
	WfDefinition *definition;
	int			states_capacity;
	int			blocks_capacity;
	WfError    *error;
} WfParser;

/* --- parse_fields.c --- */

/* A field is not as the checker lets it be.  Always false. */
extern bool wf_parse_give_up(WfParser *parser, const WfState *state, const char *field);

/* True if a field of an object is this word. */
extern bool wf_field_says(const json_t *object, const char *field, const char *word);

/* A path; one that may be null. */
extern bool wf_parse_path(WfParser *parser, const WfState *state, json_t *object, const char *field, WfPath **path);
extern bool wf_parse_data_path(WfParser *parser, const WfState *state, const char *field, WfDataPath *path);

/* Templates and queries stand in an object, which is at `outer` in its state; NULL: the state itself. */
extern bool wf_parse_template(WfParser *parser, const WfState *state, json_t *object, const WfPlace *outer, const char *field,
							  WfTemplate **template_);
extern bool wf_parse_assign(WfParser *parser, const WfState *state, json_t *object, const WfPlace *outer, WfTemplate **assign);

/* *query stays NULL where the field holds none. */
extern bool wf_parse_query(WfParser *parser, const WfState *state, json_t *object, const WfPlace *outer, const char *field,
						   WfQuery **query);

/* A text, or what computes it: a query in its place, or under another field a path or an intrinsic function. */
extern bool wf_parse_text(WfParser *parser, const WfState *state, const char *field, const char *path_field, const char **text,
						  WfExpression **expression);

/* A number, a query in its place, or under another field a path to one: in an object of this owner, or in the state. */
extern bool wf_parse_number_of(WfParser *parser, const WfState *state, WfOwner owner, json_t *object, const WfPlace *outer,
							   const char *field, const char *path_field, WfNumber *number);
extern bool wf_parse_number(WfParser *parser, const WfState *state, const char *field, const char *path_field,
							WfNumber *number);

/* --- parse_distributed.c --- */

/* Makes state->map.distributed; `processor` is the Map's ItemProcessor. */
extern bool wf_parse_distributed(WfParser *parser, WfState *state, json_t *processor);

#endif
