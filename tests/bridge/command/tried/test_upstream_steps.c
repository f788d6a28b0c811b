/* Upstreams, as dragoman routes shows them. */
#include "tests/bridge/command/tried/tried_fixture.h"

#define BY_THERE                                                                                   \
	"{\"kind\":\"message\",\"room\":\"annex\",\"text\":\"hi\",\"author\":{\"name\":\"ann\"},"  \
	"\"origin\":{\"dialect\":\"upstream\",\"instance\":\"there\"}}"

static void what_came_by_an_upstream_does_not_go_back(void **state)
{
	struct arguments a = { .command = COMMAND_ROUTES, .event = BY_THERE };
	static const char *const parts[] = {
		"\"origin\":{\"dialect\":\"upstream\",\"instance\":\"there\",\"hops\":0}}\n",
		"rule 1 (configuration:6) does not match: it came by no such upstream\n",
		"rule 2 (configuration:6) decides\n",
		"1. say it at the upstream there\n       skipped: it came by that upstream\n",
		"2. say it at the upstream else\n       to be said there: "
		"{\"kind\":\"message\",\"id\":",
		NULL,
		NULL
	};
	static const char *const behind[] = { "1. deliver to its own room\n",
					      "2. say it at the upstream else\n       to be said "
					      "there: {\"kind\":\"message\",\"id\":",
					      "\"sequence\":", NULL, NULL };
	struct arguments from = {
		.command = COMMAND_ROUTES, .dialect = "mixer", .room = "lobby", .from = "ann"
	};

	(void)state;
	prints_parts(
	    "{ upstream = \"else\"; then = ( { drop = true; } ); }, { then = ( { upstream = "
	    "\"there\"; }, { upstream = \"else\"; } ); }",
	    &a, parts);
	prints_parts("{ then = ( { room = \"{room}\"; }, { upstream = \"else\"; } ); }", &from,
		     behind);
	prints(
	    "{ upstream = [ \"there\", \"else\" ]; then = ( { upstream = \"there\"; } ); }", &plain,
	    "rule 1 (configuration:6)\n  when it comes by the upstream there or else\n  1. say it "
	    "at the upstream there\n\nthe implicit last rule\n  when no other rule matches\n"
	    "  1. deliver to its own room\n");
	refuses("{\"kind\":\"message\",\"room\":\"annex\",\"text\":\"hi\",\"origin\":{\"dialect\":"
		"\"upstream\",\"instance\":\"x\"}}",
		"dragoman: the event: \"instance\" names no upstream\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_by_an_upstream_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
