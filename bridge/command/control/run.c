#include "bridge/command/control/run.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/admin/control/request.h"
#include "bridge/admin/control/socket_path.h"
#include "bridge/command/control/ask.h"
#include "bridge/command/control/show.h"
#include "bridge/command/control/stopped.h"
#include "bridge/command/probe/probe.h"
#include "bridge/command/secret.h"
#include "bridge/known.h"
#include "bridge/pid_file.h"
#include "bridge/setup.h"
#include "codecs/text/memory.h"
#include "conf/load.h"
#include "conf/table/shape.h"

struct run {
	const struct words *words;
	FILE *out, *errors;
	char path[PATH_MAX]; /* of the socket; "": the configuration has none */
	bool sure;           /* it was named; else it is where one is looked for */
	struct conf
	    *conf; /* with -c, of a reload, or of a server that does not run; NULL: not read */
	char secret[PASSWORD_HASH_BYTES]; /* the hash of the one that was asked for; "": none was */
};

/* ---- where ---- */

static bool find_default(struct run *run)
{
	char path[SOCKET_PATH_MAX];

	if (!socket_path_of_client(path)) {
		fputs("dragoman: where is the server? Use -c FILE or --control PATH\n",
		      run->errors);
		return false;
	}
	snprintf(run->path, sizeof(run->path), "%s", path);
	return true;
}

static bool find(struct run *run)
{
	char *control;
	bool found = true;

	run->sure = true;
	if (run->words->control) {
		snprintf(run->path, sizeof(run->path), "%s", run->words->control);
		return true;
	}
	if (!run->words->file)
		return find_default(run);
	control = conf_control(run->words->file);
	if (!control) {
		fprintf(run->errors, "dragoman: %s: %s\n", run->words->file, strerror(errno));
		return false;
	}
	run->sure = strcmp(control, CONF_CONTROL_AUTO) != 0;
	if (run->sure)
		snprintf(run->path, sizeof(run->path), "%s", control);
	else
		found = find_default(run);
	free(control);
	return found;
}

/* ---- what ---- */

static json_t *joined(const struct words *words)
{
	json_t *made;
	char *text;
	size_t len = 1;

	for (size_t i = 0; i < words->rest_count; i++)
		len += strlen(words->rest[i]) + 1;
	text = memory_new(len);
	text[0] = '\0';
	for (size_t i = 0; i < words->rest_count; i++)
		strcat(strcat(text, i ? " " : ""), words->rest[i]);
	made = json_string(text);
	free(text);
	return made;
}

static json_t *listed(const char *const *words, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(words[i]));
	return array;
}

/* Returns new. */
static json_t *request_of(const struct run *run)
{
	const struct words *words = run->words;
	json_t *request = json_pack("{s:s}", "verb", words->verb->name);
	char file[PATH_MAX];

	for (size_t i = 0; i < verb_argument_count(words->verb); i++) {
		const struct admin_argument *argument = &words->verb->arguments[i];
		json_t *value = NULL;

		if (argument->many && words->many_count > 0)
			value = listed(words->many, words->many_count);
		else if (argument->rest && words->rest_count > 0)
			value = argument->value == VALUE_TEXT
				    ? joined(words)
				    : listed(words->rest, words->rest_count);
		else if (words->values[i])
			value = argument->value == VALUE_YES ? json_true()
							     : json_string(words->values[i]);
		if (value)
			json_object_set_new(request, argument->name, value);
	}
	if (*run->secret)
		json_object_set_new(request, REQUEST_SECRET, json_string(run->secret));
	if (words->file && realpath(words->file, file))
		json_object_set_new(request, "file", json_string(file));
	return request;
}

/* ---- the answer ---- */

static int exit_of(const json_t *answer)
{
	json_int_t code = json_integer_value(json_object_get(answer, "exit"));

	return code > 0 && code <= 255 ? (int)code : EXIT_FAILURE;
}

