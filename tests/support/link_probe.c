#include "tests/support/link_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define SCRATCH_SPARE 1024

static struct link_probe *probe_of(struct call_sink *sink)
{
	return (struct link_probe *)(void *)sink;
}

/* ---- lines ---- */

static void put(struct json_writer *w, struct slice text)
{
	if (text.len)
		json_put_literal(w, text.data, text.len);
}

static __attribute__((format(printf, 2, 3))) void print(struct json_writer *w, const char *format,
							...)
{
	char text[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert_in_range(len, 0, sizeof(text) - 1);
	json_put_literal(w, text, (size_t)len);
}

static void line(struct json_writer *w)
{
	if (w->len)
		put(w, SLICE("\n"));
}

static void put_name(struct json_writer *w, struct slice name)
{
	assert_true(text_is_utf8(name));
	put(w, name.data ? name : SLICE("?"));
}

static void put_field(struct json_writer *w, const char *name, struct slice text)
{
	if (!text.data)
		return;
	print(w, " %s=", name);
	put(w, text);
}

static void put_id(struct json_writer *w, const char *name, struct slice id)
{
	assert_true(id.len <= FOREIGN_ID_MAX);
	assert_true(id.len > 0 || !id.data);
	put_field(w, name, id);
}

static void put_person(struct json_writer *w, const char *name, const struct foreign_person *person)
{
	if (!person->id.data && !person->name.data)
		return;
	print(w, " %s=", name);
	assert_true(person->id.len <= FOREIGN_ID_MAX && (person->id.len > 0 || !person->id.data));
	put(w, person->id);
	put(w, SLICE("/"));
	put_name(w, person->name);
}

static void put_why(struct json_writer *w, enum reason reason, struct slice text)
{
	assert_in_range(reason, REASON_NONE, REASONS - 1);
	print(w, " %s", reason == REASON_NONE ? "none" : reason_code(reason));
	if (!text.data)
		return;
	put(w, SLICE(" \""));
	put(w, text);
	put(w, SLICE("\""));
}

static void put_request(struct json_writer *w, const struct call_request *request)
{
	struct json_value body;
	struct slice method = call_method_text(request->method);

	assert_int_not_equal(request->tag, 0);
	assert_true(request->path.len > 0 && request->path.data[0] == '/');
	print(w, " %u ", request->tag);
	put(w, method);
	put(w, SLICE(" "));
	put(w, slice_span(request->path.data, request->path.len));
	if (request->body.len) {
		assert_int_equal(json_read_value(slice_span(request->body.data, request->body.len),
						 JSON_DEPTH_MAX, &body),
				 JSON_OK);
		put(w, SLICE(" "));
		put(w, slice_span(request->body.data, request->body.len));
	}
	if (!request->authorization.len)
		return;
	put(w, SLICE(" ["));
	put(w, slice_span(request->authorization.data, request->authorization.len));
	put(w, SLICE("]"));
}

static void request_clear(struct call_request *request)
{
	json_clear(&request->path);
	json_clear(&request->body);
	json_clear(&request->authorization);
}

/* ---- the sink ---- */

static void door_up(struct call_sink *sink, const struct foreign_person *self)
{
	struct link_probe *p = probe_of(sink);

	line(&p->lines);
	put(&p->lines, SLICE("up "));
	put(&p->lines, self->id);
	put(&p->lines, SLICE(" "));
	put_name(&p->lines, self->name);
	free(p->self);
	p->self = memory_new(self->id.len + self->name.len + 1);
	if (self->id.len)
		memcpy(p->self, self->id.data, self->id.len);
	if (self->name.len)
		memcpy(p->self + self->id.len, self->name.data, self->name.len);
	p->peer.self.id = slice_span(p->self, self->id.len);
	p->peer.self.name = slice_span(p->self + self->id.len, self->name.len);
}

static void door_refused(struct call_sink *sink, enum reason reason, struct slice text)
{
	struct link_probe *p = probe_of(sink);

	line(&p->lines);
	put(&p->lines, SLICE("refused"));
	put_why(&p->lines, reason, text);
}

static void put_flags(struct json_writer *w, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {
		{ FLAG_ACTION, "action" },       { FLAG_PRIVATE, "private" },
		{ FLAG_PERMANENT, "permanent" }, { FLAG_ADDING, "adding" },
		{ FLAG_EDITED, "edited" },       { FLAG_DEGRADED, "degraded" },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (flags & names[i].flag)
			print(w, " %s", names[i].name);
}

static void put_event(struct json_writer *w, const struct envelope *event)
{
	assert_true(text_is_utf8(event->text));
	put_field(w, "text", event->text);
	put_field(w, "thread", event->thread);
	put_flags(w, event->flags);
	if (event->client_time_ms)
		print(w, " time=%lld", (long long)event->client_time_ms);
	if (event->duration_ms)
		print(w, " duration=%llu", (unsigned long long)event->duration_ms);
	for (size_t i = 0; i < event->reaction_count; i++) {
		put_field(w, "reaction", event->reactions[i].emoji);
		print(w, "*%u", event->reactions[i].count);
		assert_true(event->reactions[i].count > 0);
	}
	put_field(w, "extra", event->extra);
}

/* A line of JSON, alone or between braces. */
static void check_extra(const struct envelope *event)
{
	struct json_writer w = { .len = 0 };
	struct json_object object;
	bool whole = event->kind == KIND_OPAQUE;

	assert_true(event->extra.len <= CALL_EXTRA_MAX);
	for (size_t i = 0; i < event->extra.len; i++)
		assert_true((unsigned char)event->extra.data[i] >= ' ');
	if (!whole)
		put(&w, SLICE("{"));
	put(&w, event->extra);
	if (!whole)
		put(&w, SLICE("}"));
	if (whole || event->extra.len)
		assert_int_not_equal(json_read(slice_span(w.data, w.len), JSON_DEPTH_MAX, &object),
				     JSON_BAD_SYNTAX);
	json_clear(&w);
}

static void door_heard(struct call_sink *sink, const struct call_heard *heard)
{
	struct link_probe *p = probe_of(sink);
	struct json_writer *w = &p->lines;

	assert_int_equal(heard->event.id, 0);
	assert_int_equal(heard->event.author.number, 0);
	assert_int_equal(heard->event.target, 0);
	check_extra(&heard->event);
	line(w);
	print(w, "%sheard %s", heard->late ? "late " : "", envelope_kind_name(heard->event.kind));
	put_id(w, "id", heard->id);
	put_id(w, "target", heard->target);
	put_id(w, "room", heard->room);
	put_person(w, "author", &heard->author);
	put_person(w, "subject", &heard->subject);
	put_event(w, &heard->event);
	envelope_release(p->event);
	p->event = envelope_seal(&heard->event);
	p->heard++;
	p->roles = heard->subject.id.len ? heard->subject.roles : heard->author.roles;
}

static void door_settled(struct call_sink *sink, const struct call_settled *settled)
{
	struct link_probe *p = probe_of(sink);

	line(&p->lines);
	print(&p->lines, "settled %llu", (unsigned long long)settled->serial);
	put_why(&p->lines, settled->reason, settled->text);
	put_id(&p->lines, "id", settled->id);
}

static void door_known(struct call_sink *sink, const struct foreign_person *person, bool online)
{
	struct link_probe *p = probe_of(sink);

	assert_true(person->id.len > 0 && person->id.len <= FOREIGN_ID_MAX);
	line(&p->lines);
	put(&p->lines, SLICE("known "));
	put(&p->lines, person->id);
	put(&p->lines, SLICE(" "));
	put_name(&p->lines, person->name);
	put(&p->lines, online ? SLICE(" online") : SLICE(" offline"));
}

static void door_send(struct call_sink *sink, struct slice frame)
{
	struct link_probe *p = probe_of(sink);
	struct json_object object;

	assert_int_equal(json_read(frame, JSON_DEPTH_MAX, &object), JSON_OK);
	line(&p->lines);
	put(&p->lines, SLICE("send "));
	put(&p->lines, frame);
}

static void door_ask(struct call_sink *sink, struct call_request *request)
{
	struct link_probe *p = probe_of(sink);

	line(&p->lines);
	put(&p->lines, SLICE("ask"));
	put_request(&p->lines, request);
	request_clear(request);
}

static void door_history(struct call_sink *sink, size_t count, bool reaches)
{
	struct link_probe *p = probe_of(sink);

	line(&p->lines);
	print(&p->lines, "history %zu%s", count, reaches ? " reaches" : "");
}

/* ---- one login ---- */

void link_probe_open(struct link_probe *p, const struct codec *codec,
		     const struct call_account *account)
{
	*p = (struct link_probe){ .codec = codec, .account = *account };
	p->sink = (struct call_sink){ .up = door_up,
				      .refused = door_refused,
				      .heard = door_heard,
				      .settled = door_settled,
				      .known = door_known,
				      .send = door_send,
				      .ask = door_ask,
				      .history = door_history };
	p->peer = (struct call_peer){ .state = memory_zeroed(1, codec->calls->state_size),
				      .account = &p->account,
				      .json_depth = JSON_DEPTH_DEFAULT,
				      .now_ms = LINK_NOW };
}

void link_probe_close(struct link_probe *p)
{
	if (p->codec->calls->close)
		p->codec->calls->close(&p->peer);
	envelope_release(p->event);
	json_clear(&p->lines);
	free(p->peer.state);
	free(p->told);
	free(p->text);
	free(p->scratch);
	free(p->said);
	free(p->self);
}

static struct slice exact(struct link_probe *p, struct slice text)
{
	free(p->text);
	free(p->scratch);
	p->text = memory_new(text.len);
	if (text.len)
		memcpy(p->text, text.data, text.len);
	p->scratch = memory_new(text.len + SCRATCH_SPARE);
	p->peer.scratch = p->scratch;
	return slice_span(p->text, text.len);
}

/* Takes what is written as what is returned. */
static const char *say(struct link_probe *p, struct json_writer *w)
{
	free(p->said);
	p->said = memory_text(w->data ? w->data : "", w->len);
	json_clear(w);
	return p->said;
}

static const char *step(struct link_probe *p, const struct call_result *previous)
{
	struct call_plan plan = { .reason = REASON_NONE };
	struct json_writer w = { .len = 0 };

	switch (p->codec->calls->plan(&p->peer, previous, &plan, &p->sink)) {
	case CALL_ASK:
		put(&w, SLICE("ask"));
		put_request(&w, &plan.request);
		break;
	case CALL_CONNECT:
		put(&w, SLICE("connect "));
		put(&w, slice_span(plan.socket_url.data, plan.socket_url.len));
		if (plan.authorization.len) {
			put(&w, SLICE(" ["));
			put(&w, slice_span(plan.authorization.data, plan.authorization.len));
			put(&w, SLICE("]"));
		}
		break;
	case CALL_REFUSED:
		assert_int_not_equal(plan.reason, REASON_NONE);
		put(&w, SLICE("refused"));
		put_why(&w, plan.reason, plan.text);
		break;
	}
	request_clear(&plan.request);
	json_clear(&plan.socket_url);
	json_clear(&plan.authorization);
	return say(p, &w);
}

const char *link_probe_plan(struct link_probe *p)
{
	(void)exact(p, SLICE(""));
	return step(p, NULL);
}

static struct call_result result_of(struct link_probe *p, uint32_t tag, unsigned status,
				    struct slice body)
{
	struct call_result result = {
		.tag = tag, .status = status, .body = exact(p, body), .more = p->more
	};

	if (status == 0)
		result.why = SLICE("it cannot be reached");
	return result;
}

const char *link_probe_answer(struct link_probe *p, uint32_t tag, unsigned status, const char *body)
{
	struct call_result result = result_of(p, tag, status, slice_of(body));

	return step(p, &result);
}

void link_probe_begin(struct link_probe *p)
{
	if (strncmp(p->said, "connect ", 8) != 0)
		return;
	(void)exact(p, SLICE(""));
	p->logged_in = true;
	if (p->codec->calls->open)
		p->codec->calls->open(&p->peer, &p->sink);
}

void link_probe_log_in(struct link_probe *p, const char *const *bodies)
{
	const char *said = link_probe_plan(p);
	unsigned tag;

	while (sscanf(said, "ask %u", &tag) == 1) {
		assert_non_null(*bodies);
		said = link_probe_answer(p, tag, 200, *bodies++);
	}
	assert_int_equal(strncmp(said, "connect ", 8), 0);
	link_probe_begin(p);
}

enum reason link_probe_hear(struct link_probe *p, struct slice text)
{
	struct slice frame = exact(p, text);

	return p->codec->calls->decode(&p->peer, frame, &p->sink);
}

enum reason link_probe_hear_text(struct link_probe *p, const char *text)
{
	return link_probe_hear(p, slice_of(text));
}

void link_probe_answered(struct link_probe *p, const struct call_said *said, uint32_t tag,
			 unsigned status, const char *body)
{
	struct call_result result = result_of(p, tag, status, slice_of(body));

	p->codec->calls->answered(&p->peer, said, &result, &p->sink);
}

const char *link_probe_told(struct link_probe *p)
{
	free(p->told);
	p->told = memory_text(p->lines.data ? p->lines.data : "", p->lines.len);
	json_clear(&p->lines);
	return p->told;
}

/* ---- what is said ---- */

static const char *out_text(struct link_probe *p, enum codec_status status, struct call_out *out,
			    enum reason why)
{
	static const char *const settlings[] = { "reply", "answer", "echo", "sent" };
	struct json_writer w = { .len = 0 };
	struct json_object object;

	if (status == CODEC_NOTHING) {
		assert_int_equal(out->frame.len + out->request.path.len, 0);
		put(&w, SLICE("nothing"));
		put_why(&w, why, (struct slice){ NULL, 0 });
		return say(p, &w);
	}
	assert_true(out->frame.len || out->request.path.len);
	if (out->frame.len) {
		struct slice frame = slice_span(out->frame.data, out->frame.len);

		assert_int_equal(json_read(frame, JSON_DEPTH_MAX, &object), JSON_OK);
		put(&w, SLICE("frame "));
		put(&w, frame);
	}
	if (out->request.path.len) {
		put(&w, SLICE("request"));
		put_request(&w, &out->request);
	}
	print(&w, " (%s)%s", settlings[out->settling], out->echoes ? " echoes" : "");
	json_clear(&out->frame);
	request_clear(&out->request);
	return say(p, &w);
}

const char *link_probe_say(struct link_probe *p, const struct call_said *said)
{
	struct call_out out = { .echoes = false };
	enum reason why = REASON_NONE;
	enum codec_status status;

	(void)exact(p, said->text);
	status = p->codec->calls->say(&p->peer, said, &out, &why);
	return out_text(p, status, &out, why);
}

const char *link_probe_history(struct link_probe *p, uint32_t count)
{
	struct call_out out = { .echoes = false };

	(void)exact(p, SLICE(""));
	return out_text(p, p->codec->calls->history(&p->peer, count, &out), &out, REASON_NONE);
}

const char *link_probe_keepalive(struct link_probe *p)
{
	struct call_out out = { .echoes = false };

	(void)exact(p, SLICE(""));
	return out_text(p, p->codec->calls->keepalive(&p->peer, &out), &out, REASON_NONE);
}
