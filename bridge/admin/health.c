#include "bridge/admin/health.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge/core/worker.h"

#define OK             200
#define UNAVAILABLE    503
#define NAME_MAX_BYTES 24

struct report {
	json_t *threads, *late;
	char message[128]; /* of the first one that is late */
};

uint64_t health_age_ms(uint64_t now_ms, uint64_t since_ms)
{
	return now_ms > since_ms ? now_ms - since_ms : 0;
}

static void add_thread(struct report *report, const char *name, uint64_t age_ms)
{
	json_array_append_new(
	    report->threads, json_pack("{s:s, s:I}", "thread", name, "age_ms", (json_int_t)age_ms));
	if (age_ms <= HEALTH_LATE_MS)
		return;
	if (json_array_size(report->late) == 0)
		snprintf(report->message, sizeof(report->message),
			 "%s has not responded for %.1f s", name, (double)age_ms / 1000);
	json_array_append_new(report->late, json_string(name));
}

static void add_threads(struct report *report, const struct bridge *bridge, uint64_t now_ms)
{
	char name[NAME_MAX_BYTES];

	add_thread(report, "main", health_age_ms(now_ms, atomic_load(&bridge->turned_ms)));
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		snprintf(name, sizeof(name), "worker-%u", w);
		add_thread(report, name,
			   health_age_ms(now_ms, atomic_load(&bridge->workers[w]->turned_ms)));
	}
}

/* Takes root. Running out of memory ends the process, as everywhere. */
static char *text_of(json_t *root)
{
	char *text = json_dumps(root, JSON_COMPACT);

	json_decref(root);
	if (!text)
		abort();
	return text;
}

char *health_write(const struct bridge *bridge, uint64_t now_ms, bool details, unsigned *status)
{
	struct report report = { .threads = json_array(), .late = json_array() };
	json_t *root;
	bool late;

	add_threads(&report, bridge, now_ms);
	late = json_array_size(report.late) > 0;
	*status = late ? UNAVAILABLE : OK;
	root = json_pack("{s:s}", "status", late ? "late" : "ok");
	if (details && late) {
		json_object_set(root, "late", report.late);
		json_object_set_new(root, "message", json_string(report.message));
	}
	if (details)
		json_object_set(root, "threads", report.threads);
	json_decref(report.late);
	json_decref(report.threads);
	return text_of(root);
}

char *ready_write(const struct bridge *bridge, bool details, unsigned *status)
{
	static const struct {
		const char *status, *message;
	} phases[] = {
		[BRIDGE_STARTING] = { "starting", "the server is starting" },
		[BRIDGE_SERVING] = { "ready", "clients may connect" },
		[BRIDGE_DRAINING] = { "draining",
				      "the server is being drained: clients are sent away" },
		[BRIDGE_CLOSING] = { "draining",
				     "the server is shutting down: clients are sent away" },
		[BRIDGE_ENDING] = { "ending", "the server is shutting down: nobody is connected" },
	};
	int phase = atomic_load(&bridge->phase);
	json_t *root = json_pack("{s:s}", "status", phases[phase].status);

	*status = phase == BRIDGE_SERVING ? OK : UNAVAILABLE;
	if (details)
		json_object_set_new(root, "message", json_string(phases[phase].message));
	return text_of(root);
}
