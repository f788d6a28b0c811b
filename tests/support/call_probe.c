#include "tests/support/call_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"

void call_probe_open(struct call_probe *p, const struct codec *codec)
{
	*p = (struct call_probe){ .row = NULL };
	probe_open(&p->probe, codec);
}

static void forget(struct call_probe *p)
{
	answer_clear_body(&p->answer);
	free(p->target);
	free(p->body);
	free(p->scratch);
	p->target = p->body = p->scratch = NULL;
}

void call_probe_close(struct call_probe *p)
{
	forget(p);
	free(p->said);
	probe_close(&p->probe);
}

static char *exact_copy(const char *text, size_t len)
{
	char *copy = memory_new(len ? len : 1);

	if (len > 0)
		memcpy(copy, text, len);
	return copy;
}

static void find_row(struct call_probe *p, enum call_method method)
{
	const struct codec_http *http = p->probe.codec->http;
	struct codec_match match = codec_http_match(http, p->call.path);

	p->row = match.rows[method];
	p->call.prefix = match.prefix;
	if (!match.methods)
		p->answer.status = 404;
	else if (!p->row)
		call_probe_refuse(p, 405, REASON_UNKNOWN_VERB);
	else
		assert_true(codec_http_parts(http, p->row, &p->call, p->scratch));
}

void call_probe_ask(struct call_probe *p, enum call_method method, const char *target,
		    const char *body)
{
	size_t path = strcspn(target, "?"), len = strlen(target), more = body ? strlen(body) : 0;

	forget(p);
	p->size = len + more + 1;
	p->target = exact_copy(target, len);
	p->body = exact_copy(body, more);
	p->scratch = memory_new(p->size);
	p->call = (struct codec_call){ .method = method,
				       .path = slice_span(p->target, path),
				       .body = slice_span(p->body, more),
				       .base_url = SLICE("https://chat.example"),
				       .socket_url = SLICE("wss://chat.example/x") };
	if (path < len)
		p->call.query = slice_span(p->target + path + 1, len - path - 1);
	find_row(p, method);
}

/* Behind what the parts of the path took. */
static void scratch_ready(struct call_probe *p)
{
	p->probe.peer.scratch = p->scratch + p->call.path.len;
}

enum reason call_probe_identify(struct call_probe *p)
{
	const struct codec_http *http = p->probe.codec->http;

	scratch_ready(p);
	p->probe.login = (struct codec_login){ 0 };
	return (http->identify ? http->identify : call_credentials)(&p->probe.peer, &p->call,
								    &p->probe.login);
}

void call_probe_step(struct call_probe *p, const struct codec_told *told)
{
	assert_non_null(p->row);
	assert_int_equal(p->answer.status, 0);
	p->want = (struct codec_want){ 0 };
	scratch_ready(p);
	p->row->handle(&p->probe.peer, &p->call, told, &p->want, &p->answer);
	if (p->answer.status == 0)
		assert_int_not_equal(p->want.kind, WANT_NOTHING);
}

void call_probe_refuse(struct call_probe *p, unsigned status, enum reason reason)
{
	answer_clear_body(&p->answer);
	p->probe.codec->http->refuse(&p->probe.peer, &p->call, status, reason,
				     slice_of(reason_text(reason)), &p->answer);
}

const char *call_probe_said(struct call_probe *p)
{
	const struct codec_answer *answer = &p->answer;
	size_t size = answer->body.len + answer->type.len + 16;

	free(p->said);
	p->said = memory_new(size);
	snprintf(p->said, size, "%u%s%.*s%s%.*s", answer->status, answer->type.len ? " " : "",
		 (int)answer->type.len, answer->type.data ? answer->type.data : "",
		 answer->body.len ? " " : "", (int)answer->body.len,
		 answer->body.data ? answer->body.data : "");
	return p->said;
}
