#include <stdio.h>
#include <stdlib.h>

#include "bridge/arguments.h"
#include "bridge/demo.h"
#include "bridge/log.h"
#include "bridge/server.h"
#include "bridge/setup.h"
#include "bridge/tls_buffers.h"
#include "conf/conf.h"

#define EXIT_USAGE         2
#define EXIT_CONFIGURATION 78

static int serve(const struct conf *conf, const struct arguments *arguments, const char *secret)
{
	struct server_options options = { .print_json = arguments->print_json,
					  .owner_secret = secret };
	struct bridge *bridge;
	int status;

	log_set_level(log_level_find(conf->log_level));
	bridge = setup_bridge(conf, secret, stderr);
	if (!bridge)
		return EXIT_CONFIGURATION;
	status = server_run(bridge, &options);
	setup_free(bridge);
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
	conf = conf_parse(text, &setup_known, &printer.report);
	if (!conf)
		status = EXIT_USAGE; /* only the address or port can be wrong here */
	else if (demo_secret(secret))
		status = serve(conf, arguments, secret);
	conf_free(conf);
	free(text);
	return status;
}

static int run_file(const struct arguments *arguments, bool only_check)
{
	struct conf_printer printer;
	struct conf *conf;
	int status = EXIT_SUCCESS;

	conf_printer_init(&printer, stderr);
	conf = conf_load(arguments->file, &setup_known, &printer.report);
	if (!conf)
		return EXIT_CONFIGURATION;
	if (!only_check)
		status = serve(conf, arguments, NULL);
	else if (!setup_check(conf, stderr))
		status = EXIT_CONFIGURATION;
	else
		printf("%s: ok\n", arguments->file);
	conf_free(conf);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments arguments;

	tls_buffers_use();
	if (!arguments_parse(argc, argv, &arguments, stderr))
		return EXIT_USAGE;
	switch (arguments.command) {
	case COMMAND_DEMO: return run_demo(&arguments);
	case COMMAND_RUN: return run_file(&arguments, false);
	case COMMAND_CHECK: return run_file(&arguments, true);
	case COMMAND_DEFAULTCONFIG: conf_print_sample(stdout); return EXIT_SUCCESS;
	case COMMAND_VERSION: printf("dragoman %s\n", DRAGOMAN_VERSION); return EXIT_SUCCESS;
	case COMMAND_HELP: arguments_help(arguments.help_for, stdout); return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}
