#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/control/request.h"
#include "tests/support/accounts.h"

static struct request taken(const char *line)
{
	char fault[REQUEST_FAULT_MAX];
	struct request request;

	if (!request_read(line, strlen(line), &request, fault))
		fail_msg("%s is refused: %s", line, fault);
	return request;
}

static void refused(const char *line, const char *words)
{
	char fault[REQUEST_FAULT_MAX] = "";
	struct request request;

	if (request_read(line, strlen(line), &request, fault))
		fail_msg("%s is taken", line);
	if (!strstr(fault, words))
		fail_msg("%s: no '%s' in '%s'", line, words, fault);
}

static void arguments_are_found(void **state)
{
	struct request request =
	    taken("{\"verb\":\"kick\",\"name\":\"bob\",\"room\":\"lobby\",\"file\":\"/x\"}");
	const char *words[REQUEST_WORDS_MAX];

	(void)state;
	assert_string_equal(request.verb->name, "kick");
	assert_string_equal(request.file, "/x");
	assert_string_equal(request_text(&request, "name"), "bob");
	assert_string_equal(request_text(&request, "room"), "lobby");
	assert_null(request_text(&request, "reason"));
	request_clear(&request);
	request = taken("{\"verb\":\"roles\",\"name\":\"a\",\"change\":[\"+mod\",\"-muted\"]}");
	assert_null(request.file);
	assert_int_equal(request_words(&request, "change", words), 2);
	assert_string_equal(words[1], "-muted");
	request_clear(&request);
	request = taken("{\"verb\":\"drain\",\"stay\":true,\"off\":false}");
	assert_true(request_has(&request, "stay"));
	assert_false(request_has(&request, "off"));
	request_clear(&request);
}

#define ADD "{\"verb\":\"accounts add\",\"name\":\"ann\""

/* Of a secret a request has the hash alone, which no log gets. */
static void secrets_are_hashes(void **state)
{
	struct request request =
	    taken(ADD ",\"role\":[\"mod\",\"pro\"],\"secret_hash\":\"" HASH_RIGHT "\"}");
	const char *words[REQUEST_WORDS_MAX];
	char text[512];

	(void)state;
	assert_int_equal(request_words(&request, "role", words), 2);
	assert_string_equal(words[1], "pro");
	assert_string_equal(request_text(&request, REQUEST_SECRET), HASH_RIGHT);
	assert_string_equal(request_print(&request, text, sizeof(text)),
			    "accounts add \"ann\" --role \"mod\" --role \"pro\"");
	request_clear(&request);
	refused(ADD "}", "needs the hash of a secret");
	refused(ADD ",\"secret_hash\":7}", "needs the hash of a secret");
	refused(ADD ",\"secret_hash\":\"sesame\"}", "the hash of the secret is not");
	refused(ADD ",\"secret_hash\":\"$argon2id$v=19$m=8388608,t=1,p=1$+xvYM18BOd4s2MmUSRtjYQ$"
		    "+zlKlNPtuUPyz2eTmV7JJwm6voj+jviYQNBzvtSjU1Y\"}",
		"256 MiB");
	refused("{\"verb\":\"status\",\"secret_hash\":\"" HASH_RIGHT "\"}",
		"status takes no argument 'secret_hash'");
	refused(ADD ",\"role\":\"mod\",\"secret_hash\":\"" HASH_RIGHT "\"}", "array");
}

