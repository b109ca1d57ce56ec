/*
 * world_functions.h - how the functions of a world behave; included by world.h.
 *
 * What a function does is a text: `echo`, `const:<json>`, `raise:<type>:<message>` (as the service's own functions fail),
 * `fail:<error>:<cause>`, `sleep:<n> then <anything>`, `hang`, `large-string:<bytes>`, `return-json-string`,
 * `python-format:<format>`; or a list of them, one for each call.
 *
 * Where a task waits for its token, that is its immediate answer; what answers from outside stands under the same name with
 * the resource's suffix.
 */

/* The function's name in a resource or an ARN: what stands after `:function:`, or all of it. */
static const char *
short_name(const char *text)
{
	const char *found = strstr(text, ":function:");

	return found ? found + strlen(":function:") : text;
}

/* Borrowed: how a function behaves at this call; NULL: there is no such function. */
static const char *
behaviour_of(World *w, const char *name)
{
	json_t	   *given = json_object_get(w->functions, name);
	json_int_t	calls = json_integer_value(json_object_get(w->calls, name));

	json_object_set_new(w->calls, name, json_integer(calls + 1));
	if (json_is_array(given) && json_array_size(given) > 0)
	{
		size_t		last = json_array_size(given) - 1;

		given = json_array_get(given, (size_t) calls < last ? (size_t) calls : last);
	}
	return json_string_value(given);
}

/* Python's way of printing: what the recorded functions made of a list of plain strings. */
static json_t *
python_format(const char *format, const json_t *event)
{
	size_t		length;
	char	   *text = wf_json_text(event, &length);
	const char *place = strstr(format, "{event}");
	char	   *result = malloc(strlen(format) + length + 1);
	json_t	   *value;

	for (size_t i = 0; i < length; i++)
		if (text[i] == '"')
			text[i] = '\'';
	sprintf(result, "%.*s%s%s", (int) (place - format), format, text, place + strlen("{event}"));
	value = json_string(result);
	free(text);
	free(result);
	return value;
}

/* Lets a function answer: the pending end of its task.  `suffix`: of the name under which the function stands. */
static void
call_function(World *w, const WfTaskToRun *task, const char *suffix, int frame, int serial)
{
	bool		envelope = task->resource->family == WF_FAMILY_TASK && strcmp(task->resource->type, "lambda") == 0;
	WfPayload  *event = NULL;
	char	   *name = NULL;
	const char *behaviour;
	json_t	   *value = NULL;
	int64_t		delay = 0;
	WfError		error = WF_ERROR_NONE;
	Pending    *pending;

	if (!envelope)
	{
		name = strdup(short_name(task->resource->base));
		event = wf_payload_share(task->parameters);
	}
	else if (!wf_lambda_request(task->parameters, &name, &event, &error))
	{
		pending = note_pending(w, w->now, WF_TASK_FAILED, frame, serial);
		pending->error = strdup(error.code == WF_INVALID_JSON ? "Lambda.InvalidRequestContentException" :
								wf_error_name(error.code));
		pending->cause = error.cause;
		return;
	}
	name = realloc(name, strlen(name) + strlen(suffix) + 1);
	strcat(name, suffix);
	behaviour = behaviour_of(w, short_name(name));
	while (behaviour && strncmp(behaviour, "sleep:", 6) == 0)
	{
		delay += atoll(behaviour + 6) * 1000000;
		behaviour = strstr(behaviour, " then ");
		if (behaviour)
			behaviour += strlen(" then ");
	}
	if (!behaviour)
	{
		pending = note_pending(w, w->now, WF_TASK_FAILED, frame, serial);
		pending->error = strdup("Lambda.ResourceNotFoundException");
		pending->cause = strdup("Function not found");
	}
	else if (strncmp(behaviour, "raise:", 6) == 0 || strncmp(behaviour, "fail:", 5) == 0)
	{
		const char *type = strchr(behaviour, ':') + 1;
		const char *message = strchr(type, ':') + 1;

		pending = note_pending(w, w->now + delay, WF_TASK_FAILED, frame, serial);
		pending->error = strndup(type, (size_t) (message - type) - 1);
		if (behaviour[0] == 'r')
		{
			json_t	   *cause = wf_json_object();
			size_t		length;

			json_object_set_new(cause, "errorMessage", json_string(message));
			json_object_set_new(cause, "errorType", json_string(pending->error));
			json_object_set_new(cause, "requestId", json_string("00000000-0000-0000-0000-000000000000"));
			json_object_set_new(cause, "stackTrace", json_array());
			pending->cause = wf_json_text(cause, &length);
			json_decref(cause);
		}
		else
			pending->cause = strdup(message);
	}
	else if (strcmp(behaviour, "hang") != 0)
	{
		if (strcmp(behaviour, "echo") == 0)
			value = json_incref(wf_payload_json(event, &error));
		else if (strncmp(behaviour, "const:", 6) == 0)
			value = wf_json_parse(behaviour + 6, strlen(behaviour + 6), true, &error);
		else if (strcmp(behaviour, "return-json-string") == 0)
			value = json_string("HelloWorld!");
		else if (strncmp(behaviour, "large-string:", 13) == 0)
		{
			size_t		length = (size_t) atoll(behaviour + 13);
			char	   *text = malloc(length + 1);

			memset(text, 'a', length);
			text[length] = '\0';
			value = json_string(text);
			free(text);
		}
		else if (strncmp(behaviour, "python-format:", 14) == 0)
			value = python_format(behaviour + 14, wf_payload_json(event, &error));
		if (!value)
			trouble(w, "unknown behaviour: %s", behaviour);
		else
		{
			WfPayload  *result = wf_payload_from_json(value);

			pending = note_pending(w, w->now + delay, WF_TASK_SUCCEEDED, frame, serial);
			pending->stimulus.output = !envelope || suffix[0] ? wf_payload_share(result) :
				wf_lambda_response(task->parameters, result, "00000000-0000-0000-0000-000000000000", &error);
			wf_payload_release(result);
		}
	}
	wf_payload_release(event);
	free(name);
	wf_error_clear(&error);
}

static void
answer_task(World *w, const WfTaskToRun *task, int frame, int serial)
{
	int			first = w->n_pending;

	call_function(w, task, "", frame, serial);
	if (task->resource->pattern == WF_REQUEST_RESPONSE || w->n_pending == first ||
		w->pending[first].stimulus.kind != WF_TASK_SUCCEEDED)
		return;
	w->pending[first].stimulus.kind = WF_TASK_SUBMITTED;
	call_function(w, task, task->resource->text + strlen(task->resource->base), frame, serial);
}
