#include "bridge/command/translate/hearing.h"

#include "bridge/core/counters.h"
#include "bridge/upstream/link/calls.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/listening.h"

/* Whatever room the server means, it is the stage's. */
static void heard(struct link *link, const struct call_heard *heard)
{
	struct call_heard here = *heard;

	here.room = (struct slice){ NULL, 0 };
	listening_take(link, &here);
}

static void up(struct link *link, const struct foreign_person *self)
{
	(void)link;
	(void)self;
}

static void history(struct link *link, bool reaches)
{
	(void)link;
	(void)reaches;
}

static void ended(struct link *link, enum reason reason)
{
	(void)link;
	(void)reason;
}

/* That the server throws us out ends nothing: there is no connection. */
static void fail(struct link *link, struct slice why, bool refused, uint32_t retry_after_s)
{
	(void)link;
	(void)why;
	(void)refused;
	(void)retry_after_s;
}

static const struct link_ops ops = { .up = up,
				     .ended = ended,
				     .heard = heard,
				     .known = listening_known,
				     .history = history,
				     .fail = fail,
				     .pump = link_pump,
				     .settled = link_settled };

void hearing_open(struct stage *stage)
{
	struct upstream *upstream = stage->server.upstream;
	struct call_account account;

	upstream->worker = stage->worker;
	upstream->ops = &ops;
	upstream_account(upstream, &account);
	(void)link_new(upstream, &account);
	upstream->links->state = LINK_UP;
}

bool hearing_take(struct stage *stage, struct slice text)
{
	struct upstream *upstream = stage->server.upstream;
	uint64_t bad = upstream_ledger(upstream)->bad_frames;

	stage_settle(stage);
	link_calls_hear(upstream->links, text);
	stage_settle(stage);
	listening_pump(upstream);
	stage_settle(stage);
	return upstream_ledger(upstream)->bad_frames == bad;
}
