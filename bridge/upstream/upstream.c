#include "bridge/upstream/upstream.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/counters.h"
#include "bridge/core/log/log.h"
#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "bridge/routing/lanes.h"
#include "bridge/routing/upstream_hooks.h"
#include "bridge/secrets/secret_file.h"
#include "bridge/upstream/ear.h"
#include "bridge/upstream/echo.h"
#include "bridge/upstream/front.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/late.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/listening.h"
#include "bridge/upstream/people/seating.h"
#include "bridge/upstream/people/strangers.h"
#include "bridge/upstream/reacting.h"
#include "bridge/upstream/relaying.h"
#include "bridge/upstream/saying.h"
#include "bridge/upstream/speaking.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/room/overview.h"
#include "routes/rules/pattern.h"

#define YIELD_MS 5000  /* who has a name that is to be an account's goes within this */
#define AWAY_MS  60000 /* so long a server may be away before its people have left the room */

/* ---- what is configured ---- */

static void name_loaded(void *context, const struct foreign_name *name)
{
	struct upstream *upstream = context;

	(void)id_map_put(upstream->ids, name->theirs, name->id);
}

/* What was known, and was said in the room behind what is settled. */
static void load(struct upstream *upstream)
{
	struct store *store = upstream->bridge->store;
	struct foreign_sink sink = { upstream, name_loaded };

	if (store &&
	    !store->load_foreign(store, slice_of(upstream->conf->name), upstream->room->rules.name,
				 ID_MAP_MOST, &sink, &upstream->settled))
		log_line(LOG_WARNING,
			 "upstream %s: what it calls messages could not be read from the store",
			 upstream->conf->name);
	relaying_begin(upstream);
}

/* ---- made and freed ---- */

/* NULL for none: *ok is false where it cannot be read. */
static char *secret_of(const char *path, FILE *errors, bool *ok)
{
	char secret[SECRET_BYTES_MAX], *kept = NULL;

	if (!path || !*path)
		return NULL;
	if (secret_file_read(path, secret, errors))
		kept = memory_text(secret, strlen(secret));
	else
		*ok = false;
	explicit_bzero(secret, sizeof(secret));
	return kept;
}

static bool secrets_read(struct upstream *upstream, FILE *errors)
{
	const struct conf_upstream *conf = upstream->conf;
	bool ok = true;

	upstream->secret = secret_of(conf->secret_file, errors, &ok);
	if (conf->login_count)
		upstream->login_secrets =
		    memory_zeroed(conf->login_count, sizeof(*upstream->login_secrets));
	for (size_t i = 0; i < conf->login_count; i++)
		upstream->login_secrets[i] = secret_of(conf->logins[i].secret_file, errors, &ok);
	return ok;
}

static void complain(const struct conf_upstream *conf, FILE *errors, const char *what)
{
	fprintf(errors, "%s:%u: error: upstream %s: %s\n",
		conf->place.file ? conf->place.file : "configuration", conf->place.line, conf->name,
		what);
}

static bool resolve(struct upstream *upstream, FILE *errors)
{
	const struct conf_upstream *conf = upstream->conf;
	char why[PATTERN_WHY_MAX];

	upstream->dialect = registry_find(slice_of(conf->dialect));
	upstream->codec =
	    upstream->dialect < DIALECTS_MAX ? registry_codec(upstream->dialect) : NULL;
	upstream->room = room_table_find(upstream->bridge->rooms, slice_of(conf->room));
	if (!upstream->codec || !upstream->codec->calls || !upstream->room) {
		complain(conf, errors, "no such room, or its dialect cannot be called");
		return false;
	}
	if (!conf->ignore_text[0])
		return true;
	upstream->ignored = pattern_new(slice_of(conf->ignore_text), why);
	upstream->search = pattern_search_new();
	if (!upstream->ignored)
		complain(conf, errors, why);
	return upstream->ignored != NULL;
}

static void secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

static void upstream_free(struct upstream *upstream)
{
	if (!upstream)
		return;
	for (size_t i = 0; upstream->login_secrets && i < upstream->conf->login_count; i++)
		secret_free(upstream->login_secrets[i]);
	free(upstream->login_secrets);
	secret_free(upstream->secret);
	pattern_free(upstream->ignored);
	pattern_search_free(upstream->search);
	id_map_free(upstream->ids);
	strangers_free(upstream->people, 0);
	heard_queue_free(upstream->heard);
	speaking_free(upstream->speaking);
	reacting_free(upstream->reactions);
	relaying_clear(upstream);
	free(upstream);
}

static void heard(struct link *link, const struct call_heard *heard)
{
	if (heard->late)
		late_heard(link, heard);
	else
		listening_take(link, heard);
}

