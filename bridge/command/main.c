#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/backend/curve.h"
#include "bridge/backend/zmq.h"
#include "bridge/command/arguments.h"
#include "bridge/command/backend_test/backend_test.h"
#include "bridge/command/banner.h"
#include "bridge/command/check_state.h"
#include "bridge/command/completion.h"
#include "bridge/command/control/run.h"
#include "bridge/command/demo.h"
#include "bridge/command/matrix.h"
#include "bridge/command/passwd.h"
#include "bridge/command/translate/translate.h"
#include "bridge/command/tried/tried.h"
#include "bridge/core/log/log.h"
#include "bridge/core/log/log_stream.h"
#include "bridge/core/log/output.h"
#include "bridge/kept.h"
#include "bridge/known.h"
#include "bridge/lock.h"
#include "bridge/net/tls_buffers.h"
#include "bridge/pid_file.h"
#include "bridge/reload/reload.h"
#include "bridge/secrets/comparer.h"
#include "bridge/server.h"
#include "bridge/service/passed_sockets.h"
#include "bridge/setup.h"
#include "bridge/warnings.h"
#include "conf/load.h"
#include "conf/table/sample.h"

/* What is printed when clients can come. */
struct banner {
	bool json;
	const char *owner_secret; /* NULL: there is none */
};

static void print_banner(const struct bridge *bridge, const void *context, FILE *stream)
{
	const struct banner *banner = context;

	if (banner->json)
		banner_print_json(bridge, banner->owner_secret, stream);
	else
		banner_print(bridge, banner->owner_secret, stream);
}

/* Where the log is no text on a terminal, why the server does not start belongs into it. */
static FILE *errors_open(void)
{
	return log_is_structured() ? log_stream() : stderr;
}

static void errors_close(FILE *errors)
{
	if (errors != stderr)
		fclose(errors);
}

static int serve(const struct conf *conf, const struct arguments *arguments, const char *secret,
		 FILE *errors)
{
	struct banner banner = { arguments->print_json, secret };
	struct server_options options = {
		.ready = print_banner, .context = &banner, .errors = errors, .file = arguments->file
	};
	bool for_people = !arguments->file && !arguments->print_json;
	bool has_pid_file = conf->pid_file && *conf->pid_file;
	struct bridge *bridge;
	int status;

	bridge = setup_bridge(conf, secret, errors);
	if (!bridge)
		return EXIT_CONFIGURATION;
	bridge->program = "/proc/self/exe";
	bridge->tells_people = for_people;
	bridge->demo = secret;
	if (for_people)
		options.ended = banner_print_sum;
	if (has_pid_file && !pid_file_write(conf->pid_file, errors)) {
		setup_free(bridge);
		return EXIT_FAILURE;
	}
	status = server_run(bridge, &options);
	setup_free(bridge);
	if (has_pid_file)
		pid_file_remove(conf->pid_file);
	return status;
}

/* No two servers share a state folder: it is locked before anything in it is read. */
static int serve_file(struct conf *conf, const struct arguments *arguments)
{
	int lock = -1, status = EXIT_FAILURE;
	FILE *errors;

	log_set_level(log_level_find(conf->log_level));
	log_set_format(log_format_find(conf->log_format));
	errors = errors_open();
	passed_sockets_take();
	warnings_log(conf);
	if (*conf->state)
		lock = lock_state(conf->state, errors);
	if (lock >= 0 && !kept_rooms(conf, errors))
		status = EXIT_FAILURE;
	else if (!*conf->state || lock >= 0)
		status = serve(conf, arguments, NULL, errors);
	if (lock >= 0)
		close(lock);
	errors_close(errors);
	return status;
}

static int run_demo(const struct arguments *arguments)
{
	char *text = demo_configuration(arguments->address, arguments->port, arguments->workers);
	char secret[DEMO_SECRET_BYTES];
	struct conf_printer printer;
	struct conf *conf;
	int status = EXIT_FAILURE;

	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	if (!conf)
		status = EXIT_USAGE; /* only the address or port can be wrong here */
	else if (demo_secret(secret))
		status = serve(conf, arguments, secret, stderr);
	conf_free(conf);
	free(text);
	return status;
}

