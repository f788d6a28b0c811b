/* replay.c - plays transcripts against the real bridge: every floor, no sockets, no real time.
 *
 *   replay FILE.chat...
 *
 * Prints "ok FILE", or "FAILED FILE:LINE: ...", for each and "N passed, N failed" at the end; exits
 * with 1 when any failed. A transcript is played twice, on one worker and on four, unless it says
 * how many.
 *
 * The language, in short; tests/transcripts/README tells all of it:
 *
 *   join ann mixer                 connects, logs in, and forgets what everybody was told of it
 *   connect bob simple Basic bob:  the same step by step; => 403 for an upgrade that is refused
 *   ann > FRAME                    ann sends this;  ann >> FRAME  as a binary message
 *   ann < FRAME                    the next thing ann was sent is exactly this
 *   ann ~ FRAME                    ... is this JSON value; "..." stands for what does not matter
 *   ann says TEXT as m1            any message, whose id is m1 from now on
 *   bridge > EVENT                 what only the bridge can say yet
 *   wait 30s                       time passes
 *
 * Before anything new happens, everything that was sent must have been looked at; and at the end
 * all counters must balance with nothing in flight. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bridge/core/log/log.h"
#include "bridge/known.h"
#include "bridge/rules.h"
#include "bridge/setup.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "conf/load.h"
#include "routes/deliver/outcome.h"
#include "tests/support/actors.h"
#include "tests/support/dialects.h"
#include "tests/support/injection.h"
#include "tests/support/pattern.h"
#include "tests/support/play.h"
#include "tests/support/play_instances.h"
#include "tests/support/toy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void statement_play(struct play *play, struct slice statement);

/* ---- before the curtain: workers, clock, file, config ---- */

static void need_no_stage(struct play *play)
{
	if (play->stage)
		play_fail(play, "this must come before anybody connects");
}

static void do_workers(struct play *play, struct slice rest)
{
	need_no_stage(play);
	play->workers = (unsigned)strtoul(rest.data, NULL, 10);
	play->workers_said = true;
}

static void do_clock(struct play *play, struct slice rest)
{
	struct tm tm = { 0 };
	char text[32];

	need_no_stage(play);
	if (!strptime(play_text(rest, text, sizeof(text)), "%Y-%m-%dT%H:%M:%SZ", &tm))
		play_fail(play, "a time looks like 2026-01-01T00:00:00Z");
	play->start_ms = (uint64_t)timegm(&tm) * 1000;
}

static void file_path(const struct play *play, struct slice name, char out[512])
{
	snprintf(out, 512, "%s/%.*s", play->folder, (int)name.len, name.data);
}

static void file_write(struct play *play, struct slice name, struct slice content)
{
	char path[512];
	FILE *file;

	if (!play->folder[0]) {
		const char *where = getenv("TMPDIR");

		snprintf(play->folder, sizeof(play->folder), "%s/replay-XXXXXX",
			 where ? where : P_tmpdir);
		if (!mkdtemp(play->folder))
			play_fail(play, "no folder can be made");
	}
	file_path(play, name, path);
	file = fopen(path, "w");
	if (!file)
		play_fail(play, "%s cannot be written", path);
	fprintf(file, "%.*s\n", (int)content.len, content.data);
	fclose(file);
	chmod(path, 0600);
}

/* file NAME CONTENT */
static void do_file(struct play *play, struct slice rest)
{
	struct slice name = script_word(&rest);

	file_write(play, name, rest);
}

static void do_config(struct play *play, struct slice rest)
{
	need_no_stage(play);
	if (!slice_is(rest, "<<<"))
		play_fail(play, "config <<< and the text in the lines below, up to >>>");
	free(play->config);
	play->config = script_block(&play->script);
}

/* ---- coming in: connect, join ---- */

struct arrival {
	char name[STAGE_NAME_MAX], path[256], query[1024], authorization[2048], address[64];
	char credential[512];
	size_t dialect;
	bool has_path, has_query, has_credential;
	struct slice refusal; /* what follows "=>"; absent: it succeeds */
};

static void arrival_word(struct play *play, struct arrival *in, struct slice word,
			 struct slice *rest)
{
	char text[1024];

	if (word.data[0] == '/') {
		const char *mark = memchr(word.data, '?', word.len);
		size_t len = mark ? (size_t)(mark - word.data) : word.len;

		play_text(slice_span(word.data, len), in->path, sizeof(in->path));
		in->has_path = true;
		word = slice_span(word.data + len, word.len - len);
		if (!word.len)
			return;
	}
	if (word.data[0] == '?') {
		play_text(slice_span(word.data + 1, word.len - 1), in->query, sizeof(in->query));
		in->has_query = true;
	} else if (slice_is(word, "Basic")) {
		char *basic = actor_basic(play_text(script_word(rest), text, sizeof(text)));

		snprintf(in->authorization, sizeof(in->authorization), "%s", basic);
		free(basic);
	} else if (slice_is(word, "Authorization:")) {
		play_text(*rest, in->authorization, sizeof(in->authorization));
		*rest = (struct slice){ NULL, 0 };
	} else if (slice_is(word, "from")) {
		play_text(script_word(rest), in->address, sizeof(in->address));
	} else if (!in->has_credential) {
		play_text(word, in->credential, sizeof(in->credential));
		in->has_credential = true;
	} else {
		play_fail(play, "not understood: %.*s", (int)word.len, word.data);
	}
}