static const struct link_ops link_ops = { .up = front_link_up,
					  .down = front_link_down,
					  .ended = front_link_ended,
					  .frame = ear_frame,
					  .heard = heard,
					  .known = listening_known,
					  .history = late_end,
					  .ready = saying_ready,
					  .sent = echo_expect,
					  .lost = echo_lost,
					  .done = saying_done,
					  .fail = link_fail,
					  .pump = link_pump,
					  .settled = link_settled };

static struct upstream *upstream_new(struct bridge *bridge, size_t index, FILE *errors)
{
	struct upstream *upstream = memory_zeroed(1, sizeof(*upstream));
	const struct conf_upstream *conf = &bridge->conf->upstreams[index];

	upstream->bridge = bridge;
	upstream->index = index;
	upstream->conf = conf;
	upstream->front = strcmp(conf->mode, CONF_SESSION) == 0;
	upstream->ids = id_map_new(ID_MAP_MOST);
	upstream->people =
	    strangers_new(bridge, conf->name, (size_t)conf->people, seating_gone, upstream);
	upstream->heard = heard_queue_new();
	upstream->speaking = speaking_new();
	upstream->reactions = reacting_new();
	upstream->ops = &link_ops;
	if (!secrets_read(upstream, errors) || !resolve(upstream, errors)) {
		upstream_free(upstream);
		return NULL;
	}
	return upstream;
}

static void room_link(const struct upstream *upstream)
{
	bool says = strcmp(upstream->conf->direction, CONF_IN) != 0;

	upstream->room->fronted |= upstream->front;
	if (!upstream->front && says)
		upstream->room->relays |= UINT64_C(1) << upstream->index;
}

bool upstreams_make(struct bridge *bridge, FILE *errors)
{
	size_t count = bridge->conf->upstream_count;

	if (!count)
		return true;
	bridge->upstreams = memory_zeroed(1, sizeof(*bridge->upstreams));
	for (size_t i = 0; i < count; i++) {
		struct upstream *upstream = upstream_new(bridge, i, errors);

		if (!upstream)
			return false;
		room_link(upstream);
		bridge->upstreams->all[bridge->upstreams->count++] = upstream;
	}
	return true;
}

void upstreams_free(struct upstreams *upstreams)
{
	if (!upstreams)
		return;
	for (size_t i = 0; i < upstreams->count; i++)
		upstream_free(upstreams->all[i]);
	free(upstreams);
}

/* ---- hooks ---- */

static struct upstream *front_of(const struct worker *worker, const struct room_entry *room)
{
	const struct upstreams *upstreams = worker->bridge->upstreams;

	for (size_t i = 0; i < upstreams->count; i++)
		if (upstreams->all[i]->front && upstreams->all[i]->room == room)
			return upstreams->all[i];
	return NULL;
}

static bool take(struct worker *worker, struct post_draft *draft)
{
	struct upstream *upstream = front_of(worker, draft->room);

	return upstream && front_take(upstream, draft);
}

static void agreed(struct worker *worker, uint64_t serial, const struct envelope *event)
{
	saying_agreed(worker->bridge->upstreams->all[serial - 1], event);
}

static enum reason may_enter(struct worker *worker, const struct room_entry *room,
			     const struct asker *asker, const struct person *person, bool guest)
{
	const struct upstream *upstream = front_of(worker, room);

	return upstream ? front_may_enter(upstream, asker, person, guest) : REASON_CLOSED_ROOM;
}

static void entered(struct worker *worker, const struct room_entry *room, const struct asker *asker,
		    const struct person *person)
{
	struct upstream *upstream = front_of(worker, room);

	if (upstream)
		front_entered(upstream, asker, person);
}

static void left(struct worker *worker, const struct room_entry *room, const struct asker *asker)
{
	struct upstream *upstream = front_of(worker, room);

	if (upstream)
		front_left(upstream, asker);
}

/* ---- mail ---- */

void upstreams_relay(struct worker *worker, struct post *post)
{
	const struct post_broadcast *told = (struct post_broadcast *)post;
	const struct envelope *event = told->broadcast->event;
	const struct upstreams *upstreams = worker->bridge->upstreams;

	for (size_t i = 0; upstreams && i < upstreams->count; i++) {
		struct upstream *upstream = upstreams->all[i];

		if (told->room->relays & UINT64_C(1) << i)
			relaying_event(upstream, event);
	}
}

void upstreams_login(struct worker *worker, struct post *post)
{
	struct post_backend *asked = (struct post_backend *)post;

	front_login(worker->bridge->upstreams->all[asked->backend], asked);
}