static int run_file(const struct arguments *arguments, bool only_check)
{
	FILE *errors = only_check ? stderr : errors_open();
	struct conf_printer printer;
	struct conf *conf;
	int status = EXIT_SUCCESS;

	if (!only_check)
		server_hold_signals(true);
	conf_printer_init(&printer, errors);
	conf = conf_load(arguments->file, known_names(), &printer.report);
	errors_close(errors);
	if (!conf)
		return EXIT_CONFIGURATION;
	if (!only_check)
		status = serve_file(conf, arguments);
	else if (!setup_check_times(conf, stderr))
		status = EXIT_CONFIGURATION;
	else
		printf("%s: ok\n", arguments->file);
	if (only_check && status == EXIT_SUCCESS)
		warnings_print(conf, stderr);
	if (arguments->state && status == EXIT_SUCCESS && !check_state(conf, stdout, stderr))
		status = EXIT_FAILURE;
	conf_free(conf);
	return status;
}

static struct conf *load(const char *file)
{
	struct conf_printer printer;
	struct conf *conf;

	conf_printer_init(&printer, stderr);
	conf = conf_load(file, known_names(), &printer.report);
	if (conf && setup_check(conf, stderr))
		return conf;
	conf_free(conf);
	return NULL;
}

static int run_routes(const struct arguments *arguments)
{
	struct conf *conf = load(arguments->file);
	bool told;

	if (!conf)
		return EXIT_CONFIGURATION;
	told = tried_run(conf, arguments, stdout, stderr);
	conf_free(conf);
	return told ? EXIT_SUCCESS : EXIT_USAGE;
}

static int run_matrix(const struct arguments *arguments)
{
	struct conf *conf = NULL;
	bool told;

	if (arguments->file && !(conf = load(arguments->file)))
		return EXIT_CONFIGURATION;
	told = matrix_run(conf, arguments, stdout, stderr);
	conf_free(conf);
	return told ? EXIT_SUCCESS : EXIT_USAGE;
}

static int print_help(const struct arguments *arguments)
{
	if (arguments->help_group)
		words_group_help(arguments->help_group, stdout);
	else if (arguments->help_for == COMMAND_VERB)
		words_help(arguments->words.verb, stdout);
	else
		arguments_help(arguments->help_for, stdout);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct arguments arguments;

	if (argc == 2 && strcmp(argv[1], COMPARER_WORD) == 0)
		return comparer_run();
	output_open();
	tls_buffers_use();
	if (!arguments_parse(argc, argv, &arguments, stderr))
		return EXIT_USAGE;
	switch (arguments.command) {
	case COMMAND_DEMO: return run_demo(&arguments);
	case COMMAND_RUN: return run_file(&arguments, false);
	case COMMAND_CHECK: return run_file(&arguments, true);
	case COMMAND_VERB: return run_verb(&arguments.words, stdout, stderr);
	case COMMAND_ROUTES: return run_routes(&arguments);
	case COMMAND_MATRIX: return run_matrix(&arguments);
	case COMMAND_TRANSLATE: return translate_run(&arguments, stdin, stdout, stderr);
	case COMMAND_BACKEND_TEST:
		return backend_test(&arguments, stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
	case COMMAND_KEYGEN:
		return curve_key_make(arguments.word, stderr) ? EXIT_SUCCESS : EXIT_FAILURE;
	case COMMAND_PASSWD:
		return passwd_run(&arguments, stdout, stderr) ? EXIT_SUCCESS : EXIT_FAILURE;
	case COMMAND_DEFAULTCONFIG: conf_print_sample(known_names(), stdout); return EXIT_SUCCESS;
	case COMMAND_COMPLETION:
		if (strcmp(arguments.word, "zsh") == 0)
			completion_print_zsh(stdout);
		else
			completion_print_bash(stdout);
		return EXIT_SUCCESS;
	case COMMAND_VERSION: printf("dragoman %s\n", DRAGOMAN_VERSION); return EXIT_SUCCESS;
	case COMMAND_HELP: return print_help(&arguments);
	}
	return EXIT_FAILURE;
}