static void arrival_read(struct play *play, struct arrival *in, struct slice rest)
{
	const char *mark = memmem(rest.data, rest.len, " => ", 4);
	struct slice word;
	struct stage_client *before;

	*in = (struct arrival){ .dialect = DIALECTS_MAX };
	if (mark) {
		in->refusal = slice_span(mark + 4, rest.len - (size_t)(mark + 4 - rest.data));
		rest.len = (size_t)(mark - rest.data);
	}
	play_text(script_word(&rest), in->name, sizeof(in->name));
	in->dialect = registry_find(script_word(&rest));
	if (in->dialect == DIALECTS_MAX)
		play_fail(play, "there is no such dialect");
	while ((word = script_word(&rest)).len)
		arrival_word(play, in, word, &rest);
	play_check_read(play);
	before = stage_find(play_stage(play), in->name);
	if (before && before->session)
		play_fail(play, "%s is here already", in->name);
	/* Who comes again is found by the name from now on. */
	if (before)
		before->name[0] = '\0';
}

/* => 403, or => "HTTP/1.1 403 Forbidden\r\n\r\n" */
static void check_response(struct play *play, struct slice wanted, struct slice response)
{
	char text[1024];
	size_t len = 0;

	if (wanted.data[0] != '"') {
		len = (size_t)snprintf(text, sizeof(text), "HTTP/1.1 %.*s ", (int)wanted.len,
				       wanted.data);
		if (response.len < len || memcmp(response.data, text, len) != 0)
			play_fail(play, "expected %s, got %.*s", text, play_shown(response),
				  response.data);
		return;
	}
	for (size_t i = 1; i + 1 < wanted.len && len < sizeof(text); i++) {
		char c = wanted.data[i];

		if (c == '\\') {
			c = wanted.data[++i];
			c = c == 'r' ? '\r' : c == 'n' ? '\n' : c;
		}
		text[len++] = c;
	}
	if (!slice_equal(slice_span(text, len), response))
		play_fail(play, "expected\n%.*s\ngot\n%.*s", (int)len, text, play_shown(response),
			  response.data);
}

static void do_connect(struct play *play, struct slice rest)
{
	struct stage_request request = { 0 };
	struct slice response = { NULL, 0 };
	struct stage_client *client;
	struct arrival in;

	arrival_read(play, &in, rest);
	request.mount = stage_mount(play->stage, in.dialect, in.has_path ? in.path : NULL);
	if (!request.mount)
		play_fail(play, "there is no such mount");
	request.query = in.has_query ? in.query : NULL;
	request.authorization = in.authorization[0] ? in.authorization : NULL;
	request.address = in.address[0] ? in.address : NULL;
	client = stage_connect(play->stage, in.name, &request, &response);
	if (!in.refusal.data && !response.data)
		return;
	if (!in.refusal.data)
		play_fail(play, "the upgrade was refused: %.*s", play_shown(response),
			  response.data);
	if (!response.data)
		play_fail(play, "the upgrade was not refused");
	check_response(play, in.refusal, response);
	client->name[0] = '\0';
}

static void do_join(struct play *play, struct slice rest)
{
	struct stage_client *client;
	struct arrival in;
	struct actor actor = { 0 };

	arrival_read(play, &in, rest);
	actor.path = in.has_path ? in.path : NULL;
	actor.query = in.has_query ? in.query : NULL;
	actor.credential = in.has_credential ? in.credential : NULL;
	actor.address = in.address[0] ? in.address : NULL;
	client = actor_join(play->stage, in.name, in.dialect, &actor);
	if (!client || !client->session || !client->session->peer.logged_in)
		play_fail(play, "%s is not let in", in.name);
	play_skip_everything(play);
}

/* ---- what happens to all ---- */

static void do_skip(struct play *play, struct slice rest)
{
	(void)rest;
	play_skip_everything(play);
}

static void do_wait(struct play *play, struct slice rest)
{
	char *unit;
	char text[32];
	uint64_t count = strtoull(play_text(rest, text, sizeof(text)), &unit, 10);
	uint64_t ms = strcmp(unit, "ms") == 0  ? 1
		      : strcmp(unit, "s") == 0 ? 1000
		      : strcmp(unit, "m") == 0 ? 60000
					       : 0;

	if (ms == 0)
		play_fail(play, "a time to wait looks like 250ms, 30s or 2m");
	play_check_read(play);
	stage_wait(play_stage(play), count * ms);
}

