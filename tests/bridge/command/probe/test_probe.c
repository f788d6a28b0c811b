#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/command/arguments.h"
#include "bridge/command/probe/probe.h"

/* Nobody listens at port 1. */
static const char config[] =
    "workers = 1; rooms = ( { name = \"lobby\"; }, { name = \"attic\"; } );"
    "listeners = ( { port = 0; mounts = ( { path = \"/s\"; dialect = \"simple\"; room = \"lobby\"; "
    "} ); } );"
    "upstreams = ( { name = \"club\"; dialect = \"simple\"; mode = \"relay\"; room = \"lobby\";"
    " url = \"http://127.0.0.1:1/simple\"; user = \"bridge\"; },"
    " { name = \"front\"; dialect = \"mixer\"; mode = \"session\"; room = \"attic\";"
    " url = \"http://127.0.0.1:1/api/v1\"; } );";

static char file[64];

static int make_file(void **state)
{
	FILE *stream;

	(void)state;
	snprintf(file, sizeof(file), "/tmp/dragoman-probe-XXXXXX");
	stream = fdopen(mkstemp(file), "w");
	assert_non_null(stream);
	fputs(config, stream);
	fclose(stream);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

/* The words behind "upstreams"; FILE is the file. What is printed has that in it. */
static void tries(const char *line, int code, const char *said)
{
	char copy[256], *words[16] = { (char *)"dragoman", (char *)"upstreams" }, *rest = copy;
	struct arguments arguments;
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int count = 2;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word; (word = strsep(&rest, " ")) && count < 16;)
		words[count++] = strcmp(word, "FILE") == 0 ? file : word;
	assert_true(arguments_parse(count, words, &arguments, stream));
	assert_true(probe_wanted(&arguments.words));
	assert_int_equal(probe_run(&arguments.words, stream, stream), code);
	fclose(stream);
	if (!strstr(text, said))
		fail_msg("%s: %s", line, text);
	free(text);
}

static void what_is_missing_is_told(void **state)
{
	(void)state;
	tries("--probe club", 2, "--probe needs -c FILE");
	tries("--probe club -c FILE --control x", 2, "asks no control socket");
	tries("--user ann -c FILE", 2, "--user needs --probe");
	tries("club --probe club -c FILE", 2, "--probe excludes NAME");
	tries("--probe front -c FILE", 2, "each client has a login of its own: use --user");
	tries("--probe cub -c FILE", 1, "there is no upstream 'cub'");
	tries("--probe club -c /nowhere", 78, "/nowhere");
}

static void nobody_answers(void **state)
{
	(void)state;
	tries("--probe club -c FILE", 1, "socket ws://127.0.0.1:1/simple: not opened, ");
	tries("--probe club -c FILE", 1, "upstream club cannot be reached: ");
	tries("--probe club -c FILE --json", 1,
	      "{\"ok\":false,\"error\":\"unreachable\",\"text\":");
}

static void others_are_for_a_server(void **state)
{
	char *words[] = { (char *)"dragoman", (char *)"upstreams", (char *)"club" };
	struct arguments arguments;

	(void)state;
	assert_true(arguments_parse(3, words, &arguments, stderr));
	assert_false(probe_wanted(&arguments.words));
	words[1] = (char *)"status";
	assert_true(arguments_parse(2, words, &arguments, stderr));
	assert_false(probe_wanted(&arguments.words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(others_are_for_a_server),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
