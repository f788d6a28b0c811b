#include "bridge/admin/control/drain.h"

#include <jansson.h>
#include <stdlib.h>

#include "bridge/client/batch.h"
#include "bridge/client/deliver.h"
#include "bridge/client/push.h"
#include "bridge/client/session.h"
#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

#define TIMEOUT_MS 10000
#define LOOK_MS    200 /* between two looks at how many are left */
#define GOODBYE    "This server is going down. Please connect again."

/* ---- a worker's thread ---- */

static void tell(struct session *session)
{
	struct worker *worker = session->worker;
	const struct membership *first = session->memberships;
	struct envelope event = { .kind = KIND_NOTICE, .text = SLICE(GOODBYE) };

	if (session->membership_count == 0 || !first->in)
		return;
	event.id = id_next(&worker->clock, worker->now_ms, worker->index);
	event.time_ms = worker->now_ms;
	event.room = first->room->rules.name;
	batch_catch_up(session);
	deliver_alone(session, first->room, &event, AUDIENCE_SUBJECT);
}

/* What it asked for is answered first, while there is time. */
static bool is_busy(const struct session *session)
{
	return session->under_way > 0 || session->lane || session->login_asked;
}

static uint32_t close_some(struct worker *worker, uint32_t most, bool busy)
{
	uint32_t closed = 0;

	for (uint32_t i = 0; i < worker->slot_count && closed < most; i++) {
		struct session *session = worker->slots[i];

		if (!session || session->phase != SESSION_OPEN || (!busy && is_busy(session)))
			continue;
		tell(session);
		session_close(session, CLOSE_GOING_AWAY);
		closed++;
	}
	return closed;
}

void drain_tick(struct worker *worker)
{
	struct drain_plan *plan = &worker->drain;
	uint64_t passed, due;

	if (!plan->span_ms)
		return;
	passed = worker->tick_ms - plan->since_ms;
	if (passed >= plan->span_ms) {
		close_some(worker, UINT32_MAX, true);
		return;
	}
	due = (plan->count * passed + plan->span_ms - 1) / plan->span_ms;
	if (due > plan->closed)
		plan->closed += close_some(worker, (uint32_t)(due - plan->closed), false);
}

struct drain_inquiry {
	struct inquiry head;
	uint64_t span_ms; /* begin to close them within that; 0: no more */
	bool look;        /* only look how many are left */
	size_t left;      /* open connections */
	size_t events;    /* on their way through rules */
};

static void carry_out(struct worker *worker, struct inquiry *head)
{
	struct drain_inquiry *inquiry = (struct drain_inquiry *)head;

	if (!inquiry->look)
		worker->drain = (struct drain_plan){ .since_ms = worker->tick_ms,
						     .span_ms = inquiry->span_ms,
						     .count = worker->session_count };
	inquiry->events = worker->routing_count;
	for (uint32_t i = 0; i < worker->slot_count; i++)
		inquiry->left += worker->slots[i] && worker->slots[i]->phase == SESSION_OPEN;
}

/* ---- the main thread ---- */

/* own */
struct drain {
	uint64_t since_ms, timeout_ms;
	size_t first, left; /* connections */
	size_t events;      /* on their way through rules */
	bool stay, begun;
};

static void drain_free(void *own)
{
	free(own);
}

static void hear(struct call *call, struct inquiry *head)
{
	struct drain *drain = call->own;

	drain->left += ((struct drain_inquiry *)head)->left;
	drain->events += ((struct drain_inquiry *)head)->events;
}

static void ask_all(struct call *call, bool look, uint64_t span_ms, void (*proceed)(struct call *))
{
	struct drain *drain = call->own;

	drain->left = drain->events = 0;
	call_wait(call, CALL_ACT_MS, hear, proceed);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++) {
		struct drain_inquiry *inquiry = inquiry_new(sizeof(*inquiry), carry_out);

		inquiry->look = look;
		inquiry->span_ms = span_ms;
		call_ask(call, w, inquiry);
	}
}