/* bridge > EVENT [=> REASON] */
static void do_bridge(struct play *play, struct slice rest)
{
	const char *mark = memmem(rest.data, rest.len, " => ", 4);
	struct slice wanted = SLICE("none");
	enum reason reason = REASON_NONE;

	play_check_read(play);
	if (!slice_is(script_word(&rest), ">"))
		play_fail(play, "bridge > EVENT");
	if (mark) {
		wanted = slice_span(mark + 4, (size_t)(rest.data + rest.len - (mark + 4)));
		rest.len = (size_t)(mark - rest.data);
	}
	play_stage(play);
	if (!injection_say(play->stage, play_fill(play, rest), &reason))
		play_fail(play, "this is no event");
	if (!slice_is(wanted, reason_code(reason)))
		play_fail(play, "expected the reason %.*s, got %s", (int)wanted.len, wanted.data,
			  reason_code(reason));
}

/* times N STATEMENT */
static void do_times(struct play *play, struct slice rest)
{
	unsigned long count = strtoul(rest.data, NULL, 10);

	script_word(&rest);
	for (unsigned long i = 1; i <= count; i++) {
		play->cast.count = (unsigned)i;
		play->repeating = i > 1;
		statement_play(play, rest);
	}
	play->repeating = false;
}

static void do_hold(struct play *play, struct slice rest)
{
	(void)rest;
	play_check_read(play);
	play_stage(play)->held = true;
}

static void do_release(struct play *play, struct slice rest)
{
	(void)rest;
	play_stage(play)->held = false;
	stage_settle(play->stage);
}

static void do_drain(struct play *play, struct slice rest)
{
	(void)rest;
	play_check_read(play);
	for (unsigned i = 0; i < play_stage(play)->bridge->worker_count; i++)
		mailbox_post(&play->stage->bridge->workers[i]->box, post_new(POST_DRAIN));
	stage_settle(play->stage);
}

/* ---- counters NAME N ... ---- */

/* NAME(REASON), when word is that; sets *reason. */
static bool names_reason(struct slice word, const char *name, size_t *reason)
{
	size_t len = strlen(name);

	if (!slice_starts_with(word, name) || word.len < len + 2 || word.data[len] != '(')
		return false;
	word = slice_span(word.data + len + 1, word.len - len - 2);
	for (*reason = 0; *reason < REASONS; ++*reason)
		if (slice_is(word, reason_code((enum reason) * reason)))
			return true;
	return false;
}

/* DIALECT:OUTCOME, or OUTCOME in all dialects. */
static bool count_outcome(const struct counters *counters, struct slice word, uint64_t *count)
{
	const char *colon = memchr(word.data, ':', word.len);
	size_t only = DIALECTS_MAX;
	bool known = false;

	if (colon) {
		only = registry_find(slice_span(word.data, (size_t)(colon - word.data)));
		word = slice_span(colon + 1, (size_t)(word.data + word.len - colon - 1));
	}
	*count = 0;
	for (int o = 0; o < OUTCOMES; o++) {
		if (!slice_is(word, outcome_name((enum outcome)o)))
			continue;
		known = true;
		for (size_t d = 0; d < registry_count(); d++) {
			if (only != DIALECTS_MAX && only != d)
				continue;
			*count += counters->removed.dialects[d].outcomes[o];
			for (size_t r = 0; r < counters->room_count; r++)
				*count += counters->rooms[r].dialects[d].outcomes[o];
		}
	}
	return known;
}

static bool count_find(const struct counters *counters, struct slice word, uint64_t *count)
{
	const struct {
		const char *name;
		uint64_t count;
	} plain[] = {
		{ "accepted", counters->intake.accepted },
		{ "ordered", counters->intake.ordered },
		{ "unchanged", counters->intake.unchanged },
		{ "routed", counters->intake.routed },
		{ "dropped", counters->intake.dropped },
		{ "limited", counters->patterns_limited },
		{ "connected", counters->connections_accepted },
		{ "cut", counters->sessions_cut },
		{ "timed_out", counters->sessions_timed_out },
		{ "writes", counters->writes },
		{ "frames", counters->frames_written },
		{ "received", counters->frames_received },
	};
	size_t reason;

	for (size_t i = 0; i < COUNT(plain); i++) {
		*count = plain[i].count;
		if (slice_is(word, plain[i].name))
			return true;
	}
	if (names_reason(word, "refused", &reason))
		*count = counters->intake.refused[reason];
	else if (names_reason(word, "bad", &reason))
		*count = counters->bad_frames[reason];
	else if (names_reason(word, "login_refused", &reason))
		*count = counters->connections_refused[reason];
	else
		return count_outcome(counters, word, count);
	return true;
}

