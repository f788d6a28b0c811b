#include "bridge/admin/control/upkeep.h"

#include <jansson.h>
#include <stdlib.h>

#include "bridge/core/log/log.h"
#include "codecs/text/memory.h"

/* ---- reload ---- */

static const struct reloads *reloads_of(const struct call *call)
{
	return &call->calls->bridge->reloads;
}

/* own: which reload it is. */
static bool reload_ready(struct call *call)
{
	return reloads_of(call)->ended >= *(uint64_t *)call->own;
}

static void reload_over(struct call *call)
{
	const struct reloads *reloads = reloads_of(call);
	const struct reload_outcome *outcome =
	    reloads->ended == *(uint64_t *)call->own ? &reloads->last : &reloads->before;

	if (outcome->taken)
		call_end(call, json_pack("{s:o}", "text", json_of(slice_of(outcome->text))));
	else
		call_fail(call, EXIT_CONFIGURATION, "invalid", "%s", outcome->text);
}

void reload_serve(struct call *call)
{
	const struct control_server *server = call->calls->server;
	uint64_t *number;

	if (!server->file) {
		call_fail(call, 1, "no_file", "this server has no configuration file to reload");
		return;
	}
	number = memory_new(sizeof(*number));
	*number = server->reload(server->server);
	call->own = number;
	call->own_free = free;
	call_wait_until(call, reload_ready, reload_over);
	if (reload_ready(call))
		reload_over(call);
}

/* ---- log ---- */

void log_serve(struct call *call)
{
	const char *level = request_text(&call->request, "level");

	if (level)
		log_set_level(log_level_find(level));
	call_end(call, json_pack("{s:s}", "log_level", log_level_name(log_level_now())));
}
