#include "bridge/command/translate/translate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/command/translate/cast.h"
#include "bridge/command/translate/hearing.h"
#include "bridge/command/translate/input.h"
#include "bridge/command/translate/middle.h"
#include "bridge/command/translate/replay.h"
#include "bridge/command/tried/state.h"
#include "bridge/core/log/log.h"
#include "codecs/calls.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "conf/read/nearest.h"
#include "conf/table/shape.h"

#define BETWEEN_MS 1000 /* so much passes between two lines */

/* ---- what is wanted ---- */

struct wish {
	size_t from, to[DIALECTS_MAX], to_count;
	bool server;
	uint64_t time_ms;
};

static bool find_dialect(struct slice word, size_t *dialect, FILE *errors)
{
	const char *known[DIALECTS_MAX + 1] = { NULL }, *nearest;
	char shown[80];

	for (size_t i = 0; i < registry_count(); i++)
		known[i] = registry_codec(i)->name;
	*dialect = registry_find(word);
	if (*dialect != DIALECTS_MAX)
		return true;
	nearest = conf_nearest(text_escape(word, shown, sizeof(shown)), known);
	fprintf(errors, "dragoman: unknown dialect '%s'", shown);
	if (nearest)
		fprintf(errors, ", did you mean '%s'?", nearest);
	fputc('\n', errors);
	return false;
}

static bool find_targets(const char *list, struct wish *wish, FILE *errors)
{
	while (wish->to_count < DIALECTS_MAX) {
		size_t len = strcspn(list, ","), dialect;

		if (!find_dialect(slice_span(list, len), &dialect, errors))
			return false;
		for (size_t i = 0; i < wish->to_count; i++)
			if (wish->to[i] == dialect) {
				fprintf(errors, "dragoman: --to has %s twice\n",
					registry_codec(dialect)->name);
				return false;
			}
		wish->to[wish->to_count++] = dialect;
		if (!list[len])
			return true;
		list += len + 1;
	}
	return false;
}

static bool read_time(const char *text, uint64_t *time_ms, FILE *errors)
{
	size_t len = strspn(text, "0123456789");

	*time_ms = strtoull(text, NULL, 10);
	if (len > 0 && len < 16 && !text[len] && id_clock_believes(*time_ms))
		return true;
	fprintf(errors,
		"dragoman: --time must be ms since 1970, from %" PRIu64 " to %" PRIu64
		", not '%s'\n",
		ID_EPOCH_MS, ID_CLOCK_END_MS - 1, shape_shown(text));
	return false;
}

static bool read_side(const char *as, struct wish *wish, FILE *errors)
{
	wish->server = as && strcmp(as, "server") == 0;
	if (as && !wish->server && strcmp(as, "client") != 0) {
		fprintf(errors, "dragoman: --as must be client or server, not '%s'\n",
			shape_shown(as));
		return false;
	}
	if (wish->server && !registry_codec(wish->from)->calls) {
		fprintf(errors, "dragoman: what a server of %s sends is not understood\n",
			registry_codec(wish->from)->name);
		return false;
	}
	return true;
}

static bool wish_read(const struct arguments *a, struct wish *wish, FILE *errors)
{
	*wish = (struct wish){ .time_ms = TRIED_TIME_MS };
	if (!a->from && !a->replay) {
		fputs("dragoman: translate needs --from D\n", errors);
		return false;
	}
	if (a->replay && (a->from || a->as)) {
		fputs("dragoman: --replay excludes --from and --as: a capture says both\n", errors);
		return false;
	}
	if (!a->to) {
		fputs("dragoman: translate needs --to D\n", errors);
		return false;
	}
	return (!a->from || find_dialect(slice_of(a->from), &wish->from, errors)) &&
	       find_targets(a->to, wish, errors) && read_side(a->as, wish, errors) &&
	       (!a->time || read_time(a->time, &wish->time_ms, errors));
}

/* ---- lines ---- */

static struct stage_client *speaker_of(struct cast *cast, const struct input *input)
{
	struct report *report = cast->report;
	struct stage_client *client;
	const char *why;