static void do_counters(struct play *play, struct slice rest)
{
	struct counters *counters = stage_counters(play_stage(play));
	struct slice word;

	while ((word = script_word(&rest)).len) {
		struct slice wanted = script_word(&rest);
		uint64_t count = 0;
		bool known = count_find(counters, word, &count);
		char text[24];

		snprintf(text, sizeof(text), "%llu", (unsigned long long)count);
		if (known && slice_is(wanted, text))
			continue;
		counters_free(counters);
		play_fail(play, "expected %.*s %.*s, got %s", (int)word.len, word.data,
			  (int)wanted.len, wanted.data ? wanted.data : "",
			  known ? text : "no such");
	}
	counters_free(counters);
}

/* ---- reload <<<: another configuration is taken over ---- */

/* What is wrong with one that is refused is for the unit tests. */
static void do_reload(struct play *play, struct slice rest)
{
	bool refused = slice_is(rest, "refused <<<"), taken;
	char *text, *config, *errors, why[1024];
	size_t size;
	FILE *stream;

	play_check_read(play);
	if (!refused && !slice_is(rest, "<<<"))
		play_fail(play, "reload <<< and a configuration in the lines below, up to >>>");
	play_stage(play);
	text = script_block(&play->script);
	config = play_config(play, text);
	file_write(play, SLICE("reloaded.cfg"), slice_of(config));
	free(text);
	free(config);
	file_path(play, SLICE("reloaded.cfg"), play->reloaded);
	stream = open_memstream(&errors, &size);
	taken = stage_reload(play->stage, play->reloaded, stream);
	fclose(stream);
	snprintf(why, sizeof(why), "%s", errors);
	free(errors);
	if (taken == refused)
		play_fail(play, "this configuration is %s: %s", taken ? "taken" : "refused", why);
}

/* ---- all statements ---- */

static const struct {
	const char *word;
	void (*act)(struct play *, struct slice rest);
} statements[] = {
	{ "workers", do_workers }, { "clock", do_clock },       { "file", do_file },
	{ "config", do_config },   { "connect", do_connect },   { "join", do_join },
	{ "skip", do_skip },       { "wait", do_wait },         { "bridge", do_bridge },
	{ "times", do_times },     { "hold", do_hold },         { "release", do_release },
	{ "drain", do_drain },     { "counters", do_counters }, { "instance", play_instance },
	{ "reload", do_reload },
};

static void statement_play(struct play *play, struct slice statement)
{
	struct slice word = script_word(&statement);

	for (size_t i = 0; i < COUNT(statements); i++) {
		if (slice_is(word, statements[i].word)) {
			statements[i].act(play, statement);
			return;
		}
	}
	if (!play_instances(play, word, statement))
		play_clients(play, word, statement);
}

static void script_play(struct play *play)
{
	struct slice statement;
	size_t len;

	while (script_next(&play->script, &statement)) {
		free(play->statement);
		play->statement = pattern_unroll(statement, &len);
		statement_play(play, slice_span(play->statement, len));
	}
	play_check_read(play);
	stage_balance(play_stage(play));
	if (play->stage->fault[0])
		play_fail(play, "at the end: %s", play->stage->fault);
}

static void folder_remove(const struct play *play)
{
	char command[512];

	if (!play->folder[0])
		return;
	snprintf(command, sizeof(command), "rm -rf '%s'", play->folder);
	if (system(command) != 0)
		perror(play->folder);
}

/* Plays a file on so many workers; 0: it was said within how many. */
static bool file_play(const char *path, unsigned workers, bool *workers_said)
{
	struct play *play = memory_zeroed(1, sizeof(*play));
	bool good = false;

	play->workers = workers;
	play->start_ms = STAGE_START_MS;
	if (!script_open(&play->script, path)) {
		printf("FAILED %s: cannot be read\n", path);
	} else if (setjmp(play->out) == 0) {
		script_play(play);
		good = true;
	} else {
		printf("FAILED %s:%u: (workers: %u) %s\n", path, play->script.line, play->workers,
		       play->why);
	}
	*workers_said = play->workers_said;
	stage_free(play->stage);
	folder_remove(play);
	script_close(&play->script);
	free(play->config);
	free(play->filled);
	free(play->statement);
	free(play);
	return good;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	if (!registry_add(&codec_toy))
		return 1;
	log_set_level(LOG_ERROR);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		bool workers_said = false;
		bool good = file_play(argv[i], 1, &workers_said);

		if (good && !workers_said)
			good = file_play(argv[i], 4, &workers_said);
		if (good)
			printf("ok %s\n", argv[i]);
		passed += good;
		failed += !good;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || argc < 2 ? 1 : 0;
}
