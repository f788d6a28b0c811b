#include "bridge/turn.h"

#include "bridge/backend/backend.h"
#include "bridge/backend/publish.h"
#include "bridge/client/batch.h"
#include "bridge/client/fanout.h"
#include "bridge/client/life.h"
#include "bridge/order/order.h"
#include "bridge/routing/routing.h"
#include "codecs/text/memory.h"

#define MAIL_ROUNDS 8

struct worker *turn_worker_new(struct bridge *bridge, unsigned index)
{
	struct worker *worker = worker_new(bridge, index);

	worker->batch = batch_new(bridge->room_count);
	if (bridge->rules)
		worker->rules = route_table_hold(bridge->rules);
	return worker;
}

void turn_worker_free(struct worker *worker)
{
	if (!worker)
		return;
	/* Lanes know where their speakers keep them: these go first. */
	routing_clear(worker);
	life_free_all(worker);
	batch_free(worker->batch);
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
	post->counters = counters_new(worker->bridge->room_count);
	counters_add(post->counters, worker->counters);
	mailbox_post(&worker->bridge->main_box, &post->post);
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
	worker->stopped = true;
}

static void take_rules(struct worker *worker, struct post *post)
{
	struct post_rules *given = (struct post_rules *)post;
	struct post_rules *taken = post_new(POST_RULED);

	taken->rules = route_table_hold(given->rules);
	routing_rules(worker, given->rules);
	given->rules = NULL;
	mailbox_post(&worker->bridge->main_box, &taken->post);
}

/* Who hears what came back. */
static void answer(struct worker *worker, struct post *post)
{
	static void (*const hear[ASKER_KINDS])(struct worker *, const struct asker *,
					       struct answer *) = {
		[ASKER_SESSION] = fanout_answered,
		[ASKER_ROUTING] = routing_answered,
		[ASKER_BACKEND] = publish_answered,
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
	[POST_RULES] = { take_rules, false },
	[POST_ENTER] = { order_enter, false },
	[POST_LEAVE] = { order_leave, false },
	[POST_DRAFT] = { order_draft, false },
	[POST_QUERY] = { order_query, false },
	[POST_LOCATE] = { order_locate, false },
	[POST_MEMBERS] = { order_members, false },
	[POST_ENTERED] = { fanout_entered, false },
	[POST_BROADCAST] = { fanout_broadcast, false },
	[POST_ASK] = { backend_ask, true },
	[POST_LOGIN] = { backend_ask, true },
	[POST_EVENT] = { backend_event, true },
	[POST_TAP] = { tap_take, false },
	[POST_PRESENCE] = { backend_presence, false },
	[POST_ANSWER] = { answer, false },
};

static void handle(struct worker *worker, struct post *post)
{
	const struct handler *handler = &handlers[post->kind];

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
	}
}

/* ---- turns ---- */

static void tell_drained(struct worker *worker)
{
	if (!worker->draining || worker->drained_told || worker->session_count > 0 ||
	    worker->routing_count > 0)
		return;
	worker->drained_told = true;
	mailbox_post(&worker->bridge->main_box, post_new(POST_DRAINED));
}

void turn_run(struct worker *worker)
{
	worker->more_waiting = backends_turn(worker);
	take_mail(worker);
	worker_send_mail(worker);
	batch_settle(worker);
	life_carry_out(worker);
	life_flush(worker);
	life_free_dead(worker);
	tell_drained(worker);
	worker_send_mail(worker);
	if (worker->box.wake && !mailbox_is_empty(&worker->box))
		worker->box.wake(worker->box.owner);
}

void turn_tick(struct worker *worker)
{
	order_tick(worker);
	backends_tick(worker);
	taps_tick(worker);
	life_tick(worker);
}
