/*
 * signature.h - what a function takes and gives: <s-nn?:s>.
 */
#ifndef WF_JSONATA_SIGNATURE_H
#define WF_JSONATA_SIGNATURE_H

#include "jsonata/error.h"

#define JN_MAX_PARAMETERS 16

typedef struct JnParameter
{
	uint16_t	kinds;			/* which JnKinds it takes, a bit each */
	bool		optional;		/* ? */
	bool		many;			/* + */
	bool		context;		/* -: if it is missing, the context is taken */
	bool		array;			/* a single value becomes an array */
	WfString	items;			/* what an array's items must be, as it is written; no text: anything */
} JnParameter;

typedef struct JnSignature
{
	int			n;
	JnParameter parameters[JN_MAX_PARAMETERS];
	bool		plain;			/* no context, nothing optional or many, no arrays: kinds are all there is to look at */
} JnSignature;

/* False with *error (S0401, S0402). */
extern bool jn_signature_read(JnSignature *signature, WfString text, int position, WfJsonataError *error);

/*
 * Puts a call's arguments into the parameters' places: *n becomes how many those are, missing ones are undefined.  False with
 * T0410 … T0412.  `arguments` may be replaced by others in the arena.
 */
extern bool jn_signature_apply(const JnSignature *signature, JnArena *arena, JnValue **arguments, int *n, JnValue context,
							   const JnDetails *where, WfJsonataError *error);

#endif
