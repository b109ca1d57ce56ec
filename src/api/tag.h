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

#endif
