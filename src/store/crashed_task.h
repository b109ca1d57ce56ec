/*
 * crashed_task.h - tasks whose worker died while it ran them alone, and how often.
 */
#ifndef WF_CRASHED_TASK_H
#define WF_CRASHED_TASK_H

#include "postgres.h"

extern int	wf_crashed_task_count(int64 execution, int frame, int serial);
extern void wf_crashed_task_add(int64 execution, int frame, int serial);
extern void wf_crashed_task_forget(int64 execution, int frame, int serial);

#endif
