#include "bridge/turn.h"

#include <stdlib.h>

#include "bridge/admin/control/drain.h"
#include "bridge/admin/snapshot.h"
#include "bridge/audit.h"
#include "bridge/backend/backend.h"
#include "bridge/backend/publish.h"
#include "bridge/client/batch.h"
#include "bridge/client/fanout.h"
#include "bridge/client/farewell.h"
#include "bridge/client/life.h"
#include "bridge/client/relief/relief.h"
#include "bridge/client/sight.h"
#include "bridge/core/ids.h"
#include "bridge/core/log/log.h"
#include "bridge/core/news.h"
#include "bridge/dial/http_call.h"
#include "bridge/dial/socket_call.h"
#include "bridge/doors/doors.h"
#include "bridge/durable/release.h"
#include "bridge/order/closing.h"
#include "bridge/order/order.h"
#include "bridge/order/past.h"
#include "bridge/order/reading.h"
#include "bridge/routing/routing.h"
#include "bridge/trace/trace.h"
#include "bridge/upstream/upstream.h"
#include "codecs/text/memory.h"

#define MAIL_ROUNDS 8

struct worker *turn_worker_new(struct bridge *bridge, unsigned index)
{
	struct worker *worker = worker_new(bridge, index);

	worker->batch = batch_new();
	if (bridge->limits.traced_messages)
		worker->trace =
		    trace_new(index, bridge->limits.traced_messages, bridge->limits.traced_bodies);
	worker->doors = doors_new();
	if (bridge->rules)
		worker->rules = route_table_hold(bridge->rules);
	return worker;
}

void turn_worker_free(struct worker *worker)
{
	if (!worker)
		return;
	/* Links end with their workers, also of a server that never ran. */
	if (worker->bridge)
		upstreams_stop(worker);
	/* Lanes know where their speakers keep them: these go first. */
	routing_clear(worker);
	life_free_all(worker);
	batch_free(worker->batch);
	sight_free(worker->sight);
	doors_free(worker->doors);
	release_free(worker->release);
	socket_calls_free(worker);
	trace_free(worker->trace);
	worker_free(worker);
}

/* ---- mail ---- */

static void adopt(struct worker *worker, struct post *post)
{
	worker->adopt(worker, post);
}

static void certify(struct worker *worker, struct post *post)
{
	worker->certify(worker, post);
}

static void report(struct worker *worker, struct post *unused)
{
	struct post_reported *post = post_new(POST_REPORTED);

	(void)unused;
	/* What is batched was accepted, and has no outcome yet. */
	batch_settle(worker);
	post->counters = counters_new();
	worker_count(worker, post->counters);
	worker_post_main(worker, &post->post);
}

static void scrape(struct worker *worker, struct post *unused)
{
	struct post_scraped *post = post_new(POST_SCRAPED);

	(void)unused;
	batch_settle(worker);
	post->worker = worker->index;
	post->snapshot = snapshot_take(worker);
	mailbox_post(&worker->bridge->admin->box, &post->post);
}

static void drain(struct worker *worker, struct post *unused)
{
	(void)unused;
	worker->draining = true;
	life_close_all(worker, CLOSE_GOING_AWAY);
}

static void stop(struct worker *worker, struct post *unused)
{
	(void)unused;
	backends_bye(worker);
	upstreams_stop(worker);
	worker->stopped = true;
}

static void take_news(struct worker *worker, struct post *post)
{
	struct news *news = ((struct post_news *)post)->news;
	struct post_news *taken = post_new(POST_TAKEN);

	room_table_release(worker->rooms);
	worker->rooms = room_table_hold(news->rooms);
	routing_rules(worker, route_table_hold(news->rules));
	closing_news(worker, news);
	farewell_news(worker, news);
	taken->news = news_hold(news);
	worker_post_main(worker, &taken->post);
}

static void sweep(struct worker *worker, struct post *unused)
{
	struct post_swept *post = post_new(POST_SWEPT);

	(void)unused;
	post->clean = farewell_sweep(worker) & routing_sweep(worker);
	worker_post_main(worker, &post->post);
}

/* The clock was read at the turn's beginning, which may be long ago. */
static bool is_late(struct worker *worker, const struct inquiry *inquiry)
{
	if (inquiry->expires && worker->read_clock)
		worker->read_clock(worker);
	return inquiry->expires && worker->tick_ms >= inquiry->deadline_ms;
}

/* What it mailed is on its way before the main thread hears of it. */
static void inquire(struct worker *worker, struct post *post)
{
	struct post_inquiry *asked = (struct post_inquiry *)post, *answer = post_new(POST_INQUIRED);

	asked->inquiry->late = is_late(worker, asked->inquiry);
	if (!asked->inquiry->late)
		asked->inquiry->carry_out(worker, asked->inquiry);
	answer->inquiry = asked->inquiry;
	asked->inquiry = NULL;
	if (answer->inquiry->shows)
		worker_post_main(worker, &answer->post);
	else
		release_post_main(worker, &answer->post);
}

