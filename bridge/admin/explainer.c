#include "bridge/admin/explainer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/serve.h"
#include "bridge/core/board/lookups.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

/* Inquiries of others are told from these by their number. */
#define FIRST_SERIAL (UINT64_C(3) << 61)

struct explainer {
	struct calls calls;
	struct call *call; /* under way; NULL: none */
	bool written;      /* it has said something, and waits to go on */
	json_t *message;   /* what it said; NULL: nothing yet */
	char id[LOOKUP_ID_MAX + 1];
};

static void answer(struct explainer *explainer, json_t *said)
{
	char *text = json_dumps(said, JSON_COMPACT);

	if (!text)
		abort();
	json_decref(said);
	lookups_write(explainer->calls.bridge->lookups, explainer->id, text);
}

static json_t *refusal(const char *code, const char *text)
{
	return json_pack("{s:s,s:s}", "error", code ? code : "no_answer", "text", text ? text : "");
}

static void hear_line(void *peer, const char *line, size_t len, bool last)
{
	struct explainer *explainer = peer;
	json_t *said = json_loadb(line, len, 0, NULL);
	json_t *row = json_array_get(json_object_get(said, "rows"), 0);

	if (row && !explainer->message)
		explainer->message = json_incref(row);
	explainer->written = true;
	if (last) {
		json_t *message = explainer->message;

		explainer->call = NULL;
		explainer->message = NULL;
		answer(explainer, message
				      ? message
				      : refusal(json_string_value(json_object_get(said, "error")),
						json_string_value(json_object_get(said, "text"))));
	}
	json_decref(said);
}

static void begin(struct explainer *explainer)
{
	char line[64 + LOOKUP_ID_MAX], fault[REQUEST_FAULT_MAX];
	struct request request;
	int len =
	    snprintf(line, sizeof(line), "{\"verb\":\"explain\",\"id\":\"%s\"}", explainer->id);

	if (!request_read(line, (size_t)len, &request, fault)) {
		answer(explainer, refusal("usage", fault));
		return;
	}
	explainer->call = call_new(&explainer->calls, &request, explainer, 0, 0);
	serve(explainer->call);
}

/* As far as it goes without waiting for a worker. */
static void go_on(struct explainer *explainer)
{
	struct calls *calls = &explainer->calls;

	for (;;) {
		if (explainer->call && explainer->written) {
			explainer->written = false;
			call_written(explainer->call);
		} else if (explainer->call ||
			   !lookups_next(calls->bridge->lookups, calls->now_ms, explainer->id)) {
			break;
		} else {
			begin(explainer);
		}
	}
	calls_sweep(calls);
}

struct explainer *explainer_new(struct bridge *bridge, const struct control_server *server)
{
	struct explainer *explainer = memory_zeroed(1, sizeof(*explainer));
	struct calls *calls = &explainer->calls;

	*calls = (struct calls){ .bridge = bridge, .server = server, .send = hear_line };
	calls->serial = FIRST_SERIAL;
	calls->started_ms = calls->now_ms = clock_steady_ms();
	return explainer;
}

void explainer_free(struct explainer *explainer)
{
	if (!explainer)
		return;
	calls_clear(&explainer->calls);
	json_decref(explainer->message);
	free(explainer);
}

void explainer_look(struct explainer *explainer)
{
	explainer->calls.now_ms = clock_steady_ms();
	calls_tick(&explainer->calls);
	go_on(explainer);
}

void explainer_hear(struct explainer *explainer, struct post_inquiry *post)
{
	explainer->calls.now_ms = clock_steady_ms();
	calls_hear(&explainer->calls, post);
	go_on(explainer);
}
