/*
 * task_token.h - task tokens: the bearer secret by which a task that is out is answered from outside.
 *
 * A token is text: which task it is for (execution, frame, serial), and a code over that (HMAC-SHA256) with a key that only
 * the installation knows.  So nothing is stored for one, and it is good as long as its task waits: across crashes, dumps
 * and promotions.
 */
#ifndef WF_TASK_TOKEN_H
#define WF_TASK_TOKEN_H

#include "postgres.h"

#include "interpreter/interpreter.h"

typedef struct WfTaskReference
{
	int64		execution;
	int			frame;
	int			serial;
} WfTaskReference;

/* In an engine's section. */
extern void wf_task_token_make(const WfTaskReference *task, char token[WF_TASK_TOKEN_SIZE]);

/* False: it is none of ours. */
extern bool wf_task_token_read(const char *token, WfTaskReference *task);

#endif
