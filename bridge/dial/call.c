#include "bridge/dial/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/worker.h"
#include "bridge/dial/dial.h"
#include "bridge/dial/dialer.h"
#include "bridge/dial/secure.h"
#include "bridge/net/tls.h"
#include "codecs/text/memory.h"

struct socket_call *call_begin(struct worker *worker)
{
	struct socket_call *call = memory_zeroed(1, sizeof(*call));

	if (!worker->calls)
		worker->calls = memory_zeroed(1, sizeof(*worker->calls));
	call->worker = worker;
	call->next = worker->calls->first;
	call->link = &worker->calls->first;
	if (call->next)
		call->next->link = &call->next;
	worker->calls->first = call;
	return call;
}

static void call_free(struct socket_call *call)
{
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	ws_reader_clear(&call->reader);
	free(call);
}

void call_enter(struct socket_call *call)
{
	call->busy++;
}

void call_leave(struct socket_call *call)
{
	call->busy--;
	if (call->unwanted && call->busy == 0)
		call_free(call);
}

static void nobody_ended(void *user, const struct socket_call_end *how)
{
	(void)how;
	call_unwanted(user);
}

/* Whoever reads ours late, and answers before, would find a connection reset in place of our
 * goodbye: it waits for theirs. */
static bool lingers(struct socket_call *call)
{
	static const struct socket_call_user nobody = { .end = nobody_ended };

	if (call->state != CALL_CLOSES || !call->watched || call->use == &nobody)
		return false;
	call->use = &nobody;
	call->user = call;
	return true;
}

void call_unwanted(struct socket_call *call)
{
	if (lingers(call))
		return;
	if (call->state != CALL_ENDED)
		call_let_go(call);
	call->state = CALL_ENDED;
	call->unwanted = true;
	call_enter(call);
	call_leave(call);
}

void call_set_clean(struct socket_call *call)
{
	if (!call->dirty_link)
		return;
	*call->dirty_link = call->next_dirty;
	if (call->next_dirty)
		call->next_dirty->dirty_link = call->dirty_link;
	call->dirty_link = NULL;
}

void call_set_dirty(struct socket_call *call)
{
	struct socket_calls *calls = call->worker->calls;

	if (call->dirty_link || call->blocked)
		return;
	call->next_dirty = calls->dirty;
	if (call->next_dirty)
		call->next_dirty->dirty_link = &call->next_dirty;
	call->dirty_link = &calls->dirty;
	calls->dirty = call;
}

/* Its thread is told, which has others waiting. */
static void dial_cancel(struct socket_call *call, struct dial *dial)
{
	dial->call = NULL;
	atomic_store_explicit(&dial->job.cancelled, true, memory_order_relaxed);
	if (call->worker->bridge->dialer)
		carrier_wake(call->worker->bridge->dialer->dials);
	job_release(&dial->job);
}

void call_opening_free(struct socket_call *call)
{
	struct opening *opening = call->opening;

	if (!opening)
		return;
	call->opening = NULL;
	if (opening->dial)
		dial_cancel(call, opening->dial);
	if (opening->request)
		explicit_bzero(opening->request, opening->request_len);
	free(opening->request);
	free(opening->answer);
	free(opening);
}

void call_let_go(struct socket_call *call)
{
	call_opening_free(call);
	call_set_clean(call);
	output_clear(&call->output);
	if (call->tls) {
		/* Without it the socket is another's by now. */
		if (call->watched)
			tls_say_end(call->tls);
		secure_free(call->tls);
		call->tls = NULL;
	}
	if (call->watched)
		socket_poll_close(&call->poll);
	call->watched = false;
}

static enum socket_call_stage stage_of(const struct socket_call *call)
{
	switch (call->state) {
	case CALL_DIALS: return SOCKET_CALL_DIALS;
	case CALL_HANDSHAKES: return SOCKET_CALL_HANDSHAKES;
	default: return SOCKET_CALL_OPEN;
	}
}

/* The words may lie in what is freed with the socket. */
void call_finish(struct socket_call *call, struct socket_call_end how)
{
	char why[JOB_WHY_MAX];

	if (call->state == CALL_ENDED)
		return;
	how.stage = stage_of(call);
	if (how.stage != SOCKET_CALL_OPEN)
		how.code = 0;
	snprintf(why, sizeof(why), "%.*s", (int)how.why.len, how.why.data);
	how.why = slice_of(why);
	call_enter(call);
	call_let_go(call);
	call->state = CALL_ENDED;
	call->use->end(call->user, &how);
	call_leave(call);
}

void call_lost(struct socket_call *call, const char *why)
{
	call_finish(call, (struct socket_call_end){ .code = CALL_CODE_LOST, .why = slice_of(why) });
}