static void wrong_ones_are_told(void **state)
{
	char line[8192], long_text[5000];

	(void)state;
	refused("", "a line of JSON");
	refused("kick bob", "a line of JSON");
	refused("[]", "object with a verb");
	refused("{\"verb\":7}", "object with a verb");
	refused("{\"verb\":\"frob\\u0007\"}", "unknown verb 'frob?'");
	refused("{\"verb\":\"kick\"}", "kick needs NAME");
	refused("{\"verb\":\"kick\",\"name\":7}", "name has to be a string");
	refused("{\"verb\":\"kick\",\"name\":\"#\"}", "name '#' is not a number");
	refused("{\"verb\":\"kick\",\"name\":\"a\",\"nmae\":\"b\"}", "takes no argument 'nmae'");
	refused("{\"verb\":\"status\",\"file\":7}", "file has to be a string");
	refused("{\"verb\":\"drain\",\"stay\":\"yes\"}", "true or false");
	refused("{\"verb\":\"roles\",\"name\":\"a\",\"change\":\"+mod\"}", "array");
	refused("{\"verb\":\"roles\",\"name\":\"a\",\"change\":[7]}", "has to be a string");
	refused("{\"verb\":\"roles\",\"name\":\"a\",\"change\":[\"+king\"]}", "is not a role");
	refused("{\"verb\":\"status\",\"verb\":\"who\"}", "a line of JSON");
	refused("{\"verb\":\"status\"} {}", "a line of JSON");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	snprintf(line, sizeof(line), "{\"verb\":\"say\",\"room\":\"a\",\"text\":\"%s\"}",
		 long_text);
	refused(line, "longer than 4096 bytes");
}

static void too_many_words_are_refused(void **state)
{
	char line[2048] = "{\"verb\":\"roles\",\"name\":\"a\",\"change\":[\"+mod\"";

	(void)state;
	for (size_t i = 0; i < REQUEST_WORDS_MAX; i++)
		strcat(line, ",\"+mod\"");
	strcat(line, "]}");
	refused(line, "at most 32 strings");
}

static void changes(const char *line, bool expected)
{
	struct request request = taken(line);

	assert_true(request_changes(&request) == expected);
	request_clear(&request);
}

static void what_changes_is_known(void **state)
{
	(void)state;
	changes("{\"verb\":\"status\"}", false);
	changes("{\"verb\":\"who\",\"room\":\"a\"}", false);
	changes("{\"verb\":\"ban\"}", false);
	changes("{\"verb\":\"ban\",\"target\":\"a\"}", true);
	changes("{\"verb\":\"log\"}", false);
	changes("{\"verb\":\"log\",\"level\":\"info\"}", true);
	changes("{\"verb\":\"roles\",\"name\":\"a\"}", false);
	changes("{\"verb\":\"roles\",\"name\":\"a\",\"change\":[\"+mod\"]}", true);
	changes("{\"verb\":\"reload\"}", true);
	changes("{\"verb\":\"drain\"}", true);
}

static void printed(const char *line, size_t size, const char *expected)
{
	struct request request = taken(line);
	char text[256];

	assert_string_equal(request_print(&request, text, size), expected);
	request_clear(&request);
}

/* What is said to users is theirs, and not the log's. */
static void the_log_is_safe(void **state)
{
	(void)state;
	printed("{\"verb\":\"kick\",\"name\":\"Zo\xc3\xab\",\"room\":\"a b\",\"reason\":\"spam\"}",
		256, "kick \"Zo\\xc3\\xab\" \"a b\"");
	printed("{\"verb\":\"say\",\"room\":\"lobby\",\"text\":\"hello\"}", 256, "say \"lobby\"");
	printed("{\"verb\":\"drain\",\"timeout\":\"5s\",\"stay\":true}", 256,
		"drain --timeout \"5s\" --stay");
	printed("{\"verb\":\"roles\",\"name\":\"a\",\"change\":[\"+mod\",\"-muted\"]}", 256,
		"roles \"a\" \"+mod\" \"-muted\"");
	printed("{\"verb\":\"roles\",\"name\":\"a\",\"change\":[\"+mod\",\"-muted\"]}", 14,
		"roles \"a\" \"+m");
	printed("{\"verb\":\"kick\",\"name\":\"bob\"}", 3, "ki");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_found),
		cmocka_unit_test(secrets_are_hashes),
		cmocka_unit_test(wrong_ones_are_told),
		cmocka_unit_test(too_many_words_are_refused),
		cmocka_unit_test(what_changes_is_known),
		cmocka_unit_test(the_log_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
