#include "bridge/doors/doors.h"

#include <stdlib.h>

#include "bridge/doors/caller.h"
#include "bridge/doors/keys.h"
#include "bridge/doors/makes.h"
#include "bridge/doors/reply.h"
#include "bridge/doors/steps.h"
#include "bridge/doors/visit.h"
#include "bridge/doors/wants.h"
#include "bridge/net/upgrade.h"
#include "codecs/text/memory.h"

#define PREFLIGHT_MAX_AGE_S 600

struct doors *doors_new(void)
{
	return memory_zeroed(1, sizeof(struct doors));
}

void doors_free(struct doors *doors)
{
	if (!doors)
		return;
	answer_clear_body(&doors->worded);
	free(doors->slots);
	free(doors->generations);
	free(doors->free_slots);
	free(doors);
}

bool doors_busy(const struct worker *worker)
{
	return worker->doors && worker->doors->open > 0;
}

/* ---- requests ---- */

static uint32_t methods(const struct listener_info *listener, const struct http_request *request)
{
	struct arrived arrived = arrive(listener, request->path);

	return arrived.mount ? arrive_methods(arrived.match.methods) : DOOR_NOBODYS;
}

static void call(const struct door_arrival *arrival, const struct door_wire *wire)
{
	struct arrived arrived = arrive(arrival->listener, arrival->request->path);
	const struct codec_path *row = arrive_row(&arrived.match, arrival->request->method);

	arrival->worker->counters->calls++;
	visit_begin(visit_new(arrival, wire, &arrived, row), arrival);
}

static void gone(struct visit **visits, uint32_t ticket)
{
	struct visit *one = *visits, *next;

	for (; one; one = next) {
		next = one->next;
		if (ticket == DOOR_EVERY_TICKET || one->wire.ticket == ticket)
			visit_gone(one);
	}
}

/* ---- what the connection answers by itself ---- */

static struct visit *visit_at(struct visit *visits, uint32_t ticket)
{
	while (visits && visits->wire.ticket != ticket)
		visits = visits->next;
	return visits;
}

static bool is_preflight(const struct http_request *request)
{
	return request->method == METHOD_OPTIONS &&
	       http_header(request, "access-control-request-method").len > 0;
}

static enum reason reason_of(unsigned status)
{
	switch (status) {
	case 404: return REASON_UNKNOWN_VERB;
	case 405:
	case 501: return REASON_UNSUPPORTED;
	case 503: return REASON_CLOSING;
	default: return REASON_NO_ANSWER;
	}
}

/* The sentence without the end of its line. */
static struct slice sentence_of(const struct http_answer *answer)
{
	struct slice text = answer->body;

	while (text.len > 0 && text.data[text.len - 1] == '\n')
		text.len--;
	return text.len > 0 ? text : SLICE("the request is refused");
}

/* In the dialect's words; what HTTP itself needs stays. */
static void reword(struct doors *doors, struct visit *one, struct http_answer *answer)
{
	struct codec_answer *words = &doors->worded;
	struct http_answer reworded;

	answer_clear_body(words);
	one->mount->codec->http->refuse(&one->peer, &one->said, answer->status,
					reason_of(answer->status), sentence_of(answer), words);
	reworded = reply_of(words, one->origin, doors->headers, &doors->cors);
	reworded.status = answer->status;
	reworded.allow = answer->allow;
	reworded.retry_after_s = answer->retry_after_s;
	*answer = reworded;
}

static void allow_page(struct doors *doors, const struct door_arrival *arrival,
		       struct http_answer *answer)
{
	bool refused;
	struct slice origin = arrive_origin(arrival, &refused);

	if (!origin.data || !upgrade_host_allowed(arrival->listener, arrival->request->host))
		return;
	doors->cors = (struct http_cors){ .origin = origin };
	if (is_preflight(arrival->request)) {
		doors->cors.methods = answer->allow;
		doors->cors.headers = SLICE("Authorization, Client-ID, Content-Type");
		doors->cors.max_age_s = PREFLIGHT_MAX_AGE_S;
	}
	answer->cors = &doors->cors;
}

/* Whose call was not answered in time is told so; gone() follows. */
static bool word_late(struct visit *one, struct http_answer *answer)
{
	if (!one)
		return false;
	reword(one->worker->doors, one, answer);
	reply_count(one->worker, one->mount, call_method_text(one->said.method), one->said.path,
		    answer->status);
	one->answered = true;
	return true;
}

static bool word(const struct door_arrival *arrival, struct visit *visits, uint32_t ticket,
		 struct http_answer *answer)
{
	struct doors *doors = arrival->worker->doors;
	struct arrived arrived;
	struct visit *one;

	if (ticket)
		return word_late(visit_at(visits, ticket), answer);
	if (!arrival->request || answer->status == 400)
		return false;
	arrived = arrive(arrival->listener, arrival->request->path);
	if (!arrived.mount)
		return false;
	arrival->worker->counters->calls++;
	reply_count(arrival->worker, arrived.mount, arrival->request->method_text,
		    arrival->request->path, answer->status);
	if (answer->status >= 400) {
		one = visit_new(arrival, NULL, &arrived, NULL);
		reword(doors, one, answer);
		visit_free(one);
	}
	allow_page(doors, arrival, answer);
	return true;
}

const struct door_user doors_user = {
	.methods = methods,
	.call = call,
	.gone = gone,
	.word = word,
};

/* ---- answers ---- */

static void caller_known(struct visit *one, struct answer *answer)
{
	struct codec_told told = { .kind = WANT_NOTHING };
	struct slice text = answer_text(answer);
	bool identifying = one->identifying;
	enum caller_verdict verdict;
	enum reason reason;

	verdict = caller_answered(one, answer, &reason);
	if (verdict == CALLER_LATER)
		return;
	one->identifying = false;
	if (verdict == CALLER_REFUSED && identifying) {
		visit_refuse(one, caller_status(reason), reason, text);
		return;
	}
	if (!identifying)
		told.kind = WANT_LOGIN;
	told.reason = reason;
	told.text = text;
	visit_told(one, &told);
}

void doors_answered(struct worker *worker, const struct asker *asker, struct answer *answer)
{
	struct visit *one = visit_find(worker, asker);
	struct telling telling;

	if (!one) {
		worker->counters->calls_late++;
		return;
	}
	if (makes_await(one)) {
		if (!makes_answered(one, answer, &telling))
			return;
	} else if (keys_await(one) && answer->kind == ANSWER_LOGIN) {
		if (!keys_answered(one, answer, &telling))
			return;
	} else if (answer->kind == ANSWER_LOGIN) {
		caller_known(one, answer);
		return;
	} else {
		wants_answered(one, answer, &telling);
	}
	visit_told(one, &telling.told);
	telling_clear(&telling);
}

void doors_tick(struct worker *worker)
{
	struct doors *doors = worker->doors;
	struct telling telling;

	for (uint32_t i = 0; i < doors->slot_count && doors->pausing > 0; i++) {
		struct visit *one = doors->slots[i];

		if (!one || !one->until_tick || worker->tick_ms < one->until_tick)
			continue;
		wants_paused(one, &telling);
		visit_told(one, &telling.told);
		telling_clear(&telling);
	}
}