static int print_answer(const struct run *run, const json_t *answer)
{
	bool well = json_is_true(json_object_get(answer, "ok"));
	const char *text = json_string_value(json_object_get(answer, "text"));

	if (run->words->json) {
		json_dumpf(answer, run->out, JSON_COMPACT | JSON_SORT_KEYS);
		fputc('\n', run->out);
	} else if (well) {
		show(run->words->verb->name, json_object_get(answer, "result"),
		     json_object_get(answer, "rows"), run->out);
	} else if (exit_of(answer) == EXIT_CONFIGURATION && text) {
		show_lines(run->errors, text);
	} else {
		fputs("dragoman: ", run->errors);
		show_lines(run->errors, text && *text ? text : "the server refuses");
	}
	return well ? EXIT_SUCCESS : exit_of(answer);
}

static bool is_error(const json_t *answer, const char *code)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	return error && strcmp(error, code) == 0;
}

/* ---- reload ---- */

static bool load(struct run *run)
{
	struct conf_printer printer;

	conf_printer_init(&printer, run->errors);
	run->conf = conf_load(run->words->file, known_names(), &printer.report);
	return run->conf && setup_check(run->conf, run->errors);
}

/* The way without a control socket. */
static int hang_up(const struct run *run)
{
	const char *file = run->conf->pid_file;
	long pid = pid_file_read(file);

	if (pid == 0)
		fprintf(run->errors, "dragoman: %s: no server is running\n", file);
	else if (kill((pid_t)pid, SIGHUP) != 0)
		fprintf(run->errors, "dragoman: process %ld: %s\n", pid, strerror(errno));
	else
		return EXIT_SUCCESS;
	return EXIT_FAILURE;
}

/* ---- what is stored ---- */

/* Of a server that does not run, as its lock says. */
static int ask_stopped(struct run *run, json_t *request)
{
	json_t *answer;
	int status;

	if (!run->conf) {
		struct conf_printer printer;

		conf_printer_init(&printer, run->errors);
		run->conf = conf_load(run->words->file, known_names(), &printer.report);
	}
	if (!run->conf)
		return EXIT_CONFIGURATION;
	/* It is of that configuration. */
	json_object_del(request, "file");
	answer = stopped_answer(run->words, run->conf, request);
	status = print_answer(run, answer);
	json_decref(answer);
	return status;
}

static bool is_stopped(const struct run *run, const struct asking *asking)
{
	return run->words->verb->stopped && run->words->file &&
	       (asking->absent || is_error(asking->result, "other_file"));
}

/* The server says where it is; the copy is made here. */
static void copy(const struct run *run, struct asking *asking)
{
	const char *folder =
	    json_string_value(json_object_get(json_object_get(asking->result, "result"), "state"));
	json_t *answer;

	if (!folder || strcmp(run->words->verb->name, "backup") != 0)
		return;
	answer = stopped_copy(run->words, folder);
	json_decref(asking->result);
	asking->result = answer;
}

/* What cannot be undone is not done by a slip of the hand. */
static bool is_meant(const struct words *words, FILE *errors)
{
	if (strcmp(words->verb->name, "erase") != 0 || words->values[1] || !isatty(STDIN_FILENO))
		return true;
	fprintf(errors, "dragoman: this erases for ever what '%s' wrote: with --yes\n",
		shape_shown(words->values[0]));
	return false;
}

/* ---- asking ---- */

/* Where the configuration does not say where the socket is, another server may be there, or none,
 * and yet this one be running. */
static bool is_elsewhere(const struct run *run, const struct asking *asking)
{
	return run->conf && !run->sure && *run->conf->pid_file &&
	       (asking->absent || is_error(asking->result, "other_file"));
}

/* What went wrong is not said before it is known whether it matters. */
static int ask_and_print(struct run *run)
{
	json_t *request = request_of(run);
	char *said = NULL;
	size_t len = 0;
	struct asking asking = { .path = run->path, .errors = open_memstream(&said, &len) };
	int status = EXIT_FAILURE;
	bool answered;

	asking.lines = strcmp(run->words->verb->name, "capture") == 0 ? run->out : NULL;
	answered = ask(&asking, request);

	fclose(asking.errors);
	if (is_elsewhere(run, &asking))
		status = hang_up(run);
	else if (is_stopped(run, &asking))
		status = ask_stopped(run, request);
	else if (answered) {
		copy(run, &asking);
		status = print_answer(run, asking.result);
	} else {
		fputs(said, run->errors);
		if (asking.absent && run->words->verb->stopped)
			fputs("Of a server that does not run: with -c FILE\n", run->errors);
	}
	json_decref(asking.result);
	json_decref(request);
	free(said);
	return status;
}

