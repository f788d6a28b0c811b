#include <stdlib.h>

#include "bridge/backend/backend.h"
#include "bridge/core/counters.h"
#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "codecs/backend/wire.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define TOPIC_BYTES 128

/* A feed for reading only: a PUB socket. */
struct tap {
	size_t index;
	unsigned owner;
	const struct socket_ops *ops;
	void *socket;
	const char *endpoint;
	struct json_writer body;
	const char *name; /* of conf */
	bool told;
};

struct tap *tap_new(struct bridge *bridge, size_t index, const struct conf_tap *conf)
{
	struct tap *tap = memory_zeroed(1, sizeof(*tap));

	tap->name = conf->name;
	tap->index = index;
	tap->owner = tap_owner(bridge, index);
	json_start(&tap->body, 0, 1024);
	return tap;
}

void tap_free(struct tap *tap)
{
	if (!tap)
		return;
	json_clear(&tap->body);
	free(tap);
}

const char *tap_endpoint(const struct tap *tap)
{
	return tap->endpoint;
}

void tap_attach(struct tap *tap, const struct socket_ops *ops, void *socket, const char *endpoint)
{
	tap->endpoint = endpoint;
	tap->ops = ops;
	tap->socket = socket;
}

/* Who connects with something else than a SUB hears nothing, and is not told why. */
static void tap_tend(struct tap *tap, struct tap_ledger *ledger)
{
	struct socket_news news = { .refused = 0 };

	tap->ops->tend(tap->socket, &news);
	ledger->keys_refused = news.refused;
	if (news.failed > ledger->handshakes_failed && !tap->told)
		log_line(LOG_WARNING,
			 "tap %s: a peer connected with a socket that is not a SUB, or violated "
			 "the protocol; repeats are only counted",
			 tap->name);
	tap->told = tap->told || news.failed > 0;
	ledger->handshakes_failed = news.failed;
}

void taps_tick(struct worker *worker)
{
	for (size_t t = 0; t < worker->bridge->tap_count; t++) {
		struct tap *tap = worker->bridge->taps[t];

		if (tap->owner == worker->index && tap->ops && tap->ops->tend)
			tap_tend(tap, &worker->counters->taps[t]);
	}
}

/* "lobby/message": what subscribers choose by, from its beginning on. */
static struct slice topic_of(const struct post_tap *post, char topic[TOPIC_BYTES])
{
	struct slice room = post->room->rules.name;
	int len = snprintf(topic, TOPIC_BYTES, "%.*s/%s", (int)room.len, room.data,
			   envelope_kind_name(post->event->kind));

	return slice_span(topic, len < TOPIC_BYTES ? (size_t)len : TOPIC_BYTES - 1);
}

void tap_take(struct worker *worker, struct post *post)
{
	const struct post_tap *told = (struct post_tap *)post;
	struct tap *tap = worker->bridge->taps[told->tap];
	struct tap_ledger *ledger = &worker->counters->taps[tap->index];
	char topic[TOPIC_BYTES];
	struct slice frames[2] = { topic_of(told, topic) };

	tap->body.len = 0;
	tap->body.comma = false;
	wire_put_envelope(&tap->body, told->event);
	frames[1] = slice_span(tap->body.data, tap->body.len);
	ledger->accepted++;
	if (tap->ops && tap->ops->send(tap->socket, frames, 2) == SOCKET_SENT)
		ledger->handed_over++;
	else
		ledger->dropped++;
}