	client = cast_find(cast, report->from, input, &why);
	if (!client)
		report_wrong(report, why);
	return client;
}

static void take_client(struct cast *cast, const struct input *input)
{
	struct stage_client *client;

	if (input->kind == INPUT_ENTERS)
		cast->shows_entries = true;
	client = speaker_of(cast, input);
	cast->shows_entries = false;
	if (!client)
		return;
	if (input->kind == INPUT_LEAVES)
		stage_leave(client);
	else if (input->kind == INPUT_FRAME)
		cast_say(cast, client, input->frame);
	report_end(cast->report, client);
}

static void take_server(struct report *report, struct slice frame)
{
	if (!hearing_take(report->stage, frame))
		report_wrong(report, "refused: it is none of the dialect's");
	else if (!report->middle->frames)
		report_note(report, registry_codec(report->from)->name,
			    "there is nothing to tell of it");
	report_end(report, NULL);
}

static void take_line(struct cast *cast, unsigned number, struct slice line)
{
	struct report *report = cast->report;
	struct input input;

	input_read(line, &input);
	if (report->server && input.kind != INPUT_NOTHING)
		input = (struct input){ .kind = INPUT_FRAME, .frame = line };
	if (input.kind == INPUT_NOTHING)
		return;
	report_begin(report, number);
	if (number > 1)
		stage_pass(report->stage, BETWEEN_MS);
	if (report->server)
		take_server(report, input.frame);
	else
		take_client(cast, &input);
}

static void take_lines(struct cast *cast, FILE *in)
{
	char *text = NULL;
	size_t size = 0;
	unsigned number = 0;
	ssize_t len;

	while ((len = getline(&text, &size, in)) >= 0) {
		len -= len > 0 && text[len - 1] == '\n';
		take_line(cast, ++number, slice_span(text, (size_t)len));
	}
	free(text);
}

/* ---- the command ---- */

static bool seat(struct report *report, const struct wish *wish, FILE *errors)
{
	struct stage *stage = report->stage;

	report->middle = stage_join(stage, registry_find(slice_of(codec_middle.name)), "envelope");
	for (size_t i = 0; i < wish->to_count; i++) {
		struct stage_client *client =
		    stage_join(stage, wish->to[i], registry_codec(wish->to[i])->name);

		report->to[report->to_count++] = client;
		if (!stage_log_in(client)) {
			fprintf(errors, "dragoman: nobody can come in as a client of %s\n",
				registry_codec(wish->to[i])->name);
			return false;
		}
	}
	stage_drop_all(stage);
	return true;
}

static int run(struct stage *stage, const struct arguments *a, const struct wish *wish, FILE *in,
	       FILE *out, FILE *errors)
{
	struct report report = { .stage = stage,
				 .out = out,
				 .errors = errors,
				 .json = a->json,
				 .envelope = a->envelope,
				 .explain = a->explain,
				 .from = wish->from,
				 .server = wish->server };
	struct cast cast = { .report = &report };
	bool played = true;

	if (!seat(&report, wish, errors))
		return EXIT_FAILURE;
	if (wish->server)
		hearing_open(stage);
	if (a->replay)
		played = replay_run(&cast, a->replay, errors);
	else
		take_lines(&cast, in);
	report_clear(&report);
	if (!played)
		return EXIT_FAILURE;
	return report.wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

int translate_run(const struct arguments *a, FILE *in, FILE *out, FILE *errors)
{
	struct stage *stage;
	struct wish wish;
	int status;

	if (!wish_read(a, &wish, errors))
		return EXIT_USAGE;
	log_set_level(LOG_ERROR);
	if (!registry_add(&codec_middle))
		return EXIT_FAILURE;
	stage =
	    stage_open(a->file, a->room, wish.server ? wish.from : SIZE_MAX, wish.time_ms, errors);
	if (!stage)
		return EXIT_CONFIGURATION;
	status = run(stage, a, &wish, in, out, errors);
	stage_close(stage);
	return status;
}
