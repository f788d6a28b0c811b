#include "bridge/backend/tell.h"

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

void backend_tell(struct backend *backend, enum backend_cause cause, const char *what,
		  const char *detail)
{
	if (backend->told & UINT32_C(1) << cause)
		return;
	backend->told |= UINT32_C(1) << cause;
	log_line(LOG_WARNING, "backend %s: %s%s%s; further ones are only counted",
		 backend_name(backend), what, *detail ? ": " : "", detail);
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
	log_line(LOG_WARNING,
		 "backend %s: instances come and go too fast; they are only counted for a while",
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
	return backend->ops->send(backend->socket, frames, with_body ? 5 : 4);
}

void backend_error(struct backend *backend, struct slice identity, struct slice id,
		   struct slice code, struct slice text)
{
	wire_put_error(writer_clear(&backend->meta), id, code, text);
	backend_send(backend, identity, WIRE_ERROR, false);
}