/* Who hears what came back. */
static void answer(struct worker *worker, struct post *post)
{
	static void (*const hear[ASKER_KINDS])(struct worker *, const struct asker *,
					       struct answer *) = {
		[ASKER_SESSION] = fanout_answered,     [ASKER_ROUTING] = routing_answered,
		[ASKER_BACKEND] = publish_answered,    [ASKER_CALL] = doors_answered,
		[ASKER_UPSTREAM] = upstreams_answered,
	};

	hear[post->asker.kind](worker, &post->asker, &((struct post_answer *)post)->answer);
}

/* Who handles a kind of mail. Kinds without a handler are for the main thread. */
struct handler {
	void (*handle)(struct worker *, struct post *);
	bool takes; /* the post is the handler's; else it is only borrowed */
};

static const struct handler handlers[POST_KINDS] = {
	[POST_SOCKET] = { adopt, false },
	[POST_CERTIFICATE] = { certify, false },
	[POST_DRAIN] = { drain, false },
	[POST_STOP] = { stop, false },
	[POST_REPORT] = { report, false },
	[POST_SCRAPE] = { scrape, false },
	[POST_NEWS] = { take_news, false },
	[POST_SWEEP] = { sweep, false },
	[POST_INQUIRY] = { inquire, false },
	[POST_ENTER] = { order_enter, false },
	[POST_LEAVE] = { order_leave, false },
	[POST_DRAFT] = { order_draft, false },
	[POST_QUERY] = { order_query, false },
	[POST_LOCATE] = { order_locate, false },
	[POST_MEMBERS] = { order_members, false },
	[POST_LOOK] = { order_look, false },
	[POST_MESSAGE] = { order_message, false },
	[POST_SURVEY] = { order_survey, false },
	[POST_FRONT_LOGIN] = { upstreams_login, false },
	[POST_SAY] = { upstreams_say, false },
	[POST_RELAY] = { upstreams_relay, false },
	[POST_ENTERED] = { fanout_entered, false },
	[POST_BROADCAST] = { fanout_broadcast, false },
	[POST_CLOSED] = { farewell_closed, false },
	[POST_ASK] = { backend_ask, true },
	[POST_LOGIN] = { backend_ask, true },
	[POST_EVENT] = { backend_event, true },
	[POST_TAP] = { tap_take, false },
	[POST_PRESENCE] = { backend_presence, false },
	[POST_ANSWER] = { answer, false },
	[POST_DIALED] = { socket_call_dialed, false },
	[POST_FETCHED] = { http_call_fetched, false },
	[POST_STORED] = { release_stored, false },
	[POST_PAST] = { past_found, false },
};

static void handle(struct worker *worker, struct post *post)
{
	const struct handler *handler = &handlers[post->kind];

	worker->counters->intake.waiting -= post_is_draft(post);
	if (handler->handle)
		handler->handle(worker, post);
	if (!handler->takes)
		post_free(post);
}

/* What mail brings up is mailed in turn: a request takes three rounds to its broadcast. Others may
 * post all the time, so rounds are counted. */
static void take_mail(struct worker *worker)
{
	for (unsigned round = 0; round < MAIL_ROUNDS; round++) {
		struct post *post;

		life_carry_out(worker);
		worker_send_mail(worker);
		post = mailbox_take(&worker->box);
		if (!post)
			return;
		while (post) {
			struct post *next = post->next;

			handle(worker, post);
			post = next;
		}
		release_send(worker);
	}
}

/* ---- turns ---- */

static void tell_drained(struct worker *worker)
{
	if (!worker->draining || worker->drained_told || worker->session_count > 0 ||
	    worker->routing_count > 0 || release_waits(worker) || doors_busy(worker))
		return;
	worker->drained_told = true;
	worker_post_main(worker, post_new(POST_DRAINED));
}

void turn_run(struct worker *worker)
{
	worker->more_waiting = backends_turn(worker);
	take_mail(worker);
	worker_send_mail(worker);
	batch_settle(worker);
	life_carry_out(worker);
	life_flush(worker);
	if (relief_turn(worker))
		life_flush(worker);
	socket_calls_flush(worker);
	life_free_dead(worker);
	trace_turned(worker->trace);
	tell_drained(worker);
	ids_given(worker);
	release_send(worker);
	worker_send_mail(worker);
	if (worker->box.wake && !mailbox_is_empty(&worker->box))
		worker->box.wake(worker->box.owner);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AUDIT_MS 0
#else
#define AUDIT_MS 5000 /* it looks at every connection */
#endif

/* A fault of ours, which nobody else would notice. Who looks for such ends at once. */
static void audit(struct worker *worker)
{
	const char *wrong;

	if (worker->tick_ms - worker->audited_ms < AUDIT_MS)
		return;
	wrong = audit_worker(worker);
	worker->audited_ms = worker->tick_ms;
	if (wrong && wrong != worker->books_wrong)
		log_line(LOG_ERROR,
			 "the books of worker %u are wrong, which is a fault of this "
			 "program: %s",
			 worker->index, wrong);
	worker->books_wrong = wrong;
	worker->counters->books_wrong += wrong != NULL;
	if (wrong && AUDIT_MS == 0)
		abort();
}

void turn_tick(struct worker *worker)
{
	audit(worker);
	order_tick(worker);
	backends_tick(worker);
	taps_tick(worker);
	upstreams_tick(worker);
	life_tick(worker);
	drain_tick(worker);
	socket_calls_tick(worker);
	doors_tick(worker);
}