/* ---- explain --follow ---- */

#define FOLLOW_MS 500

static void print_followed(const struct run *run, const json_t *answer)
{
	json_t *row;
	size_t i;

	if (!run->words->json)
		show(run->words->verb->name, json_object_get(answer, "result"),
		     json_object_get(answer, "rows"), run->out);
	json_array_foreach(json_object_get(answer, "rows"), i, row)
	{
		if (!run->words->json)
			break;
		json_dumpf(row, run->out, JSON_COMPACT | JSON_SORT_KEYS);
		fputc('\n', run->out);
	}
	fflush(run->out);
}

/* Sets what the next request asks for. */
static bool take_cursor(json_t *request, const json_t *answer)
{
	char cursor[24];
	json_int_t at =
	    json_integer_value(json_object_get(json_object_get(answer, "result"), "cursor"));

	if (at <= 0)
		return false;
	snprintf(cursor, sizeof(cursor), "%" JSON_INTEGER_FORMAT, at);
	json_object_set_new(request, "after", json_string(cursor));
	return true;
}

/* Until the server or who reads it is gone. */
static int follow(struct run *run)
{
	json_t *request = request_of(run);
	struct asking asking = { .path = run->path, .errors = run->errors };
	int status = EXIT_FAILURE;

	while (ask(&asking, request)) {
		if (!json_is_true(json_object_get(asking.result, "ok"))) {
			status = print_answer(run, asking.result);
			break;
		}
		print_followed(run, asking.result);
		if (ferror(run->out) || !take_cursor(request, asking.result))
			break;
		if (!json_is_true(
			json_object_get(json_object_get(asking.result, "result"), "more")))
			usleep(FOLLOW_MS * 1000);
		json_decref(asking.result);
		asking.result = NULL;
	}
	json_decref(asking.result);
	json_decref(request);
	return status;
}

static bool follows(const struct words *words)
{
	for (size_t i = 0; i < verb_argument_count(words->verb); i++)
		if (words->values[i] && strcmp(words->verb->arguments[i].name, "follow") == 0)
			return true;
	return false;
}

/* Where there is no control socket, the lock tells whether a server runs. */
static int ask_stopped_at_once(struct run *run)
{
	json_t *request = request_of(run);
	int status = ask_stopped(run, request);

	json_decref(request);
	return status;
}

static bool ask_secret(struct run *run)
{
	return !run->words->verb->secret ||
	       secret_hash(PASSWORD_MIB, PASSWORD_PASSES, run->secret, run->errors);
}

int run_verb(const struct words *words, FILE *out, FILE *errors)
{
	struct run run = { .words = words, .out = out, .errors = errors };
	bool reloads = strcmp(words->verb->name, "reload") == 0;
	int status = EXIT_FAILURE;

	if (!is_meant(words, errors))
		return EXIT_USAGE;
	if (probe_wanted(words))
		return probe_run(words, out, errors);
	if (reloads && words->file && !load(&run))
		status = EXIT_CONFIGURATION;
	else if (!find(&run) || !ask_secret(&run))
		status = EXIT_FAILURE;
	else if (*run.path && follows(words))
		status = follow(&run);
	else if (*run.path)
		status = ask_and_print(&run);
	else if (words->verb->stopped && words->file)
		status = ask_stopped_at_once(&run);
	else if (run.conf && *run.conf->pid_file)
		status = hang_up(&run);
	else if (run.conf)
		fputs("dragoman: the configuration has no control socket and no pid_file: use kill "
		      "-HUP\n",
		      errors);
	else
		fputs("dragoman: the configuration has no control socket\n", errors);
	conf_free(run.conf);
	return status;
}
