/*
 * tag.h - tags as the service's requests carry them.
 */
#ifndef WF_API_TAG_H
#define WF_API_TAG_H

#include "api/request.h"
#include "store/tag.h"

/* What a list of tags holds. */
extern const WfField wf_tag_field[];

/* The request's field "tags"; palloc'ed.  Returns how many. */
extern int	wf_request_tags(const WfRequest *request, WfTag **tags);

/* Gives them to what has this ARN.  Raises TooManyTags. */
extern void wf_attach_tags(WfTagged of, int64 id, const char *arn, const WfTag *tags, int n);

#endif
