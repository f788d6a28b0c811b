#include "bridge/command/probe/probe.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/command/probe/probing.h"
#include "bridge/command/secret.h"
#include "bridge/core/log/log.h"
#include "bridge/known.h"
#include "bridge/setup.h"
#include "bridge/upstream/upstream.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/load.h"
#include "conf/table/shape.h"

struct probe {
	const struct words *words;
	FILE *out, *errors;
	struct json_writer steps; /* of --json */
	char secret[SECRET_PLAIN_MAX];
};

static const char *value_of(const struct words *words, const char *name)
{
	for (size_t i = 0; i < verb_argument_count(words->verb); i++)
		if (strcmp(words->verb->arguments[i].name, name) == 0)
			return words->values[i];
	return NULL;
}

bool probe_wanted(const struct words *words)
{
	return strcmp(words->verb->name, "upstreams") == 0 &&
	       (value_of(words, "probe") || value_of(words, "user"));
}

static int complain(const struct probe *probe, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int complain(const struct probe *probe, int status, const char *format, ...)
{
	va_list arguments;

	fputs("dragoman: ", probe->errors);
	va_start(arguments, format);
	vfprintf(probe->errors, format, arguments);
	va_end(arguments);
	fputc('\n', probe->errors);
	return status;
}

/* ---- as who ---- */

static int find_login(const struct probe *probe, const struct upstream *upstream,
		      struct call_account *account, const char *user)
{
	const struct conf_upstream *conf = upstream->conf;

	for (size_t i = 0; i < conf->login_count; i++) {
		if (!name_same(slice_of(conf->logins[i].name), slice_of(user)))
			continue;
		account->user = slice_of(conf->logins[i].user);
		account->secret = upstream_login_secret(upstream, i);
		return EXIT_SUCCESS;
	}
	return complain(probe, EXIT_FAILURE, "upstream %s has no login of '%s'", conf->name,
			shape_shown(user));
}

/* What the configuration leaves to clients is given here. */
static int find_account(struct probe *probe, const struct upstream *upstream,
			struct call_account *account)
{
	const struct conf_upstream *conf = upstream->conf;
	const char *user = value_of(probe->words, "user");
	bool own = !upstream->front || strcmp(conf->credentials, CONF_FIXED) == 0;

	upstream_account(upstream, account);
	if (!user && own)
		return EXIT_SUCCESS;
	if (!user)
		return complain(probe, EXIT_USAGE,
				"at upstream %s each client has a login of its own: use --user",
				conf->name);
	if (!own && strcmp(conf->credentials, CONF_TABLE) == 0)
		return find_login(probe, upstream, account, user);
	if (!secret_plain(probe->secret, probe->errors))
		return EXIT_FAILURE;
	account->user = slice_of(user);
	account->secret = probe->secret[0] ? slice_of(probe->secret) : (struct slice){ NULL, 0 };
	return EXIT_SUCCESS;
}

/* ---- what came of it ---- */

static void tell(void *context, const char *line)
{
	struct probe *probe = context;

	if (probe->words->json) {
		json_put_string(&probe->steps, slice_of(line));
		return;
	}
	fprintf(probe->out, "%s\n", line);
	fflush(probe->out);
}

static const char *outcome_of(const struct probing *probing)
{
	return probing->up ? "up" : probing->refused ? "refused" : "unreachable";
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_put_string(w, slice_of(text));
}

static void print_json(const struct probe *probe, const struct probing *probing)
{
	struct json_writer w;

	json_start(&w, 0, 1024);
	json_object_open(&w);
	json_key(&w, "ok");
	json_put_bool(&w, probing->up);
	if (!probing->up) {
		put_text(&w, "error", outcome_of(probing));
		put_text(&w, "text", probing->why);
	}
	json_key(&w, "result");
	json_object_open(&w);
	put_text(&w, "upstream", probing->upstream->conf->name);
	if (probing->up) {
		put_text(&w, "name", probing->name);
		put_text(&w, "id", probing->id);
		json_key(&w, "people");
		json_put_unsigned(&w, probing->people);
	}
	json_key(&w, "steps");
	json_put_raw(&w, slice_span(probe->steps.data, probe->steps.len));
	json_object_close(&w);
	json_object_close(&w);
	fprintf(probe->out, "%.*s\n", (int)w.len, w.data);
	json_clear(&w);
}

static void print_outcome(const struct probe *probe, const struct probing *probing)
{
	const char *name = probing->upstream->conf->name;

	if (probing->up)
		fprintf(probe->out, "%zu%s %s known\n", probing->people,
			probing->people == PROBING_PEOPLE_MOST ? " or more" : "",
			probing->people == 1 ? "person" : "people");
	else if (probing->refused)
		complain(probe, 0, "upstream %s refuses the login: %s", name, probing->why);
	else
		complain(probe, 0, "upstream %s cannot be reached: %s", name, probing->why);
}

static int try(struct probe *probe, struct upstream *upstream)
{
	struct probing *probing = memory_zeroed(1, sizeof(*probing));
	const struct conf_upstream *conf = upstream->conf;
	int status = find_account(probe, upstream, &probing->account);

	*probing = (struct probing){
		.upstream = upstream, .account = probing->account, .tell = tell, .context = probe
	};
	if (status == EXIT_SUCCESS) {
		if (!probe->words->json)
			fprintf(probe->out, "upstream %s: %s at %s\n", conf->name, conf->dialect,
				conf->url);
		fflush(probe->out); /* before what goes wrong, on the other stream */
		json_array_open(&probe->steps);
		(void)!probing_run(probing);
		json_array_close(&probe->steps);
		if (probe->words->json)
			print_json(probe, probing);
		else
			print_outcome(probe, probing);
		status = probing->up ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	free(probing);
	return status;
}

/* ---- where ---- */

static int try_of(struct probe *probe, const struct bridge *bridge)
{
	const char *name = value_of(probe->words, "probe");

	for (size_t i = 0; bridge->upstreams && i < bridge->upstreams->count; i++)
		if (strcmp(bridge->upstreams->all[i]->conf->name, name) == 0)
			return try(probe, bridge->upstreams->all[i]);
	return complain(probe, EXIT_FAILURE, "%s: there is no upstream '%s'", probe->words->file,
			shape_shown(name));
}

static int try_file(struct probe *probe)
{
	struct conf_printer printer;
	struct conf *conf;
	struct bridge *bridge;
	int status = EXIT_CONFIGURATION;

	conf_printer_init(&printer, probe->errors);
	conf = conf_load(probe->words->file, known_names(), &printer.report);
	/* What goes wrong is told by the steps. */
	log_set_level(LOG_ERROR);
	bridge = conf ? setup_sketch(conf, probe->errors) : NULL;
	if (bridge)
		status = try_of(probe, bridge);
	setup_free(bridge);
	conf_free(conf);
	return status;
}

int probe_run(const struct words *words, FILE *out, FILE *errors)
{
	struct probe probe = { .words = words, .out = out, .errors = errors };
	int status;

	if (!value_of(words, "probe"))
		return complain(&probe, EXIT_USAGE, "--user needs --probe");
	if (value_of(words, "name"))
		return complain(&probe, EXIT_USAGE, "--probe excludes NAME");
	if (!words->file || words->control)
		return complain(&probe, EXIT_USAGE,
				"--probe needs -c FILE, and asks no control socket");
	json_start(&probe.steps, 0, 1024);
	status = try_file(&probe);
	json_clear(&probe.steps);
	explicit_bzero(probe.secret, sizeof(probe.secret));
	return status;
}
