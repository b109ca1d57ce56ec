/*
 * retry.h - Retriers and Catchers: which one an error meets, and how long to wait.
 */
#ifndef WF_RETRY_H
#define WF_RETRY_H

#include "asl/template.h"

struct WfState;

typedef struct WfRetrier
{
	int			n_errors;
	const char **errors;		/* ErrorEquals */
	int64_t		interval;		/* IntervalSeconds; 1 */
	int64_t		max_attempts;	/* MaxAttempts; 3 */
	double		backoff_rate;	/* BackoffRate; 2.0 */
	int64_t		max_delay;		/* MaxDelaySeconds; 0: none */
	bool		full_jitter;	/* JitterStrategy is FULL */
} WfRetrier;

typedef struct WfCatcher
{
	int			n_errors;
	const char **errors;
	const struct WfState *next;
	bool		discard;		/* ResultPath is null: the input goes on unchanged */
	WfPath	   *result_path;	/* NULL: `$`, the error output replaces the input */
	WfTemplate *assign;			/* NULL: none */
	WfTemplate *output;			/* JSONata; NULL: none */
} WfCatcher;

/*
 * True if a list of error names meets an error.  `also` are further names under which the error may be met, ended by NULL
 * (an SQL error's class and SQLSTATE; States.HeartbeatTimeout for a missed heartbeat); NULL: none.
 * States.Runtime is met by nothing; States.TaskFailed meets all but States.Timeout.
 */
extern bool wf_error_equals(int n_errors, const char *const *errors, const char *error, const char *const *also);

/*
 * The wait in microseconds before attempt number `attempt` (1 is the first retry): min(interval * rate^(attempt-1),
 * max_delay), with full jitter uniform between 0 and that.
 */
extern int64_t wf_retry_delay(const WfRetrier *retrier, int attempt, const WfHost *host);

#endif
