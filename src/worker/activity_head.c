/*
 * activity_head.c - where the looks at an activity's tasks begin, and at those who wait for any, for all processes.
 *
 * Tasks that have been taken lie behind it: as long as somebody holds an old snapshot they stay in the indexes, and a look from
 * the beginning steps over all of them.  A head moves on to the first task that can still be seen; every commit that offers
 * one with a lower id puts it back, and so does a rollback that gives tasks back.  So that it never passes by what becomes
 * visible amid a look, it is moved only if nothing has put it back since before that look's snapshot.
 *
 * There is a place for each activity and role, by a hash: who finds another's in it looks from the beginning, and takes it.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "worker/process.h"

static WfActivityHead *
place_of(int64 activity, Oid role)
{
	uint32		hash = hash_combine(murmurhash32((uint32) activity), hash_combine(role, MyDatabaseId));

	return &wf_shared->heads[hash % WF_ACTIVITY_HEADS];
}

static bool
is_of(const WfActivityHead *head, int64 activity, Oid role)
{
	return head->activity == activity && head->role == role && head->database == MyDatabaseId;
}

void
wf_activity_head(int64 activity, Oid role, int64 *from, uint32 *changes)
{
	WfActivityHead *head;

	wf_shared_attach();
	head = place_of(activity, role);
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	if (!is_of(head, activity, role))
		*head = (WfActivityHead) {MyDatabaseId, role, activity, 0, head->changes + 1};
	*from = head->from;
	*changes = head->changes;
	LWLockRelease(&wf_shared->pollers_lock);
}

void
wf_activity_head_move(int64 activity, Oid role, int64 from, uint32 changes)
{
	WfActivityHead *head = place_of(activity, role);

	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	if (is_of(head, activity, role) && head->changes == changes)
		head->from = from;
	LWLockRelease(&wf_shared->pollers_lock);
}

void
wf_activity_heads_put_back(Oid database, int64 activity, int64 to)
{
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	for (int i = 0; i < WF_ACTIVITY_HEADS; i++)
	{
		WfActivityHead *head = &wf_shared->heads[i];

		if (head->database == database && (activity == WF_ANY_ACTIVITY || head->activity == activity))
		{
			head->from = Min(head->from, to);
			head->changes++;
		}
	}
	LWLockRelease(&wf_shared->pollers_lock);
}
