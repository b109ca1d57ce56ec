/*
 * ask.h - who is asked whether to go on, by work that may take its time.
 */
#ifndef WF_ASK_H
#define WF_ASK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct WfAsk
{
	bool		(*go_on) (void *arg, size_t bytes);	/* so many have been gone through since, about */
	void	   *arg;
} WfAsk;

#endif