static bool is_off(const struct call *call)
{
	return !bridge_is_closed(call->calls->bridge);
}

static void end(struct call *call)
{
	const struct drain *drain = call->own;
	const struct control_server *server = call->calls->server;
	bool stays = drain->stay;

	call->calls->draining = false;
	log_line(LOG_INFO, "drained: %zu connections are left of %zu, and %zu events on their way",
		 drain->left, drain->first, drain->events);
	call_end(call, json_pack("{s:b,s:b,s:I,s:I,s:I,s:I}", "draining", 1, "stays", (int)stays,
				 "connections", (json_int_t)drain->first, "left",
				 (json_int_t)drain->left, "events_left", (json_int_t)drain->events,
				 "ms", (json_int_t)(call->calls->now_ms - drain->since_ms)));
	if (!stays)
		server->end(server->server);
}

static void look_again(struct call *call);

static bool is_time(struct call *call)
{
	return is_off(call) || call->calls->now_ms >= call->deadline_ms;
}

static void looked(struct call *call)
{
	struct drain *drain = call->own;
	uint64_t passed = call->calls->now_ms - drain->since_ms;

	if (!drain->begun)
		drain->first = drain->left;
	drain->begun = true;
	if (is_off(call)) {
		call->calls->draining = false;
		call_fail(call, 1, "stopped", "the drain was stopped by 'drain --off'");
	} else if ((drain->left + drain->events == 0 && !call->awaited) ||
		   passed >= drain->timeout_ms) {
		end(call);
	} else {
		call_wait_until(call, is_time, look_again);
		call->deadline_ms = call->calls->now_ms + LOOK_MS;
	}
}

static void look_again(struct call *call)
{
	ask_all(call, true, 0, looked);
}

static void begin(struct call *call)
{
	const char *timeout = request_text(&call->request, "timeout");
	struct drain *drain = memory_zeroed(1, sizeof(*drain));

	drain->since_ms = call->calls->now_ms;
	drain->timeout_ms = timeout ? verb_duration_ms(timeout) : TIMEOUT_MS;
	drain->stay = request_has(&call->request, "stay");
	call->own = drain;
	call->own_free = drain_free;
	call->calls->draining = true;
	atomic_store(&call->calls->bridge->phase, BRIDGE_DRAINING);
	log_event(LOG_INFO, &(struct log_fields){ .event = "draining" },
		  "draining within %llu s, then %s", (unsigned long long)(drain->timeout_ms / 1000),
		  drain->stay ? "staying without clients" : "ending");
	ask_all(call, false, drain->timeout_ms * 4 / 5, looked);
}

static void is_ended(struct call *call)
{
	call_end(call, json_pack("{s:b}", "draining", 0));
}

static void stop(struct call *call)
{
	if (is_off(call)) {
		call_fail(call, 1, "not_draining", "the server is not draining");
		return;
	}
	log_line(LOG_INFO, "no longer draining");
	atomic_store(&call->calls->bridge->phase, BRIDGE_SERVING);
	call->own = memory_zeroed(1, sizeof(struct drain));
	call->own_free = drain_free;
	ask_all(call, false, 0, is_ended);
}

void drain_serve(struct call *call)
{
	bool off = request_has(&call->request, "off");

	if (off && (request_has(&call->request, "stay") || request_text(&call->request, "timeout")))
		call_fail(call, 2, "bad_argument", "drain takes --off alone");
	else if (atomic_load(&call->calls->bridge->phase) >= BRIDGE_CLOSING)
		call_fail(call, 1, reason_code(REASON_CLOSING), "the server is shutting down");
	else if (off)
		stop(call);
	else if (call->calls->draining)
		call_fail(call, 1, reason_code(REASON_ALREADY), "the server is draining already");
	else
		begin(call);
}
