#include "bridge/cluster/engine_nats.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/cluster/nats/carry.h"
#include "bridge/cluster/nats/link.h"
#include "bridge/cluster/nats/state.h"
#include "codecs/text/memory.h"

#define CONNECT_AGAIN_MS 1000
#define REST_MS          500 /* the thread looks at the clock that often */
#define SHARDS_MOST      64

bool engine_nats_built(void)
{
	return true;
}

/* ---- told ---- */

void engine_tell(struct engine *engine, const struct log_event *event)
{
	pthread_mutex_lock(&engine->telling);
	engine->listener.heard(engine->listener.context, event);
	pthread_mutex_unlock(&engine->telling);
}

/* Two threads may tell: the listener hears of states in the order in which they were set. */
void engine_state(struct engine *engine, enum log_state state, const char *text)
{
	struct log_event event = { .kind = LOG_STATE, .state = state };
	char copy[ENGINE_NATS_TEXT_MAX];
	bool changed;

	pthread_mutex_lock(&engine->telling);
	pthread_mutex_lock(&engine->lock);
	changed = engine->figures.state != state || strcmp(engine->text, text) != 0;
	if (engine->figures.state != state)
		engine->figures.since_ms = now_us() / 1000;
	engine->figures.state = state;
	snprintf(engine->text, sizeof(engine->text), "%s", text);
	snprintf(copy, sizeof(copy), "%s", text);
	pthread_mutex_unlock(&engine->lock);
	event.text = copy;
	if (changed)
		engine->listener.heard(engine->listener.context, &event);
	pthread_mutex_unlock(&engine->telling);
}

/* ---- the link's hooks ---- */

static void on_connected(void *context)
{
	struct engine *engine = context;

	pthread_mutex_lock(&engine->lock);
	engine->connected = true;
	engine->look_ms = 1;
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
}

static void on_lost(void *context)
{
	struct engine *engine = context;

	pthread_mutex_lock(&engine->lock);
	engine->losses += engine->connected;
	engine->connected = engine->looked = false;
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
}

static void on_over(void *context)
{
	struct engine *engine = context;

	on_lost(context);
	pthread_mutex_lock(&engine->lock);
	engine->over = true;
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
}

static void on_live(void *context, unsigned shard, uint64_t sequence, uint64_t before,
		    const unsigned char *bytes, size_t len)
{
	struct engine *engine = context;
	struct log_record record = {
		.sequence = sequence, .before = before, .bytes = bytes, .len = len
	};
	struct log_event event = {
		.kind = LOG_LIVE, .shard = shard, .records = &record, .record_count = 1
	};

	pthread_mutex_lock(&engine->lock);
	engine->figures.live++;
	engine->figures.live_bytes += len;
	pthread_mutex_unlock(&engine->lock);
	engine_tell(engine, &event);
}

static void on_message(void *context, const unsigned char *bytes, size_t len)
{
	struct engine *engine = context;
	struct log_event event = { .kind = LOG_MESSAGE, .bytes = bytes, .len = len };

	pthread_mutex_lock(&engine->lock);
	engine->figures.received++;
	pthread_mutex_unlock(&engine->lock);
	engine_tell(engine, &event);
}

static void on_dropped(void *context)
{
	struct engine *engine = context;

	pthread_mutex_lock(&engine->lock);
	engine->figures.dropped++;
	pthread_mutex_unlock(&engine->lock);
}

/* ---- the thread ---- */

/* Connects, if there is no connection that is tried again by itself. */
static void tend_link(struct engine *engine)
{
	char why[ENGINE_NATS_TEXT_MAX] = "";
	bool over, retry = false;

	pthread_mutex_lock(&engine->lock);
	over = engine->over;
	pthread_mutex_unlock(&engine->lock);
	if (!over || now_us() / 1000 < engine->connect_ms)
		return;
	nats_link_tell(engine->link, why);
	nats_link_end(engine->link);
	pthread_mutex_lock(&engine->lock);
	engine->over = false;
	pthread_mutex_unlock(&engine->lock);
	if (!nats_link_connect(engine->link, why))
		retry = true;
	engine->connect_ms = now_us() / 1000 + CONNECT_AGAIN_MS;
	pthread_mutex_lock(&engine->lock);
	engine->over |= retry;
	pthread_mutex_unlock(&engine->lock);
	if (retry)
		engine_state(engine, LOG_AWAY, why);
}

