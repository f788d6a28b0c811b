#include "bridge/backend/tell.h"

#include <stdio.h>

#include "bridge/core/log/log.h"
#include "conf/conf.h"

#define NEWS_PERIOD_MS 10000
#define NEWS_MAX       (2 * INSTANCES_MAX) /* that many in a period: all may come, and all go */

const char *backend_name(const struct backend *backend)
{
	return backend->conf->name;
}

struct worker *backend_worker(const struct backend *backend)
{
	return backend->bridge->workers[backend->owner];
}

struct backend_ledger *backend_ledger(const struct backend *backend)
{
	return &backend_worker(backend)->counters->backends[backend->index];
}

const char *instance_show(struct slice identity, char shown[INSTANCE_SHOWN])
{
	bool text = identity.len > 0;
	size_t len = 0;

	for (size_t i = 0; i < identity.len; i++)
		text = text && identity.data[i] > ' ' && identity.data[i] < 0x7f;
	if (text) {
		snprintf(shown, INSTANCE_SHOWN, "%.*s", (int)identity.len, identity.data);
		return shown;
	}
	shown[0] = '\0';
	for (size_t i = 0; i < identity.len && len + 3 < INSTANCE_SHOWN; i++, len += 2)
		snprintf(shown + len, 3, "%02x", (unsigned char)identity.data[i]);
	return shown;
}

void backend_tell(struct backend *backend, enum backend_cause cause, struct slice identity,
		  const char *what, const char *detail)
{
	char shown[INSTANCE_SHOWN];

	if (backend->told & UINT32_C(1) << cause)
		return;
	backend->told |= UINT32_C(1) << cause;
	log_line(LOG_WARNING, "backend %s: %s%s%s%s%s%s; repeats are only counted",
		 backend_name(backend), identity.len ? "instance " : "",
		 instance_show(identity, shown), identity.len ? ": " : "", what,
		 *detail ? ": " : "", detail);
}

bool backend_tells_news(struct backend *backend)
{
	uint64_t now_ms = backend_worker(backend)->tick_ms;

	if (now_ms - backend->news_ms >= NEWS_PERIOD_MS) {
		backend->news_ms = now_ms;
		backend->news_told = 0;
	}
	if (backend->news_told > NEWS_MAX)
		return false;
	if (++backend->news_told <= NEWS_MAX)
		return true;
	log_line(
	    LOG_WARNING,
	    "backend %s: instances connect and leave too often; for a while they are only counted",
	    backend_name(backend));
	return false;
}

/* ---- sending ---- */

struct json_writer *writer_clear(struct json_writer *w)
{
	w->len = 0;
	w->comma = false;
	return w;
}

enum socket_sent backend_send(struct backend *backend, struct slice identity,
			      enum wire_command command, bool with_body)
{
	struct slice frames[5] = { identity, SLICE(WIRE_PROTOCOL),
				   slice_of(wire_command_name(command)),
				   slice_span(backend->meta.data, backend->meta.len),
				   slice_span(backend->body.data, backend->body.len) };

	if (!backend->ops)
		return SOCKET_GONE;
	backend->used = true;
	return backend->ops->send(backend->socket, frames, with_body ? 5 : 4);
}

void backend_error(struct backend *backend, struct slice identity, struct slice id,
		   struct slice code, struct slice text)
{
	wire_put_error(writer_clear(&backend->meta), id, code, text);
	backend_send(backend, identity, WIRE_ERROR, false);
}