void upstreams_answered(struct worker *worker, const struct asker *asker, struct answer *answer)
{
	struct upstream *upstream = worker->bridge->upstreams->all[asker->slot];

	if (answer->kind == ANSWER_HISTORY)
		relaying_answered(upstream, answer);
	else
		speaking_answered(upstream, asker->generation, answer);
	listening_pump(upstream);
}

/* By a rule, from whatever thread: the post goes to the upstream's own. */
static void said(struct worker *worker, size_t index, struct room_entry *room,
		 const struct envelope *event, const struct asker *asker)
{
	struct post_backend *post = post_new(POST_SAY);

	post->post.asker = *asker;
	post->room = room;
	post->backend = index;
	post->event = envelope_hold(event);
	worker_post(worker, worker->bridge->upstreams->all[index]->room->owner, &post->post);
}

void upstreams_say(struct worker *worker, struct post *post)
{
	struct post_backend *asked = (struct post_backend *)post;
	struct upstream *upstream = worker->bridge->upstreams->all[asked->backend];
	struct answer answer = { .kind = ANSWER_DONE,
				 .room = asked->room,
				 .event = envelope_hold(asked->event) };

	answer.reason = upstream->links ? REASON_NONE : REASON_NO_ANSWER;
	if (answer.reason == REASON_NONE) {
		worker->counters->intake.routed++;
		saying_relay(upstream, asked->event);
	} else {
		worker->counters->intake.refused[answer.reason]++;
	}
	worker_answer(worker, &post->asker, &answer);
}

/* ---- running ---- */

void upstreams_load(struct bridge *bridge)
{
	for (size_t i = 0; bridge->upstreams && i < bridge->upstreams->count; i++)
		load(bridge->upstreams->all[i]);
}

static void relay_begin(struct upstream *upstream)
{
	struct call_account account;

	if (upstream->front)
		return;
	upstream_account(upstream, &account);
	link_new(upstream, &account);
}

void upstreams_open(struct worker *worker)
{
	static const struct upstream_hooks hooks = { .take = take,
						     .agreed = agreed,
						     .may_enter = may_enter,
						     .entered = entered,
						     .left = left };
	const struct upstreams *upstreams = worker->bridge->upstreams;

	if (!upstreams)
		return;
	worker->upstreams = &hooks;
	worker->upstream_said = said;
	for (size_t i = 0; i < upstreams->count; i++)
		if (upstreams->all[i]->room->owner == worker->index) {
			upstreams->all[i]->worker = worker;
			relay_begin(upstreams->all[i]);
		}
}

static void free_ended(struct upstream *upstream)
{
	struct link *link = upstream->links, *next;

	for (; link; link = next) {
		next = link->next;
		if (link->state == LINK_CLOSING)
			link_free(link);
	}
}

static void count_links(struct upstream *upstream)
{
	struct upstream_ledger *ledger = upstream_ledger(upstream);

	ledger->links = upstream->link_count;
	ledger->links_up = 0;
	for (const struct link *link = upstream->links; link; link = link->next)
		ledger->links_up += link->state == LINK_UP;
	if (ledger->links_up)
		upstream->up_ms = upstream->worker->tick_ms;
	else if (upstream->up_ms && upstream->worker->tick_ms - upstream->up_ms >= AWAY_MS) {
		upstream->up_ms = 0;
		seating_clear(upstream);
	}
}

static void tick(struct upstream *upstream)
{
	relaying_tick(upstream);
	/* What was said before is in the queue before the link begins. */
	for (struct link *link = upstream->links; link && !upstream->resuming.under_way;
	     link = link->next)
		link_tick(link);
	if (upstream->front)
		front_tick(upstream);
	listening_pump(upstream);
	if (upstream->worker->tick_ms >= upstream->yields_ms) {
		strangers_yield(upstream->people, upstream->worker->tick_ms);
		upstream->yields_ms = upstream->worker->tick_ms + YIELD_MS;
	}
	free_ended(upstream);
	count_links(upstream);
}

static void each(struct worker *worker, void (*function)(struct upstream *))
{
	const struct upstreams *upstreams = worker->bridge->upstreams;

	for (size_t i = 0; upstreams && i < upstreams->count; i++)
		if (upstreams->all[i]->worker == worker)
			function(upstreams->all[i]);
}

void upstreams_tick(struct worker *worker)
{
	if (!worker->stopped)
		each(worker, tick);
}

static void stop(struct upstream *upstream)
{
	while (upstream->links)
		link_free(upstream->links);
	lane_detach(&upstream->lane);
}

void upstreams_stop(struct worker *worker)
{
	each(worker, stop);
}