/* The connection ended meanwhile: what was asked is not answered. A stream that was fit before is
 * used at once when there is a connection again, and looked at meanwhile. */
static void tend_loss(struct engine *engine)
{
	char text[ENGINE_NATS_TEXT_MAX] = "no server answers";
	bool lost, connected, ready;

	pthread_mutex_lock(&engine->lock);
	lost = engine->losses != engine->losses_seen;
	engine->losses_seen = engine->losses;
	connected = engine->connected;
	ready = connected && engine->fit && (lost || engine->figures.state == LOG_AWAY);
	engine->figures.reconnects += lost;
	pthread_mutex_unlock(&engine->lock);
	if (lost)
		engine_tell_late(engine, UINT64_MAX);
	if (connected && !lost && !ready)
		return;
	nats_link_tell(engine->link, text);
	if (lost || !connected)
		engine_state(engine, LOG_AWAY, connected ? "the connection ended" : text);
	if (ready)
		engine_state(engine, LOG_READY, text);
}

static void tend_stream(struct engine *engine)
{
	bool look;

	pthread_mutex_lock(&engine->lock);
	look = engine->connected && !engine->looked && engine->look_ms &&
	       engine->look_ms <= now_us() / 1000;
	pthread_mutex_unlock(&engine->lock);
	if (look)
		engine_look_at_stream(engine);
}

/* Takes what waits. */
static struct command *take_commands(struct engine *engine)
{
	struct command *first;

	pthread_mutex_lock(&engine->lock);
	first = engine->first;
	engine->first = NULL;
	engine->last = &engine->first;
	pthread_mutex_unlock(&engine->lock);
	return first;
}

static void carry_commands(struct engine *engine)
{
	struct command *command = take_commands(engine), *next;

	for (; command; command = next) {
		next = command->next;
		engine_carry_out(engine, command);
		pthread_mutex_lock(&engine->lock);
		engine->figures.waiting_bytes -= command->len;
		pthread_mutex_unlock(&engine->lock);
		free(command);
	}
}

/* Until there is something to do, or it is late. False: it is to stop. */
static bool rest(struct engine *engine)
{
	struct timespec until;
	uint64_t now = now_us(), late = now / 1000 + REST_MS;
	bool goes_on;

	pthread_mutex_lock(&engine->lock);
	if (engine->asks.first && engine->asks.first->until_ms + 1 < late)
		late = engine->asks.first->until_ms + 1;
	if (engine->connected && !engine->looked && engine->look_ms && engine->look_ms < late)
		late = engine->look_ms;
	until.tv_sec = (time_t)(late / 1000);
	until.tv_nsec = (long)(late % 1000) * 1000000;
	if (!engine->stopping && !engine->first && engine->losses == engine->losses_seen &&
	    late > now / 1000)
		pthread_cond_timedwait(&engine->wake, &engine->lock, &until);
	goes_on = !engine->stopping;
	pthread_mutex_unlock(&engine->lock);
	return goes_on;
}

static void *run(void *context)
{
	struct engine *engine = context;

	do {
		tend_link(engine);
		tend_loss(engine);
		tend_stream(engine);
		carry_commands(engine);
		engine_tell_late(engine, now_us() / 1000);
	} while (rest(engine));
	nats_link_end(engine->link);
	return NULL;
}

/* ---- the interface ---- */

/* The engine that has that log: it is its first field. */
static struct engine *engine_of(struct cluster_log *log)
{
	return (struct engine *)log;
}

/* Bytes of what is refused are not copied. False: it is. */
static bool add_command(struct engine *engine, const struct command *head, const void *bytes)
{
	size_t len = head->refused ? 0 : head->len;
	struct command *command = memory_new(sizeof(*command) + len);

	*command = *head;
	command->len = len;
	if (len)
		memcpy(command->bytes, bytes, len);
	pthread_mutex_lock(&engine->lock);
	if (engine->figures.state != LOG_READY || len > LOG_RECORD_MOST ||
	    engine->figures.waiting_bytes + len > LOG_QUEUE_BYTES)
		command->refused = true;
	if (command->refused && command->kind == ASK_SEND) {
		pthread_mutex_unlock(&engine->lock);
		free(command);
		return false;
	}
	engine->figures.waiting_bytes += command->len;
	engine->figures.sent += command->kind == ASK_SEND;
	*engine->last = command;
	engine->last = &command->next;
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
	return true;
}

