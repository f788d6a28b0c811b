#include "bridge/doors/reply.h"

#include "bridge/core/log/log_limit.h"
#include "codecs/text/name.h"

struct http_answer reply_of(const struct codec_answer *answer, struct slice origin,
			    struct http_header *headers, struct http_cors *cors)
{
	struct http_answer out = { .status = answer->status,
				   .type = answer->type,
				   .body = slice_span(answer->body.data, answer->body.len),
				   .headers = headers,
				   .header_count = answer->header_count + 1 };

	headers[answer->header_count] =
	    (struct http_header){ SLICE("Cache-Control"), SLICE("no-store") };
	for (size_t i = 0; i < answer->header_count; i++)
		headers[i] = (struct http_header){ slice_of(answer->headers[i].name),
						   answer_header_value(answer, i) };
	if (!origin.data)
		return out;
	/* Without credentials: nothing here goes by cookies. */
	*cors = (struct http_cors){ .origin = origin, .exposed = SLICE("Link, Retry-After") };
	out.cors = cors;
	return out;
}

void reply_count(struct worker *worker, const struct mount *mount, struct slice method,
		 struct slice path, unsigned status)
{
	struct counters *counters = worker->counters;
	struct log_fields fields = { .event = "call", .dialect = mount->codec->name, .path = path };
	char at[256];

	if (status < 400)
		counters->calls_answered++;
	else if (status < 500)
		counters->calls_refused++;
	else
		counters->calls_failed++;
	if (log_enabled(LOG_DEBUG))
		log_event_limited(LOG_CALL, LOG_DEBUG, &fields, "%s %.*s \"%s\": %u",
				  fields.dialect, (int)method.len, method.data,
				  text_escape(path, at, sizeof(at)), status);
}
