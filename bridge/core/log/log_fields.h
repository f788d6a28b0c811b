/* log_fields.h - what an entry of the log has beside its message. */
#ifndef BRIDGE_CORE_LOG_LOG_FIELDS_H
#define BRIDGE_CORE_LOG_LOG_FIELDS_H

#include "codecs/text/slice.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };
enum log_format { LOG_TEXT, LOG_JSON };

/* What a line is about, for programs: fields of its object when the log is JSON, escaped there, so
 * that they come as they are. NULL, and slices without data: not in it. The message says the same
 * to people. */
struct log_fields {
	const char *event;   /* what happened: constant, such as "login_refused" */
	const char *address; /* of a client, numeric */
	const char *reason;  /* a code, constant */
	const char *dialect;
	const char *backend;
	struct slice path, room, name;
};

#endif