static void log_append(struct cluster_log *log, unsigned shard, uint64_t tag, const void *bytes,
		       size_t len)
{
	struct command command = { .kind = ASK_APPEND,
				   .refused = len > LOG_RECORD_MOST,
				   .shard = shard,
				   .tag = tag,
				   .len = len };

	(void)add_command(engine_of(log), &command, bytes);
}

static void log_read(struct cluster_log *log, unsigned shard, uint64_t tag, uint64_t from,
		     size_t most, bool leader)
{
	struct command command = { .kind = ASK_READ,
				   .leader = leader,
				   .shard = shard,
				   .tag = tag,
				   .from = from ? from : 1,
				   .most = most < LOG_READ_MOST ? most ? most : 1 : LOG_READ_MOST };

	(void)add_command(engine_of(log), &command, NULL);
}

static void log_purge(struct cluster_log *log, unsigned shard, uint64_t tag, uint64_t below)
{
	struct command command = {
		.kind = ASK_PURGE, .refused = below == 0, .shard = shard, .tag = tag, .from = below
	};

	(void)add_command(engine_of(log), &command, NULL);
}

static bool log_send(struct cluster_log *log, unsigned node, const void *bytes, size_t len)
{
	struct command command = {
		.kind = ASK_SEND, .refused = len > LOG_RECORD_MOST, .shard = node, .len = len
	};

	return add_command(engine_of(log), &command, bytes);
}

static void log_look(struct cluster_log *log, struct log_figures *figures)
{
	struct engine *engine = engine_of(log);

	pthread_mutex_lock(&engine->lock);
	*figures = engine->figures;
	figures->asked = LOG_ASKED_MOST - engine->asks.free_count;
	pthread_mutex_unlock(&engine->lock);
}

static void engine_free(struct engine *engine)
{
	struct command *command = engine->first, *next;

	for (; command; command = next) {
		next = command->next;
		free(command);
	}
	nats_link_free(engine->link);
	asks_clear(&engine->asks);
	pthread_cond_destroy(&engine->wake);
	pthread_mutex_destroy(&engine->lock);
	pthread_mutex_destroy(&engine->telling);
	free(engine);
}

static void ignore(void *context, const struct log_event *event)
{
	(void)context;
	(void)event;
}

static void log_close(struct cluster_log *log)
{
	struct engine *engine = engine_of(log);

	pthread_mutex_lock(&engine->telling);
	engine->listener.heard = ignore;
	pthread_mutex_unlock(&engine->telling);
	pthread_mutex_lock(&engine->lock);
	engine->stopping = true;
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
	pthread_join(engine->thread, NULL);
	engine_free(engine);
}

static struct engine *engine_new(const struct engine_nats_options *options,
				 const struct log_listener *listener)
{
	static const struct cluster_log log = { .append = log_append,
						.read = log_read,
						.purge = log_purge,
						.send = log_send,
						.look = log_look,
						.close = log_close };
	struct engine *engine = memory_zeroed(1, sizeof(*engine));
	pthread_condattr_t clock;

	engine->log = log;
	engine->listener = *listener;
	engine->replicas = options->replicas;
	engine->last = &engine->first;
	engine->over = true; /* the thread connects */
	engine->figures.since_ms = now_us() / 1000;
	subjects_make(&engine->subjects, options->name, options->node,
		      options->shards < SHARDS_MOST ? options->shards : SHARDS_MOST);
	asks_init(&engine->asks);
	pthread_mutex_init(&engine->telling, NULL);
	pthread_mutex_init(&engine->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&engine->wake, &clock);
	pthread_condattr_destroy(&clock);
	return engine;
}

struct cluster_log *engine_nats_open(const struct engine_nats_options *options,
				     const struct log_listener *listener, FILE *errors)
{
	static const struct nats_link_hooks hooks = { .connected = on_connected,
						      .lost = on_lost,
						      .over = on_over,
						      .answered = engine_answered,
						      .live = on_live,
						      .message = on_message,
						      .dropped = on_dropped };
	struct engine *engine = engine_new(options, listener);
	int failed;

	engine->link = nats_link_new(options, &engine->subjects, &hooks, engine, errors);
	if (!engine->link) {
		engine_free(engine);
		return NULL;
	}
	failed = pthread_create(&engine->thread, NULL, run, engine);
	if (!failed)
		return &engine->log;
	fprintf(errors, "a thread for the cluster cannot be made: %s\n", strerror(failed));
	engine_free(engine);
	return NULL;
}
